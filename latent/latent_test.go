package latent

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"testing"
)

const steps = 2048

func TestQuantiles(t *testing.T) {
	for _, n := range []int{2, 15, 60} {
		q := make([]int16, n)
		Quantiles(q, steps)
		for i, v := range q {
			p := 0.05 + 0.9*float64(i)/float64(n-1)
			want := math.Sqrt2 * math.Erfinv(2*p-1)
			if got := float64(v) / steps; math.Abs(got-want) > 0.51/steps {
				t.Errorf("n=%d: quantile at %.4f is %.5f, want %.5f", n, p, got, want)
			}
			if v != -q[n-1-i] {
				t.Errorf("n=%d: quantiles %d and %d are %d and %d, not symmetric", n, i, n-1-i, v, q[n-1-i])
			}
		}
		if !slices.IsSorted(q) {
			t.Errorf("n=%d: not ascending: %v", n, q)
		}
	}
	one := make([]int16, 1)
	if Quantiles(one, steps); one[0] != 0 {
		t.Errorf("a single quantile is %d, want the median 0", one[0])
	}
}

func TestNormalMoments(t *testing.T) {
	x := make([]int16, 200_000)
	NewRand(1).Normal(x, steps)
	var sum, squares, fourth float64
	for _, v := range x {
		z := float64(v) / steps
		sum += z
		squares += z * z
		fourth += z * z * z * z
	}
	n := float64(len(x))
	if mean := sum / n; math.Abs(mean) > 0.01 {
		t.Errorf("mean %.4f, want 0", mean)
	}
	if v := squares / n; math.Abs(v-1) > 0.01 {
		t.Errorf("variance %.4f, want 1", v)
	}
	if k := fourth / n; math.Abs(k-3) > 0.1 {
		t.Errorf("fourth moment %.4f, want 3", k)
	}
}

// A walk passes its way points, never jumps, and can be asked for any moment in any order.
func TestWalk(t *testing.T) {
	const dims = 3
	w, v := NewWalk(7, dims, Normal(steps)), NewWalk(7, dims, Normal(steps))
	last, at, again := make([]int16, dims), make([]int16, dims), make([]int16, dims)
	w.At(last, 0)
	for now := uint64(1); now < 20*LegSteps; now++ {
		w.At(at, now)
		for i := range at {
			if d := int(at[i]) - int(last[i]); d < -40 || d > 40 {
				t.Fatalf("jump of %d steps at time %d", d, now)
			}
		}
		copy(last, at)
	}
	for _, now := range []uint64{5000, 3, 19 * LegSteps, 1 << 40, 3} {
		w.At(at, now)
		v.At(again, now)
		NewWalk(7, dims, Normal(steps)).At(last, now)
		if !slices.Equal(at, again) || !slices.Equal(at, last) {
			t.Errorf("time %d: %v, %v and %v", now, at, again, last)
		}
	}
	NewWalk(8, dims, Normal(steps)).At(again, 3)
	if slices.Equal(at, again) {
		t.Error("two seeds give the same walk")
	}
	if n := testing.AllocsPerRun(100, func() { w.At(at, 12345); w.At(at, 99) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

// The same coordinates come out on every CPU and in every version.
func TestGolden(t *testing.T) {
	x := make([]int16, 1000)
	NewRand(42).Normal(x[:500], steps)
	Quantiles(x[500:600], steps)
	w := NewWalk(42, 4, Normal(steps))
	for i := 600; i < 1000; i += 4 {
		w.At(x[i:i+4], uint64(i)*777)
	}
	sum := sha256.New()
	for _, v := range x {
		sum.Write([]byte{byte(v), byte(v >> 8)})
	}
	const want = "5b761f7730d368f081953b3ea8f2e33639db783c54714df02710e34df6165ec9"
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}
