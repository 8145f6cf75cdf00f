//go:build !purego

package sgemm

import "github.com/klauspost/cpuid/v2"

var (
	avx2   = Backend{name: "avx2", nr: 16, gemmRows: []int{6, 4}, outerRows: []int{6, 4, 2, 1}}
	avx512 = Backend{name: "avx512", nr: 32, gemmRows: []int{12, 8, 4}, outerRows: []int{12, 8, 4, 1}}
)

// detect returns the assembly backends that run here.
func detect() (bs []*Backend) {
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		bs = append(bs, &avx2)
		if cpuid.CPU.Supports(cpuid.AVX512F) {
			bs = append(bs, &avx512)
		}
	}
	return bs
}

// gemmKernel computes tiles of that many rows.
func (b *Backend) gemmKernel(rows int, args *gemmArgs) {
	switch {
	case b == &avx512 && rows == 12:
		gemm12x32AVX512(args)
	case b == &avx512 && rows == 8:
		gemm8x32AVX512(args)
	case b == &avx512:
		gemm4x32AVX512(args)
	case rows == 6:
		gemm6x16AVX2(args)
	default:
		gemm4x16AVX2(args)
	}
}

// outerKernel computes tiles of that many rows.
func (b *Backend) outerKernel(rows int, args *outerArgs) {
	switch {
	case b == &avx512 && rows == 12:
		outer12x32AVX512(args)
	case b == &avx512 && rows == 8:
		outer8x32AVX512(args)
	case b == &avx512 && rows == 4:
		outer4x32AVX512(args)
	case b == &avx512:
		outer1x32AVX512(args)
	case rows == 6:
		outer6x16AVX2(args)
	case rows == 4:
		outer4x16AVX2(args)
	case rows == 2:
		outer2x16AVX2(args)
	default:
		outer1x16AVX2(args)
	}
}

func (b *Backend) peak(n int) int {
	switch b {
	case &avx512:
		peakAVX512(n)
		return n * 12 * 32
	case &avx2:
		peakAVX2(n)
		return n * 6 * 16
	}
	return peakGeneric(n)
}

func (b *Backend) sigmoid(e, s []float64, x []float32) {
	for n := b.vectors(len(x)); n > 0; n = b.vectors(len(x)) {
		sigmoidVector(&e[0], &s[0], &x[0], n)
		e, s, x = e[n:], s[n:], x[n:]
	}
	sigmoidGeneric(e, s, x)
}

// The microkernels for Gemm: gemmGeneric on whole tiles.

//go:noescape
func gemm12x32AVX512(args *gemmArgs)

//go:noescape
func gemm8x32AVX512(args *gemmArgs)

//go:noescape
func gemm4x32AVX512(args *gemmArgs)

//go:noescape
func gemm6x16AVX2(args *gemmArgs)

//go:noescape
func gemm4x16AVX2(args *gemmArgs)

// The microkernels for Outer: outerGeneric on whole tiles.

//go:noescape
func outer12x32AVX512(args *outerArgs)

//go:noescape
func outer8x32AVX512(args *outerArgs)

//go:noescape
func outer4x32AVX512(args *outerArgs)

//go:noescape
func outer1x32AVX512(args *outerArgs)

//go:noescape
func outer6x16AVX2(args *outerArgs)

//go:noescape
func outer4x16AVX2(args *outerArgs)

//go:noescape
func outer2x16AVX2(args *outerArgs)

//go:noescape
func outer1x16AVX2(args *outerArgs)

func peakAVX512(n int)

func peakAVX2(n int)

// sigmoidVector is sigmoidGeneric; n is a positive multiple of 8.
//
//go:noescape
func sigmoidVector(e, s *float64, x *float32, n int)
