package main

import (
	"errors"
	"slices"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

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
	return panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock, Brightness: c.wanted.brightness}
}

// A link is a panel's port and pins as the panel sees them. It stays the same while those behind it are closed and opened again after a
// fault, because a port connects only once. It must not be used by two goroutines at once.
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
