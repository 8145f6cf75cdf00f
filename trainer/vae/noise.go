package vae

import (
	"math"
	"math/bits"
)

// Noise is a draw from the normal distribution that follows from its
// arguments alone: the noise of image index in latent dimension dim.
func Noise(seed uint64, index, dim int) float32 {
	h := hash(seed, uint64(index), uint64(dim))
	// Box and Muller's transform of two uniform numbers, the first above 0.
	u := float64(h>>11+1) / (1 << 53)
	v := float64(mix(h)>>11) / (1 << 53)
	return float32(math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v))
}

// Permutation is the order in which an epoch of training visits n images.
func Permutation(seed uint64, epoch, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, _ := bits.Mul64(hash(seed, uint64(epoch), uint64(i)), uint64(i+1)) // even to 1 in 2^64/n
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// stepSeed is the seed of the noise of a training step.
func stepSeed(seed uint64, step int) uint64 { return hash(seed, uint64(step), trainingNoise) }

// trainingNoise keeps a step's noise apart from Noise with the same seed.
const trainingNoise = 0x7374657073 // "steps"

func hash(seed, a, b uint64) uint64 { return mix(mix(mix(seed)+a) + b) }

// mix is a step of SplitMix64 (Steele, Lea and Flood, 2014), a bijection whose
// every output bit depends on every input bit.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
