package vae

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Options are how a Model is trained.
type Options struct {
	Batch     int // images a step, at most
	Threads   int // 0 is all cores; the result does not depend on it
	Optimizer nn.Optimizer
	Schedule  nn.Schedule
	Seed      uint64 // of the noise
	// Roundoff is the width of a noise in the activations of the decoder's inner layers, in steps of a grid of ActivationMax steps up to the
	// largest that their channel had of late. What is trained with it loses less by being rounded to int8. 0 is none.
	Roundoff float64
	Backend  *sgemm.Backend // nil is sgemm.Best()
}

// DefaultRoundoff is a width of that noise with which the int8 form of digits is all but indistinguishable. It is more than the one step that
// rounding makes: the wider, the less the rounding is noticed, and the worse the float model.
const DefaultRoundoff = 5

// Trainer changes a Model's weights step by step.
type Trainer struct {
	m       *Model
	options Options
	net     *network
	crew    *crew.Crew
	step    int

	// A batch is cut in shards. Each has a run of images in batch and dBatch, the
	// tensors that the gradients of dense weights need for all images at once.
	shard         int // images of a shard
	batch, dBatch tensors
	eps           []float32
	records       []record
	klPerDim      []float64
	workers       []worker

	// A lane adds up the gradients of convolutions over some shards. laneSpans
	// are the layers' weights, then biases in it.
	lanes     [][]float32
	laneSpans [numLayers]span

	roundoffs []*roundoff // of the layers from expand on, if any
	gradient  []float32   // laid out as the model's weights
	packings  []packing
	pieces    []piece // of the gradient
	update    *descent.Update

	// Of the step being made.
	images                     []byte
	indices                    []int
	active                     int // lanes in use
	runPack, runLane, runPiece func(worker, task int)
}

// worker is the memory of a goroutine.
type worker struct {
	x, d    tensors
	scratch []float32
}

// piece is a task in computing the gradient: a part of a dense layer's, or
// the sum over the lanes of a range of weights.
type piece struct {
	layer, part int
	lane, sum   span // of a convolution: the same range in a lane and in the gradient
}

const maxLanes = 16

// hiddenRate is the factor of the learning rate for the encoder's dense layer. An
// optimizer that gives every weight a step of the same size moves the sum of its
// thousands of inputs, none of them negative, so far at once that most of its ReLUs
// die. (The size of such steps should fall with the number of
// inputs: Yang and Hu, "Tensor Programs IV: Feature Learning in Infinite-Width Neural
// Networks", 2021.)
const hiddenRate = 0.2

// shardSize is the number of images of a shard: few enough for small batches to
// give work to several cores, and otherwise enough to use a dense layer's weights well.
// It is not the number of threads that decides, lest the result depended on it.
func shardSize(batch int) int { return min(max(batch/4, 1), 8) }

