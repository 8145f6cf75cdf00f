package main

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/portrait"
)

// ofFaces reports whether what a model draws is faces: its data are drawn ones or CelebA, or a
// concept is called as one of theirs.
func ofFaces(m *model.Model) bool {
	if strings.HasPrefix(m.Name, "faces-") || strings.HasPrefix(m.Name, "celeba-") {
		return true
	}
	attributes := faces.Attributes()
	return slices.ContainsFunc(m.Concepts, func(c model.Concept) bool { return slices.Contains(attributes, c.Name) })
}

// openFinder returns what finds faces where a model in colour is of some, or --cascade says that it
// is; otherwise nil, as without cascades, which is said.
func openFinder(o *options, m *model.Model, c *console.Console) (*portrait.Finder, error) {
	if o.cascade != "" && o.asIs {
		return nil, cli.Usagef("--cascade conflicts with --as-is, which looks for no face: leave one out")
	}
	if o.cascade != "" && m.Image[2] != 3 {
		return nil, cli.Usagef("--cascade is for models in colour, and %s is not: leave it out", o.model)
	}
	if o.asIs || m.Image[2] != 3 || o.cascade == "" && !ofFaces(m) {
		return nil, nil
	}
	f, err := portrait.Open(o.cascade)
	if errors.Is(err, portrait.ErrNone) {
		c.Warnf("%v, so faces are not looked for: install them (Debian and Raspberry Pi OS: sudo apt install opencv-data; macOS: brew install opencv) or name their folder with --cascade; the square in the middle of pictures is taken", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cascades: %w", err)
	}
	return f, nil
}

// cropped returns a square of a picture in side x side pixels of red, green and blue, and says
// which: the one around the largest face or, without a finder, the one in the middle.
func cropped(f *portrait.Finder, img image.Image, side int) (pixels []byte, which string, err error) {
	pixels = make([]byte, side*side*3)
	part, size := img.Bounds(), img.Bounds().Size()
	if f == nil {
		part = photo.Middle(part, 0)
		photo.Scale(pixels, side, side, img, part)
		return pixels, fmt.Sprintf("the square of %d in its middle", part.Dx()), nil
	}
	found := f.Find(img)
	switch {
	case len(found) == 0 && size.X != size.Y:
		return nil, "", fmt.Errorf("no face was found in %d x %d pixels: crop the picture to a square around the face, or say --as-is to take the square in its middle", size.X, size.Y)
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
