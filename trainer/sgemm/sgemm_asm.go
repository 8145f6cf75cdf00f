//go:build (amd64 || arm64) && !purego

package sgemm

import "math"

// The assembly backends share the division into tiles. A microkernel computes
// tiles of a fixed number of rows and of Backend.nr columns; where C has fewer,
// the tile is computed in scratch.

const (
	// The largest tile of any microkernel.
	maxRows, maxCols = 12, 32

	// maxRun bounds the rows of B that one microkernel call reads, so that the
	// panel of a long sum stays in the second-level cache from tile to tile.
	maxRun = 1024

	// maxWork bounds the multiply-accumulates of a call that has more than one
	// tile. Assembly cannot be preempted: this is some 5 µs on a wide CPU
	// and 250 µs on a slow one, at 2 GMAC/s.
	maxWork = 1 << 19

	// maxPixels bounds the sum of an Outer microkernel call, so that the strips
	// of A and D that it reads stay in the first-level cache from tile to tile.
	maxPixels = 128

	// maxElems bounds an element-wise call.
	maxElems = 8192
)

var (
	zeros  [maxCols]float32
	negInf = float32(math.Inf(-1))
)

// gemm is gemmGeneric by the microkernels of b. A sum that is cut in parts
// continues from C, which gives every bit as an uncut one would.
func (b *Backend) gemm(g *Gemm, taps []int32) {
	if b == &generic || g.B.Rows == 0 { // no rows: the bias is all there is
		gemmGeneric(g, taps)
		return
	}
	group := max(1, maxRun/g.K) // taps in a part; a part of one tap may be cut in k
	for row := 0; row < g.B.Rows; {
		t, k := row/g.K, row%g.K
		part := taps[t:min(t+group, len(taps))]
		run := min(maxRun, g.K-k)
		b.gemmPart(g, part, k, run, row)
		row += len(part) * run
	}
}

// gemmPart does the part of the sum over k to k+run-1 of the taps given, which
// begins at that row of B.
func (b *Backend) gemmPart(g *Gemm, taps []int32, k, run, row int) {
	args := gemmArgs{a: &g.A[k], taps: &taps[0], nTaps: len(taps), k: run, floor: negInf}
	if row > 0 || g.Accumulate {
		args.accumulate = 1
	}
	if g.ReLU && row+len(taps)*run == g.B.Rows {
		args.floor = 0
	}
	mr := b.gemmRows[0]
	perCall := max(1, maxWork/(mr*b.nr*len(taps)*run))
	whole := len(g.AOff) - len(g.AOff)%mr

	// The last tile may repeat the last row, which is harmless: its results are
	// the same, and all rows of C are read before any is written.
	var aOff, cOff [maxRows]int32
	last := 0
	if whole < len(g.AOff) {
		last = b.tileRows(len(g.AOff) - whole)
		repeatLast(aOff[:last], g.AOff[whole:])
		repeatLast(cOff[:last], g.COff[whole:])
	}

	for j := 0; j < g.B.Cols; j += b.nr {
		args.b = &g.B.data[j*g.B.Rows+row*b.nr]
		if g.B.Cols-j < b.nr {
			b.gemmNarrow(g, args, j)
			break
		}
		args.c, args.bias = &g.C[j], &zeros[0]
		if g.Bias != nil {
			args.bias = &g.Bias[j]
		}
		for m := 0; m < whole; m += perCall * mr {
			args.aOff, args.cOff = &g.AOff[m], &g.COff[m]
			args.tiles = min(perCall, (whole-m)/mr)
			b.gemmKernel(mr, &args)
		}
		if last > 0 {
			args.aOff, args.cOff, args.tiles = &aOff[0], &cOff[0], 1
			b.gemmKernel(last, &args)
		}
	}
}

