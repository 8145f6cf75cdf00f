package panel_test

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/internal/gate"
)

var update = flag.Bool("update", false, "write the golden pictures")

var rotations = []int{0, 90, 180, 270}

// find returns the panel of that name.
func find(t testing.TB, name string) panel.Panel {
	t.Helper()
	p, ok := panel.Find(name)
	if !ok {
		t.Fatalf("no panel %s", name)
	}
	return p
}

// open opens the panel of a module with every pin connected.
func open(m *paneltest.Module, p panel.Panel, rotation int) (panel.Display, error) {
	return panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: p, Rotation: rotation, Reset: m.Reset(), Backlight: m.Light()})
}

// bubble runs a test in which sleeping takes no time.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func mustOpen(t testing.TB, m *paneltest.Module, p panel.Panel, rotation int) panel.Display {
	t.Helper()
	d, err := open(m, p, rotation)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustDraw(t testing.TB, d panel.Display, r image.Rectangle, src image.Image, at image.Point) {
	t.Helper()
	if err := d.Draw(r, src, at); err != nil {
		t.Fatal(err)
	}
}

// compare reports the first pixel in which the glass differs from the frame.
func compare(t testing.TB, m *paneltest.Module, rotation int, frame image.Image, model color.Model) {
	t.Helper()
	if f := m.Faults(); len(f) > 0 {
		t.Fatalf("the data sheet forbids: %s", strings.Join(f, "; "))
	}
	got := paneltest.Turned(m.Image(), rotation)
	if got.Rect != frame.Bounds() {
		t.Fatalf("the glass is %v, the frame %v", got.Rect, frame.Bounds())
	}
	if p := m.Panel(); p.Round { // there is no glass beside the circle
		masked := image.NewRGBA(frame.Bounds())
		draw.Draw(masked, masked.Rect, frame, frame.Bounds().Min, draw.Src)
		mask(masked)
		frame = masked
	}
	grey, _ := frame.(*image.Gray)
	rgba, _ := frame.(*image.RGBA)
	var greys [256]color.RGBA
	for v := range greys {
		greys[v] = color.RGBAModel.Convert(model.Convert(color.Gray{uint8(v)})).(color.RGBA)
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			var want color.RGBA
			switch {
			case grey != nil:
				want = greys[grey.GrayAt(x, y).Y]
			case rgba != nil:
				c := rgba.RGBAAt(x, y)
				want = color.RGBA{greys[c.R].R, greys[c.G].G, greys[c.B].B, 255}
			default:
				want = color.RGBAModel.Convert(model.Convert(frame.At(x, y))).(color.RGBA)
			}
			if got.RGBAAt(x, y) != want {
				t.Fatalf("pixel (%d,%d) is %v on the glass, want %v", x, y, got.RGBAAt(x, y), want)
			}
		}
	}
}

// mask makes a picture black around the circle within.
func mask(img *image.RGBA) {
	n := img.Rect.Dx()
	for y := range n {
		for x := range n {
			if dx, dy := 2*x+1-n, 2*y+1-n; dx*dx+dy*dy > n*n {
				img.SetRGBA(x, y, color.RGBA{A: 255})
			}
		}
	}
}

func wantLog(t *testing.T, m *paneltest.Module, want string) {
	t.Helper()
	got := strings.Join(m.TakeLog(), "\n")
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("on the wire:\n%s\nwant:\n%s", got, want)
	}
}

// chunks is the log of a 240x240 frame's pixels in transfers of 4,096 bytes.
func chunks(first string) string {
	return strings.Repeat(first+" ... 4096 bytes\n", 28) + first + " ... 512 bytes\n"
}

