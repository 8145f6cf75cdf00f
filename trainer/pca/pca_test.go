package pca

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// pictures are made of a mean, three patterns in amounts that differ, and noise.
func pictures(n, size int, noise float64) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]byte, n*size)
	for i := range n {
		var amount [3]float64
		for k := range amount {
			amount[k] = r.NormFloat64() * float64(40-12*k)
		}
		for x := range size {
			v := 128 + noise*r.NormFloat64()
			for k, a := range amount {
				v += a * math.Sin(float64((k+1)*x)*2*math.Pi/float64(size))
			}
			all[i*size+x] = byte(min(max(v, 0), 255))
		}
	}
	return all
}

func meanSquare(a, b []byte) (s float64) {
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		s += d * d / float64(len(a))
	}
	return s
}

func TestFit(t *testing.T) {
	const size, n = 96, 333
	learnt, others := pictures(n, size, 2), pictures(n+50, size, 2)[n*size:]
	var error [4]float64
	for dims := 1; dims <= 3; dims++ {
		c := Fit(learnt, size, dims, 1)
		for d := range dims {
			for e := range d + 1 {
				sum := 0.0
				for i := range size {
					sum += float64(c.axes[i*dims+d]) * float64(c.axes[i*dims+e])
				}
				want := 0.0
				if d == e {
					want = 1
				}
				if math.Abs(sum-want) > 1e-5 {
					t.Errorf("%d dimensions: axes %d and %d have the product %v", dims, d, e, sum)
				}
			}
		}
		error[dims] = meanSquare(others, c.Reconstruct(others))
		if !bytes.Equal(Fit(learnt, size, dims, 3).Reconstruct(others), c.Reconstruct(others)) {
			t.Errorf("%d dimensions: threads change the result", dims)
		}
	}
	// What is left out of the patterns is half the square of its amount, beside the noise
	for dims, want := range [4]float64{1: (28*28 + 16*16) / 2., 2: 16 * 16 / 2., 3: 0} {
		if dims > 0 && math.Abs(error[dims]-want) > 8+want/4 {
			t.Errorf("%d dimensions leave %.1f, want %.1f and the noise", dims, error[dims], want)
		}
	}
}
