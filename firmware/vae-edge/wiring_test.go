package main

import (
	"reflect"
	"strings"
	"testing"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/panel"
)

// TestWiring checks what comes of a board and what the command line overrides.
func TestWiring(t *testing.T) {
	for _, c := range []struct {
		args    string
		display string
		panel   string
		want    panel.Board // pins, mode, clock, rotation and keys
	}{
		{"--display spi0", "spi0", "st7789-240x240",
			panel.Board{DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Clock: 62500 * physic.KiloHertz, Rotation: 90}},
		{"--board display-hat-mini", "spi0.1", "st7789-240x320",
			panel.Board{DC: "GPIO9", Backlight: "GPIO13", Clock: 60 * physic.MegaHertz, Rotation: 270,
				Keys: []panel.Key{{Pin: "GPIO5", Meaning: panel.A}, {Pin: "GPIO6", Meaning: panel.B}, {Pin: "GPIO16", Meaning: panel.X}, {Pin: "GPIO24", Meaning: panel.Y}}}},
		{"--display spi0 --board pirate-audio --hz 40M --rotate 0", "spi0.1", "st7789-240x240",
			panel.Board{DC: "GPIO9", Backlight: "GPIO13", Clock: 40 * physic.MegaHertz}},
		// The reset takes the pin of key B.
		{"--board mini-pitft-1.3 --rst 24 --mode 3", "spi0", "st7789-240x240",
			panel.Board{DC: "GPIO25", Reset: "24", Backlight: "GPIO22", Mode: spi.Mode3, Clock: 64 * physic.MegaHertz, Rotation: 180,
				Keys: []panel.Key{{Pin: "GPIO23", Meaning: panel.A}}}},
		{"--display /dev/spidev1.2 --panel st7735-80x160 --dc gpio5 --rst none --bl none --rotate 270 --keys a=12,turn=17/GPIO18", "spi1.2", "st7735-80x160",
			panel.Board{DC: "GPIO5", Clock: 15 * physic.MegaHertz, Rotation: 270,
				Keys: []panel.Key{{Pin: "12", Meaning: panel.A}, {Pin: "17/GPIO18", Meaning: keys.Knob}}}},
		// Turned clockwise by a quarter, the board's upper side is the picture's left.
		{"--board adafruit-bonnet-1.3 --rotate 270 --bl none", "spi0", "st7789-240x240",
			panel.Board{DC: "GPIO25", Reset: "GPIO24", Clock: 24 * physic.MegaHertz, Rotation: 270,
				Keys: []panel.Key{{Pin: "GPIO17", Meaning: panel.Left}, {Pin: "GPIO22", Meaning: panel.Right}, {Pin: "GPIO27", Meaning: panel.Down}, {Pin: "GPIO23", Meaning: panel.Up},
					{Pin: "GPIO4", Meaning: panel.Press}, {Pin: "GPIO5", Meaning: panel.A}, {Pin: "GPIO6", Meaning: panel.B}}}},
		{"--board waveshare-1.44 --keys none", "spi0", "st7735-128x128",
			panel.Board{DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Clock: 15 * physic.MegaHertz}},
	} {
		got, err := parse(strings.Fields(c.args))
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		b := got.board
		b.Name, b.Text, b.Panel, b.ChipSelect, b.Unchecked = "", "", "", 0, ""
		if got.display.String() != c.display || got.panel.Name != c.panel || !reflect.DeepEqual(b, c.want) {
			t.Errorf("%s: %s on %v:\n%+v, want\n%+v", c.args, got.panel.Name, got.display, b, c.want)
		}
	}
	for _, name := range []string{"turn", "knob", "encoder"} {
		if c, err := parse([]string{"--board", "waveshare-2", "--keys", name + "=17/19"}); err != nil || len(c.board.Keys) != 1 || c.board.Keys[0].Meaning != keys.Knob {
			t.Errorf("%s is no knob: %v", name, err)
		}
	}
	for _, b := range panel.Boards {
		c, err := parse([]string{"--board", b.Name})
		if err != nil {
			t.Errorf("board %s: %v", b.Name, err)
		} else if len(c.board.Keys) != len(b.Keys) {
			t.Errorf("board %s: %d of %d keys are left", b.Name, len(c.board.Keys), len(b.Keys))
		}
	}
}

// TestNight: times of day are for panels, and a configuration file has them as well.
func TestNight(t *testing.T) {
	c, err := parse([]string{"--off", "1-2", "--config", writeConfig(t, "board = waveshare-1.3\ndim = 22:00-7:00=10\noff = 23-6")})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.dim) != 1 || c.dim[0].Percent != 10 || len(c.off) != 1 || c.off[0].From != 60 {
		t.Errorf("%v, off %v", c.dim, c.off)
	}
	for args, want := range map[string]string{
		"--dim 22:00-7:00=10":                 "--dim is for panels and --display fb0: say --display spi0",
		"--board waveshare-1.3 --dim 22-7":    "want a time of day and a percentage such as 22:00-7:00=10",
		"--board waveshare-1.3 --off 22-7=10": "want a time of day such as 23:00-6:30",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", args, err, want)
		}
	}
}

func TestBrightness(t *testing.T) {
	for args, want := range map[string]int{
		"--board waveshare-2 --bl pwm0.0 --brightness 40": 40,
		"--board waveshare-2 --brightness 100":            100,
		"--board waveshare-2 --bl pwm1.3":                 100,
	} {
		c, err := parse(strings.Fields(args))
		if err != nil {
			t.Errorf("%s: %v", args, err)
		} else if got := c.panelOpts().Brightness; got != want {
			t.Errorf("%s: brightness %d, want %d", args, got, want)
		}
	}
	for args, want := range map[string]string{
		"--board waveshare-2 --brightness 40":           "the backlight, GPIO18, can be on or off only: put dtoverlay=pwm",
		"--board waveshare-2 --bl none --brightness 99": "which the panel is without",
		"--board waveshare-2 --brightness 0":            "want 1 to 100 percent",
		"--dc pwm0.0 --display spi0 --brightness 40%":   "want 1 to 100 percent",
		"--display term --brightness 40":                "--brightness is for panels: ",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", args, err, want)
		}
	}
}
