// Package palette shows grey levels as colours.
package palette

import (
	"image/color"
	"slices"
)

//go:generate go run gen.go

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

// All lists the palettes; the first is [Grey].
func All() []Palette { return palettes }

// Lookup returns the palette of that name.
func Lookup(name string) (Palette, bool) {
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
