package sgemm

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// each runs test once per backend.
func each(t *testing.T, test func(t *testing.T, b *Backend)) {
	for _, b := range Backends() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			test(t, b)
		})
	}
}

// fma returns a*b+c rounded once.
func fma(a, b, c float32) float32 {
	p := float64(a) * float64(b) // exact
	s := p + float64(c)
	// Rounding twice, to float64 and then to float32, is rounding once if
	// the first is to odd: an inexact sum takes the neighbour whose last bit is
	// set. The error of a sum is Knuth's (TAOCP volume 2, 4.2.2, theorem B).
	t := s - p
	e := (p - (s - t)) + (float64(c) - t)
	if bits := math.Float64bits(s); e != 0 && !math.IsNaN(e) && bits&1 == 0 {
		if (e > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

// mulAdd returns a*b+c as b's rule has it.
func (b *Backend) mulAdd(x, y, c float32) float32 {
	if b == &generic {
		return float32(x*y) + c
	}
	return fma(x, y, c)
}

func TestFMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		a, b, c := value(rng), value(rng), value(rng)
		if rng.IntN(2) == 0 {
			c = -a*b + c*0x1p-30 // cancels
		}
		sum := new(big.Float).SetPrec(1000).SetFloat64(float64(a))
		sum.Mul(sum, big.NewFloat(float64(b))).Add(sum, big.NewFloat(float64(c)))
		want, _ := sum.Float32()
		if got := fma(a, b, c); got != want {
			t.Fatalf("fma(%v, %v, %v) = %v, want %v", a, b, c, got, want)
		}
	}
}

// value returns an ordinary number, mostly; or a zero of either sign or one so small
// that its products underflow.
func value(rng *rand.Rand) float32 {
	x := 2*rng.Float32() - 1
	switch rng.IntN(64) {
	case 0:
		return 0 * x
	case 1:
		return x * 0x1p-75
	case 2:
		return x * 0x1p-140
	}
	return x
}

func values(rng *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = value(rng)
	}
	return s
}

// canary fills what must not be written: a NaN with a pattern of its own.
var canary = math.Float32frombits(0x7fc0dead)

func canaries(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = canary
	}
	return s
}

func same(x, y float32) bool {
	return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
}

// near says whether got is within the stated error of sum, whose terms' absolute
// values are terms in number and sum to abs. (The last part is underflow.)
func near(got float32, sum, abs float64, terms int) bool {
	return math.Abs(float64(got)-sum) <= 2*float64(terms)*0x1p-24*abs+float64(terms)*0x1p-149
}

// scatter returns n offsets of runs of that length, apart from each other by at least
// gap and in random order, and the length of a slice that holds them.
func scatter(rng *rand.Rand, n, length, gap int) ([]int32, int) {
	off := make([]int32, n)
	end := rng.IntN(gap + 1)
	for i := range off {
		off[i] = int32(end)
		end += length + gap + rng.IntN(gap+1)
	}
	rng.Shuffle(n, func(i, j int) { off[i], off[j] = off[j], off[i] })
	return off, end
}

// gemmCase is a Gemm with operands at random places, and its matrix B unpacked.
type gemmCase struct {
	Gemm
	w []float32
}

func newGemmCase(b *Backend, rng *rand.Rand, m, n, k, taps int) *gemmCase {
	c := &gemmCase{w: values(rng, taps*k*n)}
	c.K = k
	size := 4*k + 50
	c.A = values(rng, size)
	lo, hi := int32(0), int32(0) // the range of taps
	if taps > 1 || rng.IntN(2) == 0 {
		for range taps {
			c.Taps = append(c.Taps, int32(rng.IntN(2*k+20)-k-10))
		}
		lo, hi = slices.Min(c.Taps), slices.Max(c.Taps)
	}
	for range m {
		c.AOff = append(c.AOff, -lo+int32(rng.IntN(size-k-int(hi-lo)+1)))
	}
	var end int
	c.COff, end = scatter(rng, m, n, 3)
	c.C = canaries(end)

	c.B = b.NewPacked(taps*k, n)
	if rng.IntN(2) == 0 {
		c.B.Pack(c.w, n, 1)
	} else {
		transposed := make([]float32, len(c.w))
		for i, x := range c.w {
			transposed[i%n*taps*k+i/n] = x
		}
		c.B.Pack(transposed, 1, taps*k)
	}
	switch rng.IntN(3) {
	case 0:
		c.Bias = values(rng, n)
	case 1:
		c.Accumulate = true
		for _, off := range c.COff {
			copy(c.C[off:], values(rng, n))
		}
	}
	c.ReLU = !c.Accumulate && rng.IntN(2) == 0
	return c
}

