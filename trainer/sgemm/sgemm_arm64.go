//go:build !purego

package sgemm

var neon = Backend{name: "neon", nr: 8, gemmRows: []int{8, 4}, outerRows: []int{8, 4, 1}}

// detect returns the assembly backends that run here. NEON is part of every
// 64-bit Arm CPU that Go supports.
func detect() []*Backend { return []*Backend{&neon} }

// gemmKernel computes tiles of that many rows.
func (b *Backend) gemmKernel(rows int, args *gemmArgs) {
	if rows == 8 {
		gemm8x8NEON(args)
	} else {
		gemm4x8NEON(args)
	}
}

// outerKernel computes tiles of that many rows.
func (b *Backend) outerKernel(rows int, args *outerArgs) {
	switch rows {
	case 8:
		outer8x8NEON(args)
	case 4:
		outer4x8NEON(args)
	default:
		outer1x8NEON(args)
	}
}

func (b *Backend) peak(n int) int {
	if b == &generic {
		return peakGeneric(n)
	}
	peakNEON(n)
	return n * 8 * 8
}

func (b *Backend) sigmoid(e, s []float64, x []float32) { sigmoidGeneric(e, s, x) }

// The microkernels for Gemm: gemmGeneric on whole tiles.

//go:noescape
func gemm8x8NEON(args *gemmArgs)

//go:noescape
func gemm4x8NEON(args *gemmArgs)

// The microkernels for Outer: outerGeneric on whole tiles.

//go:noescape
func outer8x8NEON(args *outerArgs)

//go:noescape
func outer4x8NEON(args *outerArgs)

//go:noescape
func outer1x8NEON(args *outerArgs)

// peakNEON does n rounds of 8x8 multiply-accumulates.
func peakNEON(n int)
