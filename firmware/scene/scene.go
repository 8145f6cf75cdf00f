// Package scene draws what vae-edge shows: pictures decoded from latent points, scaled and composed to the size of a display.
//
// Frame n is a pure function of the model, the scene's name, the seed, n and the size, and nothing on the way from the seed
// to the pixels is floating point, so that a terminal, an SPI panel and a PNG file on any CPU show the same.
package scene

import (
	"fmt"
	"image"
	"image/draw"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
)

// A Scene draws the frames of one scene at one size. It must not be used by two goroutines at once.
type Scene interface {
	// Render draws frame n on dst, all of it, allocating nothing. The image must come from [NewImage] for the scene's model
	// and size. Frames may be asked for in any order.
	Render(dst draw.Image, n uint64)
}

// An Info describes a scene.
type Info struct {
	Name  string
	Help  string // one line
	Still bool   // all frames are the same
	make  func(d *decoder.Decoder, seed uint64, size image.Point) Scene
}

var scenes = []Info{
	{"walk", "an endless smooth walk through latent space", false, newWalk},
	{"sample", "random digits, each morphing into the next", false, newSample},
	{"manifold", "the plane of the first two latent dimensions as a grid", true, newManifold},
}

// Default is the name of the scene that is shown where none is named.
const Default = "walk"

// MaxSide is the largest width or height of a scene, in pixels.
const MaxSide = 8192

// All lists the scenes.
func All() []Info { return scenes }

// Lookup returns the scene of that name.
func Lookup(name string) (Info, bool) {
	i := slices.IndexFunc(scenes, func(s Info) bool { return s.Name == name })
	if i < 0 {
		return Info{}, false
	}
	return scenes[i], true
}

// New returns the scene for a display of that size. It uses the decoder from then on.
func (s Info) New(d *decoder.Decoder, seed uint64, size image.Point) (Scene, error) {
	if min(size.X, size.Y) < 1 || max(size.X, size.Y) > MaxSide {
		return nil, fmt.Errorf("scene: a size of %dx%d: sides are 1..%d", size.X, size.Y, MaxSide)
	}
	return s.make(d, seed, size), nil
}

// NewImage returns a black image for scenes of the model: *image.Gray when its pictures have one channel,
// *image.RGBA when they have three.
func NewImage(m *decoder.Model, size image.Point) draw.Image {
	r := image.Rectangle{Max: size}
	if m.Image[2] == 1 {
		return image.NewGray(r)
	}
	img := image.NewRGBA(r)
	blank(img)
	return img
}

// blank makes an image of NewImage black.
func blank(img draw.Image) {
	switch img := img.(type) {
	case *image.Gray:
		clear(img.Pix)
	case *image.RGBA:
		for i := range img.Pix {
			img.Pix[i] = 0
			if i%4 == 3 {
				img.Pix[i] = 255
			}
		}
	}
}

// A stage is where one decoded picture goes: centred on the display and as large as fits.
type stage struct {
	decoder *decoder.Decoder
	scaler  *scaler
	at      image.Point
	margins bool
	point   []int16
	shown   []int16 // the point that picture was decoded from
	decoded bool
	picture []uint8
}

func newStage(d *decoder.Decoder, size image.Point) *stage {
	m := d.Model()
	fit := fit(m, size)
	return &stage{
		decoder: d,
		scaler:  newScaler(m.Image, fit),
		at:      size.Sub(fit).Div(2),
		margins: fit != size,
		point:   make([]int16, m.Latent),
		shown:   make([]int16, m.Latent),
		picture: make([]uint8, m.PictureSize()),
	}
}

// draw draws the picture of s.point.
func (s *stage) draw(dst draw.Image) {
	if !s.decoded || !slices.Equal(s.shown, s.point) {
		s.decoder.Decode(s.picture, s.point)
		copy(s.shown, s.point)
		s.decoded = true
	}
	if s.margins {
		blank(dst)
	}
	s.scaler.draw(dst, s.at, s.picture)
}

// fit is the largest size that has the proportions of the model's pictures and fits into size.
func fit(m *decoder.Model, size image.Point) image.Point {
	h, w := m.Image[0], m.Image[1]
	if size.X*h <= size.Y*w {
		return image.Pt(size.X, max(1, size.X*h/w))
	}
	return image.Pt(max(1, size.Y*w/h), size.Y)
}
