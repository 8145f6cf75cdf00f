package sgemm

// Backend is one implementation: generic, avx2, avx512 or neon.
// Matrices are packed for one backend and multiplied by the same one.
type Backend struct {
	name      string
	nr        int   // columns of a tile and of a panel of Packed
	gemmRows  []int // rows of the tiles it has for Gemm, largest first
	outerRows []int // rows of the tiles it has for Outer, largest first, the last 1
}

// String returns the backend's name.
func (b *Backend) String() string { return b.name }

// Packed is a matrix of Rows x Cols in panels of as many columns as the
// backend's microkernel takes, padded with zeros on the right.
type Packed struct {
	Rows, Cols int

	backend *Backend
	data    []float32 // data[(c/nr*Rows+r)*nr+c%nr]
}

// Gemm describes a multiplication: for every row m of C and column n of B,
//
//	C[COff[m]+n] = act(Bias[n] + Σt Σk A[AOff[m]+Taps[t]+k] · B[t*K+k][n])
//
// in the order of t, then k. C must not share memory with A or Bias, and its
// rows must not overlap each other.
type Gemm struct {
	A    []float32
	AOff []int32 // one per row of C, in floats
	Taps []int32 // added to a row's offset, one per run of K floats; nil is one tap of 0
	K    int     // len(Taps)*K is B.Rows

	B *Packed // packed by the backend that multiplies

	C    []float32
	COff []int32 // one per row of C, in floats

	Bias       []float32 // B.Cols long; nil is 0
	ReLU       bool      // act is max(x, 0), which keeps NaN; otherwise identity
	Accumulate bool      // begin with C in place of Bias; needs Bias nil and ReLU false
}
