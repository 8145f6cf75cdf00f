package vae

import (
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
)

// roundoff adds noise of the kind that rounding to int8 will make to the activations of a layer of the decoder, so that the decoder
// does not come to depend on more exact ones: pseudo quantization noise (Défossez, Adi and Synnaeve, "Differentiable Model Compression via
// Pseudo Quantization Noise", 2021). The gradient passes it as if it were not there. Without it a few activations grow to twenty times the
// usual size, and the steps of their grid with them.
type roundoff struct {
	steps  float64   // width of the noise, in steps of a grid from 0 to a channel's peak; 0 is none
	peaks  []float32 // by channel, of the steps so far, the older the less
	seed   uint64    // of the step being made
	scales []float32 // by channel, of the step being made: what one unit of the random numbers is
}

const (
	roundoffNoise = 0x726f756e64 // "round": keeps the noise here apart from a step's other
	// peakDecay is what is left of a peak after a step.
	peakDecay = 0.99
)

func newRoundoff(steps float64, channels int) *roundoff {
	return &roundoff{steps: steps, peaks: make([]float32, channels), scales: make([]float32, channels)}
}

// begin takes the peaks as they are now for a step's noise.
func (r *roundoff) begin(seed uint64, layer int) {
	r.seed = descent.Hash(seed, roundoffNoise, uint64(layer))
	for c, peak := range r.peaks {
		r.scales[c] = float32(float64(peak) * r.steps / kernels.ActivationMax / (1 << 32))
	}
}

// add changes a row of pixels of the batch's image that is given, and raises peaks to the largest activations before that.
func (r *roundoff) add(row, peaks []float32, image, y int) {
	h := descent.Hash(r.seed, uint64(image), uint64(y)) | 1 // xorshift must not start at 0
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

// noisy is a + random·scale where a is above 0, and stays there, for the gradient to pass.
func noisy(a float32, random int32, scale float32) float32 {
	const least = 0x20000000 // the bits of some 1e-19; those of floats that are not negative are in their order
	alive := -int32(math.Float32bits(a)) >> 31
	bits := int32(math.Float32bits(a + float32(float32(random&alive)*scale)))
	return math.Float32frombits(uint32(max(bits, least&alive)))
}

// end takes note of a step's peaks, by worker, and clears them.
func (r *roundoff) end(workers []worker, layer int) {
	for c := range r.peaks {
		r.peaks[c] *= peakDecay
		for _, w := range workers {
			r.peaks[c] = max(r.peaks[c], w.peaks[layer][c])
			w.peaks[layer][c] = 0
		}
	}
}
