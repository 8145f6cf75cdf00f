package player

import (
	"image"
	"image/draw"
)

// blank makes an image black, or of the level that stands for it.
func blank(img draw.Image) {
	switch img := img.(type) {
	case *image.Gray:
		clear(img.Pix)
	case *image.Paletted:
		clear(img.Pix)
	default:
		draw.Draw(img, img.Bounds(), image.Black, image.Point{}, draw.Src)
	}
}