// TestWire lists every byte and level of a panel's life.
func TestWire(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		p := find(t, "st7789-240x240")
		m := paneltest.New(p)
		m.Log = true
		d := mustOpen(t, m, p, 90)
		wantLog(t, m, `
connect 62.500MHz Mode0 8
backlight Low
reset High
reset Low
reset High
dc Low
11
3a
dc High
55
dc Low
36
dc High
60
dc Low
21
13
2a
dc High
00 00 00 ef
dc Low
2b
dc High
00 00 00 ef
dc Low
2c
dc High
`+chunks("00 00 00 00")+`dc Low
29
backlight High`)

		// The edge of a rectangle, of which the last column is black already.
		src := image.NewGray(image.Rect(0, 0, 8, 1))
		for x := range 7 {
			src.Pix[x] = 255
		}
		mustDraw(t, d, image.Rect(-5, 7, 3, 8), src, image.Point{})
		wantLog(t, m, `
2a
dc High
00 00 00 01
dc Low
2b
dc High
00 07 00 07
dc Low
2c
dc High
ff ff ff ff`)

		// The same columns one row below: no CASET.
		mustDraw(t, d, image.Rect(-5, 8, 3, 9), src, image.Point{})
		wantLog(t, m, `
dc Low
2b
dc High
00 08 00 08
dc Low
2c
dc High
ff ff ff ff`)

		// Nothing new, and a change that RGB565 does not show.
		src.Pix[6] = 254
		mustDraw(t, d, image.Rect(-5, 8, 3, 9), src, image.Point{})
		mustDraw(t, d, image.Rect(240, 0, 300, 9), src, image.Point{})
		wantLog(t, m, "")

		if err := d.Halt(); err != nil {
			t.Fatal(err)
		}
		wantLog(t, m, `
backlight Low
dc Low
2a
dc High
00 00 00 ef
dc Low
2b
dc High
00 00 00 ef
dc Low
2c
dc High
`+chunks("00 00 00 00")+`dc Low
28
10`)
		if got := m.Image(); slices.ContainsFunc(got.Pix, func(v byte) bool { return v != 0 && v != 255 }) || m.Backlight() != 0 {
			t.Error("still lit after Halt")
		}

		// Drawing wakes it up again, and sends the frame whole: two frames, with the black one.
		before := m.Counters().Bytes
		mustDraw(t, d, image.Rect(0, 0, 1, 1), src, image.Point{})
		if got := m.Counters().Bytes - before; got < 2*240*240*2 {
			t.Errorf("%d bytes after Halt", got)
		}
		// Nothing is taken for granted, the level of the pin neither.
		if log := m.TakeLog(); log[0] != "backlight Low" || log[4] != "dc Low" {
			t.Errorf("after Halt, Draw begins with %q", log[:5])
		}
		want := image.NewGray(d.Bounds())
		draw.Draw(want, image.Rect(-5, 7, 3, 8), src, image.Point{}, draw.Src)
		draw.Draw(want, image.Rect(-5, 8, 3, 9), src, image.Point{}, draw.Src)
		want.SetGray(0, 0, color.Gray{255})
		compare(t, m, 90, want, d.ColorModel())
	})
}

// TestMode3: the first transfer, which turns the clock to its level, comes before the reset.
func TestMode3(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		m := paneltest.New(find(t, "st7789-240x240"))
		m.Log = true
		if _, err := panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: find(t, "st7789-240x240"), Mode: spi.Mode3, Reset: m.Reset()}); err != nil {
			t.Fatal(err)
		}
		if log := m.TakeLog(); strings.Join(log[1:8], "; ") != "dc Low; 00; reset High; reset Low; reset High; 11; 3a" {
			t.Errorf("began with %q", log[:8])
		}
	})
}

