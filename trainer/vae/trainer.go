package vae

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
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
	// QuantizationNoise is the width of a noise in the activations of the decoder's inner layers,
	// in steps of a grid of ActivationMax steps up to the largest that their channel had of late.
	// What is trained with it loses less by being rounded to int8. 0 is none.
	QuantizationNoise float64
	// WeightRange is how far from 0 the weights to a channel of the decoder may be, times the peaks
	// of what they multiply: in root mean squares of all of them. What is farther is clipped, after
	// every eighth step. Then the steps of int8, of which the largest takes 127, are fine for the
	// others, too. It needs QuantizationNoise, whose peaks these are. 0 is no limit.
	WeightRange float64
	// Mirror is whether half of the images, another half in every epoch, are mirrored left to
	// right.
	Mirror  bool
	Backend *sgemm.Backend // nil is sgemm.Best()
}

// DefaultQuantizationNoise is a width of that noise with which the int8 form of digits is all but
// indistinguishable. It is more than the one step that rounding makes: the wider, the less the
// rounding is noticed, and the worse the float model.
const DefaultQuantizationNoise = 5

// SigmaQuantizationNoise and SigmaWeightRange are those for LossSigma, with which pictures are
// learnt better, too, with a little noise, and worse with more.
const (
	SigmaQuantizationNoise = 1
	SigmaWeightRange       = 2.5
)

// ErrDiverged is wrapped by the error of a step whose loss or gradient is not finite: the learning
// rate is too high.
var ErrDiverged = errors.New("training diverged")

// Trainer changes a Model's weights step by step.
type Trainer struct {
	m        *Model
	options  Options
	gradient *nn.Gradient
	update   *nn.Update
	step     int

	eps      []float32
	records  []record
	klPerDim []float64
	variance []float32            // of pixels, with LossSigma: of late
	noises   []*quantizationNoise // of the decoder's layers but the last, if any
	limit    func()               // brings the decoder's weights into their range; nil without one
	firsts   []int                // by worker: number in the batch of the shard's first image
	mirrored []byte               // [Batch x Pixels] with Mirror

	// Of the step being made.
	images  []byte
	indices []int
}

// hiddenRate is the factor of the learning rate for the encoder's dense layers to ReLUs. An
// optimizer that gives every weight a step of the same size moves the sum of their
// thousands of inputs, none of them negative, so far at once that most of the ReLUs
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
	if _, largest := m.KeptPerImage(); o.Batch > math.MaxInt32/largest {
		return nil, fmt.Errorf("vae: batch of %d images: a layer keeps %d floats of each, at most %d fit", o.Batch, largest, math.MaxInt32/largest)
	}
	if !(o.QuantizationNoise >= 0 && o.QuantizationNoise <= kernels.ActivationMax) {
		return nil, fmt.Errorf("vae: quantization noise of %v steps: must be 0 to %d", o.QuantizationNoise, kernels.ActivationMax)
	}
	if o.QuantizationNoise > 0 && !Noisable(m.Network) {
		return nil, errors.New("vae: quantization noise for a decoder with a leaky ReLU: it is made for ReLUs")
	}
	if o.WeightRange != 0 && !(o.WeightRange > 1 && o.WeightRange <= math.MaxFloat32) {
		return nil, fmt.Errorf("vae: weights of at most %v root mean squares: must be more than 1", o.WeightRange)
	}
	if o.WeightRange != 0 && o.QuantizationNoise == 0 {
		return nil, errors.New("vae: a weight range needs quantization noise")
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
	pool := parallel.New(o.Threads)
	t := &Trainer{
		m: m, options: o,
		eps:      make([]float32, o.Batch*m.Latent),
		records:  newRecords(o.Batch, m.Latent),
		klPerDim: make([]float64, m.Latent),
		variance: []float32{firstVariance},
	}
	nets := []*nn.Network{nn.NewNetwork(m.Encoder, o.Backend, o.Batch), nn.NewNetwork(m.Decoder, o.Backend, o.Batch)}
	t.gradient = nn.NewGradient(nets, nn.GradientOptions{
		Batch: o.Batch, Shard: shardSize(o.Batch), Pool: pool, Backend: o.Backend,
		Fused: []bool{false, true}, InputGradient: []bool{false, true},
	}, t.shard)
	t.firsts = make([]int, len(t.gradient.Workers))
	if o.Mirror {
		t.mirrored = make([]byte, o.Batch*m.Pixels())
	}
	t.update = nn.NewUpdate(pool, o.Backend, o.Optimizer, m.data, t.gradient.Values, m.hiddenGroups()...)
	if o.QuantizationNoise > 0 {
		for i, l := range m.Decoder.Layers[:len(m.Decoder.Layers)-1] {
			t.noises = append(t.noises, newQuantizationNoise(l.Name, len(m.Encoder.Layers)+i, o.QuantizationNoise, nets[1].Layouts[i+1], len(t.gradient.Workers)))
		}
		for _, w := range t.gradient.Workers {
			decoder := w.Passes[1]
			decoder.After = func(layer, image, n int) {
				if layer < len(t.noises) {
					t.noises[layer].add(o.Backend, w.Number, decoder.Layouts[layer+1], decoder.X(layer+1, image), t.firsts[w.Number]+image, n)
				}
			}
		}
	}
	if o.WeightRange > 0 {
		var limits []*weightLimit
		for i := range m.Decoder.Layers {
			var peaks []float32
			if i > 0 {
				peaks = t.noises[i-1].peaks
			}
			limits = append(limits, newWeightLimit(&m.Decoder.Layers[i], o.WeightRange, peaks))
		}
		apply := func(_, layer int) { limits[layer].apply() }
		t.limit = func() { pool.Run(len(limits), apply) }
	}
	return t, nil
}