// check carries c out and compares every element of C with two references: the
// chain of operations that the package promises, to the bit, and
// the sum in float64, within the stated error.
func (c *gemmCase) check(t *testing.T, b *Backend) {
	t.Helper()
	want := slices.Clone(c.C)
	n := c.B.Cols
	taps := c.Taps
	if taps == nil {
		taps = []int32{0}
	}
	sums, abs := make([]float64, n), make([]float64, n)
	type bound struct{ sum, abs float64 }
	bounds := make(map[int]bound)
	for m, off := range c.COff {
		row := want[off:][:n]
		if !c.Accumulate {
			clear(row)
			copy(row, c.Bias)
		}
		for j, x := range row {
			sums[j], abs[j] = float64(x), math.Abs(float64(x))
		}
		for i, tap := range taps {
			for k := range c.K {
				x := c.A[int(c.AOff[m])+int(tap)+k]
				for j, y := range c.w[(i*c.K+k)*n:][:n] {
					row[j] = b.mulAdd(x, y, row[j])
					p := float64(x) * float64(y)
					sums[j] += p
					abs[j] += math.Abs(p)
				}
			}
		}
		for j, x := range row {
			s := sums[j]
			if c.ReLU {
				s = max(s, 0)
				if x < 0 {
					row[j] = 0
				}
			}
			bounds[int(off)+j] = bound{s, abs[j]}
		}
	}
	a, w, bias := slices.Clone(c.A), slices.Clone(c.B.data), slices.Clone(c.Bias)
	b.Gemm(&c.Gemm)
	describe := func() string {
		return fmt.Sprintf("m=%d n=%d k=%d taps=%v bias=%t relu=%t accumulate=%t",
			len(c.AOff), n, c.K, c.Taps, c.Bias != nil, c.ReLU, c.Accumulate)
	}
	for i, x := range c.C {
		if !same(x, want[i]) {
			t.Fatalf("%s: C[%d] = %v, want %v", describe(), i, x, want[i])
		}
		if e, ok := bounds[i]; ok && !near(x, e.sum, e.abs, len(taps)*c.K+1) {
			t.Fatalf("%s: C[%d] = %v, in float64 %v", describe(), i, x, e.sum)
		} else if !ok && math.Float32bits(x) != math.Float32bits(want[i]) {
			t.Fatalf("%s: C[%d], outside all rows, was written", describe(), i)
		}
	}
	if !slices.EqualFunc(a, c.A, same) || !slices.EqualFunc(w, c.B.data, same) || !slices.EqualFunc(bias, c.Bias, same) {
		t.Fatalf("%s: an operand was written", describe())
	}
}

func TestGemm(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(2, 2))
		small := func(n int) int { return 1 + rng.IntN(n) }
		for m := 1; m <= 30; m++ {
			newGemmCase(b, rng, m, small(40), small(20), small(3)).check(t, b)
		}
		for n := 1; n <= 70; n++ {
			newGemmCase(b, rng, small(14), n, small(20), small(3)).check(t, b)
		}
		for k := 1; k <= 70; k++ {
			newGemmCase(b, rng, small(14), small(40), k, small(3)).check(t, b)
		}
		for taps := 1; taps <= 9; taps++ {
			for range 6 {
				newGemmCase(b, rng, small(14), small(40), small(20), taps).check(t, b)
			}
		}
		// Sums that are cut: within a tap, between taps, and at neither.
		newGemmCase(b, rng, 5, 9, 2*1024+100, 2).check(t, b)
		newGemmCase(b, rng, 3, 33, 300, 7).check(t, b)
		newGemmCase(b, rng, 14, 2, 512, 4).check(t, b)
		// A product that takes several calls, which must not repeat each other's rows.
		c := newGemmCase(b, rng, 300, 32, 64, 9)
		c.Bias, c.ReLU, c.Accumulate = nil, false, true
		for i := range c.C {
			c.C[i] = value(rng)
		}
		c.check(t, b)
	})
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1), uint16(13), uint8(33), uint16(9), uint8(4))
	f.Fuzz(func(t *testing.T, seed uint64, m uint16, n uint8, k uint16, taps uint8) {
		for _, b := range Backends() {
			rng := rand.New(rand.NewPCG(seed, 0))
			newGemmCase(b, rng, 1+int(m)%100, 1+int(n)%100, 1+int(k)%1500, 1+int(taps)%16).check(t, b)
		}
	})
}