// TestLimits: a port may take odd or few bytes at a time; too few are an error that says what to
// do.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		panel string
		maxTx int
		ok    bool
	}{
		{"st7735-80x160", 1, false}, {"st7735-80x160", 15, false}, {"st7735-80x160", 16, true}, {"st7735-80x160", 17, true},
		{"st7735-80x160", 4095, true}, {"st7735-80x160", 4097, true},
		{"ssd1306-128x64", 3, false}, {"ssd1306-128x64", 15, false}, {"ssd1306-128x64", 17, true}, {"ssd1351-128x128", 17, true}, {"ili9488-320x480", 4096, true}, {"ssd1306-128x64", 4097, true},
	} {
		bubble(t, fmt.Sprintf("%s/%d", c.panel, c.maxTx), func(t *testing.T) {
			p := find(t, c.panel)
			m := paneltest.New(p)
			m.MaxTx = c.maxTx
			d, err := open(m, p, 90)
			if !c.ok {
				want := fmt.Sprintf("emulated takes %d bytes at a time, at least ", c.maxTx)
				if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "spidev.bufsiz=65536") {
					t.Errorf("error %v, want %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			img := image.NewGray(d.Bounds())
			for i := range img.Pix {
				img.Pix[i] = uint8(255 * (i * i >> 3 & 1))
			}
			mustDraw(t, d, d.Bounds(), img, image.Point{})
			compare(t, m, 90, img, d.ColorModel())
			if n := m.Counters().Longest; n > c.maxTx {
				t.Errorf("a transfer of %d bytes", n)
			}
		})
	}
}

// TestSoftwareReset: without a reset pin the controller is reset by command.
func TestSoftwareReset(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		for _, p := range panel.Panels {
			m := paneltest.New(p)
			m.Log = true
			d, err := panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: p, Clock: 8 * physic.MegaHertz, Mode: spi.Mode3})
			if err != nil {
				t.Fatal(err)
			}
			if f, mode := m.Connection(); f != 8*physic.MegaHertz || mode != spi.Mode3 || d.Clock() != f {
				t.Errorf("%s: connected at %v in %v", p.Name, f, mode)
			}
			if log := m.TakeLog(); p.Controller.Name[:2] != "SS" && !p.Dots() && strings.Join(log[1:4], "; ") != "dc Low; 00; 01" {
				t.Errorf("%s: began with %q", p.Name, log[:4])
			}
			compare(t, m, 0, image.NewGray(d.Bounds()), d.ColorModel())
		}
	})
}

// TestCards draws the test card on every panel in every rotation, and compares the glass with the
// card and with the golden picture.
func TestCards(t *testing.T) {
	for _, p := range panel.Panels {
		for _, rotation := range rotations {
			bubble(t, fmt.Sprintf("%s-%d", p.Name, rotation), func(t *testing.T) {
				m := paneltest.New(p)
				m.MaxTx = 65536
				d := mustOpen(t, m, p, rotation)
				card := image.NewRGBA(d.Bounds())
				p.TestCard(card)
				mustDraw(t, d, d.Bounds(), card, image.Point{})
				if !p.Dots() {
					compare(t, m, rotation, card, d.ColorModel())
				}
				golden(t, fmt.Sprintf("%s-%d.png", p.Name, rotation), m.Image())
				if m.Backlight() != gpio.DutyMax {
					t.Error("the backlight is off")
				}
			})
		}
	}
}

