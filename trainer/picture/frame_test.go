package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"testing"
)

// differ is how far apart two colours are in the channel where they differ most, 0 to 255.
func differ(a, b color.Color) int {
	r, g, bl, _ := a.RGBA()
	r2, g2, bl2, _ := b.RGBA()
	most := 0
	for _, p := range [][2]uint32{{r, r2}, {g, g2}, {bl, bl2}} {
		most = max(most, int(max(p[0], p[1])-min(p[0], p[1]))>>8)
	}
	return most
}

func TestFrame(t *testing.T) {
	const columns, scale = 15, 7 // tiles of 14 x 28 pixels
	m := Images{Pixels: make([]byte, columns*columns*8), Height: 4, Width: 2, Channels: 1}
	for i := range m.Pixels {
		m.Pixels[i] = byte(37 * i)
	}
	p := Frame(m, columns, 1.64, []float32{-2, 1, 3, -3, 99, 0}, 2, []byte{4, 7, 9}, "epoch 1")
	for _, i := range []int{0, 14, 15, 224} {
		for k, v := range m.at(i) {
			x, y := 14+i%columns*2*scale+k%2*scale, 42+i/columns*4*scale+k/2*scale
			for _, at := range []image.Point{{x, y}, {x + scale - 1, y + scale - 1}} {
				if got := p.At(at.X, at.Y); differ(got, color.Gray{v}) > 1 {
					t.Fatalf("tile %d: pixel %v is %v, want about %d", i, at, got, v)
				}
			}
		}
	}
	// z[0] grows to the right and z[1] upwards, 42 pixels to a unit; what is beyond lies on the
	// edge.
	x0, y0 := 14+columns*2*scale+52, 42
	for class, at := range []image.Point{{x0 + 126, y0 + 168}, {x0 + 336, y0 + 336}, {x0 + 420, y0 + 210}} {
		if got := p.At(at.X, at.Y); differ(got, ten[class]) > 0 {
			t.Errorf("the point of class %d: pixel %v is %v, want %v", class, at, got, ten[class])
		}
	}
	// The square of the manifold.
	for _, x := range []int{x0 + 141, x0 + 278} {
		if got := p.At(x, y0+215); differ(got, grey(0x90)) > 1 {
			t.Errorf("no edge of the square at (%d, %d) but %v", x, y0+215, got)
		}
	}
	if with := Frame(m, columns, 1.64, nil, 2, nil, ""); with.Rect != p.Rect {
		t.Errorf("without points: %v, want %v", with.Rect, p.Rect)
	}
}

func TestFrameOfColours(t *testing.T) {
	m := Images{Pixels: bytes.Repeat([]byte{250, 120, 10}, 4*64), Height: 8, Width: 8, Channels: 3}
	labels := make([]byte, 200) // more classes than there is room for
	for i := range labels {
		labels[i] = byte(i)
	}
	p := Frame(m, 2, 1, make([]float32, 400), 2, labels, "")
	if len(p.Palette) > 256 {
		t.Fatalf("a palette of %d", len(p.Palette))
	}
	// Dithered, so right on average.
	var sum [3]int
	for y := range 100 {
		for x := range 100 {
			r, g, b, _ := p.At(60+x, 60+y).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+int(r>>8), sum[1]+int(g>>8), sum[2]+int(b>>8)
		}
	}
	for c, want := range []int{250, 120, 10} {
		if got := sum[c] / 10000; got < want-4 || got > want+4 {
			t.Errorf("channel %d is %d on average, want %d", c, got, want)
		}
	}
}

func TestFrameSide(t *testing.T) {
	for _, c := range [][4]int{{28, 28, 15, 15}, {8, 8, 15, 15}, {64, 64, 15, 6}, {64, 32, 15, 6}, {256, 256, 15, 2}} {
		if got := FrameSide(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("images of %d x %d: %d rows, want %d", c[0], c[1], got, c[3])
		}
	}
}

func TestAnimation(t *testing.T) {
	var frames []*image.Paletted
	for i := range 3 {
		frames = append(frames, Frame(stripes(4, 1), 2, 1, []float32{float32(i), 0}, 2, []byte{1}, ""))
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, Animation(frames)); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(g.Delay, []int{10, 10, 300}) || g.LoopCount != 0 {
		t.Errorf("delays %v, loop count %d", g.Delay, g.LoopCount)
	}
	for i, f := range g.Image {
		if !slices.Equal(f.Pix, frames[i].Pix) {
			t.Errorf("frame %d has changed", i)
		}
	}
}
