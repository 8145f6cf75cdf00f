package vae

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

var update = flag.Bool("update", false, "write the loss curve anew")

// An agreement is how near the committed loss curve the -ELBO of every step must lie, as a share of
// it, and for how many steps: instruction sets add in different orders, and training makes more of
// that from step to step.
type agreement struct {
	steps     int
	tolerance float64
}

// The curve is that of avx2. avx512 adds in the same order. generic has no FMA, and would take
// minutes.
var agreements = map[string]agreement{
	"avx2":    {curveSteps, 1e-7},
	"avx512":  {curveSteps, 1e-7},
	"neon":    {curveSteps, 1e-7},
	"generic": {2, 1e-5},
}

const (
	curveImages = 2000
	curveBatch  = 32
	curveSteps  = 2 * curveImages / curveBatch
)

// Two epochs on the first 2,000 digits take the course that they took when this was written, with
// the backend that trains here: both of them if VAE_EDGE_LONG is set, the first at the gate. The
// other backends, and tests elsewhere, hold its beginning.
func TestLossCurve(t *testing.T) {
	gate.Only(t)
	train, _, err := mnist.EmbeddedFirst(curveImages, 1)
	if err != nil {
		t.Fatal(err)
	}
	curve := func(b *sgemm.Backend, steps int) (losses []float64) {
		m, err := New(digits(2), 1)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, m, Options{Batch: curveBatch, Seed: 1, Backend: b, QuantizationNoise: DefaultQuantizationNoise, Schedule: nn.Schedule{Peak: 2e-3, Warmup: 10, Total: curveSteps}})
		for len(losses) < steps {
			order := random.Permutation(1, len(losses)*curveBatch/curveImages, curveImages)
			at := len(losses) * curveBatch % curveImages
			stats, err := tr.Step(train.Images, order[at:min(at+curveBatch, curveImages)])
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, stats.NegELBO)
		}
		return losses
	}
	file := filepath.Join("testdata", "curve.txt")
	if *update {
		b, err := sgemm.Select("avx2")
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, l := range curve(b, curveSteps) {
			fmt.Fprintf(&text, "%.9f\n", l)
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(data))
	if len(want) != curveSteps {
		t.Fatalf("%s has %d steps, want %d", file, len(want), curveSteps)
	}
	for _, b := range sgemm.Backends() {
		t.Run(b.String(), func(t *testing.T) {
			a, ok := agreements[b.String()]
			if !ok {
				t.Fatal("nothing is said of how near it must be")
			}
			if testing.Short() {
				if b.String() == "generic" {
					t.Skip("long")
				}
				a.steps = min(a.steps, 2)
			}
			if b != sgemm.Best() {
				a.steps = min(a.steps, 20/gate.Step(2))
			} else if !gate.All() {
				a.steps = min(a.steps, curveSteps/16)
			} else if os.Getenv("VAE_EDGE_LONG") == "" {
				a.steps = min(a.steps, curveSteps/2)
			}
			worst, at := 0.0, 0
			for i, got := range curve(b, a.steps) {
				var w float64
				if _, err := fmt.Sscan(want[i], &w); err != nil {
					t.Fatal(err)
				}
				if d := math.Abs(got-w) / w; !(d <= worst) {
					worst, at = d, i
				}
			}
			t.Logf("at most %.2g away, at step %d", worst, at+1)
			if !(worst <= a.tolerance) {
				t.Errorf("step %d is %.2g away from the curve, at most %.2g is right", at+1, worst, a.tolerance)
			}
		})
	}
}
