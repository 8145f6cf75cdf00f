package quantize

import (
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// A student is a decoder in float32 that computes what its int8 form will: weights and activations
// are rounded to their int8 grids on the way forward. On the way back rounding counts as the
// identity where nothing is clipped, the straight-through estimator of Bengio, Léonard and
// Courville (2013), and the scales of the grids are learnt as in Esser et al., Learned Step Size
// Quantization (2020), here by their logarithms. (Left out is what an activation's scale does to
// the rounding of the next layer's weights.)
type student struct {
	pool   *parallel.Pool
	net    *nn.Network // of rounded weights
	layers []*layer

	// All that is learnt, laid out alike: weights and biases, then, from scales on, the logarithms
	// of the scales.
	params       []float32
	gradient     *nn.Gradient
	scales       int
	weightUpdate *nn.Update
	scaleUpdate  *nn.Update
	step         int

	losses []float64 // by image of the batch

	z, targets []float32 // of the step being made
}

// A layer is one of the student's.
type layer struct {
	grid
	// In the parameters; logScale is empty where the outputs are logits
	weight, bias, logWeightScale, logScale nn.Span

	slope []float32 // of rounded, see round
}

// shardImages is how many images of a batch make a sum of gradients. The result depends on it.
const shardImages = 4

func newStudent(teacher *nn.Model, pool *parallel.Pool, b *sgemm.Backend, batch int) *student {
	m := nn.NewModel("", teacher.Stack, teacher.In, nil)
	s := &student{pool: pool, net: nn.NewNetwork(m, b, shardImages), scales: m.Size(), losses: make([]float64, batch)}
	size := m.Size()
	take := func(n int) nn.Span {
		size += n
		return nn.Span{From: size - n, To: size}
	}
	inScale := make([]float32, teacher.In[2])
	fill(inScale, 1.0/model.LatentSteps)
	for i, of := range teacher.Layers {
		l := &layer{
			grid: newGrid(of, m.Layers[i].Weight, i > 0), weight: of.WeightSpan, bias: of.BiasSpan,
			slope: make([]float32, len(of.Weight)),
		}
		l.inScale, inScale = inScale, l.scale
		l.logWeightScale = take(len(l.weightScale))
		if of.Activates() {
			l.logScale = take(len(l.scale))
		} else {
			fill(l.scale, 1.0/kernels.LogitSteps)
		}
		s.layers = append(s.layers, l)
	}
	s.params = make([]float32, size)
	for _, l := range s.layers {
		copy(l.weight.Of(s.params), l.Weight)
		copy(l.bias.Of(s.params), l.Bias)
	}
	s.gradient = nn.NewGradient([]*nn.Network{s.net}, nn.GradientOptions{
		Batch: batch, Shard: shardImages, Pool: pool, Backend: b,
		Fused: []bool{true}, InputGradient: []bool{false}, DenseInLanes: true, Extra: size - s.scales,
	}, s.shard)
	update := func(from, to int) *nn.Update {
		return nn.NewUpdate(pool, b, nn.DefaultAdam, s.params[from:to], s.gradient.Values[from:to])
	}
	s.weightUpdate, s.scaleUpdate = update(0, s.scales), update(s.scales, size)
	for _, w := range s.gradient.Workers {
		s.roundIn(w)
	}
	return s
}

// roundIn makes a worker's pass round activations, and take gradients back through that and through
// their ReLUs.
func (s *student) roundIn(w *nn.Worker) {
	p := w.Passes[0]
	slopes := make([]nn.Memory, len(s.layers)) // see round
	for i, l := range s.layers {
		if l.Activates() {
			slopes[i] = p.Beside(i + 1)
		}
	}
	p.After = func(i, image, n int) {
		l := s.layers[i]
		if !l.Activates() {
			return
		}
		x, slope := p.X(i+1, image)[:n*p.Layouts[i+1].Size()], slopes[i].At(image)
		if l.Target == model.LeakyReLU {
			l.roundLeaky(x, slope)
		} else {
			roundActivations(x, slope, l.scale)
		}
	}
	p.Through = func(i, image, n int) {
		l := s.layers[i]
		sum := w.Extra[l.logScale.From-s.scales : l.logScale.To-s.scales]
		d, slope := p.D(i+1, image)[:n*p.Layouts[i+1].Size()], slopes[i].At(image)
		if l.Target == model.LeakyReLU {
			l.leakyGradient(sum, d, p.X(i+1, image), slope)
		} else {
			scaleGradient(sum, d, slope, l.scale)
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// dead marks, in place of a slope, that an activation did not pass the ReLU.
const dead = -math.MaxFloat32

// refresh takes the parameters as they are now.
func (s *student) refresh() {
	for _, l := range s.layers {
		for c, v := range l.logWeightScale.Of(s.params) {
			l.weightScale[c] = float32(math.Exp(float64(v)))
		}
		for c, v := range l.logScale.Of(s.params) {
			l.scale[c] = float32(math.Exp(float64(v)))
		}
	}
	s.pool.Run(len(s.layers), func(_, i int) {
		l := s.layers[i]
		for k, w := range l.weight.Of(s.params) {
			in, out := l.channels(k)
			l.rounded[k], l.slope[k] = round(w, l.weightStep(in, out), 127)
		}
		copy(s.net.Layers[i].Bias, l.bias.Of(s.params))
	})
}

// shard takes count images of the batch forward and backward.
func (s *student) shard(w *nn.Worker, first, count int) {
	p := w.Passes[0]
	dims, out := model.Elements(s.net.In), p.Output()
	output := p.Layouts[out]
	pixels, images := output.Len(), len(s.z)/dims
	copy(p.X(0, 0), s.z[first*dims:(first+count)*dims])
	p.Run(count, nil, func(i int) {
		target, loss := s.targets[(first+i)*pixels:][:pixels], 0.0
		for y := range output.Height {
			row := output.Row(p.X(out, i), 0, y)
			loss += crossEntropy(output.Row(p.D(out, i), 0, y), row, target[y*len(row):][:len(row)], 1/float32(images))
		}
		s.losses[first+i] = loss
	}, true)
}

// roundActivations rounds the outputs of a ReLU, of which channel c has the scale[c].
func roundActivations(x, slope, scale []float32) {
	for ; len(x) > 0; x, slope = x[len(scale):], slope[len(scale):] {
		slope := slope[:len(scale)]
		for c, v := range x[:len(scale)] {
			if v > 0 {
				x[c], slope[c] = round(v, scale[c], kernels.ActivationMax)
			} else {
				slope[c] = dead
			}
		}
	}
}

// scaleGradient adds the gradient of the logarithms of scales and takes that of rounded
// activations, d, to that of the ReLU's inputs.
func scaleGradient(sum, d, slope, scale []float32) {
	for ; len(d) > 0; d, slope = d[len(scale):], slope[len(scale):] {
		d := d[:len(scale)]
		for c, v := range slope[:len(scale)] {
			switch {
			case v == dead:
				d[c] = 0
			case v > scale[c]:
				sum[c] += float32(d[c] * v)
				d[c] = 0
			default:
				sum[c] += float32(d[c] * v)
			}
		}
	}
}

// roundLeaky rounds the outputs of a leaky ReLU.
func (l *grid) roundLeaky(x, slope []float32) {
	for ; len(x) > 0; x, slope = x[len(l.scale):], slope[len(l.scale):] {
		slope := slope[:len(l.scale)]
		for c, v := range x[:len(l.scale)] {
			x[c], slope[c] = roundWithin(v, l.scale[c], l.low, l.high)
		}
	}
}

// leakyGradient is scaleGradient for what roundLeaky made x of: x-slope, unless it was clipped.
func (l *grid) leakyGradient(sum, d, x, slope []float32) {
	for ; len(d) > 0; d, x, slope = d[len(l.scale):], x[len(l.scale):], slope[len(l.scale):] {
		d, x := d[:len(l.scale)], x[:len(l.scale)]
		for c, v := range slope[:len(l.scale)] {
			sum[c] += float32(d[c] * v)
			switch {
			case x[c] == v && (v != 0 || l.low == 0): // clipped
				d[c] = 0
			case x[c] <= v:
				d[c] *= l.Slope
			}
		}
	}
}

// learn makes a step of Adam on latent points z, of which there are at most as many as a batch has,
// toward targets: brightnesses 0 to 1. It returns the mean cross-entropy of the student's pixels
// with them, in nats an image.
func (s *student) learn(z, targets []float32, rate, scaleRate float64) float64 {
	s.refresh()
	s.z, s.targets = z, targets
	images := len(z) / model.Elements(s.net.In)
	s.gradient.Compute(images)
	s.gradient.Sum()
	loss := 0.0
	for _, l := range s.losses[:images] {
		loss += l
	}
	gradient := s.gradient.Values
	for _, l := range s.layers {
		g, sum := l.weight.Of(gradient), l.logWeightScale.Of(gradient)
		for k, v := range l.slope {
			in, out := l.channels(k)
			sum[out] += float32(g[k] * v)
			if float32(max(v, -v)*l.inScale[in]) > l.weightScale[out] {
				g[k] = 0
			}
		}
	}
	s.step++
	s.weightUpdate.Step(s.step, rate)
	s.scaleUpdate.Step(s.step, scaleRate)
	return loss / float64(images)
}

// crossEntropy returns the cross-entropy of pixels with these logits under targets, summed, and
// sets d to weight times its gradient.
func crossEntropy(d, logits, targets []float32, weight float32) (sum float64) {
	for i, l := range logits {
		q, softplus := logistic(float64(l))
		sum += softplus - float64(float64(targets[i])*float64(l))
		d[i] = float32(weight * float32(q-float64(targets[i])))
	}
	return sum
}

// logistic returns 1/(1+exp(-x)) and log(1+exp(x)).
func logistic(x float64) (sigmoid, softplus float64) {
	e := math.Exp(-math.Abs(x))
	sigmoid, softplus = 1/(1+e), max(x, 0)+math.Log1p(e)
	if x < 0 {
		sigmoid *= e
	}
	return sigmoid, softplus
}
