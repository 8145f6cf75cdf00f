package vae

import (
	"math"
	"slices"
	"testing"
)

// Noise is within half its width, above 0 where the activation is, 0 where it is, on average 0, and the same for the same image of the same step.
func TestRoundoff(t *testing.T) {
	const steps, channels, pixels = 4, 3, 4000
	r := newRoundoff(steps, channels)
	var workers [2]worker
	for i := range workers {
		workers[i].peaks[up] = make([]float32, channels)
	}
	activations := func() []float32 {
		row := make([]float32, pixels*channels)
		for i := range row {
			if i/channels%3 != 0 { // every third pixel is 0
				row[i] = float32(i%channels) * (0.02 + float32(i%1000)/1000)
			}
		}
		return row
	}
	noisy := func(seed uint64, image, y int) []float32 {
		row := activations()
		r.begin(seed, up)
		r.add(row, workers[0].peaks[up], image, y)
		return row
	}
	before := activations()
	if first := noisy(1, 0, 0); !slices.Equal(first, before) {
		t.Error("noise before any peak is known")
	}
	workers[1].peaks[up][1] = 7
	r.end(workers[:], up)
	if want := []float32{0, 7, 2 * 1.019}; math.Abs(float64(r.peaks[2]-want[2])) > 1e-6 || r.peaks[0] != want[0] || r.peaks[1] != want[1] {
		t.Errorf("peaks %v, want %v", r.peaks, want)
	}
	if slices.Max(workers[0].peaks[up]) != 0 || slices.Max(workers[1].peaks[up]) != 0 {
		t.Error("a worker's peaks stay")
	}

	after := noisy(2, 3, 4)
	var n, sum, squares [channels]float64
	for i, a := range before {
		c := i % channels
		half := float64(r.peaks[c]) * steps / 127 / 2
		switch d := float64(after[i] - a); {
		case a == 0 && after[i] != 0, a > 0 && after[i] <= 0:
			t.Fatalf("an activation of %v becomes %v", a, after[i])
		case d < -half*1.0001 || d > half*1.0001:
			t.Fatalf("an activation of %v becomes %v, the noise is up to %v", a, after[i], half)
		case float64(a) > half: // nothing is kept above 0
			sum[c] += d / half
			squares[c] += d * d / (half * half)
			n[c]++
		}
	}
	for c := 1; c < channels; c++ {
		if mean, variance := sum[c]/n[c], squares[c]/n[c]; !(n[c] > pixels/2) || math.Abs(mean) > 0.05 || math.Abs(variance-1.0/3) > 0.03 {
			t.Errorf("channel %d: the noise has a mean of %.3f and a variance of %.3f, in halves of its width; want 0 and 1/3", c, mean, variance)
		}
	}
	if !slices.Equal(after, noisy(2, 3, 4)) {
		t.Error("the same image has another noise in the same step")
	}
	for _, other := range [][]float32{noisy(3, 3, 4), noisy(2, 4, 4), noisy(2, 3, 5)} {
		if slices.Equal(after, other) {
			t.Error("another step, image or row has the same noise")
		}
	}
	if r.end(workers[:], up); math.Abs(float64(r.peaks[1]-7*peakDecay)) > 1e-5 {
		t.Errorf("a peak of 7 is %v after a step with less", r.peaks[1])
	}
}