// A matrix without rows multiplies to the bias.
func TestGemmEmpty(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		g := Gemm{
			AOff: []int32{0, 0}, Taps: []int32{}, B: b.NewPacked(0, 3),
			C: canaries(7), COff: []int32{0, 4}, Bias: []float32{1, -2, 3}, ReLU: true,
		}
		b.Gemm(&g)
		if want := []float32{1, 0, 3, canary, 1, 0, 3}; !slices.EqualFunc(g.C, want, same) {
			t.Errorf("no taps: C = %v, want %v", g.C, want)
		}
		g.Taps, g.K = nil, 0
		g.C = canaries(7)
		b.Gemm(&g)
		if want := []float32{1, 0, 3, canary, 1, 0, 3}; !slices.EqualFunc(g.C, want, same) {
			t.Errorf("K = 0: C = %v, want %v", g.C, want)
		}
		b.Gemm(&Gemm{B: b.NewPacked(5, 3), K: 5})
		b.Gemm(&Gemm{B: b.NewPacked(5, 0), K: 5, AOff: []int32{1 << 30}, COff: []int32{1 << 30}})
	})
}

// NaN and infinity spoil the row of A or the column of B that they are in, and
// nothing else.
func TestGemmNonFinite(t *testing.T) {
	inf := float32(math.Inf(1))
	each(t, func(t *testing.T, b *Backend) {
		const m, n, k = 15, 37, 6
		for _, relu := range []bool{false, true} {
			a, w := make([]float32, m*k), make([]float32, k*n)
			for i := range a {
				a[i] = 1
			}
			for i := range w {
				w[i] = -1
			}
			a[13*k+2] = float32(math.NaN())
			a[4*k+5] = inf
			w[3*n+36] = float32(math.NaN())
			w[1*n+7], w[2*n+7] = inf, -inf
			w[5*n+8], a[5*k+5] = inf, 0 // 0 times infinity
			g := Gemm{A: a, K: k, B: b.NewPacked(k, n), C: make([]float32, m*n), ReLU: relu}
			for i := range m {
				g.AOff = append(g.AOff, int32(i*k))
				g.COff = append(g.COff, int32(i*n))
			}
			g.B.Pack(w, n, 1)
			b.Gemm(&g)
			for i, x := range g.C {
				row, col := i/n, i%n
				nan := row == 13 || col == 36 || col == 7 || row == 5 && col == 8
				want := float32(-k)
				switch {
				case col == 8:
					want = inf
				case row == 4:
					want = -inf
				case row == 5:
					want = -k + 1
				}
				if relu {
					want = max(want, 0)
				}
				if nan != (x != x) || !nan && x != want {
					t.Errorf("relu=%t: C[%d][%d] = %v, want %v (NaN: %t)", relu, row, col, x, want, nan)
				}
			}
		}
	})
}

