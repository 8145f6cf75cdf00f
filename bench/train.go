package bench

import (
	"runtime"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// trainBatch is the number of images of a training step.
const trainBatch = 64

// train measures steps of training a network on images of noise: the arithmetic does not depend on
// what they show. %limit is of all cores together.
func train(b *testing.B, name string, backend *sgemm.Backend) {
	preset, image, latent, noise := "book", [3]int{28, 28, 1}, 2, float64(vae.DefaultQuantizationNoise)
	within := 0.0
	c := vae.Config{Loss: vae.LossELBO, KLWeight: 1}
	if name == "faces" {
		preset, image, latent, c.Loss = "faces", [3]int{64, 64, 3}, 64, vae.LossSigma
		noise, within = vae.SigmaQuantizationNoise, vae.SigmaWeightRange
	}
	var err error
	if c.Network, err = model.Preset(preset, image, latent); err != nil {
		b.Fatal(err)
	}
	m, err := vae.New(c, 1)
	if err != nil {
		b.Fatal(err)
	}
	images, indices := make([]byte, trainBatch*c.Pixels()), make([]int, trainBatch)
	for i := range images {
		images[i] = byte(i * i >> 7)
	}
	for i := range indices {
		indices[i] = i
	}
	threads := runtime.GOMAXPROCS(0)
	t, err := vae.NewTrainer(m, vae.Options{
		Batch: trainBatch, Threads: threads, Backend: backend, QuantizationNoise: noise, WeightRange: within,
		Schedule: nn.Schedule{Peak: 1e-4, Total: 1 << 30},
	})
	if err != nil {
		b.Fatal(err)
	}
	step := func() {
		if _, err := t.Step(images, indices); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	s := newSampler(step, func() int { return backend.Peak(threads) })
	for b.Loop() {
		step()
		s.next(b)
	}
	b.ReportMetric(trainBatch*float64(b.N)/b.Elapsed().Seconds(), "images/s")
	macs := trainBatch * m.TrainingMACs()
	b.ReportMetric(float64(macs)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GMAC/s")
	b.ReportMetric(100*float64(macs)*s.ratio(0), "%limit")
}
