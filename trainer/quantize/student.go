package quantize

import (
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A student is a decoder in float32 that computes what its int8 form will: weights and activations are rounded to their int8 grids
// on the way forward. On the way back rounding counts as the identity where nothing is clipped, the straight-through estimator
// of Bengio, Léonard and Courville (2013), and the scales of the grids are learnt as in Esser et al., Learned Step Size
// Quantization (2020), here by their logarithms. (Left out is what an activation's scale does to the rounding of the next layer's weights.)
type student struct {
	backend *sgemm.Backend
	crew    *crew.Crew
	latent  nn.Layout
	layers  []*layer

	// All that is learnt, laid out alike: weights and biases, then, from scales on, the logarithms of the scales.
	params, gradient []float32
	scales           int
	weightUpdate     *descent.Update
	scaleUpdate      *descent.Update
	step             int

	lanes []*lane
}

// A layer is one of the student's: a dense one first, then convolutions.
type layer struct {
	grid
	layout nn.Layout // of the outputs
	dense  *nn.DenseLayer
	conv   *nn.ConvLayer

	weight, bias, logWeightScale, logScale span // logScale is empty where the outputs are logits

	slope []float32 // of rounded, see round
}

// span is a range of parameters.
type span struct{ from, to int }

func (s span) of(data []float32) []float32 { return data[s.from:s.to:s.to] }

// A lane runs some of a batch's images, and sums their gradients. The number of lanes follows from the batch alone, and so does the
// result.
type lane struct {
	point    []float32
	x, slope [][]float32 // by layer, of one image: outputs on their grids, and see round
	d        [][]float32 // gradient of x; of the dense layer's for all images
	gradient []float32
	scratch  []float32
	loss     float64
}

const laneImages = 4

func newStudent(m *vae.Model, c *crew.Crew, b *sgemm.Backend, batch int) *student {
	s := &student{backend: b, crew: c, latent: nn.Vector(m.Latent)}
	lanes := (batch + laneImages - 1) / laneImages
	size := 0
	take := func(n int) span {
		size += n
		return span{size - n, size}
	}
	var convs []nn.Conv
	for _, d := range m.DecoderLayers() {
		l := &layer{
			grid: newGrid(d), layout: nn.Layout{Height: d.Out[0], Width: d.Out[1], Channels: d.Out[2]},
			weight: take(len(d.Weight)), bias: take(len(d.Bias)),
			slope: make([]float32, len(d.Weight)),
		}
		conv := nn.Conv{
			Height: d.In[0], Width: d.In[1], In: d.In[2], Out: d.Out[2],
			Kernel: d.Kernel, Stride: d.Stride, Transposed: d.Kind == string(model.ConvTranspose), Pad: d.Crop,
		}
		if len(s.layers) == 0 {
			l.inScale = make([]float32, m.Latent)
			fill(l.inScale, 1.0/model.LatentSteps)
		} else {
			last := s.layers[len(s.layers)-1]
			in, out := conv.Borders()
			last.layout.Border, l.layout.Border = last.layout.Border.Max(in), out
			l.inScale = last.scale
		}
		if !d.ReLU {
			fill(l.scale, 1.0/kernels.LogitSteps)
		}
		s.layers, convs = append(s.layers, l), append(convs, conv)
	}
	s.scales = size
	for i, l := range s.layers {
		if i == 0 {
			l.dense = nn.NewDense(b, s.latent, l.layout, laneImages)
		} else {
			l.conv = nn.NewConv(b, convs[i], s.layers[i-1].layout, l.layout, 1)
		}
		l.logWeightScale = take(len(l.weightScale))
		if l.ReLU {
			l.logScale = take(len(l.scale))
		}
	}
	s.params, s.gradient = make([]float32, size), make([]float32, size)
	update := func(part span) *descent.Update {
		return descent.NewUpdate(c, b, nn.DefaultAdam, part.of(s.params), part.of(s.gradient))
	}
	s.weightUpdate, s.scaleUpdate = update(span{0, s.scales}), update(span{s.scales, size})
	for _, l := range s.layers {
		copy(l.weight.of(s.params), l.Weight)
		copy(l.bias.of(s.params), l.Bias)
	}
	for range lanes {
		s.lanes = append(s.lanes, s.newLane())
	}
	return s
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func (s *student) newLane() *lane {
	n := &lane{point: make([]float32, laneImages*s.latent.Size()), gradient: make([]float32, len(s.params))}
	scratch := 0
	for _, l := range s.layers {
		size := l.layout.Size()
		n.x, n.slope = append(n.x, make([]float32, size)), append(n.slope, make([]float32, size))
		if l.dense != nil {
			size *= laneImages
		} else {
			scratch = max(scratch, l.conv.Scratch(1))
		}
		n.d = append(n.d, make([]float32, size))
	}
	n.scratch = make([]float32, scratch)
	return n
}

// dead marks, in place of a slope, that an activation did not pass the ReLU.
const dead = -math.MaxFloat32

// round rounds x to a multiple of the step s, which is at most limit steps in magnitude. slope is the derivative of the result by
// the logarithm of s: within half a step, or beyond a step where x was clipped.
func round(x, s, limit float32) (rounded, slope float32) {
	// Adding and taking off 1.5 * 2^23 rounds to the nearest whole number, ties to even.
	const magic = 3 << 22
	u := float32(x / s)
	switch {
	case u > limit:
		return float32(limit * s), float32(limit * s)
	case u < -limit:
		return float32(-limit * s), float32(-limit * s)
	}
	q := float32(u+magic) - magic
	return float32(q * s), float32((q - u) * s)
}

// refresh takes the parameters as they are now.
func (s *student) refresh() {
	for _, l := range s.layers {
		for c, v := range l.logWeightScale.of(s.params) {
			l.weightScale[c] = float32(math.Exp(float64(v)))
		}
		for c, v := range l.logScale.of(s.params) {
			l.scale[c] = float32(math.Exp(float64(v)))
		}
	}
	s.crew.Run(len(s.layers), func(_, i int) {
		l := s.layers[i]
		for k, w := range l.weight.of(s.params) {
			in, out := l.channels(k)
			l.rounded[k], l.slope[k] = round(w, l.weightStep(in, out), 127)
		}
		if l.dense != nil {
			l.dense.Pack(l.rounded, false, 0, 1)
		} else {
			l.conv.Pack(l.rounded, true)
		}
	})
}

// forward decodes one image of a lane. It leaves the logits in the last of x.
func (s *student) forward(n *lane, image int) (logits []float32) {
	in := n.point[image*s.latent.Size():]
	for i, l := range s.layers {
		x, bias := n.x[i], l.bias.of(s.params)
		if l.dense != nil {
			l.dense.Forward(x, in, bias, l.ReLU, 1)
		} else {
			l.conv.Forward(x, in, bias, l.ReLU, 1, n.scratch)
		}
		if l.ReLU {
			roundActivations(x, n.slope[i], l.scale)
		}
		in = x
	}
	return in
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

// backward takes the gradient of an image's logits, in the last of d, to that of the parameters.
func (s *student) backward(n *lane, image int) {
	for i := len(s.layers) - 1; i >= 0; i-- {
		l := s.layers[i]
		d := n.d[i]
		if l.dense != nil {
			d = d[image*l.layout.Size():][:l.layout.Size()]
		}
		if l.ReLU {
			scaleGradient(l.logScale.of(n.gradient), d, n.slope[i], l.scale)
		}
		if l.dense != nil {
			return // its weights take all images at once
		}
		dx := n.d[i-1]
		if s.layers[i-1].dense != nil {
			dx = dx[image*s.layers[i-1].layout.Size():]
		}
		l.conv.Backward(dx, l.weight.of(n.gradient), l.bias.of(n.gradient), d, n.x[i-1], 1, n.scratch)
	}
}

// scaleGradient adds the gradient of the logarithms of scales and takes that of rounded activations, d, to that of the ReLU's inputs.
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

// learn makes a step of Adam on latent points z, of which there are at most as many as a batch has, toward targets: brightnesses
// 0 to 1. It returns the mean cross-entropy of the student's pixels with them, in nats an image.
func (s *student) learn(z, targets []float32, rate, scaleRate float64) float64 {
	s.refresh()
	dims, pixels := s.latent.Len(), len(targets)*s.latent.Len()/len(z)
	images := len(z) / dims
	active := s.lanes[:(images+laneImages-1)/laneImages]
	output := s.layers[len(s.layers)-1].layout
	s.crew.Run(len(active), func(_, i int) {
		n := active[i]
		clear(n.gradient)
		n.loss = 0
		first := i * laneImages
		count := min(laneImages, images-first)
		copy(n.point, z[first*dims:(first+count)*dims])
		for j := range count {
			logits, d := s.forward(n, j), n.d[len(n.d)-1]
			target := targets[(first+j)*pixels:][:pixels]
			for y := range output.Height {
				row := output.Row(logits, 0, y)
				n.loss += crossEntropy(output.Row(d, 0, y), row, target[y*len(row):][:len(row)], 1/float32(images))
			}
			s.backward(n, j)
		}
		l := s.layers[0]
		for piece := range l.dense.Pieces() {
			l.dense.BackwardWeights(l.weight.of(n.gradient), l.bias.of(n.gradient), n.d[0], n.point, count, piece)
		}
	})
	loss := 0.0
	clear(s.gradient)
	for _, n := range active {
		loss += n.loss
		s.backend.Add(s.gradient, n.gradient)
	}
	for _, l := range s.layers {
		g, sum := l.weight.of(s.gradient), l.logWeightScale.of(s.gradient)
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

// crossEntropy returns the cross-entropy of pixels with these logits under targets, summed, and sets d to weight times its gradient.
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
