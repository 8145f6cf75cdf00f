package picture

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/plot/vg"
)

// stripes returns n images of 4x2 whose pixels are all different from those of the next ones.
func stripes(n, channels int) Images {
	m := Images{Height: 4, Width: 2, Channels: channels}
	for i := range n * 8 * channels {
		m.Pixels = append(m.Pixels, byte(37*i))
	}
	return m
}

// checkTile reports whether picture i stands at (x, y), every pixel a square of scale pixels.
func checkTile(t *testing.T, p image.Image, m Images, i, x, y, scale int) {
	t.Helper()
	for dy := range m.Height * scale {
		for dx := range m.Width * scale {
			v := m.Pixels[(i*m.Height*m.Width+dy/scale*m.Width+dx/scale)*m.Channels:]
			want := color.RGBA{v[0], v[0], v[0], 255}
			if m.Channels == 3 {
				want = color.RGBA{v[0], v[1], v[2], 255}
			}
			if got := p.At(x+dx, y+dy); got != want {
				t.Fatalf("picture %d: pixel (%d, %d) is %v, want %v", i, x+dx, y+dy, got, want)
			}
		}
	}
}

// inked reports whether anything but white is in the rectangle.
func inked(p image.Image, x0, y0, x1, y1 int) bool {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			if p.At(x, y) != (color.RGBA{255, 255, 255, 255}) {
				return true
			}
		}
	}
	return false
}

func TestManifold(t *testing.T) {
	for _, channels := range []int{1, 3} {
		m := stripes(6, channels)
		p := Manifold(m, [2]string{"a", "b"}, []float64{-1, 0, 1}, []float64{0.5, -0.5}, "")
		const scale = smallTile / 2
		for i := range 6 {
			checkTile(t, p, m, i, 66+i%3*2*scale, 18+i/3*4*scale, scale)
		}
		size := p.Bounds().Size()
		if want := image.Pt(66+3*2*scale+18, 18+2*4*scale+70); size != want {
			t.Errorf("size %v, want %v", size, want)
		}
		if inked(p, 66+3*2*scale, 0, size.X, size.Y) || inked(p, 0, 0, size.X, 18) {
			t.Error("the margins at the right and above are not white")
		}
		if !inked(p, 30, 18, 66, 18+4*scale) || !inked(p, 30, 18+4*scale, 66, 18+8*scale) {
			t.Error("a row has no label")
		}
		with := Manifold(m, [2]string{"a", "b"}, []float64{-1, 0, 1}, []float64{0.5, -0.5}, "a note")
		if inked(p, 190, size.Y-34, size.X, size.Y) || !inked(with, 190, size.Y-34, size.X, size.Y) {
			t.Error("the note is not where it should be")
		}
	}
}

func TestConcepts(t *testing.T) {
	for _, channels := range []int{1, 3} {
		m := stripes(6, channels)
		p := Concepts(m, []string{"4", "with-hat"}, []int{-1, 0, 1})
		const scale, left = largeTile / 2, 36 + 10*8
		for i := range 6 {
			checkTile(t, p, m, i, left+i%3*(2*scale+4), 66+i/3*(4*scale+4), scale)
		}
		for i := range 2 {
			if y := 66 + i*(4*scale+4); !inked(p, 0, y, left-13, y+4*scale) || inked(p, left-13, y, left, y+4*scale) {
				t.Errorf("row %d has no name at its left", i)
			}
		}
		for j := range 3 {
			if x := left + j*(2*scale+4); !inked(p, x, 36, x+2*scale, 66) {
				t.Errorf("column %d has no label", j)
			}
		}
	}
}

