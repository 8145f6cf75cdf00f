package sgemm

import "math"

// The code below is the specification of every backend. Products are
// converted to float32 explicitly, which forbids the compiler to fuse them
// with the sum, so that the generic backend has one result on all
// architectures; the other backends fuse every one of them.

var generic = Backend{name: "generic", nr: 4, gemmRows: []int{1}, outerRows: []int{1}}

func gemmGeneric(g *Gemm, taps []int32) {
	const nr = 4
	n := g.B.Cols
	for j := 0; j < n; j += nr {
		panel := g.B.data[j*g.B.Rows:][:g.B.Rows*nr]
		width := min(nr, n-j)
		for m, off := range g.AOff {
			c := g.C[int(g.COff[m])+j:][:width]
			var acc [nr]float32
			if g.Accumulate {
				copy(acc[:], c)
			} else if g.Bias != nil {
				copy(acc[:], g.Bias[j:])
			}
			s0, s1, s2, s3 := acc[0], acc[1], acc[2], acc[3]
			b := panel
			for _, t := range taps {
				if g.K == 0 {
					break
				}
				for _, a := range g.A[int(off)+int(t):][:g.K] {
					row := (*[nr]float32)(b)
					s0 += float32(a * row[0])
					s1 += float32(a * row[1])
					s2 += float32(a * row[2])
					s3 += float32(a * row[3])
					b = b[nr:]
				}
			}
			acc = [nr]float32{s0, s1, s2, s3}
			if g.ReLU {
				for i, x := range acc {
					if x < 0 {
						acc[i] = 0
					}
				}
			}
			copy(c, acc[:])
		}
	}
}

func outerGeneric(c []float32, ldc int, a []float32, aOff, taps []int32, rows int, d []float32, dOff []int32, cols int) {
	for t, tap := range taps {
		for p := range aOff {
			ap := a[aOff[p]+tap:][:rows]
			dp := d[dOff[p]:][:cols]
			for r, x := range ap {
				cr := c[(t*rows+r)*ldc:][:len(dp)]
				for n, y := range dp {
					cr[n] += float32(x * y)
				}
			}
		}
	}
}

func reluBackwardGeneric(dx, y []float32) {
	for i, x := range y {
		if x <= 0 {
			dx[i] = 0
		}
	}
}

func noiseGeneric(x []float32, random []int32, scale, peak []float32) {
	for ; len(x) > 0; x, random = x[len(scale):], random[len(scale):] {
		for c, a := range x[:len(scale)] {
			if a > peak[c] {
				peak[c] = a
			}
			x[c] = noisy(a, random[c], scale[c])
		}
	}
}

// noisy is Noise of one element. Its comparisons are of integers, without branches, which could not
// be predicted.
func noisy(a float32, random int32, scale float32) float32 {
	alive := int32(-int64(int32(math.Float32bits(a))) >> 63) // all ones above 0
	bits := int32(math.Float32bits(a + float32(float32(random&alive)*scale)))
	return math.Float32frombits(uint32(max(bits, leastNoisy&alive))) + (a - a)
}

// leastNoisy is the bits of the least result above 0, 2⁻⁶³. Floats that are not negative are
// ordered as their bits are.
const leastNoisy = 0x20000000

func addGeneric(dst, src []float32) {
	for i, x := range src {
		dst[i] += x
	}
}

func sigmoidGeneric(e, s []float64, x []float32) {
	for i, v := range x {
		e[i] = expNeg(math.Abs(float64(v)))
		s[i] = 1 / (1 + e[i])
	}
}

// expNeg returns exp(-x) for x >= 0: 2^n times the Taylor series of exp(f), |f| <= ln(2)/2.
func expNeg(x float64) float64 {
	y := float64(min(x, 700) * -math.Log2E)
	n := int64(y - 0.5) // the nearest integer
	f := float64((y - float64(n)) * math.Ln2)
	p := float64(f*(1./5040)) + 1./720
	p = float64(f*p) + 1./120
	p = float64(f*p) + 1./24
	p = float64(f*p) + 1./6
	p = float64(f*p) + 1./2
	p = float64(f*p) + 1
	p = float64(f*p) + 1
	return p * math.Float64frombits(uint64(1023+n)<<52)
}

func adamGeneric(w, g, m, v []float32, lr, beta1, beta2, eps float32) {
	c1, c2 := 1-beta1, 1-beta2
	for i, gi := range g {
		mi := float32(beta1*m[i]) + float32(c1*gi)
		vi := float32(beta2*v[i]) + float32(c2*float32(gi*gi))
		m[i], v[i] = mi, vi
		w[i] -= float32(lr*mi) / (sqrt(vi) + eps)
	}
}

func rmspropGeneric(w, g, v []float32, lr, rho, eps float32) {
	c := 1 - rho
	for i, gi := range g {
		vi := float32(rho*v[i]) + float32(c*float32(gi*gi))
		v[i] = vi
		w[i] -= float32(lr*gi) / sqrt(vi+eps)
	}
}

// sqrt is correctly rounded: double precision has more than twice the bits.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// peakGeneric does n rounds of eight independent multiply-accumulates and
// returns their number.
func peakGeneric(n int) int {
	a, b := sink, sink
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for range n {
		s0 += float32(a * b)
		s1 += float32(a * b)
		s2 += float32(a * b)
		s3 += float32(a * b)
		s4 += float32(a * b)
		s5 += float32(a * b)
		s6 += float32(a * b)
		s7 += float32(a * b)
	}
	if s0+s1+s2+s3+s4+s5+s6+s7 != 0 {
		panic("unreachable")
	}
	return 8 * n
}

var sink float32
