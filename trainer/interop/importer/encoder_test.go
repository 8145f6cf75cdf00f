package importer_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
	"github.com/vae-edge/vae-edge/trainer/interop/onnxwrite"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// exported returns a built-in model and the files of its halves.
func exported(t *testing.T, name string) (p *pair.Pair, decoder, encoder []byte) {
	t.Helper()
	p, err := pair.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if decoder, err = onnxwrite.Float(p.Float.Decoder, name); err == nil {
		encoder, err = onnxwrite.Encoder(p.Float.Encoder, name, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, decoder, encoder
}

// An autoencoder that leaves as two graphs comes back with the same weights.
func TestEncoder(t *testing.T) {
	for _, name := range []string{"mnist-2", "faces"} {
		p, decoder, graph := exported(t, name)
		s, err := importer.Parse(decoder, fold.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ParseEncoder(graph, nil); err != nil {
			t.Fatal(err)
		}
		want := p.Float.Params()
		for i, got := range s.Whole.Params() {
			for k, v := range got.Data {
				if v != want[i].Data[k] {
					t.Fatalf("%s: weight %d of %s is %v, want %v", name, k, got.Name, v, want[i].Data[k])
				}
			}
		}
	}
}

// The int8 encoder learns from what the decoder draws, or from the images that are given; the int8
// decoder then at their codes.
func TestImages(t *testing.T) {
	_, decoder, graph := exported(t, "mnist-2")
	train, test, err := mnist.EmbeddedFirst(300, 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []bool{false, true} {
		s, err := importer.Parse(decoder, fold.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetImages(train.Images, test.Images, test.Shape()); err == nil || !strings.Contains(err.Error(), "need an encoder") {
			t.Errorf("images without an encoder: %v", err)
		}
		if err := s.ParseEncoder(graph, nil); err != nil {
			t.Fatal(err)
		}
		points := "points of the prior"
		if given {
			points = "codes of the images"
			if err := s.SetImages(train.Images, test.Images, [3]int{14, 14, 4}); err == nil || !strings.Contains(err.Error(), "the decoder draws 28 x 28") {
				t.Errorf("images of another size: %v", err)
			}
			if err := s.SetImages(train.Images, test.Images, test.Shape()); err != nil {
				t.Fatal(err)
			}
		}
		if s.Points() != points {
			t.Errorf("it learns at %s, want %s", s.Points(), points)
		}
		q, err := s.Quantize("again", 0, quantize.Options{Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		score, err := s.Measure(q, 300, 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{false: 300, true: 200}[given]; score.Points != want || !(score.PSNR > 35) {
			t.Errorf("%s: %d points, PSNR %.1f dB; want %d", points, score.Points, score.PSNR, want)
		}
		dir := t.TempDir()
		if err := s.Write(dir, q, 0, 2); err != nil {
			t.Fatal(err)
		}
		again, err := pair.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		e, err := encoder.Open(filepath.Join(dir, encoder.File), again.Int8)
		if err != nil {
			t.Fatal(err)
		}
		r, err := quantize.EvaluateEncoder(again.Float, e, test.Images, 0)
		if err != nil {
			t.Fatal(err)
		}
		if most := map[bool]float64{false: 1.2, true: 0.3}[given]; !(r.Posterior < most) {
			t.Errorf("%s: the int8 encoder's means are %.2f standard deviations off", points, r.Posterior)
		}
	}
}

// Halves of two models are found out, and means taken for variances.
func TestStranger(t *testing.T) {
	_, decoder, graph := exported(t, "mnist-2")
	s, err := importer.Parse(decoder, fold.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ParseEncoder(graph, []string{"log_var", "mean"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(0); !errors.Is(err, importer.ErrStranger) {
		t.Errorf("variances for means: %v", err)
	}
	m, err := vae.New(s.Whole.Config, 3)
	if err != nil {
		t.Fatal(err)
	}
	if graph, err = onnxwrite.Encoder(m.Encoder, "other", false); err != nil {
		t.Fatal(err)
	}
	if err := s.ParseEncoder(graph, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(0); !errors.Is(err, importer.ErrStranger) {
		t.Errorf("another model's encoder: %v", err)
	}
}

// Codes that are given take the place of the prior's points.
func TestCodes(t *testing.T) {
	s, err := importer.Parse(onnxtest.Decoder(), fold.Options{})
	if err != nil {
		t.Fatal(err)
	}
	random := func(rows, columns int) arrays.Array {
		a := arrays.Array{Shape: []int{rows, columns}, Data: make([]float32, rows*columns)}
		rng := rand.New(rand.NewPCG(1, 1))
		for i := range a.Data {
			a.Data[i] = 3 + float32(rng.NormFloat64())
		}
		return a
	}
	far := random(200, 2)
	far.Data[33] = 15.5
	for name, c := range map[string]struct {
		a    arrays.Arrays
		want string
	}{
		"of other dimensions": {arrays.Arrays{"codes": random(200, 3)}, "shape [N, 2]"},
		"two":                 {arrays.Arrays{"a": random(200, 2), "b": random(200, 2)}, "shape [N, 2]"},
		"too few":             {arrays.Arrays{"codes": random(99, 2)}, "99 latent points are too few, 100 are the least"},
		"too far":             {arrays.Arrays{"codes": far}, "point 16 has the coordinate 15.5, and the board's points reach from -15 to 15"},
	} {
		if err := s.SetCodes(c.a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := s.SetCodes(arrays.Arrays{"codes": random(400, 2), "means": random(400, 2), "labels": random(400, 1)}); err != nil {
		t.Fatal(err)
	}
	q, err := s.Quantize("codes", 640, quantize.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	there, err := s.Measure(q, 1000, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if there.Points != 40 || s.Points() != "given codes" || !(there.PSNR > 40) {
		t.Errorf("%d %s, PSNR %.1f dB", there.Points, s.Points(), there.PSNR)
	}
	// One that has learnt at the prior's points, where hardly any of these lie, is worse there.
	prior, err := importer.Parse(onnxtest.Decoder(), fold.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := prior.Quantize("prior", 640, quantize.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	worse, err := s.Measure(other, 1000, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !(worse.PSNR < there.PSNR) || math.IsNaN(worse.PSNR) {
		t.Errorf("learnt at the prior's points %.1f dB, at these %.1f", worse.PSNR, there.PSNR)
	}

	file := filepath.Join(t.TempDir(), "codes.npy")
	data := append([]byte("\x93NUMPY\x01\x00\x36\x00{'descr': '<f4', 'fortran_order': False, 'shape': (100, 2), }"), make([]byte, 800)...)
	data[8] = byte(len("{'descr': '<f4', 'fortran_order': False, 'shape': (100, 2), }"))
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	graph := filepath.Join(t.TempDir(), "decoder.onnx")
	if err := os.WriteFile(graph, onnxtest.Decoder(), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err = importer.Open(importer.Options{File: graph, Codes: file}); err != nil || s.Points() != "given codes" {
		t.Errorf("a file of NumPy's: %v", err)
	}
}
