package panel

import (
	"image"
	"image/color"

	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
)

// RGB565 is the native colour of most panels: five bits of red, six of green, five of blue, red
// uppermost.
type RGB565 = pixels.RGB565

// RGB666 is that of a panel that takes three bytes a pixel.
type RGB666 = pixels.RGB666

// RGB565Model and RGB666Model convert any colour to the nearest of these, taken as painted on
// black.
var (
	RGB565Model = pixels.RGB565Model
	RGB666Model = pixels.RGB666Model
)

// colorModel is that of the pixels that the controller is sent.
func (p *Panel) colorModel() color.Model {
	if p.Controller.pixel() == 3 {
		return RGB666Model
	}
	return RGB565Model
}

// Shown is the colour that a panel of 16 bits shows for another, see [pixels.Shown].
func Shown(r, g, b uint8, dither bool, at image.Point) (red, green, blue uint8) {
	return pixels.Shown(r, g, b, dither, at)
}
