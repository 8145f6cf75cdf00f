package digit

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "draw docs/photo.jpg anew")

// sample is the photograph that the pages use: a 3, written with a felt pen on paper that is lit by
// a window on the left.
const sample = "../docs/photo.jpg"

// pen is the path of the pen in the photograph's pixels, as cubic Bézier curves: a start, and three
// points a curve.
var pen = [][2]float64{
	{208, 272}, {232, 214}, {338, 196}, {374, 254},
	{404, 306}, {344, 368}, {282, 384},
	{352, 376}, {426, 420}, {412, 494},
	{398, 572}, {268, 600}, {196, 540},
}

// drawSample draws the photograph.
func drawSample() image.Image {
	points := [][2]float64{pen[0]}
	for i := 0; i+3 < len(pen); i += 3 {
		const steps = 24
		for k := range steps {
			t := float64(k+1) / steps
			s := 1 - t
			weights := [4]float64{s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t}
			var p [2]float64
			for j, w := range weights {
				p[0] += w * pen[i+j][0]
				p[1] += w * pen[i+j][1]
			}
			points = append(points, p)
		}
	}

	img := image.NewRGBA(image.Rect(0, 0, 600, 800))
	r := rand.New(rand.NewPCG(8, 4))
	fibre := make([]float64, 600*800/16) // unevenness of the paper, in patches of 4 x 4 pixels
	for i := range fibre {
		fibre[i] = float64(r.IntN(9) - 4)
	}
	for y := range 800 {
		for x := range 600 {
			px, py := float64(x)+0.5, float64(y)+0.5
			// The stroke grows from a touch to its full width and thins out at the end.
			inside := math.Inf(-1)
			for i := range points[1:] {
				if max(math.Abs(px-points[i][0]), math.Abs(py-points[i][1])) > 40 {
					continue // too far away for any ink
				}
				t := float64(i) / float64(len(points))
				radius := 13 + 16*t*(1-t)
				inside = max(inside, radius-distance(px, py, points[i], points[i+1]))
			}
			cover := min(max(inside/2.5+0.5, 0), 1) // an edge of 2.5 pixels: not quite in focus

			// Light falls off from the upper left, and a little into the corners.
			dx, dy := (px-300)/300, (py-400)/400
			light := 1 - 0.10*dx - 0.07*dy - 0.06*(dx*dx+dy*dy)
			grain := float64(r.IntN(5)+r.IntN(5)-4) + fibre[y/4*150+x/4]*0.6
			level := func(paper, ink float64) uint8 {
				return uint8(min(max((paper+(ink-paper)*cover)*light+grain, 0), 255))
			}
			img.SetRGBA(x, y, color.RGBA{level(214, 38), level(208, 44), level(194, 74), 255})
		}
	}
	return img
}

// TestSample holds the sample photograph to what drawSample draws and to what the pages say of it.
// With -update it writes the photograph.
func TestSample(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	drawn := drawSample()
	if *update {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, drawn, &jpeg.Options{Quality: 88}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(sample, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(sample); err != nil {
		t.Fatal(err)
	} else if info.Size() > 150_000 {
		t.Errorf("%d bytes", info.Size())
	}
	img, err := ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != drawn.Bounds() {
		t.Fatalf("%v, drawn are %v", img.Bounds(), drawn.Bounds())
	}

	// JPEG loses some of the grain, and floating-point arithmetic is not the same on every CPU.
	sum := 0.0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			a, b := color.GrayModel.Convert(img.At(x, y)).(color.Gray), color.GrayModel.Convert(drawn.At(x, y)).(color.Gray)
			sum += math.Abs(float64(a.Y) - float64(b.Y))
		}
	}
	if mean := sum / float64(img.Bounds().Dx()*img.Bounds().Dy()); mean > 3 {
		t.Errorf("%.1f grey levels a pixel from what is drawn", mean)
	}

	pixels, s, err := Prepare(img, 28)
	if err != nil {
		t.Fatal(err)
	}
	around := image.Rect(170, 190, 445, 600)
	if !s.Inverted || s.Thickened || !s.Digit.In(around) || s.Digit.Dx() < 200 || s.Digit.Dy() < 320 {
		t.Errorf("%+v\n%s", s, text(pixels, 28))
	}
}
