package panel

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A wire is a port, the pins beside it and the clock, which share one log, so that their order is known.
type wire struct {
	log     []string
	maxTx   int
	clock   physic.Frequency
	mode    spi.Mode
	failAt  int // which event fails, counted from 1
	events  int
	glass   *glass
	dc      gpio.Level
	quiet   bool // keeps no log
	biggest int  // transfer
}

var errWire = errors.New("wire cut")

func (w *wire) event(format string, args ...any) error {
	w.events++
	if w.events == w.failAt {
		return errWire
	}
	if !w.quiet {
		w.log = append(w.log, fmt.Sprintf(format, args...))
	}
	return nil
}

func (w *wire) String() string { return "wire" }

func (w *wire) Connect(f physic.Frequency, m spi.Mode, bits int) (spi.Conn, error) {
	w.clock, w.mode = f, m
	return w, w.event("connect %v %v %d", f, m, bits)
}

func (w *wire) Tx(b, r []byte) error {
	if len(b) == 0 || r != nil {
		return errors.New("a write of at least one byte was expected")
	}
	w.biggest = max(w.biggest, len(b))
	if w.glass != nil {
		w.glass.tx(w.dc, b)
	}
	if w.quiet {
		return w.event("")
	}
	s := fmt.Sprintf("% x", b)
	if len(b) > 8 {
		s = fmt.Sprintf("% x ... %d bytes", b[:4], len(b))
	}
	return w.event("%s", s)
}

func (w *wire) TxPackets([]spi.Packet) error { return errors.New("not expected") }
func (w *wire) Duplex() conn.Duplex          { return conn.Full }
func (w *wire) MaxTxSize() int               { return w.maxTx }

func (w *wire) sleep(d time.Duration) { w.event("sleep %v", d) }

// A wirePin is one of the pins beside the wire.
type wirePin struct {
	gpio.PinOut // nil: only Out is used
	name        string
	wire        *wire
}

func (w *wire) pin(name string) gpio.PinOut { return &wirePin{name: name, wire: w} }

func (p *wirePin) Out(l gpio.Level) error {
	if p.name == "dc" {
		p.wire.dc = l
	}
	if p.wire.quiet {
		return p.wire.event("")
	}
	return p.wire.event("%s %v", p.name, l)
}

// open initialises the panel on w with every pin connected.
func open(w *wire, rotation int) (*Dev, error) {
	return newSPI(w, w.pin("dc"), &Opts{
		Panel: Panels[0], Rotation: rotation, Reset: w.pin("reset"), Backlight: w.pin("backlight"),
	}, w.sleep)
}

func wantLog(t *testing.T, w *wire, want string) {
	t.Helper()
	got := strings.Join(w.log, "\n")
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("on the wire:\n%s\nwant:\n%s", got, want)
	}
	w.log = nil
}

// fullChunks is the log of a frame's pixels in transfers of 4,096 bytes.
func fullChunks(first string) string {
	return strings.Repeat(first+" ... 4096 bytes\n", 28) + first + " ... 512 bytes\n"
}

func TestWire(t *testing.T) {
	w := &wire{maxTx: 4096}
	d, err := open(w, 90)
	if err != nil {
		t.Fatal(err)
	}
	wantLog(t, w, `
connect 62.500MHz Mode0 8
backlight Low
reset High
sleep 10ms
reset Low
sleep 10ms
reset High
sleep 10ms
sleep 150ms
dc Low
11
sleep 120ms
dc Low
3a
dc High
55
dc Low
36
dc High
60
dc Low
21
dc Low
13
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
`+fullChunks("00 00 00 00")+`dc Low
29
backlight High`)

	white := image.NewUniform(color.White)
	if err := d.Draw(image.Rect(-5, 7, 3, 8), white, image.Point{}); err != nil {
		t.Fatal(err)
	}
	wantLog(t, w, `
dc Low
2a
dc High
00 00 00 02
dc Low
2b
dc High
00 07 00 07
dc Low
2c
dc High
ff ff ff ff ff ff`)

	if err := d.Halt(); err != nil {
		t.Fatal(err)
	}
	wantLog(t, w, `
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
`+fullChunks("00 00 00 00")+`dc Low
28
dc Low
10
sleep 5ms`)

	// Drawing wakes it up again.
	if err := d.Draw(image.Rect(0, 0, 1, 1), white, image.Point{}); err != nil {
		t.Fatal(err)
	}
	if w.log[0] != "backlight Low" || w.log[len(w.log)-1] != "ff ff" {
		t.Errorf("after Halt, Draw begins with %q and ends with %q", w.log[0], w.log[len(w.log)-1])
	}
}

// TestSoftwareReset: without a reset pin the controller is reset by command, with one it is not.
func TestSoftwareReset(t *testing.T) {
	w := &wire{maxTx: 4096}
	if _, err := newSPI(w, w.pin("dc"), &Opts{Panel: Panels[0], Clock: 8 * physic.MegaHertz, Mode: spi.Mode3}, w.sleep); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(w.log[:6], "; ")
	if want := "connect 8MHz Mode3 8; dc Low; 01; sleep 150ms; dc Low; 11"; got != want {
		t.Errorf("began with %q, want %q", got, want)
	}
}