// NewTrainer prepares to train m, which is changed by every Step. Its KLWeight
// may be changed between steps.
func NewTrainer(m *Model, o Options) (*Trainer, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if o.Batch < 1 || o.Batch > 1<<14 {
		return nil, fmt.Errorf("vae: batch of %d images: must be 1 to %d", o.Batch, 1<<14)
	}
	if !(o.Roundoff >= 0 && o.Roundoff <= kernels.ActivationMax) {
		return nil, fmt.Errorf("vae: roundoff of %v steps: must be 0 to %d", o.Roundoff, kernels.ActivationMax)
	}
	if err := o.Schedule.Validate(); err != nil {
		return nil, err
	}
	if o.Optimizer == nil {
		o.Optimizer = nn.DefaultAdam
	}
	if o.Backend == nil {
		o.Backend = sgemm.Best()
	}

	t := &Trainer{
		m: m, options: o,
		net:      newNetwork(m, o.Backend, o.Batch),
		crew:     crew.New(o.Threads),
		shard:    shardSize(o.Batch),
		eps:      make([]float32, o.Batch*m.Latent),
		records:  newRecords(o.Batch, m.Latent),
		klPerDim: make([]float64, m.Latent),
		gradient: make([]float32, len(m.data)),
	}
	t.packings = t.net.packings(conv1, output)
	t.runPack, t.runLane, t.runPiece = t.pack, t.lane, t.piece
	dense := m.layers[hidden]
	t.update = descent.NewUpdate(t.crew, o.Backend, o.Optimizer, m.data, t.gradient,
		descent.Group{From: dense.weight.from, To: dense.bias.to, Factor: hiddenRate})
	t.net.make(&t.batch, o.Batch, conv4, hidden, meanHead, logVarHead, point)
	t.net.make(&t.dBatch, o.Batch, hidden, meanHead, logVarHead, expand)
	shards := (o.Batch + t.shard - 1) / t.shard
	t.workers = make([]worker, min(t.crew.Threads(), shards, maxLanes))
	for i := range t.workers {
		w := &t.workers[i]
		t.net.make(&w.x, t.shard, input, conv1, conv2, conv3)
		t.net.make(&w.x, chunk, expand, up, output)
		t.net.make(&w.d, t.shard, point, conv4)
		t.net.make(&w.d, chunk, conv1, conv2, conv3, up)
		w.d[output] = w.x[output]
		w.scratch = t.net.scratch()
	}
	if o.Roundoff > 0 {
		for i := expand; i < output; i++ {
			t.roundoffs = append(t.roundoffs, newRoundoff(i, o.Roundoff, t.net.layouts[i], len(t.workers)))
		}
	}

	size := 0
	for i, l := range m.layers {
		if !l.isConv() {
			for part := range t.net.dense[i].Pieces() {
				t.pieces = append(t.pieces, piece{layer: i, part: part})
			}
			continue
		}
		n := l.bias.to - l.weight.from // biases follow weights
		t.laneSpans[i] = span{size, size + n}
		for from := 0; from < n; from += descent.RangeSize {
			to := min(from+descent.RangeSize, n)
			t.pieces = append(t.pieces, piece{
				layer: i,
				lane:  span{size + from, size + to},
				sum:   span{l.weight.from + from, l.weight.from + to},
			})
		}
		size += n
	}
	for range min(shards, maxLanes) {
		t.lanes = append(t.lanes, make([]float32, size))
	}
	return t, nil
}

// StepNumber is the number of steps made.
func (t *Trainer) StepNumber() int { return t.step }

