package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// A tracer writes what QEMU would: it is a port that bit-bangs, and pins beside it.
type tracer struct {
	bytes.Buffer
	level    [8]bool
	idle     bool // level of the clock between bytes
	dropEdge int  // counts down to a clock edge that goes missing
	stamped  time.Time
	stamp    []byte // what lines about pins begin with at that time
}

func (t *tracer) set(line int, high bool) {
	if t.level[line] == high {
		return // QEMU traces changes
	}
	t.level[line] = high
	if now := time.Now(); now != t.stamped {
		t.stamped, t.stamp = now, fmt.Appendf(nil, "77@%d.%06d:pl061_set_output /machine/unattached/device[7] setting output ", now.Unix(), now.Nanosecond()/1000)
	}
	level := byte('0')
	if high {
		level = '1'
	}
	t.Write(t.stamp)
	t.Write([]byte{'0' + byte(line), ' ', 't', 'o', ' ', level, '\n'})
}

func (t *tracer) say(text string) {
	for _, b := range []byte(text) {
		fmt.Fprintf(t, "78@%d.%06d:pl011_write addr 0x00000000 value 0x%08x\n", time.Now().Unix(), time.Now().Nanosecond()/1000, b)
		fmt.Fprintf(t, "78@%d.%06d:pl011_write addr 0x00000038 value 0x00000050\n", time.Now().Unix(), time.Now().Nanosecond()/1000)
	}
}

func (t *tracer) String() string                                            { return "bit-banged" }
func (t *tracer) Connect(physic.Frequency, spi.Mode, int) (spi.Conn, error) { return t, nil }
func (t *tracer) Duplex() conn.Duplex                                       { return conn.Half }
func (t *tracer) TxPackets([]spi.Packet) error                              { return io.ErrUnexpectedEOF }
func (t *tracer) pin(line int) gpio.PinOut                                  { return tracedPin{t, line} }

func (t *tracer) Tx(w, _ []byte) error {
	t.set(4, false)
	t.set(0, t.idle) // the kernel does so after that
	for _, b := range w {
		for bit := 7; bit >= 0; bit-- {
			t.set(0, false)
			t.set(1, b>>bit&1 != 0)
			if t.dropEdge--; t.dropEdge != 0 {
				t.set(0, true)
			}
			t.set(0, t.idle)
		}
	}
	t.set(4, true)
	return nil
}

type tracedPin struct {
	t    *tracer
	line int
}

func (p tracedPin) String() string                        { return lines[p.line] }
func (p tracedPin) Name() string                          { return lines[p.line] }
func (p tracedPin) Number() int                           { return p.line }
func (p tracedPin) Function() string                      { return "Out" }
func (p tracedPin) Halt() error                           { return nil }
func (p tracedPin) PWM(gpio.Duty, physic.Frequency) error { return io.ErrUnexpectedEOF }
func (p tracedPin) Out(l gpio.Level) error                { p.t.set(p.line, bool(l)); return nil }

// record shows the test card on a panel and switches it off; between the lines of the console that
// an init would write.
func record(t *testing.T, tr *tracer, job int, rotation int) {
	t.Helper()
	tr.set(4, true)
	tr.say(fmt.Sprintf("\r\n@start %d\r\n", job))
	mode := spi.Mode0
	if tr.idle {
		mode = spi.Mode3
	}
	d, err := panel.Open(tr, tr.pin(5), &panel.Opts{Panel: small(), Rotation: rotation, Mode: mode, Reset: tr.pin(6), Backlight: tr.pin(7)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Draw(d.Bounds(), card(d.Bounds().Size()), image.Point{}); err != nil {
		t.Fatal(err)
	}
	tr.say("a word\r\n")
	if err := d.Halt(); err != nil {
		t.Fatal(err)
	}
	tr.say("\r\n@exit 3\r\n")
}

func card(size image.Point) *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: size})
	panel.TestCard(img)
	return img
}

