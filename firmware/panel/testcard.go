package panel

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// The colours of the test card.
var (
	cardRed    = color.RGBA{255, 0, 0, 255}
	cardGreen  = color.RGBA{0, 255, 0, 255}
	cardBlue   = color.RGBA{0, 0, 255, 255}
	cardYellow = color.RGBA{255, 255, 0, 255}
)

// TestCard draws a picture on dst that tells what is wrong with a panel's settings. Right, it is
// this:
//
//   - a white line, one pixel wide, all around on black. Where it is missing or something else lies
//     beyond it, the offset is wrong; white with a black line, the inversion is.
//   - corners of a colour each, named by their letters: TL (top left) red, TR green, BL blue, BR
//     yellow. Letters in the wrong corner tell the rotation, letters in mirror writing a mirrored
//     panel.
//   - an arrow upwards.
//   - bars that are named by their colours: where a bar is not what it says, the colour order or
//     the inversion is wrong.
//   - a bar from black to white, which shows the gamma.
func TestCard(dst draw.Image) {
	r := dst.Bounds()
	draw.Draw(dst, r, image.Black, image.Point{}, draw.Src)
	scale, side := cardScale(r.Size())
	inner := r.Inset(cardInset)
	corner := func(name string, at image.Point, c color.RGBA) {
		box := image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
		draw.Draw(dst, box, image.NewUniform(c), image.Point{}, draw.Src)
		label(dst, box, name, scale, c)
	}
	corner("TL", inner.Min, cardRed)
	corner("TR", image.Pt(inner.Max.X-side, inner.Min.Y), cardGreen)
	corner("BL", image.Pt(inner.Min.X, inner.Max.Y-side), cardBlue)
	corner("BR", inner.Max.Sub(image.Pt(side, side)), cardYellow)

	// The arrow, between the upper corners: a head as high as wide, and a shaft.
	mid := r.Min.X + r.Dx()/2
	for y := range side {
		half := y
		if 2*y >= side {
			half = side / 6
		}
		half = min(half, side/2)
		draw.Draw(dst, image.Rect(mid-half, inner.Min.Y+1+y, mid+half+r.Dx()%2, inner.Min.Y+2+y), image.White, image.Point{}, draw.Src)
	}

	// The ramp, between the lower corners.
	ramp := image.Rect(inner.Min.X+side+3, inner.Max.Y-side, inner.Max.X-side-3, inner.Max.Y)
	for x := ramp.Min.X; x < ramp.Max.X; x++ {
		v := uint8((x - ramp.Min.X) * 255 / max(1, ramp.Dx()-1))
		draw.Draw(dst, image.Rect(x, ramp.Min.Y, x+1, ramp.Max.Y), image.NewUniform(color.Gray{v}), image.Point{}, draw.Src)
	}

	// The bars, in between: side by side, or one above the other on a panel that is high.
	bars := image.Rect(inner.Min.X, inner.Min.Y+side+3, inner.Max.X, inner.Max.Y-side-3)
	for i, b := range []struct {
		name  string
		color color.RGBA
	}{{"RED", cardRed}, {"GREEN", cardGreen}, {"BLUE", cardBlue}} {
		box := bars
		if bars.Dy() > bars.Dx() {
			box.Min.Y, box.Max.Y = bars.Min.Y+i*bars.Dy()/3, bars.Min.Y+(i+1)*bars.Dy()/3
		} else {
			box.Min.X, box.Max.X = bars.Min.X+i*bars.Dx()/3, bars.Min.X+(i+1)*bars.Dx()/3
		}
		draw.Draw(dst, box, image.NewUniform(b.color), image.Point{}, draw.Src)
		label(dst, box, b.name, scale, b.color)
	}

	for x := r.Min.X; x < r.Max.X; x++ {
		dst.Set(x, r.Min.Y, color.White)
		dst.Set(x, r.Max.Y-1, color.White)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		dst.Set(r.Min.X, y, color.White)
		dst.Set(r.Max.X-1, y, color.White)
	}
}

// cardInset keeps the border apart with a black line.
const cardInset = 2

// cardScale is that of letters, with the side of a corner, which holds two of them.
func cardScale(size image.Point) (scale, side int) {
	scale = max(1, min(size.X, size.Y)/120)
	return scale, max(min(size.X, size.Y)/5, 15*scale+2)
}

// CardCorners are the middles of TL, TR and BL on the card of a panel with rectangular glass.
func CardCorners(size image.Point) [3]image.Point {
	_, side := cardScale(size)
	near := cardInset + side/2
	return [3]image.Point{{near, near}, {size.X - near, near}, {near, size.Y - near}}
}

// TestCard draws the card for the panel: on round glass a white circle along its edge, and all else
// in the square within.
func (p *Panel) TestCard(dst draw.Image) {
	if !p.Round {
		TestCard(dst)
		return
	}
	r := dst.Bounds()
	n := r.Dx()
	draw.Draw(dst, r, image.Black, image.Point{}, draw.Src)
	for y := range n {
		for x := range n {
			dx, dy := 2*x+1-n, 2*y+1-n
			if d := dx*dx + dy*dy; d <= n*n && d > (n-3)*(n-3) {
				dst.Set(r.Min.X+x, r.Min.Y+y, color.White)
			}
		}
	}
	inner := Inscribed(r.Size())
	card := image.NewRGBA(image.Rectangle{Max: inner.Size()})
	TestCard(card)
	draw.Draw(dst, inner.Add(r.Min), card, image.Point{}, draw.Src)
}

// Inscribed is the largest square within the circle of round glass.
func Inscribed(size image.Point) image.Rectangle {
	side := min(size.X, size.Y) * 70 / 100 // less than the root of 1/2
	at := size.Sub(image.Pt(side, side)).Div(2)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}

// label writes text in the middle of a box of colour c, so large that it fits, in black or white,
// whichever is the better to read.
func label(dst draw.Image, box image.Rectangle, text string, scale int, c color.RGBA) {
	face := basicfont.Face7x13
	mask := image.NewAlpha(image.Rect(0, 0, face.Advance*len(text), face.Ascent))
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(0, face.Ascent-1)}
	d.DrawString(text)
	for scale > 1 && scale*mask.Rect.Dx() > box.Dx() {
		scale--
	}
	ink := color.Color(color.White)
	if color.GrayModel.Convert(c).(color.Gray).Y > 120 {
		ink = color.Black
	}
	at := box.Min.Add(box.Size().Sub(mask.Rect.Size().Mul(scale)).Div(2))
	for y := range scale * mask.Rect.Dy() {
		for x := range scale * mask.Rect.Dx() {
			if p := at.Add(image.Pt(x, y)); p.In(box) && mask.AlphaAt(x/scale, y/scale).A > 127 {
				dst.Set(p.X, p.Y, ink)
			}
		}
	}
}
