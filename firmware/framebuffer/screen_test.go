package framebuffer

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
)

// A fake is a driver that says what it likes.
type fake struct {
	fixed    fixed
	variable variable
	mem      []byte
	grows    bool // it has memory for more rows than it says at first
	panFails error
	fails    error        // of info
	asked    func() error // called at every request; nil: nothing fails there
	mapped   int
	on       []bool
	closed   bool
	panned   func() // called when the picture has moved
}

func (d *fake) ask() error {
	if d.asked != nil {
		return d.asked()
	}
	return nil
}

func (d *fake) info() (fixed, variable, error) {
	if err := d.ask(); err != nil {
		return fixed{}, variable{}, err
	}
	return d.fixed, d.variable, d.fails
}

func (d *fake) sync() error         { return errors.Join(d.ask(), errors.ErrUnsupported) }
func (d *fake) power(on bool) error { d.on = append(d.on, on); return d.ask() }
func (d *fake) close() error        { d.closed = true; return d.ask() }

func (d *fake) set(v variable) error {
	if err := d.ask(); err != nil {
		return err
	}
	if !d.grows {
		return errors.New("invalid argument")
	}
	d.variable = v
	return nil
}

func (d *fake) pan(v variable) error {
	if err := d.ask(); err != nil {
		return err
	}
	if d.panFails == nil {
		d.variable.y = v.y
	}
	if d.panned != nil {
		d.panned()
	}
	return d.panFails
}

func (d *fake) memory(_ uintptr, size int) ([]byte, error) {
	if err := d.ask(); err != nil {
		return nil, err
	}
	if size > len(d.mem) {
		return nil, errors.New("invalid argument")
	}
	d.mapped = size
	return d.mem[:size:size], nil
}

// A kind is a format of pixels.
type kind struct {
	name   string
	bits   uint32
	fields [4]field
}

var kinds = []kind{
	{"x8r8g8b8", 32, [4]field{{16, 8, 0}, {8, 8, 0}, {0, 8, 0}}},
	{"a8b8g8r8", 32, [4]field{{0, 8, 0}, {8, 8, 0}, {16, 8, 0}, {24, 8, 0}}},
	{"r8g8b8x8", 32, [4]field{{24, 8, 0}, {16, 8, 0}, {8, 8, 0}}},
	{"a2r10g10b10", 32, [4]field{{20, 10, 0}, {10, 10, 0}, {0, 10, 0}, {30, 2, 0}}},
	{"r8g8b8", 24, [4]field{{16, 8, 0}, {8, 8, 0}, {0, 8, 0}}},
	{"b8g8r8", 24, [4]field{{0, 8, 0}, {8, 8, 0}, {16, 8, 0}}},
	{"r5g6b5", 16, [4]field{{11, 5, 0}, {5, 6, 0}, {0, 5, 0}}},
	{"a1b5g5r5", 16, [4]field{{0, 5, 0}, {5, 5, 0}, {10, 5, 0}, {15, 1, 0}}},
	{"x4r4g4b4", 16, [4]field{{8, 4, 0}, {4, 4, 0}, {0, 4, 0}}},
}

// newFake returns a driver of a screen with a gap after each row.
func newFake(k kind, width, height, gap int) *fake {
	d := &fake{}
	copy(d.fixed.id[:], "fake")
	d.variable = variable{
		width: uint32(width), height: uint32(height), virtualWidth: uint32(width), virtualHeight: uint32(height), bits: k.bits,
		red: k.fields[0], green: k.fields[1], blue: k.fields[2], alpha: k.fields[3],
	}
	d.fixed.visual, d.fixed.stride = visualTrueColour, uint32(width)*k.bits/8+uint32(gap)
	d.fixed.size = d.fixed.stride * uint32(height)
	d.mem = bytes.Repeat([]byte{0xa5}, int(d.fixed.size))
	return d
}

// raw is what pixel x, y of the picture is, of which the screen shows a part.
func (d *fake) raw(x, y int) (v uint64) {
	n := int(d.variable.bits / 8)
	at := (y+int(d.variable.y))*int(d.fixed.stride) + (x+int(d.variable.x))*n
	for i := range n {
		v |= uint64(d.mem[at+i]) << (8 * i)
	}
	return v
}

// at is the colour of a pixel in eight bits a channel.
func (d *fake) at(x, y int) color.RGBA {
	v := d.raw(x, y)
	channel := func(f field) uint8 {
		most := uint64(1)<<f.length - 1
		return uint8((v>>f.offset&most*255 + most/2) / most)
	}
	return color.RGBA{channel(d.variable.red), channel(d.variable.green), channel(d.variable.blue), 255}
}