// gemmNarrow does the columns from j on, which are fewer than a tile's.
func (b *Backend) gemmNarrow(g *Gemm, args gemmArgs, j int) {
	var (
		tile       [maxRows * maxCols]float32
		bias       [maxCols]float32
		aOff, cOff [maxRows]int32
	)
	width := g.B.Cols - j
	if g.Bias != nil {
		copy(bias[:], g.Bias[j:])
	}
	args.bias, args.c = &bias[0], &tile[0]
	for i := range cOff {
		cOff[i] = int32(i * b.nr)
	}
	for m := 0; m < len(g.AOff); {
		n := b.tileRows(len(g.AOff) - m)
		repeatLast(aOff[:n], g.AOff[m:])
		to := g.COff[m:min(m+n, len(g.COff))]
		if args.accumulate != 0 {
			for i, off := range to {
				copy(tile[i*b.nr:][:width], g.C[int(off)+j:])
			}
		}
		args.aOff, args.cOff, args.tiles = &aOff[0], &cOff[0], 1
		b.gemmKernel(n, &args)
		for i, off := range to {
			copy(g.C[int(off)+j:][:width], tile[i*b.nr:])
		}
		m += n
	}
}

// tileRows returns the number of rows of the tile to take when n are left: the
// smallest that holds them, or the largest.
func (b *Backend) tileRows(n int) int {
	rows := b.gemmRows[0]
	for _, r := range b.gemmRows {
		if r >= n {
			rows = r
		}
	}
	return rows
}

// repeatLast fills dst with src, and what src is too short for with its last element.
func repeatLast(dst, src []int32) {
	for i := copy(dst, src); i < len(dst); i++ {
		dst[i] = src[len(src)-1]
	}
}

// outer is outerGeneric by the microkernels of b.
func (b *Backend) outer(c []float32, ldc int, a []float32, aOff, taps []int32, rows int, d []float32, dOff []int32, cols int) {
	if b == &generic {
		outerGeneric(c, ldc, a, aOff, taps, rows, d, dOff, cols)
		return
	}
	args := outerArgs{a: &a[0], ldc: ldc}
	args.run, args.aStep, args.dStep = runs(aOff, dOff)
	count := len(aOff) / args.run
	most := max(1, maxPixels/args.run)
	parts := (count + most - 1) / most
	for part := range parts { // of nearly equal length: none is short
		p, end := part*count/parts*args.run, (part+1)*count/parts*args.run
		args.aOff, args.dOff, args.p = &aOff[p], &dOff[p], end-p
		j := 0
		for ; j <= cols-b.nr; j += b.nr {
			args.d = &d[j]
			for t, tap := range taps {
				for r := 0; r < rows; {
					args.shift, args.c = int(tap)+r, &c[(t*rows+r)*ldc+j]
					r += b.outerTiles(&args, rows-r)
				}
			}
		}
		if j < cols {
			b.outerNarrow(args, c[j:], taps, rows, d[j:], dOff[p:end], cols-j)
		}
	}
}

// runs finds the longest runs of at most maxPixels offsets, all of one length, within which
// offsets are evenly spaced in both tables.
func runs(aOff, dOff []int32) (length, aStep, dStep int) {
	if len(aOff) == 1 {
		return 1, 0, 0
	}
	even := func(i, n int) int { // how many offsets from i on are, of n
		a, d := aOff[i:i+n], dOff[i:i+n]
		for k := 1; k < n; k++ {
			if int(a[k])-int(a[k-1]) != aStep || int(d[k])-int(d[k-1]) != dStep {
				return k
			}
		}
		return n
	}
	aStep, dStep = int(aOff[1])-int(aOff[0]), int(dOff[1])-int(dOff[0])
	length = even(0, len(aOff))
	for i := 0; i < len(aOff); i += length {
		if len(aOff)%length != 0 || even(i, length) < length {
			return 1, 0, 0
		}
	}
	whole := length
	for length > maxPixels || whole%length != 0 {
		length--
	}
	return length, aStep, dStep
}

