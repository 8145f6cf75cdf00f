package panel

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"sync"
	"time"

	"periph.io/x/conn/v3/display"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A Display is a panel of any kind. Draw is for a picture now and then; frame after frame goes faster with Prepare and Send, one frame
// prepared while the one before is sent. One goroutine may prepare while another sends; apart from that calls wait for one another.
type Display interface {
	display.Drawer

	// Prepare converts a frame, whose top left pixel is that of the panel, and finds what differs from the frame prepared
	// before it. Where the image does not reach, the frame before stays. It keeps no reference to the image. There are two
	// updates: it waits while both are neither sent nor discarded.
	Prepare(frame image.Image) *Update

	// Send shows a frame that this display has prepared, and gives the update back even if it fails. If the panel does not show
	// the frame that the update was compared with, because one was discarded or failed, all of the frame is sent. After a
	// failure or Halt the panel is initialised first. The error names the panel and the command.
	Send(*Update) error

	// Discard gives an update back without sending it.
	Discard(*Update)

	// Restart initialises the panel, which shows black then and is sent whole next.
	Restart() error

	// Clock is the clock that was asked for. The port's divider may make it lower.
	Clock() physic.Frequency

	// Sent returns what has been sent since the display was opened. It may be called at any time.
	Sent() Traffic
}

// Opts is how a panel is mounted and connected.
type Opts struct {
	Panel     Panel
	Rotation  int              // 0, 90, 180 or 270: degrees that the picture is turned clockwise
	Mode      spi.Mode         // spi.Mode0; modules without a chip select line need spi.Mode3
	Clock     physic.Frequency // 0 stands for the panel's
	Reset     gpio.PinOut      // nil where it is not connected
	Backlight gpio.PinOut      // nil where it is not connected

	// Brightness of the backlight in percent; 0 stands for 100. Less needs a backlight pin with pulse width modulation in
	// hardware. The pins of the kernel's GPIO character device, which periph's gpioioctl has, are without.
	Brightness int
}

// overhead is the time that a transaction takes on a Raspberry Pi beside its bytes, estimated: a system call, a short transfer that
// the kernel polls for, and another call for the data/command pin. Rectangles are joined where a further one would take longer.
const overhead = 15 * time.Microsecond

// check returns a copy with the defaults filled in.
func (o Opts) check(dc gpio.PinOut) (Opts, error) {
	p := &o.Panel
	if min(p.Size.X, p.Size.Y) < 1 || !(image.Rectangle{Min: p.Offset, Max: p.Offset.Add(p.Size)}).In(image.Rectangle{Max: p.Memory}) {
		return o, fmt.Errorf("panel: %q: size %v at %v does not lie within a memory of %v", p.Name, p.Size, p.Offset, p.Memory)
	}
	if o.Rotation < 0 || o.Rotation > 270 || o.Rotation%90 != 0 {
		return o, fmt.Errorf("panel: %s: invalid rotation %d: it is 0, 90, 180 or 270", p.Name, o.Rotation)
	}
	if o.Mode != spi.Mode0 && o.Mode != spi.Mode3 {
		return o, fmt.Errorf("panel: %s: invalid SPI mode %v: it is 0, or 3 for modules without a chip select line", p.Name, o.Mode)
	}
	if dc == nil {
		return o, fmt.Errorf("panel: %s: no data/command pin: three-wire SPI is not supported", p.Name)
	}
	if o.Brightness < 0 || o.Brightness > 100 {
		return o, fmt.Errorf("panel: %s: invalid brightness %d: it is 1 to 100 percent", p.Name, o.Brightness)
	}
	if o.Brightness == 0 {
		o.Brightness = 100
	}
	if o.Clock == 0 {
		o.Clock = p.Clock
	}
	return o, nil
}

// overheadBytes is the overhead in bytes of the wire.
func (o *Opts) overheadBytes() int {
	return int(overhead.Seconds() * float64(o.Clock/physic.Hertz) / 8)
}

// Open connects to the panel behind the port, initialises it and shows black. The data/command pin dc is needed; the pins in opts
// are not.
func Open(port spi.Port, dc gpio.PinOut, opts *Opts) (Display, error) {
	if opts.Panel.Controller.pages {
		return newMono(port, dc, opts)
	}
	return NewSPI(port, dc, opts)
}

// A Dev is a panel of the MIPI family.
type Dev struct {
	light  backlight
	opts   Opts
	bounds image.Rectangle
	offset image.Point

	updates updates
	differ  *differ
	palette table

	mu    sync.Mutex // held by who uses the bus
	bus   bus
	ready bool   // initialised, and nothing has failed since
	shows uint64 // number of the frame on the panel
	black []byte // zeros, as many as go into a transfer
}

var _ Display = &Dev{}

// NewSPI connects to the panel behind the port, initialises it and shows black. The data/command pin dc is needed; the
// pins in opts are not.
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

// Draw implements display.Drawer: it shows src, with the point srcPts at r.Min, on the part r of the panel, and returns when
// what changed has been sent.
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
		convert(u.frame[r.Min.Y*stride+2*r.Min.X:], stride, src, r.Add(shift), &d.palette)
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

// reset resets the controller by its pin or, where that is not connected, by command: some ST7789VW stay black after SWRESET.
func (d *Dev) reset() error {
	// Ports turn the clock to the level that it has in mode 3 with the first transfer. A module without a chip select line takes that
	// edge for a bit, so it must come before the reset.
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

// pulse makes a reset pin low for a while.
func pulse(pin gpio.PinOut) error {
	for _, l := range []gpio.Level{gpio.High, gpio.Low, gpio.High} {
		if err := pin.Out(l); err != nil {
			return fmt.Errorf("reset pin: %w", err)
		}
		time.Sleep(resetPulse)
	}
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

// Halt switches the backlight off, blanks the panel and puts it to sleep. Everything is tried even when something fails; the error
// is the first. The next Send or Draw initialises the panel again. It implements conn.Resource.
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

// A backlight is the pin that lights a panel, or none.
type backlight struct {
	pin     gpio.PinOut
	percent int // when it is on
}

// backlightFrequency is above what an eye or a camera sees flicker.
const backlightFrequency = 1 * physic.KiloHertz

func (b *backlight) on() error {
	if b.pin == nil {
		return nil
	}
	if b.percent == 100 {
		return b.out(gpio.High)
	}
	if err := b.pin.PWM(gpio.DutyMax*gpio.Duty(b.percent)/100, backlightFrequency); err != nil {
		return fmt.Errorf("backlight pin %s cannot be at %d percent, only on or off: %w", b.pin, b.percent, err)
	}
	return nil
}

func (b *backlight) off() error {
	if b.pin == nil {
		return nil
	}
	return b.out(gpio.Low)
}

func (b *backlight) out(l gpio.Level) error {
	if err := b.pin.Out(l); err != nil {
		return fmt.Errorf("backlight pin: %w", err)
	}
	return nil
}
