package target

import (
	"errors"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/port"
)

// TestParse: what is read is written so, and what is no target is told from a wrong one.
func TestParse(t *testing.T) {
	for v, want := range map[string]Target{
		"term": {}, "none": {Kind: None}, "png:a.png": {Kind: PNG, File: "a.png"}, "gif:-": {Kind: GIF, File: "/dev/stdout"},
		"spi0": {Kind: Panel}, "spi0.1": {Kind: Panel, Port: port.Address{ChipSelect: 1}, Selected: true},
		"i2c1": {Kind: Panel, Port: port.Address{Bus: 1, I2C: 0x3c}}, "/dev/fb1": {Kind: Screen, File: "/dev/fb1"},
	} {
		got, err := Parse(v)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v", v, got, err)
		}
		if again, err := Parse(got.String()); v != "gif:-" && (err != nil || again.Kind != got.Kind || again.File != got.File || again.Port != got.Port) {
			t.Errorf("%s is written %v", v, got)
		}
	}
	for v, none := range map[string]bool{"png:": false, "PNG:a.png": false, "gif:a.png": false, "hdmi": true, "": true, "spi": true, "fb": true} {
		if got, err := Parse(v); err == nil || errors.Is(err, ErrNone) != none {
			t.Errorf("%q is %v, %v", v, got, err)
		}
	}
}
