package classify

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Options are how a Model is trained.
type Options struct {
	Epochs       int
	Batch        int     // images a step
	LearningRate float64 // the highest; it rises to it and falls to 0 along a cosine
	Shift        int     // images are shifted by up to so many pixels, down or up and right or left
	Seed         uint64  // of order and shifts
	Threads      int     // 0 is all cores; the result does not depend on it
	Backend      *sgemm.Backend

	// Progress, unless nil, is told after every step how many of them are made
	// and the mean cross-entropy of the epoch so far, in nats. Its error ends the training.
	Progress func(step, steps int, loss float64) error
}

// DefaultOptions are those of the built-in classifier of digits.
var DefaultOptions = Options{Epochs: 10, Batch: 64, LearningRate: 3e-3, Shift: 2, Seed: 1}

func (o Options) validate() error {
	const maxEpochs, maxBatch = 1 << 14, 1 << 14
	switch {
	case o.Epochs < 1 || o.Epochs > maxEpochs:
		return fmt.Errorf("classify: %d epochs: must be 1 to %d", o.Epochs, maxEpochs)
	case o.Batch < 1 || o.Batch > maxBatch:
		return fmt.Errorf("classify: batch of %d images: must be 1 to %d", o.Batch, maxBatch)
	case o.Shift < 0 || o.Shift > maxSide:
		return fmt.Errorf("classify: shift of %d pixels: must be 0 to %d", o.Shift, maxSide)
	}
	return nil
}

// Train changes a model to suit images, of Pixels() bytes each, and their
// labels. If the loss becomes infinite or not a number, the error says so and the
// weights are those before that step.
func Train(m *Model, images, labels []byte, o Options) error {
	if err := m.checkSet(images, labels); err != nil {
		return err
	}
	if err := o.validate(); err != nil {
		return err
	}
	o.Batch = min(o.Batch, len(labels))
	perEpoch := (len(labels) + o.Batch - 1) / o.Batch
	steps := o.Epochs * perEpoch
	schedule := nn.Schedule{Peak: o.LearningRate, Warmup: min(steps/10, 100), Total: steps}
	if err := schedule.Validate(); err != nil {
		return err
	}
	t := newTrainer(m, images, labels, o)
	for epoch := range o.Epochs {
		order := random.Permutation(o.Seed, epoch, len(labels))
		sum := 0.0
		for done := 0; done < len(order); {
			batch := order[done:min(done+o.Batch, len(order))]
			loss, err := t.makeStep(batch, schedule.Rate(t.step+1))
			if err != nil {
				return err
			}
			done += len(batch)
			sum += loss * float64(len(batch))
			if o.Progress != nil {
				if err := o.Progress(t.step, steps, sum/float64(done)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkSet reports images and labels that the model cannot learn from.
func (m *Model) checkSet(images, labels []byte) error {
	if len(labels) == 0 || len(images) != len(labels)*m.Pixels() {
		return fmt.Errorf("classify: %d bytes of images for %d labels: an image of %d x %d x %d is %d bytes",
			len(images), len(labels), m.Height, m.Width, m.Channels, m.Pixels())
	}
	for i, l := range labels {
		if int(l) >= m.Classes {
			return fmt.Errorf("classify: label %d is %d: must be below the number of classes, %d", i, l, m.Classes)
		}
	}
	return nil
}

// trainer changes a Model's weights step by step.
type trainer struct {
	m              *Model
	options        Options
	images, labels []byte
	gradient       *nn.Gradient
	update         *nn.Update
	step           int
	losses         []float64
	indices        []int // of the step being made
}

// newTrainer prepares to train m with valid options.
func newTrainer(m *Model, images, labels []byte, o Options) *trainer {
	if o.Backend == nil {
		o.Backend = sgemm.Best()
	}
	pool := parallel.New(o.Threads)
	t := &trainer{m: m, options: o, images: images, labels: labels, losses: make([]float64, o.Batch)}
	t.gradient = nn.NewGradient([]*nn.Network{nn.NewNetwork(m.net, o.Backend, o.Batch)}, nn.GradientOptions{
		Batch: o.Batch, Shard: 1, Pool: pool, Backend: o.Backend, Fused: []bool{true}, InputGradient: []bool{false},
	}, t.image)
	t.update = nn.NewUpdate(pool, o.Backend, nn.DefaultAdam, m.data, t.gradient.Values)
	return t
}

// makeStep makes a step of the optimizer on the images of these indices, and
// returns their mean loss before it.
func (t *trainer) makeStep(indices []int, rate float64) (float64, error) {
	t.indices = indices
	t.step++
	t.gradient.Compute(len(indices))
	loss := 0.0
	for _, l := range t.losses[:len(indices)] {
		loss += l / float64(len(indices))
	}
	t.gradient.Sum()
	if s := loss + t.update.SquaredNorm(); math.IsNaN(s) || math.IsInf(s, 0) {
		t.step--
		return loss, fmt.Errorf("classify: loss %g or its gradient is not finite at step %d, learning rate %g: lower it", loss, t.step+1, rate)
	}
	t.update.Step(t.step, rate)
	return loss, nil
}

// image runs an image of the batch forward and backward.
func (t *trainer) image(w *nn.Worker, first, _ int) {
	p, index, size := w.Passes[0], t.indices[first], t.m.Pixels()
	p.Run(1, func(i int) {
		dy, dx := t.shift(first)
		p.LoadShifted(i, t.images[index*size:][:size], dy, dx)
	}, func(i int) {
		logits := p.X(p.Output(), i)[:t.m.Classes]
		t.losses[first] = crossEntropy(logits, t.labels[index], 1/float32(len(t.indices)))
	}, true)
}

// shift draws the pixels that image i of the batch is shifted by.
func (t *trainer) shift(i int) (dy, dx int) {
	const shifts = 0x736869667473 // keeps them apart from the order with the same seed
	side := uint64(2*t.options.Shift + 1)
	h := random.Hash(t.options.Seed^shifts, uint64(t.step), uint64(i)) >> 11
	return int(h%side) - t.options.Shift, int(h/side%side) - t.options.Shift
}
