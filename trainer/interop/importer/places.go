package importer

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

func (s *Source) at() places {
	if s.places != nil {
		return s.places
	}
	return prior(s.Latent())
}

// Points says in plain words which points the int8 decoder learns and is measured at.
func (s *Source) Points() string { return s.at().String() }

// prior is the normal distribution of so many dimensions.
type prior int

// priorSeed keeps the points that a decoder is measured at apart from those that it learns at.
const priorSeed = 0x696d706f7274

func (p prior) learn(seed uint64, _ int) (quantize.Source, error) {
	return &quantize.Prior{Latent: int(p), Seed: seed}, nil
}

func (p prior) held(seed uint64, _ int) (quantize.Source, error) {
	return &quantize.Prior{Latent: int(p), Seed: seed ^ priorSeed}, nil
}

func (p prior) most() int      { return math.MaxInt }
func (p prior) String() string { return "points of the prior" }

// codes are points that were given, of which one in heldShare is held back.
type codes struct {
	latent       int
	learnt, kept []float32
}

const (
	heldShare = 10
	// leastCodes is the fewest that are of use: fewer do not show what a decoder draws.
	leastCodes = 100
	// maxCode is the largest coordinate of a point, which is stored in 16 bits.
	maxCode = math.MaxInt16 / model.LatentSteps
)

func (c *codes) learn(seed uint64, _ int) (quantize.Source, error) {
	return &quantize.Codes{Latent: c.latent, Points: c.learnt, Seed: seed}, nil
}

func (c *codes) held(seed uint64, _ int) (quantize.Source, error) {
	return &quantize.Codes{Latent: c.latent, Points: c.kept, Seed: seed ^ priorSeed}, nil
}

func (c *codes) most() int      { return len(c.kept) / c.latent }
func (c *codes) String() string { return "given codes" }

// SetCodes has the int8 decoder learn at given points, and not at those of the prior: an array of
// shape [N, latent], which is called codes where there are several.
func (s *Source) SetCodes(a arrays.Arrays) error {
	var fit []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if shape := a[name].Shape; len(shape) == 2 && shape[1] == s.Latent() {
			fit = append(fit, name)
		}
	}
	if len(fit) > 1 {
		fit = slices.DeleteFunc(fit, func(name string) bool { return name != "codes" })
	}
	if len(fit) != 1 {
		var there []string
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if there = append(there, fmt.Sprintf("%q of %v", name, a[name].Shape)); len(there) == 8 {
				break
			}
		}
		return fmt.Errorf("it should have one array of shape [N, %d], a latent point in each row, or one of these that is called codes; it has %s", s.Latent(), strings.Join(there, ", "))
	}
	points := a[fit[0]].Data
	n := len(points) / s.Latent()
	if n < leastCodes {
		return fmt.Errorf("%d latent points are too few, %d are the least", n, leastCodes)
	}
	for i, v := range points {
		if !(math.Abs(float64(v)) <= maxCode) {
			return fmt.Errorf("point %d has the coordinate %v, and the board's points reach from -%d to %d", i/s.Latent(), v, maxCode, maxCode)
		}
	}
	c := &codes{latent: s.Latent()}
	for i := range n {
		to := &c.learnt
		if i%heldShare == heldShare-1 {
			to = &c.kept
		}
		*to = append(*to, points[i*c.latent:][:c.latent]...)
	}
	s.places = c
	return nil
}

// pictures are the codes of images, as the encoder scatters them.
type pictures struct {
	s           *Source
	train, test []byte
}

func (p *pictures) learn(seed uint64, threads int) (quantize.Source, error) {
	return quantize.Images(p.s.Whole, p.train, quantize.Options{Seed: seed, Threads: threads})
}

func (p *pictures) held(seed uint64, threads int) (quantize.Source, error) {
	return quantize.Images(p.s.Whole, p.test, quantize.Options{Seed: seed ^ priorSeed, Threads: threads})
}

func (p *pictures) most() int      { return len(p.test) / p.s.Whole.Pixels() }
func (p *pictures) String() string { return "codes of the images" }

// SetImages has the int8 decoder learn at the codes of images, and the int8 encoder from these, raw
// pixels, one picture after another; it is measured at the codes of others. There must be an
// encoder.
func (s *Source) SetImages(train, test []byte, shape [3]int) error {
	switch {
	case s.Whole == nil:
		return errors.New("images need an encoder, which makes latent points of them")
	case shape != s.image():
		return fmt.Errorf("the images are %s, and the decoder draws %s", plain.ImageSize(shape), plain.ImageSize(s.image()))
	case len(train) == 0 || len(test) == 0:
		return errors.New("there are no images to learn from, or none to measure with")
	}
	s.places, s.images = &pictures{s, train, test}, train
	return nil
}
