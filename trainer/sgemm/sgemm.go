// Package sgemm multiplies float32 matrices for the trainer's layers. Rows are found
// through tables of offsets, so that a convolution's neighbourhoods are those of its NHWC
// activations (with a border of zeros) where they lie. There is no im2col.
//
// Two operations are enough for dense, convolution and transposed convolution
// layers, forward and backward:
//
//   - [Backend.Gemm] computes C = A·B, where a row of C is a pixel, a row of A
//     is that pixel's neighbourhood (one run of K floats per kernel tap) and B
//     is the layer's weights, packed once per step.
//   - [Backend.Outer] computes C += Aᵀ·D, the gradient of weights, where the sum
//     runs over pixels.
//
// # What is promised
//
// Every element of C is one chain of additions in the order of the formula,
// starting from the bias, from C or from zero, and every product enters it
// rounded by the same rule, whatever the size of a tile, the alignment of a
// slice or the number of rows in the call. The rule is one fused multiply-add in the
// avx2, avx512 and neon backends, which therefore agree to the last bit, and a
// rounded product then a rounded sum in the generic one, which therefore gives
// the same bits on every architecture. The forward error is that of any such
// chain (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1):
// at most 2·K·2⁻²⁴ times the sum of the absolute values that were added.
// The element-wise functions round after every operation and agree on all backends.
//
// A NaN or an infinity propagates as IEEE 754 has it: nothing is skipped
// because it is multiplied by zero. A ReLU keeps NaN.
//
// Nothing here starts goroutines, and nothing allocates but NewPacked and, for memory that all
// calls share, Outer. A Backend may be used by many goroutines at once.
package sgemm

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Env names the environment variable that forces a backend for the process.
const Env = "VAE_EDGE_SGEMM"

// Backends returns the backends that run on this CPU, generic first and the
// widest last.
func Backends() []*Backend {
	return append([]*Backend(nil), available()...)
}

var available = sync.OnceValue(func() []*Backend {
	return append([]*Backend{&generic}, detect()...)
})

// Best returns the widest backend that runs on this CPU, or the one that the
// environment variable VAE_EDGE_SGEMM names. A name that cannot be had is ignored
// here; Select("") reports it.
func Best() *Backend {
	if b, err := Select(""); err == nil {
		return b
	}
	all := available()
	return all[len(all)-1]
}

// Select returns the backend of that name. The empty name stands for the value
// of the environment variable VAE_EDGE_SGEMM, or if that is empty too, for the
// widest backend.
func Select(name string) (*Backend, error) {
	all := available()
	from := ""
	if name == "" {
		if name = os.Getenv(Env); name == "" {
			return all[len(all)-1], nil
		}
		from = " from " + Env
	}
	names := make([]string, len(all))
	for i, b := range all {
		if b.name == name {
			return b, nil
		}
		names[i] = b.name
	}
	return nil, fmt.Errorf("sgemm: no backend %q%s on this CPU: choose one of %s", name, from, strings.Join(names, ", "))
}

// NewPacked returns a matrix of zeros.
func (b *Backend) NewPacked(rows, cols int) *Packed {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("sgemm: NewPacked of %d x %d: negative size", rows, cols))
	}
	panels := (cols + b.nr - 1) / b.nr
	return &Packed{Rows: rows, Cols: cols, backend: b, data: aligned(panels * rows * b.nr)}
}

// aligned returns n floats that begin at a cache line, so that no vector of a
// panel straddles two.
func aligned(n int) []float32 {
	const line = 64 / 4
	s := make([]float32, n+line-1)
	skip := 0
	if n > 0 {
		skip = int(-uintptr(unsafe.Pointer(&s[0])) / 4 % line)
	}
	return s[skip : skip+n : skip+n]
}

// Pack fills p: element (r, c) is w[r*rowStride+c*colStride]. Packing a
// transposed matrix is swapping the strides.
func (p *Packed) Pack(w []float32, rowStride, colStride int) {
	p.PackRows(0, p.Rows, w, rowStride, colStride)
}

// PackRows fills the rows first to first+rows-1 of p: element (first+r, c) is
// w[r*rowStride+c*colStride].
func (p *Packed) PackRows(first, rows int, w []float32, rowStride, colStride int) {
	if first < 0 || rows < 0 || first+rows > p.Rows {
		panic(fmt.Sprintf("sgemm: PackRows of rows %d to %d into a matrix of %d rows", first, first+rows, p.Rows))
	}
	if rows == 0 || p.Cols == 0 {
		return
	}
	if rowStride < 0 || colStride < 0 {
		panic(fmt.Sprintf("sgemm: PackRows with strides %d and %d: negative stride", rowStride, colStride))
	}
	if last := (rows-1)*rowStride + (p.Cols-1)*colStride; last >= len(w) {
		panic(fmt.Sprintf("sgemm: PackRows reads element %d of %d: %d x %d with strides %d and %d",
			last, len(w), rows, p.Cols, rowStride, colStride))
	}
	nr := p.backend.nr
	for c0 := 0; c0 < p.Cols; c0 += nr {
		n := min(nr, p.Cols-c0)
		panel, src := p.data[(c0*p.Rows)+first*nr:], w[c0*colStride:]
		if rowStride == 1 && colStride != 1 {
			transpose(panel, nr, src, colStride, rows, n)
			continue
		}
		for r := range rows {
			dst, src := panel[r*nr:][:n], src[r*rowStride:]
			if colStride == 1 {
				copy(dst, src)
				continue
			}
			for c := range dst {
				dst[c] = src[c*colStride]
			}
		}
	}
}

