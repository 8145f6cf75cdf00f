package vae

import (
	"math"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Noise is within half its width, above 0 where the activation is, 0 where it is, on average 0, and
// the same for the same image of the same step.
func TestQuantizationNoise(t *testing.T) {
	const steps, channels, pixels = 4, 3, 4000
	layout := nn.Layout{Height: 5, Width: pixels / 5, Channels: channels}
	r := newQuantizationNoise("decoder.conv_transpose", 8, steps, layout, 2)
	activations := func() []float32 {
		row := make([]float32, pixels*channels)
		for i := range row {
			if i/channels%3 != 0 { // every third pixel is 0
				row[i] = float32(i%channels) * (0.02 + float32(i%1000)/1000)
			}
		}
		return row
	}
	noisy := func(seed uint64, image int) []float32 {
		x := activations()
		r.begin(seed)
		r.add(sgemm.Best(), 0, layout, x, image, 1)
		return x
	}
	before := activations()
	if first := noisy(1, 0); !slices.Equal(first, before) {
		t.Error("noise before any peak is known")
	}
	r.workers[1].peaks[1] = 7
	r.end()
	if want := []float32{0, 7, 2 * 1.019}; !(math.Abs(float64(r.peaks[2]-want[2])) <= 1e-6) || r.peaks[0] != want[0] || r.peaks[1] != want[1] {
		t.Errorf("peaks %v, want %v", r.peaks, want)
	}

	after := noisy(2, 3)
	var n, sum, squares [channels]float64
	for i, a := range before {
		c := i % channels
		half := float64(r.peaks[c]) * steps / 127 / 2
		switch d := float64(after[i] - a); {
		case a == 0 && after[i] != 0, a > 0 && after[i] <= 0:
			t.Fatalf("an activation of %v becomes %v", a, after[i])
		case !(math.Abs(d) <= half*1.0001):
			t.Fatalf("an activation of %v becomes %v, the noise is up to %v", a, after[i], half)
		case float64(a) > half: // nothing is kept above 0
			sum[c] += d / half
			squares[c] += d * d / (half * half)
			n[c]++
		}
	}
	for c := 1; c < channels; c++ {
		if mean, variance := sum[c]/n[c], squares[c]/n[c]; !(n[c] > pixels/2) || !(math.Abs(mean) <= 0.05 && math.Abs(variance-1.0/3) <= 0.03) {
			t.Errorf("channel %d: the noise has a mean of %.3f and a variance of %.3f, in halves of its width; want 0 and 1/3", c, mean, variance)
		}
	}
	if !slices.Equal(after, noisy(2, 3)) {
		t.Error("the same image has another noise in the same step")
	}
	for _, other := range [][]float32{noisy(3, 3), noisy(2, 4)} {
		if slices.Equal(after, other) {
			t.Error("another step or image has the same noise")
		}
	}
	ones := slices.Repeat([]float32{1}, pixels*channels)
	r.add(sgemm.Best(), 0, layout, ones, 3, 1)
	for y := 1; y < layout.Height; y++ {
		if slices.Equal(layout.Row(ones, 0, y-1), layout.Row(ones, 0, y)) {
			t.Errorf("rows %d and %d have the same noise", y-1, y)
		}
	}
	r.begin(4)
	r.workers[0].peaks[1] = 6
	if r.end(); !(math.Abs(float64(r.peaks[1]-7*peakDecay)) <= 1e-5) {
		t.Errorf("a peak of 7 is %v after a step with less", r.peaks[1])
	}
}

func TestFill(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 8} {
		rows := [2][]int32{make([]int32, n), make([]int32, n)}
		seeds := [2]uint64{0, 0x123456789abcdef1}
		fill(rows, seeds[0], seeds[1])
		for k, h := range seeds {
			h |= 1
			for i, got := range rows[k] {
				if i%2 == 0 {
					h ^= h << 13
					h ^= h >> 7
					h ^= h << 17
				}
				if want := int32(h >> (i % 2 * 32)); got != want {
					t.Errorf("number %d of %d in row %d is %d, want %d", i, n, k, got, want)
				}
			}
		}
	}
}
