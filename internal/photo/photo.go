// Package photo reads pictures as cameras and people make them.
package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // which, with package jpeg, are the formats that Read always reads
	"io"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
)

// Limits of a file: above what phones make, and low enough that a hostile file costs some 400 MB.
const (
	maxFile       = 32 << 20 // bytes
	maxPixels     = 25_000_000
	maxCMYKPixels = 15_000_000 // up to 24 bytes each: no phone makes them
)

// Read decodes a PNG, a JPEG or another format that the program knows, and turns it upright, as its
// EXIF data say. It refuses by the header what has more than 25 million pixels, or 15 million in
// CMYK.
func Read(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("a file of more than %d MB: make the picture smaller", maxFile>>20)
	}
	header, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		if known := kind(data); known != "" {
			return nil, fmt.Errorf("neither a PNG nor a JPEG but %s: save it as one of them, as any program that shows pictures can", known)
		}
		return nil, errors.New("neither a PNG nor a JPEG")
	}
	if err != nil {
		return nil, cut(err)
	}
	most := int64(maxPixels)
	if header.ColorModel == color.CMYKModel {
		most = maxCMYKPixels
	}
	if header.Width < 1 || header.Height < 1 || int64(header.Width)*int64(header.Height) > most {
		return nil, fmt.Errorf("a picture of %d x %d pixels: at most %d million can be read: make it smaller", header.Width, header.Height, most/1_000_000)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if format != "jpeg" {
		return img, cut(err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		// All pixels may be there, and only the marker of the end missing.
		if whole, _, err := image.Decode(io.MultiReader(bytes.NewReader(data), bytes.NewReader([]byte{0xff, 0xd9}))); err == nil {
			return upright(whole, orientation(data)), nil
		}
	}
	if err != nil {
		return nil, cut(err)
	}
	return upright(img, orientation(data)), nil
}

// cut adds to an error about a file that ends too early what that means.
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, jpeg.FormatError("short Huffman data")) {
		return fmt.Errorf("%w: the end of the picture is missing: copy or send it again", err)
	}
	return err
}

// kind names a format by the first bytes of a file; "" if they are of none that people have
// pictures in.
func kind(data []byte) string {
	for _, k := range []struct {
		at         int
		mark, name string
	}{
		{4, "ftypavi", "AVIF"},
		{4, "ftyphei", "HEIC, as iPhones take it"}, {4, "ftyphev", "HEIC, as iPhones take it"},
		{4, "ftypmif1", "HEIC, as phones take it"}, {4, "ftypmsf1", "HEIC, as phones take it"},
		{8, "WEBP", "WebP"}, {0, "GIF8", "GIF"}, {0, "BM", "BMP"},
		{0, "II*\x00", "TIFF"}, {0, "MM\x00*", "TIFF"},
		{0, "\xff\x0a", "JPEG XL"}, {4, "JXL ", "JPEG XL"},
		{0, "%PDF", "a PDF"}, {0, "<svg", "SVG"}, {0, "8BPS", "a file of Photoshop"},
	} {
		if len(data) > k.at && strings.HasPrefix(string(data[k.at:min(len(data), k.at+8)]), k.mark) {
			return k.name
		}
	}
	return ""
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
