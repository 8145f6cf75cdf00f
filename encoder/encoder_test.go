package encoder

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	decoders "github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// reference encodes by the definitions alone: no borders, packed weights or views.
func reference(m *model.Model, picture []uint8) []int16 {
	in, source := make([]int64, len(picture)), m.Image
	for i, p := range picture {
		in[i] = int64(math.Round(float64(p) * 127 / 255))
	}
	for i := range m.Encoder {
		l := &m.Encoder[i]
		out := make([]int64, l.Out[0]*l.Out[1]*l.Out[2])
		for n := range out {
			y, x, o := n/l.Out[2]/l.Out[1], n/l.Out[2]%l.Out[1], n%l.Out[2]
			acc := int64(l.Bias[o])
			if l.Op == model.Dense {
				for k, v := range in {
					acc += v * int64(l.Weight[n*len(in)+k])
				}
			} else {
				for k := range l.Kernel * l.Kernel * source[2] {
					ky, kx, c := k/source[2]/l.Kernel, k/source[2]%l.Kernel, k%source[2]
					sy, sx := y*l.Stride+ky-l.Edges[0], x*l.Stride+kx-l.Edges[2]
					if sy >= 0 && sx >= 0 && sy < source[0] && sx < source[1] {
						acc += in[(sy*source[1]+sx)*source[2]+c] * int64(l.Weight[o*l.Kernel*l.Kernel*source[2]+k])
					}
				}
			}
			scale := l.Scale[o]
			if l.Target == model.LeakyReLU && acc < 0 {
				scale *= l.Slope
			}
			product := float32(acc) * scale
			out[n] = int64(math.RoundToEven(float64(product)))
			switch l.Target {
			case model.ReLU:
				out[n] = min(max(out[n], 0), 127)
			case model.LeakyReLU: // what counts is how far it is from the zero point
				zero := int64(math.Round(127 * float64(l.Slope) / (1 + float64(l.Slope))))
				out[n] = min(max(out[n], -zero), 127-zero)
			}
		}
		in, source = out, l.Out
	}
	heads := make([]int16, len(in))
	for i, v := range in {
		heads[i] = int16(min(max(v, math.MinInt16), math.MaxInt16))
	}
	return heads
}

func noise(g *lcg.Generator, n int) []uint8 {
	picture := make([]uint8, n)
	for i := range picture {
		picture[i] = uint8(g.Next(256))
	}
	return picture
}

// Every backend encodes as the definitions say, models with layers of any number included.
func TestEncode(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	dense := model.Synthetic() // which reads the picture
	dense.Encoder = []model.Int8Layer{{
		Layer: model.Layer{Op: model.Dense, Out: [3]int{1, 1, 6}, Target: model.Latent},
		Bias:  make([]int32, 6),
	}}
	g := lcg.Generator(3)
	for range 6 * dense.PictureSize() {
		dense.Encoder[0].Weight = append(dense.Encoder[0].Weight, int8(g.Between(-127, 127)))
	}
	for i := range 6 {
		// The last ones clamp
		dense.Encoder[0].Scale = append(dense.Encoder[0].Scale, float32(i+1)/64)
	}
	for name, m := range map[string]*model.Model{"synthetic": model.Synthetic(), "synthetic-leaky": model.SyntheticLeaky(), "dense": dense} {
		g := lcg.Generator(5)
		var pictures [][]uint8
		for range 3 {
			pictures = append(pictures, noise(&g, m.PictureSize()))
		}
		pictures = append(pictures, bytes.Repeat([]byte{255}, m.PictureSize()), make([]byte, m.PictureSize()))
		for _, b := range kernels.Backends() {
			e, err := NewOn(m, b)
			if err != nil {
				t.Fatal(err)
			}
			code, mean, logVar := make([]int16, m.Latent), make([]int16, m.Latent), make([]int16, m.Latent)
			for i, picture := range pictures {
				want := reference(m, picture)
				before := slices.Clone(picture)
				e.Encode(code, picture)
				e.Posterior(mean, logVar, picture)
				if !slices.Equal(code, want[:m.Latent]) || !slices.Equal(slices.Concat(mean, logVar), want) {
					t.Errorf("%s on %v, picture %d: code %v, posterior %v %v, want %v", name, b, i, code, mean, logVar, want)
				}
				if !bytes.Equal(picture, before) {
					t.Errorf("%s on %v: the picture was written to", name, b)
				}
			}
		}
	}
}

