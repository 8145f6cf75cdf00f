package panel

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
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

// apply sends the update's parts to a frame and returns the bytes that the wire takes.
func apply(u *Update, frame []byte, width int) (sent int) {
	for _, p := range u.parts {
		sent += windowBytes + len(p.pixels)
		for y := p.Min.Y; y < p.Max.Y; y++ {
			row := p.pixels[(y-p.Min.Y)*2*p.Dx():][:2*p.Dx()]
			copy(frame[2*(y*width+p.Min.X):], row)
		}
	}
	return sent
}

// check diffs two frames and reports if the parts do not make one the other, or are too many bytes.
func check(t *testing.T, width, height, overhead int, old, frame []byte) int {
	t.Helper()
	d := newDiffer(image.Pt(width, height), overhead)
	u := &Update{frame: frame, data: make([]byte, 0, len(frame)), parts: make([]part, 0, maxParts)}
	d.diff(u, old)
	got := bytes.Clone(old)
	sent := apply(u, got, width)
	if !bytes.Equal(got, frame) {
		t.Fatalf("%dx%d, overhead %d: the parts %v do not make the frame", width, height, overhead, d.rects)
	}
	if full := len(frame) + windowBytes; sent > full {
		t.Fatalf("%dx%d, overhead %d: %d bytes, a full frame is %d", width, height, overhead, sent, full)
	}
	for _, p := range u.parts {
		if !p.In(image.Rect(0, 0, width, height)) || len(p.pixels) != 2*area(p.Rectangle) {
			t.Fatalf("part %v has %d bytes", p.Rectangle, len(p.pixels))
		}
	}
	return sent
}

// TestDiff compares frames that differ in random rectangles.
func TestDiff(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		width, height := 1+r.IntN(40), 1+r.IntN(30)
		old := make([]byte, 2*width*height)
		for i := range old {
			old[i] = byte(r.Uint32())
		}
		frame := bytes.Clone(old)
		for range r.IntN(20) {
			x, y := r.IntN(width), r.IntN(height)
			x1, y1 := min(width, x+1+r.IntN(6)), min(height, y+1+r.IntN(6))
			for ; y < y1; y++ {
				for x := x; x < x1; x++ {
					frame[2*(y*width+x)+r.IntN(2)] ^= byte(r.Uint32())
				}
			}
		}
		check(t, width, height, []int{0, 1, 20, 200}[r.IntN(4)], old, frame)
	}
}

// TestDiffSends lists what a few changes cost.
func TestDiffSends(t *testing.T) {
	const width, height = 240, 240
	set := func(frame []byte, x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				frame[2*(y*width+x)] = 1
			}
		}
	}
	var scattered [][4]int
	for y := 0; y < height; y += 4 {
		for x := 0; x < width; x += 20 {
			scattered = append(scattered, [4]int{x, y, x + 1, y + 1})
		}
	}
	for _, c := range []struct {
		name       string
		overhead   int
		rectangles [][4]int
		want       int
	}{
		{"nothing", 0, nil, 0},
		{"a pixel", 0, [][4]int{{9, 9, 10, 10}}, 11 + 2},
		{"a pixel in each corner", 0, [][4]int{{0, 0, 1, 1}, {239, 0, 240, 1}, {0, 239, 1, 240}, {239, 239, 240, 240}}, 4 * (11 + 2)},
		{"a rectangle", 0, [][4]int{{3, 5, 103, 105}}, 11 + 2*100*100},
		{"two rectangles", 0, [][4]int{{3, 5, 53, 55}, {100, 20, 150, 70}}, 2 * (11 + 2*50*50)},
		{"two near each other", 0, [][4]int{{3, 5, 53, 7}, {55, 5, 60, 7}}, 11 + 2*57*2},
		{"an L", 0, [][4]int{{0, 0, 10, 100}, {0, 100, 100, 110}}, 2*11 + 2*(1000+1000)},
		{"all", 0, [][4]int{{0, 0, 240, 240}}, 11 + 2*240*240},
		{"too many", 0, scattered, 11 + 2*240*240},
		{"two dear ones", 500, [][4]int{{3, 5, 13, 15}, {23, 5, 33, 15}}, 11 + 2*30*10},
	} {
		old := make([]byte, 2*width*height)
		frame := bytes.Clone(old)
		for _, r := range c.rectangles {
			set(frame, r[0], r[1], r[2], r[3])
		}
		if got := check(t, width, height, c.overhead, old, frame); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}

// FuzzDiff makes two frames of the bytes.
func FuzzDiff(f *testing.F) {
	f.Add(uint8(8), uint16(0), []byte("abcdefgh"), []byte("abcdeFgh"))
	f.Add(uint8(3), uint16(50), bytes.Repeat([]byte{0}, 200), bytes.Repeat([]byte{0, 0, 0, 7}, 50))
	f.Add(uint8(240), uint16(300), bytes.Repeat([]byte{1}, 4800), bytes.Repeat([]byte{1, 1, 2}, 1600))
	f.Fuzz(func(t *testing.T, width uint8, overhead uint16, old, frame []byte) {
		if width == 0 || len(old) > 1<<16 {
			return
		}
		height := min(len(old), len(frame)) / (2 * int(width))
		if height == 0 {
			return
		}
		n := 2 * int(width) * height
		check(t, int(width), height, int(overhead), old[:n:n], frame[:n:n])
	})
}

// TestRGB565 checks that conversion picks the nearest level and that native colours convert to
// themselves.
func TestRGB565(t *testing.T) {
	distance := func(level uint32, v int) int {
		d := int(level>>8) - v
		return max(d, -d)
	}
	for v := range 256 {
		c := RGB565Model.Convert(color.Gray{uint8(v)}).(RGB565)
		r, g, b, a := c.RGBA()
		if distance(r, v) > 4 || distance(b, v) > 4 || distance(g, v) > 2 || a != 0xffff {
			t.Errorf("grey %d becomes %02x %02x %02x", v, r>>8, g>>8, b>>8)
		}
		if again := RGB565Model.Convert(color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}); again != c {
			t.Errorf("%04x converts to %04x", c, again)
		}
	}
	var b bytes.Buffer
	for _, c := range []color.Color{color.Black, color.White, color.RGBA{R: 255, A: 255}, color.RGBA{G: 255, A: 255}, color.RGBA{B: 255, A: 255}} {
		fmt.Fprintf(&b, "%04x ", RGB565Model.Convert(c))
	}
	if got := b.String(); got != "0000 ffff f800 07e0 001f " {
		t.Errorf("black, white, red, green, blue: %s", got)
	}
}

// BenchmarkPrepare is the processor's share of a frame that changes entirely, and of one that does
// not.
func BenchmarkPrepare(b *testing.B) {
	for _, kind := range []string{"full", "still", "sparse"} {
		b.Run(kind, func(b *testing.B) {
			d := &Dev{bounds: image.Rect(0, 0, 240, 240), differ: newDiffer(image.Pt(240, 240), 195)}
			d.updates.init(func(u *Update) {
				u.frame, u.data, u.parts = make([]byte, 115200), make([]byte, 0, 115200), make([]part, 0, maxParts)
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
