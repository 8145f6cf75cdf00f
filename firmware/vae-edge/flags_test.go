package main

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// TestSceneFlags: flags that are about one scene choose it, and the scene its model.
func TestSceneFlags(t *testing.T) {
	for _, c := range []struct{ args, scene, model string }{
		{"", "walk", "mnist-2"},
		{"--scene manifold", "manifold", "mnist-2"},
		{"--scene sample", "sample", "mnist-2"},
		{"--digit 7", "sample", "mnist-16"},
		{"--digit 7 --scene sample --model mnist-2", "sample", "mnist-2"},
		{"--path 3,1", "morph", "mnist-16"},
		{"--scene morph", "morph", "mnist-16"},
		{"--hours 12 --seconds", "clock", "mnist-16"},
		{"--time-zone Europe/Berlin", "clock", "mnist-16"},
	} {
		got, err := parse(strings.Fields(c.args))
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
		} else if m := cmp.Or(got.play.Model, got.play.DefaultModel()); got.play.Scene != c.scene || m != c.model {
			t.Errorf("%q: scene %s of %s, want %s of %s", c.args, got.play.Scene, m, c.scene, c.model)
		}
	}
}

// FuzzFlags: whatever the command line is, it is understood or refused with an error that says why.
func FuzzFlags(f *testing.F) {
	for _, line := range []string{
		"--board waveshare-1.3 --stats=overlay --log json", "--display spi0.1 --dc GPIO25 --hz 62.5M --mode 3 --rotate 270",
		"--keys up=6,turn=17/18 --display /dev/spidev0.0", "--display gif:a.gif --frames 20 --size 12x12", "probe --no-card --bl none", "verify --model x", "--give-up 1h -h",
		"--mode ",
	} {
		f.Add(strings.ReplaceAll(line, " ", "\n"))
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := parse(strings.Split(line, "\n"))
		switch {
		case (c == nil) == (err == nil):
			t.Fatalf("both or none: %v, %v", c, err)
		case err != nil && (!errors.As(err, new(cli.UsageError)) || err.Error() == ""):
			t.Fatalf("error %v", err)
		case err == nil && c.action == actionNone && c.display.Kind == target.Panel:
			if opts := c.panelOpts(); opts.Panel.Name == "" {
				t.Fatal("no panel")
			}
		}
	})
}

// TestMisspeltBoard: a board that is misspelt, or whose maker alone is, for a panel is recognised.
func TestMisspeltBoard(t *testing.T) {
	for word, want := range map[string]string{
		"wavshare": "did you mean --board waveshare-1.3, waveshare-1.44, waveshare-2, waveshare-1.28, waveshare-rgb-oled-1.5, waveshare-oled-1.3?", "pirat-audio": "did you mean --board pirate-audio?",
		"st7789-240x24": "did you mean", "qwertz": "", "ili9341": "panels with this chip",
	} {
		_, err := parse([]string{"--panel", word})
		if err == nil || !strings.Contains(err.Error(), want) || want == "" && strings.Contains(err.Error(), "mean") {
			t.Errorf("--panel %s: %v, want %q", word, err, want)
		}
	}
}