func TestStrip(t *testing.T) {
	m := stripes(3, 1)
	p := Strip(m, []string{"picture", "", "100 %"})
	const scale = largeTile / 2
	for i := range 3 {
		x := 18 + i*(2*scale+4)
		checkTile(t, p, m, i, x, 44, scale)
		if got := inked(p, x, 0, x+2*scale, 44); got != (i != 1) {
			t.Errorf("image %d has a heading: %v", i, got)
		}
	}
	if want := image.Pt(36+3*(2*scale+4)-4, 44+4*scale+18); p.Bounds().Size() != want {
		t.Errorf("size %v, want %v", p.Bounds().Size(), want)
	}
	// Headings wider than their pictures keep clear of each other
	p = Strip(m, []string{"one as other", "other as one", ""})
	column := (p.Bounds().Dx()-36+4)/3 - 4
	for i := range 3 {
		x := 18 + i*(column+4)
		checkTile(t, p, m, i, x+(column-2*scale)/2, 44, scale)
		if inked(p, x+column, 0, x+column+4, 44) {
			t.Errorf("the heading of image %d runs into the next", i)
		}
	}
}

func TestEnlarged(t *testing.T) {
	m := stripes(1, 3)
	p := Enlarged(m)
	checkTile(t, p, m, 0, 0, 0, 140)
	if want := image.Pt(280, 560); p.Bounds().Size() != want {
		t.Errorf("size %v, want %v", p.Bounds().Size(), want)
	}
}

func TestSamples(t *testing.T) {
	m := stripes(5, 1)
	p := Samples(m, 3)
	const scale = largeTile / 2
	for i := range 5 {
		checkTile(t, p, m, i, 18+i%3*(2*scale+4), 18+i/3*(4*scale+4), scale)
	}
	if want := image.Pt(36+3*2*scale+8, 36+2*4*scale+4); p.Bounds().Size() != want {
		t.Errorf("size %v, want %v", p.Bounds().Size(), want)
	}
	if inked(p, 18+2*(2*scale+4), 18+4*scale+4, p.Bounds().Dx(), p.Bounds().Dy()) {
		t.Error("there is a picture where there should be none")
	}
}

func TestReconstructions(t *testing.T) {
	all := stripes(8, 1)
	images, decoded := all, all
	images.Pixels, decoded.Pixels = all.Pixels[:32], all.Pixels[32:]
	const scale = largeTile / 2
	for _, headings := range [][]string{nil, {"3", "8"}} {
		p := Reconstructions([]Row{{"image", images}, {"decoded", decoded}}, 2, headings)
		top := 18
		if headings != nil {
			top = 44
		}
		for i := range 4 {
			x, y := 106+i%2*(2*scale+4), top+i/2*(8*scale+20)
			checkTile(t, p, images, i, x, y, scale)
			checkTile(t, p, decoded, i, x, y+4*scale+4, scale)
		}
		if inked(p, 106, 0, p.Bounds().Dx(), top) != (headings != nil) {
			t.Errorf("headings %v", headings)
		}
	}
}

func TestLatent(t *testing.T) {
	near := func(p image.Image, c color.NRGBA) (n int) {
		for y := range p.Bounds().Dy() {
			for x := range p.Bounds().Dx() {
				if got := p.At(x, y).(color.RGBA); got == color.RGBA(c) {
					n++
				}
			}
		}
		return n
	}
	// Two classes of ten have a legend of two, in the first two colours.
	p := Latent([]float32{-1, -1, 9, 1, 1, 9, 0, 1, 9}, 3, []byte{7, 3, 3})
	for i, c := range ten {
		if got := near(p, c) > 40; got != (i < 2) {
			t.Errorf("colour %d of the palette appears in %d pixels", i, near(p, c))
		}
	}
	// The axes are those of the manifold: z[0] grows to the right and z[1] upwards.
	p = Latent([]float32{0, 0, 5, 0, 0, 5}, 2, []byte{0, 1, 2})
	var at [3]image.Point
	for i := range at {
		at[i] = middle(p, ten[i])
	}
	if at[1].X < at[0].X+100 || at[2].Y > at[0].Y-100 {
		t.Errorf("the points (0, 0), (5, 0) and (0, 5) are drawn at %v", at)
	}
	// As many classes as EMNIST has, and points that all are the same.
	labels := make([]byte, 62)
	for i := range labels {
		labels[i] = byte(i)
	}
	if p := Latent(make([]float32, 124), 2, labels); p.Bounds().Dx() <= p.Bounds().Dy() {
		t.Errorf("62 classes: size %v leaves no room for the legend", p.Bounds().Size())
	}
}

