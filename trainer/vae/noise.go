package vae

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// Noise is a draw from the normal distribution that follows from its
// arguments alone: the noise of image index in latent dimension dim.
func Noise(seed uint64, index, dim int) float32 {
	h := random.Hash(seed, uint64(index), uint64(dim))
	// Box and Muller's transform of two uniform numbers, the first above 0.
	u := float64(h>>11+1) / (1 << 53)
	v := float64(random.Mix(h)>>11) / (1 << 53)
	return float32(math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v))
}

// stepSeed is the seed of the noise of a training step.
func stepSeed(seed uint64, step int) uint64 { return random.Hash(seed, uint64(step), trainingNoise) }

// trainingNoise keeps a step's noise apart from Noise with the same seed.
const trainingNoise = 0x7374657073 // "steps"
