package photo

import (
	"image"
	"image/color"
)

// CelebA's aligned pictures of faces, and the side of their usual crop, in pixels.
const (
	AlignedWidth  = 178
	AlignedHeight = 218
	AlignedCrop   = 148
)

// Aligned reports whether a picture is of the size of CelebA's aligned ones, and so taken for one.
func Aligned(b image.Rectangle) bool { return b.Size() == image.Pt(AlignedWidth, AlignedHeight) }

// Middle is the square in the middle of a picture whose side is a share of its width; 0 is the
// usual crop of CelebA's aligned pictures, and of others the largest square there is.
func Middle(b image.Rectangle, share float64) image.Rectangle {
	side := min(b.Dx(), b.Dy())
	if share > 0 {
		side = max(1, min(side, int(share*float64(b.Dx())+0.5)))
	} else if Aligned(b) {
		side = AlignedCrop
	}
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(side, side))}
}

// Scale sets dst to a part of a picture in height x width pixels of red, green and blue, on white
// where it is transparent. Each is the mean of what it covers, in integers: the same on every CPU.
func Scale(dst []uint8, height, width int, img image.Image, part image.Rectangle) {
	at := Colours(img)
	w, h := part.Dx(), part.Dy()
	rows := make([][3]uint64, width) // sums over the rows of a pixel so far
	area := uint64(w) * uint64(h)
	for y := range height {
		clear(rows)
		// In units of which a pixel of the source has height and one of dst h
		for sy, to := y*h/height, (y+1)*h; sy*height < to; sy++ {
			tall := uint64(min((sy+1)*height, to) - max(sy*height, y*h))
			for x := range width {
				sum := &rows[x]
				for sx, to := x*w/width, (x+1)*w; sx*width < to; sx++ {
					weight := tall * uint64(min((sx+1)*width, to)-max(sx*width, x*w))
					r, g, b := at(part.Min.X+sx, part.Min.Y+sy)
					sum[0] += weight * uint64(r)
					sum[1] += weight * uint64(g)
					sum[2] += weight * uint64(b)
				}
			}
		}
		for x, sum := range rows {
			for c, s := range sum {
				dst[(y*width+x)*3+c] = uint8((s + area/2) / area)
			}
		}
	}
}

// Colours returns a function for the colour, red, green and blue, of a pixel of a picture on white.
// The pixel must be within the picture's bounds.
func Colours(img image.Image) func(x, y int) (r, g, b uint8) {
	switch m := img.(type) {
	case *image.YCbCr:
		return func(x, y int) (r, g, b uint8) {
			c := m.COffset(x, y)
			return color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c])
		}
	case *image.Gray:
		return func(x, y int) (r, g, b uint8) {
			v := m.Pix[m.PixOffset(x, y)]
			return v, v, v
		}
	case Turned:
		at := Colours(m.Image)
		return func(x, y int) (r, g, b uint8) { return at(m.Stored(x, y)) }
	case image.RGBA64Image: // as all of package image, without an allocation for every pixel
		return func(x, y int) (r, g, b uint8) {
			c := m.RGBA64At(x, y)
			white := 0xffff - c.A // what shines through
			return uint8((c.R + white) >> 8), uint8((c.G + white) >> 8), uint8((c.B + white) >> 8)
		}
	}
	return func(x, y int) (r, g, b uint8) {
		r32, g32, b32, a := img.At(x, y).RGBA()
		white := 0xffff - a
		return uint8((r32 + white) >> 8), uint8((g32 + white) >> 8), uint8((b32 + white) >> 8)
	}
}
