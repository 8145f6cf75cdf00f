// Package random has random numbers that follow from a seed and a place, so that
// they are the same in whatever order they are drawn.
package random

import "math/bits"

// Permutation is the order in which an epoch of training visits n images.
func Permutation(seed uint64, epoch, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, _ := bits.Mul64(Hash(seed, uint64(epoch), uint64(i)), uint64(i+1)) // even to 1 in 2^64/n
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// Hash returns 64 random bits that follow from its arguments alone.
func Hash(seed, a, b uint64) uint64 { return Mix(Mix(Mix(seed)+a) + b) }

// Mix is a step of SplitMix64 (Steele, Lea and Flood, 2014), a bijection whose
// every output bit depends on every input bit.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
