// Package picture draws what the trainer shows: sheets of decoded images ([Manifold], [Samples],
// [Reconstructions], [Concepts], [Strip]) and plots ([Latent], [Loss]).
//
// Sheets show every pixel of an image enlarged by a whole number, so that they are as good as the
// decoder made them and no better.
package picture

import (
	"image"
	"image/color"
	"image/png"
	"io"

	"git.sr.ht/~sbinet/gg"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
)

// WriteFile writes a picture to a file, as PNG.
func WriteFile(name string, p image.Image) error {
	return atomicfile.Write(name, func(w io.Writer) error { return png.Encode(w, p) })
}

var (
	ink   = color.NRGBA{0x20, 0x24, 0x2c, 0xff} // titles and labels
	faint = color.NRGBA{0x6b, 0x72, 0x80, 0xff} // ticks and notes
	rule  = color.NRGBA{0xe3, 0xe6, 0xea, 0xff} // grid lines
)

// minus is the sign that is as wide as a digit.
const minus = "\u2212"

// style is sans-serif text of a size in points.
func style(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}

// canvas returns a white canvas with the given sides in points and the picture that it draws on.
func canvas(width, height vg.Length, dpi int) (draw.Canvas, *image.RGBA) {
	pixels := func(l vg.Length) int { return int(l/vg.Inch*vg.Length(dpi) + 0.5) }
	img := image.NewRGBA(image.Rect(0, 0, pixels(width), pixels(height)))
	// As vgimg makes one itself, by way of a copy that takes longer than most drawings
	context := gg.NewContextForRGBA(img)
	context.SetLineCapButt()
	context.InvertY()
	return draw.New(vgimg.NewWith(vgimg.UseImageWithContext(img, context), vgimg.UseDPI(dpi))), img
}
