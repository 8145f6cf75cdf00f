package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/firmware/diagnose"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/target"
)

// diagnosis is what the command line asks about the board.
func (c *config) diagnosis() *diagnose.Options {
	return &diagnose.Options{
		Model: c.play.Model, Board: c.board, Mount: c.panelOpts(), Port: c.portOptions(), SPI: c.display.Kind == target.Panel,
		Default: c.wanted.board == "" && c.wanted.panel == "", NoCard: c.noCard, Hints: c.hints(), JSON: c.json, Touch: c.touch(),
	}
}

// hints are the flags to change where the test card is not as it should be.
func (c *config) hints() []diagnose.Hint {
	b := c.board
	none := func(pin string) string { return cmp.Or(port.PinName(pin), "none") }
	wires := []diagnose.Hint{
		{Symptom: "dark", Cure: fmt.Sprintf("--bl (now %s); is the panel's power connected?", none(b.Backlight))},
		{Symptom: "white", Cure: fmt.Sprintf("--dc (now %s), --rst (now %s), --display (now %v)", none(b.DC), none(b.Reset), c.display)},
		{Symptom: "white, no CS line", Cure: fmt.Sprintf("--mode 3 (now %d)", b.Mode)},
		{Symptom: "snow, torn, shifted", Cure: fmt.Sprintf("--hz, lower (now %v); shorter wires", cmp.Or(b.Clock, c.panel.Clock))},
	}
	if at := c.display.Port; at.OnI2C() {
		wires = []diagnose.Hint{{Symptom: "dark", Cure: fmt.Sprintf("--i2c-address (now 0x%02x), --display (now %v), --panel (now %s)", at.I2C, at, c.panel.Name)}}
	}
	return slices.Concat(wires, c.glassHints(), []diagnose.Hint{{Symptom: "wrong corners", Cure: fmt.Sprintf("--rotate (now %d)", b.Rotation)}})
}

// localSystem is the machine that the program runs on.
func localSystem() *diagnose.System {
	s := diagnose.Local(func(o port.Options) (*port.Wires, error) { return opened(port.Open(o)) })
	if hasty {
		s.Block, s.Wire = s.Block/20, s.Wire/20
	}
	return s
}

// hasty has measurements take a twentieth of the time, for tests of all but their figures.
var hasty bool
