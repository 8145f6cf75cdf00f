package gan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Options are how a Model is trained.
type Options struct {
	Batch      int         // images a step, and as many drawn ones, at most
	Threads    int         // 0 is all cores; the result does not depend on it
	Schedule   nn.Schedule // of the generator's learning rate
	CriticRate float64     // the critic's, as a factor of that
	Optimizer  nn.Optimizer
	Averaging  float64 // what the average keeps of itself in a step
	Seed       uint64  // of the noise
	Backend    *sgemm.Backend
}

// Usual are the options that have been found to suit digits; see docs/gan.md.
var Usual = Options{Batch: 32, CriticRate: 2, Optimizer: nn.Adam{Beta1: 0.5, Beta2: 0.99, Epsilon: 1e-7}, Averaging: 0.999}

// MostBatch is the largest Batch.
const MostBatch = 1 << 12

// ErrDiverged is wrapped by the error of a step whose loss or gradient is not finite. What cures it
// is the same for autoencoders.
var ErrDiverged = vae.ErrDiverged

// Stats are means over the pictures of a step, before it.
type Stats struct {
	Critic    float64 // the critic's loss, of images and drawn pictures together
	Generator float64 // the generator's
	// Images and Drawn are the shares that the critic takes for what they are: a number above 0 for
	// images, below it for drawn pictures.
	Images, Drawn float64
	Gap           float64 // between the means of the critic's numbers for images and drawn pictures
}

// Trainer changes a Model's weights step by step.
type Trainer struct {
	m                             *Model
	options                       Options
	pool                          *parallel.Pool
	criticGradient, drawGradient  *nn.Gradient
	criticUpdate, generatorUpdate *nn.Update
	step                          int
	numbers                       []float64 // by picture: the critic's
	losses                        []float64
	images                        []byte // of the step being made
	indices                       []int
	criticNoise, generatorNoise   uint64
}

// shardSize is the number of pictures that go through the networks together; see package vae.
func shardSize(batch int) int { return min(max(batch/4, 1), 8) }

// NewTrainer prepares to train m, which is changed by every Step.
func NewTrainer(m *Model, o Options) (*Trainer, error) {
	switch {
	case o.Batch < 1 || o.Batch > MostBatch:
		return nil, fmt.Errorf("gan: batch of %d images: must be 1 to %d", o.Batch, MostBatch)
	case !(o.CriticRate > 0) || math.IsInf(o.CriticRate, 0):
		return nil, fmt.Errorf("gan: factor %v of the critic's learning rate: must be above 0", o.CriticRate)
	case !(o.Averaging >= 0 && o.Averaging < 1):
		return nil, fmt.Errorf("gan: the average keeps %v of itself: must be 0 to below 1", o.Averaging)
	}
	if err := o.Schedule.Validate(); err != nil {
		return nil, err
	}
	if o.Optimizer == nil {
		o.Optimizer = Usual.Optimizer
	}
	if o.Backend == nil {
		o.Backend = sgemm.Best()
	}
	t := &Trainer{m: m, options: o, pool: parallel.New(o.Threads), numbers: make([]float64, 2*o.Batch), losses: make([]float64, 2*o.Batch)}
	nets := []*nn.Network{nn.NewNetwork(m.Generator, o.Backend, 2*o.Batch), nn.NewNetwork(m.Critic, o.Backend, 2*o.Batch)}
	t.criticGradient = nn.NewGradient(nets, nn.GradientOptions{
		Batch: 2 * o.Batch, Shard: 2 * shardSize(o.Batch), Pool: t.pool, Backend: o.Backend,
		Fused: []bool{true, true}, InputGradient: []bool{false, false}, Frozen: []bool{true, false},
	}, t.judge)
	t.drawGradient = nn.NewGradient(nets, nn.GradientOptions{
		Batch: o.Batch, Shard: shardSize(o.Batch), Pool: t.pool, Backend: o.Backend,
		Fused: []bool{false, true}, InputGradient: []bool{false, true}, Frozen: []bool{false, true},
	}, t.draw)
	t.criticUpdate = nn.NewUpdate(t.pool, o.Backend, o.Optimizer, m.critic, t.criticGradient.Values)
	t.generatorUpdate = nn.NewUpdate(t.pool, o.Backend, o.Optimizer, m.generator, t.drawGradient.Values)
	return t, nil
}

// StepNumber is the number of steps made.
func (t *Trainer) StepNumber() int { return t.step }

