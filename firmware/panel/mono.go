package panel

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"sync"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/devices/v3/ssd1306"
	"periph.io/x/devices/v3/ssd1306/image1bit"
)

// A mono is an SSD1306 by periph's driver, which compares frames by itself and allocates a few
// bytes per command. Grey levels become patterns of dots.
type mono struct {
	light   backlight
	opts    Opts
	bounds  image.Rectangle
	updates updates

	mu    sync.Mutex // held by who uses the bus
	port  *oncePort
	dc    gpio.PinOut
	dev   *ssd1306.Dev
	ready bool
}

var _ Display = &mono{}

func newMono(port spi.Port, dc gpio.PinOut, opts *Opts) (Display, error) {
	o, err := opts.check(dc)
	if err != nil {
		return nil, err
	}
	d := &mono{opts: o, dc: dc, light: backlight{o.Backlight, o.Brightness}}
	d.port = &oncePort{Port: port, clock: o.Clock, mode: o.Mode}
	d.bounds.Max = o.Panel.Size
	if o.Rotation%180 != 0 {
		d.bounds.Max = image.Pt(o.Panel.Size.Y, o.Panel.Size.X)
	}
	d.updates.init(func(u *Update) { u.mono = image1bit.NewVerticalLSB(image.Rectangle{Max: o.Panel.Size}) })
	if err := d.Restart(); err != nil {
		return nil, err
	}
	return d, nil
}

// pageBytes is the longest transfer of the driver, eight rows of dots.
const pageBytes = 128

// A oncePort connects a port once, as sysfs allows, at a clock and in a mode of our own, and
// counts.
type oncePort struct {
	spi.Port
	clock physic.Frequency
	mode  spi.Mode
	spi.Conn
	counters
}

func (p *oncePort) String() string { return p.Port.String() }

func (p *oncePort) Connect(_ physic.Frequency, _ spi.Mode, bits int) (spi.Conn, error) {
	if p.Conn == nil {
		c, err := p.Port.Connect(p.clock, p.mode, bits)
		if err == nil {
			_, err = maxTx(p.Port, c, pageBytes)
		}
		if err != nil {
			return nil, err
		}
		p.Conn = c
	}
	return p, nil
}

func (p *oncePort) Tx(w, r []byte) error {
	if len(w) == 0 {
		return nil // the driver's way of waking up
	}
	p.count(len(w))
	return p.Conn.Tx(w, r)
}

func (p *oncePort) Duplex() conn.Duplex { return p.Conn.Duplex() }

func (d *mono) String() string {
	return fmt.Sprintf("%s{%s, %d degrees}", d.opts.Panel.Name, d.port, d.opts.Rotation)
}

func (d *mono) ColorModel() color.Model       { return image1bit.BitModel }
func (d *mono) Bounds() image.Rectangle       { return d.bounds }
func (d *mono) Clock() physic.Frequency       { return d.opts.Clock }
func (d *mono) Sent() Traffic                 { return d.port.Sent() }
func (d *mono) wrap(err error) error          { return fmt.Errorf("panel: %s: %w", d.opts.Panel.Name, err) }
func (d *mono) Prepare(f image.Image) *Update { return d.prepare(d.bounds, f, f.Bounds().Min) }

func (d *mono) Draw(r image.Rectangle, src image.Image, srcPts image.Point) error {
	return d.Send(d.prepare(r, src, srcPts))
}

// thresholds is Bayer's order of 16 dots, in the middle of the steps of 16-bit grey.
var thresholds = [4][4]uint32{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// lit is whether a dot is on for a colour of 16 bits.
func lit(r, g, b uint32, x, y int) bool {
	v := (19595*r + 38470*g + 7471*b + 1<<15) >> 16 // as color.Gray16Model
	return v > thresholds[y%4][x%4]*0x1000+0x800
}

// Lit is whether a panel of dots has that one on, which is not above or left of the picture, for a
// colour.
func Lit(r, g, b uint8, at image.Point) bool {
	return lit(0x101*uint32(r), 0x101*uint32(g), 0x101*uint32(b), at.X, at.Y)
}

func (d *mono) prepare(r image.Rectangle, src image.Image, srcPts image.Point) *Update {
	d.updates.mu.Lock()
	defer d.updates.mu.Unlock()
	u, before := d.updates.take()
	if u != before {
		copy(u.mono.Pix, before.mono.Pix)
	}
	shift := srcPts.Sub(r.Min)
	r = r.Intersect(d.bounds).Intersect(src.Bounds().Sub(shift))
	far := d.opts.Panel.Size.Sub(image.Pt(1, 1))
	fast, _ := src.(image.RGBA64Image) // unlike At it allocates nothing
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			var c color.RGBA64
			if at := image.Pt(x, y).Add(shift); fast != nil {
				c = fast.RGBA64At(at.X, at.Y)
			} else {
				c = color.RGBA64Model.Convert(src.At(at.X, at.Y)).(color.RGBA64)
			}
			lit := lit(uint32(c.R), uint32(c.G), uint32(c.B), x, y)
			at := image.Pt(x, y)
			switch d.opts.Rotation {
			case 90:
				at = image.Pt(far.X-y, x)
			case 180:
				at = far.Sub(at)
			case 270:
				at = image.Pt(y, far.Y-x)
			}
			u.mono.SetBit(at.X, at.Y, image1bit.Bit(lit))
		}
	}
	u.parts = u.parts[:0]
	if u == before || !bytes.Equal(u.mono.Pix, before.mono.Pix) {
		u.whole(d.bounds.Dx(), d.bounds.Dy()) // the driver finds out what of it
	}
	return u
}

func (d *mono) Send(u *Update) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.updates.check(u); err != nil {
		return d.wrap(err)
	}
	defer d.updates.give(u)
	if !d.ready {
		if err := d.start(); err != nil {
			return err
		}
	}
	if err := d.dev.Draw(d.dev.Bounds(), u.mono, image.Point{}); err != nil {
		d.ready = false
		return d.wrap(err)
	}
	return nil
}

func (d *mono) Discard(u *Update) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.updates.check(u) == nil {
		d.updates.give(u)
	}
}

func (d *mono) Restart() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.start()
}

// start resets the controller and makes the driver, which knows nothing of what the panel shows
// then, anew.
func (d *mono) start() error {
	d.ready = false
	if d.opts.Reset != nil {
		if err := pulse(d.opts.Reset); err != nil {
			return d.wrap(err)
		}
	}
	dev, err := ssd1306.NewSPI(d.port, d.dc, &ssd1306.Opts{W: d.opts.Panel.Size.X, H: d.opts.Panel.Size.Y})
	if err == nil {
		// The memory holds noise after power-on
		_, err = dev.Write(make([]byte, area(dev.Bounds())/8))
	}
	if err == nil {
		err = d.light.on()
	}
	if err != nil {
		return d.wrap(err)
	}
	d.dev, d.ready = dev, true
	return nil
}

func (d *mono) Halt() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = false
	if err := cmp.Or(d.light.off(), d.dev.Halt()); err != nil {
		return d.wrap(err)
	}
	return nil
}