// checkOuter compares Outer on operands at random places with the promised chain
// and with float64.
func checkOuter(t *testing.T, b *Backend, rng *rand.Rand, rows, cols, pixels int) {
	t.Helper()
	var taps []int32
	for range 1 + rng.IntN(3) {
		taps = append(taps, int32(rng.IntN(41)-20))
	}
	all := len(taps) * rows
	a := values(rng, rows+90)
	d := values(rng, cols+50)
	// Offsets may be negative where taps make up for it.
	base := int32(rng.IntN(100))
	for i := range taps {
		taps[i] += base
	}
	aOff, dOff := make([]int32, pixels), make([]int32, pixels)
	for p := range pixels {
		aOff[p], dOff[p] = int32(20+rng.IntN(51))-base, int32(rng.IntN(51))
	}
	ldc := cols + rng.IntN(4)
	c := canaries((all-1)*ldc + cols + rng.IntN(3))
	for r := range all {
		copy(c[r*ldc:], values(rng, cols))
	}
	want := slices.Clone(c)
	got := slices.Clone(c)
	b.Outer(got, ldc, a, aOff, taps, rows, d, dOff, cols)
	for r := range all {
		for j := range cols {
			x := &want[r*ldc+j]
			sum, abs := float64(*x), math.Abs(float64(*x))
			for p := range aOff {
				u, v := a[int(aOff[p]+taps[r/rows])+r%rows], d[int(dOff[p])+j]
				*x = b.mulAdd(u, v, *x)
				sum += float64(u) * float64(v)
				abs += math.Abs(float64(u) * float64(v))
			}
			if y := got[r*ldc+j]; !near(y, sum, abs, pixels+1) {
				t.Fatalf("%d x %d over %d: C[%d][%d] = %v, in float64 %v", rows, cols, pixels, r, j, y, sum)
			}
		}
	}
	for i, x := range got {
		if !same(x, want[i]) {
			t.Fatalf("%d x %d over %d: C[%d] = %v, want %v", rows, cols, pixels, i, x, want[i])
		}
		if i%ldc >= cols && math.Float32bits(x) != math.Float32bits(canary) {
			t.Fatalf("%d x %d over %d: C[%d], outside all rows, was written", rows, cols, pixels, i)
		}
	}
}

func TestOuter(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(3, 3))
		for rows := 1; rows <= 70; rows++ {
			checkOuter(t, b, rng, rows, 1+rng.IntN(40), 1+rng.IntN(10))
		}
		for cols := 1; cols <= 70; cols++ {
			checkOuter(t, b, rng, 1+rng.IntN(20), cols, 1+rng.IntN(10))
		}
		for _, cols := range []int{127, 128, 129, 144, 300} { // about what a strip has
			checkOuter(t, b, rng, 1+rng.IntN(40), cols, 1+rng.IntN(10))
		}
		for _, pixels := range []int{1, 2, 127, 128, 129, 256, 257, 300} {
			checkOuter(t, b, rng, 1+rng.IntN(20), 1+rng.IntN(40), pixels)
		}
		checkOuter(t, b, rng, 64, 64, 196)
		checkOuter(t, b, rng, 24, 128, 128) // strips that are full
		checkOuter(t, b, rng, 50, 300, 257)

		c := []float32{5}
		b.Outer(c, 1, nil, nil, nil, 1, nil, nil, 1)
		b.Outer(nil, 0, nil, []int32{0}, nil, 0, nil, []int32{0}, 0)
		if c[0] != 5 {
			t.Errorf("an empty sum changed C to %v", c[0])
		}
	})
}

func FuzzOuter(f *testing.F) {
	f.Add(uint64(1), uint8(13), uint8(33), uint16(97))
	f.Fuzz(func(t *testing.T, seed uint64, rows, cols uint8, pixels uint16) {
		for _, b := range Backends() {
			rng := rand.New(rand.NewPCG(seed, 0))
			checkOuter(t, b, rng, 1+int(rows), 1+int(cols), 1+int(pixels)%400)
		}
	})
}

