package portrait

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// The eyes of CelebA's aligned pictures give its usual crop.
func TestAroundEyes(t *testing.T) {
	s := AroundEyes(Point{69, 111}, Point{109, 112})
	if math.Abs(s.Middle.X-89) > 1 || math.Abs(s.Middle.Y-109) > 0.1 || math.Abs(s.Side-148) > 0.1 || math.Abs(s.Turn-0.025) > 0.001 {
		t.Errorf("CelebA's eyes: %+v", s)
	}
	// The square goes along with the face: turned, scaled and moved.
	left, right := Point{-20, 3}, Point{20, 3}
	want := AroundEyes(left, right)
	for turn := -3.; turn < 3; turn += 0.5 {
		const scale, x, y = 2.5, 300, -40
		sin, cos := math.Sincos(turn)
		move := func(p Point) Point { return Point{x + scale*(p.X*cos-p.Y*sin), y + scale*(p.X*sin+p.Y*cos)} }
		got, middle := AroundEyes(move(left), move(right)), move(want.Middle)
		if math.Hypot(got.Middle.X-middle.X, got.Middle.Y-middle.Y) > 1e-9 || math.Abs(got.Side-scale*want.Side) > 1e-9 || math.Abs(got.Turn-turn) > 1e-9 {
			t.Errorf("turned by %g: %+v", turn, got)
		}
	}
}

// CelebA's aligned pictures are cropped as usual, without looking for a face.
func TestAligned(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, photo.AlignedWidth, photo.AlignedHeight))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := 35; y < 183; y++ {
		for x := 15; x < 163; x++ {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 9, 255})
		}
	}
	pixels, which, err := Cropped(&Finder{}, img, 37) // by 4
	if err != nil || which != "the square of 148 in its middle" {
		t.Errorf("%q, error %v", which, err)
	}
	for i := range 37 * 37 {
		// The mean of four pixels is between two of them
		want := [3]int{15 + i%37*4 + 1, 35 + i/37*4 + 1, 9}
		for c, w := range want {
			if got := int(pixels[3*i+c]); got < w || got > w+1 {
				t.Fatalf("pixel %d: %v, want %v or one more", i, pixels[3*i:][:3], want)
			}
		}
	}
}

func TestWhole(t *testing.T) {
	size := image.Pt(100, 100)
	for _, c := range []struct {
		s    Square
		want bool
	}{
		{Square{Point{50, 50}, 100, 0}, true},
		{Square{Point{53, 46}, 112, 0.05}, true},
		{Square{Point{50, 50}, 60, 0}, false},
		{Square{Point{30, 50}, 100, 0}, false},
		{Square{Point{50, 50}, 100, 0.3}, false},
	} {
		if got := c.s.Whole(size); got != c.want {
			t.Errorf("%+v: %v", c.s, got)
		}
	}
	if (Square{Point{100, 50}, 100, 0}).Whole(image.Pt(200, 100)) {
		t.Error("a picture twice as wide is whole")
	}
}

func TestScale(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(-5, 7, 59, 55)) // 64 x 48
	for i := range img.Pix {
		img.Pix[i] = uint8(r.IntN(256)) | uint8(i%4/3*255)
	}
	const side = 8
	got, want := make([]byte, side*side*3), make([]byte, side*side*3)
	compare := func(name string, at func(x, y int) (int, int)) {
		t.Helper()
		for i := range side * side {
			x, y := at(i%side, i/side)
			if [3]byte(got[i*3:]) != [3]byte(want[(y*side+x)*3:]) {
				t.Fatalf("%s: pixel %d, %d is %v, want %v", name, i%side, i/side, got[i*3:i*3+3], want[(y*side+x)*3:][:3])
			}
		}
	}
	same := func(x, y int) (int, int) { return x, y }
	// Whole pixels are averaged as package photo does.
	part := image.Rect(3, 15, 35, 47)
	photo.Scale(want, side, side, img, part)
	s := Square{Point{8 + 16, 8 + 16}, 32, 0}
	s.Scale(got, side, img)
	compare("upright", same)
	// A face that leans to the right by a right angle has its top at the right.
	s.Turn = math.Pi / 2
	s.Scale(got, side, img)
	compare("turned", func(x, y int) (int, int) { return side - 1 - y, x })

	// Beyond its edges a picture goes on as it is there.
	plain := image.NewGray(image.Rect(0, 0, 10, 10))
	for y := range 10 {
		for x := range 10 {
			plain.SetGray(x, y, color.Gray{uint8(25 * x)})
		}
	}
	Square{Point{5, 5}, 1000, 0}.Scale(got, side, plain)
	for i := range side * side {
		if x := i % side; x != 3 && x != 4 && got[i*3] != uint8(x/4*225) {
			t.Errorf("beyond the edge pixel %d is %d", i, got[i*3])
		}
	}
}