// noise returns a picture of any colours.
func noise(name string, size image.Point, r *rand.Rand) image.Image {
	// Not all of a larger one, as parts of pictures are
	in := image.Rectangle{Min: image.Pt(2, 1), Max: size.Add(image.Pt(2, 1))}
	all := image.Rectangle{Max: in.Max.Add(image.Pt(3, 3))}
	switch name {
	case "grey":
		img := image.NewGray(all)
		for i := range img.Pix {
			img.Pix[i] = uint8(r.Uint32())
		}
		return img.SubImage(in)
	case "palette":
		var p color.Palette
		for range 200 {
			p = append(p, color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
		}
		img := image.NewPaletted(all, p)
		for i := range img.Pix {
			img.Pix[i] = uint8(r.IntN(len(p)))
		}
		return img.SubImage(in)
	case "other":
		img := image.NewNRGBA(all)
		for i := range img.Pix {
			img.Pix[i] = uint8(r.Uint32()) | uint8(i%4/3)*255
		}
		return img.SubImage(in)
	}
	img := image.NewRGBA(all)
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32()) | uint8(i%4/3)*255
	}
	return img.SubImage(in)
}

// nearest is what there is nearest to a level in so many bits.
func nearest(v uint8, bits uint32) uint8 {
	most := 1<<bits - 1
	return uint8(((int(v)*most+127)/255*255 + most/2) / most)
}

// check holds the screen to a frame.
func check(t *testing.T, d *fake, frame image.Image, turn int, dither bool) {
	t.Helper()
	size, v := image.Pt(int(d.variable.width), int(d.variable.height)), d.variable
	r := frame.Bounds()
	for y := range r.Dy() {
		for x := range r.Dx() {
			// Where a picture's pixel is on glass when the picture is turned clockwise
			gx, gy := x, y
			switch turn {
			case 90:
				gx, gy = size.X-1-y, x
			case 180:
				gx, gy = size.X-1-x, size.Y-1-y
			case 270:
				gx, gy = y, size.Y-1-x
			}
			c := color.RGBAModel.Convert(frame.At(r.Min.X+x, r.Min.Y+y)).(color.RGBA)
			want := color.RGBA{nearest(c.R, v.red.length), nearest(c.G, v.green.length), nearest(c.B, v.blue.length), 255}
			if _, rgba := frame.(*image.RGBA); rgba && dither && v.bits == 16 {
				if v.red.length != 5 || v.green.length != 6 || v.blue.length != 5 {
					continue
				}
				want.R, want.G, want.B = pixels.Shown(c.R, c.G, c.B, true, image.Pt(gx, gy))
				got := d.at(gx, gy)
				// They round otherwise
				if abs(got.R, want.R) > 1 || abs(got.G, want.G) > 1 || abs(got.B, want.B) > 1 {
					t.Fatalf("pixel %d,%d is %v, want %v in a dither", gx, gy, got, want)
				}
				continue
			}
			if got := d.at(gx, gy); got != want {
				t.Fatalf("pixel %d,%d is %v, want %v, that of the frame at %d,%d", gx, gy, got, want, x, y)
			}
			if a := v.alpha; a.length > 0 && d.raw(gx, gy)>>a.offset&(1<<a.length-1) != 1<<a.length-1 {
				t.Fatalf("pixel %d,%d is not opaque", gx, gy)
			}
		}
	}
}

func abs(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }

// TestFormats shows pictures of every kind in every format, at every rotation, with a dither and
// without. What lies between rows stays as it is.
func TestFormats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range kinds {
		for turn := 0; turn < 360; turn += 90 {
			for i, name := range []string{"grey", "palette", "rgba", "other"} {
				d := newFake(k, 13, 7, 5*i)
				s, err := open(d, Options{Rotation: turn, Dither: i%2 == 0})
				if err != nil {
					t.Fatal(k.name, err)
				}
				want := image.Pt(13, 7)
				if turn%180 != 0 {
					want = image.Pt(7, 13)
				}
				if s.Size() != want {
					t.Fatalf("%s, turned by %d: frames are of %v", k.name, turn, s.Size())
				}
				for range 3 {
					frame := noise(name, s.Size(), r)
					if err := s.Show(frame); err != nil {
						t.Fatal(k.name, err)
					}
					check(t, d, frame, turn, s.opts.Dither)
				}
				for y := range 7 {
					gap := d.mem[y*int(d.fixed.stride):][13*int(k.bits)/8 : d.fixed.stride]
					if len(bytes.Trim(gap, string([]byte{0xa5}))) > 0 {
						t.Fatalf("%s: the gap after row %d was written to", k.name, y)
					}
				}
				if err := s.Close(); err != nil || !d.closed {
					t.Fatal(err, d.closed)
				}
				check(t, d, image.NewGray(image.Rectangle{Max: want}), turn, false)
			}
		}
	}
}

