package main

import (
	"errors"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/touch"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// touchOptions are the flags of a touch screen.
func touchOptions() []cli.Flag[config] {
	flag := func(name, value, help, standard string, set func(*config, string) error) cli.Flag[config] {
		return cli.Flag[config]{Name: name, Value: value, Help: help, Default: standard, Commands: []string{"", "probe"}, Set: set}
	}
	return []cli.Flag[config]{
		flag("touch", "PORT|none", "the port of a touch screen's XPT2046, such as spi0.1: drag to move, tap for the next scene, rest to go on by itself", "", func(c *config, v string) error {
			at, _, ok := port.ParseAddress(v)
			if c.wanted.touch.at = &at; v == "none" {
				c.wanted.touch.at = nil
			} else if !ok || at.OnI2C() {
				return errors.New("want an SPI port such as spi0.1, or none")
			}
			return nil
		}),
		flag("touch-irq", "PIN", "its interrupt (T_IRQ); without it the chip is asked 50 times a second", "", func(c *config, v string) (err error) {
			c.wanted.touch.pen, err = parsePin(v)
			return err
		}),
		flag("touch-calibration", "EDGES", "what it says at the left, right, upper and lower edge of the unturned glass, and swap where its axes are exchanged; vae-edge probe --touch finds it", touch.DefaultCalibration.String(), func(c *config, v string) (err error) {
			c.wanted.touch.calibration, err = touch.ParseCalibration(v)
			return err
		}),
	}
}

// touch is how the touch screen is connected; nil: there is none.
func (c *config) touch() *touch.Options {
	w := &c.wanted.touch
	if w.at == nil {
		return nil
	}
	o := &touch.Options{Calibration: w.calibration, Rotation: c.board.Rotation}
	o.Open = func() (*port.Wires, error) { return port.Open(port.Options{Address: *w.at}) }
	if w.pen != "" {
		o.Pen = func() (gpio.PinIn, error) { return port.Input(w.pen, "the touch controller's interrupt") }
	}
	return o
}