// hiddenGroups are the weights that learn at hiddenRate.
func (m *Model) hiddenGroups() []nn.Group {
	var groups []nn.Group
	for _, l := range m.Encoder.Layers {
		if l.Op == model.Dense && l.Activates() {
			groups = append(groups, nn.Group{From: l.WeightSpan.From, To: l.BiasSpan.To, Factor: hiddenRate})
		}
	}
	return groups
}

// StepNumber is the number of steps made.
func (t *Trainer) StepNumber() int { return t.step }

// Step makes a step of the optimizer. The batch is the images of the data set images that have the
// given indices; an image is Pixels() bytes, 0 to 255. The Stats are of the batch before the step,
// through the noise of Options.QuantizationNoise, with BookLoss at the latent points of the model's
// own loss, and KLPerDim is overwritten by the next Step.
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
		return fmt.Errorf("vae: %w: the %s is not finite at step %d, learning rate %g", ErrDiverged, what, t.step+1, rate)
	}

	for _, r := range t.noises {
		r.begin(stepSeed(t.options.Seed, t.step))
	}
	t.gradient.Compute(len(indices))
	stats := t.m.stats(t.records[:len(indices)], t.klPerDim)
	if !finite(stats.Objective) {
		return stats, fail("loss")
	}
	t.gradient.Sum()
	if !finite(t.update.SquaredNorm()) {
		return stats, fail("gradient")
	}
	t.update.Step(t.step-t.options.Schedule.From, rate)
	if t.m.Loss == LossSigma {
		t.variance[0] += float32(float64(varianceRate) * (stats.MSE + leastVariance - float64(t.variance[0])))
	}
	for _, r := range t.noises {
		r.end()
	}
	if t.limit != nil && t.step%limitEvery == 0 {
		t.limit()
	}
	return stats, nil
}

// With LossSigma errors count by the variance that the steps before had: the best one for a batch
// is known only when its gradient is. It begins as that of pictures of which nothing is known but
// that they are pictures.
const (
	firstVariance = 0.08
	varianceRate  = 0.1 // the share of a step
)

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// shard runs count images of the batch forward and backward.
func (t *Trainer) shard(w *nn.Worker, first, count int) {
	m, encoder, decoder := t.m, w.Passes[0], w.Passes[1]
	t.firsts[w.Number] = first
	of := func(s []float32, i int) []float32 { return s[i*m.Latent:][:m.Latent] }
	noise := stepSeed(t.options.Seed, t.step)
	pixels := func(i int) []byte { return t.images[t.indices[first+i]*m.Pixels():][:m.Pixels()] }
	if t.options.Mirror {
		straight := pixels
		for i := range count {
			if random.Hash(noise, uint64(first+i), mirroring)&1 != 0 {
				mirror(t.mirrored[(first+i)*m.Pixels():], straight(i), m.Image)
			}
		}
		pixels = func(i int) []byte {
			if random.Hash(noise, uint64(first+i), mirroring)&1 == 0 {
				return straight(i)
			}
			return t.mirrored[(first+i)*m.Pixels():][:m.Pixels()]
		}
	}
	scale := 1 / float64(len(t.indices))
	pixelScale := float32(scale * m.reconstructionScale(float64(t.variance[0])))

	encoder.Run(count, func(i int) { encoder.Load(i, pixels(i)) }, nil, false)
	mean, logVar := heads(encoder, count, encoder.X)
	z, dz := decoder.X(0, 0), decoder.D(0, 0)
	for i := range count {
		eps := of(t.eps, first+i)
		for d := range eps {
			eps[d] = Noise(noise, first+i, d)
		}
		m.sample(of(z, i), of(mean, i), of(logVar, i), eps)
		r := &t.records[first+i]
		m.divergence(r.kl, of(mean, i), of(logVar, i))
		r.bookKL = m.bookDivergence(of(mean, i), of(logVar, i))
	}
	decoder.Run(count, nil, func(i int) {
		r := &t.records[first+i]
		r.reconstruction = m.outputError(decoder, i, true, pixels(i), pixelScale)
		r.bookReconstruction = r.reconstruction
	}, true)
	dMean, dLogVar := heads(encoder, count, encoder.D)
	for i := range count {
		m.posteriorGradient(of(dMean, i), of(dLogVar, i), of(dz, i), of(mean, i), of(logVar, i), of(t.eps, first+i), scale)
	}
	encoder.Backward(count)
}

