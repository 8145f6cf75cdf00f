package pixels

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// TestBayer: every threshold is there once, and in any square of 2 x 2 they are far apart.
func TestBayer(t *testing.T) {
	seen := [64]bool{}
	for y := range 8 {
		for x := range 8 {
			if seen[bayer[y][x]] {
				t.Errorf("%d is there twice", bayer[y][x])
			}
			seen[bayer[y][x]] = true
			square := []int{int(bayer[y][x]) / 16, int(bayer[y][(x+1)%8]) / 16, int(bayer[(y+1)%8][x]) / 16, int(bayer[(y+1)%8][(x+1)%8]) / 16}
			if slices.Sort(square); !slices.Equal(square, []int{0, 1, 2, 3}) {
				t.Errorf("the square at %d, %d has quarters %v", x, y, square)
			}
		}
	}
}

// TestDithered: a level is on average what it was, and ends stay as they are.
func TestDithered(t *testing.T) {
	for _, most := range []int{31, 63} {
		for v := range 256 {
			sum := 0
			for threshold := range uint8(64) {
				d := int(Dithered(v, most, threshold))
				if (v == 0 || v == 255) && d != v/255*most {
					t.Errorf("%d of %d becomes %d", v, most, d)
				}
				sum += d
			}
			if got := float64(sum) / 64 * 255 / float64(most); math.Abs(got-float64(v)) > 255/float64(most)/128+1e-9 {
				t.Errorf("%d is %.3f on average over levels of 0 to %d", v, got, most)
			}
		}
	}
}

// TestDitherByPlace: a pixel's colour follows from its place on the panel and its value, however it
// got there, so that what did not change is not sent again; and grey and palettes are not dithered.
func TestDitherByPlace(t *testing.T) {
	const side = 24
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i / 7)
	}
	for _, n := range []int{2, 3} { // bytes of a pixel
		testDitherByPlace(t, img, n)
	}
}

func testDitherByPlace(t *testing.T, img *image.RGBA, n int) {
	side := img.Rect.Dx()
	dithered, nearest := New(n, true), New(n, false)
	all := make([]byte, n*side*side)
	dithered.Convert(all, n*side, img, img.Rect, image.Point{})
	for _, r := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(3, 5, 20, 23), image.Rect(7, 0, 24, 9)} {
		// The part as an image of its own, as a caller of Draw may have it
		part := image.NewRGBA(image.Rectangle{Max: r.Size()})
		for y := range r.Dy() {
			for x := range r.Dx() {
				part.Set(x, y, img.At(r.Min.X+x, r.Min.Y+y))
			}
		}
		got := slices.Clone(all)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			clear(got[n*(y*side+r.Min.X):][:n*r.Dx()])
		}
		dithered.Convert(got[n*(r.Min.Y*side+r.Min.X):], n*side, part, part.Rect, r.Min)
		if !bytes.Equal(got, all) {
			t.Errorf("the part %v is another when it is drawn alone", r)
		}
	}
	grey := image.NewGray(img.Rect)
	paletted := image.NewPaletted(img.Rect, color.Palette{color.RGBA{1, 2, 3, 255}, color.RGBA{101, 102, 103, 255}})
	for i := range grey.Pix {
		grey.Pix[i], paletted.Pix[i] = uint8(i), uint8(i%2)
	}
	for _, src := range []image.Image{grey, paletted} {
		plain, same := make([]byte, n*side*side), make([]byte, n*side*side)
		nearest.Convert(plain, n*side, src, img.Rect, image.Point{})
		dithered.Convert(same, n*side, src, img.Rect, image.Point{})
		if !bytes.Equal(plain, same) {
			t.Errorf("%T is dithered", src)
		}
	}
}
