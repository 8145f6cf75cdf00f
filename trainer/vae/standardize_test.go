package vae

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestStandardize(t *testing.T) {
	c := Config{Height: 8, Width: 8, Channels: 1, Latent: 3, Hidden: 5, Loss: LossELBO}
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range m.Params() {
		if len(p.Shape) == 1 { // biases, which New leaves at zero
			for i := range p.Data {
				p.Data[i] = float32(r.NormFloat64())
			}
		}
	}
	const n = 40
	images := make([]byte, n*c.Pixels())
	for i := range images {
		images[i] = byte(r.IntN(256))
	}
	runner := NewRunner(m, 1, nil)
	mean, logVar := make([]float32, n*c.Latent), make([]float32, n*c.Latent)
	logits := func() []float32 {
		runner.Encode(mean, logVar, images)
		l := make([]float32, len(images))
		runner.DecodeLogits(l, mean)
		return l
	}
	before := logits()
	m.Standardize(runner, images)
	for i, l := range logits() {
		if math.Abs(float64(l-before[i])) > 1e-4 {
			t.Fatalf("logit %d was %v and is %v", i, before[i], l)
		}
	}
	for d := range c.Latent {
		var sum, squares float64
		for i := d; i < len(mean); i += c.Latent {
			sum += float64(mean[i])
			squares += float64(mean[i]) * float64(mean[i])
		}
		if math.Abs(sum/n) > 1e-4 || math.Abs(squares/n-1) > 1e-3 {
			t.Errorf("dimension %d has mean %v and mean square %v, want 0 and 1", d, sum/n, squares/n)
		}
	}
}
