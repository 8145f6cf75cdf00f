package quantize

import (
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// A grid is a layer and the steps that its weights and activations are rounded to.
type grid struct {
	nn.Layer
	inScale     []float32 // of the inputs, by channel
	weightScale []float32 // of the weights times inScale: by output channel, or by output
	scale       []float32 // of the outputs, by channel
	rounded     []float32 // weights on their grid
	// Steps of activations: the fewest below 0, as a negative number, and the most above
	low, high float32
}

// newGrid: of a dense layer of activations every output has a scale of its weights, of others every
// channel.
func newGrid(l nn.Layer, rounded []float32, activations bool) grid {
	scales := l.Out[2]
	if l.Op == model.Dense && activations {
		scales = len(l.Bias)
	}
	low := -float32(kernels.ZeroPoint(l.Slope))
	return grid{
		Layer: l, weightScale: make([]float32, scales), scale: make([]float32, l.Out[2]), rounded: rounded,
		low: low, high: kernels.ActivationMax + low,
	}
}

// fitOutputs sets the scales of the outputs to those of the least squared error of activations, by
// channel.
func (l *grid) fitOutputs(threads *parallel.Pool, activations [][]float32) {
	threads.Run(len(l.scale), func(_, c int) { l.scale[c] = bestScale(activations[c], l.low, l.high) })
}

// fitWeights sets the scales of weights to those of their least squared error in so many steps, for
// the inputs' scales that are set.
func (l *grid) fitWeights(threads *parallel.Pool, weights []float32, steps float32) {
	channels := newChannels(len(l.weightScale), len(weights)/len(l.weightScale))
	for k, w := range weights {
		in, out := l.channels(k)
		channels[out] = append(channels[out], w*l.inScale[in])
	}
	threads.Run(len(channels), func(_, c int) { l.weightScale[c] = bestScale(channels[c], -steps, steps) })
}

// weightStep is the step of the weights from an input channel to an output. It is finite, even if
// weights are huge and the input is always 0.
func (l *grid) weightStep(in, out int) float32 {
	return min(l.weightScale[out]/l.inScale[in], 0x1p100)
}

// newChannels are n channels without values, with room for so many each: channels that grow are
// copied over and over.
func newChannels(n, room int) [][]float32 {
	channels := make([][]float32, n)
	for c := range channels {
		channels[c] = make([]float32, 0, room)
	}
	return channels
}

// byChannel appends to every channel those of its values that are not 0, which any scale will do
// for.
func byChannel(channels [][]float32, values []float32) {
	for k, v := range values {
		if c := k % len(channels); v > 0 || v < 0 {
			channels[c] = append(channels[c], v)
		}
	}
}

// channels returns the input channel of weight i and which of weightScale it has.
func (l *grid) channels(i int) (in, scale int) {
	in, scale = l.Channels(i)
	if l.Op == model.Dense {
		scale = i % len(l.weightScale)
	}
	return in, scale
}

// place is where weight i lies in the int8 layer: [out][in] of a dense layer, otherwise
// [out][ky][kx][in].
func (l *grid) place(i int) int {
	inputs := len(l.Weight) / len(l.Bias)
	if l.Op == model.Dense {
		return i%len(l.Bias)*inputs + i/len(l.Bias)
	}
	in, out := l.channels(i)
	return out*inputs + i/(l.In[2]*l.Out[2])*l.In[2] + in
}

// Agreement is the share of the weights of an int8 decoder whose sign is that of the float32
// weight, those that are 0 left out: nearly 1 if the one was learnt from the other, and about a
// half otherwise. Both have the same layers.
func Agreement(q *model.Model, m *nn.Model) float64 {
	same, all := 0, 0
	for i, l := range m.Layers {
		of := grid{Layer: l}
		for k, w := range l.Weight {
			if v := q.Decoder[i].Weight[of.place(k)]; v != 0 && w != 0 {
				all++
				if v > 0 == (w > 0) {
					same++
				}
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(same) / float64(all)
}

// largestInput is the largest magnitude of what is added to a sum for an input, in steps: that of a
// latent number or, with what the zero point takes off the bias, of an activation that a layer of
// that slope gives.
func largestInput(latent bool, slope float32) int {
	if latent {
		return 1 << 15
	}
	return kernels.ActivationMax + int(kernels.ZeroPoint(slope))
}

// export returns the int8 layer with these biases, whose inputs are at most largestInput in
// magnitude.
func (l *grid) export(bias []float32, largestInput int) model.Int8Layer {
	to := model.Int8Layer{Layer: l.Layer.Layer}
	to.Weight, to.Bias = make([]int8, len(l.rounded)), make([]int32, len(l.Bias))
	inputs := len(l.rounded) / len(l.Bias)
	largest := float64(largestInput)
	// Biases within most and sums within mostSum keep accumulators within int32. A channel of too
	// many weights, or of next to none beside its bias, has coarser steps for it.
	const most, mostSum = 1 << 29, 1<<31 - 1<<29 - 1<<25
	sums := make([]float64, len(l.Bias))
	for k, w := range l.rounded {
		in, _ := l.channels(k)
		sums[l.place(k)/inputs] += math.Abs(float64(w)*float64(l.inScale[in])) * largest
	}
	weightScale := make([]float64, len(l.weightScale))
	for c, s := range l.weightScale {
		weightScale[c] = float64(s)
	}
	for n, b := range bias {
		c := n % len(weightScale)
		weightScale[c] = max(weightScale[c], math.Abs(float64(b))/most, sums[n]/mostSum)
	}
	for n, b := range bias {
		to.Bias[n] = int32(math.RoundToEven(float64(b) / weightScale[n%len(weightScale)]))
	}
	for k, w := range l.rounded {
		in, out := l.channels(k)
		to.Weight[l.place(k)] = int8(math.RoundToEven(float64(w) * float64(l.inScale[in]) / weightScale[out]))
	}
	// So are products with scales kept below 2^30.
	for c, s := range weightScale {
		bound := 0.0
		for n := c; n < len(to.Bias); n += len(weightScale) {
			sum := math.Abs(float64(to.Bias[n]))
			for _, w := range to.Weight[n*inputs : (n+1)*inputs] {
				sum += math.Abs(float64(w)) * largest
			}
			bound = max(bound, sum)
		}
		to.Scale = append(to.Scale, float32(min(s/float64(l.scale[c%len(l.scale)]), most/max(bound, 1))))
	}
	return to
}

// bestScale returns the scale with the least squared error of values that are rounded to multiples
// of it, from low to high of them. low is 0 where there is no value below.
func bestScale(values []float32, low, high float32) float32 {
	const most = 1 << 13 // values to look at
	stride := 1 + len(values)/most
	var largest float32
	for _, v := range values {
		if v < 0 && low < 0 {
			largest = max(largest, v/low)
		} else {
			largest = max(largest, v/high)
		}
	}
	if largest == 0 {
		return 1e-6 // a channel that is always zero: any will do
	}
	best, bestError := float32(0), math.Inf(1)
	for step := range 48 {
		s := largest * (1 - float32(step)/64)
		e := 0.0
		for i := 0; i < len(values) && !(e >= bestError); i += stride { // worse already
			r, _ := roundWithin(values[i], s, low, high)
			d := float64(r - values[i])
			e += d * d
		}
		if e < bestError {
			best, bestError = s, e
		}
	}
	return best
}

// round rounds x to a multiple of the step s, which is at most limit steps in magnitude. slope is
// the derivative of the result by the logarithm of s: within half a step, or beyond a step where x
// was clipped.
func round(x, s, limit float32) (rounded, slope float32) { return roundWithin(x, s, -limit, limit) }

// roundWithin is round to a multiple from low to high.
func roundWithin(x, s, low, high float32) (rounded, slope float32) {
	// Adding and taking off 1.5 * 2^23 rounds to the nearest whole number, ties to even.
	const magic = 3 << 22
	u := float32(x / s)
	switch {
	case u > high:
		return float32(high * s), float32(high * s)
	case u < low:
		return float32(low * s), float32(low * s)
	}
	q := float32(u+magic) - magic
	return float32(q * s), float32((q - u) * s)
}
