package portrait

import (
	"errors"
	"fmt"
	"image"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// ErrNoFace is wrapped by the error for a picture without a face that is not square.
var ErrNoFace = errors.New("no face was found")

// Cropped returns a square of a picture in side x side pixels of red, green and blue, and says
// which: the one around the largest face or, without a finder and of CelebA's aligned pictures, the
// one in the middle.
func Cropped(f *Finder, img image.Image, side int) (pixels []byte, which string, err error) {
	pixels = make([]byte, side*side*3)
	part, size := img.Bounds(), img.Bounds().Size()
	if f == nil || photo.Aligned(part) {
		part = photo.Middle(part, 0)
		photo.Scale(pixels, side, side, img, part)
		return pixels, fmt.Sprintf("the square of %d in its middle", part.Dx()), nil
	}
	found := f.Find(img)
	switch {
	case len(found) == 0 && size.X != size.Y:
		return nil, "", fmt.Errorf("%w in %d x %d pixels", ErrNoFace, size.X, size.Y)
	case len(found) == 0:
		which = "no face was found, the whole picture"
	case size.X == size.Y && found[0].Crop().Whole(size):
		which = "a face that fills it, the whole picture"
	default:
		which = fmt.Sprintf("a face of %.0f pixels at %.0f, %.0f", found[0].Width, found[0].Middle.X, found[0].Middle.Y)
		if len(found) > 1 {
			which += fmt.Sprintf(" (%d faces: the largest)", len(found))
		}
		found[0].Crop().Scale(pixels, side, img)
		return pixels, which, nil
	}
	photo.Scale(pixels, side, side, img, part)
	return pixels, which, nil
}
