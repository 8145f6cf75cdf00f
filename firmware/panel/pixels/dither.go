package pixels

import (
	"encoding/binary"
	"image"
	"math/bits"
)

// bayer holds an ordered dither's thresholds: 0 to 63, as far apart from their neighbours as can be
// (Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973).
var bayer = func() (t [8][8]uint8) {
	for y := range 8 {
		for x := range 8 {
			// The bits of x^y and of y, in turn, the lowest uppermost
			v := 0
			for bit := range 3 {
				v = v<<2 | (x^y)>>bit&1<<1 | y>>bit&1
			}
			t[y][x] = uint8(v)
		}
	}
	return t
}()

// Dithered is an eight-bit level in levels of 0 to most: the one below or, where what is left is
// more than the threshold leaves, the one above. On average over 8 x 8 pixels that is what was to
// be shown. Black and the brightest level stay as they are.
func Dithered(v, most int, threshold uint8) uint16 {
	return uint16((v*most*128 + (2*int(threshold)+1)*255) / (255 * 128))
}

// ditherTables are Dithered by threshold and level.
type ditherTables struct{ five, six [64][256]uint8 }

func newDitherTables() *ditherTables {
	t := new(ditherTables)
	for threshold := range t.five {
		for v := range 256 {
			t.five[threshold][v] = uint8(Dithered(v, 31, uint8(threshold)))
			t.six[threshold][v] = uint8(Dithered(v, 63, uint8(threshold)))
		}
	}
	return t
}

// row converts a row of an image.RGBA whose first pixel is that at x, y of the panel. A pixel's
// colour follows from its place and its value alone: one that does not change is not sent again.
func (t *ditherTables) row(out []byte, pix []uint8, x, y int) {
	thresholds := &bayer[y&7]
	for len(pix) >= 4 && len(out) >= 2 {
		n := thresholds[x&7]
		c := uint16(t.five[n][pix[0]])<<11 | uint16(t.six[n][pix[1]])<<5 | uint16(t.five[n][pix[2]])
		binary.LittleEndian.PutUint16(out, bits.ReverseBytes16(c))
		pix, out, x = pix[4:], out[2:], x+1
	}
}

// Shown is the colour that a panel of 16 bits shows for another, in eight bits a channel: the
// nearest or, with a dither, that of the place, which is not above or left of the picture.
func Shown(r, g, b uint8, dither bool, at image.Point) (red, green, blue uint8) {
	c := pack(r, g, b)
	if dither {
		n := bayer[at.Y&7][at.X&7]
		c = RGB565(Dithered(int(r), 31, n)<<11 | Dithered(int(g), 63, n)<<5 | Dithered(int(b), 31, n))
	}
	x, y, z, _ := c.RGBA()
	return uint8(x >> 8), uint8(y >> 8), uint8(z >> 8)
}

// Threshold is that of the ordered dither at a place, 0 to 63.
func Threshold(x, y int) uint8 { return bayer[y&7][x&7] }
