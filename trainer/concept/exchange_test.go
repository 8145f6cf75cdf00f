package concept

import (
	"math"
	"testing"
)

// What lies along the axes is exchanged, however they lie to each other; what is across stays.
func TestExchanged(t *testing.T) {
	a, b := []float64{1, 2, 3, 4}, []float64{-5, 6, -7, 8}
	for name, axes := range map[string][][]float64{
		"two":         {{2, 0, 0, 0}, {0, 3, 0, 0}},
		"oblique":     {{2, 0, 0, 0}, {5, 3, 0, 0}},
		"one twice":   {{2, 0, 0, 0}, {5, 3, 0, 0}, {1, 1, 0, 0}},
		"nearly same": {{1, 0, 0, 0}, {1, 1e-2, 0, 0}},
	} {
		na, nb := Exchanged(a, b, axes)
		for i := range a {
			wantA, wantB := a[i], b[i]
			if i < 2 {
				wantA, wantB = wantB, wantA
			}
			if math.Abs(na[i]-wantA) > 1e-9 || math.Abs(nb[i]-wantB) > 1e-9 {
				t.Errorf("%s: %v and %v", name, na, nb)
				break
			}
		}
	}
	if na, nb := Exchanged(a, b, nil); na[0] != 1 || nb[0] != -5 {
		t.Error("without axes something is exchanged")
	}
}