// The element-wise functions have the same bits on every backend, and those are
// near to what the formulas say in float64.
func TestElementwise(t *testing.T) {
	const lr, eps = 1e-2, 1e-3
	beta1, beta2, rho := float32(0.9), float32(0.999), float32(0.95)
	mix := func(beta float32, x, y float64) float64 { return float64(beta)*x + float64(1-beta)*y }
	close := func(x float32, y float64) bool { return math.Abs(float64(x)-y) <= 1e-6*(1+math.Abs(y)) }
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(4, 4))
		for n := range 70 {
			if n == 69 {
				n = 20000 // several calls of the assembly
			}
			w, g, m, v := values(rng, n+1), values(rng, n+1), values(rng, n+1), values(rng, n+1)
			for i := range v {
				v[i] = float32(math.Abs(float64(v[i])))
			}
			if n > 9 {
				g[9] = float32(math.NaN())
			}
			check := func(op string, do, spec func(w, m, v []float32), formula func(i int) float64) {
				t.Helper()
				w1, m1, v1 := slices.Clone(w), slices.Clone(m), slices.Clone(v)
				w2, m2, v2 := slices.Clone(w), slices.Clone(m), slices.Clone(v)
				do(w1[:n], m1[:n], v1[:n])
				spec(w2[:n], m2[:n], v2[:n])
				for i := range w1 { // one more than the operands have
					if !same(w1[i], w2[i]) || !same(m1[i], m2[i]) || !same(v1[i], v2[i]) {
						t.Fatalf("%s of %d: element %d is %v %v %v, want %v %v %v", op, n, i, w1[i], m1[i], v1[i], w2[i], m2[i], v2[i])
					}
					if want := formula(i); i < n && want == want && !close(w1[i], want) {
						t.Fatalf("%s of %d: element %d is %v, in float64 %v", op, n, i, w1[i], want)
					}
				}
			}
			check("Add",
				func(w, m, v []float32) { b.Add(w, g[:n]) },
				func(w, m, v []float32) { addGeneric(w, g[:n]) },
				func(i int) float64 { return float64(w[i]) + float64(g[i]) })
			check("ReLUBackward",
				func(w, m, v []float32) { b.ReLUBackward(w, g[:n]) },
				func(w, m, v []float32) { reluBackwardGeneric(w, g[:n]) },
				func(i int) float64 {
					if g[i] <= 0 {
						return 0
					}
					return float64(w[i])
				})
			check("Adam",
				func(w, m, v []float32) { b.Adam(w, g[:n], m, v, lr, beta1, beta2, eps) },
				func(w, m, v []float32) { adamGeneric(w, g[:n], m, v, lr, beta1, beta2, eps) },
				func(i int) float64 {
					x := float64(g[i])
					m, v := mix(beta1, float64(m[i]), x), mix(beta2, float64(v[i]), x*x)
					return float64(w[i]) - lr*m/(math.Sqrt(v)+eps)
				})
			check("RMSprop",
				func(w, m, v []float32) { b.RMSprop(w, g[:n], v, lr, rho, eps) },
				func(w, m, v []float32) { rmspropGeneric(w, g[:n], v, lr, rho, eps) },
				func(i int) float64 {
					x := float64(g[i])
					v := mix(rho, float64(v[i]), x*x)
					return float64(w[i]) - lr*x/math.Sqrt(v+eps)
				})
		}
	})
}

func TestNoisy(t *testing.T) {
	negativeZero, tiny := float32(math.Copysign(0, -1)), float32(math.SmallestNonzeroFloat32)
	for _, random := range []int32{0, 1, -1, math.MaxInt32, math.MinInt32} {
		for _, zero := range []float32{0, negativeZero} {
			if got := noisy(zero, random, 1); got != 0 {
				t.Errorf("%v with %d becomes %v", zero, random, got)
			}
		}
		if got := noisy(1e-20, random&math.MinInt32, 1); got != 0x1p-63 {
			t.Errorf("1e-20 with %d becomes %v", random&math.MinInt32, got)
		}
		for _, alive := range []float32{tiny, 1e-20, 1, math.MaxFloat32} {
			if got := noisy(alive, random, 1); !(got > 0) {
				t.Errorf("%v with %d becomes %v", alive, random, got)
			}
		}
		for _, bits := range []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff, 0x7f800000} {
			if got := noisy(math.Float32frombits(bits), random, 1); got == got {
				t.Errorf("%#x with %d becomes %v", bits, random, got)
			}
		}
	}
}