// Step makes a step of the optimizer. The batch is the images of the data set
// images that have the given indices; an image is Pixels() bytes, 0 to 255.
// The Stats are of the batch before the step, through the noise of Options.Roundoff, with BookLoss at the latent points
// of the model's own loss, and KLPerDim is overwritten by the next Step.
//
// If the loss or the gradient is not finite, the error says so and the weights
// are those before the step.
func (t *Trainer) Step(images []byte, indices []int) (Stats, error) {
	size := t.m.Pixels()
	if len(indices) < 1 || len(indices) > t.options.Batch {
		return Stats{}, fmt.Errorf("vae: step with %d images: must be 1 to %d", len(indices), t.options.Batch)
	}
	for _, i := range indices {
		if i < 0 || i >= len(images)/size {
			return Stats{}, fmt.Errorf("vae: step with image %d of %d", i, len(images)/size)
		}
	}
	t.images, t.indices = images, indices
	defer func() { t.images, t.indices = nil, nil }()
	t.step++
	rate := t.options.Schedule.Rate(t.step)
	fail := func(what string) error {
		t.step--
		return fmt.Errorf("vae: %s is not finite at step %d, learning rate %g: lower --lr", what, t.step+1, rate)
	}

	for _, r := range t.roundoffs {
		r.begin(stepSeed(t.options.Seed, t.step))
	}
	t.crew.Run(len(t.packings), t.runPack)
	shards := (len(indices) + t.shard - 1) / t.shard
	t.active = min(len(t.lanes), shards)
	t.crew.Run(t.active, t.runLane)
	stats := t.m.stats(t.records[:len(indices)], t.klPerDim)
	if !finite(stats.Objective) {
		return stats, fail("loss")
	}
	t.crew.Run(len(t.pieces), t.runPiece)
	if !finite(t.update.SquaredNorm()) {
		return stats, fail("gradient")
	}
	t.update.Step(t.step, rate)
	for _, r := range t.roundoffs {
		r.end()
	}
	return stats, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (t *Trainer) pack(_, task int) { t.net.pack(t.packings[task], true) }

// lane runs every len(t.lanes)th shard, beginning with its own.
func (t *Trainer) lane(worker, lane int) {
	clear(t.lanes[lane])
	for first := lane * t.shard; first < len(t.indices); first += len(t.lanes) * t.shard {
		t.runShard(worker, t.lanes[lane], first, min(t.shard, len(t.indices)-first))
	}
}

// runShard runs count images of the batch forward and backward.
func (t *Trainer) runShard(worker int, lane []float32, first, count int) {
	n, m, w := t.net, t.m, &t.workers[worker]
	x := n.from(&t.batch, first, conv4, hidden, meanHead, logVarHead, point)
	d := n.from(&t.dBatch, first, hidden, meanHead, logVarHead, expand)
	for i := range x {
		if x[i] == nil {
			x[i] = w.x[i]
		}
		if d[i] == nil {
			d[i] = w.d[i]
		}
	}
	of := func(s []float32, i int) []float32 { return s[i*m.Latent:][:m.Latent] }
	pixels := func(i int) []byte { return t.images[t.indices[first+i]*m.Pixels():][:m.Pixels()] }

	for i := 0; i < count; i += chunk {
		x := n.from(&x, i, input, conv1, conv2, conv3, conv4)
		k := min(chunk, count-i)
		for j := range k {
			n.load(&x, j, pixels(i+j))
		}
		n.encodeConvs(&x, k, w.scratch)
	}
	n.encodeDense(&x, count)

	noise := stepSeed(t.options.Seed, t.step)
	for i := range count {
		eps := of(t.eps, first+i)
		for d := range eps {
			eps[d] = Noise(noise, first+i, d)
		}
		mean, logVar := of(x[meanHead], i), of(x[logVarHead], i)
		m.sample(of(x[point], i), mean, logVar, eps)
		r := &t.records[first+i]
		m.divergence(r.kl, mean, logVar)
		r.bookKL = m.bookDivergence(mean, logVar)
	}

	scale := 1 / float64(len(t.indices))
	pixelScale := float32(scale * m.reconstructionScale())
	for i := 0; i < count; i += chunk {
		k := min(chunk, count-i)
		x, d := n.from(&x, i, point), n.from(&d, i, expand)
		n.decode(&x, k, w.scratch, func(layer int) {
			if at := layer - expand; at < len(t.roundoffs) {
				t.roundoffs[at].add(n.backend, worker, n.layouts[layer], x[layer], first+i, k)
			}
		})
		for j := range k {
			r := &t.records[first+i+j]
			r.reconstruction = n.crossEntropy(&d, &x, j, pixels(i+j), pixelScale)
			r.bookReconstruction = r.reconstruction
		}
		t.backwardConv(output, lane, &x, &d, k, w.scratch)
		t.backwardConv(up, lane, &x, &d, k, w.scratch)
	}
	n.dense[expand].Backward(d[point], d[expand], false, count)

	for i := range count {
		m.posteriorGradient(of(d[meanHead], i), of(d[logVarHead], i), of(d[point], i),
			of(x[meanHead], i), of(x[logVarHead], i), of(t.eps, first+i), scale)
	}
	n.dense[meanHead].Backward(d[hidden], d[meanHead], false, count)
	n.dense[logVarHead].Backward(d[hidden], d[logVarHead], true, count)
	n.backwardReLU(hidden, &x, &d, count)
	n.dense[hidden].Backward(d[conv4], d[hidden], false, count)
	n.backwardReLU(conv4, &x, &d, count)

	for i := 0; i < count; i += chunk {
		x, d := n.from(&x, i, input, conv1, conv2, conv3), n.from(&d, i, conv4)
		for layer := conv4; layer >= conv1; layer-- {
			t.backwardConv(layer, lane, &x, &d, min(chunk, count-i), w.scratch)
		}
	}
}

func (t *Trainer) backwardConv(i int, lane []float32, x, d *tensors, count int, scratch []float32) {
	g := t.laneSpans[i].of(lane)
	weights := t.m.layers[i].conv.Weights()
	t.net.backwardConv(i, g[:weights], g[weights:], x, d, count, scratch)
}

// piece computes a piece of the gradient.
func (t *Trainer) piece(_, task int) {
	p := t.pieces[task]
	if layer := t.net.dense[p.layer]; layer != nil {
		l := t.m.layers[p.layer]
		layer.BackwardWeights(l.weight.of(t.gradient), l.bias.of(t.gradient),
			t.dBatch[p.layer], t.batch[inputs[p.layer]], len(t.indices), p.part)
		return
	}
	sum := p.sum.of(t.gradient)
	copy(sum, p.lane.of(t.lanes[0]))
	for _, lane := range t.lanes[1:t.active] {
		t.options.Backend.Add(sum, p.lane.of(lane))
	}
}

// peaksPrefix begins the names of the peaks of activations in State.
const peaksPrefix = "roundoff.peaks."

// State is what a checkpoint needs beside the model's weights to go on as if
// nothing had happened: the number of steps, the optimizer's slots and the peaks of activations.
func (t *Trainer) State() []Param {
	state := t.state()
	for i, p := range state {
		state[i].Data = slices.Clone(p.Data)
	}
	return state
}

// state is State with the trainer's own arrays, but for the step.
func (t *Trainer) state() []Param {
	name := t.options.Optimizer.Name()
	ps := []Param{{Name: name + ".step", Shape: []int{1}, Data: []float32{float32(t.step)}}}
	for i, slot := range t.options.Optimizer.Slots() {
		for _, p := range t.m.params(t.update.Slots[i]) {
			p.Name = name + "." + slot + "." + p.Name
			ps = append(ps, p)
		}
	}
	for _, r := range t.roundoffs {
		ps = append(ps, Param{Name: peaksPrefix + t.m.layers[r.layer].name, Shape: []int{len(r.peaks)}, Data: r.peaks})
	}
	return ps
}

// Restore sets the state, in any order. The model's weights must be those of
// the same moment. After an error the state is what it was.
func (t *Trainer) Restore(state []Param) error {
	given := map[string]Param{}
	for _, p := range state {
		given[p.Name] = p
	}
	own := t.state()
	for _, p := range own {
		g, ok := given[p.Name]
		switch {
		case !ok:
			return fmt.Errorf("vae: checkpoint has no %q: it is of another optimizer, network or version", p.Name)
		case !slices.Equal(g.Shape, p.Shape) || len(g.Data) != len(p.Data):
			return fmt.Errorf("vae: checkpoint's %q has shape %v, not %v: it is of another network", p.Name, g.Shape, p.Shape)
		case strings.HasPrefix(p.Name, peaksPrefix) && slices.ContainsFunc(g.Data, func(v float32) bool { return !(v >= 0 && v <= math.MaxFloat32) }):
			return fmt.Errorf("vae: checkpoint's %q must be 0 or more", p.Name)
		}
	}
	if len(state) != len(own) {
		return fmt.Errorf("vae: checkpoint has %d arrays, not %d: it is of another optimizer, network or version", len(state), len(own))
	}
	// Every whole number up to this is a float32.
	const most = 1 << 24
	step := given[own[0].Name].Data[0]
	if !(step >= 0 && step <= most && step == float32(int(step))) {
		return fmt.Errorf("vae: checkpoint of step %v: must be a whole number from 0 to %d", step, most)
	}
	t.step = int(step)
	for _, p := range own[1:] {
		copy(p.Data, given[p.Name].Data)
	}
	return nil
}
