package main

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
)

// TestWalkFigures holds the built-in models to what the README says of the way through all digits.
func TestWalkFigures(t *testing.T) {
	m, err := classify.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	judge := classify.NewRunner(m, 0, nil)
	for _, c := range []struct {
		model       string
		sure        float64
		least, most float64 // of the mean change
	}{
		{"mnist-2", 2. / 3, 0.2, 1.4},
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
		var hashes []string
		for _, b := range kernels.Backends() {
			d, err := decoder.NewOn(q, b)
			if err != nil {
				t.Fatal(err)
			}
			pixels := walkFrames(d, points, 200)
			sum := sha256.Sum256(pixels)
			if hashes = append(hashes, hex.EncodeToString(sum[:])); len(hashes) > 1 {
				continue
			}
			least, mean, most := evenness(pixels, q.PictureSize())
			if least < c.least*mean || most > c.most*mean {
				t.Errorf("%s: frames change by %.2f, %.2f at least and %.2f at most", c.model, mean, least, most)
			}
			if s := sure(judge, pixels); s < c.sure {
				t.Errorf("%s: the classifier is sure in %.1f %% of the frames, want %.1f %%", c.model, 100*s, 100*c.sure)
			}
		}
		if len(slices.Compact(hashes)) != 1 {
			t.Errorf("%s: hashes of the frames on %v: %v", c.model, kernels.Backends(), hashes)
		}
	}
}

// TestDrawnDigits: at least 95 % of the digits that vae-edge --digit and --scene clock draw with mnist-16 are what they should be. With -v it
// says how many, with mnist-2, too.
func TestDrawnDigits(t *testing.T) {
	m, err := classify.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	judge := classify.NewRunner(m, 0, nil)
	const n = 1000
	for _, name := range []string{"mnist-2", "mnist-16"} {
		q, err := decoder.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoder.New(q)
		if err != nil {
			t.Fatal(err)
		}
		means := q.ConceptMeans()
		classes := latent.NewClasses(means, q.LatentSteps)
		points := make([]int16, n*q.Latent)
		var right []int
		for digit := range means {
			r := latent.NewRand(uint64(digit))
			for i := range n {
				classes.Draw(points[i*q.Latent:][:q.Latent], r, digit)
			}
			right = append(right, 0)
			for _, p := range judge.Predict(int8Decoder(d)(points)) {
				if p.Class == digit {
					right[digit]++
				}
			}
		}
		t.Logf("%s: of %d each, from 0 to 9, are classified as such: %v", name, n, right)
		if name == editModel && slices.Min(right) < n*95/100 {
			t.Errorf("%s: too few of a digit", name)
		}
	}
}

func TestEvenness(t *testing.T) {
	least, mean, most := evenness([]byte{0, 0, 10, 20, 10, 80}, 2)
	// 15, 30 and back from (10, 80) to (0, 0): 45.
	if least != 15 || mean != 30 || most != 45 {
		t.Errorf("%v, %v, %v, want 15, 30, 45", least, mean, most)
	}
}
