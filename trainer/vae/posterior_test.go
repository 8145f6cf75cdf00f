package vae

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// posteriorModel is a small model with biases, so that no posterior is the prior, and images for
// it.
func posteriorModel(t *testing.T, loss Loss, latent, images int) (*Model, []byte) {
	t.Helper()
	m, err := New(Config{Network: modeltest.Book(4, 6, 1, latent, 5), Loss: loss, KLWeight: 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, p := range m.Params() {
		if len(p.Shape) == 1 {
			for i := range p.Data {
				p.Data[i] = rng.Float32() - 0.5
			}
		}
	}
	pixels := make([]byte, images*m.Pixels())
	for i := range pixels {
		pixels[i] = byte(rng.Uint32())
	}
	return m, pixels
}

// normal is the density of the normal distribution.
func normal(x, mean, deviation float64) float64 {
	d := (x - mean) / deviation
	return math.Exp(-d*d/2) / (deviation * math.Sqrt(2*math.Pi))
}

// The bound by its definition, from densities.
func TestImportanceBound(t *testing.T) {
	const images, samples, seed = 37, 21, 9
	for _, loss := range []Loss{LossELBO, LossBook} {
		m, pixels := posteriorModel(t, loss, 3, images)
		r := NewRunner(m, 1, nil)
		mean, logVar := r.Encode(pixels)
		var told []int
		got := r.ImportanceBound(pixels, samples, seed, func(done int) { told = append(told, done) })
		if !slices.Equal(told, []int{16, 32, 37}) {
			t.Errorf("progress was told %v", told)
		}
		for i := range images {
			sum := 0.0
			for k := range samples {
				z, ratio := make([]float32, 3), 1.0
				for d := range z {
					deviation := math.Exp(float64(logVar[i*3+d]) / 2)
					if loss == LossBook {
						deviation = math.Exp(float64(logVar[i*3+d]))
					}
					e := Noise(random.Hash(seed, uint64(k), importanceNoise), i, d)
					z[d] = mean[i*3+d] + float32(deviation)*e
					ratio *= normal(float64(z[d]), 0, 1) / normal(float64(z[d]), float64(mean[i*3+d]), deviation)
				}
				logits := make([]float32, m.Pixels())
				r.DecodeLogits(logits, z)
				sum += ratio * math.Exp(-crossEntropy(nil, logits, pixels[i*m.Pixels():][:m.Pixels()], 0))
			}
			if want := -math.Log(sum / samples); math.Abs(got[i]-want) > 1e-5 {
				t.Errorf("%s: bound %v of image %d, want %v", loss, got[i], i, want)
			}
		}
		if more := NewRunner(m, 3, nil).ImportanceBound(pixels, samples, seed, nil); !slices.Equal(more, got) {
			t.Errorf("%s: three threads give other bounds than one", loss)
		}
	}
}

// With many samples the bound is the likelihood itself, which one latent dimension allows to be
// integrated.
func TestImportanceBoundConverges(t *testing.T) {
	m, pixels := posteriorModel(t, LossELBO, 1, 4)
	// A posterior wider than the prior has no weights that are rare and large.
	_, logVar := m.heads()
	clear(logVar.Weight)
	logVar.Bias[0] = 1
	r := NewRunner(m, 2, nil)
	const steps, far = 2000, 8.0
	z := make([]float32, steps)
	for i := range z {
		z[i] = float32(far * (2*(float64(i)+0.5)/steps - 1))
	}
	logits := make([]float32, steps*m.Pixels())
	r.DecodeLogits(logits, z)
	got := r.ImportanceBound(pixels, 20000, 1, nil)
	single := r.ImportanceBound(pixels, 1, 1, nil)
	better := 0
	for i := range got {
		sum := 0.0
		for k, z := range z {
			cost := crossEntropy(nil, logits[k*m.Pixels():][:m.Pixels()], pixels[i*m.Pixels():][:m.Pixels()], 0)
			sum += math.Exp(-cost) * normal(float64(z), 0, 1) * 2 * far / steps
		}
		want := -math.Log(sum)
		if math.Abs(got[i]-want) > 0.03 {
			t.Errorf("bound %v of image %d, by integration it is %v", got[i], i, want)
		}
		if math.Abs(got[i]-want) < math.Abs(single[i]-want) {
			better++
		}
	}
	if better < 3 {
		t.Errorf("20,000 samples are nearer than one for %d images of 4", better)
	}
}

// Weights whose exponentials are 0 or infinite add up nevertheless.
func TestLogSum(t *testing.T) {
	for _, c := range []struct {
		terms []float64
		want  float64
	}{
		{[]float64{-5000}, -5000},
		{[]float64{-5000, -5000}, -5000 + math.Ln2},
		{[]float64{-9000, 3000, -9000, 3000}, 3000 + math.Ln2},
		{[]float64{0, math.Log(2), math.Log(5)}, math.Log(8)},
	} {
		var s logSum
		for _, x := range c.terms {
			s.add(x)
		}
		if got := s.log(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("log of the sum of exp of %v is %v, want %v", c.terms, got, c.want)
		}
	}
}

func TestPosterior(t *testing.T) {
	m, pixels := posteriorModel(t, LossELBO, 3, 50)
	r := NewRunner(m, 2, nil)
	kl, variance := r.Posterior(pixels)
	stats := r.Evaluate(pixels, 1)
	mean, _ := r.Encode(pixels)
	for d := range kl {
		if math.Abs(kl[d]-stats.KLPerDim[d]) > 1e-9 {
			t.Errorf("dimension %d: KL %v, Evaluate has %v", d, kl[d], stats.KLPerDim[d])
		}
		sum, squares := 0.0, 0.0
		for i := d; i < len(mean); i += 3 {
			sum += float64(mean[i])
			squares += float64(mean[i]) * float64(mean[i])
		}
		if want := squares/50 - sum*sum/2500; math.Abs(variance[d]-want) > 1e-6*squares/50 {
			t.Errorf("dimension %d: variance %v, want %v", d, variance[d], want)
		}
	}
	// A dimension whose head has no weights says nothing of the image.
	means, _ := m.heads()
	w := means.Weight
	for i := 1; i < len(w); i += 3 {
		w[i] = 0
	}
	if _, variance := r.Posterior(pixels); variance[1] > 1e-12 || variance[0] == 0 {
		t.Errorf("variances %v, the second must be 0", variance)
	}
}
