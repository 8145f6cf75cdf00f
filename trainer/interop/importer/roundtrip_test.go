package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
	"github.com/vae-edge/vae-edge/trainer/interop/onnxwrite"
	"github.com/vae-edge/vae-edge/trainer/interop/statedict"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// What is exported comes back as it was: every float32 weight, and so the int8 decoder and how near
// it is, by way of ONNX and of safetensors with a list of layers.
func TestRoundTrip(t *testing.T) {
	for name, n := range map[string]model.Network{"book": modeltest.Book(8, 12, 1, 2, 8), "deep": modeltest.Deep(), "foreign": modeltest.Foreign()} {
		t.Run(name, func(t *testing.T) {
			m, err := vae.New(vae.Config{Network: n, Loss: vae.LossELBO, KLWeight: 1}, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Params() { // biases, too; and pictures that differ
				for i := range p.Data {
					p.Data[i] = 2*p.Data[i] + float32(i%7-3)/32
				}
			}
			want := &importer.Source{Float: m.Decoder}
			data, err := onnxwrite.Float(m.Decoder, name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := importer.Parse(data, fold.Options{})
			if err != nil {
				t.Fatal(err)
			}
			back(t, "ONNX", got, want)

			weights, err := statedict.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			layers, err := statedict.Layers(n)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file, list := filepath.Join(dir, "a.safetensors"), filepath.Join(dir, "a.json")
			for name, data := range map[string][]byte{file: weights, list: layers} {
				if err := os.WriteFile(name, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err = importer.Open(importer.Options{File: file, Layers: list}); err != nil {
				t.Fatal(err)
			}
			back(t, "safetensors", got, want)
			if !slices.Equal(got.Whole.Encoder.Layers[0].Weight, m.Encoder.Layers[0].Weight) {
				t.Error("the encoder is another")
			}
		})
	}
}

// back holds what has come back to what it was.
func back(t *testing.T, way string, got, want *importer.Source) {
	t.Helper()
	if len(got.Float.Layers) != len(want.Float.Layers) {
		t.Fatalf("%s: layers %v, want %v", way, got.Float.Stack, want.Float.Stack)
	}
	same := func(a, b nn.Layer) bool {
		return slices.Equal(a.Weight, b.Weight) && slices.Equal(a.Bias, b.Bias) && a.Op == b.Op && a.Out == b.Out && a.Target == b.Target && a.Slope == b.Slope &&
			(a.Op == model.Dense || *a.Edges == *b.Edges && a.Stride == b.Stride)
	}
	for i, l := range want.Float.Layers {
		if g := got.Float.Layers[i]; !same(g, l) {
			t.Errorf("%s: layer %d is another", way, i)
		}
	}
	var files [2][]byte
	var psnr [2]float64
	for i, s := range []*importer.Source{got, want} {
		q, err := s.Quantize("back", 0, quantize.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if files[i], err = q.Marshal(); err != nil {
			t.Fatal(err)
		}
		score, err := s.Measure(q, 50, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		psnr[i] = score.PSNR
	}
	if !bytes.Equal(files[0], files[1]) || psnr[0] != psnr[1] || psnr[0] < 25 {
		t.Errorf("%s: another int8 decoder, PSNR %.2f dB and %.2f before", way, psnr[0], psnr[1])
	}
}

// The int8 decoder in ONNX has been rounded already: it is refused, not rounded again.
func TestExactIsRefused(t *testing.T) {
	data, err := onnxwrite.Exact(model.SyntheticDense())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = importer.Parse(data, fold.Options{}); err == nil || !strings.Contains(err.Error(), "the int8 arithmetic does not have: Round") {
		t.Errorf("error %v", err)
	}
}
