package drawn

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

func TestReconstructionsOfManyClasses(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 2, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := vae.NewRunner(m, 1, nil)
	for _, c := range []struct {
		labels    []byte
		rows      int
		headings  bool
		decodings int
	}{
		{[]byte{0, 1, 0, 1, 0, 0, 0}, 4, true, 8},
		{[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, false, 12},
	} {
		set := &dataset.Set{Labels: c.labels, N: len(c.labels), Height: 8, Width: 8, Channels: 1, Images: make([]byte, 64*len(c.labels))}
		decodings := 0
		a := Artist{Model: m, Runner: r, Test: set, Decode: func(points []int16) []byte {
			decodings = len(points) / 2
			return make([]byte, 64*decodings)
		}}
		p := a.Reconstructions()
		if decodings != c.decodings {
			t.Errorf("%d classes: %d decodings, want %d", len(c.labels), decodings, c.decodings)
		}
		if h := p.Bounds().Dy(); h < c.rows*2*80 || h > c.rows*2*100+70 {
			t.Errorf("%d classes: height %d is not that of %d rows", len(c.labels), h, c.rows)
		}
	}
}

// The grid is that of the book's figure 8-14, which vae-edge's scene also shows: z[0] grows to the
// right and z[1] upwards.
func TestManifoldPoints(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 3, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []int16
	a := Artist{Model: m, Decode: func(points []int16) []byte {
		got = points
		return make([]byte, len(points)/3*64)
	}}
	a.Manifold()
	var q [pair.ManifoldSide]int16
	latent.Quantiles(q[:], model.LatentSteps)
	for row := range q {
		for column := range q {
			want := []int16{q[column], q[len(q)-1-row], 0}
			if at := got[(row*len(q)+column)*3:][:3]; !slices.Equal(at, want) {
				t.Fatalf("row %d, column %d is drawn at %v, want %v", row, column, at, want)
			}
		}
	}
}

// With more dimensions the grid may lie in a plane of them.
func TestManifoldPlane(t *testing.T) {
	m, err := vae.New(vae.Config{Network: modeltest.Book(8, 8, 1, 3, 4), Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []int16
	plane := latent.Plane{Center: []int16{1, 2, 3}, Axes: [2][]int16{{0, 0, latent.AxisUnit}, {latent.AxisUnit, 0, 0}}}
	a := Artist{Model: m, Plane: &plane, Decode: func(points []int16) []byte {
		got = points
		return make([]byte, len(points)/3*64)
	}}
	a.Manifold()
	var q [pair.ManifoldSide]int16
	latent.Quantiles(q[:], model.LatentSteps)
	if want := []int16{1 + q[pair.ManifoldSide-1], 2, 3 + q[0]}; !slices.Equal(got[:3], want) {
		t.Errorf("the first tile is drawn at %v, want %v", got[:3], want)
	}
}