// TestPages shows frames on one page while the other is seen, writes only rows that differ, and
// leaves the driver as it was.
func TestPages(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, grows := range []bool{false, true} {
		d := newFake(kinds[0], 10, 6, 8)
		d.fixed.yPan, d.fixed.size, d.grows = 1, 2*d.fixed.size, grows
		d.mem = append(d.mem, d.mem...)
		if !grows {
			d.variable.virtualHeight *= 2
		}
		d.variable.y = 3 // somebody else's
		before := d.variable
		d.panned = func() { // nothing that was in memory by chance is seen
			if d.variable.y == 6 {
				check(t, d, image.NewGray(image.Rect(0, 0, 10, 6)), 0, false)
			}
		}
		s, err := open(d, Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.panned = nil
		if len(s.pages) != 2 {
			t.Fatalf("%v", s)
		}
		var first image.Image
		for n := range 5 {
			seen := d.variable.y
			frame := noise("grey", s.Size(), r)
			if n == 0 {
				first = frame
			}
			if err := s.Show(frame); err != nil {
				t.Fatal(err)
			}
			if d.variable.y == seen {
				t.Fatal("a frame was drawn where it is seen")
			}
			check(t, d, frame, 0, false)
		}
		for range 2 {
			if err := s.Show(first); err != nil {
				t.Fatal(err)
			}
		}
		written := s.Written()
		for range 3 {
			if err := s.Show(first); err != nil {
				t.Fatal(err)
			}
		}
		if s.Written() != written {
			t.Errorf("%d bytes for nothing new", s.Written()-written)
		}
		changed := first.(*image.Gray)
		changed.Pix[changed.PixOffset(changed.Rect.Min.X, changed.Rect.Min.Y+2)] ^= 255
		if err := s.Show(changed); err != nil || s.Written() != written+40 {
			t.Errorf("%d bytes for one pixel: %v", s.Written()-written, err)
		}
		check(t, d, changed, 0, false)
		d.variable.y = s.mode.y ^ 6 // somebody else moves the picture, and draws
		for i := range d.mem {
			d.mem[i] = 7
		}
		for range 2 {
			if err := s.Show(changed); err != nil {
				t.Fatal(err)
			}
			check(t, d, changed, 0, false)
		}
		if err := s.Close(); err != nil || d.variable != before {
			t.Errorf("it leaves %+v, was %+v: %v", d.variable, before, err)
		}
		check(t, d, image.NewGray(image.Rect(0, 0, 10, 6)), 0, false)
	}
	// A driver that says it can, and cannot
	d := newFake(kinds[0], 10, 6, 8)
	d.fixed.yPan, d.fixed.size, d.variable.virtualHeight, d.panFails = 1, 2*d.fixed.size, 12, errors.New("invalid argument")
	d.mem = append(d.mem, d.mem...)
	s, err := open(d, Options{})
	if err != nil || len(s.pages) != 1 {
		t.Fatal(err, s)
	}
	frame := noise("rgba", s.Size(), r)
	if err := s.Show(frame); err != nil {
		t.Fatal(err)
	}
	check(t, d, frame, 0, false)
}

// TestModeChanges: a screen of another size is shown frames of its size from the next one on.
func TestModeChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	d := newFake(kinds[0], 20, 10, 0)
	s, err := open(d, Options{Rotation: 90})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Show(noise("rgba", s.Size(), r)); err != nil {
		t.Fatal(err)
	}
	other := newFake(kinds[6], 16, 9, 6)
	d.fixed, d.variable, d.mem = other.fixed, other.variable, other.mem
	if err := s.Show(noise("rgba", s.Size(), r)); err != nil || s.Size() != image.Pt(9, 16) {
		t.Fatal(err, s.Size())
	}
	frame := noise("grey", s.Size(), r)
	if err := s.Show(frame); err != nil {
		t.Fatal(err)
	}
	check(t, d, frame, 90, false)
	d.variable.bits = 4
	if err := s.Show(frame); !errors.As(err, new(SetupError)) {
		t.Error(err)
	}
	d.fails = errors.New("no such device")
	if err := s.Show(frame); !errors.Is(err, d.fails) {
		t.Error(err)
	}
}

