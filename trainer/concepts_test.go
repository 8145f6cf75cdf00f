package main

import (
	"io"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/pretrained"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The concepts of the built-in models are in their files, the same in both, and tell test images
// apart.
func TestBuiltInConcepts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine that training does not")
	}
	for _, b := range builtIn {
		images := 1000
		if b.data != "" {
			images = 200 // each of which is drawn
		}
		config := run.Config{Data: b.data, Limit: images}
		train, test, err := config.Load(run.Loading{Console: console.New("trainer", io.Discard, io.Discard)})
		if err != nil {
			t.Fatal(err)
		}
		attributes := measure.Attributes(train, test)
		data, _ := pretrained.Weights(b.name)
		m, floats, err := pair.Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		q, err := decoder.Open(b.name)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(q.Concepts); n != len(floats) || n < 10 || b.data == "" && n != 10 {
			t.Fatalf("%s has %d concepts, and %d in float32", b.name, n, len(floats))
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
			which := slices.IndexFunc(attributes, func(a concept.Attribute) bool { return a.Name == c.Name })
			if which < 0 {
				t.Fatalf("%s: concept %s is none of the data's", b.name, c.Name)
			}
			for k, shows := range attributes[which].Test {
				has := 0
				if shows {
					has = 1
				}
				all[has]++
				above := c.Position(points[k*q.Latent:][:q.Latent], q.LatentSteps) > c.Threshold
				if above == (has == 1) {
					right[has]++
				}
			}
			least := 0.6 // two dimensions hold not all ten apart
			switch {
			case b.data != "" && !slices.Contains([]string{"Smiling", "Eyeglasses", "Wearing_Hat", "Long_Hair", "Light_From_Left"}, c.Name):
				continue // few of the images have it, or it is as small as an earring
			case b.data != "":
				least = 0.75
			case q.Latent > 2:
				least = 0.85
			}
			a := (float64(right[0])/float64(all[0]) + float64(right[1])/float64(all[1])) / 2
			t.Logf("%s: concept %s has an accuracy of %.3f", b.name, c.Name, a)
			if a < least {
				t.Errorf("want %.2f at least", least)
			}
		}
	}
}