// TestI2C draws the test card on panels of one bit over I2C, which show what they do over SPI, and
// a little change, which costs little.
func TestI2C(t *testing.T) {
	for _, p := range panel.Panels {
		if !p.Dots() {
			continue
		}
		for _, rotation := range rotations {
			bubble(t, fmt.Sprintf("%s-%d", p.Name, rotation), func(t *testing.T) {
				m := paneltest.New(p)
				d, err := panel.OpenI2C(m.I2C(paneltest.I2CAddress, 400*physic.KiloHertz), &panel.Opts{Panel: p, Rotation: rotation, Clock: 400 * physic.KiloHertz})
				if err != nil {
					t.Fatal(err)
				}
				card := image.NewRGBA(d.Bounds())
				p.TestCard(card)
				mustDraw(t, d, d.Bounds(), card, image.Point{})
				golden(t, fmt.Sprintf("%s-%d.png", p.Name, rotation), m.Image())
				before := m.Counters().Bytes
				mustDraw(t, d, image.Rect(0, 0, 1, 1), image.Black, image.Point{})
				if sent := m.Counters().Bytes - before; sent != 1+4+1+2 {
					t.Errorf("%d bytes for a dot", sent)
				}
				if c := m.Counters(); d.Sent() != (panel.Traffic{Bytes: int64(c.Bytes), Transactions: int64(c.Transactions)}) {
					t.Errorf("Sent is %+v, was %+v", d.Sent(), c)
				}
				if err := d.Halt(); err != nil {
					t.Error(err)
				}
				if f := m.Faults(); len(f) > 0 || slices.ContainsFunc(m.Image().Pix, func(v byte) bool { return v != 0 && v != 255 }) {
					t.Errorf("faults %q", f)
				}
			})
		}
	}
	p := find(t, "st7789-240x240")
	if _, err := panel.OpenI2C(paneltest.New(p).I2C(paneltest.I2CAddress, physic.MegaHertz), &panel.Opts{Panel: p}); err == nil || !strings.Contains(err.Error(), "the ST7789 is not for I2C") {
		t.Errorf("error %v", err)
	}
	p = find(t, "ssd1306-128x64")
	if _, err := panel.OpenI2C(paneltest.New(p).I2C(0x3d, physic.MegaHertz), &panel.Opts{Panel: p}); !errors.Is(err, paneltest.ErrNoAnswer) {
		t.Errorf("error %v", err)
	}
}

// golden compares a picture with the one of that name in testdata.
func golden(t *testing.T, name string, got *image.RGBA) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		e := png.Encoder{CompressionLevel: png.BestCompression}
		if err := errors.Join(e.Encode(f, got), f.Close()); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	want := image.NewRGBA(img.Bounds())
	draw.Draw(want, want.Rect, img, image.Point{}, draw.Src)
	if got.Rect != want.Rect || !slices.Equal(got.Pix, want.Pix) {
		t.Errorf("the glass differs from %s; with -update it is written anew", name)
	}
}

// picture returns a random image of a random kind.
func picture(r *rand.Rand, bounds image.Rectangle) image.Image {
	var pix []uint8
	var img image.Image
	switch r.IntN(6) {
	case 0:
		g := image.NewGray(bounds)
		pix, img = g.Pix, g
	case 1:
		c := image.NewRGBA(bounds)
		pix, img = c.Pix, c
	case 2:
		c := image.NewNRGBA(bounds)
		pix, img = c.Pix, c
	case 3:
		c := image.NewPaletted(bounds, nil)
		for range 200 {
			c.Palette = append(c.Palette, color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
		}
		for i := range c.Pix {
			c.Pix[i] = uint8(r.IntN(200))
		}
		return c
	case 4:
		return image.NewUniform(color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
	case 5: // no fast way
		return opaque{image.NewUniform(color.RGBA{uint8(r.Uint32()), 9, 200, 255})}
	}
	for i := range pix {
		pix[i] = uint8(r.Uint32())
	}
	if _, grey := img.(*image.Gray); !grey {
		for i := 3; i < len(pix); i += 4 {
			pix[i] = 255
		}
	}
	return img
}

// opaque hides all of an image but its interface.
type opaque struct{ image.Image }

// TestRandom draws random pictures on random rectangles, and looks at the glass after each.
func TestRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for n, p := range panel.Panels {
		if p.Dots() || n%gate.Step(3) != 0 {
			continue
		}
		for i, rotation := range rotations {
			limits := []int{4096, 65536, 1 << 30, 0}
			if p.Name == "st7735-80x160" {
				limits = append(limits, 17, 4095)
			} else {
				limits = limits[i:][:1] // every limit in some rotation
			}
			for j, maxTx := range limits {
				bubble(t, fmt.Sprintf("%s/%d degrees/%d bytes", p.Name, rotation, maxTx), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
					m := paneltest.New(p)
					m.MaxTx = maxTx
					d := mustOpen(t, m, p, rotation)
					want := image.NewRGBA(d.Bounds())
					draw.Draw(want, want.Rect, image.Black, image.Point{}, draw.Src)
					full := p.FrameBytes() + 11
					for range 5 {
						src := picture(r, image.Rect(-3, 4, 250, 260))
						to := image.Rect(r.IntN(300)-40, r.IntN(300)-40, r.IntN(300), r.IntN(300))
						at := image.Pt(r.IntN(60)-10, r.IntN(60)-10)
						draw.Draw(want, to, src, at, draw.Over)
						before := m.Counters().Bytes
						mustDraw(t, d, to, src, at)
						compare(t, m, rotation, want, d.ColorModel())
						if sent := m.Counters().Bytes - before; sent > full {
							t.Errorf("%d bytes, a full frame is %d", sent, full)
						}
					}
					if c := m.Counters(); d.Sent() != (panel.Traffic{Bytes: int64(c.Bytes), Transactions: int64(c.Transactions)}) {
						t.Errorf("Sent is %+v, was %+v", d.Sent(), c)
					}
					limit := maxTx
					if limit == 0 {
						limit = 4096
					}
					limit -= limit % (p.FrameBytes() / (p.Size.X * p.Size.Y))
					if c := m.Counters(); c.Longest != min(limit, full-11) {
						t.Errorf("the longest transfer was %d bytes, want %d", c.Longest, min(limit, full-11))
					}
				})
			}
		}
	}
}

