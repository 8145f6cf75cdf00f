//go:build (amd64 || arm64) && !purego

package sgemm

import (
	"math"
	"unsafe"
)

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
	// of A and D that it reads stay in the first-level cache from tile to tile. With
	// stripRows, it bounds the time of a call as well.
	maxPixels = 128

	// stripRows is how many rows of C Outer computes from one strip of A, which are whole tiles of
	// every backend, and stripCols how many columns from strips of D.
	stripRows, stripCols = 24, 128

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

// strips are copies of the parts of A and D that Outer microkernels read again and again. In place
// these often lie a power of two apart, so that few of them fit into the first-level cache at once.
type strips struct {
	a []float32 // [pixel][stripRows]
	d []float32 // of panels of Backend.nr columns: [panel][pixel][column]
}

// spareStrips are those that no call of Outer uses: as many as there have been calls at once, up to
// 64. (A sync.Pool would drop some now and then.)
var spareStrips = make(chan *strips, 64)

func takeStrips() *strips {
	select {
	case s := <-spareStrips:
		return s
	default:
		return &strips{aligned(maxPixels * stripRows), aligned(maxPixels * stripCols)}
	}
}

func (s *strips) giveBack() {
	select {
	case spareStrips <- s:
	default:
	}
}

// outer is outerGeneric by the microkernels of b.
func (b *Backend) outer(c []float32, ldc int, a []float32, aOff, taps []int32, rows int, d []float32, dOff []int32, cols int) {
	if b == &generic {
		outerGeneric(c, ldc, a, aOff, taps, rows, d, dOff, cols)
		return
	}
	s := takeStrips()
	defer s.giveBack()
	all := len(taps) * rows
	parts := (len(aOff) + maxPixels - 1) / maxPixels
	for part := range parts { // of nearly equal length: none is short
		p, end := part*len(aOff)/parts, (part+1)*len(aOff)/parts
		pixels := end - p
		for j := 0; j < cols; j += stripCols {
			width := min(stripCols, cols-j)
			for k := 0; k < width; k += b.nr {
				gather(s.d[k*pixels:], b.nr, d, j+k, dOff[p:end], min(b.nr, width-k))
			}
			for r := 0; r < all; r += stripRows {
				height := min(stripRows, all-r)
				for i := 0; i < height; { // what is of one tap
					t, row := (r+i)/rows, (r+i)%rows
					n := min(rows-row, height-i)
					gather(s.a[i:], stripRows, a, int(taps[t])+row, aOff[p:end], n)
					i += n
				}
				for k := 0; k < width; k += b.nr {
					b.outerPanel(c[r*ldc+j+k:], ldc, s.a, s.d[k*pixels:], pixels, height, min(b.nr, width-k))
				}
			}
		}
	}
}

// gather copies width floats of src from every offset on, shifted, to dst, step floats apart.
func gather(dst []float32, step int, src []float32, shift int, off []int32, width int) {
	_ = dst[(len(off)-1)*step+width-1]
	gatherVector(&dst[0], step, unsafe.SliceData(src), shift, &off[0], len(off), width)
}

// gatherVector copies width floats from src[off[i]+shift] on to dst[i*step], for every i below n;
// width and n are at least 1.
//
//go:noescape
func gatherVector(dst *float32, step int, src *float32, shift int, off *int32, n, width int)

// outerPanel adds the products of strips to a panel of c, of height rows and width columns, in the
// largest tiles that there are.
func (b *Backend) outerPanel(c []float32, ldc int, a, d []float32, pixels, height, width int) {
	if width < b.nr {
		var panel [stripRows * maxCols]float32
		for r := range height {
			copy(panel[r*b.nr:][:width], c[r*ldc:])
		}
		b.outerPanel(panel[:], b.nr, a, d, pixels, height, b.nr)
		for r := range height {
			copy(c[r*ldc:][:width], panel[r*b.nr:])
		}
		return
	}
	args := outerArgs{d: &d[0], p: pixels, ldc: ldc}
	for _, rows := range b.outerRows {
		if args.tiles = height / rows; args.tiles > 0 {
			args.a, args.c = &a[0], &c[0]
			b.outerKernel(rows, &args)
			done := args.tiles * rows
			height -= done
			if height == 0 {
				return
			}
			a, c = a[done:], c[done*ldc:]
		}
	}
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
