package kernels

import (
	"fmt"
	"math"
)

// Slopes are those of the leaky ReLUs that made the activations a layer reads, and that make those
// it gives: above 0 and below 1, or 0 for a ReLU. The first layer of a network reads no activations
// of a leaky ReLU, and the last gives none.
type Slopes struct{ In, Out float32 }

// ZeroPoint is the activation that stands for 0 where a leaky ReLU of that slope made it:
// round(127*slope/(1+slope)), so that as much fits below 0 as above. It is 0 for a ReLU.
func ZeroPoint(slope float32) uint8 {
	a := float64(slope)
	return uint8(math.RoundToEven(float64(ActivationMax*a) / float64(1+a)))
}

func (s Slopes) check() error {
	for _, v := range []float32{s.In, s.Out} {
		if !(v >= 0 && v < 1) {
			return fmt.Errorf("kernels: a leaky ReLU's slope of %v, want one above 0 and below 1", v)
		}
	}
	return nil
}

// below is the scale of what is below 0.
func below(slope, scale float32) float32 { return float32(slope * scale) }

// A rectifier makes activations of accumulators.
type rectifier struct {
	slope float32
	zero  uint8
}

func newRectifier(slope float32) rectifier { return rectifier{slope, ZeroPoint(slope)} }

// activation is the activation for an accumulator.
func (r rectifier) activation(acc int32, scale float32) uint8 {
	if r.slope == 0 {
		return Requantize(acc, scale)
	}
	return RequantizeLeaky(acc, scale, r.slope)
}