// outerNarrow does width columns, which are fewer than a tile's.
func (b *Backend) outerNarrow(args outerArgs, c []float32, taps []int32, rows int, d []float32, dOff []int32, width int) {
	var (
		strip [maxPixels * maxCols]float32
		tile  [maxRows * maxCols]float32
		off   [maxPixels]int32
	)
	for p, o := range dOff {
		off[p] = int32(p * b.nr)
		copy(strip[p*b.nr:][:width], d[o:])
	}
	ldc := args.ldc
	args.d, args.dOff, args.ldc, args.dStep = &strip[0], &off[0], b.nr, b.nr
	for t, tap := range taps {
		for r := 0; r < rows; {
			to := c[(t*rows+r)*ldc:]
			most := min(maxRows, rows-r)
			for i := range most {
				copy(tile[i*b.nr:][:width], to[i*ldc:])
			}
			args.shift, args.c = int(tap)+r, &tile[0]
			n := b.outerTiles(&args, most)
			for i := range n {
				copy(to[i*ldc:][:width], tile[i*b.nr:])
			}
			r += n
		}
	}
}

// outerTiles computes the largest tiles of at most that many rows, as many of them as fit and a
// call may have, and returns how many rows they have together.
func (b *Backend) outerTiles(args *outerArgs, rows int) int {
	for _, n := range b.outerRows {
		if n <= rows {
			args.tiles = min(rows/n, max(1, maxWork/(n*b.nr*args.p)))
			rows = args.tiles * n
			b.outerKernel(n, args)
			return rows
		}
	}
	panic("unreachable: outerRows ends with 1")
}

// vectors is how many of n elements to give to one call of the element-wise
// assembly, which must not last long either.
func (b *Backend) vectors(n int) int {
	if b == &generic {
		return 0
	}
	return min(n, maxElems) &^ 7
}

func (b *Backend) reluBackward(dx, y []float32) {
	for n := b.vectors(len(dx)); n > 0; n = b.vectors(len(dx)) {
		reluBackwardVector(&dx[0], &y[0], n)
		dx, y = dx[n:], y[n:]
	}
	reluBackwardGeneric(dx, y)
}

func (b *Backend) noise(x []float32, random []int32, scale, peak []float32) {
	channels := len(scale)
	if b != &generic && channels%8 == 0 {
		for len(x) > 0 {
			pixels := max(1, min(len(x), maxElems)/channels)
			noiseVector(&x[0], &random[0], &scale[0], &peak[0], channels, pixels)
			x, random = x[pixels*channels:], random[pixels*channels:]
		}
	}
	noiseGeneric(x, random, scale, peak)
}

func (b *Backend) add(dst, src []float32) {
	for n := b.vectors(len(dst)); n > 0; n = b.vectors(len(dst)) {
		addVector(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	}
	addGeneric(dst, src)
}

func (b *Backend) adam(w, g, m, v []float32, lr, beta1, beta2, eps float32) {
	for n := b.vectors(len(w)); n > 0; n = b.vectors(len(w)) {
		adamVector(&w[0], &g[0], &m[0], &v[0], n, lr, beta1, 1-beta1, beta2, 1-beta2, eps)
		w, g, m, v = w[n:], g[n:], m[n:], v[n:]
	}
	adamGeneric(w, g, m, v, lr, beta1, beta2, eps)
}

func (b *Backend) rmsprop(w, g, v []float32, lr, rho, eps float32) {
	for n := b.vectors(len(w)); n > 0; n = b.vectors(len(w)) {
		rmspropVector(&w[0], &g[0], &v[0], n, lr, rho, 1-rho, eps)
		w, g, v = w[n:], g[n:], v[n:]
	}
	rmspropGeneric(w, g, v, lr, rho, eps)
}

// The element-wise assembly. n is a positive multiple of 8.

// reluBackwardVector is reluBackwardGeneric.
//
//go:noescape
func reluBackwardVector(dx, y *float32, n int)

// noiseVector is noiseGeneric; channels is a positive multiple of 8, pixels at least 1.
//
//go:noescape
func noiseVector(x *float32, random *int32, scale, peak *float32, channels, pixels int)

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
