// Package photo reads pictures as cameras and people make them.
package photo

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

// Limits of a file: above what phones make, and low enough that a hostile file costs some 400 MB.
const (
	maxFile       = 32 << 20 // bytes
	maxPixels     = 25_000_000
	maxCMYKPixels = 15_000_000 // up to 24 bytes each: no phone makes them
)

// Read decodes a PNG or JPEG and turns it upright, as its EXIF data say. It refuses by the header
// what has more than 25 million pixels, or 15 million in CMYK.
func Read(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("a file of more than %d MB: make the picture smaller", maxFile>>20)
	}
	header, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) || err == nil && format != "png" && format != "jpeg" {
		return nil, errors.New("neither a PNG nor a JPEG")
	}
	if err != nil {
		return nil, err
	}
	most := int64(maxPixels)
	if header.ColorModel == color.CMYKModel {
		most = maxCMYKPixels
	}
	if header.Width < 1 || header.Height < 1 || int64(header.Width)*int64(header.Height) > most {
		return nil, fmt.Errorf("a picture of %d x %d pixels: at most %d million can be read: make it smaller", header.Width, header.Height, most/1_000_000)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if format == "jpeg" {
		return upright(img, orientation(data)), nil
	}
	return img, nil
}

// ReadFile reads a file. Its errors do not name it, but for those of the file system.
func ReadFile(name string) (image.Image, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}
