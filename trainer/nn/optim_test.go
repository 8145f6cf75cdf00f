package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// The values were worked out by hand from the update rules: weights 1, -2 and
// 0, gradients 0.5, -0.25 and 1e-9 at step 1, -0.5, -0.25 and 1e-9 at step 2,
// learning rate 0.1.
func TestOptimizers(t *testing.T) {
	for _, test := range []struct {
		o    Optimizer
		want [2][3]float64
	}{
		// Step 1: m/sqrt(v) is the gradient's sign times (1-0.9)/sqrt(1-0.999), which the rate
		// undoes. Third weight: m = 1e-10, rate = 0.1*sqrt(1-0.999)/(1-0.9) = 0.0316228, divisor
		// 3e-11 + 1e-7. Step 2, first weight: m = 0.9*0.05-0.05 = -0.005, v = 0.999*0.00025+0.00025
		// = 0.00049975; rate = 0.1*sqrt(1-0.998001)/(1-0.81) = 0.02353151; change =
		// 0.02353151*-0.005/0.02235509.
		{DefaultAdam, [2][3]float64{{0.9, -1.9, -0.0000316}, {0.90526316, -1.8, -0.0000763}}},
		// Step 1: 0.05/sqrt(0.1*0.25) = 0.3162278. Third weight: 1e-10/1e-7.
		// Step 2: v = 0.9*0.025+0.025 = 0.0475, 0.05/sqrt(0.0475) = 0.2294157.
		{DefaultRMSprop, [2][3]float64{{0.6837722, -1.6837722, -0.001}, {0.9131879, -1.4543565, -0.002}}},
	} {
		t.Run(test.o.Name(), func(t *testing.T) {
			for _, b := range sgemm.Backends() {
				w := []float32{1, -2, 0}
				slots := make([][]float32, len(test.o.Slots()))
				for i := range slots {
					slots[i] = make([]float32, len(w))
				}
				for step, g := range [][]float32{{0.5, -0.25, 1e-9}, {-0.5, -0.25, 1e-9}} {
					test.o.Update(b, step+1, 0.1, w, g, slots)
					for i, v := range w {
						// 1-0.999 has five digits in float32
						if math.Abs(float64(v)-test.want[step][i]) > 1e-6 {
							t.Errorf("%v: step %d: w[%d] = %v, want %v", b, step+1, i, v, test.want[step][i])
						}
					}
				}
			}
		})
	}
}

func TestSchedule(t *testing.T) {
	constant := Schedule{Peak: 0.5}
	for _, step := range []int{1, 2, 1e6} {
		if r := constant.Rate(step); r != 0.5 {
			t.Errorf("constant rate at step %d is %v", step, r)
		}
	}
	s := Schedule{Peak: 1, Warmup: 3, Total: 13}
	for step, want := range map[int]float64{
		1: 0.25, 2: 0.5, 3: 0.75, 4: 1, // rises
		9:  0.5,                            // half way down
		13: (1 - math.Cos(math.Pi/10)) / 2, // the last step still moves
		14: 0, 1000: 0,
	} {
		if r := s.Rate(step); !(math.Abs(r-want) <= 1e-12) {
			t.Errorf("rate at step %d is %v, want %v", step, r, want)
		}
	}
	for _, s := range []Schedule{{}, {Peak: math.NaN()}, {Peak: math.Inf(1)}, {Peak: -1}, {Peak: 1, Warmup: -1}, {Peak: 1, Warmup: 5, Total: 5}} {
		if s.Validate() == nil {
			t.Errorf("%+v is valid", s)
		}
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}

func TestGlorotUniform(t *testing.T) {
	w := make([]float32, 100000)
	glorotUniform(w, 20, 40, rand.NewPCG(5, 6))
	limit := math.Sqrt(6.0 / 60)
	var sum, squares, most float64
	for _, v := range w {
		sum += float64(v)
		squares += float64(v) * float64(v)
		most = max(most, math.Abs(float64(v)))
	}
	n := float64(len(w))
	if most > limit || most < 0.999*limit {
		t.Errorf("largest value is %v, limit %v", most, limit)
	}
	// Mean 0 and variance limit²/3, to five standard errors.
	if mean := sum / n; !(math.Abs(mean) <= 5*limit/math.Sqrt(3*n)) {
		t.Errorf("mean is %v", mean)
	}
	if variance := squares / n; !(math.Abs(variance-limit*limit/3) <= 5*limit*limit*math.Sqrt(4.0/45/n)) {
		t.Errorf("variance is %v, want %v", variance, limit*limit/3)
	}
}

// A training that is taken up again warms up to the rate that its cosine has come to.
func TestScheduleFrom(t *testing.T) {
	s := Schedule{Peak: 1, Warmup: 3, Total: 23}
	again := s
	again.From = 13
	if err := again.Validate(); err != nil {
		t.Fatal(err)
	}
	for step := 14; step <= 23; step++ {
		want := s.Rate(step) * min(1, float64(step-13)/4)
		if got := again.Rate(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("rate at step %d is %v, want %v", step, got, want)
		}
	}
	if again.From = 23; again.Validate() == nil {
		t.Error("taken up when all is over")
	}
}
