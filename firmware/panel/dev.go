package panel

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A Dev is a panel of the MIPI family.
type Dev struct {
	light  backlight
	opts   Opts
	bounds image.Rectangle
	offset image.Point

	updates updates
	differ  *differ
	palette table
	dither  *ditherTables // nil: colours are the nearest

	mu    sync.Mutex // held by who uses the bus
	bus   bus
	ready bool   // initialised, and nothing has failed since
	shows uint64 // number of the frame on the panel
	black []byte // zeros, as many as go into a transfer
}

var _ Display = &Dev{}

// NewSPI connects to the panel behind the port, initialises it and shows black. The data/command
// pin dc is needed; the pins in opts are not.
func NewSPI(port spi.Port, dc gpio.PinOut, opts *Opts) (*Dev, error) {
	o, err := opts.check(dc)
	if err != nil {
		return nil, err
	}
	if o.Panel.Controller.pages || o.Panel.Controller.colmod == 0 {
		return nil, fmt.Errorf("panel: %s: controller %q is not of the MIPI family: use Open", o.Panel.Name, o.Panel.Controller.Name)
	}
	c, err := port.Connect(o.Clock, o.Mode, 8)
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	limit, err := maxTx(port, c, len(bus{}.scratch))
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	d := &Dev{opts: o, bus: bus{conn: c, dc: dc, maxTx: limit}, light: backlight{o.Backlight, o.Brightness}}
	d.bounds.Max, d.offset = o.Panel.window(o.Rotation / 90)
	size, frame := d.bounds.Max, o.Panel.FrameBytes()
	d.black = make([]byte, min(frame, d.bus.maxTx))
	d.differ = newDiffer(size, o.overheadBytes())
	if o.Dither {
		d.dither = newDitherTables()
	}
	d.updates.init(func(u *Update) {
		u.frame, u.data, u.parts = make([]byte, frame), make([]byte, 0, frame), make([]part, 0, maxParts)
	})
	if err := d.Restart(); err != nil {
		return nil, err
	}
	return d, nil
}

// String implements conn.Resource.
func (d *Dev) String() string {
	return fmt.Sprintf("%s{%s, %d degrees}", d.opts.Panel.Name, d.bus.conn, d.opts.Rotation)
}

// ColorModel implements display.Drawer. It is [RGB565Model].
func (d *Dev) ColorModel() color.Model { return RGB565Model }

// Bounds implements display.Drawer. Min is the origin.
func (d *Dev) Bounds() image.Rectangle { return d.bounds }

// Clock implements Display.
func (d *Dev) Clock() physic.Frequency { return d.opts.Clock }

// Sent implements Display.
func (d *Dev) Sent() Traffic { return d.bus.Sent() }

// Draw implements display.Drawer: it shows src, with the point srcPts at r.Min, on the part r of
// the panel, and returns when what changed has been sent.
func (d *Dev) Draw(r image.Rectangle, src image.Image, srcPts image.Point) error {
	return d.Send(d.prepare(r, src, srcPts))
}

// Prepare implements Display. It allocates nothing for images of package image.
func (d *Dev) Prepare(frame image.Image) *Update {
	return d.prepare(d.bounds, frame, frame.Bounds().Min)
}

func (d *Dev) prepare(r image.Rectangle, src image.Image, srcPts image.Point) *Update {
	d.updates.mu.Lock()
	defer d.updates.mu.Unlock()
	u, before := d.updates.take()
	shift := srcPts.Sub(r.Min)
	r = r.Intersect(d.bounds).Intersect(src.Bounds().Sub(shift))
	if r != d.bounds && u != before {
		copy(u.frame, before.frame)
	}
	stride := 2 * d.bounds.Dx()
	if !r.Empty() {
		convert(u.frame[r.Min.Y*stride+2*r.Min.X:], stride, src, r.Add(shift), &d.palette, d.dither, r.Min)
	}
	if u == before { // nothing to compare it with
		u.base = u.number
		u.whole(d.bounds.Dx(), d.bounds.Dy())
		return u
	}
	d.differ.diff(u, before.frame)
	return u
}

