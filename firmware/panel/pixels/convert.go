// Package pixels makes pixels of the wire of images: two bytes each, RGB565, or three.
package pixels

import (
	"encoding/binary"
	"image"
	"image/color"
)

// A Converter makes pixels of the wire of any image.
type Converter struct {
	pixel   int           // bytes
	dither  *ditherTables // nil: colours are the nearest
	palette table         // room for the one of an image, for pixels of two bytes
	wide    [256][3]uint8 // and of three
}

// New returns a Converter to pixels of so many bytes, which shows colours in an ordered dither if
// dither.
func New(pixel int, dither bool) Converter {
	c := Converter{pixel: pixel}
	if dither {
		c.dither = newDitherTables()
	}
	return c
}

// Convert writes the pixels of src in the rectangle r, which lies within its bounds, to dst, whose
// rows begin stride bytes apart. at is where on the panel the rectangle begins. It allocates
// nothing for images of package image.
func (c *Converter) Convert(dst []byte, stride int, src image.Image, r image.Rectangle, at image.Point) {
	if p, ok := src.(*image.Paletted); ok { // the comparison that might save it would cost as much
		if c.pixel == 3 {
			c.setWide(p.Palette)
		} else {
			c.palette.setPalette(p.Palette)
		}
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out := dst[(y-r.Min.Y)*stride:][:c.pixel*r.Dx()]
		if c.pixel == 3 {
			c.wideRow(out, src, r, y, at.Add(image.Pt(0, y-r.Min.Y)))
			continue
		}
		switch src := src.(type) {
		case *image.Gray:
			greys.row(out, src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()])
		case *image.Paletted:
			c.palette.row(out, src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()])
		case *image.RGBA:
			pix := src.Pix[src.PixOffset(r.Min.X, y):][:4*r.Dx()]
			if c.dither != nil {
				c.dither.row(out, pix, at.X, at.Y+y-r.Min.Y)
			} else {
				rowRGBA(out, pix)
			}
		case image.RGBA64Image: // unlike At it allocates nothing
			for x := r.Min.X; x < r.Max.X; x++ {
				c := src.RGBA64At(x, y)
				binary.BigEndian.PutUint16(out, uint16(pack(uint8(c.R>>8), uint8(c.G>>8), uint8(c.B>>8))))
				out = out[2:]
			}
		default:
			for x := r.Min.X; x < r.Max.X; x++ {
				binary.BigEndian.PutUint16(out, uint16(RGB565Model.Convert(src.At(x, y)).(RGB565)))
				out = out[2:]
			}
		}
	}
}

// row converts levels, four at a time.
func (t *table) row(out []byte, levels []uint8) {
	for len(levels) >= 4 && len(out) >= 8 {
		binary.LittleEndian.PutUint64(out, uint64(t[levels[0]])|uint64(t[levels[1]])<<16|uint64(t[levels[2]])<<32|uint64(t[levels[3]])<<48)
		levels, out = levels[4:], out[8:]
	}
	for i, v := range levels {
		binary.LittleEndian.PutUint16(out[2*i:], t[v])
	}
}

func rowRGBA(out []byte, pix []uint8) {
	for len(pix) >= 4 && len(out) >= 2 {
		binary.LittleEndian.PutUint16(out, reds[pix[0]]|greens[pix[1]]|blues[pix[2]])
		pix, out = pix[4:], out[2:]
	}
}

// widened are six-bit levels of eight-bit ones, as the wire has them: uppermost.
var widened = func() (t [256]uint8) {
	for v := range t {
		t[v] = six[v] << 2
	}
	return t
}()

func (c *Converter) setWide(p color.Palette) {
	clear(c.wide[:])
	for i, at := range p[:min(len(p), len(c.wide))] {
		r, g, b, _ := at.RGBA()
		c.wide[i] = [3]uint8{widened[r>>8], widened[g>>8], widened[b>>8]}
	}
}

// wideRow converts the row y of src within r to pixels of three bytes. On the panel it begins at
// the point at.
func (c *Converter) wideRow(out []byte, src image.Image, r image.Rectangle, y int, at image.Point) {
	switch src := src.(type) {
	case *image.Gray:
		for i, v := range src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()] {
			v = widened[v]
			out[3*i], out[3*i+1], out[3*i+2] = v, v, v
		}
	case *image.Paletted:
		for i, v := range src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()] {
			copy(out[3*i:], c.wide[v][:])
		}
	case *image.RGBA:
		pix := src.Pix[src.PixOffset(r.Min.X, y):][:4*r.Dx()]
		for i := 0; 4*i < len(pix); i++ {
			for k, v := range pix[4*i : 4*i+3] {
				if c.dither != nil {
					out[3*i+k] = c.dither.six[bayer[at.Y&7][(at.X+i)&7]][v] << 2
				} else {
					out[3*i+k] = widened[v]
				}
			}
		}
	case image.RGBA64Image: // unlike At it allocates nothing
		for i := range r.Dx() {
			v := src.RGBA64At(r.Min.X+i, y)
			out[3*i], out[3*i+1], out[3*i+2] = widened[v.R>>8], widened[v.G>>8], widened[v.B>>8]
		}
	default:
		for i := range r.Dx() {
			r, g, b, _ := src.At(r.Min.X+i, y).RGBA()
			out[3*i], out[3*i+1], out[3*i+2] = widened[r>>8], widened[g>>8], widened[b>>8]
		}
	}
}
