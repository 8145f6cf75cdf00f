package framebuffer

import (
	"encoding/binary"
	"image"
	"image/color"

	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
)

// A painter makes rows of pixels, as the screen has them, of images of any kind. What fits into a
// channel's bits is shown as it is.
type painter struct {
	layout
	turn   int // degrees clockwise
	level  [3][256]uint32
	opaque uint32
	greys  [256]uint32
	tones  [256]uint32         // of a palette
	dither *[3][64][256]uint32 // levels by threshold; nil: each is the nearest
}

// newPainter returns a painter of pictures turned clockwise. dither has colours of fewer than eight
// bits in an ordered dither, as panels have it.
func newPainter(l layout, turn int, dither bool) *painter {
	p := &painter{layout: l, turn: turn}
	if a := l.fields[3]; a.length > 0 {
		p.opaque = uint32((uint64(1)<<a.length - 1) << a.offset)
	}
	coarse := false
	for c := range p.level {
		f := l.fields[c]
		most := 1<<f.length - 1
		for v := range 256 {
			p.level[c][v] = uint32((v*most+127)/255) << f.offset
		}
		coarse = coarse || f.length < 8
	}
	if dither && coarse {
		p.dither = new([3][64][256]uint32)
		for c := range p.level {
			f := l.fields[c]
			for threshold := range 64 {
				for v := range 256 {
					p.dither[c][threshold][v] = p.level[c][v]
					if f.length < 8 {
						p.dither[c][threshold][v] = uint32(pixels.Dithered(v, 1<<f.length-1, uint8(threshold))) << f.offset
					}
				}
			}
		}
	}
	for v := range p.greys {
		p.greys[v] = p.colour(uint8(v), uint8(v), uint8(v))
	}
	return p
}

func (p *painter) colour(r, g, b uint8) uint32 {
	return p.level[0][r] | p.level[1][g] | p.level[2][b] | p.opaque
}

// frame is the size of frames.
func (p *painter) frame() image.Point {
	if p.turn%180 != 0 {
		return image.Pt(p.size.Y, p.size.X)
	}
	return p.size
}

// begin readies the painter for rows of an image.
func (p *painter) begin(src image.Image) {
	if src, ok := src.(*image.Paletted); ok {
		clear(p.tones[:])
		for i, c := range src.Palette[:min(len(src.Palette), 256)] {
			r, g, b, _ := c.RGBA()
			p.tones[i] = p.colour(uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
}

// place is the pixel of an image of which pixel x of row y of the screen is made.
func (p *painter) place(src image.Rectangle, x, y int) (int, int) {
	switch p.turn {
	case 90:
		x, y = y, p.size.X-1-x
	case 180:
		x, y = p.size.X-1-x, p.size.Y-1-y
	case 270:
		x, y = p.size.Y-1-y, x
	}
	return src.Min.X + x, src.Min.Y + y
}

// row writes row y of the screen to dst, which has room for it.
func (p *painter) row(dst []byte, src image.Image, y int) {
	x0, y0 := p.place(src.Bounds(), 0, y)
	step := func(stride, pixel int) int {
		return [...]int{pixel, -stride, -pixel, stride}[p.turn/90]
	}
	switch src := src.(type) {
	case *image.Gray:
		p.levels(dst, &p.greys, src.Pix, src.PixOffset(x0, y0), step(src.Stride, 1))
	case *image.Paletted:
		p.levels(dst, &p.tones, src.Pix, src.PixOffset(x0, y0), step(src.Stride, 1))
	case *image.RGBA:
		p.colours(dst, src.Pix, src.PixOffset(x0, y0), step(src.Stride, 4), y)
	default:
		for x := range p.size.X {
			c := color.RGBAModel.Convert(src.At(p.place(src.Bounds(), x, y))).(color.RGBA)
			p.put(dst[x*p.pixel:], p.colour(c.R, c.G, c.B))
		}
	}
}

func (p *painter) put(dst []byte, v uint32) {
	switch p.pixel {
	case 2:
		binary.LittleEndian.PutUint16(dst, uint16(v))
	case 3:
		dst[0], dst[1], dst[2] = byte(v), byte(v>>8), byte(v>>16)
	default:
		binary.LittleEndian.PutUint32(dst, v)
	}
}

func (p *painter) levels(dst []byte, table *[256]uint32, pix []uint8, at, step int) {
	for range p.size.X {
		p.put(dst, table[pix[at]])
		dst, at = dst[p.pixel:], at+step
	}
}

func (p *painter) colours(dst []byte, pix []uint8, at, step, y int) {
	for x := range p.size.X {
		c := pix[at : at+3 : at+3]
		v := p.opaque
		if p.dither != nil {
			n := pixels.Threshold(x, y)
			v |= p.dither[0][n][c[0]] | p.dither[1][n][c[1]] | p.dither[2][n][c[2]]
		} else {
			v |= p.level[0][c[0]] | p.level[1][c[1]] | p.level[2][c[2]]
		}
		p.put(dst, v)
		dst, at = dst[p.pixel:], at+step
	}
}
