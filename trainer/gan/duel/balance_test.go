package duel

import (
	"math"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// A class that is drawn too rarely is shown more often, epoch by epoch, to a limit, and all
// together as often as before.
func TestBalance(t *testing.T) {
	labels := make([]byte, 3000)
	for i := range labels {
		labels[i] = byte(i % 3)
	}
	e := Epoch{Classes: []float64{0.25, 0.5, 0.25}}
	for _, c := range []struct {
		done  []Epoch
		ratio float64 // of what class 0 is shown to what class 1 is
	}{
		{[]Epoch{{Classes: []float64{1. / 3, 1. / 3, 1. / 3}}}, 1},
		{[]Epoch{e}, math.Sqrt2}, {[]Epoch{e, e}, 2}, {[]Epoch{e, e, e, e, e, e, e, e}, 4},
		{[]Epoch{{Classes: []float64{0, 1, 0}}}, 2 * math.Sqrt(3)},
	} {
		w := balance(c.done, labels)
		if math.Abs(w[0]/w[1]-c.ratio) > 1e-9 || math.Abs(w[0]+w[1]+w[2]-3) > 1e-9 || w[0] != w[2] {
			t.Errorf("%v: %v, want the ratio %v", c.done, w, c.ratio)
		}
	}
	if balance(nil, labels) != nil || balance([]Epoch{{}}, labels) != nil || balance([]Epoch{e}, []byte{3}) != nil {
		t.Error("classes that are not known are balanced")
	}

	m := &match{train: &dataset.Set{N: len(labels), Labels: labels}}
	first := m.order()
	for i := range labels {
		if !slices.Contains(first, i) {
			t.Fatalf("image %d is not in the first epoch", i)
		}
	}
	m.Done = []Epoch{e, e}
	order := m.order()
	if len(order) != len(labels) || !slices.Equal(order, m.order()) {
		t.Errorf("%d images, of %d, or others the second time", len(order), len(labels))
	}
	count := make([]int, 3)
	for _, i := range order {
		count[labels[i]]++
	}
	if r := float64(count[0]) / float64(count[1]); r < 1.8 || r > 2.2 {
		t.Errorf("classes are shown %v times", count)
	}
}
