package scene

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"slices"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// greyModel is a model of one channel and two latent dimensions whose pictures are 28x28: a pixel's
// logit is linear in the point.
func greyModel() *model.Model {
	m := &model.Model{
		Name: "grey", Latent: 2, LatentSteps: model.LatentSteps, Image: [3]int{28, 28, 1},
		Decoder: []model.Int8Layer{
			{Layer: model.Layer{Op: model.Dense, Out: [3]int{28, 28, 1}, Target: model.ReLU}, Scale: []float32{1.0 / 8192}},
			{Layer: model.Layer{Op: model.Conv, Kernel: 1, Stride: 1, Edges: &kernels.Edges{}, Out: [3]int{28, 28, 1}, Target: model.Pixels},
				Weight: []int8{127}, Bias: []int32{-127 * 64}, Scale: []float32{0.25}},
		},
		Table: new([kernels.TableSize]uint8),
	}
	for i := range m.Table {
		m.Table[i] = uint8(i / (kernels.TableSize / 256))
	}
	first := &m.Decoder[0]
	for y := range 28 {
		for x := range 28 {
			first.Weight = append(first.Weight, int8(4*x-56), int8(4*y-56))
			first.Bias = append(first.Bias, 64*8192)
		}
	}
	return m
}

// classed is the model with the ten digits as concepts, so that all scenes can be made.
func classed(m *model.Model) *model.Model {
	for i := range 10 {
		c := model.Concept{Name: fmt.Sprint(i), Mean: make([]int16, m.Latent), Direction: make([]int16, m.Latent)}
		for k := range m.Latent {
			c.Mean[k], c.Direction[k] = int16((i*(k+3)*1234+777*k)%4096-2048), 1
		}
		m.Concepts = append(m.Concepts, c)
	}
	return m
}

// infos are all scenes with what can be chosen, the clock at a time that frames do not change.
func infos() []Info {
	at := time.Date(2026, 3, 1, 9, 59, 59, 5e8, time.UTC)
	o := ClockOptions{Now: func() time.Time { return at }, Zone: time.UTC, Hours12: true, Seconds: true}
	return append(slices.DeleteFunc(slices.Clone(All()), func(i Info) bool { return i.Name == "clock" || i.Name == "morph" }), Digit("7"), Morph("3,1"), Clock(o))
}

