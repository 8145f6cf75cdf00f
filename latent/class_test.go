package latent

import (
	"math"
	"slices"
	"testing"
)

// TestDraw: codes of a class scatter around its mean, with half of what is left of the variance,
// and never come near another class.
func TestDraw(t *testing.T) {
	means := [][]int16{{1500, 0, 0}, {-1500, 0, 100}, {0, 0, 0}}
	c := NewClasses(means, steps)
	r, code := NewRand(4), make([]int16, 3)
	var sum, squares [3]float64
	const n = 20000
	seen := map[[3]int16]bool{}
	for range n {
		c.Draw(code, r, 0)
		seen[[3]int16(code)] = true
		for i, v := range code {
			z := float64(v-means[0][i]) / steps
			sum[i] += z
			squares[i] += z * z
		}
		if code[0] < 1500-1500/2/drawPart-2 {
			t.Fatalf("%v is too near to the class at %v", code, means[2])
		}
	}
	if len(seen) < n*99/100 {
		t.Errorf("%d different codes of %d", len(seen), n)
	}
	// The last two coordinates have next to all of their variance within classes.
	for i := 1; i < 3; i++ {
		if mean, sd := sum[i]/n, math.Sqrt(squares[i]/n); math.Abs(mean) > 0.02 || sd < 0.35 || sd > 0.5 {
			t.Errorf("coordinate %d: mean %.3f, standard deviation %.3f, want 0 and less than 0.5 by a little", i, mean, sd)
		}
	}
	if c.spread[0] >= c.spread[1] {
		t.Errorf("spread %v: the means take a part of the first coordinate's variance", c.spread)
	}
	// Codes that are not standard normal, and a class that is alone.
	far := NewClasses([][]int16{{-30000}, {30000}}, steps)
	if far.spread[0] != steps/4 {
		t.Errorf("spread %d, want the least one, %d", far.spread[0], steps/4)
	}
	alone := NewClasses([][]int16{{100, -100}}, steps)
	alone.Draw(code[:2], r, 0)
	if slices.Equal(code[:2], []int16{100, -100}) {
		t.Error("a class that is alone has no spread")
	}
}

func TestRoot(t *testing.T) {
	for _, v := range []uint64{0, 1, 2, 3, 4, 8, 9, 1 << 40, 1<<40 - 1, 1 << 62, math.MaxUint64} {
		x := root(v)
		if x*x > v || x < math.MaxUint32 && (x+1)*(x+1) <= v {
			t.Errorf("the root of %d is not %d", v, x)
		}
	}
}
