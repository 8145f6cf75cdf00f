package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

// similarityByDefinition is that of Alike with two-dimensional windows, one after another.
func similarityByDefinition(a, b []byte, shape [3]int) float64 {
	height, width, channels := shape[0], shape[1], shape[2]
	sum, n := 0.0, 0
	for c := range channels {
		for y := 0; y+11 <= height; y++ {
			for x := 0; x+11 <= width; x++ {
				var weights, ma, mb, aa, bb, ab float64
				for dy := range 11 {
					for dx := range 11 {
						r := float64((dy-5)*(dy-5) + (dx-5)*(dx-5))
						w := math.Exp(-r / (2 * 1.5 * 1.5))
						at := ((y+dy)*width+x+dx)*channels + c
						p, q := float64(a[at]), float64(b[at])
						weights += w
						ma, mb, aa, bb, ab = ma+w*p, mb+w*q, aa+w*p*p, bb+w*q*q, ab+w*p*q
					}
				}
				ma, mb = ma/weights, mb/weights
				va, vb, cov := aa/weights-ma*ma, bb/weights-mb*mb, ab/weights-ma*mb
				const c1, c2 = 6.5025, 58.5225
				sum += (2*ma*mb + c1) * (2*cov + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
				n++
			}
		}
	}
	return sum / float64(n)
}

func TestAlike(t *testing.T) {
	shape := [3]int{13, 17, 3}
	size := 13 * 17 * 3
	const n = 5
	r := rand.New(rand.NewPCG(1, 2))
	a, b := make([]byte, n*size), make([]byte, n*size)
	squares, similar := 0.0, 0.0
	for i := range a {
		a[i] = byte(r.IntN(256))
		b[i] = byte(min(255, int(a[i])/2+r.IntN(100)))
		squares += float64(int(a[i])-int(b[i])) * float64(int(a[i])-int(b[i]))
	}
	for i := range n {
		similar += similarityByDefinition(a[i*size:(i+1)*size], b[i*size:(i+1)*size], shape) / n
	}
	for _, threads := range []int{1, 3} {
		got := Alike(a, b, shape, threads)
		want := Likeness{10 * math.Log10(255*255*float64(len(a))/squares), similar}
		if math.Abs(got.PSNR-want.PSNR) > 1e-9 || math.Abs(got.SSIM-want.SSIM) > 1e-9 {
			t.Errorf("%d threads: %+v, want %+v", threads, got, want)
		}
	}
	if got := Alike(a, a, shape, 1); got.PSNR != 100 || math.Abs(got.SSIM-1) > 1e-12 {
		t.Errorf("pictures and themselves: %+v", got)
	}
	if got := Alike(a[:300], b[:300], [3]int{10, 10, 3}, 1); got.SSIM != 0 || got.PSNR <= 0 {
		t.Errorf("pictures smaller than a window: %+v", got)
	}
}
