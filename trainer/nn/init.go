package nn

import (
	"math"
	"math/rand/v2"
)

// glorotUniform fills w with values drawn evenly from ±sqrt(6/(fanIn+fanOut))
// (Glorot and Bengio, 2010). A convolution's fans are its channels times the
// elements of its kernel.
func glorotUniform(w []float32, fanIn, fanOut int, src *rand.PCG) {
	limit := math.Sqrt(6 / float64(fanIn+fanOut))
	for i := range w {
		u := float64(src.Uint64()>>11) / (1 << 53)
		w[i] = float32(limit * (2*u - 1))
	}
}
