package pixels

import "image/color"

// RGB666 is the native colour of a panel that takes three bytes a pixel: six bits each of red,
// green and blue, red uppermost.
type RGB666 uint32

// RGBA implements color.Color.
func (c RGB666) RGBA() (r, g, b, a uint32) {
	return uint32(c>>12&63) * 0xffff / 63, uint32(c>>6&63) * 0xffff / 63, uint32(c&63) * 0xffff / 63, 0xffff
}

// RGB666Model converts any colour to the nearest RGB666 one, taken as painted on black.
var RGB666Model = color.ModelFunc(func(c color.Color) color.Color {
	if _, ok := c.(RGB666); ok {
		return c
	}
	r, g, b, _ := c.RGBA()
	return RGB666(six[r>>8])<<12 | RGB666(six[g>>8])<<6 | RGB666(six[b>>8])
})