func TestNoise(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-30, math.SmallestNonzeroFloat32, math.MaxFloat32, -1, float32(math.Inf(1)), float32(math.NaN())}
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(1, 2))
		for channels := 1; channels <= 8200; channels++ {
			if channels == 73 {
				channels = 8184 // about what a call of assembly takes
			}
			for _, pixels := range []int{0, 1, 2, 5, 20000 / channels} {
				n := channels * pixels
				x, scale, peak := values(rng, n+1), values(rng, channels+1), values(rng, channels+1)
				for i := range x {
					x[i] = float32(math.Abs(float64(x[i])))
					if rng.IntN(4) == 0 {
						x[i] = special[rng.IntN(len(special))]
					}
				}
				random := make([]int32, n)
				for i := range random {
					random[i] = int32(rng.Uint32())
				}
				wantX, wantPeak := slices.Clone(x), slices.Clone(peak)
				noiseGeneric(wantX[:n], random, scale[:channels], wantPeak[:channels])
				b.Noise(x[:n], random, scale[:channels], peak[:channels])
				if !slices.EqualFunc(x, wantX, same) || !slices.EqualFunc(peak, wantPeak, same) {
					t.Fatalf("%d pixels of %d channels: differs from the generic code", pixels, channels)
				}
			}
		}
	})
}

// The sigmoid and the exponential that it is made of have the bits of the generic code, whatever
// the length, and are near to what package math has.
func TestSigmoid(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 699.9, -700, 701, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	each(t, func(t *testing.T, b *Backend) {
		rng := rand.New(rand.NewPCG(8, 8))
		for n := range 70 {
			if n == 69 {
				n = 20000 // several calls of the assembly
			}
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(rng.NormFloat64() * math.Exp(10*rng.Float64()-3))
				if rng.IntN(8) == 0 {
					x[i] = special[rng.IntN(len(special))]
				}
			}
			const beyond = 7
			e, s := make([]float64, n+1), make([]float64, n+1)
			wantE, wantS := make([]float64, n+1), make([]float64, n+1)
			for _, all := range [][]float64{e, s, wantE, wantS} {
				all[n] = beyond
			}
			b.Sigmoid(e[:n], s[:n], x)
			sigmoidGeneric(wantE[:n], wantS[:n], x)
			differ := func(a, b float64) bool { return math.Float64bits(a) != math.Float64bits(b) && (a == a || b == b) }
			for i := range e {
				if differ(e[i], wantE[i]) || differ(s[i], wantS[i]) {
					t.Fatalf("element %d of %d: %v and %v, want %v and %v", i, n, e[i], s[i], wantE[i], wantS[i])
				}
			}
			for i, v := range x {
				a := math.Abs(float64(v))
				exp, sigmoid := math.Exp(-min(a, 700)), 1/(1+math.Exp(-a))
				switch {
				case v != v:
					if e[i] == e[i] || s[i] == s[i] {
						t.Fatalf("of NaN: %v and %v", e[i], s[i])
					}
				case math.Abs(e[i]-exp) > 1e-8*exp, math.Abs(s[i]-sigmoid) > 1e-8:
					t.Fatalf("of %v: %v and %v, in package math %v and %v", v, e[i], s[i], exp, sigmoid)
				}
			}
		}
	})
}

func TestPackRows(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		const rows, cols = 11, 61
		w := values(rand.New(rand.NewPCG(5, 5)), 2000)
		p := b.NewPacked(rows, cols)
		p.PackRows(0, 2, w, 50, 1)
		p.PackRows(2, 5, w[100:], 3, 16)
		p.PackRows(7, 4, w[200:][:4+(cols-1)*9], 1, 9)
		p.PackRows(11, 0, nil, 1, 1)
		if a := uintptr(unsafe.Pointer(&p.data[0])); a%64 != 0 {
			t.Errorf("a panel begins at %#x, which is no cache line", a)
		}
		nr := b.nr
		for i, x := range p.data {
			r, c := i/nr%rows, i/nr/rows*nr+i%nr
			want := float32(0) // padding
			switch {
			case c < cols && r < 2:
				want = w[r*50+c]
			case c < cols && r < 7:
				want = w[100+(r-2)*3+c*16]
			case c < cols:
				want = w[200+(r-7)+c*9]
			}
			if x != want {
				t.Fatalf("element (%d, %d) is %v, want %v", r, c, x, want)
			}
		}
	})
}

