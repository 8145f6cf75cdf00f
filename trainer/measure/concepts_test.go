package measure

import (
	"math"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

func TestEditor(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and starts no goroutine that training does not")
	}
	p, err := pair.Open("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	m, q := p.Float, p.Int8
	classifier, err := Classifier()
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.EmbeddedFirst(1, readBlock+120) // more than a block
	if err != nil {
		t.Fatal(err)
	}
	cs := Codes(m, vae.NewRunner(m, 0, nil), func(int) {}, test)
	look := func(q *model.Model, threads int) (EditFigures, float64) {
		d, err := decoder.New(q)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEditor(classifier, d, test, cs[0].Values, threads)
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		f := e.Edited(func(n int) { done = n })
		if done != test.N {
			t.Errorf("progress ends at %d of %d", done, test.N)
		}
		return *f, *e.Moved("1")
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
