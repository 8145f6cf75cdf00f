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

// outerArgs is what an Outer microkernel is given. It computes tiles below each other, and leaves
// shift and c at the one after them.
type outerArgs struct {
	a     *float32 // base of the offsets in aOff
	shift int      // added to them, for a tile's first row
	tiles int      // at least 1; counted down to 0
	aOff  *int32
	d     *float32 // base of the offsets in dOff, at the tile's first column
	dOff  *int32
	p     int      // length of the sum, at least 1
	c     *float32 // a tile
	ldc   int      // in floats
	// The sum is in p/run runs, within which offsets are that many floats apart.
	run          int
	aStep, dStep int
}
