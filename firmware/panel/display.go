package panel

import (
	"errors"
	"fmt"
	"image"
	"time"

	"periph.io/x/conn/v3/display"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A Display is a panel of any kind. Draw is for a picture now and then; frame after frame goes
// faster with Prepare and Send, one frame prepared while the one before is sent. One goroutine may
// prepare while another sends; apart from that calls wait for one another.
type Display interface {
	display.Drawer

	// Prepare converts a frame, whose top left pixel is that of the panel, and finds what differs
	// from the frame prepared before it. Where the image does not reach, the frame before stays. It
	// keeps no reference to the image. There are two updates: it waits while both are neither sent
	// nor discarded.
	Prepare(frame image.Image) *Update

	// Send shows a frame that this display has prepared, and gives the update back even if it
	// fails. If the panel does not show the frame that the update was compared with, because one
	// was discarded or failed, all of the frame is sent. After a failure or Halt the panel is
	// initialised first. The error names the panel and the command.
	Send(*Update) error

	// Discard gives an update back without sending it.
	Discard(*Update)

	// Restart initialises the panel, which shows black then and is sent whole next.
	Restart() error

	// SetLight sets the brightness of the backlight in percent; 0 is off. It stays so when the
	// panel is initialised again, which makes up for an error.
	SetLight(percent int) error

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

	// Brightness of the backlight in percent; 0 stands for 100. Less needs a backlight pin with
	// pulse width modulation in hardware. The pins of the kernel's GPIO character device, which
	// periph's gpioioctl has, are without.
	Brightness int

	// Dither shows what has more colours than the panel, an *image.RGBA, in an ordered dither, so
	// that smooth colour has no bands. Grey pictures, palettes and panels of one bit stay as they
	// are.
	Dither bool
}

// errNoDC is a driver's four-wire SPI without its fourth wire.
var errNoDC = errors.New("no data/command pin: three-wire SPI is not supported")

// overhead is the time that a transaction takes on a Raspberry Pi beside its bytes, estimated: a
// system call, a short transfer that the kernel polls for, and another call for the data/command
// pin. Rectangles are joined where a further one would take longer.
const overhead = 15 * time.Microsecond

// check returns a copy with the defaults filled in. dc: there is a data/command pin, or no need for
// one.
func (o Opts) check(dc bool) (Opts, error) {
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
	if !dc {
		return o, fmt.Errorf("panel: %s: %w", p.Name, errNoDC)
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

// A backlight is the pin that lights a panel, or none.
type backlight struct {
	pin     gpio.PinOut
	percent int // when it is on
}

// backlightFrequency is above what an eye or a camera sees flicker.
const backlightFrequency = 1 * physic.KiloHertz

func (b *backlight) on() error {
	switch {
	case b.pin == nil:
		return nil
	case b.percent == 100:
		return b.out(gpio.High)
	case b.percent == 0:
		return b.out(gpio.Low)
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