// board has a panel with few pixels.
var board = panel.Board{Name: "test", DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24"}

func small() panel.Panel {
	p, _ := panel.Find("st7735-80x160")
	p.Size = image.Pt(30, 40)
	return p
}

// TestTrace: pictures that are sent bit by bit, in either SPI mode, come out of the trace.
func TestTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &tracer{}
		m := &machine{jobs: []*job{{panel: small(), board: board}, {panel: small(), board: board}, {panel: small(), board: board, noCS: true}}}
		tr.say("booting\r\n")
		record(t, tr, 0, 0)
		tr.idle = true // mode 3
		record(t, tr, 1, 270)
		tr.idle = false // and back, by the next program
		tr.Tx([]byte{0}, nil)
		tr.idle = true
		record(t, tr, 2, 270)
		if err := readTrace(tr, m); err != nil || m.err != nil {
			t.Fatal(err, m.err)
		}
		for i, j := range m.jobs {
			if !j.ended || j.status != 3 || j.output.String() != "a word\n\n" {
				t.Errorf("job %d: ended %v, status %d, printed %q", i, j.ended, j.status, &j.output)
			}
			if faults := j.wire.end(); len(faults) > 0 || len(j.wire.pictures) != 1 || !black(j.wire.module.Image()) {
				t.Fatalf("job %d: faults %q, %d pictures", i, faults, len(j.wire.pictures))
			}
			got := paneltest.Turned(j.wire.pictures[0], []int{0, 270, 270}[i])
			if err := same(got, card(got.Rect.Size())); err != nil {
				t.Errorf("job %d: %v", i, err)
			}
			if err := same(got, image.NewRGBA(got.Rect)); err == nil || !strings.Contains(err.Error(), "pixels differ: pixel (0,0) is") {
				t.Errorf("black is no test card: %v", err)
			}
		}
		if m.other.String() != "booting\n\n\n\n" {
			t.Errorf("between the jobs: %q", &m.other)
		}
	})
}

// TestTraceFaults: what goes wrong on the wire is told.
func TestTraceFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &tracer{dropEdge: 1000}
		m := &machine{jobs: []*job{{panel: small(), board: board}}}
		record(t, tr, 0, 0)
		if err := readTrace(tr, m); err != nil {
			t.Fatal(err)
		}
		if f := m.jobs[0].wire.end(); len(f) == 0 || f[0] != "chip select changed after 7 bits of a byte" {
			t.Errorf("a lost edge: %q", f)
		}
	})
	// The record's time stamps are what the controller goes by: all at once is too soon after the
	// reset.
	synctest.Test(t, func(t *testing.T) {
		tr := &tracer{}
		m := &machine{jobs: []*job{{panel: small(), board: board}}}
		record(t, tr, 0, 0)
		trace := regexp.MustCompile(`@[0-9.]+:`).ReplaceAll(tr.Bytes(), []byte("@5.000000:"))
		if err := readTrace(bytes.NewReader(trace), m); err != nil {
			t.Fatal(err)
		}
		if f := m.jobs[0].wire.end(); len(f) == 0 || !strings.Contains(f[0], "within 5 ms") {
			t.Errorf("no pause after the reset: %q", f)
		}
	})
	for _, line := range []string{
		"\n",
		"qemu-system-aarch64: warning: nothing\n",
		"1@2.3:pl061_read 4\n",
		"1@2.3:pl061_set_output x setting output 8 to 1\n",
		"1@2.3:pl061_set_output x setting output 1 to 2\n",
		"1@2.3:pl061_set_output x setting output 1\n",
		"1@2:pl061_set_output x setting output 1 to 1\n",
		"1@2.x:pl061_set_output x setting output 1 to 1\n",
		"1@2.3:pl011_write addr 0x00000000\n",
		"1@2.3:pl011_write addr 0x0000000g value 0x00000001\n",
		"1@2.3:pl061_set_output x setting output 1 to 1", // cut short
	} {
		if err := readTrace(strings.NewReader(line), &machine{}); err == nil {
			t.Errorf("%q is no error", line)
		}
	}
	// As a newer QEMU words it.
	m := &machine{}
	if err := readTrace(strings.NewReader("1@2.3:pl011_write pl011 addr 0x000 value 0x00000041 reg DR\n"), m); err != nil || string(m.line) != "A" {
		t.Errorf("%q, error %v", m.line, err)
	}
}

