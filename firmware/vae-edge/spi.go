package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// otherDisplays is the hint for those who have no panel.
const otherDisplays = "without a panel try --display term or --display png:out.png"

// configTxt is the file of a Raspberry Pi where overlays are asked for.
const configTxt = "/boot/firmware/config.txt"

// permissionCure tells how to be allowed.
const permissionCure = `add yourself to the groups spi and gpio with "sudo usermod -aG spi,gpio $USER" and log in again`

// overlay is the line of config.txt that makes the SPI port.
func (t target) overlay() string {
	if t.bus > 0 {
		return fmt.Sprintf("dtoverlay=spi%d-%dcs", t.bus, t.chipSelect+1)
	}
	return "dtparam=spi=on"
}

// busy says what to do about a pin that somebody has.
func busy(pin, what, user string) error {
	// The kernel calls its chip selects spi0 CS0 and so on.
	if strings.HasPrefix(user, "spi") && strings.Contains(user, " CS") {
		return fmt.Errorf("%s, %s, is in use by %s, a chip select: take another pin, or free it in %s with dtoverlay=spi0-1cs (GPIO7) or dtoverlay=spi0-0cs (GPIO7 and GPIO8)",
			pin, what, user, configTxt)
	}
	return fmt.Errorf("%s, %s, is in use by %s: stop it, or remove the overlay that claims the pin from %s", pin, what, user, configTxt)
}

// A setupError is what waiting does not cure: somebody has to change the system or the command line.
type setupError struct{ error }

func (e setupError) Unwrap() error { return e.error }

func setupf(format string, args ...any) error { return setupError{fmt.Errorf(format, args...)} }

// wires are an open SPI port and the pins beside it. A pin that is not connected is nil.
type wires struct {
	port                 spi.Port
	dc, reset, backlight gpio.PinOut
	close                []func() // what releases them, last first
}

// Close releases the port and the pins.
func (w *wires) Close() {
	for _, f := range slices.Backward(w.close) {
		f()
	}
	w.close = nil
}

// panelOpts is how the command line says that the panel is mounted and connected, apart from its pins.
func (c *config) panelOpts() panel.Opts {
	return panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock}
}

// A link is a panel's port and pins as the panel sees them: the same ones for good, although those behind it are closed and opened
// again after a fault, for a port connects only once. It is not to be used by two goroutines at once.
type link struct {
	opener func() (*wires, error)
	wires  *wires // nil while there are none
	conn   spi.Conn
	clock  physic.Frequency
	mode   spi.Mode
	bits   int
	limit  int // bytes; 0 where the port states none
}

// errNoLink is the error of everything between a fault and the next trial.
var errNoLink = errors.New("no port")

// openPanel opens the port and the pins, initialises the panel and shows black.
func openPanel(opener func() (*wires, error), opts panel.Opts) (panel.Display, *link, error) {
	l := &link{opener: opener}
	if err := l.open(); err != nil {
		return nil, nil, err
	}
	if l.wires.reset != nil {
		opts.Reset = linkPin{l, func(w *wires) gpio.PinOut { return w.reset }, "reset"}
	}
	if l.wires.backlight != nil {
		opts.Backlight = linkPin{l, func(w *wires) gpio.PinOut { return w.backlight }, "backlight"}
	}
	d, err := panel.Open(l, linkPin{l, func(w *wires) gpio.PinOut { return w.dc }, "data/command"}, &opts)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return d, l, nil
}

// open opens the port and the pins, and connects if they were connected before.
func (l *link) open() (err error) {
	l.Close()
	if l.wires, err = l.opener(); err != nil {
		return err
	}
	if l.clock != 0 {
		if l.conn, err = l.wires.port.Connect(l.clock, l.mode, l.bits); err != nil {
			l.Close()
			return err
		}
	}
	return nil
}

// Close releases the port and the pins.
func (l *link) Close() {
	if l.wires != nil {
		l.wires.Close()
	}
	l.wires, l.conn = nil, nil
}

// String implements conn.Resource.
func (l *link) String() string {
	if l.wires == nil {
		return errNoLink.Error()
	}
	return l.wires.port.String()
}

// Connect implements spi.Port.
func (l *link) Connect(clock physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	if l.wires == nil {
		return nil, errNoLink
	}
	c, err := l.wires.port.Connect(clock, mode, bits)
	if err != nil {
		return nil, err
	}
	for _, x := range []any{c, l.wires.port} {
		if limits, ok := x.(conn.Limits); ok && l.limit == 0 {
			l.limit = limits.MaxTxSize()
		}
	}
	l.conn, l.clock, l.mode, l.bits = c, clock, mode, bits
	return l, nil
}

// MaxTxSize implements conn.Limits.
func (l *link) MaxTxSize() int { return l.limit }

// Duplex implements conn.Conn.
func (l *link) Duplex() conn.Duplex { return conn.Full }

// Tx implements conn.Conn.
func (l *link) Tx(w, r []byte) error {
	if l.conn == nil {
		return errNoLink
	}
	return l.conn.Tx(w, r)
}

// TxPackets implements spi.Conn.
func (l *link) TxPackets(p []spi.Packet) error {
	if l.conn == nil {
		return errNoLink
	}
	return l.conn.TxPackets(p)
}

// A linkPin is one of the pins of a link.
type linkPin struct {
	link *link
	of   func(*wires) gpio.PinOut
	name string
}

func (p linkPin) String() string   { return p.name }
func (p linkPin) Name() string     { return p.name }
func (p linkPin) Number() int      { return -1 }
func (p linkPin) Function() string { return "Out" }
func (p linkPin) Halt() error      { return nil }

func (p linkPin) Out(level gpio.Level) error {
	if p.link.wires == nil {
		return errNoLink
	}
	return p.of(p.link.wires).Out(level)
}

func (p linkPin) PWM(d gpio.Duty, f physic.Frequency) error {
	if p.link.wires == nil {
		return errNoLink
	}
	return p.of(p.link.wires).PWM(d, f)
}
