package portrait

import (
	"image"
	"math"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// A view is a grey copy of a part of a picture, as large as faces are looked for in and perhaps
// turned.
type view struct {
	grey     *image.Gray
	middle   Point   // in the picture
	unit     float64 // pixels of the picture in one of the copy
	sin, cos float64
}

// viewOf copies what lies around a place of the picture, in w x h pixels.
func viewOf(img image.Image, middle Point, w, h int, unit, turn float64) *view {
	v := &view{grey: image.NewGray(image.Rect(0, 0, w, h)), middle: middle, unit: unit}
	v.sin, v.cos = math.Sincos(turn)
	b := img.Bounds()
	at := photo.Colours(img)
	luminance := func(x, y int) float64 {
		r, g, bl := at(b.Min.X+min(max(x, 0), b.Dx()-1), b.Min.Y+min(max(y, 0), b.Dy()-1))
		return 0.299*float64(r) + 0.587*float64(g) + 0.114*float64(bl)
	}
	// Where the copy is coarser a few samples do; where it is finer, it is smooth.
	const enough = 3
	samples := int(min(max(1, math.Ceil(unit)), enough))
	for y := range h {
		for x := range w {
			sum := 0.0
			for j := range samples {
				for i := range samples {
					p := v.place(float64(x)+(float64(i)+0.5)/float64(samples), float64(y)+(float64(j)+0.5)/float64(samples))
					if unit > 1 {
						sum += luminance(int(math.Floor(p.X)), int(math.Floor(p.Y)))
						continue
					}
					fx, fy := math.Floor(p.X-0.5), math.Floor(p.Y-0.5)
					u, w := p.X-0.5-fx, p.Y-0.5-fy
					left, top := int(fx), int(fy)
					sum += (1-w)*((1-u)*luminance(left, top)+u*luminance(left+1, top)) +
						w*((1-u)*luminance(left, top+1)+u*luminance(left+1, top+1))
				}
			}
			v.grey.Pix[y*v.grey.Stride+x] = uint8(min(sum/float64(samples*samples)+0.5, 255))
		}
	}
	return v
}

// place is where in the picture a place of the copy is.
func (v *view) place(x, y float64) Point {
	x, y = (x-float64(v.grey.Rect.Dx())/2)*v.unit, (y-float64(v.grey.Rect.Dy())/2)*v.unit
	return Point{v.middle.X + x*v.cos - y*v.sin, v.middle.Y + x*v.sin + y*v.cos}
}
