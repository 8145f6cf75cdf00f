package run

import (
	"bytes"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// TestPreparation: what prepares a decoder for int8, by loss, weight of the KL term, steps and
// network.
func TestPreparation(t *testing.T) {
	leaky, shallow := modeltest.Foreign(), model.Network{Decoder: model.Stack{{Op: model.Dense}}}
	for _, c := range []struct {
		loss   vae.Loss
		weight float64
		steps  int
		layers *model.Network

		noise, within, rate float64
	}{
		{vae.LossELBO, 1, 9_999, nil, 0, 0, 1},
		{vae.LossELBO, 1, 10_000, nil, vae.DefaultQuantizationNoise, 0, 1},
		{vae.LossELBO, 0.9, 10_000, nil, 0, 0, 1},
		{vae.LossELBO, 1, 10_000, &leaky, 0, 0, 1},
		{vae.LossBook, 30, 10_000, nil, 0, 0, 1},
		{vae.LossSigma, 1, 1, nil, 1, 2.5, 0.15},
		{vae.LossSigma, 0.9, 1, nil, 0, 0, 1},
		{vae.LossSigma, 1, 1, &leaky, 0, 0, 1},
		{vae.LossSigma, 1, 1, &shallow, 0, 0, 1},
	} {
		of := Config{Loss: string(c.loss), KLWeight: c.weight, Layers: c.layers}
		if noise, within, rate := of.quantizationNoise(c.steps), of.weightRange(), of.int8Rate(); noise != c.noise || within != c.within || rate != c.rate {
			t.Errorf("%s, KL weight %v, %d steps: noise %v, weights within %v, rate %v; want %v, %v, %v", c.loss, c.weight, c.steps, noise, within, rate, c.noise, c.within, c.rate)
		}
	}
}

// TestGlance: MNIST's test images are all looked at, and of pictures in colour some of every part.
func TestGlance(t *testing.T) {
	set := func(n, side, channels int) *dataset.Set {
		s := &dataset.Set{N: n, Height: side, Width: side, Channels: channels}
		for i := range n {
			s.Images = append(s.Images, bytes.Repeat([]byte{byte(i * 200 / n)}, side*side*channels)...)
		}
		return s
	}
	if s := set(10_000, 28, 1); len(glance(s)) != len(s.Images) {
		t.Errorf("%d bytes of %d are looked at", len(glance(s)), len(s.Images))
	}
	if s := set(40, 64, 3); !bytes.Equal(glance(s), s.Images) {
		t.Error("not all of 40 images are looked at")
	}
	for _, c := range []struct{ side, n, want int }{{64, 3000, 682}, {128, 700, 500}} {
		s := set(c.n, c.side, 3)
		size := c.side * c.side * 3
		seen := glance(s)
		if len(seen) != c.want*size {
			t.Fatalf("%d bytes of images of %d are looked at, want %d images", len(seen), size, c.want)
		}
		parts := map[byte]int{} // the images have 200 grey levels
		for i := range c.want {
			parts[seen[i*size]]++
		}
		for part := range 200 {
			if n := parts[byte(part)]; n < c.want/200 || n > c.want/200+1 {
				t.Errorf("of part %d of 200 %d images are looked at", part, n)
			}
		}
	}
}
