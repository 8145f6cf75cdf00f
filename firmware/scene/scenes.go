package scene

import (
	"image"
	"image/draw"
	"strconv"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// walk is a smooth endless path through latent space.
type walk struct {
	*stage
	path *latent.Walk
}

// walkSpeed is how far a frame goes, in 1/latent.LegSteps of a leg: a leg takes 128 frames.
const walkSpeed = latent.LegSteps / 128

func newWalk(d Decoder, seed uint64, size image.Point) Scene {
	m := d.Model()
	return withDials(&walk{newStage(d, size), latent.NewWalk(seed, m.Latent, m.Prior())})
}

func (s *walk) pose(n uint64) { s.path.At(s.point, n*walkSpeed) }

func (s *walk) Render(dst draw.Image, n uint64) {
	s.pose(n)
	s.draw(dst)
}

var _ Steerable = (*walk)(nil)

const (
	// walkReach is how far the first two coordinates can be steered, in standard deviations.
	walkReach = 3
	// walkKeys is how many frames a key takes for one standard deviation.
	walkKeys = 30
)

// Cursor implements [Steerable]: X and Y are the first two coordinates.
func (s *walk) Cursor(n uint64) Cursor {
	s.pose(n)
	c := Cursor{Frame: n, X: int64(s.point[0])}
	if len(s.point) > 1 {
		c.Y = int64(s.point[1])
	}
	return c
}

// Move implements [Steerable].
func (s *walk) Move(c Cursor, in Input) Cursor {
	steps := int64(s.decoder.Model().LatentSteps)
	move := func(v int64, sign int) int64 {
		// The walk itself may be farther out.
		least, most := min(v, -walkReach*steps), max(v, walkReach*steps)
		return min(max(v+int64(sign)*(steps/walkKeys), least), most)
	}
	c.X, c.Y = move(c.X, in.DX), move(c.Y, in.DY)
	return c
}

// Return implements [Steerable].
func (s *walk) Return(c Cursor) (Cursor, bool) {
	speed := int64(s.decoder.Model().LatentSteps / walkKeys)
	to := s.Cursor(c.Frame)
	c.X, c.Y = toward(c.X, to.X, speed/4, 2*speed), toward(c.Y, to.Y, speed/4, 2*speed)
	return c, c == to
}

// RenderAt implements [Steerable].
func (s *walk) RenderAt(dst draw.Image, c Cursor) {
	s.pose(c.Frame)
	s.point[0] = int16(c.X)
	if len(s.point) > 1 {
		s.point[1] = int16(c.Y)
	}
	s.draw(dst)
}

// sample shows random points of latent space, each for a while, and morphs from one to the next.
type sample struct {
	*stage
	seed     uint64
	prior    latent.Prior
	rand     latent.Rand
	from, to []int16
	index    uint64 // which point from is; to is the next one
	ready    bool
	classes  *latent.Classes // nil: points are of any class
	class    int
}

// The sample scene holds a point for sampleHold frames, then morphs into the next in sampleMorph
// frames.
const (
	sampleHold  = 45
	sampleMorph = 30
)

func newSample(d Decoder, seed uint64, size image.Point) Scene {
	return withDials(samples(d, seed, size))
}

func samples(d Decoder, seed uint64, size image.Point) *sample {
	m := d.Model()
	return &sample{
		stage: newStage(d, size), seed: seed, prior: m.Prior(),
		from: make([]int16, m.Latent), to: make([]int16, m.Latent),
	}
}

func (s *sample) Render(dst draw.Image, n uint64) {
	s.pose(n)
	s.draw(dst)
}

func (s *sample) pose(n uint64) {
	const period = sampleHold + sampleMorph
	if k := n / period; !s.ready || k != s.index {
		s.draws(s.from, k)
		s.draws(s.to, k+1)
		s.index, s.ready = k, true
	}
	part, whole := smoothstep(max(int64(n%period)-sampleHold, 0), sampleMorph)
	for i, a := range s.from {
		s.point[i] = int16(int64(a) + (int64(s.to[i])-int64(a))*part/whole)
	}
}

// smoothstep is 3x^2 - 2x^3 for x = u/n, as a part of a whole.
func smoothstep(u, n int64) (part, whole int64) { return u * u * (3*n - 2*u), n * n * n }

// draws fills point with the k-th random point.
func (s *sample) draws(point []int16, k uint64) {
	s.rand = *latent.NewStream(s.seed, k)
	if s.classes != nil {
		s.classes.Draw(point, &s.rand, s.class)
		return
	}
	s.prior.Draw(point, &s.rand)
}

// Digit returns the sample scene of one concept of the model alone, such as "7".
func Digit(name string) Info {
	return Info{"sample", "random pictures of " + name + ", each morphing into the next", crispModel, func(d Decoder, seed uint64, size image.Point) (Scene, error) {
		class, err := d.Model().ConceptIndex(name)
		if err != nil {
			return nil, err
		}
		s := samples(d, seed, size)
		s.classes, s.class = classes(d.Model()), class
		return withDials(s), nil
	}}
}

// classes are those of a model's concepts.
func classes(m *model.Model) *latent.Classes {
	return latent.NewClasses(m.ConceptMeans(), m.LatentSteps)
}

// morph follows a path round and round, each frame one grey level a pixel from the last.
type morph struct {
	*stage
	path *latent.Path
}

// Morph returns the scene that goes along a path, as [model.Model.PathFrom] reads it. Its faces are
// drawn from the seed; where concepts exclude each other it is the same with every seed.
func Morph(path string) Info { return morphBy(func(*model.Model) string { return path }) }

// DefaultMorph returns the scene that goes along the model's own path, see [model.Model.OwnPath].
func DefaultMorph() Info { return morphBy((*model.Model).OwnPath) }

// digits returns the model's concepts for the digits 0 to 9, and the names of any it lacks.
func digits(m *model.Model) (concepts [10]int, missing []string) {
	for i := range concepts {
		name := strconv.Itoa(i)
		k, err := m.ConceptIndex(name)
		if err != nil {
			missing = append(missing, name)
		}
		concepts[i] = k
	}
	return concepts, missing
}

// morphBy returns the morph scene whose path depends on the model.
func morphBy(path func(m *model.Model) string) Info {
	return Info{"morph", "from digit to digit, or from face to face, along a path and back to its\nbeginning, changing at an even rate", crispModel, func(d Decoder, seed uint64, size image.Point) (Scene, error) {
		m := d.Model()
		points, err := m.PathFrom(path(m), m.Drawn(seed))
		if err != nil {
			return nil, err
		}
		return withDials(&morph{newStage(d, size), latent.NewPath(points, m.PictureSize(), d.Decode)}), nil
	}}
}

func (s *morph) pose(n uint64) { s.path.At(s.point, n, uint64(len(s.picture))) }

func (s *morph) Render(dst draw.Image, n uint64) {
	s.pose(n)
	s.draw(dst)
}
