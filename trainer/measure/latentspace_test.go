package measure

import (
	"math"
	"testing"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// The change along the two axes of a decoder whose pictures are linear in the latent point.
func TestContinuity(t *testing.T) {
	const side, size = 5, 4
	var q [side]int16
	latent.Quantiles(q[:], model.LatentSteps)
	for _, dims := range []int{1, 2, 3} {
		points := 0
		got := measureContinuity(func(p []int16) []byte {
			pixels := make([]byte, len(p)/dims*size)
			for i := 0; i < len(p); i += dims {
				points++
				at := pixels[i/dims*size:]
				at[0] = byte(128 + int(p[i])/100)
				if dims > 1 {
					at[1] = byte(128 - int(p[i+1])/50)
				}
				if dims > 2 && p[i+2] != 0 {
					t.Errorf("the third coordinate is %d", p[i+2])
				}
			}
			return pixels
		}, dims, size, side)
		var want continuity
		for i := range side - 1 {
			x := math.Abs(float64(int(q[i+1])/100-int(q[i])/100)) / size
			y := math.Abs(float64(int(q[i+1])/50-int(q[i])/50)) / size
			if dims == 1 {
				y = 0
				want.Mean += x / (side - 1)
			} else {
				want.Mean += (x + y) / (2 * (side - 1))
			}
			want.Largest = max(want.Largest, x, y)
		}
		if math.Abs(got.Mean-want.Mean) > 1e-9 || got.Largest != want.Largest {
			t.Errorf("%d dimensions: %+v, want %+v", dims, got, want)
		}
		if n := map[bool]int{true: side, false: side * side}[dims == 1]; points != n {
			t.Errorf("%d dimensions: %d points were decoded, want %d", dims, points, n)
		}
	}
}