// TestUpdates prepares and sends in any order, leaves frames out and lets some fail: what is sent
// last is on the glass.
func TestUpdates(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, name := range []string{"st7789-170x320", "ili9341-240x320", "st7735-80x160", "ssd1351-128x96"} {
		bubble(t, name, func(t *testing.T) {
			p := find(t, name)
			m := paneltest.New(p)
			m.MaxTx = 4096
			d := mustOpen(t, m, p, 270)
			r := rand.New(rand.NewPCG(3, 4))
			frame := image.NewGray(d.Bounds())
			type prepared struct {
				*panel.Update
				frame image.Gray
			}
			var held []prepared
			for step := range 400 / gate.Step(4) {
				if len(held) < 2 && r.IntN(2) == 0 {
					for range r.IntN(3000) {
						frame.Pix[r.IntN(len(frame.Pix))] = uint8(r.Uint32())
					}
					u := d.Prepare(frame)
					held = append(held, prepared{u, image.Gray{Pix: slices.Clone(frame.Pix), Stride: frame.Stride, Rect: frame.Rect}})
					continue
				}
				if len(held) == 0 {
					continue
				}
				i := r.IntN(len(held))
				u := held[i]
				held = slices.Delete(held, i, i+1)
				switch r.IntN(6) {
				case 0:
					d.Discard(u.Update)
					continue
				case 1:
					m.FailAt(1 + r.IntN(40))
				case 2:
					if err := d.Restart(); err != nil {
						t.Fatal(err)
					}
				}
				err := d.Send(u.Update)
				m.FailAt(0)
				if err != nil {
					if !errors.Is(err, paneltest.ErrInjected) {
						t.Fatalf("step %d: %v", step, err)
					}
					continue
				}
				compare(t, m, 270, &u.frame, d.ColorModel())
				if err := d.Send(u.Update); err == nil {
					t.Fatal("an update was sent twice")
				}
			}
		})
	}
}

// TestForeign: a display sends nothing but its own.
func TestForeign(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		p := find(t, "st7735-128x128")
		m := paneltest.New(p)
		a, b := mustOpen(t, m, p, 0), mustOpen(t, paneltest.New(p), p, 0)
		u := b.Prepare(image.NewGray(a.Bounds()))
		if err := a.Send(u); err == nil {
			t.Error("a sent what b had prepared")
		}
		a.Discard(u)
		if err := b.Send(u); err != nil {
			t.Error(err)
		}
		if err := a.Send(nil); err == nil {
			t.Error("nil was sent")
		}
	})
}

