package rects

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
)

// apply sends the parts to a frame and returns the bytes that the wire takes.
func apply(u *Parts, frame []byte, width, pixel int) (sent int) {
	for _, p := range u.List {
		sent += windowBytes + len(p.Pixels)
		for y := p.Min.Y; y < p.Max.Y; y++ {
			row := p.Pixels[(y-p.Min.Y)*pixel*p.Dx():][:pixel*p.Dx()]
			copy(frame[pixel*(y*width+p.Min.X):], row)
		}
	}
	return sent
}

// check diffs two frames and reports if the parts do not make one the other, or are too many bytes.
func check(t *testing.T, width, height, pixel, overhead int, old, frame []byte) int {
	t.Helper()
	d := New(image.Pt(width, height), pixel, overhead)
	u := NewParts(len(frame))
	d.Diff(&u, frame, old)
	got := bytes.Clone(old)
	sent := apply(&u, got, width, pixel)
	if !bytes.Equal(got, frame) {
		t.Fatalf("%dx%d, overhead %d: the parts %v do not make the frame", width, height, overhead, d.rects)
	}
	if full := len(frame) + windowBytes; sent > full {
		t.Fatalf("%dx%d, overhead %d: %d bytes, a full frame is %d", width, height, overhead, sent, full)
	}
	for _, p := range u.List {
		if !p.In(image.Rect(0, 0, width, height)) || len(p.Pixels) != pixel*area(p.Rectangle) {
			t.Fatalf("part %v has %d bytes", p.Rectangle, len(p.Pixels))
		}
	}
	return sent
}

// TestDiff compares frames that differ in random rectangles.
func TestDiff(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		width, height, pixel := 1+r.IntN(40), 1+r.IntN(30), 1+r.IntN(3)
		old := make([]byte, pixel*width*height)
		for i := range old {
			old[i] = byte(r.Uint32())
		}
		frame := bytes.Clone(old)
		for range r.IntN(20) {
			x, y := r.IntN(width), r.IntN(height)
			x1, y1 := min(width, x+1+r.IntN(6)), min(height, y+1+r.IntN(6))
			for ; y < y1; y++ {
				for x := x; x < x1; x++ {
					frame[pixel*(y*width+x)+r.IntN(pixel)] ^= byte(r.Uint32())
				}
			}
		}
		check(t, width, height, pixel, []int{0, 1, 20, 200}[r.IntN(4)], old, frame)
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
		if got := check(t, width, height, 2, c.overhead, old, frame); got != c.want {
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
		check(t, int(width), height, 2, int(overhead), old[:n:n], frame[:n:n])
	})
}
