package main

import (
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/run/drawn"
)

// newClassifier returns the classifier of digits.
func newClassifier(t *testing.T) *classify.Runner {
	t.Helper()
	m, err := measure.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	return classify.NewRunner(m, 0, nil)
}

// TestWalkFigures holds the built-in models to what docs/results.md says of the way through all
// digits.
func TestWalkFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	classifier := newClassifier(t)
	for _, c := range []struct {
		model       string
		sure        float64
		least, most float64 // of the mean change
	}{
		{"mnist-2", 2. / 3, 0.05, 1.4}, // from 3 by 4 to 5 the path goes there and back
		{"mnist-16", 0.9, 0.5, 1.2},
	} {
		q, err := decoder.Open(c.model)
		if err != nil {
			t.Fatal(err)
		}
		points, err := q.PathPoints("0-9")
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoder.New(q)
		if err != nil {
			t.Fatal(err)
		}
		pixels := drawn.Walk(d, points, 200)
		least, mean, most := measure.Evenness(pixels, q.PictureSize())
		if least < c.least*mean || most > c.most*mean {
			t.Errorf("%s: frames change by %.2f, %.2f at least and %.2f at most", c.model, mean, least, most)
		}
		if s := measure.Sure(classifier, pixels); s < c.sure {
			t.Errorf("%s: the classifier is sure in %.1f %% of the frames, want %.1f %%", c.model, 100*s, 100*c.sure)
		}
	}
}

// TestDrawnDigits holds the built-in models to what docs/results.md says of the digits that
// vae-edge --digit and --scene clock draw: so many of a thousand are what they should be. With -v
// it prints that page's figures.
func TestDrawnDigits(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine that training does not")
	}
	classifier := newClassifier(t)
	for _, c := range []struct {
		model string
		least [10]int
	}{
		{"mnist-2", [10]int{990, 990, 970, 990, 0, 860, 990, 740, 990, 990}}, // its fours are nines
		{"mnist-16", [10]int{990, 990, 990, 990, 990, 980, 990, 990, 990, 990}},
	} {
		q, err := decoder.Open(c.model)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoder.New(q)
		if err != nil {
			t.Fatal(err)
		}
		means := q.ConceptMeans()
		classes := latent.NewClasses(means, q.LatentSteps)
		const n = 1000
		points := make([]int16, n*q.Latent)
		for digit := range means {
			r := latent.NewRand(uint64(digit))
			for i := range n {
				classes.Draw(points[i*q.Latent:][:q.Latent], r, digit)
			}
			right := 0
			for _, p := range classifier.Predict(pair.DrawInt8(d)(points)) {
				if p.Class == digit {
					right++
				}
			}
			t.Logf("%s: %d of %d drawn %ds are classified as such", c.model, right, n, digit)
			if right < c.least[digit] {
				t.Errorf("want %d at least", c.least[digit])
			}
		}
	}
}
