package nn

import (
	"testing"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// A group learns as if its weights were alone, with the rate that its factor gives.
func TestGroups(t *testing.T) {
	const n = 3*rangeSize + 100
	gradient := make([]float32, n)
	for i := range gradient {
		gradient[i] = float32(i%7) - 3
	}
	b := sgemm.Best()
	learn := func(rate float64, groups ...Group) []float32 {
		weights := make([]float32, n)
		u := NewUpdate(parallel.New(2), b, DefaultAdam, weights, gradient, groups...)
		for step := range 3 {
			u.Step(step+1, rate)
		}
		return weights
	}
	slow, fast := learn(0.25), learn(1)
	group := Group{From: 50, To: 2*rangeSize + 50, Factor: 0.25}
	for i, w := range learn(1, group) {
		want := fast[i]
		if i >= group.From && i < group.To {
			want = slow[i]
		}
		if w != want {
			t.Fatalf("weight %d is %v, want %v", i, w, want)
		}
	}
}
