package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// vectors are n of them: a transformation of normally distributed ones.
func vectors(n, dims int, seed uint64, transform func(z []float64, x []float32)) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x, z := make([]float32, n*dims), make([]float64, dims)
	for i := range n {
		for d := range z {
			z[d] = r.NormFloat64()
		}
		transform(z, x[i*dims:][:dims])
	}
	return x
}

// The distance of two normal distributions that are known.
func TestFrechet(t *testing.T) {
	const n, dims = 40_000, 3
	a := MomentsOf(vectors(n, dims, 1, func(z []float64, x []float32) {
		x[0], x[1], x[2] = float32(z[0]), float32(2*z[1]), float32(z[0]+3*z[2])
	}), dims, 2)
	b := MomentsOf(vectors(n, dims, 2, func(z []float64, x []float32) {
		x[0], x[1], x[2] = float32(1+z[0]), float32(z[1]), float32(z[0]+3*z[2])
	}), dims, 2)
	// The means are 1 apart, and the deviations of one dimension; the other two are alike
	if d := Frechet(a, b, 2); math.Abs(d-2) > 0.1 {
		t.Errorf("the distance is %v, want 2", d)
	}
	if d := Frechet(a, a, 2); math.Abs(d) > 1e-6 {
		t.Errorf("that to itself is %v", d)
	}
	if d, e := Frechet(a, b, 1), Frechet(b, a, 2); math.Abs(d-e) > 1e-6 {
		t.Errorf("there %v and back %v", d, e)
	}
}

// Of fewer vectors than dimensions, of features that are always 0 and of such that are the same.
func TestFrechetDegenerate(t *testing.T) {
	const dims = 40
	of := func(n int, seed uint64) *Moments {
		return MomentsOf(vectors(n, dims, seed, func(z []float64, x []float32) {
			for d := range x {
				x[d] = float32(max(z[d], 0))
			}
			x[3], x[7], x[9] = 0, x[8], 1e-20*x[1]
		}), dims, 2)
	}
	few, many := of(10, 1), of(5000, 2)
	for _, d := range []float64{Frechet(few, many, 2), Frechet(many, few, 2)} {
		if !(d > 0.5 && d < 20) {
			t.Errorf("the distance is %v", d)
		}
	}
	if a, b := Frechet(few, many, 2), Frechet(many, few, 2); math.Abs(a-b) > 1e-3*a {
		t.Errorf("there %v and back %v", a, b)
	}
	if d := Frechet(many, of(5000, 3), 2); !(d >= 0 && d < 0.1) {
		t.Errorf("of the same distribution it is %v", d)
	}
}

// Eigenvalues of a matrix that is made of them.
func TestEigenvalues(t *testing.T) {
	const n = 37
	r := rand.New(rand.NewPCG(1, 2))
	want := make([]float64, n)
	a := square(n)
	for i := range want {
		want[i] = math.Round(10*r.Float64()) * math.Pow(10, float64(i%7-3))
		a[i][i] = want[i]
	}
	// Reflections leave them as they are.
	for range 5 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		unit := 0.0
		for _, x := range v {
			unit += x * x
		}
		for range 2 { // rows, then columns
			for i := range n {
				along := 0.0
				for j, x := range v {
					along += a[i][j] * x
				}
				for j, x := range v {
					a[i][j] -= 2 * along * x / unit
				}
			}
			for i := range n {
				for j := range i {
					a[i][j], a[j][i] = a[j][i], a[i][j]
				}
			}
		}
	}
	for i := range n {
		for j := range i {
			a[j][i] = a[i][j]
		}
	}
	got := eigenvalues(a, 2)
	slices.Sort(got)
	slices.Sort(want)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9*want[n-1] {
			t.Errorf("eigenvalue %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func mmd(x, y []float32, dims, threads int) float64 {
	return NewReferences(y, dims, threads).MMD(x)
}

// The discrepancy of a distribution from itself is about 0, and from another far above.
func TestMMD(t *testing.T) {
	const dims = 8
	of := func(n int, seed uint64, shift float64) []float32 {
		return vectors(n, dims, seed, func(z []float64, x []float32) {
			for d := range x {
				x[d] = float32(z[d] + shift)
			}
		})
	}
	same, other := mmd(of(1500, 1, 0), of(1500, 2, 0), dims, 2), mmd(of(1500, 1, 0), of(1500, 2, 0.5), dims, 2)
	if !(math.Abs(same) < 0.02 && other > 0.1) {
		t.Errorf("of the same distribution %v, of another %v", same, other)
	}
	// By hand: (1 + x y/2)^3 for x of {(1, 1), (0, 2)} and y of {(2, 0), (0, 0)}
	if got, want := mmd([]float32{1, 1, 0, 2}, []float32{2, 0, 0, 0}, 2, 1), 8.0+1-2*(8+1+1+1)/4.; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
	if mmd(of(1, 1, 0), of(1, 2, 0), dims, 1) != 0 {
		t.Error("of single vectors")
	}
}

// The result is the same with any number of threads.
func TestThreads(t *testing.T) {
	const dims = 70
	x := vectors(3000, dims, 1, func(z []float64, x []float32) {
		for d := range x {
			x[d] = float32(z[d] + z[(d+1)%dims])
		}
	})
	a, b := MomentsOf(x, dims, 1), MomentsOf(x, dims, 3)
	if Frechet(a, MomentsOf(x[:900*dims], dims, 1), 1) != Frechet(b, MomentsOf(x[:900*dims], dims, 2), 3) || mmd(x[:1000*dims], x[1000*dims:], dims, 1) != mmd(x[:1000*dims], x[1000*dims:], dims, 3) {
		t.Error("it depends on the threads")
	}
}

func TestPictures(t *testing.T) {
	// An edge of one step and the same blurred
	sharp, blurred := []byte{0, 0, 200, 200}, []byte{0, 100, 200, 200}
	a, b := Sharpness(sharp, [3]int{1, 4, 1}), Sharpness(blurred, [3]int{1, 4, 1})
	if a != math.Sqrt(0.5) || !(b < a) || Sharpness(make([]byte, 4), [3]int{2, 2, 1}) != 0 {
		t.Errorf("sharpness %v, blurred %v", a, b)
	}
	if v := Variety([]byte{0, 10, 0, 10, 0, 10}, 2); v != 0 {
		t.Errorf("pictures that are the same differ by %v", v)
	}
	if v := Variety([]byte{0, 0, 10, 20}, 2); v != 15 {
		t.Errorf("two pictures differ by %v, want 15", v)
	}
	if Variety([]byte{1, 2}, 2) != 0 {
		t.Error("one picture differs from itself")
	}
}
