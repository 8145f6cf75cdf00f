package play

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// A Session has the models that were loaded and what is shown. It must not be used by two
// goroutines at once.
type Session struct {
	backend kernels.Backend
	models  map[string]*loaded
	show    show
}

// New returns a session on the fastest backend that there is.
func New() (*Session, error) {
	b, err := kernels.Select("")
	if err != nil {
		return nil, err
	}
	return &Session{backend: b, models: map[string]*loaded{}}, nil
}

// A show is a scene on an imagined panel.
type show struct {
	request Request
	model   *loaded
	scene   scene.Scene
	pilot   *scene.Pilot // nil until the scene is steered
	frame   draw.Image
	canvas  draw.Image // the part of it that the scene is drawn on
	letters draw.Image // and captions
	now     time.Time  // of a clock
}

// A loaded model is ready to be used.
type loaded struct {
	*model.Model
	decoder *decoder.Decoder
	encoder *encoder.Encoder // nil: there is none
	picture []uint8
	point   []int16
}

// A Request asks for one thing; which of the fields count depends on Op, see the methods of
// Session.
type Request struct {
	Op      string      `json:"op"`
	Model   string      `json:"model"`
	Point   []float64   `json:"point"`
	Points  [][]float64 `json:"points"`
	Palette string      `json:"palette"`

	// Of a sheet
	From [2]float64 `json:"from"` // plane coordinates of the middle of the first picture
	Step [2]float64 `json:"step"` // to the next, across and down
	Size [2]int     `json:"size"` // pictures across and down, or pixels

	// Of an edit
	Class  *int      `json:"class"`  // that the code is of; nil: the nearest
	Toward int       `json:"toward"` // the class that it goes to
	Amount float64   `json:"amount"` // of the way
	Turns  []float64 `json:"turns"`  // by how much each of Info.Attributes is turned

	// Of a scene
	Scene  string       `json:"scene"`
	Path   string       `json:"path"`
	Digit  string       `json:"digit"`
	Seed   uint64       `json:"seed"`
	Look   string       `json:"look"`
	Frame  uint64       `json:"frame"`
	Steer  *scene.Input `json:"steer"` // of a frame: what keys say
	Frames int          `json:"frames"`
	FPS    int          `json:"fps"`
	Zone   int          `json:"zone"` // of a clock: seconds east of Greenwich
}

// fixed returns the latent point of real coordinates.
func (m *loaded) fixed(coordinates []float64) ([]int16, error) {
	if len(coordinates) != m.Latent {
		return nil, fmt.Errorf("%d coordinates, model %s has %d", len(coordinates), m.Name, m.Latent)
	}
	for _, x := range coordinates {
		if math.IsNaN(x) {
			return nil, errors.New("a coordinate is not a number")
		}
	}
	m.point = m.FixedPoint(m.point[:0], coordinates...)
	return m.point, nil
}

// real returns the coordinates of a latent point, exactly.
func (m *loaded) real(point []int16) []float64 {
	all := make([]float64, len(point))
	for i, v := range point {
		all[i] = float64(v) / float64(m.LatentSteps)
	}
	return all
}

// A Picture is what the reply to a request for pixels says: bytes are red, green, blue and alpha.
type Picture struct {
	Width  int       `json:"width"`
	Height int       `json:"height"`
	Point  []float64 `json:"point,omitempty"` // that was decoded, in whole latent steps
}

// colors are those of the levels of one channel.
type colors [256]color.RGBA

// colors returns those of the palette of that name, grey where it is empty.
func (m *loaded) colors(name string) (*colors, error) {
	p, err := paletteOf(name)
	if err != nil {
		return nil, err
	}
	all := new(colors)
	for i, c := range p.Colors() {
		all[i] = color.RGBAModel.Convert(c).(color.RGBA)
	}
	return all, nil
}

func paletteOf(name string) (palette.Palette, error) {
	if name == "" {
		return palette.Grey, nil
	}
	p, ok := palette.Lookup(name)
	if !ok {
		return p, fmt.Errorf("there is no palette %q", name)
	}
	return p, nil
}

// draw writes a picture, rows pitch bytes apart.
func (c *colors) draw(dst []byte, pitch int, picture []uint8, shape [3]int) {
	h, w, channels := shape[0], shape[1], shape[2]
	for y := range h {
		row := dst[y*pitch:][:4*w]
		for x := range w {
			px := row[4*x:][:4]
			if channels == 1 {
				v := c[picture[y*w+x]]
				px[0], px[1], px[2], px[3] = v.R, v.G, v.B, 255
			} else {
				copy(px, picture[3*(y*w+x):][:3])
				px[3] = 255
			}
		}
	}
}

// rgba copies an image's pixels.
func rgba(img image.Image) []byte {
	b := img.Bounds()
	out := make([]byte, 0, 4*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			var c color.RGBA64
			if fast, ok := img.(image.RGBA64Image); ok {
				c = fast.RGBA64At(x, y)
			} else {
				c = color.RGBA64Model.Convert(img.At(x, y)).(color.RGBA64)
			}
			out = append(out, uint8(c.R>>8), uint8(c.G>>8), uint8(c.B>>8), 255)
		}
	}
	return out
}

// maxAttributes is how many sliders a page has.
const maxAttributes = 64

// axisUnit is the length of an axis of a plane.
const axisUnit = latent.AxisUnit

// An Edited is where an edit ends.
type Edited struct {
	Point []float64 `json:"point"`
	Class int       `json:"class"` // that it began with, -1 where there are none
}
