package main

import (
	"image"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/bulk"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/firmware/touch"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// A config is what the command line asks for.
type config struct {
	command string // "" shows a scene
	action  action
	display target.Target
	// Its model is that of the other commands, too; "" of verify: all that are built in
	play   player.Options
	panel  panel.Panel
	board  panel.Board // with what the command line overrides
	wanted wiring
	giveUp time.Duration // 0: never
	dim    night.Schedule
	off    night.Schedule
	log    terminal.LogFormat
	noCard bool                        // of probe
	json   bool                        // of info and bench
	file   string                      // the configuration file
	draw   bulk.Options                // of draw; its seed is that of play
	out    string                      // the file that draw writes
	text   string                      // the kind of text to generate
	given  []cli.Setting               // what the command line says, for the text
	chips  func() ([]port.Chip, error) // of the machine, while flags are read
}

// An action is what is done instead of the command.
type action int

const (
	actionNone action = iota
	actionHelp
	actionVersion
	actionPanels
	actionScenes
	actionGenerate
)

// A wiring is what the command line says of a panel. What it does not say is as the board has it.
type wiring struct {
	board, panel         string
	dc, reset, backlight string // noPinAtAll where there is none
	chip                 string // that numbers of pins are lines of; "": the header's
	clock                physic.Frequency
	mode                 *spi.Mode
	rotation             *int
	keys                 []panel.Key // nil: not stated
	brightness           int         // percent; 0: not stated
	i2c                  int         // the panel's address; 0: not stated
	glass                glass
	touch                pad
}

// A glass is what the command line says of a panel's glass. What is nil is as the panel has it.
type glass struct {
	bgr, invert, mirror *bool
	offset              *image.Point
}

// A pad is what the command line says of a touch screen.
type pad struct {
	at          *port.Address // nil: there is none
	pen         string
	calibration touch.Calibration
}

// noPinAtAll is a pin that is not connected, on the command line.
const noPinAtAll = "none"

// portOptions is how the command line says that the panel is connected.
func (c *config) portOptions() port.Options {
	return port.Options{Address: c.display.Port, DC: c.board.DC, Reset: c.board.Reset, Backlight: c.board.Backlight}
}

// panelOpts is how it says that the panel is mounted, apart from its pins.
func (c *config) panelOpts() panel.Opts {
	return panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock, Brightness: c.wanted.brightness}
}
