package digit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
)

// digits are strokes in a box of 1 x 1, y going down.
var digits = map[string][][][2]float64{
	"1": {{{0.5, 0}, {0.5, 1}}},
	"4": {{{0.3, 0}, {0.05, 0.6}, {0.8, 0.6}}, {{0.6, 0.2}, {0.55, 1}}},
	"7": {{{0, 0.05}, {0.75, 0.05}, {0.3, 1}}},
	"5": {{{0.1, 0}, {0.1, 0.45}, {0.5, 0.4}, {0.7, 0.65}, {0.5, 0.95}, {0.05, 0.95}}, {{0.18, 0}, {0.7, 0}}},
}

// A photo is a synthetic photograph.
type photograph struct {
	w, h       int
	digit      string
	x, y, size float64 // of the digit's box
	pen        float64 // width of its strokes
	angle      float64 // in degrees
	ink        float64 // grey levels, before light and noise
	paper      float64
	light      float64 // by so much the right side is brighter than the left, as a factor
	noise      float64 // standard deviation in grey levels
	table      float64 // grey level of what is around the paper; 0 for paper everywhere
	lines      bool    // other writing at the edge
}

// draw returns the photograph.
func (p photograph) draw() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, p.w, p.h))
	r := rand.New(rand.NewPCG(1, 2))
	sin, cos := math.Sincos(p.angle * math.Pi / 180)
	strokes := digits[p.digit]
	near := 0.5 + (p.pen/2+1)/p.size // of the box's middle, beyond which no ink is
	for y := range p.h {
		for x := range p.w {
			// In the digit's box, turned around its middle.
			dx, dy := (float64(x)+0.5-p.x)/p.size-0.5, (float64(y)+0.5-p.y)/p.size-0.5
			u, v := dx*cos+dy*sin+0.5, -dx*sin+dy*cos+0.5
			d := math.Inf(1)
			if max(math.Abs(u-0.5), math.Abs(v-0.5)) < near {
				for _, stroke := range strokes {
					for i := range stroke[1:] {
						d = min(d, distance(u, v, stroke[i], stroke[i+1]))
					}
				}
			}
			cover := min(max(p.pen/2-d*p.size+0.5, 0), 1)
			level := p.paper + (p.ink-p.paper)*cover
			if p.lines && (x < p.w/30 || y > p.h*29/30) {
				level = p.ink
			}
			if p.table > 0 && max(math.Abs(u-0.5), math.Abs(v-0.5)) > 0.9 {
				level = p.table
			}
			level *= 1 + p.light*(float64(x)/float64(p.w)-0.5)
			if p.noise > 0 {
				level += p.noise * r.NormFloat64()
			}
			img.Pix[y*p.w+x] = uint8(min(max(level, 0), 255))
		}
	}
	return img
}

// enlarged returns the picture with every pixel n x n times.
func enlarged(img *image.Gray, n int) *image.Gray {
	b := img.Bounds()
	large := image.NewGray(image.Rect(0, 0, n*b.Dx(), n*b.Dy()))
	for i := range large.Pix {
		large.Pix[i] = img.Pix[i/large.Stride/n*img.Stride+i%large.Stride/n]
	}
	return large
}

func distance(x, y float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := min(max(((x-a[0])*dx+(y-a[1])*dy)/(dx*dx+dy*dy), 0), 1)
	return math.Hypot(x-a[0]-t*dx, y-a[1]-t*dy)
}

// clean is a digit as it should come out, but for the steps' own doing.
func clean(digit string, angle float64) photograph {
	return photograph{w: 400, h: 400, digit: digit, x: 100, y: 100, size: 200, pen: 22, angle: angle, ink: 255, paper: 0}
}

// likeness is the correlation of two digits of MNIST's size, of which one may be shifted by a
// pixel: centres of mass are rounded.
func likeness(a, b []uint8) (best float64) {
	for shift := range 9 {
		dx, dy := shift%3-1, shift/3-1
		var ab, aa, bb float64
		for y := 1; y < 27; y++ {
			for x := 1; x < 27; x++ {
				u, v := float64(a[y*28+x]), float64(b[(y+dy)*28+x+dx])
				ab, aa, bb = ab+u*v, aa+u*u, bb+v*v
			}
		}
		best = max(best, ab/math.Sqrt(aa*bb))
	}
	return best
}

