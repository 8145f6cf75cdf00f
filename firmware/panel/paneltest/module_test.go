package paneltest

import (
	"image/color"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// A driver sends commands by hand.
type driver struct {
	t    *testing.T
	m    *Module
	conn spi.Conn
}

func newDriver(t *testing.T, name string) *driver {
	p, ok := panel.Find(name)
	if !ok {
		t.Fatalf("no panel %s", name)
	}
	m := New(p)
	c, err := m.Port().Connect(10*physic.MegaHertz, spi.Mode0, 8)
	if err != nil {
		t.Fatal(err)
	}
	return &driver{t, m, c}
}

func (d *driver) send(cmd byte, params ...byte) {
	d.t.Helper()
	for _, part := range []struct {
		dc    gpio.Level
		bytes []byte
	}{{gpio.Low, []byte{cmd}}, {gpio.High, params}} {
		if len(part.bytes) == 0 {
			continue
		}
		if err := d.m.DC().Out(part.dc); err != nil {
			d.t.Fatal(err)
		}
		if err := d.conn.Tx(part.bytes, nil); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *driver) want(x, y int, c color.RGBA) {
	d.t.Helper()
	if got := d.m.Image().RGBAAt(x, y); got != c {
		d.t.Errorf("pixel (%d,%d) is %v, want %v", x, y, got, c)
	}
}

var (
	black = color.RGBA{0, 0, 0, 255}
	white = color.RGBA{255, 255, 255, 255}
	red   = color.RGBA{255, 0, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
)

// TestMIPI sends what a driver of ours never would: continued writes, windows that wrap around.
func TestMIPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, "st7789-240x240")
		d.want(0, 0, black) // asleep
		d.send(slpout)
		time.Sleep(120 * time.Millisecond)
		d.send(colmod, 0x55)
		d.send(invon)
		d.send(dispon)
		d.send(caset, 0, 10, 0, 11)
		d.send(raset, 0, 20, 0, 21)
		d.send(ramwr, 0xf8, 0, 0xff, 0xff)
		d.send(ramwrc, 0, 0x1f) // begins the second row
		d.want(10, 20, red)
		d.want(11, 20, white)
		d.want(10, 21, blue)
		d.send(invoff)
		d.want(11, 20, black)
		d.send(madctl, 0x08) // in the other order, from here on
		d.send(invon)
		d.send(ramwr, 0xf8, 0)
		d.want(10, 20, blue)
		if f := d.m.Faults(); len(f) > 0 {
			t.Error(f)
		}
		d.send(ramwr, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x1f) // wraps
		d.want(10, 20, red)
		d.want(11, 20, black)
		d.send(caset, 0, 3) // cut short
		d.send(raset, 0, 0, 0, 0)
		d.send(ramwr, 0xff, 0xff) // at column 10
		d.want(10, 0, white)
		d.send(dispoff)
		d.want(10, 0, black)
		if f := d.m.Faults(); len(f) != 1 || !strings.Contains(f[0], "more pixels") {
			t.Error(f)
		}
	})
}

// TestFaults does what the data sheets forbid.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		do   func(d *driver)
	}{
		"format":  {"COLMOD at 66", func(d *driver) { d.send(ramwr, 1, 2, 3) }},
		"columns": {"0 to 240 of 240", func(d *driver) { d.send(caset, 0, 0, 0, 240) }},
		"rows":    {"5 to 4 of 320", func(d *driver) { d.send(raset, 0, 5, 0, 4) }},
		"turned":  {"0 to 319 of 240", func(d *driver) { d.send(madctl, 0x20); d.send(raset, 0, 0, 1, 0x3f) }},
		"half":    {"middle of a pixel", func(d *driver) { d.send(colmod, 5); d.send(ramwr, 1); d.send(noron) }},
		"reset":   {"within 5 ms", func(d *driver) { d.send(swreset); d.send(noron) }},
		"wake":    {"SLPOUT within 120 ms", func(d *driver) { d.send(swreset); time.Sleep(50 * time.Millisecond); d.send(slpout) }},
		"sleep":   {"SLPIN within 120 ms", func(d *driver) { d.send(slpout); time.Sleep(50 * time.Millisecond); d.send(slpin) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDriver(t, "st7789-240x240")
				c.do(d)
				if f := d.m.Faults(); len(f) != 1 || !strings.Contains(f[0], c.want) {
					t.Errorf("%q, want %q", f, c.want)
				}
			})
		})
	}
}

// TestWireTime: a byte takes eight periods of the clock, whoever waits too long between two has
// idled, and a transaction that was slept too long is made up for.
func TestWireTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDriver(t, "st7789-240x240")
		d.m.WireTime = true
		start := time.Now()
		took := func(want time.Duration) {
			t.Helper()
			// Less than a tenth of a millisecond is left for the next one.
			if got := time.Since(start); got > want || got < want-shortest {
				t.Errorf("at %v, want %v", got, want)
			}
		}
		b := make([]byte, 4000) // 3.2 ms at 10 MHz
		for i := range 5 {
			if err := d.conn.Tx(b, nil); err != nil {
				t.Fatal(err)
			}
			took(time.Duration(i+1) * 3200 * time.Microsecond)
		}
		for range 4000 { // one by one
			if err := d.conn.Tx(b[:1], nil); err != nil {
				t.Fatal(err)
			}
		}
		took(6 * 3200 * time.Microsecond)
		time.Sleep(time.Millisecond)
		if err := d.conn.Tx(b, nil); err != nil {
			t.Fatal(err)
		}
		took(7*3200*time.Microsecond + time.Millisecond)
		d.m.late = 500 * time.Microsecond // as if the last had been slept too long
		time.Sleep(500 * time.Microsecond)
		if err := d.conn.Tx(b, nil); err != nil {
			t.Fatal(err)
		}
		took(8*3200*time.Microsecond + time.Millisecond)
		if c := d.m.Counters(); c.Bytes != 8*4000 {
			t.Errorf("%+v", c)
		}
		if err := d.conn.Tx(make([]byte, 4097), nil); err == nil || err.Error() != "maximum Tx length is 4096, got 4097 bytes" {
			t.Errorf("error %v", err)
		}
	})
}
