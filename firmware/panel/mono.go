package panel

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"sync"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel/rects"
)

// A mono is an SSD1306 or SH1106, over SPI or I2C. Grey levels become patterns of dots. A frame is
// as the memory has it: pages of eight rows, a byte for each column with the uppermost row lowest.
type mono struct {
	light   backlight
	opts    Opts
	bounds  image.Rectangle
	updates updates
	first   int // column of the memory that is the glass's left one
	clock   physic.Frequency

	mu    sync.Mutex // held by who uses the bus
	bus   dotsBus
	ready bool   // initialised, and nothing has failed since
	shows uint64 // number of the frame on the panel
}

var _ Display = &mono{}

// A dotsBus takes commands with their parameters, and data for the memory.
type dotsBus interface {
	commands(b ...byte) error
	memory(b []byte) error
	forget()
	Sent() Traffic
	String() string
}

// monoSPI is four-wire SPI: parameters are sent as commands.
type monoSPI struct{ bus }

func (b *monoSPI) String() string { return b.conn.String() }

func (b *monoSPI) commands(p ...byte) error {
	if err := b.setDC(gpio.Low); err != nil {
		return err
	}
	return b.tx(b.scratch[:copy(b.scratch[:], p)])
}

// i2cData is how many bytes of data are sent at a time: the kernel takes at most 8,192 with the
// byte before them, and a page is the most there is to send.
const i2cData = 132

// monoI2C is I2C: a byte before all others says whether these are commands or data (SSD1306
// 8.1.5.2, SH1106 "I2C-bus interface").
type monoI2C struct {
	conn conn.Conn
	room [1 + i2cData]byte
	counters
}

const (
	i2cCommands = 0x00
	i2cMemory   = 0x40
)

func (b *monoI2C) String() string           { return b.conn.String() }
func (b *monoI2C) forget()                  {}
func (b *monoI2C) commands(p ...byte) error { return b.tx(i2cCommands, p) }
func (b *monoI2C) memory(p []byte) error    { return b.tx(i2cMemory, p) }

func (b *monoI2C) tx(what byte, p []byte) error {
	b.room[0] = what
	n := 1 + copy(b.room[1:], p)
	b.count(n + 1) // with the address
	return b.conn.Tx(b.room[:n], nil)
}

func newMono(port spi.Port, dc gpio.PinOut, opts *Opts) (Display, error) {
	o, err := opts.check(dc != nil)
	if err != nil {
		return nil, err
	}
	c, err := port.Connect(o.Clock, o.Mode, 8)
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	limit, err := maxTx(1, port, c, len(bus{}.scratch))
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	return startMono(&monoSPI{bus{conn: c, dc: dc, maxTx: limit}}, o, o.Clock)
}

// OpenI2C initialises the panel behind an address of an I2C bus, and shows black. The pins in opts
// are not needed. Its clock is the bus's, which nobody can set from here.
func OpenI2C(device conn.Conn, opts *Opts) (Display, error) {
	o, err := opts.check(true)
	if err != nil {
		return nil, err
	}
	if !o.Panel.Dots() {
		return nil, fmt.Errorf("panel: %s: the %s is not for I2C", o.Panel.Name, o.Panel.Controller.Name)
	}
	// A byte takes nine clocks on the wire, the last for its acknowledgement.
	return startMono(&monoI2C{conn: device}, o, o.Clock*8/9)
}

