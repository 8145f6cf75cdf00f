// Package float16 reads the floating-point numbers of 16 bits that weights are kept in. A float32
// has each of them exactly.
package float16

import "math"

// IEEE is the value of a number of IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction.
func IEEE(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10)&31, uint32(bits)&1023
	switch exponent {
	case 31: // infinite, or no number
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // fraction parts of 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// Brain is the value of a bfloat16, the upper half of a float32.
func Brain(bits uint16) float32 { return math.Float32frombits(uint32(bits) << 16) }
