package classify

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
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
		order := descent.Permutation(o.Seed, epoch, len(labels))
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

// trainer changes a Model's weights step by step. The images of a batch are
// dealt to lanes, whatever the number of threads. A lane adds up the
// gradients of the convolutions, and lanes are summed in a fixed order.
type trainer struct {
	m              *Model
	options        Options
	images, labels []byte
	net            *network
	crew           *crew.Crew
	step           int

	batch, dBatch tensors // what the gradient of the dense layer needs of all images at once
	losses        []float64
	workers       []worker
	lanes         [][]float32 // laid out as the weights before the dense layer
	gradient      []float32
	pieces        []piece // tasks in computing it
	update        *descent.Update

	// Of the step being made.
	indices                    []int
	active                     int // lanes in use
	runPack, runLane, runPiece func(worker, task int)
}

// worker is the memory of a goroutine.
type worker struct{ x, d tensors }

// piece is a range of the gradient to be summed over the lanes or, if that is
// empty, a part of the dense layer's.
type piece struct{ from, to, part int }

const maxLanes = 16

// newTrainer prepares to train m with valid options.
func newTrainer(m *Model, images, labels []byte, o Options) *trainer {
	if o.Backend == nil {
		o.Backend = sgemm.Best()
	}
	t := &trainer{
		m: m, options: o, images: images, labels: labels,
		net:      newNetwork(m, o.Backend, o.Batch),
		crew:     crew.New(o.Threads),
		losses:   make([]float64, o.Batch),
		gradient: make([]float32, len(m.data)),
	}
	t.runPack, t.runLane, t.runPiece = t.pack, t.lane, t.piece
	t.update = descent.NewUpdate(t.crew, o.Backend, nn.DefaultAdam, m.data, t.gradient)
	t.net.make(&t.batch, o.Batch, dense, logits)
	t.dBatch[logits] = t.batch[logits] // replaced by its gradient
	t.workers = make([]worker, min(t.crew.Threads(), maxLanes))
	for i := range t.workers {
		t.net.make(&t.workers[i].x, 1, 0, dense-1)
		t.net.make(&t.workers[i].d, 1, 1, dense)
	}
	size := m.spans[dense].from
	for range min(o.Batch, maxLanes) {
		t.lanes = append(t.lanes, make([]float32, size))
	}
	for from := 0; from < size; from += descent.RangeSize {
		t.pieces = append(t.pieces, piece{from: from, to: min(from+descent.RangeSize, size)})
	}
	for part := range t.net.dense.Pieces() {
		t.pieces = append(t.pieces, piece{part: part})
	}
	return t
}

// makeStep makes a step of the optimizer on the images of these indices, and
// returns their mean loss before it.
func (t *trainer) makeStep(indices []int, rate float64) (float64, error) {
	t.indices = indices
	t.step++
	t.active = min(len(t.lanes), len(indices))
	t.crew.Run(numLayers, t.runPack)
	t.crew.Run(t.active, t.runLane)
	loss := 0.0
	for _, l := range t.losses[:len(indices)] {
		loss += l / float64(len(indices))
	}
	t.crew.Run(len(t.pieces), t.runPiece)
	if s := loss + t.update.SquaredNorm(); math.IsNaN(s) || math.IsInf(s, 0) {
		t.step--
		return loss, fmt.Errorf("classify: loss %g or its gradient is not finite at step %d, learning rate %g: lower it", loss, t.step+1, rate)
	}
	t.update.Step(t.step, rate)
	return loss, nil
}

func (t *trainer) pack(_, task int) { t.net.pack(task, true) }

// lane runs every len(t.lanes)th image forward and backward, beginning with its own.
func (t *trainer) lane(worker, lane int) {
	clear(t.lanes[lane])
	for i := lane; i < len(t.indices); i += len(t.lanes) {
		t.runImage(&t.workers[worker], t.lanes[lane], i)
	}
}

// runImage runs image i of the batch.
func (t *trainer) runImage(w *worker, lane []float32, i int) {
	n := t.net
	x, d := n.from(&t.batch, i, dense, logits), n.from(&t.dBatch, i, logits, logits)
	copy(x[:dense], w.x[:dense])
	copy(d[:logits], w.d[:logits])

	index, size := t.indices[i], t.m.Pixels()
	dy, dx := t.shift(i)
	n.load(&x, t.images[index*size:][:size], dy, dx)
	n.forwardConvs(&x)
	n.forwardDense(&x, 1)
	t.losses[i] = crossEntropy(x[logits][:t.m.Classes], t.labels[index], 1/float32(len(t.indices)))

	n.dense.Backward(d[dense], d[logits], false, 1)
	for l := dense - 1; l >= 0; l-- {
		size := n.layouts[l+1].Size()
		n.backend.ReLUBackward(d[l+1][:size], x[l+1][:size])
		s := t.m.spans[l]
		n.convs[l].Backward(d[l], s.weights(lane), s.biases(lane), d[l+1], x[l], 1, nil)
	}
}

// shift draws the pixels that image i of the batch is shifted by.
func (t *trainer) shift(i int) (dy, dx int) {
	const shifts = 0x736869667473 // keeps them apart from the order with the same seed
	side := uint64(2*t.options.Shift + 1)
	h := descent.Hash(t.options.Seed^shifts, uint64(t.step), uint64(i)) >> 11
	return int(h%side) - t.options.Shift, int(h/side%side) - t.options.Shift
}

// piece computes a piece of the gradient.
func (t *trainer) piece(_, task int) {
	p := t.pieces[task]
	if p.to == 0 {
		s := t.m.spans[dense]
		t.net.dense.BackwardWeights(s.weights(t.gradient), s.biases(t.gradient),
			t.dBatch[logits], t.batch[dense], len(t.indices), p.part)
		return
	}
	sum := t.gradient[p.from:p.to]
	copy(sum, t.lanes[0][p.from:p.to])
	for _, lane := range t.lanes[1:t.active] {
		t.options.Backend.Add(sum, lane[p.from:p.to])
	}
}
