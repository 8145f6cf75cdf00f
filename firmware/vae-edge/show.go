package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/firmware/terminal"
)

// modelPoll is how often the file of the model is looked at; 0: as often as the player does by
// itself.
var modelPoll time.Duration

// show shows the scene where the command line says. A hangup has the model read again; nil: none
// comes.
func show(ctx context.Context, c *config, stdin, stdout *os.File, hangups <-chan os.Signal) error {
	con := terminal.NewConsole(os.Stderr, terminal.ConsoleOptions{Name: "vae-edge", Format: c.log})
	err := cured(showOn(ctx, c, con, stdin, stdout, hangups))
	con.End()
	if err != nil && con.Structured() {
		con.Log(slog.LevelError, err.Error())
		return loggedError{err}
	}
	return err
}

func showOn(ctx context.Context, c *config, con *terminal.Console, stdin, stdout *os.File, hangups <-chan os.Signal) error {
	o := c.play
	o.Round = c.display.Kind == target.Panel && c.panel.Round
	o.Poll, o.Unattended, o.Hangups, o.Cure = modelPoll, c.unattended(), hangups, cured
	p, err := player.Open(o, con)
	if err != nil {
		return err
	}
	switch c.display.Kind {
	case target.PNG:
		return write(ctx, c.display.File, func() error { return p.WritePNG(c.display.File) })
	case target.GIF:
		return write(ctx, c.display.File, func() error { return p.WriteGIF(ctx, c.display.File) })
	case target.None:
		return p.Time(ctx, stdout)
	case target.Screen:
		return p.OnScreen(ctx, player.ScreenOptions{
			Open: func() (player.Screen, error) {
				return framebuffer.Open(c.display.File, framebuffer.Options{Rotation: c.board.Rotation, Dither: true})
			},
			In: stdin, Console: framebuffer.TakeConsole, Keys: c.openKeys, Touch: c.touch(), GiveUp: c.giveUp, Night: append(c.dim, c.off...),
		})
	case target.Panel:
		mount := c.panelOpts()
		if c.display.Port.OnI2C() {
			mount.Clock = port.I2CClock(os.DirFS("/"), c.display.Port.Bus)
		}
		// Measured on faces: the error that is left after a blur of 4 x 4 pixels is less than half
		// as large, and no more pixels change from frame to frame.
		mount.Dither = true
		_, dims := port.ParseChannel(c.board.Backlight)
		return p.OnPanel(ctx, player.PanelOptions{
			Open:   func() (*port.Wires, error) { return c.opened(port.Open(c.portOptions())) },
			Keys:   c.openKeys,
			Touch:  c.touch(),
			Mount:  mount,
			GiveUp: c.giveUp,
			Night:  append(c.dim, c.off...),
			Dims:   dims,
			Notes:  c.notes,
		})
	}
	return p.OnTerminal(ctx, stdin, stdout)
}

// openKeys opens the keys of the board.
func (c *config) openKeys() ([]keys.Pin, []error) {
	return keys.Open(keys.Options{Keys: c.board.Keys, Input: port.Input})
}

// write writes a file until the context ends. A pipe that nobody reads may take for ever to open.
func write(ctx context.Context, file string, f func() error) error {
	ended, err := supervise.EndsWith(ctx, supervise.StopTime, f)
	if !ended {
		return fmt.Errorf("interrupted: %s was not written", file)
	}
	return err
}

// unattended reports whether the command line is that of a device: a panel or a screen, and nobody
// there. Such a program shows something even if the model that it is told to show cannot be, and a
// hangup has it read that again; any other ends with its terminal.
func (c *config) unattended() bool {
	return c.command == "" && (c.display.Kind == target.Panel || c.display.Kind == target.Screen) && !terminal.Attended()
}

// A loggedError has been told already.
type loggedError struct{ error }

func (e loggedError) Unwrap() error { return e.error }
