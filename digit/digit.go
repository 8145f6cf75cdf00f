// Package digit makes a picture or photograph of one handwritten digit look like MNIST's: bright
// ink on a dark ground, scaled to 20 x 20 pixels and centred by mass in 28 x 28.
//
// All of it is integer arithmetic, package image's decoders included: a picture gives the same
// pixels on every CPU.
package digit

import (
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the formats that Read reads
	_ "image/png"
	"io"

	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/internal/regular"
)

// Read decodes a PNG or JPEG and turns it upright, as its EXIF data say. It refuses by the header
// what has more than 25 million pixels, or 15 million in CMYK.
func Read(r io.Reader) (image.Image, error) {
	img, err := photo.Read(r)
	if err != nil {
		return nil, fmt.Errorf("digit: %w", err)
	}
	return img, nil
}

// ReadFile reads a file, which its errors name.
func ReadFile(name string) (image.Image, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return img, nil
}

// Steps is what Prepare did to a picture.
type Steps struct {
	Size      image.Point     // of the picture, in pixels
	Inverted  bool            // the ground was bright
	Threshold int             // grey levels above the ground at which ink begins
	Digit     image.Rectangle // where in the picture the digit is
	// Marks left out as no part of the digit
	Left      int
	Thickened bool // the strokes were thinner than a pen's in MNIST
}

// String returns the steps in a line.
func (s Steps) String() string {
	line := fmt.Sprintf("%d x %d pixels, made grey", s.Size.X, s.Size.Y)
	if s.Inverted {
		line += ", inverted"
	}
	if s.Threshold > 0 { // the ground of a drawing has no noise
		line += fmt.Sprintf("; ink is %d of 255 levels above the ground", s.Threshold)
	}
	line += fmt.Sprintf("; digit of %d x %d at (%d, %d)", s.Digit.Dx(), s.Digit.Dy(), s.Digit.Min.X, s.Digit.Min.Y)
	if s.Left > 0 {
		line += fmt.Sprintf(", %d other %s left out", s.Left, map[bool]string{true: "mark", false: "marks"}[s.Left == 1])
	}
	if s.Thickened {
		line += ", strokes thickened"
	}
	return line + ", scaled and centred by its mass"
}

// MNIST's measures in pixels. For pictures of another size the digit's box is in proportion.
const (
	mnistSide = 28
	mnistBox  = 20
)

const (
	workPixels = 1 << 20 // of the picture in which to look for ink
	// Most pixels of the digit's longer side before the last scaling
	cropSide = 160
	minDigit = 8 // pixels of a digit's longer side
	// Along a side of the picture, each with its own level of the ground
	lightCells    = 4
	leastContrast = 24 // grey levels between ink and ground
)

// Prepare returns the digit of a picture as MNIST would show it, in side x side grey levels with 0
// the ground, and what it did. It fails if nothing looks like a digit. side is at least 4; MNIST's
// is 28. It takes up to 20 MB besides the picture.
func Prepare(img image.Image, side int) ([]uint8, Steps, error) {
	s := Steps{Size: img.Bounds().Size()}
	if s.Size.X < minDigit || s.Size.Y < minDigit {
		return nil, s, fmt.Errorf("digit: a picture of %d x %d pixels is too small for a digit", s.Size.X, s.Size.Y)
	}
	work, factor := greyOf(img)
	if s.Inverted = brightGround(work); s.Inverted {
		work.invert()
	}
	work.subtractGround()
	var ok bool
	if s.Threshold, ok = work.inkLevel(); !ok {
		return nil, s, fmt.Errorf("digit: nothing stands out from the ground by %d of 255 grey levels: is there a digit, and is it in focus?", leastContrast)
	}
	ink := make([]bool, len(work.pix))
	for i, v := range work.pix {
		ink[i] = int(v) > s.Threshold
	}
	keep, left, ok := digitMarks(ink, work.w, work.h)
	if !ok {
		return nil, s, errors.New("digit: nothing in the picture looks like a digit: one that touches no edge is needed, darker or brighter than its ground")
	}
	s.Left = left
	work.keepInk(keep)
	box, ok := work.bounds(32)
	if !ok || max(box.Dx(), box.Dy()) < minDigit {
		return nil, s, fmt.Errorf("digit: the digit is less than %d pixels high: take the picture from nearer", minDigit*factor)
	}
	if box.Dx() > 2*box.Dy() {
		return nil, s, fmt.Errorf("digit: what stands out is %d x %d pixels, too wide for a digit: is the paper ruled? plain paper is needed", box.Dx()*factor, box.Dy()*factor)
	}
	s.Digit = image.Rectangle{box.Min.Mul(factor), box.Max.Mul(factor)}.Intersect(image.Rectangle{Max: s.Size})

	digit := work.crop(box)
	if max(digit.w, digit.h) > cropSide {
		digit = digit.fit(cropSide)
	}
	inner := max(mnistBox*side/mnistSide, 2)
	s.Thickened = digit.thicken(inner)
	if box, ok := digit.bounds(32); ok {
		digit = digit.crop(box)
	}
	digit = digit.fit(inner)
	digit.stretch()
	return digit.centre(side), s, nil
}
