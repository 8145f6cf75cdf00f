package nn

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Optimizer turns gradients into changes of weights, each weight by itself, so
// that ranges of weights may be updated in any order.
type Optimizer interface {
	// Name is "adam" or "rmsprop".
	Name() string
	// Slots names the arrays of state, as long as the weights, that Update needs.
	Slots() []string
	// Update changes the weights w by their gradient g at the given step, the
	// first being 1, with learning rate rate. It updates the slots, which begin as zeros.
	Update(b *sgemm.Backend, step int, rate float64, w, g []float32, slots [][]float32)
}

// Adam is the optimiser of Kingma and Ba (2015), in the form that Keras has:
// Epsilon is not corrected for bias.
type Adam struct{ Beta1, Beta2, Epsilon float64 }

// DefaultAdam has Keras' constants.
var DefaultAdam = Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7}

func (Adam) Name() string    { return "adam" }
func (Adam) Slots() []string { return []string{"m", "v"} }

func (a Adam) Update(b *sgemm.Backend, step int, rate float64, w, g []float32, slots [][]float32) {
	t := float64(step)
	rate *= math.Sqrt(1-math.Pow(a.Beta2, t)) / (1 - math.Pow(a.Beta1, t))
	b.Adam(w, g, slots[0], slots[1], float32(rate), float32(a.Beta1), float32(a.Beta2), float32(a.Epsilon))
}

// RMSprop divides the gradient by a running root mean square of itself:
// v = Rho*v + (1-Rho)*g², w = w - rate*g/sqrt(v+Epsilon²). So Epsilon is the
// least divisor, as in the Keras of the book, which adds it to the root. (Later
// ones add it to v, and their least divisor of 3e-4 is above the
// gradients of a loss that is averaged over pixels.)
type RMSprop struct{ Rho, Epsilon float64 }

// DefaultRMSprop has Keras' constants.
var DefaultRMSprop = RMSprop{Rho: 0.9, Epsilon: 1e-7}

func (RMSprop) Name() string    { return "rmsprop" }
func (RMSprop) Slots() []string { return []string{"v"} }

func (r RMSprop) Update(b *sgemm.Backend, _ int, rate float64, w, g []float32, slots [][]float32) {
	b.RMSprop(w, g, slots[0], float32(rate), float32(r.Rho), float32(r.Epsilon*r.Epsilon))
}

// Schedule gives the learning rate of every step.
type Schedule struct {
	Peak   float64 // the rate after warm-up
	Warmup int     // steps in which the rate rises evenly to Peak
	Total  int     // steps after which a cosine has brought it down to 0; 0 keeps it at Peak
	// From is after how many steps a training is taken up that was done, by an optimizer that
	// begins anew: there is another warm-up then, to the rate that the cosine has come to
	From int
}

// Validate reports a schedule that no training can follow.
func (s Schedule) Validate() error {
	switch {
	case !(s.Peak > 0) || math.IsInf(s.Peak, 0):
		return fmt.Errorf("nn: learning rate %v: must be above 0", s.Peak)
	case s.From < 0 || s.From > 0 && s.From >= s.Total:
		return fmt.Errorf("nn: schedule of %d steps that is taken up at step %d", s.Total, s.From)
	case s.Warmup < 0 || s.Total < 0 || s.Total > 0 && s.Warmup >= s.Total:
		return fmt.Errorf("nn: schedule with %d steps of warm-up of %d in all", s.Warmup, s.Total)
	}
	return nil
}

// Rate is the learning rate of a step, the first being 1. It is above 0 until
// step Total and 0 after it.
func (s Schedule) Rate(step int) float64 {
	if s.From > 0 {
		again := s
		again.From = 0
		return again.Rate(step) * min(1, float64(step-s.From)/float64(s.Warmup+1))
	}
	if step <= s.Warmup {
		return s.Peak * float64(step) / float64(s.Warmup+1)
	}
	if s.Total == 0 {
		return s.Peak
	}
	done := float64(step-1-s.Warmup) / float64(s.Total-s.Warmup)
	return s.Peak / 2 * (1 + math.Cos(math.Pi*min(done, 1)))
}
