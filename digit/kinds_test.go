package digit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/digit/digittest"
	"github.com/vae-edge/vae-edge/internal/gate"
)

func field(t *testing.T, name string) image.Image {
	t.Helper()
	img, err := ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestField: the same digits in a box, on squared paper and so on are read as the plain ones.
func TestField(t *testing.T) {
	gate.Only(t)
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	seven, _, err := Prepare(field(t, "plain7.png"), 28)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"boxed7.png", "squared7.png", "white7.png"} {
		got, s, err := Prepare(field(t, name), 28)
		if err != nil || likeness(got, seven) < 0.95 {
			t.Errorf("%s: %v, %v\n%s", name, err, s, text(got, 28))
		}
	}
	shadow, s, err := Prepare(field(t, "shadow4.png"), 28)
	if err != nil || !s.Edges {
		t.Errorf("shadow: %v, %v", err, s)
	}
	note, s, err := Prepare(field(t, "note4.png"), 28)
	if err != nil || !s.Inverted || likeness(shadow, note) < 0.95 {
		t.Errorf("note: %v, %v\n%s%s", err, s, text(shadow, 28), text(note, 28))
	}
	pixels, _, err := Prepare(field(t, "joined04.png"), 28)
	if doubt := (*Doubt)(nil); !errors.As(err, &doubt) || !strings.Contains(err.Error(), "two digits") || len(pixels) != 28*28 {
		t.Errorf("two digits: %v, %d pixels", err, len(pixels))
	}

	// Turned as EXIF data say that follow fill bytes: its 7 lies on its side.
	turned, s, err := Prepare(field(t, "exif6-fill.jpg"), 28)
	if err != nil || s.Digit.Dx() <= s.Digit.Dy() {
		t.Errorf("EXIF: %v, %v\n%s", err, s, text(turned, 28))
	}
	for name, want := range map[string]string{"cut-99.jpg": "the end of the picture is missing: copy or send it again", "heic.jpg": "but HEIC, as iPhones take it: save it as"} {
		if _, err := ReadFile(filepath.Join("testdata", name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFieldGolden: the same pixels on every CPU, from all ways of reading.
func TestFieldGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	h := sha256.New()
	for _, name := range []string{"boxed7.png", "squared7.png", "white7.png", "shadow4.png", "note4.png", "joined04.png", "exif6-fill.jpg"} {
		pixels, s, _ := Prepare(field(t, name), 28)
		fmt.Fprintln(h, s)
		h.Write(pixels)
	}
	const want = "b2970929cbc9d7cf0c053ffdeaa341b0ebac6229fc96702dd75f059a072c8f5b"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

// A JPEG whose last bytes, which mark the end, are missing is read.
func TestNoEnd(t *testing.T) {
	var b bytes.Buffer
	img := clean("4", 0).draw()
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	for missing := range 3 {
		if got, err := Read(bytes.NewReader(b.Bytes()[:b.Len()-missing])); err != nil || got.Bounds() != img.Bounds() {
			t.Errorf("without the last %d bytes: %v", missing, err)
		}
	}
}

// Formats that cannot be read are named.
func TestNamed(t *testing.T) {
	for head, want := range map[string]string{
		"\x00\x00\x00\x1cftypavif": "AVIF", "\x00\x00\x00\x18ftypmif1": "HEIC", "RIFF\x00\x00\x00\x00WEBPVP8 ": "WebP",
		"II*\x00\x08\x00\x00\x00": "TIFF", "BM\x00\x00\x00\x00": "BMP", "%PDF-1.7": "PDF",
	} {
		if _, err := Read(strings.NewReader(head + strings.Repeat("\x00", 40))); err == nil || !strings.Contains(err.Error(), "but") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// glyph is a digit of strokes as MNIST would have it.
func glyph(t *testing.T, digit string) []byte {
	t.Helper()
	pixels, _, err := Prepare(clean(digit, 0).draw(), 28)
	if err != nil {
		t.Fatal(err)
	}
	return pixels
}

// TestKinds reads a few photographs of each kind. The trainer's tests read many, with a classifier.
func TestKinds(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	four, seven := glyph(t, "4"), glyph(t, "7")
	for i, k := range digittest.Kinds {
		if k.Wants == "plain" && i%4 > 0 || i%gate.Step(2) > 0 {
			continue
		}
		img := digittest.Draw(k.Kind, four, seven, uint64(2+i%3))
		got, s, err := Prepare(img, 28)
		switch {
		case k.Wants == "refused" && err == nil:
			t.Errorf("%s: taken for a digit: %v\n%s", k.Kind, s, text(got, 28))
		// It is tilted, and of another pen.
		case k.Wants != "refused" && !(k.Wants == "either" && err != nil) && (err != nil || likeness(got, four) < 0.7):
			t.Errorf("%s: %v, %v\n%s", k.Kind, err, s, text(got, 28))
		}
	}
}

// What is around a bold 0 is as bright as its hole, and what is around a note is not as dark as the
// ink on it.
func TestHole(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 200, 240))
	for y := range 240 {
		for x := range 200 {
			u, v := x-100, y-120
			level := uint8(220)
			if 4*u*u+2*v*v < 4*60*60 && u*u*7+v*v > 45*45 {
				level = 40
			}
			img.SetGray(x, y, color.Gray{level})
		}
	}
	if pixels, s, err := Prepare(img, 28); err != nil || !s.Inverted || s.Digit.Dx() < 110 {
		t.Errorf("%v, %v\n%s", err, s, text(pixels, 28))
	}
}

// TestTouched: a box and a circle that a digit touches are taken out of the mark that both make,
// and an 8 and a 0 are none.
func TestTouched(t *testing.T) {
	draw := func(round bool, digit string) *image.Gray {
		img := photograph{w: 400, h: 400, digit: digit, x: 120, y: 100, size: 200, pen: 14, ink: 30, paper: 230}.draw()
		for y := range 400 {
			for x := range 400 {
				u, v := x-200, y-200
				d := max(abs(u)-82, abs(v)-112)
				if round {
					d = (isqrt(9*u*u+5*v*v) - 260) / 3
				}
				if abs(d) < 4 {
					img.SetGray(x, y, color.Gray{30})
				}
			}
		}
		return img
	}
	for _, c := range []struct {
		round bool
		digit string
	}{{false, "4"}, {false, "7"}, {true, "4"}} {
		got, s, err := Prepare(draw(c.round, c.digit), 28)
		if err != nil || s.Frames != 1 || likeness(got, glyph(t, c.digit)) < 0.8 {
			t.Errorf("round %v: %v, %v\n%s", c.round, err, s, text(got, 28))
		}
	}
	if _, s, err := Prepare(draw(true, ""), 28); err != nil || s.Frames != 0 {
		t.Errorf("a 0: %v, %v", err, s)
	}
}

func TestText(t *testing.T) {
	if got := Text([]uint8{0, 255, 0, 255}, 2); len(got) != 1 || got[0] != " @" {
		t.Errorf("%q", got)
	}
}

// TestAround: a digit is found on a note on striped wood and under a strip of shadow from side to
// side; the edge of an empty note and what is soft all over are none.
func TestAround(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	draw := func(digit string, level func(x, y, was int) int) *image.Gray {
		img := photograph{w: 300, h: 300, digit: digit, x: 110, y: 100, size: 100, pen: 9, ink: 30, paper: 230}.draw()
		for i, v := range img.Pix {
			img.Pix[i] = uint8(level(i%300, i/300, int(v)))
		}
		return img
	}
	wood := func(x, y, was int) int {
		switch d := max(abs(x-150), abs(y-150)); {
		case d < 80:
			return was
		case d < 84: // the note's own shadow
			return 30
		}
		return 60 + 50*(y/12%2)
	}
	for name, level := range map[string]func(x, y, was int) int{
		"wood": wood,
		"strip": func(x, y, was int) int {
			if abs(y-x/4-110) < 30 {
				return was * 2 / 5
			}
			return was
		},
	} {
		if got, s, err := Prepare(draw("4", level), 28); err != nil || likeness(got, glyph(t, "4")) < 0.8 {
			t.Errorf("%s: %v, %v\n%s", name, err, s, text(got, 28))
		}
	}
	for name, level := range map[string]func(x, y, was int) int{
		"empty note": wood,
		"cloud": func(x, y, was int) int {
			u, v := x-150, y-150
			return 220 - 90*3000/(3000+u*u+v*v/3)
		},
	} {
		if got, s, err := Prepare(draw("", level), 28); err == nil {
			t.Errorf("%s: taken for a digit: %v\n%s", name, s, text(got, 28))
		}
	}
}

// TestBeside: two digits that touch are no digit, nor is a blot; a box that is open on one side and
// a shadow from the edge of the picture are left out.
func TestBeside(t *testing.T) {
	gate.Only(t)
	// dark makes what is near a place darker by a share
	draw := func(digit string, left int, dark func(x, y int) (share float64)) *image.Gray {
		img := photograph{w: 400, h: 300, digit: digit, x: float64(left), y: 100, size: 100, pen: 10, ink: 30, paper: 230}.draw()
		for i, v := range img.Pix {
			img.Pix[i] = uint8(float64(v) * (1 - dark(i%400, i/400)))
		}
		return img
	}
	within := func(is bool, share float64) float64 {
		if is {
			return share
		}
		return 0
	}
	for name, img := range map[string]*image.Gray{
		"open box": draw("4", 150, func(x, y int) float64 {
			in := max(abs(x-200), abs(y-150))
			return within(in > 80 && in < 85 && x < 280, 0.8)
		}),
		"slanting line": draw("4", 150, func(x, y int) float64 {
			return within(abs(8*(y-198)-(x-200)) < 16 && abs(x-200) < 110, 0.8)
		}),
		"hand": draw("4", 150, func(x, y int) float64 { return within(abs(y-x/4-110) < 30 && x > 170, 0.5) }),
	} {
		if got, s, err := Prepare(img, 28); err != nil || likeness(got, glyph(t, "4")) < 0.8 {
			t.Errorf("%s: %v, %v\n%s", name, err, s, text(got, 28))
		}
	}
	second := draw("4", 170, func(x, y int) float64 { return 0 })
	for name, c := range map[string]struct {
		img  *image.Gray
		want string
	}{
		"joined": {draw("4", 100, func(x, y int) float64 { return 1 - float64(second.GrayAt(x, y).Y)/230 }), "two digits that touch"},
		"blot":   {draw("", 0, func(x, y int) float64 { return within((x-200)*(x-200)+3*(y-150)*(y-150) < 60*60, 0.9) }), "an area and not strokes"},
		"box": {draw("", 0, func(x, y int) float64 {
			in := max(abs(x-200), abs(y-150))
			return within(in > 80 && in < 86, 0.8)
		}), "an empty box"},
		"form": {draw("", 0, func(x, y int) float64 {
			return within(abs(abs(y-150)-80) < 3 || abs(x-200) < 3 && abs(y-150) < 80, 0.8)
		}), "a line between two lines"},
		"speck": {draw("", 0, func(x, y int) float64 {
			return within(max(4*abs(x-200), abs(y-150)) < 5, 0.8)
		}), "tiny"},
		"cut": {draw("7", -30, func(x, y int) float64 { return 0 }), "cut by the edge"},
	} {
		if got, s, err := Prepare(c.img, 28); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v\n%s", name, err, s, text(got, 28))
		}
	}
}
