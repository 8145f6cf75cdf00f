package pixels

import (
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
