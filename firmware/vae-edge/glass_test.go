package main

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// TestGlass shows the test card on glass that differs from what is known, turned in every
// direction.
func TestGlass(t *testing.T) {
	vary := func(name string, change func(p *panel.Panel)) panel.Panel {
		p, ok := panel.Find(name)
		if !ok {
			t.Fatalf("no panel %s", name)
		}
		change(&p)
		return p
	}
	for _, c := range []struct {
		what  string
		glass panel.Panel
		flags []string // each is enough
	}{
		{"as known", vary("st7789-240x240", func(*panel.Panel) {}), []string{"--panel st7789-240x240", "--panel st7789 --size 240x240", "--panel st7789-240x320 --size 240x240 --offset 0,0"}},
		{"as known", vary("st7789-135x240", func(*panel.Panel) {}), []string{"--panel st7789-135x240", "--panel st7789 --size 135x240", "--board waveshare-1.3 --size 135x240"}},
		{"ST7735R with a black tab", vary("st7735-128x160", func(p *panel.Panel) { p.BGR = false }), []string{"--panel st7735-128x160 --color-order rgb"}},
		{"ST7789 that is not IPS", vary("st7789-240x320", func(p *panel.Panel) { p.Invert = false }), []string{"--panel st7789-240x320 --invert off"}},
		{"the same with filters the other way round", vary("st7789-240x320", func(p *panel.Panel) { p.Invert, p.BGR = false, true }),
			[]string{"--panel st7789-240x320 --invert off --color-order bgr", "--board waveshare-2 --invert=off --color-order=bgr"}},
		{"narrow ST7789", vary("st7789-240x320", func(p *panel.Panel) { p.Size, p.Offset = image.Pt(76, 284), image.Pt(82, 18) }),
			[]string{"--panel ST7789VW --size 76x284", "--panel st7789 --size 76x284 --offset 82,18", "--panel st7789-240x320 --size 76x284"}},
		{"ST7735 with a plug", vary("st7735-80x160", func(p *panel.Panel) { p.Offset, p.Invert = image.Pt(24, 0), false }), []string{"--panel st7735-80x160 --offset 24,0 --invert off"}},
		{"the same with a narrower memory", vary("st7735-128x160", func(p *panel.Panel) { p.Size, p.Offset = image.Pt(80, 160), image.Pt(24, 0) }), []string{"--panel st7735-128x160 --size 80x160"}},
		{"mirrored ILI9341", vary("ili9341-240x320", func(p *panel.Panel) { p.Mirror = false }), []string{"--panel ili9341-240x320 --mirror off", "--panel ili9341 --size 240x320 --mirror off"}},
		{"inverted ILI9341", vary("ili9341-240x320", func(p *panel.Panel) { p.Invert = true }), []string{"--panel ili9341-240x320 --invert on"}},
	} {
		for _, flags := range c.flags {
			for _, rotation := range []int{0, 90, 180, 270} {
				s := newFakeSystem(t)
				s.module = paneltest.New(c.glass)
				_, err := s.probe(t, append(strings.Fields(flags), "--rotate", fmt.Sprint(rotation))...)
				if err != nil {
					t.Errorf("%s, %s: %v", c.what, flags, err)
					continue
				}
				seen := paneltest.Turned(s.glass, rotation)
				want := image.NewRGBA(seen.Bounds())
				panel.TestCard(want)
				if f := s.module.Faults(); !shows(seen, want) || len(f) > 0 {
					t.Errorf("%s is not shown right with %s --rotate %d; faults %q", c.what, flags, rotation, f)
				}
			}
		}
	}
}

// TestGlassHints: what the test card shows wrong leads to the flag that cures it.
func TestGlassHints(t *testing.T) {
	for args, want := range map[string][]string{
		"--board waveshare-1.3": {"--color-order bgr (now rgb)", "--invert off (now on)", "--mirror on (now off)"},
		"--panel ili9341-240x320 --invert on --color-order rgb --mirror off": {"--color-order bgr (now rgb)", "--invert off (now on)", "--mirror on (now off)"},
		"--panel st7735-80x160": {"--offset (now 26,1) or --size (now 80x160); there is 128x128 at 2,1, 128x160 at 0,0, 128x160 at 2,1", "--color-order rgb (now bgr)"},
	} {
		c, err := parse(append([]string{"probe"}, strings.Fields(args)...))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, h := range c.glassHints() {
			all = append(all, h.Cure)
		}
		for _, w := range want {
			if !slices.Contains(all, w) {
				t.Errorf("%s: no %q in %q", args, w, all)
			}
		}
	}
}

func TestGlassErrors(t *testing.T) {
	for args, want := range map[string]string{
		"--panel st7789": `--panel "st7789": panels with this chip are st7789-240x240, `,
		"--panel st7789 --size 284x76 --display spi0":        "--size 284x76: a panel's size is that of the unturned glass, here 76x284",
		"--panel st7789 --size 241x320":                      "--size 241x320: the memory of the ST7789 has 240x320 pixels",
		"--board waveshare-1.3 --size 4096x1":                "the memory of the ST7789",
		"--panel st7789 --size 76x284 --offset 165,18":       "--offset 165,18: glass of 76x284 in the memory of the ST7789, 240x320, begins at 164,36 at most",
		"--panel ssd1306-128x64 --color-order rgb":           "--color-order: the SSD1306 has no colours",
		"--panel ssd1306-128x64 --size 128x30":               "the SSD1306 has its rows in groups of eight",
		"--display spi0 --offset 5":                          "want COLUMN,ROW, such as 82,18",
		"--display spi0 --offset -5,0":                       "want COLUMN,ROW",
		"--display spi0 --offset 5,99999":                    "want COLUMN,ROW",
		"--display spi0 --invert yes":                        "there is on and off",
		"--display spi0 --color-order grb":                   "there is bgr and rgb",
		"--display png:a.png --invert on":                    "--invert is for panels: ",
		"--size 8x8":                                         "--size does not go with --display term",
		"bench --board waveshare-1.3 --size 999x9":           "the memory of the ST7789",
		"probe --board waveshare-1.3 --panel st7789":         "--panel st7789: board waveshare-1.3 has st7789-240x240",
		"info --panel st7789":                                "for other glass say its --size as well",
		"--display term --config " + writeConfig(t, "a"):     `"a" is not a setting`,
		"--config " + writeConfig(t, "invert\nboard = x"):    "1: a value is missing: write invert = on|off",
		"--config " + writeConfig(t, "display=spi0\nsize=3"): "2: size = 3: want WIDTHxHEIGHT",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", args, err, want)
		}
	}
}
