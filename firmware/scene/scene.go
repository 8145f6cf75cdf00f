// Package scene draws what vae-edge shows: pictures decoded from latent points, scaled and composed
// to the size of a display.
//
// Frame n is a pure function of the model, the scene's name, the seed, n and the size, without
// floating point: a terminal, an SPI panel and a PNG file on any CPU show the same. A scene steered
// by keys ([Pilot]) shows what the keys say instead.
package scene

import (
	"fmt"
	"image"
	"image/draw"
	"slices"

	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/model"
)

// A Scene draws the frames of one scene at one size. It must not be used by two goroutines at once.
type Scene interface {
	// Render draws frame n on dst, all of it, allocating nothing. The image must come from
	// [NewImage] for the scene's model and size. Frames may be asked for in any order.
	Render(dst draw.Image, n uint64)
}

// A Decoder turns latent points into pictures, which must depend on the point alone: a
// *decoder.Decoder, or a wrapper that counts or times it.
type Decoder interface {
	Model() *model.Model
	Decode(picture []uint8, point []int16)
}

// An Info describes a scene.
type Info struct {
	Name  string
	Help  string // one line
	Model string // the built-in model that suits it
	make  func(d Decoder, seed uint64, size image.Point) (Scene, error)
}

// crispModel is the built-in model for scenes whose digits should be read.
const crispModel = "mnist-16"

// MaxSide is the largest width or height of a scene, in pixels.
const MaxSide = 8192

// New returns the scene for a display of that size, or an error that says what the model lacks for
// it. It uses the decoder from then on.
func (s Info) New(d Decoder, seed uint64, size image.Point) (Scene, error) {
	if min(size.X, size.Y) < 1 || max(size.X, size.Y) > MaxSide {
		return nil, fmt.Errorf("scene: a size of %dx%d: sides are 1..%d", size.X, size.Y, MaxSide)
	}
	return s.make(d, seed, size)
}

// A stage shows one decoded picture, centred and as large as fits.
type stage struct {
	decoder Decoder
	scaler  *scaler
	x, y    *axis
	at      image.Point
	point   []int16
	shown   []int16 // the point that picture was decoded from
	decoded bool
	picture []uint8
	ink     image.Rectangle // of picture
}

func newStage(d Decoder, size image.Point) *stage {
	m := d.Model()
	fit := fit(m, size)
	return &stage{
		decoder: d,
		scaler:  newScaler(m.Image, fit.X),
		x:       newAxis(m.Image[1], fit.X),
		y:       newAxis(m.Image[0], fit.Y),
		at:      size.Sub(fit).Div(2),
		point:   make([]int16, m.Latent),
		shown:   make([]int16, m.Latent),
		picture: make([]uint8, m.PictureSize()),
	}
}

// draw draws the picture of s.point.
func (s *stage) draw(dst draw.Image) {
	if !s.decoded || !slices.Equal(s.shown, s.point) {
		s.decoder.Decode(s.picture, s.point)
		s.ink = inked(s.decoder.Model().Image, s.picture)
		copy(s.shown, s.point)
		s.decoded = true
	}
	c := canvasOf(dst)
	c.blank()
	s.scaler.draw(c, s.at, s.x, s.y, s.picture, s.ink)
}

// fit is the largest size within size that has the proportions of the model's pictures.
func fit(m *model.Model, size image.Point) image.Point {
	h, w := m.Image[0], m.Image[1]
	if size.X*h <= size.Y*w {
		return image.Pt(size.X, max(1, size.X*h/w))
	}
	return image.Pt(max(1, size.Y*w/h), size.Y)
}

// A Palette shows the grey levels of pictures with one channel as colours.
type Palette = palette.Palette

// Grey shows grey levels as they are.
var Grey = palette.Grey

// NewImage returns a black image for scenes of the model. Pictures of one channel are drawn on an
// *image.Gray or, with a palette other than [Grey], an *image.Paletted with the palette's 256
// colours whose Pix are grey levels; those of three channels, which have colours of their own, on
// an *image.RGBA whatever the palette.
func NewImage(m *model.Model, size image.Point, p Palette) draw.Image {
	r := image.Rectangle{Max: size}
	switch {
	case m.Image[2] != 1:
		img := image.NewRGBA(r)
		canvasOf(img).blank()
		return img
	case p.IsGrey():
		return image.NewGray(r)
	}
	return image.NewPaletted(r, p.Colors())
}
