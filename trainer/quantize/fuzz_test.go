package quantize

import (
	"math"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Rounding by its definition.
func FuzzRound(f *testing.F) {
	for _, x := range []float32{0, 0.5, 1.5, -2.5, 126.5, 127, 127.4999, 127.5, -127.5, 1e9, -1e9} {
		f.Add(x, float32(1))
		f.Add(x*3e-7, float32(3e-7))
	}
	f.Fuzz(func(t *testing.T, x, s float32) {
		const limit = 127
		if !(s >= 1e-30 && s <= 1e30) || x != x {
			t.Skip()
		}
		rounded, slope := round(x, s, limit)
		steps := float64(x / s)
		want := math.RoundToEven(min(max(steps, -limit), limit))
		wantSlope := want - steps
		if math.Abs(steps) > limit {
			wantSlope = want
		}
		if rounded != float32(float32(want)*s) || math.Abs(float64(slope)-wantSlope*float64(s)) > 1e-5*float64(s)*limit {
			t.Errorf("%v in steps of %v: %v with slope %v, want %v and %v", x, s, rounded, slope, want*float64(s), wantSlope*float64(s))
		}
	})
}

// However large or small the weights of a decoder's layers and channels are, its int8 form is a
// valid one, before it has learnt and after. Only weights that are out of all proportion may keep
// it from learning.
func FuzzExport(f *testing.F) {
	f.Add(int8(0), int8(0), int8(0), int8(0), uint8(0))
	f.Add(int8(20), int8(-20), int8(20), int8(0), uint8(1))
	f.Add(int8(-20), int8(20), int8(-20), int8(20), uint8(2))
	f.Add(int8(-40), int8(0), int8(0), int8(0), uint8(4))
	f.Add(int8(0), int8(-40), int8(-40), int8(-20), uint8(8))
	f.Add(int8(0), int8(0), int8(0), int8(-20), uint8(255))
	f.Add(int8(25), int8(40), int8(40), int8(-40), uint8(0xa0))
	f.Fuzz(func(t *testing.T, dense, up, output, biases int8, zeroed uint8) {
		const most = 40 // powers of 2
		const points = 5
		s, m, z, targets := testStudent(t, 1, points)
		proportioned := max(dense, up, output, biases) <= 12 && min(dense, up, output, biases) >= -12
		for i, l := range s.layers {
			e := max(min([]int8{dense, up, output}[i], most), -most)
			weights, bias := l.weight.Of(s.params), l.bias.Of(s.params)
			for k := range weights {
				weights[k] = float32(math.Ldexp(float64(weights[k]), int(e)))
				if _, out := l.channels(k); zeroed>>(out%8)&1 == 1 {
					weights[k] = 0
				}
			}
			for k := range bias {
				bias[k] = float32(math.Ldexp(float64(bias[k]), int(max(min(biases, most), -most))))
			}
			copy(l.Weight, weights) // the model's own, which calibration decodes with
			copy(l.Bias, bias)
		}
		s.calibrate(nn.NewRunner(m.Decoder, parallel.New(1), nil), z)
		for step := range 3 {
			q, err := s.export("m")
			if err != nil && step > 0 && !proportioned {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d, err := decoder.New(q)
			if err != nil {
				t.Fatal(err)
			}
			d.Decode(make([]uint8, m.Pixels()), q.FixedPoint(nil, 1, -1, 8))
			if loss := s.learn(z, targets, weightRate, scaleRate); !(loss >= 0 && loss < 1e30) {
				if proportioned {
					t.Fatalf("the cross-entropy is %v", loss)
				}
				return // as Quantize refuses it
			}
		}
	})
}