// Step makes a step of the critic and then one of the generator. The batch is the images of the
// data set images that have the given indices; an image is Pixels() bytes, 0 to 255.
//
// If a loss or a gradient is not finite, the error says so, and the weights of the network that it
// is of are those before the step.
func (t *Trainer) Step(images []byte, indices []int) (Stats, error) {
	size := t.m.Pixels()
	if len(indices) < 1 || len(indices) > t.options.Batch {
		return Stats{}, fmt.Errorf("gan: step with %d images: must be 1 to %d", len(indices), t.options.Batch)
	}
	for _, i := range indices {
		if i < 0 || i >= len(images)/size {
			return Stats{}, fmt.Errorf("gan: step with image %d of %d", i, len(images)/size)
		}
	}
	t.images, t.indices = images, indices
	defer func() { t.images, t.indices = nil, nil }()
	step := t.step + 1
	rate := t.options.Schedule.Rate(step)
	t.criticNoise = random.Hash(t.options.Seed, uint64(step), criticNoise)
	t.generatorNoise = random.Hash(t.options.Seed, uint64(step), generatorNoise)

	var s Stats
	t.criticGradient.Compute(2 * len(indices))
	s.judged(t.numbers[:2*len(indices)], t.losses)
	t.criticGradient.Sum()
	for _, n := range t.m.norms {
		n.through(n.span.Of(t.criticGradient.Values), n.span.Of(t.m.divided))
	}
	if !finite(s.Critic + t.criticUpdate.SquaredNorm()) {
		return s, fmt.Errorf("gan: %w: the critic's loss or its gradient is not finite at step %d, learning rate %g", ErrDiverged, step, rate*t.options.CriticRate)
	}
	t.criticUpdate.Step(step, rate*t.options.CriticRate)
	t.m.iterate()
	t.m.divide()

	t.drawGradient.Compute(len(indices))
	for _, l := range t.losses[:len(indices)] {
		s.Generator += l / float64(len(indices))
	}
	t.drawGradient.Sum()
	if !finite(s.Generator + t.generatorUpdate.SquaredNorm()) {
		return s, fmt.Errorf("gan: %w: the generator's loss or its gradient is not finite at step %d, learning rate %g", ErrDiverged, step, rate)
	}
	t.generatorUpdate.Step(step, rate)
	t.step = step
	t.m.mix(float32(1 - min(t.options.Averaging, float64(1+step)/float64(10+step))))
	return s, nil
}

// These keep the two kinds of noise of a step apart.
const (
	criticNoise    = 0x637269746963
	generatorNoise = 0x67656e6572
)

