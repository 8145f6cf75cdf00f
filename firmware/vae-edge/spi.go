package main

import (
	"fmt"
	"image"
	"io"
	"text/tabwriter"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// otherDisplays is the hint for those who have no panel.
const otherDisplays = "without a panel try --display term or --display png:out.png"

// An spiPanel is a panel as a display.
type spiPanel struct {
	*panel.Dev
	release func()
}

func (p *spiPanel) Size() image.Point { return p.Bounds().Size() }

func (p *spiPanel) Show(frame image.Image) error { return p.Draw(p.Bounds(), frame, image.Point{}) }

func (p *spiPanel) Close() error {
	err := p.Halt()
	p.release()
	return err
}

// printPanels prints the table of panels and of the boards that carry them.
func printPanels(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "PANEL\tPIXELS\tCLOCK\tBOARD\tDC\tRESET\tBACKLIGHT\tROTATION\n")
	for _, p := range panel.Panels {
		for _, b := range panel.Boards {
			if b.Panel == p.Name {
				fmt.Fprintf(t, "%s\t%dx%d\t%v\t%s\t%s\t%s\t%s\t%d\n", p.Name, p.Size.X, p.Size.Y, p.Clock, b.Text, b.DC, b.Reset, b.Backlight, b.Rotation)
			}
		}
	}
	return t.Flush()
}