func TestGolden(t *testing.T) {
	models := map[string]*model.Model{"synthetic": model.Synthetic(), "synthetic-leaky": model.SyntheticLeaky()}
	for _, name := range decoders.Names() {
		d, err := decoder.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Open(name, d)
		if errors.Is(err, ErrNone) && errors.Is(err, ErrBuiltIn) && name == "gan" { // a generator
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		models[name] = m
	}
	for name, m := range models {
		want, ok := Golden(name)
		if !ok {
			t.Errorf("the encoder of %s has no golden hash", name)
		}
		for _, b := range kernels.Backends() {
			if got, err := Hash(m, b); err != nil || got != want {
				t.Errorf("%s on %v: hash %s, %v; want %s", name, b, got, err, want)
			}
		}
	}
	if _, ok := Golden("nosuch"); ok {
		t.Error("a golden hash of no model")
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	m := model.Synthetic()
	e, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	picture, code := make([]uint8, m.PictureSize()), make([]int16, m.Latent)
	if n := testing.AllocsPerRun(5, func() { e.Encode(code, picture) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMisusePanics(t *testing.T) {
	m := model.Synthetic()
	e, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	code, picture := make([]int16, m.Latent), make([]uint8, m.PictureSize())
	for name, run := range map[string]func(){
		"code":    func() { e.Encode(code[1:], picture) },
		"picture": func() { e.Encode(code, picture[1:]) },
		"log_var": func() { e.Posterior(code, code[1:], picture) },
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

func TestMACs(t *testing.T) {
	m := model.Synthetic()
	e, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.MACs(), 21*17*9*3*16+19*15*9*16*11+19*15*11*13+13*6; got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
}

// alone is the encoder of a model alone.
func alone(d *model.Model) *model.Model {
	m := *d
	m.DecoderSum = d.DecoderDigest()
	m.Decoder, m.Table, m.Concepts = nil, nil, nil
	return &m
}

func TestOpen(t *testing.T) {
	whole := model.Synthetic()
	d := model.Synthetic()
	d.Encoder = nil
	dir := t.TempDir()
	path, file := filepath.Join(dir, "decoder.safetensors"), filepath.Join(dir, File)
	write := func(m *model.Model) {
		t.Helper()
		data, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(name, want string) {
		t.Helper()
		if _, err := Open(path, d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	refused("no file", "there is no "+file)

	write(alone(whole))
	m, err := Open(path, d)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, whole) || m == d || d.Encoder != nil {
		t.Error("not the whole model, in a copy")
	}
	if _, err := New(m); err != nil {
		t.Error(err)
	}
	if _, err := decoder.New(m); err != nil {
		t.Errorf("a decoder of the whole model: %v", err)
	}
	if m, err := Open("anywhere", whole); err != nil || m != whole {
		t.Errorf("the encoder of a file that has both: %v", err)
	}

	for name, change := range map[string]func(m *model.Model){
		"weight":       func(m *model.Model) { m.Decoder[1].Weight[7] ^= 1 },
		"bias":         func(m *model.Model) { m.Decoder[0].Bias[7]++ },
		"scale":        func(m *model.Model) { m.Decoder[2].Scale[1] /= 2 },
		"name":         func(m *model.Model) { m.Name = "other" },
		"latent steps": func(m *model.Model) { m.LatentSteps++ },
	} {
		other := model.Synthetic()
		change(other)
		write(alone(other))
		refused(name, "belongs to another decoder")
	}
	other := model.Synthetic()
	other.Decoder[1].Weight[7] ^= 1
	write(other)
	refused("another whole model", "belongs to another decoder")
	write(whole)
	if m, err := Open(path, d); err != nil || !reflect.DeepEqual(m, whole) {
		t.Errorf("beside a file that has both: %v", err)
	}
	if _, err := Open(path, alone(whole)); err == nil || !strings.Contains(err.Error(), "synthetic has an encoder alone") {
		t.Errorf("for an encoder alone: %v", err)
	}
	write(d)
	refused("a decoder", "has no encoder, but a decoder")
	if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("no weights", "not a weights file")
	if _, err := New(d); err == nil {
		t.Error("an encoder of a decoder was made")
	}
}

// A model that was made in the program, not read from a file, is checked as well.
func TestNewChecks(t *testing.T) {
	for name, change := range map[string]func(m *model.Model){
		"weight of -128": func(m *model.Model) { m.Encoder[1].Weight[5] = -128 },
		"no edges":       func(m *model.Model) { m.Encoder[0].Edges = nil },
		"missing weight": func(m *model.Model) { m.Encoder[2].Weight = m.Encoder[2].Weight[1:] },
		"scale of zero":  func(m *model.Model) { m.Encoder[3].Scale[0] = 0 },
		"target":         func(m *model.Model) { m.Encoder[3].Target = model.ReLU },
	} {
		m := alone(model.Synthetic())
		m.Encoder = slices.Clone(m.Encoder)
		if change(m); m.Check() == nil {
			t.Errorf("%s: Check has nothing against it", name)
		}
		if _, err := New(m); err == nil {
			t.Errorf("%s: an encoder was made", name)
		}
	}
}

// FuzzParse: an encoder that Parse accepts encodes, the same on every backend.
func FuzzParse(f *testing.F) {
	m := model.Synthetic()
	for _, m := range []*model.Model{m, alone(m)} {
		data, err := m.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint32(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint32) {
		m, err := model.Parse(data)
		if err != nil || len(m.Encoder) == 0 {
			return
		}
		g := lcg.Generator(seed)
		checkBackends(t, m, noise(&g, m.PictureSize()))
	})
}

// FuzzTensors changes tensors of an encoder, which a checksum would reveal in a file: whatever
// Check accepts encodes, the same on every backend.
func FuzzTensors(f *testing.F) {
	f.Add(uint8(0), uint16(3), int8(127), int32(5), float32(0.01), uint32(1))
	f.Add(uint8(2), uint16(40000), int8(-127), int32(math.MaxInt32), float32(0.25), uint32(2))
	f.Add(uint8(3), uint16(5), int8(1), int32(-1<<30), float32(0x1p-31), uint32(3))
	f.Fuzz(func(t *testing.T, layer uint8, at uint16, weight int8, bias int32, scale float32, seed uint32) {
		m := model.Synthetic()
		l := &m.Encoder[int(layer)%len(m.Encoder)]
		for k := range 64 {
			l.Weight[(int(at)+k)%len(l.Weight)] = weight
		}
		l.Bias[int(at)%len(l.Bias)], l.Scale[int(at)%len(l.Scale)] = bias, scale
		if m.Check() != nil {
			return
		}
		g := lcg.Generator(seed)
		checkBackends(t, m, noise(&g, m.PictureSize()))
	})
}

func checkBackends(t *testing.T, m *model.Model, picture []uint8) {
	t.Helper()
	var want []int16
	for _, b := range kernels.Backends() {
		e, err := NewOn(m, b)
		if err != nil {
			t.Fatalf("accepted, but cannot be encoded: %v", err)
		}
		e.run(m.Latent, picture)
		if want == nil {
			want = slices.Clone(e.heads)
		}
		if !slices.Equal(e.heads, want) {
			t.Fatalf("%v gives %v, generic %v", b, e.heads, want)
		}
	}
}