func TestPrepare(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	type form struct {
		digit string
		angle float64
	}
	wants := map[form][]uint8{} // clean digits
	for _, c := range []struct {
		name     string
		photo    photograph
		inverted bool
		thin     bool
		like     float64 // how much at least
	}{
		{"bright on dark", photograph{w: 400, h: 300, x: 150, y: 60, size: 160, pen: 17, ink: 230, paper: 20}, false, false, 0.92},
		{"dark on bright", photograph{w: 400, h: 300, x: 150, y: 60, size: 160, pen: 17, ink: 30, paper: 220}, true, false, 0.92},
		{"gradient and noise", photograph{w: 800, h: 600, x: 250, y: 160, size: 260, pen: 28, ink: 60, paper: 170, light: 0.9, noise: 12}, true, false, 0.92},
		{"chalk in a gradient", photograph{w: 800, h: 600, x: 250, y: 160, size: 260, pen: 28, ink: 200, paper: 60, light: 0.9, noise: 8}, false, false, 0.92},
		{"turned paper on a dark table", photograph{w: 900, h: 700, x: 300, y: 200, size: 300, pen: 33, angle: 12, ink: 40, paper: 210, table: 60, noise: 5}, true, false, 0.92},
		{"other writing at the edge", photograph{w: 900, h: 700, x: 400, y: 200, size: 250, pen: 28, ink: 40, paper: 210, noise: 5, lines: true}, true, false, 0.92},
		{"thin pen", photograph{w: 1000, h: 800, x: 350, y: 250, size: 300, pen: 8, ink: 40, paper: 200, light: 0.3, noise: 6}, true, true, 0.92},
		{"small in a large photograph", photograph{w: 1600, h: 1200, x: 720, y: 560, size: 120, pen: 12, ink: 50, paper: 190, light: 0.5, noise: 9}, true, false, 0.9},
		{"fills the picture", photograph{w: 200, h: 200, x: 5, y: 5, size: 190, pen: 21, ink: 40, paper: 200}, true, false, 0.92},
		{"tiny", photograph{w: 20, h: 20, x: 3, y: 3, size: 14, pen: 1.8, ink: 40, paper: 200}, true, false, 0.8},
		{"wide", photograph{w: 1200, h: 40, x: 700, y: 5, size: 30, pen: 3.2, ink: 40, paper: 200}, true, false, 0.8},
		{"faint", photograph{w: 400, h: 300, x: 150, y: 60, size: 160, pen: 17, ink: 150, paper: 190, noise: 3}, true, false, 0.92},
	} {
		for i, digit := range slices.Sorted(maps.Keys(digits)) {
			if i%gate.Step(5) != 0 {
				continue
			}
			p := c.photo
			p.digit = digit
			got, s, err := Prepare(p.draw(), 28)
			if err != nil {
				t.Errorf("%s, %s: %v", c.name, digit, err)
				continue
			}
			of := form{digit, p.angle}
			want, ok := wants[of]
			if !ok {
				if want, _, err = Prepare(clean(digit, p.angle).draw(), 28); err != nil {
					t.Fatal(err)
				}
				wants[of] = want
			}
			if l := likeness(got, want); l < c.like {
				t.Errorf("%s, %s: likeness to the clean digit %.3f\n%v\n%s", c.name, digit, l, s, text(got, 28))
			}
			if s.Inverted != c.inverted || s.Thickened != c.thin {
				t.Errorf("%s, %s: %+v", c.name, digit, s)
			}
			if x, y := s.Digit.Min.X, s.Digit.Min.Y; x < int(p.x-p.size/4) || y < int(p.y-p.size/4) || s.Digit.Max.Y > int(p.y+1.25*p.size) {
				t.Errorf("%s, %s: found at %v", c.name, digit, s.Digit)
			}
		}
	}
}

