package vae

import (
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// roundoff adds noise like that of rounding to the activations of a layer of the decoder, so that the decoder does not come to depend on more
// exact ones: what Défossez, Adi and Synnaeve do to weights ("Differentiable Model Compression via Pseudo Quantization Noise", 2021). It is
// uniform, a number of steps of a grid from 0 to the channel's peak wide, and the gradient passes it as if it were not there.
type roundoff struct {
	layer int
	width float64   // of the noise, in steps
	peaks []float32 // by channel, of the steps so far, the older the less
	// Of the step being made.
	seed   uint64
	scales []float32   // by channel: what one unit of the random numbers is
	found  [][]float32 // peaks, by worker
}

const (
	roundoffNoise = 0x726f756e64 // "round": keeps the noise here apart from a step's other
	// peakDecay is what is left of a peak after a step.
	peakDecay = 0.99
)

func newRoundoff(layer int, width float64, channels, workers int) *roundoff {
	r := &roundoff{layer: layer, width: width, peaks: make([]float32, channels), scales: make([]float32, channels)}
	for range workers {
		r.found = append(r.found, make([]float32, channels))
	}
	return r
}

// begin takes the peaks as they are now for the noise of a step with that seed.
func (r *roundoff) begin(seed uint64) {
	r.seed = descent.Hash(seed, roundoffNoise, uint64(r.layer))
	for c, peak := range r.peaks {
		r.scales[c] = float32(float64(peak) * r.width / kernels.ActivationMax / (1 << 32))
	}
	for _, peaks := range r.found {
		clear(peaks)
	}
}

// add changes count maps x, of which the first is of the batch's image that is given.
func (r *roundoff) add(worker int, l nn.Layout, x []float32, image, count int) {
	for i := range count {
		for y := range l.Height {
			r.addRow(l.Row(x, i, y), r.found[worker], descent.Hash(r.seed, uint64(image+i), uint64(y)))
		}
	}
}

// addRow changes a row of pixels, and raises peaks to the largest activations before that.
func (r *roundoff) addRow(row, peaks []float32, seed uint64) {
	h := seed | 1 // xorshift must not start at 0
	for ; len(row) > 0; row = row[len(peaks):] {
		scales, pixel := r.scales[:len(peaks)], row[:len(peaks)]
		for c := 0; c < len(pixel); c += 2 {
			// Marsaglia's xorshift (2003): 32 bits for each of two channels.
			h ^= h << 13
			h ^= h >> 7
			h ^= h << 17
			if pixel[c] > peaks[c] {
				peaks[c] = pixel[c]
			}
			pixel[c] = noisy(pixel[c], int32(h), scales[c])
			if d := c + 1; d < len(pixel) {
				if pixel[d] > peaks[d] {
					peaks[d] = pixel[d]
				}
				pixel[d] = noisy(pixel[d], int32(h>>32), scales[d])
			}
		}
	}
}

// noisy is a + random·scale where a, which is not negative, is above 0, and stays there, for the gradient to pass. What is not finite is NaN.
func noisy(a float32, random int32, scale float32) float32 {
	const least = 0x20000000 // the bits of some 1e-19; those of floats that are not negative are in their order
	alive := int32(-int64(int32(math.Float32bits(a))) >> 63)
	bits := int32(math.Float32bits(a + float32(float32(random&alive)*scale)))
	return math.Float32frombits(uint32(max(bits, least&alive))) + (a - a)
}

// end takes note of the peaks of a step that was made.
func (r *roundoff) end() {
	for c := range r.peaks {
		r.peaks[c] *= peakDecay
		for _, peaks := range r.found {
			r.peaks[c] = max(r.peaks[c], peaks[c])
		}
	}
}
