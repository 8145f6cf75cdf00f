package classify

import (
	"fmt"
	"math"
	"slices"

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

// Train changes a model to suit images, of Pixels() bytes each, and their labels: one an image, or
// of independent classes Classes an image, 0 or 1. Of these, images that are of a class weigh as
// much as those that are not, however rare they are. If the loss becomes infinite or not a number,
// the error says so and the weights are those before that step.
func Train(m *Model, images, labels []byte, o Options) error {
	if len(images)%m.Pixels() != 0 {
		return fmt.Errorf("classify: %d bytes of images: one is %d bytes", len(images), m.Pixels())
	}
	return TrainOn(m, slices.Collect(slices.Chunk(images, m.Pixels())), labels, o)
}

// TrainOn is Train with images that need not lie one after another.
func TrainOn(m *Model, images [][]byte, labels []byte, o Options) error {
	if err := m.checkSet(images, labels); err != nil {
		return err
	}
	if err := o.validate(); err != nil {
		return err
	}
	o.Batch = min(o.Batch, len(images))
	perEpoch := (len(images) + o.Batch - 1) / o.Batch
	steps := o.Epochs * perEpoch
	schedule := nn.Schedule{Peak: o.LearningRate, Warmup: min(steps/10, 100), Total: steps}
	if err := schedule.Validate(); err != nil {
		return err
	}
	t := newTrainer(m, images, labels, o)
	for epoch := range o.Epochs {
		order := random.Permutation(o.Seed, epoch, len(images))
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
func (m *Model) checkSet(images [][]byte, labels []byte) error {
	if len(labels) == 0 || len(labels) != len(images)*m.labels() {
		return fmt.Errorf("classify: %d images for %d labels: an image has %d", len(images), len(labels), m.labels())
	}
	for i, image := range images {
		if len(image) != m.Pixels() {
			return fmt.Errorf("classify: image %d is of %d bytes: one of %d x %d x %d is %d bytes", i, len(image), m.Height, m.Width, m.Channels, m.Pixels())
		}
	}
	labelled, what := m.Classes, "the number of classes"
	if m.Independent {
		labelled, what = 2, "that of independent classes"
	}
	for i, l := range labels {
		if int(l) >= labelled {
			return fmt.Errorf("classify: label %d is %d: must be below %s, %d", i, l, what, labelled)
		}
	}
	return nil
}

// trainer changes a Model's weights step by step.
type trainer struct {
	m        *Model
	options  Options
	images   [][]byte
	labels   []byte
	weights  balance // of independent classes
	gradient *nn.Gradient
	update   *nn.Update
	step     int
	losses   []float64
	indices  []int // of the step being made
}

// newTrainer prepares to train m with valid options.
func newTrainer(m *Model, images [][]byte, labels []byte, o Options) *trainer {
	if o.Backend == nil {
		o.Backend = sgemm.Best()
	}
	pool := parallel.New(o.Threads)
	var weights balance
	if m.Independent {
		weights = newBalance(labels, m.Classes)
	}
	t := &trainer{m: m, options: o, images: images, labels: labels, weights: weights, losses: make([]float64, o.Batch)}
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
	p, index := w.Passes[0], t.indices[first]
	p.Run(1, func(i int) {
		dy, dx := t.shift(first)
		p.LoadShifted(i, t.images[index], dy, dx)
	}, func(i int) {
		logits, scale := p.X(p.Output(), i)[:t.m.Classes], 1/float32(len(t.indices))
		if t.m.Independent {
			t.losses[first] = t.weights.crossEntropy(logits, t.labels[index*len(logits):][:len(logits)], scale)
		} else {
			t.losses[first] = crossEntropy(logits, t.labels[index], scale)
		}
	}, true)
}

// shift draws the pixels that image i of the batch is shifted by.
func (t *trainer) shift(i int) (dy, dx int) {
	const shifts = 0x736869667473 // keeps them apart from the order with the same seed
	side := uint64(2*t.options.Shift + 1)
	h := random.Hash(t.options.Seed^shifts, uint64(t.step), uint64(i)) >> 11
	return int(h%side) - t.options.Shift, int(h/side%side) - t.options.Shift
}
