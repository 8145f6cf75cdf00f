package concept

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model"
)

// What is shorter than a step of the int8 model is not kept, and is named.
func TestKept(t *testing.T) {
	q := &model.Model{Latent: 1, LatentSteps: model.LatentSteps}
	found := []Concept{
		{Name: "far", Mean: []float64{1}, Direction: []float64{-0.5}},
		{Name: "near", Mean: []float64{0}, Direction: []float64{1e-5}},
		{Name: "read", Mean: []float64{1}, Direction: []float64{1}, Normal: []float64{0.5}},
		{Name: "not read", Mean: []float64{1}, Direction: []float64{1}, Normal: []float64{1e-5}},
	}
	kept := Kept(q, found)
	fixed := Fixed(q, found)
	if len(kept) != 2 || kept[0].Name != "far" || kept[1].Name != "read" || len(fixed) != 2 {
		t.Errorf("kept %+v", kept)
	} else if fixed[0].Normal != nil || !slices.Equal(fixed[1].Normal, []int16{model.LatentSteps / 2}) {
		t.Errorf("normals %v and %v", fixed[0].Normal, fixed[1].Normal)
	}
	some := []bool{true, false}
	attributes := []Attribute{{Name: "far", Train: some}, {Name: "near", Train: some}, {Name: "all", Train: []bool{true, true}}}
	if lost := Lost(attributes, kept); !slices.Equal(lost, []string{"near"}) {
		t.Errorf("lost %q", lost)
	}
}