// What reaches outside a slice panics, says so, and changes nothing.
func TestPanics(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		c := canaries(20)
		valid := func() *Gemm {
			return &Gemm{
				A: make([]float32, 20), AOff: []int32{3, 10}, Taps: []int32{-3, 6}, K: 4,
				B: b.NewPacked(8, 10), C: c, COff: []int32{10, 0},
			}
		}
		gemm := func(change func(g *Gemm)) func() {
			return func() {
				g := valid()
				change(g)
				b.Gemm(g)
			}
		}
		outer := func(ldc, aSize int, aOff []int32, tap int32, rows, dSize int, dOff []int32, cols int) func() {
			return func() {
				b.Outer(c, ldc, make([]float32, aSize), aOff, []int32{tap}, rows, make([]float32, dSize), dOff, cols)
			}
		}
		p := b.NewPacked(2, 3)
		other := &Backend{name: "other", nr: b.nr}
		for _, test := range []struct {
			message string
			do      func()
		}{
			{"AOff[1] = 11 reaches elements 8 to 20 of A, which has 20", gemm(func(g *Gemm) { g.AOff[1] = 11 })},
			{"AOff[0] = 2 reaches elements -1 to 11 of A", gemm(func(g *Gemm) { g.AOff[0] = 2 })},
			{"AOff[0] = -2147483648", gemm(func(g *Gemm) { g.AOff[0] = math.MinInt32 })},
			{"AOff[0] = 2147483647", gemm(func(g *Gemm) { g.AOff[0] = math.MaxInt32 })},
			{"AOff[0] = 3 reaches", gemm(func(g *Gemm) { g.Taps[1] = math.MaxInt32 })},
			{"AOff[0] = 3 reaches", gemm(func(g *Gemm) { g.A = nil })},
			{"COff[0] = 11 reaches elements 11 to 20 of C, which has 20", gemm(func(g *Gemm) { g.COff[0] = 11 })},
			{"COff[1] = -1 reaches elements -1 to 8 of C", gemm(func(g *Gemm) { g.COff[1] = -1 })},
			{"2 rows of A and 1 of C", gemm(func(g *Gemm) { g.COff = g.COff[:1] })},
			{"2 taps of K = 3 needs as many rows of B, which has 8", gemm(func(g *Gemm) { g.K = 3 })},
			{"1 taps of K = 4", gemm(func(g *Gemm) { g.Taps = nil })},
			{"9 biases for 10 columns", gemm(func(g *Gemm) { g.Bias = make([]float32, 9) })},
			{"accumulate", gemm(func(g *Gemm) { g.Accumulate, g.ReLU = true, true })},
			{"accumulate", gemm(func(g *Gemm) { g.Accumulate, g.Bias = true, make([]float32, 10) })},
			{"NewPacked", gemm(func(g *Gemm) { g.B = other.NewPacked(8, 10) })},
			{"NewPacked", gemm(func(g *Gemm) { g.B = nil })},
			{"aOff[1] = 8 reaches elements 7 to 10 of A, which has 10", outer(4, 10, []int32{1, 8}, -1, 4, 10, []int32{0, 6}, 4)},
			{"aOff[0] = 0 reaches elements -1 to 2 of A", outer(4, 10, []int32{0, 7}, -1, 4, 10, []int32{0, 6}, 4)},
			{"dOff[1] = 7 reaches elements 7 to 10 of D, which has 10", outer(4, 10, []int32{1, 7}, -1, 4, 10, []int32{0, 7}, 4)},
			{"needs 21 elements of C, which has 20", outer(6, 10, []int32{0, 0}, 0, 4, 10, []int32{0, 0}, 3)},
			{"rows of C 3 apart and 4 long", outer(3, 10, []int32{0, 0}, 0, 4, 10, []int32{0, 0}, 4)},
			{"2 rows of A and 1 of D", outer(4, 10, []int32{0, 0}, 0, 4, 10, []int32{0}, 4)},
			{"-1 x 4", outer(4, 10, []int32{0}, 0, -1, 10, []int32{0}, 4)},
			{"Add of slices of 3 and 2 elements", func() { b.Add(c[:3], c[:2]) }},
			{"Noise of 4 elements in 3 channels", func() { b.Noise(c[:4], make([]int32, 4), c[:3], c[4:7]) }},
			{"Noise of", func() { b.Noise(c[:4], make([]int32, 3), c[:2], c[2:4]) }},
			{"Noise of", func() { b.Noise(c[:4], make([]int32, 4), c[:2], c[2:5]) }},
			{"Noise of", func() { b.Noise(nil, nil, nil, nil) }},
			{"ReLUBackward of", func() { b.ReLUBackward(c[:3], c[:4]) }},
			{"Sigmoid of", func() { b.Sigmoid(make([]float64, 3), make([]float64, 4), c[:3]) }},
			{"Adam of", func() { b.Adam(c[:3], c[:3], c[:3], c[:4], 1, 1, 1, 1) }},
			{"RMSprop of", func() { b.RMSprop(c[:3], c[:2], c[:3], 1, 1, 1) }},
			{"NewPacked of -1 x 2", func() { b.NewPacked(-1, 2) }},
			{"rows 1 to 3 into a matrix of 2", func() { p.PackRows(1, 2, make([]float32, 100), 3, 1) }},
			{"reads element 5 of 5", func() { p.Pack(make([]float32, 5), 3, 1) }},
			{"negative stride", func() { p.Pack(make([]float32, 100), -3, 1) }},
		} {
			func() {
				defer func() {
					if r := fmt.Sprint(recover()); !strings.HasPrefix(r, "sgemm: ") || !strings.Contains(r, test.message) {
						t.Errorf("panic %q, want one that says %q", r, test.message)
					}
				}()
				test.do()
			}()
		}
		for i, x := range c {
			if math.Float32bits(x) != math.Float32bits(canary) {
				t.Errorf("C[%d] was written", i)
			}
		}
		b.Gemm(valid()) // at the very ends
	})
}