// TestFaultAnywhere: whatever request of the driver fails, or all from one on, is an error or makes
// no difference. The screen is released, and opened again shows the picture.
func TestFaultAnywhere(t *testing.T) {
	eio, r := errors.New("input/output error"), rand.New(rand.NewPCG(7, 8))
	size := image.Pt(10, 6)
	frames := []image.Image{noise("rgba", size, r), noise("grey", size, r), noise("palette", size, r)}
	show := func(d *fake) error {
		s, err := open(d, Options{})
		if err != nil {
			return err
		}
		for i := 0; i < len(frames) && err == nil; i++ {
			if err = s.Show(frames[i]); err == nil {
				check(t, d, frames[i], 0, false)
			}
		}
		s.Power(false)
		s.Power(true)
		return errors.Join(err, s.Close())
	}
	for _, pages := range []string{"one", "two", "two when asked for"} {
		for _, lasts := range []bool{false, true} {
			for at, met := 1, true; met; at++ {
				d, n := newFake(kinds[0], size.X, size.Y, 8), 0
				if pages != "one" {
					d.fixed.yPan, d.fixed.size, d.mem = 1, 2*d.fixed.size, append(d.mem, d.mem...)
				}
				if d.grows = pages == "two when asked for"; pages == "two" {
					d.variable.virtualHeight *= 2
				}
				d.asked = func() error {
					if n++; n == at || lasts && n > at {
						return eio
					}
					return nil
				}
				err := show(d)
				if err != nil && !errors.Is(err, eio) || !d.closed {
					t.Fatalf("%s, fault at request %d: %v, closed %t", pages, at, err, d.closed)
				}
				if met = n >= at; !met && at < 6 {
					t.Errorf("%s: only %d requests", pages, n)
				}
				d.asked = nil
				if err := show(d); err != nil {
					t.Fatalf("%s, after a fault at request %d: %v", pages, at, err)
				}
				check(t, d, image.NewGray(image.Rectangle{Max: size}), 0, false)
			}
		}
	}
}

