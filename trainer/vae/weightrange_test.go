package vae

import (
	"math"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// TestWeightLimit: weights beyond the range are at its end after that, and no other changes. The
// channels are found here by walking the weights in the order that nn.Layer states.
func TestWeightLimit(t *testing.T) {
	const within, none = 1.5, 1 // the channel that never peaks
	m := randomModel(Config{Network: modeltest.Book(2, 4, 1, 2, 5), Loss: LossELBO, KLWeight: 1})
	for n := range m.Decoder.Layers {
		l := &m.Decoder.Layers[n]
		peaks := make([]float32, l.In[2])
		for c := range peaks {
			peaks[c] = float32(c%3) + 0.5
		}
		peaks[none] = 0
		if n == 0 {
			peaks = nil
		}
		for k := 0; k < len(l.Weight); k += 11 {
			l.Weight[k] *= 9
		}
		before := slices.Clone(l.Weight)
		type place struct{ in, out int }
		var at []place
		switch {
		case n == 0: // dense: [in, out], a channel varying fastest
			for in := range l.In[2] {
				for out := range len(l.Bias) {
					at = append(at, place{in, out % l.Out[2]})
				}
			}
		default: // transposed: [ky, kx, out, in]
			for range l.Kernel * l.Kernel {
				for out := range l.Out[2] {
					for in := range l.In[2] {
						at = append(at, place{in, out})
					}
				}
			}
		}
		if len(at) != len(before) {
			t.Fatalf("%s has %d weights, want %d", l.Name, len(before), len(at))
		}
		peak := func(in int) float64 {
			if peaks == nil {
				return 1
			}
			return float64(peaks[in])
		}
		squares, count := make([]float64, l.Out[2]), make([]float64, l.Out[2])
		for k, p := range at {
			x := float64(before[k]) * peak(p.in)
			squares[p.out] += x * x
			count[p.out]++
		}
		newWeightLimit(l, within, peaks).apply()
		limited := 0
		for k, p := range at {
			most := within * math.Sqrt(squares[p.out]/count[p.out])
			want := float64(before[k])
			if scale := peak(p.in); scale > 0 && math.Abs(want)*scale > most {
				want = math.Copysign(most/scale, want)
				limited++
			}
			if got := float64(l.Weight[k]); math.Abs(got-want) > 1e-6*math.Abs(want) {
				t.Fatalf("%s: weight %d from channel %d to %d was %v and is %v, want %v", l.Name, k, p.in, p.out, before[k], got, want)
			}
		}
		if limited == 0 || limited == len(at) {
			t.Errorf("%s: %d of %d weights are limited", l.Name, limited, len(at))
		}
	}
}

// TestWeightRange: a step brings weights into their range when it is due, and only then.
func TestWeightRange(t *testing.T) {
	const within = 1.2
	c := configs()["elbo"]
	m := randomModel(c)
	images := randomImages(c, 8)
	tr := newTrainer(t, m, Options{Batch: 8, QuantizationNoise: 1, WeightRange: within, Schedule: nn.Schedule{Peak: 1e-3}})
	last := &m.Decoder.Layers[len(m.Decoder.Layers)-1]
	peaks := tr.noises[len(tr.noises)-1].peaks
	// outlier is the farthest weight in root mean squares of its channel's.
	outlier := func() (far float64) {
		squares, count := make([]float64, last.Out[2]), make([]float64, last.Out[2])
		each := func(f func(x float64, out int)) {
			for k, w := range last.Weight {
				in, out := last.Channels(k)
				f(float64(w)*float64(peaks[in]), out)
			}
		}
		each(func(x float64, out int) { squares[out] += x * x; count[out]++ })
		each(func(x float64, out int) { far = max(far, math.Abs(x)/math.Sqrt(squares[out]/count[out])) })
		return far
	}
	for step := 1; step <= 2*limitEvery; step++ {
		before := 0.0
		if step > 1 { // there are peaks
			before = outlier()
		}
		train(t, tr, images, step)
		if due := step%limitEvery == 0; due && !(outlier() < before) || !due && step > 1 && outlier() < within {
			t.Errorf("after step %d the farthest weight is at %.3f, before it at %.3f", step, outlier(), before)
		}
	}
}