// TestErrors lets every single event of a panel's life fail, and what is drawn thereafter be right
// nevertheless.
func TestErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, name := range []string{"st7789-135x240", "ili9341-240x320", "st7735-80x160", "ssd1351-128x128", "ssd1306-128x64", "sh1106-128x64"} {
		p := find(t, name)
		step := gate.Step(2)
		if p.Size.X*p.Size.Y > 128*128 {
			step = gate.Step(9)
		}
		bubble(t, p.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, 6))
			frames := [3]*image.Gray{}
			for i := range frames {
				frames[i] = image.NewGray(image.Rectangle{Max: p.Size})
				for range 20 {
					frames[i].Pix[r.IntN(len(frames[i].Pix))] = 255
				}
			}
			// live is a panel's life. It returns the display, if there is one, and what failed.
			live := func(m *paneltest.Module) (d panel.Display, err error) {
				if d, err = open(m, p, 0); err != nil {
					return nil, err
				}
				return d, errors.Join(d.Draw(d.Bounds(), frames[0], image.Point{}), d.Draw(d.Bounds(), frames[1], image.Point{}), d.Halt())
			}
			newModule := func() *paneltest.Module {
				m := paneltest.New(p)
				m.MaxTx = 65536
				return m
			}
			good := newModule()
			if _, err := live(good); err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= good.Events(); n += step {
				m := newModule()
				m.FailAt(n)
				d, err := live(m)
				if !errors.Is(err, paneltest.ErrInjected) || !strings.HasPrefix(err.Error(), "panel: "+p.Name+": ") {
					t.Fatalf("event %d fails: error %v", n, err)
				}
				if d == nil {
					continue
				}
				mustDraw(t, d, d.Bounds(), frames[2], image.Point{})
				compare(t, m, 0, frames[2], d.ColorModel())
				if m.Backlight() != gpio.DutyMax {
					t.Fatalf("event %d fails: the backlight stays off", n)
				}
			}
		})
	}
}

// TestHaltTries: Halt switches the backlight off and the panel to sleep although pixels cannot be
// sent any more.
func TestHaltTries(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		p := find(t, "st7789-240x240")
		m := paneltest.New(p)
		m.Log = true
		d := mustOpen(t, m, p, 0)
		m.TakeLog()
		m.FailAt(3)
		err := d.Halt()
		if want := "panel: st7789-240x240: RAMWR: injected fault"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		wantLog(t, m, "backlight Low\n2c\ndc Low\n28\n10")
		m.Unplug()
		if err, want := d.Halt(), "panel: st7789-240x240: backlight pin: unplugged"; err == nil || err.Error() != want {
			t.Errorf("unplugged: error %v, want %s", err, want)
		}
	})
}

// TestReplug takes the module away and back.
func TestReplug(t *testing.T) {
	for _, p := range panel.Panels {
		bubble(t, p.Name, func(t *testing.T) {
			m := paneltest.New(p)
			d := mustOpen(t, m, p, 90)
			a, b := image.NewGray(d.Bounds()), image.NewGray(d.Bounds())
			a.Pix[7], b.Pix[len(b.Pix)-3] = 255, 255
			mustDraw(t, d, d.Bounds(), a, image.Point{})
			m.Unplug()
			for range 3 {
				if err := d.Send(d.Prepare(b)); !errors.Is(err, paneltest.ErrUnplugged) {
					t.Fatalf("unplugged: error %v", err)
				}
			}
			m.Replug()
			mustDraw(t, d, d.Bounds(), b, image.Point{})
			compare(t, m, 90, b, d.ColorModel())
			// Unnoticed, as it is with a real one.
			m.Unplug()
			m.Replug()
			if err := d.Restart(); err != nil {
				t.Fatal(err)
			}
			compare(t, m, 90, image.NewGray(d.Bounds()), d.ColorModel())
			mustDraw(t, d, d.Bounds(), b, image.Point{})
			compare(t, m, 90, b, d.ColorModel())
		})
	}
}

