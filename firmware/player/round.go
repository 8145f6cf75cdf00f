package player

import (
	"image"
	"image/draw"

	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/model"
)

// roundMargin is the part of a side that stays free on round glass around a digit, whose ends would
// be cut off: they reach a sixth farther from the middle than the circle.
const roundMargin = 12

// area is where in a frame of that size a scene of the model is drawn, all of it unless on round
// glass. There a clock keeps
// within the circle by itself, and what fills the frame, a plane of digits or a face, may be cut.
func area(round bool, info scene.Info, m *model.Model, size image.Point) image.Rectangle {
	all := image.Rectangle{Max: size}
	if !round || m.Image[2] != 1 || info.Name == "clock" || info.Name == "manifold" {
		return all
	}
	return all.Inset(min(size.X, size.Y) / roundMargin)
}

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

// part is a part of an image that [scene.NewImage] made.
func part(img draw.Image, r image.Rectangle) draw.Image {
	if all, ok := img.(interface {
		SubImage(r image.Rectangle) image.Image
	}); ok {
		return all.SubImage(r).(draw.Image)
	}
	return img
}