// mix adds a share of the generator's weights to their average.
func (m *Model) mix(share float32) {
	for i, w := range m.generator {
		m.average[i] += float32(share * (w - m.average[i]))
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// judged sums up what the critic says of pictures, always in the same order: images at even places,
// drawn ones at odd ones.
func (s *Stats) judged(numbers, losses []float64) {
	n := float64(len(numbers) / 2)
	for i, c := range numbers {
		s.Critic += losses[i] / n
		switch {
		case i%2 == 0 && c > 0:
			s.Images += 1 / n
		case i%2 == 1 && c < 0:
			s.Drawn += 1 / n
		}
		if i%2 == 0 {
			s.Gap += c / n
		} else {
			s.Gap -= c / n
		}
	}
}

// point sets z to the latent point of that number.
func point(z []float32, noise uint64, i int) {
	for d := range z {
		z[d] = vae.Noise(noise, i, d)
	}
}

// paint sets an input of the critic to the pixels of logits, both with borders.
func paint(critic *nn.Pass, slot int, generator *nn.Pass, image int) {
	out := generator.Output()
	from, to := generator.Layouts[out], critic.Layouts[0]
	for y := range from.Height {
		row := to.Row(critic.X(0, slot), 0, y)
		for i, l := range from.Row(generator.X(out, image), 0, y) {
			row[i] = sigmoid(l)
		}
	}
}

// judge runs count pictures of the critic's batch forward and backward: images at even places,
// drawn ones at odd ones.
func (t *Trainer) judge(w *nn.Worker, first, count int) {
	generator, critic := w.Passes[0], w.Passes[1]
	latent, size := t.m.Latent, t.m.Pixels()
	odd := (first + 1) % 2 // the first place of a drawn picture in the shard
	drawn := (count - odd + 1) / 2
	for j := range drawn {
		point(generator.X(0, 0)[j*latent:][:latent], t.criticNoise, (first+odd)/2+j)
	}
	generator.Run(drawn, nil, func(j int) { paint(critic, odd+2*j, generator, j) }, false)
	scale := float32(1 / float64(len(t.indices)))
	critic.Run(count, func(i int) {
		if (first+i)%2 == 0 {
			critic.Load(i, t.images[t.indices[(first+i)/2]*size:][:size])
		}
	}, func(i int) {
		c := float64(critic.X(critic.Output(), i)[0])
		loss, slope := t.m.Loss.criticLoss(c, (first+i)%2 == 1)
		t.numbers[first+i], t.losses[first+i] = c, loss
		critic.D(critic.Output(), i)[0] = scale * float32(slope)
	}, true)
}

// draw runs count pictures of the generator's batch forward and backward.
func (t *Trainer) draw(w *nn.Worker, first, count int) {
	generator, critic := w.Passes[0], w.Passes[1]
	latent := t.m.Latent
	for j := range count {
		point(generator.X(0, 0)[j*latent:][:latent], t.generatorNoise, first+j)
	}
	generator.Run(count, nil, nil, false)
	scale := float32(1 / float64(len(t.indices)))
	for j := range count {
		paint(critic, j, generator, j)
	}
	critic.Run(count, nil, func(i int) {
		loss, slope := t.m.Loss.generatorLoss(float64(critic.X(critic.Output(), i)[0]))
		t.losses[first+i] = loss
		critic.D(critic.Output(), i)[0] = scale * float32(slope)
	}, true)
	out := generator.Output()
	from, to := critic.Layouts[0], generator.Layouts[out]
	for j := range count {
		for y := range to.Height {
			d := to.Row(generator.D(out, j), 0, y)
			g := from.Row(critic.D(0, j), 0, y)
			for i, p := range from.Row(critic.X(0, j), 0, y) {
				d[i] = g[i] * float32(p*(1-p))
			}
		}
	}
	generator.Backward(count)
}

// State is what a checkpoint needs to go on as if nothing had happened: all weights, the
// optimizers' slots, and the vectors of the power iterations.
func (t *Trainer) State() []nn.Param {
	state := t.state()
	for i, p := range state {
		state[i].Data = slices.Clone(p.Data)
	}
	return state
}

// stepName is that of the number of steps in State.
const stepName = "step"

const sigmaPrefix = "sigma."

// state is State with the trainer's own arrays, but for the step.
func (t *Trainer) state() []nn.Param {
	m := t.m
	ps := []nn.Param{{Name: stepName, Shape: []int{1}, Data: []float32{float32(t.step)}}}
	add := func(prefix string, of *nn.Model, data []float32) {
		for _, p := range of.ParamsOf(data) {
			p.Name = prefix + "." + p.Name
			ps = append(ps, p)
		}
	}
	add("weights", m.Generator, m.generator)
	add("average", m.Generator, m.average)
	add("weights", m.Critic, m.critic)
	for i, slot := range t.options.Optimizer.Slots() {
		add(slot, m.Generator, t.generatorUpdate.Slots[i])
		add(slot, m.Critic, t.criticUpdate.Slots[i])
	}
	for i, n := range m.norms {
		name := m.Critic.Layers[i].Name
		ps = append(ps,
			nn.Param{Name: "left." + name, Shape: []int{n.cols}, Data: n.left},
			nn.Param{Name: "right." + name, Shape: []int{n.rows}, Data: n.right},
			nn.Param{Name: sigmaPrefix + name, Shape: []int{1}, Data: n.sigma})
	}
	return ps
}

// Restore sets the state, in any order, the model's weights included. After an error the state is
// what it was.
func (t *Trainer) Restore(state []nn.Param) error {
	own := t.state()
	given, err := nn.Match(own, state)
	if err != nil {
		return fmt.Errorf("gan: checkpoint %w", err)
	}
	for _, p := range own {
		if strings.HasPrefix(p.Name, sigmaPrefix) && !(given[p.Name].Data[0] > 0) {
			return fmt.Errorf("gan: checkpoint's %q must be above 0", p.Name)
		}
	}
	first := given[stepName]
	step, err := first.Step()
	if err != nil {
		return fmt.Errorf("gan: checkpoint %w", err)
	}
	t.step = step
	for _, p := range own[1:] {
		copy(p.Data, given[p.Name].Data)
	}
	t.m.divide()
	return nil
}
