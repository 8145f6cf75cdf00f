package portrait

import (
	"image"
	"math"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// A Point is a place in a picture, in pixels from the left and the upper edge of its first pixel.
type Point struct{ X, Y float64 }

// CelebA's usual crop: the middle of its aligned pictures, in which the eyes are at (69, 111) and
// (109, 112).
const (
	cropSide    = float64(photo.AlignedCrop)
	cropLeft    = (photo.AlignedWidth - cropSide) / 2
	cropTop     = (photo.AlignedHeight - cropSide) / 2
	eyeDistance = (109 - 69) / cropSide
	eyesAcross  = ((69+109)/2. - cropLeft) / cropSide
	eyesDown    = ((111+112)/2. - cropTop) / cropSide
)

// A Square is a part of a picture, which may reach beyond its edges.
type Square struct {
	Middle Point
	Side   float64 // in pixels
	// How much it is turned clockwise, as a face leans to the right of who sees it, in radians
	Turn float64
}

// AroundEyes returns the square around a face that CelebA's usual crop is: 27 % of its side is
// between the eyes, which are level in it, 52 % down. The eyes' places are the one seen left and
// the one seen right.
func AroundEyes(left, right Point) Square {
	dx, dy := right.X-left.X, right.Y-left.Y
	side := math.Hypot(dx, dy) / eyeDistance
	s := Square{Side: side, Turn: math.Atan2(dy, dx)}
	// From the point between the eyes to the middle, in the square's own directions
	across, down := (0.5-eyesAcross)*side, (0.5-eyesDown)*side
	sin, cos := math.Sincos(s.Turn)
	s.Middle = Point{(left.X+right.X)/2 + across*cos - down*sin, (left.Y+right.Y)/2 + across*sin + down*cos}
	return s
}

// Whole reports whether the square is about the whole of a picture of that size in pixels, which so
// is cropped already: turned by less than 7 degrees, its edges within 15 % of a side of the
// picture's.
func (s Square) Whole(size image.Point) bool {
	const slack, lean = 0.15, 0.12
	w, h := float64(size.X), float64(size.Y)
	return math.Abs(s.Turn) < lean && math.Abs(s.Middle.X-w/2)+math.Abs(s.Side-w)/2 < slack*w &&
		math.Abs(s.Middle.Y-h/2)+math.Abs(s.Side-h)/2 < slack*h
}

// mostSamples is how many samples a pixel has at most along either side: enough for the largest
// square of the largest picture that is read.
const mostSamples = 128

// Scale sets dst to the square of a picture in side x side pixels of red, green and blue, on white
// where the picture is transparent. Beyond the edges of the picture the pixel at the edge is
// repeated. Each pixel is the mean of evenly spaced samples, at least 4 x 4.
func (s Square) Scale(dst []uint8, side int, img image.Image) {
	at := photo.Colours(img)
	b := img.Bounds()
	samples := int(min(max(4, math.Ceil(s.Side/float64(side))), mostSamples))
	sin, cos := math.Sincos(s.Turn)
	unit := s.Side / float64(side*samples)
	half := float64(side*samples) / 2
	for y := range side {
		for x := range side {
			var sum [3]int
			for j := range samples {
				v := (float64(y*samples+j) + 0.5 - half) * unit
				for i := range samples {
					u := (float64(x*samples+i) + 0.5 - half) * unit
					r, g, bl := at(
						b.Min.X+nearest(s.Middle.X+u*cos-v*sin, b.Dx()),
						b.Min.Y+nearest(s.Middle.Y+u*sin+v*cos, b.Dy()),
					)
					sum[0], sum[1], sum[2] = sum[0]+int(r), sum[1]+int(g), sum[2]+int(bl)
				}
			}
			n := samples * samples
			for c, v := range sum {
				dst[(y*side+x)*3+c] = uint8((v + n/2) / n)
			}
		}
	}
}

// nearest is the pixel of n that a place is in, or is nearest to.
func nearest(at float64, n int) int { return int(min(max(at, 0), float64(n-1))) }
