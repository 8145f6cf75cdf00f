package importer_test

import (
	"math"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

// A decoder becomes one in int8 that draws nearly the same; a worse one is found to be worse.
func TestImport(t *testing.T) {
	s, err := importer.Parse(onnxtest.Decoder(), fold.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Latent() != 2 || s.Network.Image != [3]int{8, 8, 1} {
		t.Errorf("%d dimensions, a picture of %v", s.Latent(), s.Network.Image)
	}
	found := strings.Join(s.Found, "; ")
	if want := `Gemm "dense", weights [64 2]; Relu "relu"; Reshape "maps"; ConvTranspose "up", weights [4 1 4 4], pads [1 1 1 1], strides [2 2]; Sigmoid "pixels"`; found != want {
		t.Errorf("found %s, want %s", found, want)
	}
	names := ""
	for _, l := range s.Summary() {
		names += l.Name + " "
	}
	if names != "dense reshape conv_transpose " {
		t.Errorf("layers %s", names)
	}
	q, err := s.Quantize("a-name", 640, quantize.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	score, err := s.Measure(q, 100, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !(score.PSNR > 40) || !(score.Worst <= score.PSNR) || score.Points != 100 || score.Flat || score.Most < 1 {
		t.Errorf("figures %+v", score)
	}
	// A sheet of 24 in 8 columns: three rows of two
	if b := score.Sheet().Bounds(); b.Dx() < 8*56 || b.Dy() < 6*56 {
		t.Errorf("a sheet of %v", b)
	}
	// However few points it learns at, it does not become worse than with none.
	least := 0.0
	for _, points := range []int{0, 1, 64} {
		q, err := s.Quantize("few", points, quantize.Options{Seed: 3, Rate: 3})
		if err != nil {
			t.Fatal(err)
		}
		few, err := s.Measure(q, 500, 0, 9)
		if err != nil {
			t.Fatal(err)
		}
		if least = max(least, few.PSNR-0.5); !(few.PSNR >= least) {
			t.Errorf("after %d points the PSNR is %v, and was %v", points, few.PSNR, least)
		}
	}
	last := &q.Decoder[len(q.Decoder)-1]
	for i := range last.Bias {
		last.Bias[i] += 3000
	}
	worse, err := s.Measure(q, 3, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !(worse.PSNR < score.PSNR-3) || math.IsInf(worse.Worst, 0) {
		t.Errorf("the worse one has a PSNR of %v, the other %v", worse.PSNR, score.PSNR)
	}
	worse.Sheet()
}

func TestNameOf(t *testing.T) {
	for file, want := range map[string]string{
		"decoder.onnx": "decoder", "a/My VAE (final).ONNX": "my-vae-final", "v1.2.onnx": "v1-2", "Größe.onnx": "gr-e", "---.onnx": "imported", "": "imported",
		strings.Repeat("x", 99): strings.Repeat("x", 64),
	} {
		if got := importer.NameOf(file); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
}