// A glass is an ST7789 with its memory, as the datasheet describes it, and the glass in front of rows 0 to 239.
type glass struct {
	memory    [320][240]RGB565
	cmd       byte
	params    []byte
	madctl    byte
	window    image.Rectangle
	next      image.Point
	high      []byte // the first byte of a pixel
	on, awake bool
	overrun   bool // a pixel beyond the window's last, or outside the memory
	inversion bool
}

func (g *glass) tx(dc gpio.Level, b []byte) {
	for _, v := range b {
		if dc == gpio.Low {
			g.cmd, g.params, g.high = v, nil, nil
			switch command(v) {
			case cmdRAMWR:
				g.next = g.window.Min
			case cmdDISPON, cmdDISPOFF:
				g.on = command(v) == cmdDISPON
			case cmdSLPOUT, cmdSLPIN:
				g.awake = command(v) == cmdSLPOUT
			case cmdINVON, cmdINVOFF:
				g.inversion = command(v) == cmdINVON
			}
			continue
		}
		if command(g.cmd) == cmdRAMWR {
			if g.high = append(g.high, v); len(g.high) == 2 {
				g.write(RGB565(g.high[0])<<8 | RGB565(g.high[1]))
				g.high = g.high[:0]
			}
			continue
		}
		g.params = append(g.params, v)
		if command(g.cmd) == cmdMADCTL {
			g.madctl = v
		}
		if len(g.params) == 4 {
			from, to := int(g.params[0])<<8|int(g.params[1]), int(g.params[2])<<8|int(g.params[3])+1
			switch command(g.cmd) {
			case cmdCASET:
				g.window.Min.X, g.window.Max.X = from, to
			case cmdRASET:
				g.window.Min.Y, g.window.Max.Y = from, to
			}
		}
	}
}

func (g *glass) write(c RGB565) {
	col, row := g.next.X, g.next.Y
	if g.madctl&madctlMV != 0 {
		col, row = row, col
	}
	if g.madctl&madctlMX != 0 {
		col = 239 - col
	}
	if g.madctl&madctlMY != 0 {
		row = 319 - row
	}
	if !g.next.In(g.window) || col < 0 || col > 239 || row < 0 || row > 319 {
		g.overrun = true
		return
	}
	g.memory[row][col] = c
	if g.next.X++; g.next.X == g.window.Max.X {
		g.next = image.Pt(g.window.Min.X, g.next.Y+1)
	}
}

// TestGlass draws whole frames and rectangles in every rotation and looks at the glass.
func TestGlass(t *testing.T) {
	for _, rotation := range []int{0, 90, 180, 270} {
		for _, maxTx := range []int{0, 4, 7, 4095, 4096, 65536, 1 << 30} {
			t.Run(fmt.Sprintf("%d degrees/%d bytes", rotation, maxTx), func(t *testing.T) {
				w := &wire{maxTx: maxTx, glass: &glass{}, quiet: true}
				d, err := open(w, rotation)
				if err != nil {
					t.Fatal(err)
				}
				frame := image.NewRGBA(d.Bounds())
				for i := range frame.Pix {
					frame.Pix[i] = uint8(i * i >> 7)
					if i%4 == 3 {
						frame.Pix[i] = 255
					}
				}
				if err := d.Draw(d.Bounds(), frame, image.Point{}); err != nil {
					t.Fatal(err)
				}
				compare(t, w.glass, frame, rotation)
				// A rectangle that hangs over the edge, of an image that does not begin at the origin.
				patch := image.NewGray(image.Rect(3, 4, 60, 50))
				for i := range patch.Pix {
					patch.Pix[i] = uint8(i * 7)
				}
				to := image.Rect(200, 210, 300, 310)
				draw.Draw(frame, to, patch, image.Pt(10, 12), draw.Src)
				if err := d.Draw(to, patch, image.Pt(10, 12)); err != nil {
					t.Fatal(err)
				}
				if err := d.Draw(image.Rect(240, 0, 250, 10), patch, image.Pt(10, 12)); err != nil {
					t.Fatal(err)
				}
				compare(t, w.glass, frame, rotation)
				limit := maxTx &^ 1
				if limit == 0 {
					limit = defaultMaxTx
				}
				if want := min(limit, len(d.buf)); w.biggest != want {
					t.Errorf("the longest transfer was %d bytes, want %d", w.biggest, want)
				}
				if g := w.glass; !g.on || !g.awake || !g.inversion || g.overrun {
					t.Errorf("on %t, awake %t, inversion %t, overrun %t", g.on, g.awake, g.inversion, g.overrun)
				}
				if err := d.Halt(); err != nil {
					t.Fatal(err)
				}
				if w.glass.on || w.glass.awake {
					t.Error("still on after Halt")
				}
				compare(t, w.glass, image.NewGray(d.Bounds()), rotation)
			})
		}
	}
}