// mirroring keeps the choice of what is mirrored apart from the noise of the same step.
const mirroring = 0x6d6972726f72 // "mirror"

// mirror copies an image of a shape (height, width, channels) with left and right exchanged.
func mirror(dst, src []byte, shape [3]int) {
	width, channels := shape[1], shape[2]
	for i := 0; i < len(src); i += width * channels {
		for x := range width {
			copy(dst[i+x*channels:][:channels], src[i+(width-1-x)*channels:])
		}
	}
}

// peaksPrefix begins the names of the peaks of activations in State. It stays as it was, for
// checkpoints that are there.
const peaksPrefix = "roundoff.peaks."

// varianceName is that of the variance of pixels in State.
const varianceName = "sigma.variance"

// TakeUp has a trainer that has made no step go on at the given one, of which its schedule says
// that training is taken up there.
func (t *Trainer) TakeUp(step int) error {
	if t.step != 0 || step != t.options.Schedule.From {
		return fmt.Errorf("vae: training cannot be taken up at step %d", step)
	}
	t.step = step
	return nil
}

// State is what a checkpoint needs beside the model's weights to go on as if
// nothing had happened: the number of steps, the optimizer's slots and the peaks of activations.
func (t *Trainer) State() []nn.Param {
	state := t.state()
	for i, p := range state {
		state[i].Data = slices.Clone(p.Data)
	}
	return state
}

// state is State with the trainer's own arrays, but for the step.
func (t *Trainer) state() []nn.Param {
	name := t.options.Optimizer.Name()
	ps := []nn.Param{{Name: name + ".step", Shape: []int{1}, Data: []float32{float32(t.step)}}}
	for i, slot := range t.options.Optimizer.Slots() {
		for _, p := range t.m.paramsOf(t.update.Slots[i]) {
			p.Name = name + "." + slot + "." + p.Name
			ps = append(ps, p)
		}
	}
	if t.m.Loss == LossSigma {
		ps = append(ps, nn.Param{Name: varianceName, Shape: []int{1}, Data: t.variance})
	}
	for _, r := range t.noises {
		ps = append(ps, nn.Param{Name: peaksPrefix + r.name, Shape: []int{len(r.peaks)}, Data: r.peaks})
	}
	return ps
}

// Restore sets the state, in any order. The model's weights must be those of
// the same moment. After an error the state is what it was.
func (t *Trainer) Restore(state []nn.Param) error {
	own := t.state()
	given, err := nn.Match(own, state)
	if err != nil {
		return fmt.Errorf("vae: checkpoint %w", err)
	}
	for _, p := range own {
		g := given[p.Name]
		switch {
		case strings.HasPrefix(p.Name, peaksPrefix) && slices.ContainsFunc(g.Data, func(v float32) bool { return !(v >= 0 && v <= math.MaxFloat32) }):
			return fmt.Errorf("vae: checkpoint's %q must be 0 or more", p.Name)
		case p.Name == varianceName && !(g.Data[0] > 0 && g.Data[0] <= 1):
			return fmt.Errorf("vae: checkpoint's %q must be above 0 and at most 1", p.Name)
		}
	}
	first := given[own[0].Name]
	if t.step, err = first.Step(); err != nil {
		return fmt.Errorf("vae: checkpoint %w", err)
	}
	for _, p := range own[1:] {
		copy(p.Data, given[p.Name].Data)
	}
	return nil
}
