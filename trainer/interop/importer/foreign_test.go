package importer_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/interop/keras"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

// foreign names a folder of decoders that other programs have written, NAME.onnx, with points,
// NAME.z.f32, and what another program draws there, NAME.out.f32: see .ci/interop.
const foreign = "VAE_EDGE_INTEROP"

// What is folded gives the pixels that onnxruntime does, within 1e-5 of their range, and int8 draws
// nearly the same.
func TestForeign(t *testing.T) {
	dir := os.Getenv(foreign)
	if dir == "" {
		t.Skip(foreign + " names no folder of decoders")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no decoders in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(importer.NameOf(file), func(t *testing.T) {
			s, err := importer.Open(importer.Options{File: file})
			if errors.Is(err, linear.ErrBare) {
				s, err = importer.Open(importer.Options{File: file, Graph: fold.Options{Logits: true}})
			}
			if err != nil {
				t.Fatal(err)
			}
			sameFloat(t, s, strings.TrimSuffix(file, ".onnx"))
			inInt8(t, s, "int8")
			if slices.ContainsFunc(s.Network.Layers, func(l linear.Layer) bool { return l.To == linear.Leaky }) {
				if err := s.Split(); err != nil {
					t.Fatal(err)
				}
				inInt8(t, s, "leaky ReLU by two channels")
			}
		})
	}
}

// sameFloat holds the float decoder to what another program draws at points, both in files that
// begin so.
func sameFloat(t *testing.T, s *importer.Source, base string) {
	t.Helper()
	z, want := floats(t, base+".z.f32"), floats(t, base+".out.f32")
	n, size := len(z)/s.Latent(), len(s.Network.Place)
	if len(want) != n*size {
		t.Fatalf("%d values for %d points, want %d", len(want), n, n*size)
	}
	logits := make([]float32, len(want))
	nn.NewRunner(s.Float, parallel.New(2), nil).Outputs(logits, z)
	most := 0.0
	for i := range n {
		for k, p := range s.Network.Place {
			got, w := sigmoid(float64(logits[i*size+int(p)])), float64(want[i*size+k])
			if s.Network.Factor == 0 {
				w = sigmoid(w)
			} else {
				w = (w - s.Network.Offset) / s.Network.Factor
			}
			most = max(most, math.Abs(got-w))
		}
	}
	t.Logf("%d values: largest difference %.2g", len(want), most)
	if !(most <= 1e-5) {
		t.Errorf("it differs by %.3g, more than 1e-5", most)
	}
}

// inInt8 says how near int8 comes to a float decoder.
func inInt8(t *testing.T, s *importer.Source, what string) {
	t.Helper()
	points := 8000
	if s.Float.Stack.MACs(s.Float.In) > 3e7 { // which takes minutes
		points = 4000
	}
	q, err := s.Quantize("foreign", points, quantize.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	score, err := s.Measure(q, 500, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: PSNR %.1f dB, worst picture %.1f dB, largest difference %d, %.2f million MACs", what, score.PSNR, score.Worst, score.Most, float64(q.MACs())/1e6)
	if !(score.PSNR >= 40) || score.Flat {
		t.Errorf("int8 has a PSNR of %.1f dB, want 40; flat: %v", score.PSNR, score.Flat)
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func floats(t *testing.T, name string) []float32 {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}

// Whatever is cropped off what a transposed convolution gives: it is what onnxruntime crops, or
// refused.
func TestForeignEdges(t *testing.T) {
	dir := os.Getenv(foreign)
	if dir == "" {
		t.Skip(foreign + " names no folder of decoders")
	}
	files, err := filepath.Glob(filepath.Join(dir, "edges", "*.onnx"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no graphs in %s: %v", dir, err)
	}
	refused := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := onnx.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		f, err := fold.Follow(g, fold.Options{})
		if err != nil {
			refused++
			t.Logf("refused: %s: %v", filepath.Base(file), err)
			continue
		}
		base := strings.TrimSuffix(file, ".onnx")
		z, want := floats(t, base+".z.f32"), floats(t, base+".out.f32")
		const dims = 3
		var got []float64
		for i := range len(z) / dims {
			got = append(got, f.Values([]float64{float64(z[i*dims]), float64(z[i*dims+1]), float64(z[i*dims+2])})...)
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d values of shape %v, want %d", file, len(got), f.Dims, len(want))
			continue
		}
		for i, w := range want {
			if !(math.Abs(got[i]-float64(w)) < 1e-6) {
				t.Errorf("%s: value %d is %v, want %v", file, i, got[i], w)
				break
			}
		}
	}
	if refused > len(files)/2 {
		t.Errorf("%d of %d are refused", refused, len(files))
	}
}

// The same of a decoder that TensorFlow.js has written, and of small models of all kernels,
// strides, paddings and layers.
func TestForeignKeras(t *testing.T) {
	dir := os.Getenv(foreign)
	if dir == "" {
		t.Skip(foreign + " names no folder of decoders")
	}
	dir = filepath.Join(dir, "keras")
	files, err := filepath.Glob(filepath.Join(dir, "edges", "*", "model.json"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d models in %s: %v", len(files), dir, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Dir(file)
		m, err := keras.Parse(data, func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(base, name)) })
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Follow()
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		const dims = 3
		z, want := floats(t, base+".z.f32"), floats(t, base+".out.f32")
		var got []float64
		for i := range len(z) / dims {
			got = append(got, f.Values([]float64{float64(z[i*dims]), float64(z[i*dims+1]), float64(z[i*dims+2])})...)
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d values of shape %v, want %d", base, len(got), f.Dims, len(want))
			continue
		}
		for i, w := range want {
			if !(math.Abs(got[i]-float64(w)) < 2e-6) {
				t.Errorf("%s: value %d is %v, want %v", base, i, got[i], w)
				break
			}
		}
	}
	t.Run("vae", func(t *testing.T) {
		s, err := importer.Open(importer.Options{File: filepath.Join(dir, "vae", "model.json")})
		if err != nil {
			t.Fatal(err)
		}
		sameFloat(t, s, filepath.Join(dir, "vae"))
		inInt8(t, s, "int8")
		// The same weights as NumPy saves them
		list := filepath.Join(t.TempDir(), "layers.json")
		if err := os.WriteFile(list, []byte(kerasLayers), 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := importer.Open(importer.Options{File: filepath.Join(filepath.Dir(dir), "keras.npz"), Layers: list})
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range s.Float.Layers {
			if g := a.Float.Layers[i]; !slices.Equal(g.Weight, l.Weight) || !slices.Equal(g.Bias, l.Bias) {
				t.Errorf("layer %d of arrays is another", i)
			}
		}
	})
}

// kerasLayers is the decoder of Keras's example of a VAE.
const kerasLayers = `{
  "layout": "keras", "image": [28, 28, 1], "latent": 2,
  "decoder": [
    {"name": "dense", "op": "dense", "out": 64},
    {"name": "conv2d_transpose", "op": "conv_transpose", "kernel": 3, "stride": 2, "out": 64},
    {"name": "conv2d_transpose_1", "op": "conv_transpose", "kernel": 3, "stride": 2, "out": 32},
    {"name": "conv2d_transpose_2", "op": "conv_transpose", "kernel": 3}
  ]
}`
