package diagnose

import (
	"cmp"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/touch"
)

// Options say what is asked about. Nothing changes them.
type Options struct {
	Model string       // the name of a built-in one or a file
	Board panel.Board  // with the pins that it has here
	Mount panel.Opts   // its panel, apart from its pins
	Port  port.Options // of the panel
	SPI   bool         // the panel is on the port; otherwise nobody asks for one, or it is emulated
	// Default is that nobody has chosen the board.
	Default bool
	NoCard  bool   // Probe leaves the panel alone
	Hints   []Hint // of Probe, with the test card
	// Touch is calibrated by Probe, with the test card; nil: there is no touch screen
	Touch *touch.Options
	JSON  bool // of Info and Bench
}

// A Hint is what to change where the test card looks like that.
type Hint struct{ Symptom, Cure string }

// clock is the SPI clock that is asked for.
func (o *Options) clock() physic.Frequency { return cmp.Or(o.Board.Clock, o.Mount.Panel.Clock) }

// display is what the panel is on.
func (o *Options) display() string {
	if o.SPI {
		return o.Port.String()
	}
	return "none"
}
