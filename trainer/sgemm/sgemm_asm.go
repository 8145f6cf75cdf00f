//go:build amd64 && !purego

package sgemm

import "math"

// The assembly backends share the division into tiles. A microkernel computes
// tiles of a fixed number of rows and of Backend.nr columns.

// gemmArgs is what a Gemm microkernel is given. The assembly knows its layout
// and advances aOff, cOff and tiles.
type gemmArgs struct {
	a          *float32 // base of the offsets in aOff
	aOff       *int32   // offsets of the first tile's rows
	taps       *int32
	nTaps      int      // at least 1
	k          int      // length of a row's run at each tap, at least 1
	b          *float32 // panel, nTaps*k rows of it
	c          *float32 // base of the offsets in cOff, at the panel's first column
	cOff       *int32
	bias       *float32 // the panel's n biases, or nil for zeros
	tiles      int      // at least 1
	n          int      // columns that exist, 1 to nr
	accumulate int      // 1 to begin with C, otherwise 0
	floor      float32  // results are max(floor, x): 0 for ReLU, -Inf for none
}

// outerArgs is what an Outer microkernel is given. It computes one tile.
type outerArgs struct {
	a     *float32 // base of the offsets in aOff
	shift int      // added to them, for the tile's first row
	aOff  *int32
	d     *float32 // base of the offsets in dOff, at the tile's first column
	dOff  *int32
	p     int      // length of the sum, at least 1
	c     *float32 // the tile
	ldc   int      // in floats
	n     int      // columns that exist, 1 to nr
}

const (
	// maxRun bounds the rows of B that one microkernel call reads, so that the
	// panel of a long sum stays in the second-level cache from tile to tile.
	maxRun = 1024

	// maxWork bounds the multiply-accumulates of a call that has more than one
	// tile. Assembly cannot be preempted: this is some 5 µs on a wide CPU
	// and 250 µs on a slow one, at 2 GMAC/s.
	maxWork = 1 << 19

	// maxPixels bounds the sum of an Outer microkernel call, so that the strips
	// of A and D that it reads stay in the first-level cache from tile to tile.
	maxPixels = 96

	// maxRows is the largest number of rows in a tile.
	maxRows = 12
)

var negInf = float32(math.Inf(-1))

// gemm is gemmGeneric by the microkernels of b. A sum that is cut in parts
// continues from C, which gives every bit as an uncut one would.
func (b *Backend) gemm(g *Gemm, taps []int32) {
	if b == &generic || g.B.Rows == 0 { // no rows: the bias is all there is
		gemmGeneric(g, taps)
		return
	}
	group := max(1, maxRun/g.K)
	for row := 0; row < g.B.Rows; {
		t, k := row/g.K, row%g.K
		part := taps[t:min(t+group, len(taps))]
		run := min(maxRun, g.K-k)
		b.gemmPart(g, part, row, k, run)
		row += len(part) * run
	}
}

// gemmPart adds the part of the sum over the taps given, k to k+run-1 of each,
// of which the first is row of B.
func (b *Backend) gemmPart(g *Gemm, taps []int32, row, k, run int) {
	mr := b.gemmRows[0]
	tiles, rest := len(g.AOff)/mr, len(g.AOff)%mr

	// The last tile takes the smallest microkernel that is large enough and
	// repeats the last row, whose results are then the same and written again.
	var aTail, cTail [maxRows]int32
	tail := 0
	if rest > 0 {
		for _, r := range b.gemmRows {
			if r >= rest {
				tail = r
			}
		}
		aOff, cOff := g.AOff[tiles*mr:], g.COff[tiles*mr:]
		for i := range tail {
			aTail[i], cTail[i] = aOff[min(i, rest-1)], cOff[min(i, rest-1)]
		}
	}

	args := gemmArgs{a: &g.A[k], taps: &taps[0], nTaps: len(taps), k: run, floor: negInf}
	if row > 0 || g.Accumulate {
		args.accumulate = 1
	}
	if g.ReLU && row+len(taps)*run == g.B.Rows {
		args.floor = 0
	}
	perCall := max(1, maxWork/(mr*b.nr*len(taps)*run))
	for j := 0; j < g.B.Cols; j += b.nr {
		args.b = &g.B.data[j*g.B.Rows+row*b.nr]
		args.c = &g.C[j]
		args.n = min(b.nr, g.B.Cols-j)
		if g.Bias != nil {
			args.bias = &g.Bias[j]
		}
		for i := 0; i < tiles; i += perCall {
			args.aOff, args.cOff = &g.AOff[i*mr], &g.COff[i*mr]
			args.tiles = min(perCall, tiles-i)
			b.gemmKernel(mr, &args)
		}
		if tail > 0 {
			args.aOff, args.cOff, args.tiles = &aTail[0], &cTail[0], 1
			b.gemmKernel(tail, &args)
		}
	}
}

