package quantize_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// discs are n pictures of a coloured disc on a ground of another colour that fades from top to
// bottom.
func discs(n int) []byte {
	const side = 64
	rng := rand.New(rand.NewPCG(1, 2))
	var images []byte
	for range n {
		cy, cx, radius := 16+32*rng.Float64(), 16+32*rng.Float64(), 8+8*rng.Float64()
		var disc, ground [3]float64
		for c := range disc {
			disc[c], ground[c] = 255*rng.Float64(), 255*rng.Float64()
		}
		for y := range side {
			for x := range side {
				// A soft edge
				in := min(max(radius-math.Hypot(float64(y)-cy, float64(x)-cx)+0.5, 0), 1)
				for c := range disc {
					images = append(images, byte(in*disc[c]+(1-in)*ground[c]*(1-0.5*float64(y)/side)))
				}
			}
		}
	}
	return images
}

// A network of quite another shape than the book's, 64 x 64 in colour with four halvings and 64
// latent dimensions, goes the whole way: it learns, its int8 form draws what it draws, and that is
// the same on every backend.
func TestColour64(t *testing.T) {
	if !gate.All() {
		t.Skip("long")
	}
	c := vae.Config{Network: modeltest.Colour64(8), Loss: vae.LossELBO, KLWeight: 0.2}
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	const n, batch, steps = 256, 16, 150
	images := discs(n + 50)
	images, unseen := images[:n*c.Pixels()], images[n*c.Pixels():]
	before := vae.NewRunner(m, 0, nil).Evaluate(unseen, 1)
	tr, err := vae.NewTrainer(m, vae.Options{Batch: batch, Seed: 1, QuantizationNoise: vae.DefaultQuantizationNoise, Schedule: nn.Schedule{Peak: 2e-3, Warmup: 20, Total: steps}})
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		order := random.Permutation(1, step, n)
		if _, err := tr.Step(images, order[:batch]); err != nil {
			t.Fatal(err)
		}
	}
	m.Standardize(vae.NewRunner(m, 0, nil), images)
	after := vae.NewRunner(m, 0, nil).Evaluate(unseen, 1)
	least := 0.0 // cross-entropy, of pictures that are what they should be
	for _, p := range unseen {
		if x := float64(p) / 255; x > 0 && x < 1 {
			least -= (x*math.Log(x) + (1-x)*math.Log(1-x)) / float64(before.Images)
		}
	}
	t.Logf("-ELBO %.0f before, %.0f after, of which KL %.1f; a perfect reconstruction has %.0f", before.NegELBO, after.NegELBO, after.KL, least)
	if !(after.NegELBO-least < 0.75*(before.NegELBO-least)) {
		t.Errorf("-ELBO was %.0f nats and is %.0f", before.NegELBO, after.NegELBO)
	}

	q, err := quantize.Quantize(m, "discs-64", images, quantize.Options{Order: turns(600, n)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := quantize.Encoder(m, q, images, quantize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := quantize.Evaluate(m, q, unseen, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	es, err := quantize.EvaluateEncoder(m, e, unseen, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("int8 costs %.2f nats, PSNR %.1f dB; codes are off by %.3f standard deviations of the posterior", s.CostNats, s.PSNR, es.Posterior)
	if !(s.PSNR >= 38) || !(es.Posterior <= 0.5) {
		t.Errorf("PSNR %.1f dB, codes off by %.3f standard deviations", s.PSNR, es.Posterior)
	}
	var pictures, codes string
	for _, b := range kernels.Backends() {
		p, err := decoder.Hash(q, b)
		if err != nil {
			t.Fatal(err)
		}
		z, err := encoder.Hash(e, b)
		if err != nil {
			t.Fatal(err)
		}
		if pictures == "" {
			pictures, codes = p, z
		}
		if p != pictures || z != codes {
			t.Errorf("%v draws or encodes other bits than %v", b, kernels.Backends()[0])
		}
	}
}
