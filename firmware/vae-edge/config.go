package main

import (
	"image"
	"path/filepath"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/bulk"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// A config is what the command line asks for.
type config struct {
	command string // "" shows a scene
	action  action
	display target
	// Its model is that of the other commands, too; "" of verify: all that are built in
	play   player.Options
	panel  panel.Panel
	board  panel.Board // with what the command line overrides
	wanted wiring
	giveUp time.Duration // 0: never
	dim    night.Schedule
	off    night.Schedule
	log    terminal.LogFormat
	noCard bool          // of probe
	json   bool          // of info and bench
	file   string        // the configuration file
	draw   bulk.Options  // of draw; its seed is that of play
	out    string        // the file that draw writes
	text   string        // the kind of text to generate
	given  []cli.Setting // what the command line says, for the text
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

// A target is a value of --display.
type target struct {
	kind     targetKind
	file     string       // of png and gif; the device of a screen
	spi      port.Address // of spi, which stands for I2C as well
	selected bool         // its chip select was stated
}

type targetKind int

const (
	targetTerm targetKind = iota
	targetNone
	targetPNG
	targetGIF
	targetSPI
	targetScreen // that the kernel draws on
)

func (t target) String() string {
	switch t.kind {
	case targetTerm:
		return "term"
	case targetNone:
		return "none"
	case targetPNG:
		return "png:" + t.file
	case targetGIF:
		return "gif:" + t.file
	case targetScreen:
		return filepath.Base(t.file)
	}
	return t.spi.String()
}

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
}

// A glass is what the command line says of a panel's glass. What is nil is as the panel has it.
type glass struct {
	bgr, invert, mirror *bool
	offset              *image.Point
}

// noPinAtAll is a pin that is not connected, on the command line.
const noPinAtAll = "none"

// portOptions is how the command line says that the panel is connected.
func (c *config) portOptions() port.Options {
	return port.Options{Address: c.display.spi, DC: c.board.DC, Reset: c.board.Reset, Backlight: c.board.Backlight}
}

// panelOpts is how it says that the panel is mounted, apart from its pins.
func (c *config) panelOpts() panel.Opts {
	return panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock, Brightness: c.wanted.brightness}
}
