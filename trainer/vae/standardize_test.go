package vae

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/model/modeltest"
)

func TestStandardize(t *testing.T) {
	for _, c := range []Config{
		{Loss: LossELBO, KLWeight: 1}, {Loss: LossBook, KLWeight: 0.5}, {Loss: LossELBO},
	} {
		c.Network = modeltest.Book(8, 8, 1, 3, 5)
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
		before := runner.Evaluate(images, 5)
		m.Standardize(runner, images)
		after := runner.Evaluate(images, 5)
		if math.Abs(after.Reconstruction-before.Reconstruction) > 1e-4*before.Reconstruction {
			t.Errorf("%+v: the reconstruction was %v and is %v", c, before.Reconstruction, after.Reconstruction)
		}
		if after.KL > before.KL || !c.classical() && after.KL > 0.99*before.KL {
			t.Errorf("%+v: KL was %v and is %v", c, before.KL, after.KL)
		}
		mean, logVar := runner.Encode(images)
		for d := range c.Latent {
			var sum, squares float64
			for i := d; i < len(mean); i += c.Latent {
				s := m.Deviation(logVar[i])
				sum += float64(mean[i])
				squares += float64(mean[i])*float64(mean[i]) + s*s
			}
			if math.Abs(sum/n) > 1e-4 || math.Abs(squares/n-1) > 1e-3 {
				t.Errorf("%+v: dimension %d has mean %v and mean square %v, want 0 and 1", c, d, sum/n, squares/n)
			}
		}
	}
}
