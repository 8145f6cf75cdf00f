package sgemm_test

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// A 3x3 convolution of a picture of 2x2 pixels, one channel, into two channels:
// the sum of the neighbourhood and the pixel itself.
func ExampleBackend_Gemm() {
	picture := []float32{ // with a border of zeros
		0, 0, 0, 0,
		0, 1, 2, 0,
		0, 3, 4, 0,
		0, 0, 0, 0,
	}
	weights := []float32{ // nine taps by two channels
		1, 0, 1, 0, 1, 0,
		1, 0, 1, 1, 1, 0,
		1, 0, 1, 0, 1, 0,
	}
	b := sgemm.Best()
	packed := b.NewPacked(9, 2)
	packed.Pack(weights, 2, 1)
	out := make([]float32, 4*2)
	b.Gemm(&sgemm.Gemm{
		// One tap per row of the kernel
		A: picture, AOff: []int32{5, 6, 9, 10}, Taps: []int32{-5, -1, 3}, K: 3,
		B: packed,
		C: out, COff: []int32{0, 2, 4, 6},
	})
	fmt.Println(out)
	// Output: [10 1 10 2 10 3 10 4]
}
