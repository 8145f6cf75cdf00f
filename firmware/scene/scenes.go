package scene

import (
	"image"
	"image/draw"

	"github.com/vae-edge/vae-edge/latent"
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
	return &walk{newStage(d, size), latent.NewWalk(seed, m.Latent, m.LatentSteps)}
}

func (s *walk) Render(dst draw.Image, n uint64) {
	s.path.At(s.point, n*walkSpeed)
	s.draw(dst)
}

// sample shows random points of latent space, each for a while, and morphs from one to the next.
type sample struct {
	*stage
	seed     uint64
	steps    int
	from, to []int16
	index    uint64 // which point from is; to is the next one
	ready    bool
}

// A point of the sample scene is shown unchanged for sampleHold frames, then changes into the next in sampleMorph frames.
const (
	sampleHold  = 45
	sampleMorph = 30
)

func newSample(d Decoder, seed uint64, size image.Point) Scene {
	m := d.Model()
	return &sample{
		stage: newStage(d, size), seed: seed, steps: m.LatentSteps,
		from: make([]int16, m.Latent), to: make([]int16, m.Latent),
	}
}

func (s *sample) Render(dst draw.Image, n uint64) {
	const period = sampleHold + sampleMorph
	if k := n / period; !s.ready || k != s.index {
		s.draws(s.from, k)
		s.draws(s.to, k+1)
		s.index, s.ready = k, true
	}
	// Smoothstep, 3u^2 - 2u^3, in units of 1/sampleMorph.
	u := max(int32(n%period)-sampleHold, 0)
	const unit = sampleMorph * sampleMorph * sampleMorph
	part := u * u * (3*sampleMorph - 2*u)
	for i, a := range s.from {
		s.point[i] = int16(int64(a) + int64(int32(s.to[i])-int32(a))*int64(part)/unit)
	}
	s.draw(dst)
}

// draws fills point with the k-th random point.
func (s *sample) draws(point []int16, k uint64) {
	// The multiplier differs from the generator's own increment, so the points' streams do not overlap.
	latent.NewRand(s.seed+k*0xd1342543de82ef95).Normal(point, s.steps)
}
