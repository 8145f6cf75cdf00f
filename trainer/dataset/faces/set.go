package faces

import (
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
)

// A Set is a number of faces of one seed, with their pictures and all their attributes.
type Set struct {
	dataset.Set
	Seed  uint64
	First int // the index of the first face
}

// New draws n faces of a seed from index first on, on all cores. Sets of one seed whose indices do
// not overlap have no face in common: one to learn from and one to be held out are New(seed, 0, n)
// and New(seed, n, m).
func New(seed uint64, first, n int) *Set {
	n = max(n, 0)
	s := &Set{Seed: seed, First: first}
	s.Set = dataset.Set{Name: "faces", N: n, Height: Side, Width: Side, Channels: 3, Images: make([]byte, n*Size), Labels: make([]byte, n)}
	for _, a := range attributes {
		s.Attributes = append(s.Attributes, dataset.Attribute{Name: a.name, Has: make([]bool, n)})
	}
	const chunk = 16
	parallel.New(0).Run((n+chunk-1)/chunk, func(_, task int) {
		for i := task * chunk; i < min(n, task*chunk+chunk); i++ {
			f := s.Face(i)
			f.Draw(s.Image(i))
			for k, a := range attributes {
				s.Attributes[k].Has[i] = a.is(&f)
			}
		}
	})
	return s
}

// Face returns the factors of picture i.
func (s *Set) Face(i int) Face { return Random(s.Seed, s.First+i) }
