package onnxwrite

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// TestBound: no sum of an accumulator's terms is larger than the bound, and one is as large, for
// every phase of a transposed convolution apart.
func TestBound(t *testing.T) {
	in := [3]int{2, 2, 1}
	l := model.Int8Layer{
		Layer: model.Layer{Op: model.ConvTranspose, Kernel: 3, Stride: 2, Edges: &kernels.Edges{0, 1, 0, 1}, Out: [3]int{4, 4, 1}},
		// The even rows and columns of the kernel meet in one phase, its middle is one by itself.
		Weight: []int8{1, 10, -1, 20, 100, 20, 1, 10, 1}, Bias: []int32{-5}, Scale: []float32{1},
	}
	if got, want := bound(&l, in, 127), int64(5+100*127); got != want {
		t.Errorf("transposed: %d, want %d", got, want)
	}
	l.Op = model.Conv
	if got, want := bound(&l, in, 127), int64(5+164*127); got != want {
		t.Errorf("plain: %d, want %d", got, want)
	}
	l.Layer = model.Layer{Op: model.Dense, Out: [3]int{1, 1, 1}}
	if got, want := bound(&l, in, 32768), int64(5+164*32768); got != want {
		t.Errorf("dense: %d, want %d", got, want)
	}
}

// loud returns a model whose layers each reach beyond 2^24 if they are told to.
func loud(dense, conv bool) *model.Model {
	const channels = 160
	m := &model.Model{
		Name: "loud", Latent: 8, LatentSteps: model.LatentSteps, Image: [3]int{2, 2, 1}, Table: new([kernels.TableSize]uint8),
		Decoder: []model.Int8Layer{
			{Layer: model.Layer{Op: model.Dense, Out: [3]int{2, 2, channels}, Target: model.ReLU}, Weight: make([]int8, 4*channels*8), Bias: make([]int32, 4*channels), Scale: make([]float32, channels)},
			{
				Layer:  model.Layer{Op: model.Conv, Kernel: 3, Stride: 1, Edges: &kernels.Edges{1, 1, 1, 1}, Out: [3]int{2, 2, 1}, Target: model.Pixels},
				Weight: make([]int8, 9*channels), Bias: make([]int32, 1), Scale: make([]float32, 1),
			},
		},
	}
	for i, loud := range []bool{dense, conv} {
		l := &m.Decoder[i]
		for k := range l.Weight {
			l.Weight[k] = 1
			if loud {
				l.Weight[k] = 127
			}
		}
		for k := range l.Scale {
			l.Scale[k] = 1e-4
		}
	}
	return m
}

// TestExactRange: a dense layer beyond 2^24 computes in float64, a convolution is refused by its
// name.
func TestExactRange(t *testing.T) {
	quiet, err := Exact(loud(false, false))
	if err != nil {
		t.Fatal(err)
	}
	const values = 4*160*8 + 4*160 // weights and biases of the dense layer
	wide, err := Exact(loud(true, false))
	if err != nil || len(wide) < len(quiet)+4*values {
		t.Errorf("%v, %d bytes, and %d in float32", err, len(wide), len(quiet))
	}
	_, err = Exact(loud(false, true))
	if !errors.Is(err, ErrInexact) || !strings.Contains(err.Error(), "decoder.1, conv to pixels: an accumulator can reach 23225760") {
		t.Error(err)
	}
}

// TestRefused: what has no ONNX is refused by the layer's name.
func TestRefused(t *testing.T) {
	g := graph{prefix: "decoder.1"}
	at := inputName
	l := model.Layer{Op: "attention", Target: model.ReLU}
	if err := g.sums(&l, false, &at, "", ""); err == nil || !strings.Contains(err.Error(), "decoder.1: there is no ONNX for the operation attention") {
		t.Error(err)
	}
	if _, err := Exact(&model.Model{Name: "none"}); err == nil {
		t.Error("nothing is written")
	}
}

// TestBuiltIn: a built-in model can be written, the same each time.
func TestBuiltIn(t *testing.T) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Exact(m)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Exact(m); err != nil || !bytes.Equal(a, b) {
		t.Error("another file, ", err)
	}
}