// TestLines: the tree names the lines as the program does.
func TestLines(t *testing.T) {
	list := regexp.MustCompile(`gpio-line-names = ([^;]*);`).FindSubmatch(virtTree)
	var names []string
	if list == nil || json.Unmarshal([]byte("["+string(list[1])+"]"), &names) != nil || !slices.Equal(names, lines[:]) {
		t.Errorf("virt.dtsi names the lines %q, the program %q", names, lines)
	}
	b, _ := panel.FindBoard("pirate-audio")
	if _, err := newWire(small(), b, [8]bool{}); err == nil || !strings.Contains(err.Error(), `no line "GPIO9"`) {
		t.Errorf("error %v", err)
	}
}

// A banged is a device on a bus that writes registers as Linux's i2c-gpio and gpio-pl061 do.
type banged struct {
	to  *bus
	dir uint64
}

func (d *banged) String() string      { return "banged" }
func (d *banged) Duplex() conn.Duplex { return conn.Half }

func (d *banged) sda(high bool) {
	if d.dir |= sdaLine; high {
		d.dir &^= sdaLine
	} else {
		d.to.register(time.Time{}, sdaLine<<2, 0)
	}
	d.to.register(time.Time{}, pl061Direction, d.dir)
}

func (d *banged) scl(high bool) {
	level := uint64(0)
	if high {
		level = sclLine
	}
	d.to.register(time.Time{}, sclLine<<2, level)
}

func (d *banged) Tx(w, _ []byte) error {
	d.dir = sclLine
	d.sda(true)
	d.scl(true)
	d.sda(false) // the start
	d.scl(false)
	for _, b := range append([]byte{d.to.address << 1}, w...) {
		for bit := 7; bit >= -1; bit-- {
			d.sda(bit < 0 || b>>bit&1 != 0) // in the end the acknowledgement
			d.scl(true)
			d.scl(false)
		}
	}
	d.sda(false)
	d.scl(true)
	d.sda(true) // the stop
	return nil
}

// TestBus: what registers of the pins are told reaches the glass, and what is against the rules is
// a fault.
func TestBus(t *testing.T) {
	for _, name := range []string{"ssd1306-128x64", "sh1106-128x64"} {
		p, _ := panel.Find(name)
		b := newBus(p, 0x3d)
		d, err := panel.OpenI2C(&banged{to: b}, &panel.Opts{Panel: p})
		if err != nil {
			t.Fatal(err)
		}
		frame := image.NewGray(image.Rectangle{Max: p.Size})
		for i := range frame.Pix {
			frame.Pix[i] = uint8(i * i)
		}
		if err := d.Draw(d.Bounds(), frame, image.Point{}); err != nil {
			t.Fatal(err)
		}
		if err := sameDots(b.picture, frame); err != nil || len(b.faults) > 0 {
			t.Errorf("%s: %v, faults %q", name, err, b.faults)
		}
		if err := d.Halt(); err != nil || !black(b.module.Image()) {
			t.Errorf("%s: not blank, %v", name, err)
		}
		b.address++
		b.register(time.Time{}, 0x420, 1) // another register
		(&banged{to: b}).Tx([]byte{0xaa}, nil)
		if len(b.faults) != 0 {
			t.Errorf("faults %q", b.faults)
		}
		if f := b.module.Faults(); len(f) != 1 || f[0] != "control byte aa" {
			t.Errorf("faults %q", f)
		}
	}
}
