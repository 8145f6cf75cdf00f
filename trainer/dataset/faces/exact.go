package faces

import "math"

// Every product that is added to something goes through mul, which rounds it: without, some CPUs
// round once where others round twice, and a face would not have the same bytes everywhere.
// Square roots and quotients are rounded alike on all, but a quotient by a constant may be compiled
// to a product. Of package math nothing is used but what is exact by IEEE 754.

func mul(a, b float64) float64     { return float64(a * b) }
func sq(a float64) float64         { return float64(a * a) }
func lerp(a, b, t float64) float64 { return a + float64((b-a)*t) }
func hypot(x, y float64) float64   { return math.Sqrt(float64(x*x) + float64(y*y)) }

func clamp(x, low, high float64) float64 {
	if x > low { // NaN is not
		if x < high {
			return x
		}
		return high
	}
	return low
}

// smooth goes from 0 at x <= from to 1 at x >= to, without an edge.
func smooth(from, to, x float64) float64 {
	t := clamp((x-from)/(to-from), 0, 1)
	return mul(mul(t, t), 3-mul(2, t))
}
