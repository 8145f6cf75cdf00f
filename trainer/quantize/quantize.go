// Package quantize turns a trained float32 decoder into int8 weights in the arithmetic of package kernels, and measures
// what that costs.
//
// The decoder is quantized layer by layer, first to last, on the latent points of calibration images:
//
//   - Every activation channel has a scale of its own. The ReLU is positively homogeneous, so those scales fold into the next
//     layer's weights and cost nothing at inference.
//   - A channel's activation scale is the one with the least squared error against the float activations, clipping weighed
//     against rounding; a weight scale is the one with the least squared error of the weights, each weighed by the second moment of the
//     activations it meets.
//   - Each bias takes up the mean error that the rounded weights and the rounded activations before them leave at the
//     outputs that the ReLU lets pass.
package quantize

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Options of a quantization. The zero value is good.
type Options struct {
	Images  int    // calibration images, taken evenly from those given; 0 is 500
	Threads int    // 0 is one per CPU; the result does not depend on it
	Seed    uint64 // of the calibration's noise
}

// samples is the number of outputs of a channel that scales and biases are fitted to.
const samples = 1 << 15

// Quantize returns the int8 form of the model's decoder, calibrated on images: raw pixels, one picture after another.
func Quantize(m *vae.Model, name string, images []byte, o Options) (*decoder.Model, error) {
	if o.Images == 0 {
		o.Images = 500
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	size := m.Pixels()
	total := len(images) / size
	if total == 0 || len(images)%size != 0 {
		return nil, fmt.Errorf("quantize: %d bytes are no whole number of pictures of %d", len(images), size)
	}
	n := min(o.Images, total)
	chosen := make([]byte, 0, n*size)
	for i := range n {
		at := i * total / n * size
		chosen = append(chosen, images[at:at+size]...)
	}
	z, mean, logVar := make([]float32, n*m.Latent), make([]float32, n*m.Latent), make([]float32, n*m.Latent)
	vae.NewRunner(m, o.Threads, nil).Latents(z, mean, logVar, chosen, o.Seed)
	for _, v := range z {
		if v != v || math.Abs(float64(v)) > 1e6 {
			return nil, fmt.Errorf("quantize: a calibration image has the latent coordinate %v: the model has not been trained", v)
		}
	}

	out := &decoder.Model{
		Name: name, Latent: m.Latent, LatentSteps: decoder.LatentSteps,
		Image: [3]int{m.Height, m.Width, m.Channels},
		Table: sigmoidTable(),
	}
	c := &calibration{n: n, threads: o.Threads, real: make([][]float32, n), maps: make([]*kernels.Map, n), points: make([][]int16, n)}
	for i := range n {
		for _, v := range z[i*m.Latent : (i+1)*m.Latent] {
			c.points[i] = out.FixedPoint(c.points[i], float64(v))
		}
		c.real[i] = z[i*m.Latent : (i+1)*m.Latent]
	}
	inScale := make([]float64, m.Latent)
	for i := range inScale {
		inScale[i] = 1.0 / decoder.LatentSteps
	}
	layers := m.DecoderLayers()
	for i := range layers {
		l, scale, err := c.layer(&layers[i], inScale)
		if err != nil {
			return nil, fmt.Errorf("quantize: %s: %w", layers[i].Name, err)
		}
		out.Decoder = append(out.Decoder, l)
		inScale = scale
	}
	return out, out.Check()
}

// sigmoidTable is the pixel for each logit.
func sigmoidTable() *[kernels.TableSize]uint8 {
	t := new([kernels.TableSize]uint8)
	for i := range t {
		t[i] = pixel(indexLogit(i))
	}
	return t
}

// indexLogit is the logit that an index of the table stands for.
func indexLogit(i int) float64 { return float64(i-kernels.TableSize/2) / kernels.LogitSteps }

// pixel is the 8-bit pixel of a logit.
func pixel(logit float64) uint8 { return uint8(math.Round(255 / (1 + math.Exp(-logit)))) }

// calibration is the state of a quantization: for every calibration image the source of the next layer, as the float decoder and
// as the int8 decoder have it.
type calibration struct {
	n, threads int
	real       [][]float32    // NHWC
	points     [][]int16      // source of the first layer
	maps       []*kernels.Map // source of any other, without border and padding
}

// each runs f for every image.
func (c *calibration) each(f func(i int)) {
	var wg sync.WaitGroup
	for t := range c.threads {
		wg.Go(func() {
			for i := t; i < c.n; i += c.threads {
				f(i)
			}
		})
	}
	wg.Wait()
}

// layer quantizes one layer whose source channels have those scales, moves the calibration past it and returns the
// scales of its own channels.
func (c *calibration) layer(d *vae.DecoderLayer, inScale []float64) (decoder.Layer, []float64, error) {
	l := decoder.Layer{Op: decoder.Op(d.Kind), Kernel: d.Kernel, Stride: d.Stride, Out: d.Out, Target: decoder.ReLU}
	if d.Kind != string(decoder.Dense) {
		l.Edges = &d.Crop
	}
	if !d.ReLU {
		l.Target = decoder.Pixels
	}
	f := newFloatLayer(d)
	before := make([][]float32, c.n) // the float decoder's outputs before the ReLU
	c.each(func(i int) { before[i] = f.run(c.real[i]) })

	// Weights. Rows of f.weight are outputs; a dense layer's rows n, n+channels, … share a scale.
	moments := c.moments(d, f.inputs)
	channels := d.Out[2]
	weightScale := make([]float64, channels)
	l.Weight = make([]int8, len(f.weight))
	for o := range channels {
		var row []float64 // folded weights of the channel
		for at := o * f.inputs; at < len(f.weight); at += channels * f.inputs {
			for k, w := range f.weight[at : at+f.inputs] {
				row = append(row, float64(w)*inScale[k%len(inScale)])
			}
		}
		weightScale[o] = bestWeightScale(row, moments)
		for r := range len(row) / f.inputs {
			for k := range f.inputs {
				q := math.RoundToEven(row[r*f.inputs+k] / weightScale[o])
				l.Weight[(r*channels+o)*f.inputs+k] = int8(min(max(q, -127), 127))
			}
		}
	}

	// Biases: first the float ones, then corrected by the mean error that is left where the output passes the ReLU.
	l.Bias = make([]int32, len(d.Bias))
	exact := make([]float64, len(d.Bias))
	for n, b := range d.Bias {
		exact[n] = float64(b) / weightScale[n%channels]
		l.Bias[n] = int32(math.RoundToEven(exact[n]))
	}
	acc, err := c.accumulators(&l, d)
	if err != nil {
		return l, nil, err
	}
	sum, count := make([]float64, len(l.Bias)), make([]float64, len(l.Bias))
	for i := range c.n {
		for k, a := range acc[i] {
			n, t := k%len(l.Bias), weightScale[k%channels]
			if y := float64(before[i][k]); !d.ReLU || y > 0 {
				sum[n] += y/t - float64(a)
				count[n]++
			}
		}
	}
	shift := make([]int32, len(l.Bias))
	for n := range shift {
		if count[n] >= 16 {
			shift[n] = int32(math.RoundToEven(sum[n] / count[n]))
			l.Bias[n] += shift[n]
		}
	}
	for i := range c.n {
		for k := range acc[i] {
			acc[i][k] += shift[k%len(l.Bias)]
		}
	}

	// Scales of the outputs.
	outScale := make([]float64, channels)
	l.Scale = make([]float32, channels)
	for o := range channels {
		if d.ReLU {
			outScale[o] = c.bestActivationScale(before, acc, o, channels, weightScale[o])
		} else {
			outScale[o] = 1.0 / kernels.LogitSteps
		}
	}
	fillDead(outScale)
	for o := range channels {
		l.Scale[o] = float32(weightScale[o] / outScale[o])
	}

	// On to the next layer.
	c.each(func(i int) {
		for k, y := range before[i] {
			before[i][k] = max(y, 0)
		}
		c.real[i] = before[i]
		if d.ReLU {
			m := kernels.NewMap(d.Out[0], d.Out[1], channels, kernels.Layout{Pitch: channels})
			for k, a := range acc[i] {
				m.Data[k] = kernels.Requantize(a, l.Scale[k%channels])
			}
			c.maps[i] = m
		}
	})
	return l, outScale, nil
}

// moments are the mean squares of the int8 decoder's sources of one output, [ky][kx][in] or [in].
func (c *calibration) moments(d *vae.DecoderLayer, inputs int) []float64 {
	channels := make([]float64, d.In[2])
	for i := range c.n {
		if c.maps[i] == nil {
			for k, v := range c.points[i] {
				channels[k] += float64(v) * float64(v)
			}
			continue
		}
		for k, v := range c.maps[i].Data {
			channels[k%len(channels)] += float64(v) * float64(v)
		}
	}
	m := make([]float64, inputs)
	for k := range m {
		// A source that is always zero must not leave its weights undetermined.
		m[k] = channels[k%len(channels)]/float64(c.n) + 1e-9
	}
	return m
}

// bestWeightScale returns the scale for a channel's weights with the least error, weighed by moments, which repeat. The floor keeps
// a channel of tiny weights from needing a bias that int32 cannot hold.
func bestWeightScale(row, moments []float64) float64 {
	largest := 0.0
	for _, w := range row {
		largest = max(largest, math.Abs(w))
	}
	const floor = 1e-8
	if largest/127 < floor {
		return floor
	}
	best, bestError := 0.0, math.Inf(1)
	for step := range 64 {
		s := largest / 127 * (1 - float64(step)/128)
		e := 0.0
		for k, w := range row {
			d := w - s*min(max(math.RoundToEven(w/s), -127), 127)
			e += d * d * moments[k%len(moments)]
		}
		if e < bestError {
			best, bestError = s, e
		}
	}
	return best
}

// accumulators runs the integer layer on every image and returns its accumulators in NHWC order. Scales do not matter here.
func (c *calibration) accumulators(l *decoder.Layer, d *vae.DecoderLayer) ([][]int32, error) {
	f := newFloatLayer(d)
	weight := make([]float32, len(l.Weight))
	for i, w := range l.Weight {
		weight[i] = float32(w)
	}
	f.weight, f.bias = weight, make([]float32, len(l.Bias))
	// Sums of integers below 2^24 are exact in float32; the bias is added as an integer.
	limit := 127.0
	if c.maps[0] == nil {
		limit = 1 << 15
	}
	if bound := 127 * limit * float64(f.inputs); bound >= 1<<24 && c.maps[0] != nil {
		return nil, fmt.Errorf("a sum of %d products can reach %.0f, more than float32 holds exactly", f.inputs, bound)
	}
	acc := make([][]int32, c.n)
	c.each(func(i int) {
		if c.maps[i] == nil {
			acc[i] = make([]int32, len(l.Bias))
			for n := range acc[i] {
				acc[i][n] = l.Bias[n]
				for k, x := range c.points[i] {
					acc[i][n] += int32(x) * int32(l.Weight[n*f.inputs+k])
				}
			}
			return
		}
		in := make([]float32, len(c.maps[i].Data))
		for k, v := range c.maps[i].Data {
			in[k] = float32(v)
		}
		y := f.run(in)
		acc[i] = make([]int32, len(y))
		for k, v := range y {
			acc[i][k] = int32(v) + l.Bias[k%len(l.Bias)]
		}
	})
	return acc, nil
}

// fillDead gives channels that never pass the ReLU, which have no scale, the mean of the others'. It folds into the next layer's weights,
// so one far above the others' would leave nothing of theirs.
func fillDead(scales []float64) {
	sum, live := 0.0, 0
	for _, s := range scales {
		if s > 0 {
			sum += s
			live++
		}
	}
	if live == 0 {
		sum, live = 1, 1
	}
	for o, s := range scales {
		if s == 0 {
			scales[o] = sum / float64(live)
		}
	}
}

// bestActivationScale returns the scale of output channel o with the least squared error between the float activations and
// what the accumulators become; 0 for a channel that never passes the ReLU.
func (c *calibration) bestActivationScale(before [][]float32, acc [][]int32, o, channels int, weightScale float64) float64 {
	type pair struct{ want, have float64 }
	var pairs []pair
	largest := 0.0
	perImage := len(before[0]) / channels
	r := rand.New(rand.NewPCG(1, uint64(o)))
	for range min(samples, c.n*perImage) {
		i, k := r.IntN(c.n), r.IntN(perImage)*channels+o
		p := pair{max(float64(before[i][k]), 0), float64(acc[i][k]) * weightScale}
		if p.want > 0 || p.have > 0 {
			pairs = append(pairs, p)
			largest = max(largest, p.want, p.have)
		}
	}
	if largest == 0 {
		return 0
	}
	best, bestError := 0.0, math.Inf(1)
	for step := range 48 {
		s := largest / kernels.ActivationMax * (1 - float64(step)/64)
		e := 0.0
		for _, p := range pairs {
			d := p.want - s*min(max(math.RoundToEven(p.have/s), 0), kernels.ActivationMax)
			e += d * d
		}
		if e < bestError {
			best, bestError = s, e
		}
	}
	return best
}