// middle is that of the pixels of a colour, those of the legend at the right left out.
func middle(p image.Image, c color.NRGBA) image.Point {
	var sum image.Point
	n := 0
	for y := range p.Bounds().Dy() {
		for x := range p.Bounds().Dy() {
			if p.At(x, y) == color.Color(color.RGBA(c)) {
				sum, n = sum.Add(image.Pt(x, y)), n+1
			}
		}
	}
	return sum.Div(max(n, 1))
}

func TestSpectrum(t *testing.T) {
	for n := range 70 {
		colours := spectrum(n)
		for i, a := range colours {
			for _, b := range colours[:i] {
				if a == b {
					t.Errorf("two of %d colours are %v", n, a)
				}
			}
		}
	}
}

func TestLoss(t *testing.T) {
	for _, n := range []int{1, 2, 30} {
		train, test := make([]float64, n), make([]float64, n)
		for i := range n {
			train[i], test[i] = 100/float64(i+1), 90/float64(i+1)
		}
		p := Loss("nats", train, test)
		name := filepath.Join(t.TempDir(), "loss.png")
		if err := WriteFile(name, p); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		q, err := png.Decode(f)
		f.Close()
		if err != nil || q.Bounds() != p.Bounds() {
			t.Fatalf("the PNG is %v, error %v", q.Bounds(), err)
		}
		seen := map[color.Color]bool{}
		for y := range p.Bounds().Dy() {
			for x := range p.Bounds().Dx() {
				seen[p.At(x, y)] = true
			}
		}
		if !seen[color.RGBA(ten[0])] || !seen[color.RGBA(ten[1])] {
			t.Errorf("%d epochs: a curve is missing", n)
		}
	}
	Loss("nats", []float64{3, 3}, []float64{3, 3}) // a flat curve has a range too
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticks     ticks
		low, high float64
		want      []string
	}{
		{ticks{12, 1}, 1, 2, []string{"1", "2"}},
		{ticks{12, 1}, 1, 10, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
		{ticks{12, 1}, 1, 30, []string{"5", "10", "15", "20", "25", "30"}},
		{ticks{8, 0}, 151.2, 151.9, []string{"151.2", "151.3", "151.4", "151.5", "151.6", "151.7", "151.8", "151.9"}},
		{ticks{10, 0}, -0.025, 0.025, []string{minus + "0.025", minus + "0.020", minus + "0.015", minus + "0.010", minus + "0.005", "0.000", "0.005", "0.010", "0.015", "0.020", "0.025"}},
		{ticks{8, 0}, 980, 4020, []string{"1000", "1500", "2000", "2500", "3000", "3500", "4000"}},
	} {
		marks := c.ticks.Ticks(c.low, c.high)
		var got []string
		for _, m := range marks {
			got = append(got, m.Label)
			if m.Value < c.low-1e-9 || m.Value > c.high+1e-9 {
				t.Errorf("%v to %v: mark at %v", c.low, c.high, m.Value)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%v to %v: marks %q, want %q", c.low, c.high, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] || math.IsNaN(marks[i].Value) {
				t.Errorf("%v to %v: marks %q, want %q", c.low, c.high, got, c.want)
				break
			}
		}
	}
}

func TestSpread(t *testing.T) {
	points := []vg.Point{{X: 5, Y: 5}, {X: 5, Y: 5}, {X: 6, Y: 5}, {X: 100, Y: 100}}
	spread(points, 10)
	for i := range points {
		for k := range i {
			if d := points[i].Sub(points[k]); math.Hypot(float64(d.X), float64(d.Y)) < 9.9 {
				t.Errorf("%v and %v", points[i], points[k])
			}
		}
	}
	if points[3] != (vg.Point{X: 100, Y: 100}) {
		t.Errorf("a point far from all others is at %v", points[3])
	}
}