func TestAllocations(t *testing.T) {
	for _, b := range Backends() {
		rng := rand.New(rand.NewPCG(6, 6))
		c := newGemmCase(b, rng, 17, 41, 9, 3)
		w := make([]float32, 41*41)
		if n := testing.AllocsPerRun(10, func() {
			b.Gemm(&Gemm{A: c.A, AOff: c.AOff, Taps: c.Taps, K: c.K, B: c.B, C: c.C, COff: c.COff})
			b.Outer(w, 41, c.A, c.AOff, nil, 9, c.C, c.COff, 41)
			b.Adam(w, w, w, w, 0, 0, 0, 1)
			c.B.Pack(c.w, 41, 1)
		}); n != 0 {
			t.Errorf("%v: %v allocations", b, n)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Setenv(Env, "")
	all := Backends()
	if all[0].String() != "generic" {
		t.Errorf("Backends()[0] is %v, want generic", all[0])
	}
	widest := all[len(all)-1]
	if b, err := Select(""); b != widest || err != nil {
		t.Errorf(`Select("") = %v, %v; want %v`, b, err, widest)
	}
	for _, b := range all {
		if got, err := Select(b.String()); got != b || err != nil {
			t.Errorf("Select(%q) = %v, %v", b, got, err)
		}
		t.Setenv(Env, b.String())
		if got := Best(); got != b {
			t.Errorf("%s=%v: Best() = %v", Env, b, got)
		}
	}
	t.Setenv(Env, "sse9")
	_, err := Select("")
	for _, part := range []string{"sse9", Env, "generic", widest.String()} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s=sse9: error %v does not name %s", Env, err, part)
		}
	}
	if got := Best(); got != widest {
		t.Errorf("%s=sse9: Best() = %v, want %v", Env, got, widest)
	}
}

// Where the environment names a backend, tests on a machine that lacks it must
// not pass by leaving it out.
func TestForced(t *testing.T) {
	if want := os.Getenv(Env); want != "" && Best().String() != want {
		t.Errorf("%s=%s, but the best backend here is %v", Env, want, Best())
	}
}

func TestPeakLoop(t *testing.T) {
	each(t, func(t *testing.T, b *Backend) {
		one := b.PeakLoop(1)
		if one <= 0 || b.PeakLoop(1000) != 1000*one || b.PeakLoop(0) != 0 {
			t.Errorf("PeakLoop(1) = %d, PeakLoop(1000) = %d, PeakLoop(0) = %d", one, b.PeakLoop(1000), b.PeakLoop(0))
		}
	})
}