// transpose sets dst[r*ldd+c] to src[c*lds+r], of eight columns at a time, so that a row's stores
// are neighbours.
func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	column := func(c int) []float32 { return src[c*lds:][:rows] }
	c := 0
	for ; c+8 <= cols; c += 8 {
		s0, s1, s2, s3 := column(c), column(c+1), column(c+2), column(c+3)
		s4, s5, s6, s7 := column(c+4), column(c+5), column(c+6), column(c+7)
		for r := range rows {
			d := dst[r*ldd+c:][:8]
			d[0], d[1], d[2], d[3] = s0[r], s1[r], s2[r], s3[r]
			d[4], d[5], d[6], d[7] = s4[r], s5[r], s6[r], s7[r]
		}
	}
	for ; c < cols; c++ {
		for r, x := range column(c) {
			dst[r*ldd+c] = x
		}
	}
}

var oneTap = []int32{0}

// Gemm carries out g. It panics if an offset leads outside a slice.
func (b *Backend) Gemm(g *Gemm) {
	taps := g.Taps
	if taps == nil {
		taps = oneTap
	}
	switch {
	case g.B == nil || g.B.backend != b:
		panic(fmt.Sprintf("sgemm: Gemm on %v: B must come from its NewPacked", b))
	case g.K < 0 || len(taps)*g.K != g.B.Rows:
		panic(fmt.Sprintf("sgemm: Gemm with %d taps of K = %d needs as many rows of B, which has %d", len(taps), g.K, g.B.Rows))
	case len(g.AOff) != len(g.COff):
		panic(fmt.Sprintf("sgemm: Gemm with %d rows of A and %d of C", len(g.AOff), len(g.COff)))
	case g.Bias != nil && len(g.Bias) != g.B.Cols:
		panic(fmt.Sprintf("sgemm: Gemm with %d biases for %d columns", len(g.Bias), g.B.Cols))
	case g.Accumulate && (g.Bias != nil || g.ReLU):
		panic("sgemm: Gemm cannot accumulate with Bias or ReLU set")
	}
	if len(g.AOff) == 0 || g.B.Cols == 0 {
		return
	}
	checkOffsets("Gemm", "COff", g.COff, 0, 0, g.B.Cols, "C", len(g.C))
	if g.B.Rows > 0 {
		checkOffsets("Gemm", "AOff", g.AOff, slices.Min(taps), slices.Max(taps), g.K, "A", len(g.A))
	}
	b.gemm(g, taps)
}

// checkOffsets panics unless every off[i]+lo to off[i]+hi+n-1 lies inside size
// elements. The names are for the message.
func checkOffsets(op, name string, off []int32, lo, hi int32, n int, slice string, size int) {
	first := -int64(lo)                                // the smallest offset allowed,
	span := int64(size) - int64(n) - int64(hi) - first // and how far above it the largest is
	if span >= 0 {
		outside := int64(0) // negative once an offset is outside
		for _, o := range off {
			above := int64(o) - first
			outside |= above | (span - above)
		}
		if outside >= 0 {
			return
		}
	}
	for i, o := range off {
		if a, z := int64(o)+int64(lo), int64(o)+int64(hi)+int64(n); a < 0 || z > int64(size) {
			panic(fmt.Sprintf("sgemm: %s with %s[%d] = %d reaches elements %d to %d of %s, which has %d", op, name, i, o, a, z-1, slice, size))
		}
	}
}

