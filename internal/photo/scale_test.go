package photo

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// area is the mean colour of what a pixel covers, by definition and in floating point.
func area(img image.Image, part image.Rectangle, height, width, x, y, c int) float64 {
	sum := 0.0
	x0, x1 := float64(x*part.Dx())/float64(width), float64((x+1)*part.Dx())/float64(width)
	y0, y1 := float64(y*part.Dy())/float64(height), float64((y+1)*part.Dy())/float64(height)
	for sy := range part.Dy() {
		for sx := range part.Dx() {
			w := max(0, min(x1, float64(sx+1))-max(x0, float64(sx)))
			h := max(0, min(y1, float64(sy+1))-max(y0, float64(sy)))
			r, g, b, _ := img.At(part.Min.X+sx, part.Min.Y+sy).RGBA()
			sum += w * h * float64([3]uint32{r, g, b}[c]>>8)
		}
	}
	return sum / ((x1 - x0) * (y1 - y0))
}

func TestScale(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	full := image.Rect(-3, 5, 60, 52)
	rgba, grey, ycbcr := image.NewRGBA(full), image.NewGray(full), image.NewYCbCr(full, image.YCbCrSubsampleRatio420)
	for y := full.Min.Y; y < full.Max.Y; y++ {
		for x := full.Min.X; x < full.Max.X; x++ {
			rgba.SetRGBA(x, y, color.RGBA{uint8(r.IntN(256)), uint8(x * 4), uint8(y * 5), 255})
			grey.SetGray(x, y, color.Gray{uint8(r.IntN(256))})
		}
	}
	for _, plane := range [][]uint8{ycbcr.Y, ycbcr.Cb, ycbcr.Cr} {
		for i := range plane {
			plane[i] = uint8(r.IntN(256))
		}
	}
	parts := []image.Rectangle{full, image.Rect(0, 10, 16, 26), image.Rect(1, 11, 8, 15)}
	if testing.Short() {
		parts = parts[2:] // an emulated CPU takes its time over the definition
	}
	for _, img := range []image.Image{rgba, grey, ycbcr, struct{ image.Image }{rgba}} {
		for _, part := range parts {
			for _, size := range [][2]int{{16, 16}, {7, 5}, {1, 1}} {
				dst := make([]uint8, size[0]*size[1]*3)
				Scale(dst, size[0], size[1], img, part)
				for i, got := range dst {
					want := area(img, part, size[0], size[1], i/3%size[1], i/3/size[1], i%3)
					if math.Abs(float64(got)-want) > 0.51 {
						t.Fatalf("%T, %v to %v: byte %d is %d, want %.2f", img, part, size, i, got, want)
					}
				}
			}
		}
	}
	// A picture that is stored turned is scaled as it is seen.
	turned := Turned{rgba, 6}
	dst := make([]uint8, 9*8*3)
	Scale(dst, 9, 8, turned, turned.Bounds())
	for i, got := range dst {
		if want := area(turned, turned.Bounds(), 9, 8, i/3%8, i/3/8, i%3); math.Abs(float64(got)-want) > 0.51 {
			t.Fatalf("turned: byte %d is %d, want %.2f", i, got, want)
		}
	}
	// What is transparent is white.
	half := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	half.SetNRGBA(0, 0, color.NRGBA{200, 0, 0, 128})
	dst = make([]uint8, 6)
	Scale(dst, 1, 2, half, half.Bounds())
	if [6]uint8(dst) != [6]uint8{228, 127, 127, 255, 255, 255} {
		t.Errorf("half transparent and transparent are %v", dst)
	}
}

func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		of    image.Rectangle
		share float64
		want  image.Rectangle
	}{
		{image.Rect(0, 0, 178, 218), 148. / 178, image.Rect(15, 35, 163, 183)},
		{image.Rect(0, 0, 178, 218), 1, image.Rect(0, 20, 178, 198)},
		{image.Rect(-8, 5, 170, 223), 0, image.Rect(7, 40, 155, 188)}, // CelebA's
		{image.Rect(0, 0, 178, 217), 0, image.Rect(0, 19, 178, 197)},
		{image.Rect(10, 0, 99, 50), 1, image.Rect(29, 0, 79, 50)},
		{image.Rect(0, 0, 1, 1), 0.1, image.Rect(0, 0, 1, 1)},
	} {
		if got := Middle(c.of, c.share); got != c.want {
			t.Errorf("%v by %.3f: %v, want %v", c.of, c.share, got, c.want)
		}
	}
}