func startMono(b dotsBus, o Opts, clock physic.Frequency) (Display, error) {
	d := &mono{opts: o, bus: b, light: backlight{o.Backlight, o.Brightness}, clock: clock, first: o.Panel.Offset.X}
	if o.Panel.Mirror { // counted from the other end
		d.first = o.Panel.Memory.X - o.Panel.Size.X - o.Panel.Offset.X
	}
	d.bounds.Max = o.Panel.Size
	if o.Rotation%180 != 0 {
		d.bounds.Max = image.Pt(o.Panel.Size.Y, o.Panel.Size.X)
	}
	d.updates.init(func(u *Update) {
		u.frame, u.parts = make([]byte, o.Panel.FrameBytes()), rects.NewParts(0)
	})
	if err := d.Restart(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *mono) String() string {
	return fmt.Sprintf("%s{%s, %d degrees}", d.opts.Panel.Name, d.bus, d.opts.Rotation)
}

// dotModel is black and white.
var dotModel = color.ModelFunc(func(c color.Color) color.Color {
	if color.Gray16Model.Convert(c).(color.Gray16).Y >= 0x8000 {
		return color.White
	}
	return color.Black
})

func (d *mono) ColorModel() color.Model       { return dotModel }
func (d *mono) Bounds() image.Rectangle       { return d.bounds }
func (d *mono) Clock() physic.Frequency       { return d.clock }
func (d *mono) Sent() Traffic                 { return d.bus.Sent() }
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
		copy(u.frame, before.frame)
	}
	shift := srcPts.Sub(r.Min)
	r = r.Intersect(d.bounds).Intersect(src.Bounds().Sub(shift))
	size := d.opts.Panel.Size
	far := size.Sub(image.Pt(1, 1))
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
			column, bit := &u.frame[at.Y/8*size.X+at.X], byte(1)<<(at.Y%8)
			if *column &^= bit; lit {
				*column |= bit
			}
		}
	}
	if u == before { // nothing to compare it with
		u.base = u.number
		d.whole(u)
		return u
	}
	u.parts.List = u.parts.List[:0]
	for page := range size.Y / 8 {
		a, b := before.frame[page*size.X:][:size.X], u.frame[page*size.X:][:size.X]
		if bytes.Equal(a, b) {
			continue
		}
		// Another run of columns would cost more than most gaps.
		from, to := 0, size.X
		for a[from] == b[from] {
			from++
		}
		for a[to-1] == b[to-1] {
			to--
		}
		u.parts.List = append(u.parts.List, rects.Part{Rectangle: image.Rect(from, page, to, page+1), Pixels: b[from:to]})
	}
	return u
}

// whole sets the parts to all pages.
func (d *mono) whole(u *Update) {
	width := d.opts.Panel.Size.X
	u.parts.List = u.parts.List[:0]
	for page := range d.opts.Panel.Size.Y / 8 {
		u.parts.List = append(u.parts.List, rects.Part{Rectangle: image.Rect(0, page, width, page+1), Pixels: u.frame[page*width:][:width]})
	}
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
	if d.shows != u.base {
		d.whole(u)
	}
	for _, p := range u.parts.List {
		if err := d.send(p.Min, p.Pixels); err != nil {
			d.ready = false
			return d.wrap(err)
		}
	}
	d.shows = u.number
	return nil
}

// send writes part of a page to the memory.
func (d *mono) send(at image.Point, columns []byte) error {
	x, page := at.X+d.first, at.Y+d.opts.Panel.Offset.Y/8
	if err := d.bus.commands(cmdPage|byte(page), cmdLowColumn|byte(x&15), cmdHighColumn|byte(x>>4)); err != nil {
		return fmt.Errorf("page address: %w", err)
	}
	if err := d.bus.memory(columns); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}

func (d *mono) SetLight(percent int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.light.percent = percent; d.ready {
		return d.light.on()
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

// start brings the panel from any state to showing black.
func (d *mono) start() error {
	d.ready = false
	if err := d.initialise(); err != nil {
		return d.wrap(err)
	}
	d.ready, d.shows = true, blank
	return nil
}

func (d *mono) initialise() error {
	d.bus.forget()
	if d.opts.Reset != nil {
		if err := pulse(d.opts.Reset); err != nil {
			return err
		}
		time.Sleep(dotsResetTime)
	}
	p := &d.opts.Panel
	for _, s := range p.dotsSteps() {
		if err := d.bus.commands(append([]byte{byte(s.cmd)}, s.params...)...); err != nil {
			return fmt.Errorf("command %02x: %w", byte(s.cmd), err)
		}
	}
	// The memory holds noise after power-on, beside the glass as well.
	black := make([]byte, p.Memory.X)
	for page := range p.Memory.Y / 8 {
		if err := d.send(image.Pt(-d.first, page-p.Offset.Y/8), black); err != nil {
			return err
		}
	}
	if err := d.bus.commands(byte(cmdOn)); err != nil {
		return err
	}
	return d.light.on()
}

func (d *mono) Halt() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = false
	if err := cmp.Or(d.light.off(), d.bus.commands(byte(cmdOff))); err != nil {
		return d.wrap(err)
	}
	return nil
}
