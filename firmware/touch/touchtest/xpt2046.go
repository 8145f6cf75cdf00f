// Package touchtest emulates an XPT2046 bit by bit, as its data sheet has it, with a finger, noise
// and faults.
package touchtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A Finger presses at a place, by the chip's axes of 0 to 4095.
type Finger struct {
	X, Y int
	// Ohms of the contact: 300 for a firm touch, thousands for a light one.
	Ohms int
}

// Ohms of the plates.
const plateX, plateY = 400, 600

// A Chip is the controller behind its port. Its fields may be changed between transfers, by Do.
type Chip struct {
	Finger *Finger // nil: nobody touches
	Noise  int     // by how much conversions are off at most
	Spikes int     // of a hundred conversions, how many are anything
	Stuck  int     // what its data line is: 0 it works, 1 always low, 2 always high
	Fails  error   // of the port

	mu     sync.Mutex
	rand   *rand.Rand
	shift  uint32 // the control byte as far as it has come
	bits   int    // of that; 0: none has begun
	out    uint32 // the conversion, its next bit uppermost of twelve
	left   int    // bits of it, with the one before
	faults []string
	awake  bool // the converter stays on
	edge   chan struct{}
}

// New returns a chip that nobody touches.
func New() *Chip {
	return &Chip{rand: rand.New(rand.NewPCG(20, 46)), edge: make(chan struct{}, 1)}
}

// Do changes the chip.
func (c *Chip) Do(change func(c *Chip)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.Finger != nil
	if change(c); (c.Finger != nil) != before {
		select {
		case c.edge <- struct{}{}:
		default:
		}
	}
}

// Faults are what was against the data sheet.
func (c *Chip) Faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults
}

func (c *Chip) fault(format string, args ...any) {
	if len(c.faults) < 20 {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

// String implements conn.Resource.
func (c *Chip) String() string { return "emulated XPT2046" }

// Close implements spi.PortCloser.
func (c *Chip) Close() error { return nil }

// LimitSpeed implements spi.PortCloser.
func (c *Chip) LimitSpeed(physic.Frequency) error { return nil }

// Connect implements spi.Port.
func (c *Chip) Connect(f physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	if f > 2500*physic.KiloHertz || mode != spi.Mode0 || bits != 8 {
		return nil, fmt.Errorf("%v in mode %v with %d bits", f, mode, bits)
	}
	return c, nil
}

// Duplex implements conn.Conn.
func (c *Chip) Duplex() conn.Duplex { return conn.Full }

// TxPackets implements spi.Conn.
func (c *Chip) TxPackets([]spi.Packet) error { return errors.New("no packets") }

// Tx implements conn.Conn: a transfer, from chip select to its end.
func (c *Chip) Tx(w, r []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Fails != nil {
		return c.Fails
	}
	c.bits, c.left = 0, 0
	for i, b := range w {
		var in byte
		for bit := 7; bit >= 0; bit-- {
			in = in<<1 | c.period(b>>bit&1)
		}
		switch c.Stuck {
		case 1:
			in = 0
		case 2:
			in = 255
		}
		if i < len(r) {
			r[i] = in
		}
	}
	if c.bits != 0 || c.left > 0 {
		c.fault("the transfer ends with %d bits of a conversion to come", c.left)
	}
	if c.awake {
		c.fault("the converter stays on, and the pen's interrupt off")
	}
	return nil
}

// period is one of the clock: a bit comes in and one goes out.
func (c *Chip) period(in byte) (out byte) {
	if c.left > 0 {
		c.left--
		if c.left < 12 { // after the period in which it is busy
			out = byte(c.out >> c.left & 1)
		}
	}
	switch {
	case c.bits > 0:
		c.shift, c.bits = c.shift<<1|uint32(in), c.bits+1
		if c.bits == 8 {
			c.bits = 0
			c.convert(byte(c.shift))
		}
	case in == 1: // a start bit
		c.shift, c.bits = 1, 1
	}
	return out
}

// convert begins a conversion by a control byte.
func (c *Chip) convert(control byte) {
	if c.left > 0 {
		c.fault("a control byte with %d bits of a conversion to come", c.left)
	}
	if control&0x08 != 0 || control&0x04 != 0 {
		c.fault("control byte %#02x: eight bits, or against a reference", control)
	}
	c.awake = control&3 != 0
	c.out, c.left = uint32(c.value(control>>4&7)), 13
}

// value is what one of the inputs converts to.
func (c *Chip) value(input byte) int {
	if c.Spikes > 0 && c.rand.IntN(100) < c.Spikes {
		return c.rand.IntN(4096)
	}
	v := 0
	f := c.Finger
	switch {
	case f == nil && input == 5, f == nil && input == 4: // X floats high, Z2 is the drive
		v = 4095
	case f == nil:
		v = 0
	case input == 1:
		v = f.Y
	case input == 5:
		v = f.X
	case input == 3 || input == 4:
		// A current goes from one plate through the contact to the other
		x, y := plateX*f.X/4096, plateY*(4096-f.Y)/4096
		if v = x * 4095 / max(x+f.Ohms+y, 1); input == 4 {
			v = (x + f.Ohms) * 4095 / max(x+f.Ohms+y, 1)
		}
	default:
		c.fault("input %d is converted", input)
	}
	if c.Noise > 0 {
		v += c.rand.IntN(2*c.Noise+1) - c.Noise
	}
	return min(max(v, 0), 4095)
}

// Pen is the line of the interrupt.
func (c *Chip) Pen() gpio.PinIn { return pen{c: c} }

type pen struct {
	gpio.PinIn
	c *Chip
}

func (p pen) Read() gpio.Level {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return gpio.Level(p.c.Finger == nil || p.c.Stuck == 2)
}

func (p pen) WaitForEdge(most time.Duration) bool {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-p.c.edge:
		return true
	case <-t.C:
		return false
	}
}
