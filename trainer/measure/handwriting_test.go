package measure

import (
	"math"
	"testing"
)

// stroke draws a straight stroke of a width down the middle of an image of 40 x 40, slanted.
func stroke(width, slant float64) []byte {
	pixels := make([]byte, 40*40)
	for y := 5; y < 35; y++ {
		for x := range 40 {
			// The share of the pixel's row that is covered.
			middle := 20 + slant*(float64(y)-19.5)
			pixels[y*40+x] = byte(255 * max(0, min(float64(x)+1, middle+width/2)-max(float64(x), middle-width/2)))
		}
	}
	return pixels
}

func TestMeasureHandwriting(t *testing.T) {
	for _, c := range []struct{ width, slant float64 }{{2, 0}, {4, 0}, {3, 0.3}, {5, -0.4}} {
		h := measureHandwriting(stroke(c.width, c.slant), [3]int{40, 40, 1})
		// Across a slanted stroke it is narrower than in a row; the ends add to the edges.
		want := c.width / math.Sqrt(1+c.slant*c.slant)
		if math.Abs(h.slant-c.slant) > 0.01 || h.stroke > want*1.02 || h.stroke < want*0.8 {
			t.Errorf("a stroke %g wide with slant %g is %+v", c.width, c.slant, h)
		}
	}
	if h := measureHandwriting(make([]byte, 1600), [3]int{40, 40, 1}); h != (handwriting{}) {
		t.Errorf("an empty image has %+v", h)
	}
}

func TestCompareFigures(t *testing.T) {
	a, b, r := compareFigures([]float64{1, 2, 3}, []float64{-2, -4, -6})
	if a != 2 || b != -4 || math.Abs(r+1) > 1e-12 {
		t.Errorf("means %v and %v, correlation %v", a, b, r)
	}
	if _, _, r := compareFigures([]float64{1, 2, 3}, []float64{5, 5, 5}); r != 0 {
		t.Errorf("with what does not vary: %v", r)
	}
}