// Outer adds to C, for 0 <= r < rows and 0 <= n < cols,
//
//	C[r*ldc+n] += Σp A[aOff[p]+r] · D[dOff[p]+n]
//
// in the order of p. With taps it does so for each of them, t, with taps[t] added to aOff and
// t*rows to the row of C. C must not share memory with A or D. Columns are computed 8 to 32 at a
// time: where one side is narrow, let D be the wide one.
func (b *Backend) Outer(c []float32, ldc int, a []float32, aOff, taps []int32, rows int, d []float32, dOff []int32, cols int) {
	if taps == nil {
		taps = oneTap
	}
	switch {
	case rows < 0 || cols < 0:
		panic(fmt.Sprintf("sgemm: Outer of %d x %d: negative size", rows, cols))
	case len(aOff) != len(dOff):
		panic(fmt.Sprintf("sgemm: Outer with %d rows of A and %d of D", len(aOff), len(dOff)))
	}
	all := len(taps) * rows
	if all == 0 || cols == 0 || len(aOff) == 0 {
		return
	}
	if ldc < cols && all > 1 {
		panic(fmt.Sprintf("sgemm: Outer with rows of C %d apart and %d long", ldc, cols))
	}
	if n := (all-1)*ldc + cols; n > len(c) {
		panic(fmt.Sprintf("sgemm: Outer of %d x %d with rows %d apart needs %d elements of C, which has %d", all, cols, ldc, n, len(c)))
	}
	checkOffsets("Outer", "aOff", aOff, slices.Min(taps), slices.Max(taps), rows, "A", len(a))
	checkOffsets("Outer", "dOff", dOff, 0, 0, cols, "D", len(d))
	b.outer(c, ldc, a, aOff, taps, rows, d, dOff, cols)
}

// ReLUBackward zeroes dx[i] where y[i] <= 0, y being the output of the ReLU.
func (b *Backend) ReLUBackward(dx, y []float32) {
	sameLength("ReLUBackward", len(dx), len(y))
	b.reluBackward(dx, y)
}

// Noise adds random[i]·scale[c] to every x[i] that is above 0, x being outputs of a ReLU, and keeps
// the sum above 0, for the gradient to pass. What is not above 0 becomes 0, what is not finite NaN.
// Before that it raises peak[c] to the largest x[i] of channel c. x and random hold whole pixels of
// len(scale) channels; scale must be finite.
func (b *Backend) Noise(x []float32, random []int32, scale, peak []float32) {
	sameLength("Noise", len(x), len(random))
	sameLength("Noise", len(scale), len(peak))
	if len(scale) == 0 || len(x)%len(scale) != 0 {
		panic(fmt.Sprintf("sgemm: Noise of %d elements in %d channels", len(x), len(scale)))
	}
	b.noise(x, random, scale, peak)
}

// Add adds src to dst.
func (b *Backend) Add(dst, src []float32) {
	sameLength("Add", len(dst), len(src))
	b.add(dst, src)
}

// Sigmoid sets e to exp(-|x|) and s to 1/(1+e), element by element. The sigmoid of x is s or, where
// x is below 0, e·s. The relative error of e is below 1e-8 up to |x| = 700; beyond that, e remains
// exp(-700), about 1e-304. Where x is NaN, e and s are. It panics if the lengths differ.
func (b *Backend) Sigmoid(e, s []float64, x []float32) {
	sameLength("Sigmoid", len(e), len(s), len(x))
	b.sigmoid(e, s, x)
}

// Adam does one step of Adam (Kingma and Ba, 2015) on the weights w with
// gradient g:
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g²
//	w = w - lr*m/(sqrt(v)+eps)
//
// The caller folds the correction of bias at step t into lr:
// lr·sqrt(1-beta2ᵗ)/(1-beta1ᵗ). Nothing corrects eps, as in Keras.
func (b *Backend) Adam(w, g, m, v []float32, lr, beta1, beta2, eps float32) {
	sameLength("Adam", len(w), len(g), len(m), len(v))
	b.adam(w, g, m, v, lr, beta1, beta2, eps)
}

// RMSprop does one step of RMSprop in the form that Keras gives it:
//
//	v = rho*v + (1-rho)*g²
//	w = w - lr*g/sqrt(v+eps)
func (b *Backend) RMSprop(w, g, v []float32, lr, rho, eps float32) {
	sameLength("RMSprop", len(w), len(g), len(v))
	b.rmsprop(w, g, v, lr, rho, eps)
}

func sameLength(op string, n int, others ...int) {
	for _, o := range others {
		if o != n {
			panic(fmt.Sprintf("sgemm: %s of slices of %d and %d elements", op, n, o))
		}
	}
}

// Peak does multiply-accumulates among registers on so many threads at once, for some milliseconds,
// and returns how many it did: what a share of the limit is a share of.
func (b *Backend) Peak(threads int) (macs int) {
	const loops, rounds = 50, 10_000
	var done sync.WaitGroup
	done.Add(threads)
	counts := make([]int, threads)
	for i := range counts {
		go func() {
			defer done.Done()
			for range loops {
				counts[i] += b.PeakLoop(rounds)
			}
		}()
	}
	done.Wait()
	for _, n := range counts {
		macs += n
	}
	return macs
}

// PeakLoop does n rounds of multiply-accumulates among registers only, and returns
// how many it did: a benchmark's measure of the most that b could do on one core.
// A round is some ten cycles; assembly cannot be preempted, so keep n below 100,000.
func (b *Backend) PeakLoop(n int) (macs int) {
	if n <= 0 {
		return 0
	}
	return b.peak(n)
}
