package scene

import (
	"image"
	"image/draw"

	"github.com/vae-edge/vae-edge/model"
)

// roundMargin is the part of a side that stays free on round glass around a digit, whose ends would
// be cut off: they reach a sixth farther from the middle than the circle.
const roundMargin = 12

// Area is where in a frame of that size a scene of the model is drawn, all of it unless on round
// glass. There a clock keeps within the circle by itself, and what fills the frame, a plane of
// digits or a face, may be cut.
func (s Info) Area(round bool, m *model.Model, size image.Point) image.Rectangle {
	all := image.Rectangle{Max: size}
	if !round || m.Image[2] != 1 || s.Name == "clock" || s.Name == "manifold" {
		return all
	}
	return all.Inset(min(size.X, size.Y) / roundMargin)
}

// Part is a part of an image that [NewImage] made.
func Part(img draw.Image, r image.Rectangle) draw.Image {
	if all, ok := img.(interface {
		SubImage(r image.Rectangle) image.Image
	}); ok {
		return all.SubImage(r).(draw.Image)
	}
	return img
}
