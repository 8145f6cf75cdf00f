package faces

import "github.com/vae-edge/vae-edge/trainer/internal/parallel"

// A Set is a number of faces of one seed, with their pictures.
type Set struct {
	Seed                    uint64
	First                   int    // the index of the first face
	N                       int    // faces
	Images                  []byte // N x Height x Width x Channels pixels
	Height, Width, Channels int    // Side, Side, 3
}

// New draws n faces of a seed from index first on, on all cores. Sets of one seed whose indices do
// not overlap have no face in common: one to learn from and one to be held out are New(seed, 0, n)
// and New(seed, n, m).
func New(seed uint64, first, n int) *Set {
	n = max(n, 0)
	s := &Set{Seed: seed, First: first, N: n, Images: make([]byte, n*Size), Height: Side, Width: Side, Channels: 3}
	const chunk = 16
	parallel.New(0).Run((n+chunk-1)/chunk, func(_, task int) {
		for i := task * chunk; i < min(n, task*chunk+chunk); i++ {
			s.Face(i).Draw(s.Image(i))
		}
	})
	return s
}

// Image returns the pixels of picture i, which alias the set's.
func (s *Set) Image(i int) []byte { return s.Images[i*Size : (i+1)*Size : (i+1)*Size] }

// Shape is the height, width and number of channels of a picture.
func (s *Set) Shape() [3]int { return [3]int{s.Height, s.Width, s.Channels} }

// Face returns the factors of picture i.
func (s *Set) Face(i int) Face { return Random(s.Seed, s.First+i) }

// Labels returns of which pictures an attribute is true, or nil if there is no such attribute.
func (s *Set) Labels(name string) []bool {
	is := attribute(name)
	if is == nil {
		return nil
	}
	labels := make([]bool, s.N)
	for i := range labels {
		f := s.Face(i)
		labels[i] = is(&f)
	}
	return labels
}