// text draws grey levels.
func text(pixels []uint8, side int) string {
	var b strings.Builder
	for i, v := range pixels {
		b.WriteByte(" .:-=+*#%@"[int(v)*9/255])
		if i%side == side-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// What comes out is in the box and centred by its mass, whatever the size.
func TestPrepareForm(t *testing.T) {
	for _, side := range []int{4, 8, 28, 64} {
		pixels, s, err := Prepare(clean("7", 0).draw(), side)
		if err != nil {
			t.Fatal(err)
		}
		var mass, x, y float64
		minX, maxX, minY, maxY := side, 0, side, 0
		for i, v := range pixels {
			mass += float64(v)
			x += float64(v) * (float64(i%side) + 0.5)
			y += float64(v) * (float64(i/side) + 0.5)
			if v > 0 {
				minX, maxX, minY, maxY = min(minX, i%side), max(maxX, i%side+1), min(minY, i/side), max(maxY, i/side+1)
			}
		}
		if middle := float64(side/2) + 0.5; math.Abs(x/mass-middle) > 0.51 || math.Abs(y/mass-middle) > 0.51 {
			t.Errorf("side %d: mass at (%.2f, %.2f)", side, x/mass, y/mass)
		}
		if long := max(maxX-minX, maxY-minY); long != max(20*side/28, 2) {
			t.Errorf("side %d: the digit is %d long", side, long)
		}
		if s.Size != image.Pt(400, 400) || s.Inverted || s.Left != 0 {
			t.Errorf("side %d: %+v", side, s)
		}
	}
}

// What is as MNIST has it stays as it is.
func TestPrepareAgain(t *testing.T) {
	for digit := range digits {
		once, _, err := Prepare(clean(digit, 0).draw(), 28)
		if err != nil {
			t.Fatal(err)
		}
		twice, s, err := Prepare(&image.Gray{Pix: once, Stride: 28, Rect: image.Rect(0, 0, 28, 28)}, 28)
		if err != nil || s.Inverted || likeness(once, twice) < 0.98 {
			t.Errorf("%s: %v, %+v, likeness %.3f\n%s%s", digit, err, s, likeness(once, twice), text(once, 28), text(twice, 28))
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	for name, p := range map[string]photograph{
		"much noise":  {w: 300, h: 200, digit: "0", paper: 120, noise: 40},
		"noise":       {w: 300, h: 200, digit: "0", paper: 120, noise: 8},
		"a gradient":  {w: 300, h: 200, digit: "0", paper: 150, light: 1},
		"one level":   {w: 300, h: 200, digit: "0", paper: 150},
		"too faint":   {w: 300, h: 200, digit: "4", x: 100, y: 50, size: 100, pen: 12, ink: 140, paper: 150},
		"too small":   {w: 3, h: 200, digit: "0", paper: 150},
		"a far digit": {w: 400, h: 300, digit: "4", x: 200, y: 150, size: 5, pen: 1, ink: 0, paper: 255},
	} {
		if pixels, s, err := Prepare(p.draw(), 28); err == nil {
			t.Errorf("%s: taken for a digit, %v\n%s", name, s, text(pixels, 28))
		}
	}
}

// TestRuledPaper: a line through the digit is not taken for it.
func TestRuledPaper(t *testing.T) {
	img := photograph{w: 400, h: 200, digit: "4", x: 150, y: 50, size: 100, pen: 10, ink: 30, paper: 240}.draw()
	for y := 98; y < 102; y++ {
		for x := 20; x < 380; x++ {
			img.Pix[y*img.Stride+x] = 60
		}
	}
	if _, s, err := Prepare(img, 28); err == nil || !strings.Contains(err.Error(), "is the paper ruled?") {
		t.Errorf("%v, error %v", s, err)
	}
}

// The pixels of pictures of all kinds, and of transparent ink.
func TestKindsOfPictures(t *testing.T) {
	g := photograph{w: 120, h: 100, digit: "4", x: 40, y: 20, size: 60, pen: 7, ink: 30, paper: 255}.draw()
	want, _, err := Prepare(g, 28)
	if err != nil {
		t.Fatal(err)
	}
	b := g.Bounds()
	clear := image.NewNRGBA(b)
	shifted := image.NewGray(b.Add(image.Pt(-7, 1000)))
	rgba, ycc := image.NewRGBA(b), image.NewYCbCr(b, image.YCbCrSubsampleRatio420)
	for i := range ycc.Cb {
		ycc.Cb[i], ycc.Cr[i] = 128, 128
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			v := g.GrayAt(x, y)
			clear.SetNRGBA(x, y, color.NRGBA{0, 0, 0, 255 - v.Y})
			shifted.SetGray(x-7, y+1000, v)
			rgba.Set(x, y, v)
			ycc.Y[ycc.YOffset(x, y)] = v.Y
		}
	}
	for name, img := range map[string]image.Image{
		"transparent": clear, "from elsewhere": shifted, "RGBA": rgba, "YCbCr": ycc, "of an unknown kind": struct{ image.Image }{rgba},
	} {
		if !bytes.Equal(Grey(img), g.Pix) {
			t.Errorf("%s: the grey levels differ", name)
		}
		if got, _, err := Prepare(img, 28); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, text(got, 28))
		}
	}
}

// The same pixels on every CPU, from a picture that is drawn in integers.
func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	img := image.NewRGBA(image.Rect(0, 0, 1301, 977))
	seed := uint32(1)
	for y := range 977 {
		for x := range 1301 {
			seed = seed*1664525 + 1013904223
			level := 120 + x/16 + int(seed>>28)
			u, v := x-500, y-250
			// A 7
			if v > 0 && v < 450 && u > 0 && u < 330 && (v < 60 || max(u-300+v*2/3, 300-v*2/3-u) < 30) {
				level -= 80
			}
			img.SetRGBA(x, y, color.RGBA{uint8(level), uint8(level + 9), uint8(level - 20), 255})
		}
	}
	pngData, jpegData := encode(t, img)
	for format, data := range map[string][]byte{"PNG": pngData, "JPEG": jpegData} {
		img, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		pixels, s, err := Prepare(img, 28)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"PNG":  "a2de074cc396998d16b5ce40cd6137ecba49061e005a132eccb0508f55a21b5c",
			"JPEG": "45a3adedbd6591ca820522f3fe95815fccf6722ce6673e0c30e4657ccb698d3c",
		}[format]
		if got := fmt.Sprintf("%x", sha256.Sum256(pixels)); got != want {
			t.Errorf("%s: hash %s, want %s; %v\n%s", format, got, want, s, text(pixels, 28))
		}
	}
}

