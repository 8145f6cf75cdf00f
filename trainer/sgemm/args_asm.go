//go:build (amd64 || arm64) && !purego

package sgemm

// gemmArgs is what a Gemm microkernel is given.
type gemmArgs struct {
	a          *float32 // base of the offsets in aOff
	aOff       *int32   // offsets of the rows of all tiles
	taps       *int32
	nTaps      int      // at least 1
	k          int      // length of a row's run at each tap, at least 1
	b          *float32 // panel, nTaps*k rows of it
	c          *float32 // base of the offsets in cOff, at the panel's first column
	cOff       *int32
	bias       *float32 // a row of the tile
	tiles      int      // at least 1
	accumulate int      // 1 to begin with C in place of bias, otherwise 0
	floor      float32  // results are max(floor, x): 0 for ReLU, -Inf for none
}

// outerArgs is what an Outer microkernel is given. It computes tiles below each other.
type outerArgs struct {
	a     *float32 // strip of A, stripRows floats a pixel, from a tile's first row on
	d     *float32 // panel of D, a tile's columns a pixel
	p     int      // length of the sum, at least 1
	c     *float32 // a tile
	ldc   int      // in floats
	tiles int      // at least 1
}
