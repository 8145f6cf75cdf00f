// Package digit reads a picture or a photograph of one handwritten digit the way that MNIST's
// digits were made: bright ink on a dark ground, without the paper, scaled to a box of 20 x 20
// pixels and centred by its mass in 28 x 28.
//
// Everything is integer arithmetic, as are the decoders of package image, so that a picture gives
// the same pixels on every CPU.
package digit

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats that Read reads
	_ "image/png"
	"io"

	"github.com/vae-edge/vae-edge/internal/regular"
)

// Limits of a file. They are above what telephones make, and keep what a hostile file can make a
// reader allocate at some 400 MB.
const (
	maxFile       = 32 << 20 // bytes
	maxPixels     = 25_000_000
	maxCMYKPixels = 15_000_000 // which take up to 24 bytes each: no telephone makes them
)

// Read decodes a PNG or JPEG, turned upright if its EXIF data say how. A picture of more than 25
// million pixels is refused by its header, in the four colours of printers one of more than 15
// million.
func Read(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("digit: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("digit: a file of more than %d MB: make the picture smaller", maxFile>>20)
	}
	header, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) || err == nil && format != "png" && format != "jpeg" {
		return nil, errors.New("digit: neither a PNG nor a JPEG")
	}
	if err != nil {
		return nil, fmt.Errorf("digit: %w", err)
	}
	most := int64(maxPixels)
	if header.ColorModel == color.CMYKModel {
		most = maxCMYKPixels
	}
	if header.Width < 1 || header.Height < 1 || int64(header.Width)*int64(header.Height) > most {
		return nil, fmt.Errorf("digit: a picture of %d x %d pixels: at most %d million can be read: make it smaller", header.Width, header.Height, most/1_000_000)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("digit: %w", err)
	}
	if format == "jpeg" {
		return upright(img, orientation(data)), nil
	}
	return img, nil
}

// ReadFile is Read of a file, which its errors name.
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
	Threshold int             // grey levels above the ground from which on something is ink
	Digit     image.Rectangle // where in the picture the digit is
	// Marks that were taken for something else than the digit and left out
	Left      int
	Thickened bool // the strokes were thinner than a pen's in MNIST
}

// String says it in a line.
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
		line += fmt.Sprintf(", %d other marks left out", s.Left)
	}
	if s.Thickened {
		line += ", strokes thickened"
	}
	return line + ", scaled and centred by its mass"
}

// The measures of MNIST's pictures, in pixels. Pictures of another side have a box for the digit in
// proportion.
const (
	mnistSide = 28
	mnistBox  = 20
)

const (
	workPixels = 1 << 20 // of the picture that ink is looked for in
	// Pixels of the digit's longer side before it is scaled to its last size, at most
	cropSide = 160
	minDigit = 8 // pixels of a digit's longer side
	// To a side of the picture, in each of which the ground has a level of its own
	lightCells    = 4
	leastContrast = 24 // grey levels between ink and ground
)

// Prepare returns side x side grey levels that show the digit of a picture as MNIST would, 0 being
// the ground, and what it did. It fails if nothing in the picture looks like a digit. It takes some
// 20 MB of memory at most besides the picture. side is at least 4; MNIST's is 28.
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
