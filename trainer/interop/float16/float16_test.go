package float16

import (
	"math"
	"testing"
)

// TestIEEE: every number of 16 bits is what its parts say.
func TestIEEE(t *testing.T) {
	for bits := range 1 << 16 {
		exponent, fraction := bits>>10&31, bits&1023
		want := math.Ldexp(float64(fraction), -24)
		switch {
		case exponent == 31 && fraction != 0:
			want = math.NaN()
		case exponent == 31:
			want = math.Inf(1)
		case exponent > 0:
			want = math.Ldexp(float64(1024+fraction), exponent-25)
		}
		want = math.Copysign(want, float64(1-bits>>15*2))
		got := float64(IEEE(uint16(bits)))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%#04x is %v, want %v", bits, got, want)
		}
	}
}

func TestBrain(t *testing.T) {
	for bits, want := range map[uint16]float32{0x3fc0: 1.5, 0xc040: -3, 0: 0} {
		if got := Brain(bits); got != want {
			t.Errorf("%#04x is %v, want %v", bits, got, want)
		}
	}
}
