package keys

import (
	"errors"
	"testing"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/keys/keystest"
	"github.com/vae-edge/vae-edge/firmware/panel"
)

// TestOpen: a key that cannot be had is told of, and the others are there; of a knob both lines
// must be.
func TestOpen(t *testing.T) {
	missing := errors.New("in use")
	input := func(name, use string) (gpio.PinIn, error) {
		if name == "GPIO6" {
			return nil, missing
		}
		return keystest.New(), nil
	}
	keys := []panel.Key{{Pin: "GPIO5", Meaning: panel.A}, {Pin: "GPIO6", Meaning: panel.B}, {Pin: "GPIO17/GPIO18", Meaning: Knob}, {Pin: "GPIO19/GPIO6", Meaning: Knob}}
	pins, errs := Open(Options{Keys: keys, Input: input})
	if len(pins) != 2 || pins[0].Key != keys[0] || pins[0].Second != nil || pins[1].Key != keys[2] || pins[1].Second == nil {
		t.Errorf("pins %v", pins)
	}
	if len(errs) != 2 || errs[0] != missing || errs[1] != missing {
		t.Errorf("errors %v", errs)
	}
}
