package main

import (
	"math"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The concepts of the built-in models are in their files, the same in both, and tell test images
// apart.
func TestBuiltInConcepts(t *testing.T) {
	_, test, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	test = test.First(1000)
	for _, b := range builtIn {
		data, _ := pretrained.Weights(b.name)
		m, floats, err := parseFloat(data)
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
		cs := codes(m, vae.NewRunner(m, 0, nil), func(int) {}, test)
		points := q.FixedPoint(nil, widened(cs[0].Values)...)
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

func TestEditor(t *testing.T) {
	m, q, err := openPair("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	judge, err := builtInClassifier()
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	test = test.First(readBlock + 120) // more than a block
	cs := codes(m, vae.NewRunner(m, 0, nil), func(int) {}, test)
	look := func(q *model.Model, threads int) (editFigures, float64) {
		d, err := decoder.New(q)
		if err != nil {
			t.Fatal(err)
		}
		e, err := newEditor(judge, d, test, cs[0].Values, threads)
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		f := e.edited(func(n int) { done = n })
		if done != test.N {
			t.Errorf("progress ends at %d of %d", done, test.N)
		}
		return *f, *e.moved("1")
	}
	f, moved := look(q, 1)
	if f.Classified < 0.9 || f.SlantCorrelation < 0.7 || f.StrokeCorrelation < 0.7 || math.Abs(f.SlantAfter-f.SlantBefore) > 0.1 {
		t.Errorf("edited: %+v", f)
	}
	if moved < 0.4 || moved > 0.9 {
		t.Errorf("moved toward 1, %v are drawn as it", moved)
	}
	if g, again := look(q, 3); g != f || again != moved {
		t.Errorf("three threads see %+v and %v, one %+v and %v", g, again, f, moved)
	}
	// Means that are exchanged are noticed.
	wrong := *q
	wrong.Concepts = slices.Clone(q.Concepts)
	for i := range wrong.Concepts {
		wrong.Concepts[i].Mean = q.Concepts[(i+1)%10].Mean
	}
	if g, _ := look(&wrong, 2); g.Classified > 0.3 {
		t.Errorf("with the means of other classes: %+v", g)
	}
}