// outer is outerGeneric by the microkernels of b.
func (b *Backend) outer(c []float32, ldc int, a []float32, aOff []int32, aShift, rows int, d []float32, dOff []int32, cols int) {
	if b == &generic {
		outerGeneric(c, ldc, a, aOff, aShift, rows, d, dOff, cols)
		return
	}
	args := outerArgs{a: &a[0], ldc: ldc}
	for p := 0; p < len(aOff); p += maxPixels {
		args.p = min(maxPixels, len(aOff)-p)
		args.aOff, args.dOff = &aOff[p], &dOff[p]
		for j := 0; j < cols; j += b.nr {
			args.d, args.n = &d[j], min(b.nr, cols-j)
			for r := 0; r < rows; {
				args.shift, args.c = aShift+r, &c[r*ldc+j]
				for _, n := range b.outerRows {
					if n <= rows-r {
						b.outerKernel(n, &args)
						r += n
						break
					}
				}
			}
		}
	}
}

// vectors is how many of n elements the element-wise assembly takes.
func (b *Backend) vectors(n int) int {
	if b == &generic {
		return 0
	}
	return n &^ 7
}

func (b *Backend) reluBackward(dx, y []float32) {
	n := b.vectors(len(dx))
	if n > 0 {
		reluBackwardVector(&dx[0], &y[0], n)
	}
	reluBackwardGeneric(dx[n:], y[n:])
}

func (b *Backend) add(dst, src []float32) {
	n := b.vectors(len(dst))
	if n > 0 {
		addVector(&dst[0], &src[0], n)
	}
	addGeneric(dst[n:], src[n:])
}

func (b *Backend) adam(w, g, m, v []float32, lr, beta1, beta2, eps float32) {
	n := b.vectors(len(w))
	if n > 0 {
		adamVector(&w[0], &g[0], &m[0], &v[0], n, lr, beta1, 1-beta1, beta2, 1-beta2, eps)
	}
	adamGeneric(w[n:], g[n:], m[n:], v[n:], lr, beta1, beta2, eps)
}

func (b *Backend) rmsprop(w, g, v []float32, lr, rho, eps float32) {
	n := b.vectors(len(w))
	if n > 0 {
		rmspropVector(&w[0], &g[0], &v[0], n, lr, rho, 1-rho, eps)
	}
	rmspropGeneric(w[n:], g[n:], v[n:], lr, rho, eps)
}

// The element-wise assembly. n is a positive multiple of 8.

// reluBackwardVector is reluBackwardGeneric.
//
//go:noescape
func reluBackwardVector(dx, y *float32, n int)

// addVector is addGeneric.
//
//go:noescape
func addVector(dst, src *float32, n int)

// adamVector is adamGeneric; c1 and c2 are 1-beta1 and 1-beta2.
//
//go:noescape
func adamVector(w, dw, m, v *float32, n int, lr, beta1, c1, beta2, c2, eps float32)

// rmspropVector is rmspropGeneric; c is 1-rho.
//
//go:noescape
func rmspropVector(w, dw, v *float32, n int, lr, rho, c, eps float32)