// TestSettings: settings that are wrong show on the emulated glass, so the other tests would tell.
func TestSettings(t *testing.T) {
	for name, change := range map[string]func(p *panel.Panel){
		"offset": func(p *panel.Panel) { p.Offset.X-- },
		"order":  func(p *panel.Panel) { p.BGR = !p.BGR },
		"invert": func(p *panel.Panel) { p.Invert = !p.Invert },
		"mirror": func(p *panel.Panel) { p.Mirror = !p.Mirror },
		// The offset of a turned picture depends on it
		"memory": func(p *panel.Panel) { p.Memory.X-- },
	} {
		bubble(t, name, func(t *testing.T) {
			p := find(t, "st7735-80x160")
			m, wrong := paneltest.New(p), p
			change(&wrong)
			d := mustOpen(t, m, wrong, 180)
			card := image.NewRGBA(d.Bounds())
			panel.TestCard(card)
			mustDraw(t, d, d.Bounds(), card, image.Point{})
			right := paneltest.New(p)
			mustDraw(t, mustOpen(t, right, p, 180), card.Rect, card, image.Point{})
			if slices.Equal(m.Image().Pix, right.Image().Pix) {
				t.Error("the glass shows the card as it should")
			}
		})
	}
}

func TestBrightness(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		p := find(t, "st7735-128x160")
		m := paneltest.New(p)
		m.PWM = true
		d, err := panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: p, Backlight: m.Light(), Brightness: 25})
		if err != nil {
			t.Fatal(err)
		}
		want := func(percent int) {
			t.Helper()
			if got := m.Backlight(); got != gpio.DutyMax*gpio.Duty(percent)/100 {
				t.Errorf("the backlight is at %v, want %d percent", got, percent)
			}
		}
		want(25)
		if err := d.Halt(); err != nil {
			t.Error(err)
		}
		want(0) // until it is drawn on
		if err := d.Restart(); err != nil {
			t.Error(err)
		}
		want(25)

		m = paneltest.New(p)
		_, err = panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: p, Backlight: m.Light(), Brightness: 50})
		if err == nil || !strings.Contains(err.Error(), "backlight pin backlight cannot be at 50 percent, only on or off") {
			t.Errorf("without pulse width modulation: error %v", err)
		}
	})
}

func TestInvalid(t *testing.T) {
	p := panel.Panels[0]
	m := paneltest.New(p)
	far := p
	far.Offset.X = 1
	for _, c := range []struct {
		dc   gpio.PinOut
		opts panel.Opts
		want string
	}{
		{m.DC(), panel.Opts{}, `panel: "": size (0,0) at (0,0) does not lie within a memory of (0,0)`},
		{m.DC(), panel.Opts{Panel: far}, `panel: "st7789-240x240": size (240,240) at (1,0) does not lie within a memory of (240,320)`},
		{m.DC(), panel.Opts{Panel: p, Rotation: 45}, "panel: st7789-240x240: invalid rotation 45: it is 0, 90, 180 or 270"},
		{m.DC(), panel.Opts{Panel: p, Rotation: -90}, "panel: st7789-240x240: invalid rotation -90: it is 0, 90, 180 or 270"},
		{m.DC(), panel.Opts{Panel: p, Mode: spi.Mode1}, "panel: st7789-240x240: invalid SPI mode Mode1: it is 0, or 3 for modules without a chip select line"},
		{m.DC(), panel.Opts{Panel: p, Brightness: -1}, "panel: st7789-240x240: invalid brightness -1: it is 1 to 100 percent"},
		{nil, panel.Opts{Panel: p}, "panel: st7789-240x240: no data/command pin: three-wire SPI is not supported"},
	} {
		if _, err := panel.Open(m.Port(), c.dc, &c.opts); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	if _, err := panel.NewSPI(m.Port(), m.DC(), &panel.Opts{Panel: find(t, "ssd1306-128x64")}); err == nil {
		t.Error("NewSPI takes an SSD1306")
	}
	if m.Events() > 0 {
		t.Errorf("%d events", m.Events())
	}
}

func TestAllocatesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := panel.Panels[0]
		m := paneltest.New(p)
		d := mustOpen(t, m, p, 0)
		pal := image.NewPaletted(d.Bounds(), color.Palette{color.Black, color.White, color.RGBA{1, 2, 3, 255}})
		for _, frame := range []image.Image{image.NewGray(d.Bounds()), image.NewRGBA(d.Bounds()), image.NewNRGBA(d.Bounds()), pal} {
			v := uint8(0)
			n := testing.AllocsPerRun(5, func() {
				v++
				switch f := frame.(type) {
				case *image.Gray:
					f.Pix[int(v)*100] = v * 40
				case *image.RGBA:
					f.Pix[int(v)*1000] = v * 40
				case *image.Paletted:
					f.Pix[int(v)*100] = v % 3
				}
				if err := d.Send(d.Prepare(frame)); err != nil {
					t.Error(err)
				}
			})
			if n != 0 {
				t.Errorf("%T: %v allocations a frame", frame, n)
			}
		}
	})
}

