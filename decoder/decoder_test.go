package decoder

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// reference decodes a point by the definitions alone: no phases, borders or packed weights.
func reference(layers []model.Int8Layer, source [3]int, in []int64) (out []int64) {
	for i := range layers {
		l := &layers[i]
		size := l.Out[0] * l.Out[1] * l.Out[2]
		acc := make([]int64, size)
		for n := range acc {
			acc[n] = int64(l.Bias[n%len(l.Bias)])
		}
		if l.Op == model.Dense {
			for n := range acc {
				for k, x := range in {
					acc[n] += x * int64(l.Weight[n*len(in)+k])
				}
			}
		} else {
			// A plain convolution is a transposed one with source and result exchanged: both visit
			// the pairs of pixels that a weight connects, large*1 = small*stride + k - edge.
			small, large := source, l.Out
			if l.Op == model.Conv {
				small, large = l.Out, source
			}
			for sy := range small[0] {
				for sx := range small[1] {
					for ky := range l.Kernel {
						for kx := range l.Kernel {
							ly, lx := sy*l.Stride+ky-l.Edges[0], sx*l.Stride+kx-l.Edges[2]
							if ly < 0 || lx < 0 || ly >= large[0] || lx >= large[1] {
								continue
							}
							from, to := sy*small[1]+sx, ly*large[1]+lx
							if l.Op == model.Conv {
								from, to = to, from
							}
							for o := range l.Out[2] {
								for c := range source[2] {
									w := l.Weight[((o*l.Kernel+ky)*l.Kernel+kx)*source[2]+c]
									acc[to*l.Out[2]+o] += in[from*source[2]+c] * int64(w)
								}
							}
						}
					}
				}
			}
		}
		out = make([]int64, size)
		for n, a := range acc {
			scale := l.Scale[n%len(l.Scale)]
			if l.Target == model.LeakyReLU && a < 0 {
				scale *= l.Slope
			}
			product := float32(a) * scale
			v := int64(math.RoundToEven(float64(product)))
			switch l.Target {
			case model.LeakyReLU: // what counts is how far it is from the zero point
				zero := int64(math.Round(127 * float64(l.Slope) / (1 + float64(l.Slope))))
				out[n] = min(max(v, -zero), 127-zero)
			case model.ReLU:
				out[n] = min(max(v, 0), 127)
			case model.Pixels:
				out[n] = min(max(v+2048, 0), 4095)
			}
		}
		in, source = out, l.Out
	}
	return out
}

func TestDecodeAgainstReference(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, m := range []*model.Model{model.Synthetic(), model.SyntheticDense(), model.SyntheticLeaky()} {
		for _, b := range kernels.Backends() {
			checkReference(t, m, b)
		}
	}
}

func checkReference(t *testing.T, m *model.Model, b kernels.Backend) {
	t.Helper()
	d, err := NewOn(m, b)
	if err != nil {
		t.Fatal(err)
	}
	pixels, indices := make([]uint8, m.PictureSize()), make([]uint16, m.PictureSize())
	for _, point := range [][]int16{{0, 0, 0, 0, 0}, {-32768, 32767, 5, -5, 1}, {2000, -3000, 4000, 5000, -7000}, {-1, 8191, -8000, 8000, 1}} {
		point = point[:m.Latent]
		d.Decode(pixels, point)
		d.DecodeIndices(indices, point)
		var in []int64
		for _, x := range point {
			in = append(in, int64(x))
		}
		for n, w := range reference(m.Decoder, [3]int{1, 1, m.Latent}, in) {
			if int64(indices[n]) != w || pixels[n] != m.Table[w] {
				t.Fatalf("%s, %v, point %v: output %d has index %d, pixel %d; want %d, %d", m.Name, b, point, n, indices[n], pixels[n], w, m.Table[w])
			}
		}
	}
}

func TestDecodeBatch(t *testing.T) {
	for _, m := range []*model.Model{model.Synthetic(), model.SyntheticDense(), model.SyntheticLeaky()} {
		testDecodeBatch(t, m)
	}
}

func testDecodeBatch(t *testing.T, m *model.Model) {
	size, g := m.PictureSize(), lcg.Generator(7)
	backends := kernels.Backends()
	if testing.Short() {
		backends = backends[len(backends)-1:] // the fastest: goroutines are the same with all
	}
	for _, b := range backends {
		d, err := NewOn(m, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 3, 4, 9, 26} {
			points, want := make([]int16, n*m.Latent), make([]uint8, n*size)
			for i := range points {
				points[i] = int16(g.Between(-8000, 8000))
			}
			for k := range n {
				d.Decode(want[k*size:][:size], points[k*m.Latent:][:m.Latent])
			}
			for threads := 1; threads <= 4; threads++ {
				got, decoded := make([]uint8, n*size), d.Decoded()
				d.DecodeBatch(got, points, threads)
				if d.Decoded() != decoded+n {
					t.Errorf("%v: Decoded says %d, want %d more than %d", b, d.Decoded(), n, decoded)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%v: %d pictures on %d threads differ from one by one", b, n, threads)
				}
			}
		}
	}
}

