package portrait

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/trainer/internal/cascade"
)

// A Face is where a face is in a picture.
type Face struct {
	Middle Point
	Width  float64 // from temple to temple, about, in pixels
	// The one seen left and the one seen right: where they were found or, if Guessed, where those
	// of most faces are
	Eyes    [2]Point
	Guessed bool
	Windows int // of the search that were taken for the face: the more, the surer
}

// Crop returns the square around the face that CelebA's usual crop is.
func (f Face) Crop() Square { return AroundEyes(f.Eyes[0], f.Eyes[1]) }

const (
	// The longer side of a picture in the search, in pixels: it bounds the time.
	searched = 480
	// The width of a face is this share of the shorter side at least. What is smaller has fewer
	// pixels than a model wants, and is mostly no face.
	smallest = 1. / 14
	// By so many windows a face must be found. Of pictures that were tried, a photographed face had
	// 35 and a drawn one as large 26; what was taken for a face in others had 6 at most, but for a
	// head on a coin with 9.
	convincing = 12
	// Upright faces are found that lean by less than this, about; then those that lean more.
	lean = 20 * math.Pi / 180
)

// Where eyes are, from the middle of the face, in parts of its width.
const (
	eyeAcross = 0.225
	eyeAbove  = 0.128
	// how far from there one may be
	eyeOff = 0.1
)

// Find returns the faces in a picture, the largest first: those that lean by 20 degrees or less,
// and all that lean to the same side. The time it takes depends little on the picture's size.
func (f *Finder) Find(img image.Image) []Face {
	size := img.Bounds().Size()
	if min(size.X, size.Y) < 1 {
		return nil
	}
	unit := float64(max(size.X, size.Y)) / searched
	w, h := int(float64(size.X)/unit), int(float64(size.Y)/unit)
	if least := f.face.Size(); w < least.X || h < least.Y {
		return nil // all of a narrow picture is narrower than a face
	}
	middle := Point{float64(size.X) / 2, float64(size.Y) / 2}
	var faces []Face
	for _, turn := range []float64{0, lean, -lean} {
		v := viewOf(img, middle, w, h, unit, turn)
		for _, d := range f.face.Detect(v.grey, smallest*float64(min(w, h))) {
			if d.Windows >= convincing {
				faces = append(faces, f.look(img, v.place(d.X, d.Y), d.Width*unit, turn, d.Windows))
			}
		}
		if len(faces) > 0 {
			break
		}
	}
	slices.SortStableFunc(faces, func(a, b Face) int { return cmp.Compare(b.Width, a.Width) })
	return faces
}

// look looks for the eyes of a face.
func (f *Finder) look(img image.Image, middle Point, width, turn float64, windows int) Face {
	// The eyes' own search needs them as large as this makes them.
	const side = 200
	face := Face{Middle: middle, Width: width, Windows: windows}
	v := viewOf(img, middle, side, side, width/side, turn)
	found := f.eye.Detect(v.grey, 0.15*side) // the surest first
	for k, across := range []float64{-eyeAcross, eyeAcross} {
		x, y := (0.5+across)*side, (0.5-eyeAbove)*side
		i := slices.IndexFunc(found, func(d cascade.Detection) bool {
			return math.Abs(d.X-x) < eyeOff*side && math.Abs(d.Y-y) < eyeOff*side
		})
		if i < 0 {
			face.Guessed = true // one eye alone does not say how the face leans
			break
		}
		face.Eyes[k] = v.place(found[i].X, found[i].Y)
	}
	if face.Guessed {
		face.Eyes = [2]Point{v.place((0.5-eyeAcross)*side, (0.5-eyeAbove)*side), v.place((0.5+eyeAcross)*side, (0.5-eyeAbove)*side)}
	}
	return face
}
