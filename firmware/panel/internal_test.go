package panel

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
	"github.com/vae-edge/vae-edge/firmware/panel/rects"
)

// TestOffsets holds the one rule for offsets to those that other drivers list by rotation.
func TestOffsets(t *testing.T) {
	for name, want := range map[string][4]image.Point{
		"st7789-240x240":  {{X: 0, Y: 0}, {X: 0, Y: 0}, {X: 0, Y: 80}, {X: 80, Y: 0}},
		"st7789-240x320":  {},
		"st7789-135x240":  {{X: 52, Y: 40}, {X: 40, Y: 53}, {X: 53, Y: 40}, {X: 40, Y: 52}},
		"st7789-170x320":  {{X: 35, Y: 0}, {X: 0, Y: 35}, {X: 35, Y: 0}, {X: 0, Y: 35}},
		"st7789-172x320":  {{X: 34, Y: 0}, {X: 0, Y: 34}, {X: 34, Y: 0}, {X: 0, Y: 34}},
		"st7789-240x280":  {{X: 0, Y: 20}, {X: 20, Y: 0}, {X: 0, Y: 20}, {X: 20, Y: 0}},
		"ili9341-240x320": {},
		"st7735-128x128":  {{X: 2, Y: 1}, {X: 1, Y: 2}, {X: 2, Y: 3}, {X: 3, Y: 2}},
		"st7735-128x160":  {},
		"st7735s-128x160": {{X: 2, Y: 1}, {X: 1, Y: 2}, {X: 2, Y: 1}, {X: 1, Y: 2}},
		"st7735-80x160":   {{X: 26, Y: 1}, {X: 1, Y: 26}, {X: 26, Y: 1}, {X: 1, Y: 26}},
	} {
		p, ok := Find(name)
		if !ok {
			t.Fatalf("no panel %s", name)
		}
		for turns, at := range want {
			size, got := p.window(turns)
			if turned := turns%2 == 1; got != at || turned && size != image.Pt(p.Size.Y, p.Size.X) || !turned && size != p.Size {
				t.Errorf("%s, %d degrees: %v at %v, want an offset of %v", name, 90*turns, size, got, at)
			}
		}
	}
}

// TestMADCTL lists the order of writing: an ILI9341 counts columns from the right and has its
// filters the other way round.
func TestMADCTL(t *testing.T) {
	for name, want := range map[string][4]byte{
		"st7789-240x240":  {0x00, 0x60, 0xc0, 0xa0},
		"ili9341-240x320": {0x48, 0x28, 0x88, 0xe8},
		"st7735-128x128":  {0x08, 0x68, 0xc8, 0xa8},
	} {
		p, _ := Find(name)
		for turns, m := range want {
			if got := p.madctl(turns); got != m {
				t.Errorf("%s, %d degrees: MADCTL %02x, want %02x", name, 90*turns, got, m)
			}
		}
	}
}

// BenchmarkPrepare is the processor's share of a frame that changes entirely, and of one that does
// not.
func BenchmarkPrepare(b *testing.B) {
	for _, kind := range []string{"full", "still", "sparse"} {
		b.Run(kind, func(b *testing.B) {
			d := &Dev{bounds: image.Rect(0, 0, 240, 240), pixels: pixels.New(2, false), differ: rects.New(image.Pt(240, 240), 2, 195)}
			d.updates.init(func(u *Update) {
				u.frame, u.parts = make([]byte, 115200), rects.NewParts(115200)
			})
			frames := [2]*image.Gray{image.NewGray(d.bounds), image.NewGray(d.bounds)}
			r := rand.New(rand.NewPCG(1, 1))
			for i := range frames[1].Pix {
				if kind == "full" || kind == "sparse" && r.IntN(500) == 0 {
					frames[1].Pix[i] = uint8(r.Uint32())
				}
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				d.Discard(d.Prepare(frames[n%2]))
				n++
			}
		})
	}
}
