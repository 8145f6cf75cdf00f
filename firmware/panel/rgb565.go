package panel

import (
	"encoding/binary"
	"image"
	"image/color"
	"math/bits"
)

// RGB565 is a panel's native colour: five bits of red, six of green, five of blue, red uppermost.
type RGB565 uint16

// RGBA implements color.Color.
func (c RGB565) RGBA() (r, g, b, a uint32) {
	return uint32(c>>11) * 0xffff / 31, uint32(c>>5&63) * 0xffff / 63, uint32(c&31) * 0xffff / 31, 0xffff
}

// RGB565Model converts any colour to the nearest RGB565 one, taken as painted on black.
var RGB565Model = color.ModelFunc(func(c color.Color) color.Color {
	if _, ok := c.(RGB565); ok {
		return c
	}
	r, g, b, _ := c.RGBA()
	return pack(uint8(r>>8), uint8(g>>8), uint8(b>>8))
})

// Shown is the colour that a panel shows for another, in eight bits a channel: the nearest or, with
// Opts.Dither, that of the place, which is not above or left of the picture.
func Shown(r, g, b uint8, dither bool, at image.Point) (red, green, blue uint8) {
	c := pack(r, g, b)
	if dither {
		n := bayer[at.Y&7][at.X&7]
		c = RGB565(dithered(int(r), 31, n)<<11 | dithered(int(g), 63, n)<<5 | dithered(int(b), 31, n))
	}
	x, y, z, _ := c.RGBA()
	return uint8(x >> 8), uint8(y >> 8), uint8(z >> 8)
}

// five and six are the nearest five- and six-bit levels of an eight-bit one.
var five, six = levels(31), levels(63)

func levels(most int) (t [256]uint8) {
	for v := range t {
		t[v] = uint8((v*most + 127) / 255)
	}
	return t
}

func pack(r, g, b uint8) RGB565 {
	return RGB565(five[r])<<11 | RGB565(six[g])<<5 | RGB565(five[b])
}

// wire is a colour as it is written to a little-endian 16-bit word, so that its bytes are in the
// order of the wire.
func wire(c RGB565) uint16 { return bits.ReverseBytes16(uint16(c)) }

// A table gives eight-bit levels their colours as wire does.
type table [256]uint16

var (
	greys  = newTable(func(v uint8) RGB565 { return pack(v, v, v) })
	reds   = newTable(func(v uint8) RGB565 { return pack(v, 0, 0) })
	greens = newTable(func(v uint8) RGB565 { return pack(0, v, 0) })
	blues  = newTable(func(v uint8) RGB565 { return pack(0, 0, v) })
)

func newTable(f func(uint8) RGB565) *table {
	t := new(table)
	for v := range t {
		t[v] = wire(f(uint8(v)))
	}
	return t
}

// setPalette sets the table to a palette's colours; indices beyond it are black.
func (t *table) setPalette(p color.Palette) {
	clear(t[:])
	for i, c := range p[:min(len(p), len(t))] {
		r, g, b, _ := c.RGBA()
		t[i] = wire(pack(uint8(r>>8), uint8(g>>8), uint8(b>>8)))
	}
}

// convert writes the pixels of src in the rectangle r, which lies within its bounds, to dst, whose
// rows begin stride bytes apart. The palette is room for the one of src. With tables to dither by,
// colour is dithered; at is where on the panel the rectangle begins.
func convert(dst []byte, stride int, src image.Image, r image.Rectangle, palette *table, dither *ditherTables, at image.Point) {
	if p, ok := src.(*image.Paletted); ok {
		palette.setPalette(p.Palette) // the comparison that might save it would cost as much
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out := dst[(y-r.Min.Y)*stride:][:2*r.Dx()]
		switch src := src.(type) {
		case *image.Gray:
			greys.row(out, src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()])
		case *image.Paletted:
			palette.row(out, src.Pix[src.PixOffset(r.Min.X, y):][:r.Dx()])
		case *image.RGBA:
			pix := src.Pix[src.PixOffset(r.Min.X, y):][:4*r.Dx()]
			if dither != nil {
				dither.row(out, pix, at.X, at.Y+y-r.Min.Y)
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
