package portrait

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/internal/photo"
)

// finder opens OpenCV's cascades. The gate installs them, so that what needs them is never left out
// there.
func finder(t *testing.T) *Finder {
	t.Helper()
	f, err := Open(os.Getenv("VAE_EDGE_CASCADES"))
	if errors.Is(err, ErrNone) && os.Getenv("VAE_EDGE_REQUIRE_CASCADES") == "" {
		t.Skipf("%v: on Debian apt-get install opencv-data", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pasted is a picture with another one in it, around a place, turned and scaled.
func pasted(img image.Image, w, h int, at Point, scale, turn float64) image.Image {
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	colours := photo.Colours(img)
	b := img.Bounds()
	sin, cos := math.Sincos(turn)
	for y := range h {
		for x := range w {
			u, v := (float64(x)+0.5-at.X)/scale, (float64(y)+0.5-at.Y)/scale
			i, k := int(math.Floor(u*cos+v*sin+float64(b.Dx())/2)), int(math.Floor(v*cos-u*sin+float64(b.Dy())/2))
			c := color.RGBA{uint8(90 + x/16), uint8(110 + y/16), 120, 255}
			if image.Pt(i, k).In(image.Rect(0, 0, b.Dx(), b.Dy())) {
				r, g, bl := colours(b.Min.X+i, b.Min.Y+k)
				c = color.RGBA{r, g, bl, 255}
			}
			to.SetRGBA(x, y, c)
		}
	}
	return to
}

// A drawn face is found where it was put, and cropped as it was drawn.
func TestFind(t *testing.T) {
	f := finder(t)
	face, err := photo.ReadFile(filepath.Join("..", "..", "docs", "face.png"))
	if err != nil {
		t.Fatal(err)
	}
	own := f.Find(face)
	if len(own) != 1 || !own[0].Crop().Whole(face.Bounds().Size()) {
		t.Fatalf("a picture that is a model's crop: %+v", own)
	}
	const size = 256 // of the face's picture
	for i, c := range []struct {
		w, h        int
		at          Point
		scale, turn float64
	}{
		{640, 480, Point{400, 250}, 1, 0},
		{480, 640, Point{200, 260}, 1.2, 0.1},
		{900, 600, Point{300, 280}, 1.5, -0.15},
		{500, 400, Point{250, 200}, 0.7, 0},
		{640, 480, Point{300, 240}, 1.2, 0.4}, // found as one that leans
		{640, 480, Point{300, 240}, 1.2, -0.4},
		{400, 300, Point{100, 150}, 1, 0}, // a part of the crop is beyond the edge
	} {
		if i%gate.Step(3) != 0 {
			continue
		}
		found := f.Find(pasted(face, c.w, c.h, c.at, c.scale, c.turn))
		if len(found) == 0 {
			t.Errorf("%+v: no face", c)
			continue
		}
		s := found[0].Crop()
		off := math.Hypot(s.Middle.X-c.at.X, s.Middle.Y-c.at.Y) / (size * c.scale)
		if ratio := s.Side / (size * c.scale); off > 0.08 || ratio < 0.85 || ratio > 1.25 || math.Abs(s.Turn-c.turn) > 0.08 {
			t.Errorf("%+v: %+v, %.2f of the side off, %.2f times as large", c, s, off, ratio)
		}
	}
	// Of two the larger comes first.
	two := pasted(face, 700, 400, Point{200, 200}, 0.8, 0)
	if found := f.Find(sideBySide(two, face, Point{500, 200})); len(found) != 2 || math.Abs(found[0].Middle.X-500) > 40 || math.Abs(found[1].Middle.X-200) > 40 {
		t.Errorf("of two: %+v", found)
	}
}

func sideBySide(img image.Image, face image.Image, at Point) image.Image {
	to := img.(*image.RGBA)
	b := face.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			to.Set(int(at.X)-b.Dx()/2+x, int(at.Y)-b.Dy()/2+y, face.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return to
}

// A photograph of Go's own tests shows two speakers at some distance.
func TestFindPhotograph(t *testing.T) {
	f := finder(t)
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(strings.TrimSpace(string(out)), "src", "image", "testdata", "video-001.png")
	img, err := photo.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("VAE_EDGE_REQUIRE_CASCADES") == "" {
		t.Skipf("this Go was installed without its tests: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	found := f.Find(img)
	if len(found) == 0 || math.Hypot(found[0].Middle.X-122, found[0].Middle.Y-27) > 5 || found[0].Width < 14 || found[0].Width > 26 {
		t.Errorf("found: %+v", found)
	}
}

// A picture that is stored lying on its side is searched as it is seen.
func TestFindStoredTurned(t *testing.T) {
	f := finder(t)
	face, err := photo.ReadFile(filepath.Join("..", "..", "docs", "face.png"))
	if err != nil {
		t.Fatal(err)
	}
	seen := pasted(face, 500, 400, Point{300, 180}, 1, 0)
	stored := image.NewRGBA(image.Rect(0, 0, 400, 500))
	for y := range 400 {
		for x := range 500 {
			stored.Set(y, 499-x, seen.At(x, y)) // its right side is up
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, nil); err != nil {
		t.Fatal(err)
	}
	// Orientation 6: to be turned clockwise
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	img, err := photo.Read(strings.NewReader(b.String()[:2] + exif + b.String()[2:]))
	if err != nil {
		t.Fatal(err)
	}
	found := f.Find(img)
	if img.Bounds().Dx() != 500 || len(found) == 0 || math.Hypot(found[0].Middle.X-300, found[0].Middle.Y-200) > 30 {
		t.Errorf("%v: %+v", img.Bounds(), found)
	}
}

// Pictures without a face, and such as nobody takes.
func TestFindNone(t *testing.T) {
	f := finder(t)
	digit, err := photo.ReadFile(filepath.Join("..", "..", "docs", "photo.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	r := image.Rect(0, 0, 60, 40)
	for name, img := range map[string]image.Image{
		"a digit":      digit,
		"one pixel":    image.NewGray(image.Rect(0, 0, 1, 1)),
		"a line":       image.NewGray(image.Rect(0, 0, 1, 5000)),
		"a column":     image.NewGray(image.Rect(-3, 0, 9000, 2)),
		"nothing":      image.NewGray(image.Rectangle{}),
		"16 bits":      image.NewGray16(r),
		"a palette":    image.NewPaletted(r, color.Palette{color.Black, color.White}),
		"transparent":  image.NewNRGBA64(r.Add(image.Pt(-10, 5))),
		"CMYK":         image.NewCMYK(r),
		"large":        image.NewGray(image.Rect(0, 0, 2500, 2500/gate.Step(8))),
		"chroma":       image.NewYCbCr(r.Add(image.Pt(3, 3)), image.YCbCrSubsampleRatio420),
		"not a memory": struct{ image.Image }{image.NewRGBA(r)},
	} {
		if found := f.Find(img); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestOpen(t *testing.T) {
	defer func(p []string) { places = p }(places)
	places = nil
	if _, err := Open(""); !errors.Is(err, ErrNone) {
		t.Errorf("not installed: %v", err)
	}
	if _, err := Open(t.TempDir()); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a folder without cascades: %v", err)
	}
}