// TestNoMoreMemory: a mode whose memory cannot be had is an error, and nothing is drawn where the
// last one's was. The mode after that is shown.
func TestNoMoreMemory(t *testing.T) {
	d := newFake(kinds[0], 10, 6, 8)
	s, err := open(d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	frame := image.NewGray(image.Rect(0, 0, 10, 6))
	mode := func(rows uint32) { d.variable.height, d.fixed.size = rows, rows*d.fixed.stride }
	mode(1000)
	for range 2 {
		if err := s.Show(frame); err == nil || errors.As(err, new(SetupError)) {
			t.Errorf("error %v", err)
		}
	}
	mode(5)
	if err := s.Show(frame); err != nil || s.Size() != image.Pt(10, 5) {
		t.Errorf("%v, frames of %v", err, s.Size())
	}
	mode(1000)
	if err := s.Show(frame); err == nil {
		t.Error("no error")
	}
	if err := s.Close(); err != nil || !d.closed {
		t.Error(err, d.closed)
	}
}

// TestLies: a driver whose sizes do not agree is refused before anything is mapped or allocated.
func TestLies(t *testing.T) {
	for name, lie := range map[string]func(d *fake){
		"no pixels":            func(d *fake) { d.variable.width = 0 },
		"no rows":              func(d *fake) { d.variable.height = 0 },
		"too wide":             func(d *fake) { d.variable.width, d.fixed.stride, d.fixed.size = 8193, 1<<17, 1<<31 },
		"too high":             func(d *fake) { d.variable.height, d.fixed.size = 1<<31, 1<<31 },
		"narrow rows":          func(d *fake) { d.fixed.stride-- },
		"no rows' width":       func(d *fake) { d.fixed.stride = 0 },
		"little memory":        func(d *fake) { d.fixed.size-- },
		"no memory":            func(d *fake) { d.fixed.size = 0 },
		"beyond the right":     func(d *fake) { d.variable.x = 1 },
		"far beyond the right": func(d *fake) { d.variable.x = 1<<32 - 1 },
		"beyond the last row":  func(d *fake) { d.variable.y = 1 },
		"far beyond the last":  func(d *fake) { d.variable.y = 1<<32 - 1 },
		"odd pixels":           func(d *fake) { d.variable.bits = 31 },
		"indices":              func(d *fake) { d.variable.bits, d.fixed.visual = 8, 3 },
		"one bit":              func(d *fake) { d.variable.bits, d.fixed.visual = 1, 0 },
		"planes":               func(d *fake) { d.fixed.kind = 1 },
		"a code of letters":    func(d *fake) { d.variable.grayscale = 0x34325258 },
		"not standard":         func(d *fake) { d.variable.nonstandard = 1 },
		"a colour outside":     func(d *fake) { d.variable.red.offset = 25 },
		"far outside":          func(d *fake) { d.variable.red = field{1<<32 - 1, 2, 0} },
		"colours overlap":      func(d *fake) { d.variable.green.offset = 9 },
		"no red":               func(d *fake) { d.variable.red.length = 0 },
		"a long colour":        func(d *fake) { d.variable.blue.length = 17 },
		"more than is counted": func(d *fake) {
			d.fixed.size, d.fixed.stride, d.variable.y = 1<<32-1, 1<<20, 2046
		},
		"bits the other way": func(d *fake) { d.variable.blue.msbRight = 1 },
	} {
		d := newFake(kinds[0], 16, 9, 0)
		lie(d)
		s, err := open(d, Options{})
		if !errors.As(err, new(SetupError)) || s != nil || !d.closed || d.mapped > 0 {
			t.Errorf("%s: %v, %v, closed %t, %d bytes mapped", name, s, err, d.closed, d.mapped)
		}
	}
	d := newFake(kinds[0], 16, 9, 0)
	d.mem = d.mem[:len(d.mem)-1]
	if _, err := open(d, Options{}); err == nil || !d.closed {
		t.Error("more memory than there is was mapped")
	}
	if _, err := open(newFake(kinds[0], 16, 9, 0), Options{Rotation: 45}); err == nil {
		t.Error("a rotation of 45 degrees")
	}
}

// TestAnyDriver: whatever a driver says is refused or shown within its memory.
func TestAnyDriver(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	accepted := 0
	for range 1500 {
		d := newFake(kinds[r.IntN(len(kinds))], 1+r.IntN(20), 1+r.IntN(20), r.IntN(9))
		if r.IntN(2) == 0 {
			d.fixed.yPan, d.variable.virtualHeight, d.grows = 1, d.variable.virtualHeight*uint32(r.IntN(4)), r.IntN(2) == 0
		}
		for range r.IntN(3) {
			words := unsafe.Slice((*uint32)(unsafe.Pointer(&d.variable)), unsafe.Sizeof(d.variable)/4)
			words[r.IntN(20)] = [...]uint32{0, 1, 2, 16, 32, 1 << 31, 1<<32 - 1, r.Uint32()}[r.IntN(8)]
		}
		if r.IntN(3) == 0 {
			d.fixed.size = uint32(r.IntN(2 * len(d.mem)))
		}
		s, err := open(d, Options{Rotation: 90 * r.IntN(4)})
		if err != nil {
			continue
		}
		accepted++
		if err := s.Show(noise("grey", s.Size(), r)); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if accepted < 250 {
		t.Errorf("only %d drivers were accepted", accepted)
	}
}

// TestStructures: the kernel's structures have the kernel's sizes.
func TestStructures(t *testing.T) {
	want := 80
	if unsafe.Sizeof(uintptr(0)) == 4 {
		want = 68
	}
	if n, v := unsafe.Sizeof(fixed{}), unsafe.Sizeof(variable{}); int(n) != want || v != 160 {
		t.Errorf("%d and %d bytes, want %d and 160", n, v, want)
	}
	if at := unsafe.Offsetof(variable{}.red); at != 32 {
		t.Error(at)
	}
}

func TestPath(t *testing.T) {
	got := map[string]string{}
	for _, v := range []string{"fb0", "/dev/fb1", "fb31", "fb", "fb123", "fbx", "fb-1", "/dev/fb0/..", "FB0", "hdmi"} {
		if path, ok := Path(v); ok {
			got[v] = path
		}
	}
	if want := map[string]string{"fb0": "/dev/fb0", "/dev/fb1": "/dev/fb1", "fb31": "/dev/fb31"}; !reflect.DeepEqual(got, want) {
		t.Error(fmt.Sprint(got))
	}
}

// TestAllocations: a frame allocates nothing.
func TestAllocations(t *testing.T) {
	d := newFake(kinds[6], 64, 48, 0)
	s, err := open(d, Options{Rotation: 270, Dither: true})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	frames := []image.Image{noise("rgba", s.Size(), r), noise("grey", s.Size(), r), noise("palette", s.Size(), r)}
	n := 0
	if a := testing.AllocsPerRun(30, func() {
		s.Show(frames[n%3])
		n++
	}); a > 0 {
		t.Errorf("%v allocations a frame", a)
	}
}
