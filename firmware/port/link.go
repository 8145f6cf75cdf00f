package port

import (
	"errors"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// A Link is a panel's port and pins as the panel sees them. It stays the same while those behind it
// are closed and opened again after a fault, because a port connects only once. It must not be used
// by two goroutines at once.
type Link struct {
	opener func() (*Wires, error)
	wires  *Wires // nil while there are none
	conn   conn.Conn
	clock  physic.Frequency
	mode   spi.Mode
	bits   int
	limit  int // bytes; 0 where the port states none
}

// errClosed is the error of everything between a fault and the next trial.
var errClosed = errors.New("no port")

// OpenPanel opens the port and the pins with opener, initialises the panel and shows black. The
// reset and backlight of opts are set where the wires have them. The link releases what was opened.
func OpenPanel(opener func() (*Wires, error), opts panel.Opts) (panel.Display, *Link, error) {
	l := &Link{opener: opener}
	if err := l.Reopen(); err != nil {
		return nil, nil, err
	}
	if l.wires.Reset != nil {
		opts.Reset = linkPin{l, func(w *Wires) gpio.PinOut { return w.Reset }, "reset"}
	}
	if l.wires.Backlight != nil {
		opts.Backlight = linkPin{l, func(w *Wires) gpio.PinOut { return w.Backlight }, "backlight"}
	}
	var d panel.Display
	var err error
	if l.wires.I2C != nil {
		d, err = panel.OpenI2C(l, &opts)
	} else {
		d, err = panel.Open(l, linkPin{l, func(w *Wires) gpio.PinOut { return w.DC }, "data/command"}, &opts)
	}
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return d, l, nil
}

// Reopen closes the port and the pins, opens them again and connects if they were connected before.
func (l *Link) Reopen() (err error) {
	l.Close()
	if l.wires, err = l.opener(); err != nil {
		return err
	}
	if l.wires.I2C != nil {
		l.conn = l.wires.I2C
	} else if l.clock != 0 {
		if l.conn, err = l.wires.Port.Connect(l.clock, l.mode, l.bits); err != nil {
			l.Close()
			return err
		}
	}
	return nil
}

// Close releases the port and the pins.
func (l *Link) Close() {
	if l.wires != nil {
		l.wires.Close()
	}
	l.wires, l.conn = nil, nil
}

// String implements conn.Resource.
func (l *Link) String() string {
	if l.wires == nil {
		return errClosed.Error()
	}
	if l.wires.I2C != nil {
		return l.wires.I2C.String()
	}
	return l.wires.Port.String()
}

// Connect implements spi.Port.
func (l *Link) Connect(clock physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	if l.wires == nil {
		return nil, errClosed
	}
	c, err := l.wires.Port.Connect(clock, mode, bits)
	if err != nil {
		return nil, err
	}
	for _, x := range []any{c, l.wires.Port} {
		if limits, ok := x.(conn.Limits); ok && l.limit == 0 {
			l.limit = limits.MaxTxSize()
		}
	}
	l.conn, l.clock, l.mode, l.bits = c, clock, mode, bits
	return l, nil
}

// MaxTxSize implements conn.Limits.
func (l *Link) MaxTxSize() int { return l.limit }

// Duplex implements conn.Conn.
func (l *Link) Duplex() conn.Duplex { return conn.Full }

// Tx implements conn.Conn.
func (l *Link) Tx(w, r []byte) error {
	if l.conn == nil {
		return errClosed
	}
	return l.conn.Tx(w, r)
}

// TxPackets implements spi.Conn.
func (l *Link) TxPackets(p []spi.Packet) error {
	if l.conn == nil {
		return errClosed
	}
	c, ok := l.conn.(spi.Conn)
	if !ok {
		return errors.New("an I2C bus has no packets")
	}
	return c.TxPackets(p)
}

// A linkPin is one of the pins of a link.
type linkPin struct {
	link *Link
	of   func(*Wires) gpio.PinOut
	name string
}

func (p linkPin) String() string   { return p.name }
func (p linkPin) Name() string     { return p.name }
func (p linkPin) Number() int      { return -1 }
func (p linkPin) Function() string { return "Out" }
func (p linkPin) Halt() error      { return nil }

func (p linkPin) Out(level gpio.Level) error {
	if p.link.wires == nil {
		return errClosed
	}
	return p.of(p.link.wires).Out(level)
}

func (p linkPin) PWM(d gpio.Duty, f physic.Frequency) error {
	if p.link.wires == nil {
		return errClosed
	}
	return p.of(p.link.wires).PWM(d, f)
}
