package photo

import (
	"encoding/binary"
	"image"
	"image/color"
)

// orientation returns the EXIF orientation of a JPEG, 1 to 8, or 1, upright, if there is no valid
// one.
func orientation(jpeg []byte) int {
	const upright = 1
	at := 2 // after the start of the image
	for at+4 <= len(jpeg) && jpeg[at] == 0xff {
		if jpeg[at+1] == 0xff { // a fill byte, of which there may be any number before a marker
			at++
			continue
		}
		marker, size := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(jpeg) { // pixels follow
			return upright
		}
		segment := jpeg[at+4 : at+2+size]
		if marker == 0xe1 && len(segment) >= 14 && string(segment[:6]) == "Exif\x00\x00" {
			return tiffOrientation(segment[6:])
		}
		at += 2 + size
	}
	return upright
}

// tiffOrientation looks for the tag in the first directory of EXIF data.
func tiffOrientation(tiff []byte) int {
	const upright, tag = 1, 0x0112
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			return upright
		}
		if order.Uint16(entries) == tag {
			if o := order.Uint16(entries[8:]); o >= 1 && o <= 8 {
				return int(o)
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// upright turns a picture of an orientation upright.
func upright(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	return Turned{img, orientation}
}

// Turned is a picture that is stored turned or mirrored.
type Turned struct {
	image.Image
	orientation int
}

// Bounds begin at (0, 0).
func (t Turned) Bounds() image.Rectangle {
	size := t.Image.Bounds().Size()
	if t.orientation >= 5 {
		size.X, size.Y = size.Y, size.X
	}
	return image.Rectangle{Max: size}
}

// At returns the colour of a pixel.
func (t Turned) At(x, y int) color.Color { return t.Image.At(t.Stored(x, y)) }

// Stored returns where a pixel is stored.
func (t Turned) Stored(x, y int) (int, int) {
	b := t.Image.Bounds()
	if t.orientation >= 5 {
		x, y = y, x
	}
	switch t.orientation {
	case 2, 3, 7, 8:
		x = b.Dx() - 1 - x
	}
	switch t.orientation {
	case 3, 4, 6, 7:
		y = b.Dy() - 1 - y
	}
	return b.Min.X + x, b.Min.Y + y
}
