package vae

import (
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Noisable says that a network can be trained with quantization noise: the decoder has inner
// layers, and all of them are to ReLUs.
func Noisable(n model.Network) bool {
	inner := len(n.Decoder) - 1
	return inner > 0 && !slices.ContainsFunc(n.Decoder[:inner], func(l model.Layer) bool { return l.Target != model.ReLU })
}

// quantizationNoise adds noise like that of rounding to the activations of a layer of the decoder,
// so that the decoder does not come to depend on more exact ones: what Défossez, Adi and Synnaeve
// do to weights ("Differentiable Model Compression via Pseudo Quantization Noise", 2021). It is
// uniform, a number of steps of a grid from 0 to the channel's peak wide, and the gradient passes
// it as if it were not there.
type quantizationNoise struct {
	name  string    // of the layer
	layer int       // its number, the encoder's counted first
	width float64   // of the noise, in steps
	peaks []float32 // by channel, of the steps so far, the older the less
	// Of the step being made.
	seed    uint64
	scales  []float32 // by channel: what one unit of the random numbers is
	workers []noiseWorker
}

type noiseWorker struct {
	peaks  []float32  // of its images
	random [2][]int32 // of a row's pixels
}

const (
	quantizationNoiseKey = 0x726f756e64 // "round": keeps the noise here apart from a step's other
	// peakDecay is what is left of a peak after a step.
	peakDecay = 0.99
)

func newQuantizationNoise(name string, layer int, width float64, l nn.Layout, workers int) *quantizationNoise {
	channels, row := l.Channels, l.Width*l.Channels
	r := &quantizationNoise{name: name, layer: layer, width: width, peaks: make([]float32, channels), scales: make([]float32, channels)}
	for range workers {
		r.workers = append(r.workers, noiseWorker{make([]float32, channels), [2][]int32{make([]int32, row), make([]int32, row)}})
	}
	return r
}

// begin takes the peaks as they are now for the noise of a step with that seed.
func (r *quantizationNoise) begin(seed uint64) {
	r.seed = random.Hash(seed, quantizationNoiseKey, uint64(r.layer))
	for c, peak := range r.peaks {
		r.scales[c] = float32(float64(peak) * r.width / kernels.ActivationMax / (1 << 32))
	}
	for _, w := range r.workers {
		clear(w.peaks)
	}
}

// add changes count maps x, of which the first is of the batch's image that is given.
func (r *quantizationNoise) add(b *sgemm.Backend, worker int, l nn.Layout, x []float32, image, count int) {
	w := &r.workers[worker]
	for i := range count {
		// Two rows at a time: within a row each random number waits for the one before. The last of
		// an odd number of rows has no use for its partner's.
		for y := 0; y < l.Height; y += 2 {
			seed := func(y int) uint64 { return random.Hash(r.seed, uint64(image+i), uint64(y)) }
			fill(w.random, seed(y), seed(y+1))
			for k := range min(2, l.Height-y) {
				b.Noise(l.Row(x, i, y+k), w.random[k], r.scales, w.peaks)
			}
		}
	}
}

// fill fills two rows with random numbers by Marsaglia's xorshift (2003), of which each step makes
// two of a row.
func fill(rows [2][]int32, seed0, seed1 uint64) {
	a, b := rows[0], rows[1][:len(rows[0])]
	g, h := seed0|1, seed1|1 // must not start at 0
	for i := 0; i < len(a); i += 2 {
		g ^= g << 13
		h ^= h << 13
		g ^= g >> 7
		h ^= h >> 7
		g ^= g << 17
		h ^= h << 17
		a[i], b[i] = int32(g), int32(h)
		if j := i + 1; j < len(a) {
			a[j], b[j] = int32(g>>32), int32(h>>32)
		}
	}
}

// end takes note of the peaks of a step that was made.
func (r *quantizationNoise) end() {
	for c := range r.peaks {
		r.peaks[c] *= peakDecay
		for _, w := range r.workers {
			r.peaks[c] = max(r.peaks[c], w.peaks[c])
		}
	}
}
