package scene

import (
	"image"
	"image/color"
	"image/draw"
	"slices"

	"github.com/vae-edge/vae-edge/model"
)

//go:generate go run palette_gen.go

// A Palette shows the grey levels of pictures with one channel as colours. Lightness rises evenly
// with the level, so that a digit keeps its shades and reads as well without colour vision.
type Palette struct {
	Name   string
	Help   string
	colors color.Palette // by grey level; nil for grey
}

// Grey shows grey levels as they are.
var Grey = Palette{Name: "grey", Help: "as it is"}

var palettes = []Palette{
	Grey,
	{"ember", "black, violet, red, orange, cream; like magma", colors(&ember)},
	{"lagoon", "indigo, teal, green, yellow; like viridis", colors(&lagoon)},
	{"dusk", "navy, grey, yellow; like cividis, safe for colour-blind viewers", colors(&dusk)},
}

// Palettes lists the palettes; the first is [Grey].
func Palettes() []Palette { return palettes }

// LookupPalette returns the palette of that name.
func LookupPalette(name string) (Palette, bool) {
	i := slices.IndexFunc(palettes, func(p Palette) bool { return p.Name == name })
	if i < 0 {
		return Palette{}, false
	}
	return palettes[i], true
}

// IsGrey reports whether the palette shows grey levels as they are.
func (p Palette) IsGrey() bool { return p.colors == nil }

// Colors returns the 256 colours, each a color.RGBA, by grey level. They must not be changed.
func (p Palette) Colors() color.Palette {
	if p.colors == nil {
		return greys
	}
	return p.colors
}

// colors is a table of 0xrrggbb as a color.Palette.
func colors(table *[256]uint32) color.Palette {
	p := make(color.Palette, len(table))
	for i, c := range table {
		p[i] = color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255}
	}
	return p
}

var greys = func() color.Palette {
	var table [256]uint32
	for v := range table {
		table[v] = uint32(v) * 0x10101
	}
	return colors(&table)
}()

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
	return image.NewPaletted(r, p.colors)
}
