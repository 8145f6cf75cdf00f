package main

import (
	"image"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// otherDisplays is the hint for those who have no panel.
const otherDisplays = "without a panel try --display term or --display png:out.png"

// An spiPanel is a panel as a display.
type spiPanel struct {
	panel.Display
	release func()
}

func (p *spiPanel) Size() image.Point { return p.Bounds().Size() }

func (p *spiPanel) Show(frame image.Image) error { return p.Draw(p.Bounds(), frame, image.Point{}) }

func (p *spiPanel) Close() error {
	err := p.Halt()
	p.release()
	return err
}