// header is the beginning of a PNG that claims a size.
func header(w, h uint32) []byte {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(ihdr, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 8, 0, 0, 0, 0)
	data := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	data = append(data, ihdr...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(ihdr))
}

func encode(t testing.TB, img image.Image) (pngData, jpegData []byte) {
	t.Helper()
	var p, j bytes.Buffer
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	return p.Bytes(), j.Bytes()
}

// maxFile is that of package photo.
const maxFile = 32 << 20

func TestRead(t *testing.T) {
	img := clean("4", 0).draw()
	pngData, jpegData := encode(t, img)
	for _, data := range [][]byte{pngData, jpegData} {
		got, err := Read(bytes.NewReader(data))
		if err != nil || got.Bounds() != img.Bounds() {
			t.Errorf("%v", err)
		}
	}
	// Which the test itself makes known to package image
	var g bytes.Buffer
	if err := gif.Encode(&g, img, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(&g); err != nil || got.Bounds() != img.Bounds() {
		t.Errorf("GIF: %v", err)
	}
	if err := gif.Encode(&g, img, nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":       {nil, "neither a PNG nor a JPEG"},
		"text":        {[]byte("a picture of a digit"), "neither a PNG nor a JPEG"},
		"cut GIF":     {g.Bytes()[:300], "digit: "},
		"cut":         {pngData[:len(pngData)/2], "digit: "},
		"cut JPEG":    {jpegData[:300], "digit: "},
		"huge":        {header(1<<31-1, 1<<31-1), "digit: "},
		"large":       {header(5001, 5000), "5001 x 5000 pixels: at most 25 million"},
		"long":        {header(25_000_001, 1), "at most 25 million"},
		"empty image": {header(0, 10), "digit: "},
		"large file":  {append(bytes.Clone(pngData), make([]byte, maxFile)...), "more than 32 MB"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(bytes.NewReader(c.data))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 && name != "large file" {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
}

// A photograph of 12 million pixels takes little memory besides its pixels.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	_, data := encode(t, enlarged(photograph{w: 1000, h: 750, digit: "4", x: 375, y: 250, size: 225, pen: 25, ink: 40, paper: 200}.draw(), 4))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	img, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := Prepare(img, 28)
	runtime.ReadMemStats(&after)
	if err != nil || s.Digit.Dy() < 850 || s.Digit.Dy() > 1050 {
		t.Errorf("%v, %+v", err, s)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 80<<20 {
		t.Errorf("%d MB allocated", used>>20)
	}
}

// A picture in the colours of printers, which takes most memory, is refused by its header where
// others of its size are not.
func TestReadCMYK(t *testing.T) {
	header := func(side int, components byte) []byte {
		b := []byte{0xff, 0xd8, 0xff, 0xc2, 0, 8 + 3*components, 8, byte(side >> 8), byte(side), byte(side >> 8), byte(side), components}
		for c := range components {
			b = append(b, c, 0x11, 0)
		}
		return append(b, 0xff, 0xda, 0, 2)
	}
	for _, c := range []struct {
		side       int
		components byte
		refused    bool
	}{{5000, 3, false}, {5001, 3, true}, {3872, 4, false}, {3873, 4, true}} {
		_, err := Read(bytes.NewReader(header(c.side, c.components)))
		if err == nil || strings.Contains(err.Error(), "make it smaller") != c.refused {
			t.Errorf("%d components of %d x %d: error %v", c.components, c.side, c.side, err)
		}
	}
}

// exif puts an orientation into a JPEG.
func exif(data []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00\x08\x00\x00\x00")
	}
	tiff = order.AppendUint16(tiff, 2)
	for _, e := range [][2]uint16{{0x0100, 7}, {0x0112, orientation}} {
		tiff = order.AppendUint16(tiff, e[0])
		tiff = order.AppendUint16(tiff, 3) // a short
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(tiff, e[1])
		tiff = append(tiff, 0, 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(out, segment...), data[2:]...)
}

func TestOrientation(t *testing.T) {
	img := photograph{w: 160, h: 120, digit: "7", x: 50, y: 30, size: 60, pen: 7, ink: 30, paper: 220}.draw()
	want, _, err := Prepare(img, 28)
	if err != nil {
		t.Fatal(err)
	}
	// How a camera stores what is to be seen as img: the row and column of each pixel, for each
	// orientation.
	w, h := 160, 120
	for o, stored := range map[uint16]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, w - 1 - x }, // turned clockwise it is upright
		7: func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y int) (int, int) { return h - 1 - y, x },
		9: func(x, y int) (int, int) { return x, y }, // no such one
	} {
		size := image.Rect(0, 0, w, h)
		if o >= 5 && o <= 8 {
			size = image.Rect(0, 0, h, w)
		}
		camera := image.NewGray(size)
		for y := range h {
			for x := range w {
				sx, sy := stored(x, y)
				camera.SetGray(sx, sy, img.GrayAt(x, y))
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, camera, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			seen, err := Read(bytes.NewReader(exif(b.Bytes(), order, o)))
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := Prepare(seen, 28); err != nil || likeness(got, want) < 0.99 {
				t.Errorf("orientation %d: %v\n%s", o, err, text(got, 28))
			}
			if c, _, _, _ := seen.At(0, 0).RGBA(); c>>8 < 200 {
				t.Errorf("orientation %d: the corner is %d", o, c>>8)
			}
		}
	}
}

// Whatever a file holds, reading it ends with a picture or an error, and so does preparing it.
func FuzzRead(f *testing.F) {
	pngData, jpegData := encode(f, photograph{w: 40, h: 30, digit: "7", x: 10, y: 5, size: 20, pen: 3, ink: 30, paper: 220}.draw())
	f.Add(pngData)
	f.Add(jpegData)
	f.Add(exif(jpegData, binary.LittleEndian, 6))
	f.Add(header(100, 100))
	f.Fuzz(func(t *testing.T, data []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && config.Width*config.Height > 1<<16 {
			return // which takes long and finds no more
		}
		img, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		if pixels, _, err := Prepare(img, 28); err == nil && len(pixels) != 28*28 {
			t.Fatalf("%d pixels", len(pixels))
		}
	})
}

// A drawing has a ground without noise, of which there is nothing to say.
func TestStepsString(t *testing.T) {
	s := Steps{Size: image.Pt(100, 80), Digit: image.Rect(10, 20, 40, 70), Left: 2, Thickened: true}
	if got, want := s.String(), "100 x 80 pixels, made grey; digit of 30 x 50 at (10, 20), 2 other marks left out, strokes thickened, scaled and centred by its mass"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s = Steps{Size: image.Pt(100, 80), Digit: image.Rect(10, 20, 40, 70), Inverted: true, Threshold: 9}
	if got, want := s.String(), "100 x 80 pixels, made grey, inverted; ink is 9 of 255 levels above the ground; digit of 30 x 50 at (10, 20), scaled and centred by its mass"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