func TestDecodeBatchMisuse(t *testing.T) {
	m := model.Synthetic()
	d, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(){
		"pixels":      func() { d.DecodeBatch(make([]uint8, 2*m.PictureSize()-1), make([]int16, 2*m.Latent), 1) },
		"coordinates": func() { d.DecodeBatch(make([]uint8, m.PictureSize()), make([]int16, m.Latent+1), 1) },
		"threads":     func() { d.DecodeBatch(make([]uint8, m.PictureSize()), make([]int16, m.Latent), 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			run()
		}()
	}
}

func TestGolden(t *testing.T) {
	models := map[string]*model.Model{"synthetic": model.Synthetic(), "synthetic-dense": model.SyntheticDense(), "synthetic-leaky": model.SyntheticLeaky()}
	for _, name := range pretrained.Names() {
		m, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != name {
			t.Errorf("built-in model %s calls itself %s", name, m.Name)
		}
		models[name] = m
	}
	for name, m := range models {
		want, ok := Golden(name)
		if !ok {
			t.Errorf("%s has no golden hash", name)
		}
		for _, b := range kernels.Backends() {
			if got, err := Hash(m, b); err != nil || got != want {
				t.Errorf("%s on %v: hash %s, %v; want %s", name, b, got, err, want)
			}
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	m := model.Synthetic()
	d, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	picture, point := make([]uint8, m.PictureSize()), make([]int16, m.Latent)
	if n := testing.AllocsPerRun(5, func() { d.Decode(picture, point) }); n != 0 {
		t.Errorf("Decode: %v allocations", n)
	}
	pictures, points := make([]uint8, 9*m.PictureSize()), make([]int16, 9*m.Latent)
	if n := testing.AllocsPerRun(5, func() { d.DecodeBatch(pictures, points, 1) }); n != 0 {
		t.Errorf("DecodeBatch: %v allocations", n)
	}
}

func TestOpenFile(t *testing.T) {
	m := model.Synthetic()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(string) (*Model, error){"Open": Open, "ReadFile": ReadFile} {
		if got, err := open(path); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: read back, the model differs: %v", name, err)
		}
	}
	if got, err := Parse(data); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("Parse: the model differs: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	_, err := Open("no-such-model")
	if err == nil || !strings.Contains(err.Error(), "no-such-model") || !strings.Contains(err.Error(), DefaultModel) {
		t.Errorf("%v: want an error that names the model and those there are", err)
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("a directory was accepted")
	}
	m := model.Synthetic()
	m.Decoder = m.Decoder[:1]
	if _, err := New(m); err == nil {
		t.Error("a decoder was made without a layer for pixels")
	}
	m = model.Synthetic()
	m.DecoderSum = m.DecoderDigest()
	m.Decoder, m.Table = nil, nil
	if _, err := New(m); err == nil || !strings.Contains(err.Error(), "synthetic has an encoder alone") {
		t.Errorf("a decoder of an encoder alone: %v", err)
	}
}

// A model that was made in the program, not read from a file, is checked as well.
func TestNewChecks(t *testing.T) {
	for name, change := range map[string]func(m *Model){
		"no name":        func(m *Model) { m.Name = "" },
		"capital letter": func(m *Model) { m.Name = "Synthetic" },
		"leading hyphen": func(m *Model) { m.Name = "-a" },
		"long name":      func(m *Model) { m.Name = strings.Repeat("a", 65) },
		"no table":       func(m *Model) { m.Table = nil },
		"own digest":     func(m *Model) { m.DecoderSum = m.DecoderDigest() },
		"weight of -128": func(m *Model) { m.Decoder[1].Weight[5] = -128 },
		"large bias":     func(m *Model) { m.Decoder[0].Bias[3] = math.MaxInt32 },
		"scale of zero":  func(m *Model) { m.Decoder[2].Scale[0] = 0 },
		"missing weight": func(m *Model) { m.Decoder[0].Weight = m.Decoder[0].Weight[1:] },
		"missing bias":   func(m *Model) { m.Decoder[1].Bias = m.Decoder[1].Bias[1:] },
		"concept twice":  func(m *Model) { m.Concepts = []Concept{{Name: "4"}, {Name: "4"}} },
	} {
		m := model.Synthetic()
		change(m)
		if _, err := New(m); err == nil {
			t.Errorf("%s: a decoder was made", name)
		}
	}
	// Concepts that would not be written do not stand in the way of decoding.
	m := model.Synthetic()
	m.Concepts = []Concept{{Name: "4", Mean: make([]int16, 1)}}
	if _, err := New(m); err != nil {
		t.Error(err)
	}
}

// BenchmarkDecode does nothing beside decoding with the built-in model, so that counting its
// instructions for two numbers of iterations tells those of a picture. Package bench measures time.
func BenchmarkDecode(b *testing.B) {
	for net, name := range map[string]string{"digits": DefaultModel, "faces": "faces"} {
		m, err := Open(name)
		if err != nil {
			b.Fatal(err)
		}
		for _, backend := range kernels.Backends() {
			b.Run("net="+net+"/backend="+backend.String(), func(b *testing.B) {
				d, err := NewOn(m, backend)
				if err != nil {
					b.Fatal(err)
				}
				picture, point := make([]uint8, m.PictureSize()), make([]int16, m.Latent)
				for b.Loop() {
					d.Decode(picture, point)
				}
			})
		}
	}
}

// TestSelfCheck: a decoder that is not what its model says is found out.
func TestSelfCheck(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, b := range kernels.Backends() {
		m := model.Synthetic()
		d, err := NewOn(m, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.SelfCheck(); err != nil {
			t.Errorf("%v: %v", b, err)
		}
		other := model.Synthetic()
		for i, w := range other.Decoder[0].Weight {
			other.Decoder[0].Weight[i] = -w
		}
		wrong, err := NewOn(other, b)
		if err != nil {
			t.Fatal(err)
		}
		d.dense = wrong.dense
		if err := d.SelfCheck(); !errors.Is(err, ErrWrongPixels) {
			t.Errorf("%v: weights of another sign are not found out: %v", b, err)
		}
	}
}
