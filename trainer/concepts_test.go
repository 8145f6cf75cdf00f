package main

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The concepts of the built-in models are in their files, the same in both, and tell test images
// apart.
func TestBuiltInConcepts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine that training does not")
	}
	_, test, err := mnist.EmbeddedFirst(1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range builtIn {
		data, _ := pretrained.Weights(b.name)
		m, floats, err := pair.Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		q, err := decoder.Open(b.name)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Concepts) != 10 || len(floats) != 10 {
			t.Fatalf("%s has %d concepts, and %d in float32", b.name, len(q.Concepts), len(floats))
		}
		cs := measure.Codes(m, vae.NewRunner(m, 0, nil), func(int) {}, test)
		points := q.FixedPoint(nil, pair.Widened(cs[0].Values)...)
		for i, c := range q.Concepts {
			f := floats[i]
			if f.Name != c.Name || !slices.Equal(c.Mean, q.FixedPoint(nil, f.Mean...)) || !slices.Equal(c.Direction, q.FixedPoint(nil, f.Direction...)) {
				t.Errorf("%s: concept %q differs from %q in float32", b.name, c.Name, f.Name)
			}
			right := [2]int{}
			all := [2]int{}
			for k := range test.N {
				has := 0
				if test.Labels[k] == byte(i) {
					has = 1
				}
				all[has]++
				above := latent.Position(points[k*q.Latent:][:q.Latent], c.Direction, q.LatentSteps) > c.Threshold
				if above == (has == 1) {
					right[has]++
				}
			}
			least := 0.6 // two dimensions hold not all ten apart
			if q.Latent > 2 {
				least = 0.85
			}
			if a := (float64(right[0])/float64(all[0]) + float64(right[1])/float64(all[1])) / 2; a < least {
				t.Errorf("%s: concept %s has an accuracy of %.3f", b.name, c.Name, a)
			}
		}
	}
}
