package model

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/latent"
)

// A concept along the first dimension, whose images are at 2 units of it and the others at 0, and
// one against the second, at 1 and -3 units.
func attributes() *Model {
	return &Model{Latent: 3, LatentSteps: 100, Concepts: []Concept{
		{Name: "Smiling", Mean: []int16{200, 7, -7}, Direction: []int16{100, 0, 0}, Threshold: 100},
		{Name: "Wearing_Hat", Mean: []int16{9, -100, 0}, Direction: []int16{0, -100, 0}, Threshold: -100},
	}}
}

func TestSteered(t *testing.T) {
	m := attributes()
	for i, want := range [][2]int16{{0, 200}, {-300, 100}} {
		if without, with := m.Concepts[i].Positions(m.LatentSteps); without != want[0] || with != want[1] {
			t.Errorf("%s is at %d and %d, want %v", m.Concepts[i].Name, without, with, want)
		}
	}
	code := []int16{50, 20, 30}
	for _, c := range []struct {
		toward, away []int
		amount       int
		want         []int16
	}{
		{[]int{0}, nil, 0, []int16{50, 20, 30}},
		{[]int{0}, nil, latent.Whole, []int16{200, 20, 30}},
		{[]int{0}, nil, 2 * latent.Whole, []int16{400, 20, 30}},
		{nil, []int{0}, latent.Whole, []int16{0, 20, 30}},
		{[]int{1}, nil, latent.Whole, []int16{50, -100, 30}},
		{nil, []int{1}, latent.Whole / 2, []int16{50, 160, 30}},
		{[]int{0, 1}, nil, latent.Whole, []int16{200, -100, 30}},
		{[]int{1}, []int{0}, latent.Whole, []int16{0, -100, 30}},
	} {
		var aims []Aim
		for _, i := range c.toward {
			aims = append(aims, Aim{i, false})
		}
		for _, i := range c.away {
			aims = append(aims, Opposite([]Aim{{i, false}})...)
		}
		if got := m.Steered(code, aims, c.amount); !slices.Equal(got, c.want) {
			t.Errorf("toward %v, away from %v, by %d: %v, want %v", c.toward, c.away, c.amount, got, c.want)
		}
	}
	if !slices.Equal(code, []int16{50, 20, 30}) {
		t.Error("the code itself has changed")
	}
}

// A concept that is read across a normal moves codes along its direction all the same, until the
// normal reads them where the mean is.
func TestSteeredByNormal(t *testing.T) {
	m := attributes()
	c := &m.Concepts[0]
	c.Direction, c.Normal = []int16{100, 100, 0}, []int16{100, 0, 0}
	if without, with := c.Positions(m.LatentSteps); without != 0 || with != 200 {
		t.Errorf("positions %d and %d, want 0 and 200", without, with)
	}
	code := []int16{50, 20, 30}
	for _, v := range []struct {
		away   bool
		amount int
		want   []int16
	}{
		{false, 0, code}, {false, latent.Whole, []int16{200, 170, 30}}, {false, 2 * latent.Whole, []int16{400, 370, 30}}, {true, latent.Whole, []int16{0, -30, 30}},
	} {
		if got := m.Steered(code, []Aim{{0, v.away}}, v.amount); !slices.Equal(got, v.want) {
			t.Errorf("by %d, away %v: %v, want %v", v.amount, v.away, got, v.want)
		}
	}
	// A normal along the direction reads what the direction does.
	c.Normal = c.Direction
	with := m.Steered(code, []Aim{{0, false}}, latent.Whole)
	if c.Normal = nil; !slices.Equal(with, m.Steered(code, []Aim{{0, false}}, latent.Whole)) {
		t.Errorf("without a normal of its own a code goes elsewhere than %v", with)
	}
}

func TestExclusive(t *testing.T) {
	m := attributes()
	if m.Exclusive() {
		t.Error("a smile and a hat exclude each other")
	}
	m.Concepts[0].Name, m.Concepts[1].Name = "4", "10"
	if !m.Exclusive() {
		t.Error("numbers do not exclude each other")
	}
	if m.SetConcepts(m.Concepts, true); m.Classes {
		t.Error("what numbers say is said again")
	}
	m.Concepts[1].Name = "4a"
	if m.Exclusive() {
		t.Error("4a is a class")
	}
	if m.SetConcepts(m.Concepts, true); !m.Exclusive() {
		t.Error("classes do not exclude each other")
	}
	if m.SetConcepts(m.Concepts, false); m.Exclusive() {
		t.Error("attributes exclude each other")
	}
}