// TestMonoPrepare: a frame whose dots are those of the one before is empty, so that nobody hurries
// to draw it again, and none allocates.
func TestMonoPrepare(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		p := find(t, "ssd1306-128x64")
		d := mustOpen(t, paneltest.New(p), p, 0)
		pal := image.NewPaletted(d.Bounds(), color.Palette{color.Black, color.White})
		grey := image.NewGray(d.Bounds())
		for _, c := range []struct {
			frame  image.Image
			change func()
		}{
			{grey, func() { grey.Pix[5] ^= 255 }},
			{pal, func() { pal.Pix[9] ^= 1 }},
		} {
			for _, changed := range []bool{true, false} {
				if changed {
					c.change()
				}
				if u := d.Prepare(c.frame); u.Empty() == changed {
					t.Errorf("%T, changed: %t: empty is %t", c.frame, changed, u.Empty())
				} else if err := d.Send(u); err != nil {
					t.Fatal(err)
				}
			}
			if n := testing.AllocsPerRun(10, func() { d.Discard(d.Prepare(c.frame)) }); n != 0 {
				t.Errorf("%T: %v allocations a frame", c.frame, n)
			}
		}
	})
}

func TestTables(t *testing.T) {
	for _, p := range panel.Panels {
		got, ok := panel.Find(p.Name)
		if board := got.Wiring(); !ok || got.Name != p.Name || board.Panel != p.Name || board.DC == "" || board.Text == "" {
			t.Errorf("Find(%q) = %+v, %t, wired as %+v", p.Name, got, ok, board)
		}
	}
	for _, b := range panel.Boards {
		if _, ok := panel.Find(b.Panel); !ok || (b.DC == "" || b.Clock == 0) != (b.I2C != 0) || b.Rotation%90 != 0 {
			t.Errorf("board %+v", b)
		}
		used := []string{b.DC, b.Reset, b.Backlight, "GPIO10", "GPIO11", fmt.Sprintf("GPIO%d", 8-b.ChipSelect)}
		if b.I2C != 0 {
			used = []string{"GPIO2", "GPIO3"}
		}
		for _, k := range b.Keys {
			if slices.Contains(used, k.Pin) {
				t.Errorf("board %s: pin %s has two uses", b.Name, k.Pin)
			}
			used = append(used, k.Pin)
		}
		if got, ok := panel.FindBoard(b.Name); !ok || got.Name != b.Name {
			t.Errorf("FindBoard(%q) = %v, %t", b.Name, got, ok)
		}
	}
	if _, ok := panel.FindBoard("crt"); ok {
		t.Error("FindBoard finds a board that is not there")
	}
	if _, ok := panel.Find("vt100"); ok {
		t.Error("Find finds a panel that is not there")
	}
	var b strings.Builder
	if err := panel.List(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ili9341-240x320", "adafruit-bonnet-1.3", "up=17", "pins, clock, rotation"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the list lacks %q:\n%s", want, b.String())
		}
	}
}