func newDecoder(t *testing.T, m *model.Model) *decoder.Decoder {
	t.Helper()
	d, err := decoder.New(m)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pixels returns the bytes of an image of NewImage.
func pixels(img draw.Image) []byte {
	return canvasOf(img).pix
}

func frameHash(t *testing.T, d *decoder.Decoder, name string, seed uint64, size image.Point, frames ...uint64) string {
	t.Helper()
	info, ok := Lookup(name)
	if !ok {
		t.Fatalf("no scene %q", name)
	}
	return infoHash(t, d, info, seed, size, frames...)
}

func infoHash(t *testing.T, d *decoder.Decoder, info Info, seed uint64, size image.Point, frames ...uint64) string {
	t.Helper()
	s, err := info.New(d, seed, size)
	if err != nil {
		t.Fatal(err)
	}
	img, sum := NewImage(d.Model(), size, Grey), sha256.New()
	for _, n := range frames {
		s.Render(img, n)
		sum.Write(pixels(img))
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// TestGolden holds frames to committed hashes: they are the same on every CPU and in every version.
func TestGolden(t *testing.T) {
	frames := []uint64{0, 1, 44, 50, 74, 75, 1000, 1 << 40}
	flight := []uint64{1, 59, 100, 209, 300, 400, 500, 550, 700, 850, 1000, 1199, 1 << 40}
	for _, c := range []struct {
		model  *model.Model
		scene  string
		size   image.Point
		frames []uint64
		want   string
	}{
		{model.Synthetic(), "walk", image.Pt(240, 240), frames, "6f39baeeb9cdb843"},
		{model.Synthetic(), "walk", image.Pt(17, 90), frames, "7c65ff6056dd1268"},
		{model.Synthetic(), "sample", image.Pt(33, 41), frames, "c89ef4782436df3e"},
		{model.Synthetic(), "manifold", image.Pt(240, 240), make([]uint64, 8), "9fca5ca98ccab3d9"},
		{model.Synthetic(), "manifold", image.Pt(135, 240), flight, "3a841c7720ea2c6f"},
		{greyModel(), "walk", image.Pt(240, 240), frames, "3171851c88565bd1"},
		{greyModel(), "sample", image.Pt(100, 60), frames, "11d157400bce86ff"},
		{greyModel(), "manifold", image.Pt(240, 240), make([]uint64, 8), "7958ff4854887f94"},
		{greyModel(), "manifold", image.Pt(50, 48), make([]uint64, 8), "31cdee25d0b78f82"},
		{greyModel(), "manifold", image.Pt(240, 240), flight, "ea3c00014f3046ff"},
		// In the plane of the concepts' means
		{classed(model.Synthetic()), "manifold", image.Pt(100, 80), flight, "682ccff932b1de68"},
		{classed(model.Synthetic()), "morph", image.Pt(60, 70), frames, "1ec31a861be8e232"},
		{classed(greyModel()), "morph", image.Pt(240, 240), frames, "1288c4f5df1f7f3e"},
	} {
		backends := kernels.Backends()
		if c.model.Name == "synthetic" {
			// The generic one is slow; package decoder compares them on this model
			backends = []kernels.Backend{kernels.Best()}
		}
		for _, b := range backends {
			d, err := decoder.NewOn(c.model, b)
			if err != nil {
				t.Fatal(err)
			}
			if got := frameHash(t, d, c.scene, 1, c.size, c.frames...); got != c.want {
				t.Errorf("%s on %v, scene %s at %v: frames %v hash to %s, want %s", c.model.Name, b, c.scene, c.size, c.frames, got, c.want)
			}
		}
	}
}

// TestManifold checks that the grid is that of the book's figure 8-14, which the trainer's picture
// also is: z[0] grows to the right and z[1] upwards.
func TestManifold(t *testing.T) {
	m := greyModel()
	d := newDecoder(t, m)
	const n, side = manifoldCells, 28
	size := image.Pt(n*side, n*side) // at which a cell is a picture, pixel by pixel
	info, _ := Lookup("manifold")
	s, err := info.New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	img := NewImage(m, size, Grey).(*image.Gray)
	s.Render(img, 0)
	var q [n]int16
	latent.Quantiles(q[:], m.LatentSteps)
	want := make([]uint8, side*side)
	for row := range n {
		for col := range n {
			d.Decode(want, []int16{q[col], q[n-1-row]})
			for y := range side {
				at := img.PixOffset(col*side, row*side+y)
				if got := img.Pix[at:][:side]; !slices.Equal(got, want[y*side:][:side]) {
					t.Fatalf("row %d, column %d of the grid is not the picture at (%d, %d)", row, col, q[col], q[n-1-row])
				}
			}
		}
	}
}

// TestPure checks that a frame does not depend on which frames were drawn before it, nor on what
// the image held.
func TestPure(t *testing.T) {
	for _, m := range []*model.Model{classed(model.Synthetic()), classed(greyModel())} {
		d := newDecoder(t, m)
		for _, info := range infos() {
			size := image.Pt(64, 48)
			used, _ := info.New(d, 7, size)
			img := NewImage(m, size, Grey)
			for _, n := range []uint64{90, 3, 74, 75, 0, 500, 129, 1000, 128, 3, 501, 1700} {
				used.Render(img, n)
				fresh, _ := info.New(d, 7, size)
				want := NewImage(m, size, Grey)
				fresh.Render(want, n)
				if string(pixels(img)) != string(pixels(want)) {
					t.Errorf("%s, scene %s: frame %d depends on the frames before it", m.Name, info.Name, n)
				}
			}
		}
	}
}

// TestChange checks that what should move moves, and that seeds differ.
func TestChange(t *testing.T) {
	d := newDecoder(t, classed(greyModel()))
	size := image.Pt(56, 56)
	for _, info := range infos() {
		a := infoHash(t, d, info, 1, size, 200)
		if (infoHash(t, d, info, 1, size, 400) == a) != (info.Name == "clock") {
			t.Errorf("scene %s: frames 200 and 400 are equal, or should be", info.Name)
		}
		if (infoHash(t, d, info, 2, size, 200) == a) != (info.Name == "morph") {
			t.Errorf("scene %s: seeds 1 and 2 are equal, or should be", info.Name)
		}
	}
	// A sample stays as it is for a while.
	if frameHash(t, d, "sample", 1, size, 0) != frameHash(t, d, "sample", 1, size, sampleHold) {
		t.Error("scene sample: moves while it should hold")
	}
}

func TestRenderAllocatesNothing(t *testing.T) {
	for _, m := range []*model.Model{classed(model.Synthetic()), classed(greyModel())} {
		d := newDecoder(t, m)
		now := time.Date(2026, 3, 1, 9, 59, 58, 0, time.UTC)
		ticking := Clock(ClockOptions{Zone: time.UTC, Seconds: true, Now: func() time.Time {
			now = now.Add(40 * time.Millisecond)
			return now
		}})
		for _, info := range append(infos(), ticking) {
			size := image.Pt(60, 50)
			s, err := info.New(d, 1, size)
			if err != nil {
				t.Fatal(err)
			}
			img, n := NewImage(m, size, Grey), uint64(0)
			s.Render(img, n)
			allocs := testing.AllocsPerRun(80, func() {
				n += 33 // crosses way points and samples
				s.Render(img, n)
			})
			if allocs != 0 {
				t.Errorf("%s, scene %s: %v allocations a frame", m.Name, info.Name, allocs)
			}
		}
	}
}

func TestInvalidSize(t *testing.T) {
	d := newDecoder(t, greyModel())
	info, _ := Lookup(Default)
	for _, size := range []image.Point{{}, {-1, 5}, {5, 0}, {MaxSide + 1, 5}} {
		if _, err := info.New(d, 1, size); err == nil {
			t.Errorf("a scene of %v was made", size)
		}
	}
	if _, ok := Lookup("nosuch"); ok {
		t.Error("Lookup finds a scene that is not there")
	}
}

// TestSmallest: every size from one pixel can be drawn.
func TestSmallest(t *testing.T) {
	for _, m := range []*model.Model{classed(model.Synthetic()), classed(greyModel())} {
		d := newDecoder(t, m)
		for _, info := range infos() {
			for _, size := range []image.Point{{1, 1}, {1, 40}, {40, 1}, {2, 3}, {13, 12}, {27, 29}} {
				s, err := info.New(d, 1, size)
				if err != nil {
					t.Fatal(err)
				}
				s.Render(NewImage(m, size, Grey), 5)
			}
		}
	}
}

// scale draws one picture of the shape at the size.
func scale(shape [3]int, size image.Point, picture []uint8) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	newScaler(shape, size.X).draw(canvasOf(img), image.Point{}, newAxis(shape[1], size.X), newAxis(shape[0], size.Y), picture, inked(shape, picture))
	return img
}

// TestScale checks what must hold for any scaling: an even picture stays even, symmetry is kept,
// brightness is kept, and a ramp stays a ramp.
func TestScale(t *testing.T) {
	const side = 28
	for _, out := range []int{1, 3, 8, 16, 27, 28, 29, 56, 100, 240} {
		t.Run(fmt.Sprint(out), func(t *testing.T) {
			size := image.Pt(out, out)
			even := make([]uint8, side*side)
			for _, v := range []uint8{0, 1, 77, 255} {
				for i := range even {
					even[i] = v
				}
				for i, p := range scale([3]int{side, side, 1}, size, even).Pix {
					if p != v {
						t.Fatalf("pixel %d of an even picture of %d is %d", i, v, p)
					}
				}
			}
			// A disc in the middle, bright inside.
			disc := make([]uint8, side*side)
			sum := int64(0)
			for y := range side {
				for x := range side {
					if dx, dy := 2*x-side+1, 2*y-side+1; dx*dx+dy*dy < 300 {
						disc[y*side+x] = 230
						sum += 230
					}
				}
			}
			img, got := scale([3]int{side, side, 1}, size, disc), int64(0)
			for y := range out {
				for x := range out {
					v := img.GrayAt(x, y).Y
					got += int64(v)
					for _, p := range []image.Point{{out - 1 - x, y}, {x, out - 1 - y}, {y, x}} {
						if w := img.GrayAt(p.X, p.Y).Y; w > v+1 || v > w+1 {
							t.Fatalf("pixels (%d,%d) and %v are %d and %d, the picture is symmetric", x, y, p, v, w)
						}
					}
				}
			}
			if mean, want := got*1000/int64(out*out), sum*1000/(side*side); out > 3 && (mean < want*97/100 || mean > want*103/100) {
				t.Errorf("the mean brightness is %d/1000, was %d/1000", mean, want)
			}
			ramp := make([]uint8, side*side)
			for i := range ramp {
				ramp[i] = uint8(9 * (i % side))
			}
			img = scale([3]int{side, side, 1}, size, ramp)
			for x := range out - 1 {
				if img.GrayAt(x, 0).Y > img.GrayAt(x+1, 0).Y {
					t.Errorf("a rising ramp falls at %d", x)
				}
			}
		})
	}
}

// TestChannels checks that three channels are scaled like three pictures of one.
func TestChannels(t *testing.T) {
	const w, h = 33, 41
	var colours []uint8
	var planes [3][]uint8
	for i := range w * h * 3 {
		v := uint8(i * i >> 5)
		colours = append(colours, v)
		planes[i%3] = append(planes[i%3], v)
	}
	for _, size := range []image.Point{{200, 250}, {16, 20}} {
		img := image.NewRGBA(image.Rectangle{Max: size})
		shape := [3]int{h, w, 3}
		newScaler(shape, size.X).draw(canvasOf(img), image.Point{}, newAxis(w, size.X), newAxis(h, size.Y), colours, inked(shape, colours))
		for c, plane := range planes {
			want := scale([3]int{h, w, 1}, size, plane)
			for i, v := range want.Pix {
				if got := img.Pix[4*i+c]; got != v || img.Pix[4*i+3] != 255 {
					t.Fatalf("%v: pixel %d, channel %d is %d, alone it is %d", size, i, c, got, v)
				}
			}
		}
	}
}