// compare reports where the glass, turned back by the rotation, differs from the frame.
func compare(t *testing.T, g *glass, frame image.Image, rotation int) {
	t.Helper()
	for y := range 240 {
		for x := range 240 {
			// Where the frame's pixel is on a glass that was turned clockwise with the picture.
			p := image.Pt(x, y)
			for range rotation / 90 {
				p = image.Pt(239-p.Y, p.X)
			}
			if got, want := g.memory[p.Y][p.X], RGB565Model.Convert(frame.At(x, y)); got != want {
				t.Fatalf("pixel (%d,%d) is %04x on the glass, want %04x", x, y, got, want)
			}
		}
	}
}

// TestErrors lets every single event of a device's life fail.
func TestErrors(t *testing.T) {
	frame := image.NewGray(image.Rect(0, 0, 240, 240))
	live := func(w *wire) error {
		d, err := open(w, 0)
		if err != nil {
			return err
		}
		return errors.Join(d.Draw(d.Bounds(), frame, image.Point{}), d.Halt())
	}
	good := &wire{maxTx: 65536}
	if err := live(good); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= good.events; n++ {
		w := &wire{maxTx: 65536, failAt: n}
		err := live(w)
		if strings.HasPrefix(good.log[n-1], "sleep") {
			continue
		}
		if !errors.Is(err, errWire) || !strings.HasPrefix(err.Error(), "panel: st7789-240x240: ") {
			t.Errorf("event %d (%s) fails: error %v", n, good.log[n-1], err)
		}
	}
	// Halt switches the backlight off and the panel to sleep although pixels cannot be sent any more.
	w := &wire{maxTx: 65536}
	d, err := open(w, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.log, w.failAt = nil, w.events+4
	if err := d.Halt(); !errors.Is(err, errWire) {
		t.Errorf("Halt: error %v", err)
	}
	wantLog(t, w, `
backlight Low
dc Low
2a
dc Low
28
dc Low
10
sleep 5ms`)
}

func TestInvalid(t *testing.T) {
	w := &wire{}
	for _, c := range []struct {
		dc   gpio.PinOut
		opts Opts
		want string
	}{
		{w.pin("dc"), Opts{}, `panel: "": invalid size (0,0)`},
		{w.pin("dc"), Opts{Panel: Panels[0], Rotation: 45}, "panel: st7789-240x240: invalid rotation 45: it is 0, 90, 180 or 270"},
		{w.pin("dc"), Opts{Panel: Panels[0], Rotation: -90}, "panel: st7789-240x240: invalid rotation -90: it is 0, 90, 180 or 270"},
		{nil, Opts{Panel: Panels[0]}, "panel: st7789-240x240: no data/command pin: three-wire SPI is not supported"},
	} {
		if _, err := NewSPI(w, c.dc, &c.opts); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	if len(w.log) > 0 {
		t.Errorf("%q on the wire", w.log)
	}
}

func TestDrawAllocatesNothing(t *testing.T) {
	w := &wire{maxTx: 4096, quiet: true}
	d, err := open(w, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range []image.Image{image.NewGray(d.Bounds()), image.NewRGBA(d.Bounds())} {
		n := testing.AllocsPerRun(5, func() {
			if err := d.Draw(d.Bounds(), frame, image.Point{}); err != nil {
				t.Error(err)
			}
		})
		if n != 0 {
			t.Errorf("%T: %v allocations a frame", frame, n)
		}
	}
}

func TestTables(t *testing.T) {
	for _, p := range Panels {
		got, board, ok := Lookup(p.Name)
		if !ok || got.Name != p.Name || board.Panel != p.Name {
			t.Errorf("Lookup(%q) = %+v, %+v, %t", p.Name, got, board, ok)
		}
	}
	for _, b := range Boards {
		if _, _, ok := Lookup(b.Panel); !ok || b.DC == "" || b.Rotation%90 != 0 {
			t.Errorf("board %+v", b)
		}
	}
	if _, _, ok := Lookup("vt100"); ok {
		t.Error("Lookup finds a panel that is not there")
	}
}

// TestRGB565 checks that conversion picks the nearest level and that native colours convert to themselves.
func TestRGB565(t *testing.T) {
	distance := func(level uint32, v int) int {
		d := int(level>>8) - v
		return max(d, -d)
	}
	for v := range 256 {
		c := RGB565Model.Convert(color.Gray{uint8(v)}).(RGB565)
		r, g, b, a := c.RGBA()
		if distance(r, v) > 4 || distance(b, v) > 4 || distance(g, v) > 2 || a != 0xffff {
			t.Errorf("grey %d becomes %02x %02x %02x", v, r>>8, g>>8, b>>8)
		}
		if again := RGB565Model.Convert(color.RGBA64{uint16(r), uint16(g), uint16(b), uint16(a)}); again != c {
			t.Errorf("%04x converts to %04x", c, again)
		}
	}
	var b bytes.Buffer
	for _, c := range []color.Color{color.Black, color.White, color.RGBA{R: 255, A: 255}, color.RGBA{G: 255, A: 255}, color.RGBA{B: 255, A: 255}} {
		fmt.Fprintf(&b, "%04x ", RGB565Model.Convert(c))
	}
	if got := b.String(); got != "0000 ffff f800 07e0 001f " {
		t.Errorf("black, white, red, green, blue: %s", got)
	}
}
