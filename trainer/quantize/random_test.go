package quantize_test

import (
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Any network that the board can run goes the whole way: some steps of training, int8 of both
// halves, files that come back, and the same bits on every backend, near to what the float ones
// compute.
func TestRandomNetworks(t *testing.T) {
	networks := uint64(24)
	if testing.Short() {
		networks = 6
	}
	for seed := range networks {
		n := modeltest.Random(seed, 20, 12)
		rng := rand.New(rand.NewPCG(seed, 1))
		images := make([]byte, 40*n.Pixels())
		for i := range images {
			images[i] = byte(rng.IntN(256))
		}
		m, err := vae.New(vae.Config{Network: n, Loss: vae.LossELBO, KLWeight: 1}, seed)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := vae.NewTrainer(m, vae.Options{Batch: 16, Seed: seed, Schedule: nn.Schedule{Peak: 1e-3}})
		if err != nil {
			t.Fatal(err)
		}
		for step := range 4 {
			batch := make([]int, 9+step)
			for i := range batch {
				batch[i] = rng.IntN(40)
			}
			if _, err := tr.Step(images, batch); err != nil {
				t.Fatalf("network %d: %v", seed, err)
			}
		}
		q, err := quantize.Quantize(m, "random", images, quantize.Options{Order: turns(200, 40)})
		if err != nil {
			t.Fatalf("network %d: %v", seed, err)
		}
		e, err := quantize.Encoder(m, q, images, quantize.Options{})
		if err != nil {
			t.Fatalf("network %d: %v", seed, err)
		}
		for _, half := range []*model.Model{q, e} {
			file, err := half.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := model.Parse(file); err != nil {
				t.Errorf("network %d: %v", seed, err)
			}
		}
		s, err := quantize.Evaluate(m, q, images, 1, 0)
		if err != nil || !(s.PSNR >= 35) {
			t.Errorf("network %d, %+v: PSNR %.1f dB, error %v", seed, n, s.PSNR, err)
		}
		es, err := quantize.EvaluateEncoder(m, e, images, 0)
		if err != nil || !(es.Units <= 0.1) {
			t.Errorf("network %d, %+v: codes are off by %.3f units, error %v", seed, n, es.Units, err)
		}
		for i, b := range kernels.Backends() {
			pictures, err := decoder.Hash(q, b)
			if err != nil {
				t.Fatal(err)
			}
			codes, err := encoder.Hash(e, b)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue
			}
			if wantPictures, _ := decoder.Hash(q, kernels.Backends()[0]); pictures != wantPictures {
				t.Errorf("network %d, %+v: %v draws other bits than generic code", seed, n, b)
			}
			if wantCodes, _ := encoder.Hash(e, kernels.Backends()[0]); codes != wantCodes {
				t.Errorf("network %d, %+v: %v encodes to other bits than generic code", seed, n, b)
			}
		}
	}
}