// Send implements Display.
func (d *Dev) Send(u *Update) error {
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
	err := error(nil)
	if d.shows == u.base {
		for i := range u.parts {
			if err = d.bus.pixels(u.parts[i].Add(d.offset), u.parts[i].pixels); err != nil {
				break
			}
		}
	} else {
		err = d.bus.pixels(d.bounds.Add(d.offset), u.frame)
	}
	if err != nil {
		d.ready = false
		return d.wrap(err)
	}
	d.shows = u.number
	return nil
}

// Discard implements Display.
func (d *Dev) Discard(u *Update) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.updates.check(u) == nil {
		d.updates.give(u)
	}
}

func (d *Dev) wrap(err error) error { return fmt.Errorf("panel: %s: %w", d.opts.Panel.Name, err) }

// Restart implements Display. The time it takes, about 0.3 s, is the controller's.
func (d *Dev) Restart() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.start()
}

// start brings the panel from any state to showing black with the backlight on.
func (d *Dev) start() error {
	d.ready = false
	if err := d.initialise(); err != nil {
		return d.wrap(err)
	}
	d.ready, d.shows = true, blank
	return nil
}

func (d *Dev) initialise() error {
	d.bus.forget()
	// Dark until there is something to see: the memory holds noise after power-on.
	if err := d.light.off(); err != nil {
		return err
	}
	if err := d.reset(); err != nil {
		return err
	}
	if err := d.bus.send(cmdSLPOUT); err != nil {
		return err
	}
	time.Sleep(sleepOutTime)
	p := &d.opts.Panel
	for _, s := range p.Controller.steps {
		if err := d.bus.send(s.cmd, s.params...); err != nil {
			return err
		}
	}
	if err := d.bus.send(cmdCOLMOD, p.Controller.colmod); err != nil {
		return err
	}
	if err := d.bus.send(cmdMADCTL, p.madctl(d.opts.Rotation/90)); err != nil {
		return err
	}
	invert := cmdINVOFF
	if p.Invert {
		invert = cmdINVON
	}
	if err := d.bus.send(invert); err != nil {
		return err
	}
	if err := d.bus.send(cmdNORON); err != nil {
		return err
	}
	if err := d.blank(); err != nil {
		return err
	}
	if err := d.bus.send(cmdDISPON); err != nil {
		return err
	}
	return d.light.on()
}

// reset resets the controller by its pin or, where that is not connected, by command: some ST7789VW
// stay black after SWRESET.
func (d *Dev) reset() error {
	// Ports turn the clock to the level that it has in mode 3 with the first transfer. A module
	// without a chip select line takes that edge for a bit, so it must come before the reset.
	if d.opts.Mode == spi.Mode3 {
		if err := d.bus.send(cmdNOP); err != nil {
			return err
		}
	}
	if d.opts.Reset == nil {
		if err := d.bus.send(cmdSWRESET); err != nil {
			return err
		}
	} else if err := pulse(d.opts.Reset); err != nil {
		return err
	}
	time.Sleep(resetTime)
	return nil
}

// blank sends a black frame.
func (d *Dev) blank() error {
	if err := d.bus.address(d.bounds.Add(d.offset)); err != nil {
		return err
	}
	for left := 2 * area(d.bounds); left > 0; left -= len(d.black) {
		if err := d.bus.memory(d.black[:min(left, len(d.black))]); err != nil {
			return err
		}
	}
	return nil
}

// Halt switches the backlight off, blanks the panel and puts it to sleep. Everything is tried even
// when something fails; the error is the first. The next Send or Draw initialises the panel again.
// It implements conn.Resource.
func (d *Dev) Halt() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = false
	err := cmp.Or(d.light.off(), d.blank(), d.bus.send(cmdDISPOFF), d.bus.send(cmdSLPIN))
	time.Sleep(sleepInTime)
	if err != nil {
		return d.wrap(err)
	}
	return nil
}
