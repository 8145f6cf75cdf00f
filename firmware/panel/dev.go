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

	"github.com/vae-edge/vae-edge/firmware/panel/pixels"
	"github.com/vae-edge/vae-edge/firmware/panel/rects"
)

// A Dev is a panel with colours.
type Dev struct {
	light  backlight
	opts   Opts
	bounds image.Rectangle
	offset image.Point

	updates updates
	differ  *rects.Differ
	pixels  pixels.Converter

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
	o, err := opts.check(dc != nil)
	if err != nil {
		return nil, err
	}
	if o.Panel.Dots() {
		return nil, fmt.Errorf("panel: %s: controller %q has no colours: use Open", o.Panel.Name, o.Panel.Controller.Name)
	}
	c, err := port.Connect(o.Clock, o.Mode, 8)
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	limit, err := maxTx(o.Panel.Controller.pixel(), port, c, len(bus{}.scratch))
	if err != nil {
		return nil, fmt.Errorf("panel: %s: %w", o.Panel.Name, err)
	}
	d := &Dev{opts: o, bus: bus{conn: c, dc: dc, maxTx: limit, addressing: o.Panel.addressing(o.Rotation / 90)}, light: backlight{o.Backlight, o.Brightness}}
	d.bounds.Max, d.offset = o.Panel.window(o.Rotation / 90)
	size, frame := d.bounds.Max, o.Panel.FrameBytes()
	d.black = make([]byte, min(frame, d.bus.maxTx))
	d.differ = rects.New(size, o.Panel.Controller.pixel(), o.overheadBytes())
	d.pixels = pixels.New(o.Panel.Controller.pixel(), o.Dither)
	d.updates.init(func(u *Update) { u.frame, u.parts = make([]byte, frame), rects.NewParts(frame) })
	if err := d.Restart(); err != nil {
		return nil, err
	}
	return d, nil
}

// String implements conn.Resource.
func (d *Dev) String() string {
	return fmt.Sprintf("%s{%s, %d degrees}", d.opts.Panel.Name, d.bus.conn, d.opts.Rotation)
}

// ColorModel implements display.Drawer. It is [RGB565Model] or [RGB666Model].
func (d *Dev) ColorModel() color.Model { return d.opts.Panel.colorModel() }

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
	pixel := d.opts.Panel.Controller.pixel()
	stride := pixel * d.bounds.Dx()
	if !r.Empty() {
		d.pixels.Convert(u.frame[r.Min.Y*stride+pixel*r.Min.X:], stride, src, r.Add(shift), r.Min)
	}
	if u == before { // nothing to compare it with
		u.base = u.number
		u.parts.Whole(d.bounds.Max, u.frame)
		return u
	}
	d.differ.Diff(&u.parts, u.frame, before.frame)
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
		for i := range u.parts.List {
			if err = d.bus.pixels(u.parts.List[i].Add(d.offset), u.parts.List[i].Pixels); err != nil {
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

// SetLight implements Display.
func (d *Dev) SetLight(percent int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.light.percent = percent; d.ready {
		return d.light.on()
	}
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
	if err := d.configure(); err != nil {
		return err
	}
	if err := d.blank(); err != nil {
		return err
	}
	on := cmdDISPON
	if d.opts.Panel.Controller.family == ssd1351 {
		on = cmdOn
	}
	if err := d.bus.send(on); err != nil {
		return err
	}
	return d.light.on()
}

// configure prepares the controller for pixels, after a reset.
func (d *Dev) configure() error {
	p := &d.opts.Panel
	if p.Controller.family == ssd1351 {
		return d.configureSSD1351()
	}
	if p.Controller.early {
		if err := d.bus.sendAll(p.Controller.steps); err != nil {
			return err
		}
	}
	if err := d.bus.send(cmdSLPOUT); err != nil {
		return err
	}
	time.Sleep(sleepOutTime)
	if !p.Controller.early {
		if err := d.bus.sendAll(p.Controller.steps); err != nil {
			return err
		}
	}
	invert := cmdINVOFF
	if p.Invert {
		invert = cmdINVON
	}
	return d.bus.sendAll([]step{
		{cmdCOLMOD, []byte{p.Controller.colmod}}, {cmdMADCTL, []byte{p.madctl(d.opts.Rotation / 90)}}, {invert, nil}, {cmdNORON, nil},
	})
}

// configureSSD1351 unlocks the controller and prepares it for pixels.
func (d *Dev) configureSSD1351() error {
	p := &d.opts.Panel
	if err := d.bus.sendAll([]step{{cmdLock, []byte{0x12}}, {cmdLock, []byte{0xb1}}, {cmdOff, nil}}); err != nil {
		return err
	}
	if err := d.bus.sendAll(p.Controller.steps); err != nil {
		return err
	}
	invert := cmdNormal
	if p.Invert {
		invert = cmdInverse
	}
	return d.bus.sendAll([]step{{cmdRemap, []byte{p.remap(d.opts.Rotation / 90)}}, {invert, nil}})
}

// reset resets the controller by its pin or, where that is not connected, by command: some ST7789VW
// stay black after SWRESET.
func (d *Dev) reset() error {
	// Ports turn the clock to the level that it has in mode 3 with the first transfer. A module
	// without a chip select line takes that edge for a bit, so it must come before the reset.
	own := d.opts.Panel.Controller.family == ssd1351
	if d.opts.Mode == spi.Mode3 {
		nop := cmdNOP
		if own {
			nop = cmdNothing
		}
		if err := d.bus.send(nop); err != nil {
			return err
		}
	}
	if d.opts.Reset == nil && own {
		return nil // there is no such command, and all that is needed is set
	} else if d.opts.Reset == nil {
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
	for left := d.opts.Panel.FrameBytes(); left > 0; left -= len(d.black) {
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
	err := cmp.Or(d.light.off(), d.blank())
	if d.opts.Panel.Controller.family == ssd1351 {
		err = cmp.Or(err, d.bus.send(cmdOff)) // which is its sleep
	} else {
		err = cmp.Or(err, d.bus.send(cmdDISPOFF), d.bus.send(cmdSLPIN))
	}
	time.Sleep(sleepInTime)
	if err != nil {
		return d.wrap(err)
	}
	return nil
}
