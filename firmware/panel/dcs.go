package panel

import (
	"encoding/binary"
	"fmt"
	"image"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"
)

// A command is the first byte of a transaction, sent with the data/command pin low. The names are
// the data sheets' (ST7789V 9.1, ILI9341 8.2, ST7735R 10.1).
type command byte

const (
	cmdNOP     command = 0x00 // no operation
	cmdSWRESET command = 0x01 // software reset
	cmdSLPIN   command = 0x10 // sleep in
	cmdSLPOUT  command = 0x11 // sleep out
	cmdNORON   command = 0x13 // partial mode off
	cmdINVOFF  command = 0x20 // display inversion off
	cmdINVON   command = 0x21 // display inversion on
	cmdDISPOFF command = 0x28 // display off
	cmdDISPON  command = 0x29 // display on
	cmdCASET   command = 0x2a // column address set: first and last column, 16 bits each
	cmdRASET   command = 0x2b // row address set: first and last row, 16 bits each
	cmdRAMWR   command = 0x2c // memory write: pixels
	cmdMADCTL  command = 0x36 // memory data access control: madctl bits
	cmdCOLMOD  command = 0x3a // interface pixel format
)

var commandNames = map[command]string{
	cmdNOP: "NOP", cmdSWRESET: "SWRESET", cmdSLPIN: "SLPIN", cmdSLPOUT: "SLPOUT", cmdNORON: "NORON", cmdINVOFF: "INVOFF", cmdINVON: "INVON",
	cmdDISPOFF: "DISPOFF", cmdDISPON: "DISPON", cmdCASET: "CASET", cmdRASET: "RASET", cmdRAMWR: "RAMWR", cmdMADCTL: "MADCTL",
	cmdCOLMOD: "COLMOD",
}

func (c command) String() string {
	if name, ok := commandNames[c]; ok {
		return name
	}
	return fmt.Sprintf("command %02x", byte(c))
}

// A step is one command of an initialisation: what it is for stands beside it in the table.
type step struct {
	cmd    command
	params []byte
}

// Traffic is what has been sent.
type Traffic struct {
	Bytes        int64 // parameters and commands included
	Transactions int64
}

// counters are Traffic that another goroutine may read.
type counters struct{ bytes, transactions atomic.Int64 }

func (c *counters) count(bytes int) {
	c.bytes.Add(int64(bytes))
	c.transactions.Add(1)
}

// Sent returns what has been sent since the display was opened. It may be called at any time.
func (c *counters) Sent() Traffic { return Traffic{c.bytes.Load(), c.transactions.Load()} }

// A bus is four-wire SPI to a controller. It remembers the level of the data/command pin and the
// window, and sends neither again.
type bus struct {
	conn  spi.Conn
	dc    gpio.PinOut
	maxTx int // bytes
	addressing

	level   gpio.Level // of dc
	leveled bool       // level is known
	window  [2]uint64  // the last parameters of CASET and RASET
	known   [2]bool
	scratch [16]byte
	counters
}

// An addressing is how a controller is told where pixels go.
type addressing struct {
	column, row, write command
	short              bool // addresses are bytes, not two each
	turned             bool // the picture's columns are the controller's rows
}

// mipiAddressing is that of the MIPI family, which exchanges columns and rows itself.
var mipiAddressing = addressing{column: cmdCASET, row: cmdRASET, write: cmdRAMWR}

// defaultMaxTx is the longest transfer for a port that does not state one: the kernel's default for
// spidev.bufsiz.
const defaultMaxTx = 4096

// maxTx is the longest transfer, in bytes: a multiple of a pixel's, so that none is split. A port
// that cannot take so many as are needed at once is an error.
func maxTx(pixel int, port spi.Port, c spi.Conn, needed int) (int, error) {
	for _, x := range []any{c, port} {
		if l, ok := x.(conn.Limits); ok {
			if n := l.MaxTxSize(); n >= needed {
				return n - n%pixel, nil
			} else if n > 0 {
				return 0, fmt.Errorf("%v takes %d bytes at a time, at least %d are needed: raise its limit, on Linux with spidev.bufsiz=65536 among the kernel's parameters", port, n, needed)
			}
		}
	}
	return defaultMaxTx - defaultMaxTx%pixel, nil
}

// forget makes no assumption about the controller and the pin.
func (b *bus) forget() { b.leveled, b.known = false, [2]bool{} }

// setDC sets the data/command pin.
func (b *bus) setDC(l gpio.Level) error {
	if b.leveled && b.level == l {
		return nil
	}
	err := b.dc.Out(l)
	b.level, b.leveled = l, err == nil
	return err
}

func (b *bus) tx(p []byte) error {
	b.count(len(p))
	return b.conn.Tx(p, nil)
}

// send sends a command and its parameters, at most 15.
func (b *bus) send(c command, params ...byte) error {
	err := b.setDC(gpio.Low)
	if err == nil {
		b.scratch[0] = byte(c)
		err = b.tx(b.scratch[:1])
	}
	if err == nil && len(params) > 0 {
		n := copy(b.scratch[:], params)
		if err = b.setDC(gpio.High); err == nil {
			err = b.tx(b.scratch[:n])
		}
	}
	if err != nil {
		b.forget()
		return fmt.Errorf("%v: %w", c, err)
	}
	return nil
}

// sendAll sends commands, one after another.
func (b *bus) sendAll(steps []step) error {
	for _, s := range steps {
		if err := b.send(s.cmd, s.params...); err != nil {
			return err
		}
	}
	return nil
}

// pixels sends pixels for the window r of the controller's addresses.
func (b *bus) pixels(r image.Rectangle, pixels []byte) error {
	if err := b.address(r); err != nil {
		return err
	}
	return b.memory(pixels)
}

// address sets the window and begins to write at its first pixel.
func (b *bus) address(r image.Rectangle) error {
	if b.turned {
		r = image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
	}
	if err := b.axis(0, b.column, r.Min.X, r.Max.X-1); err != nil {
		return err
	}
	if err := b.axis(1, b.row, r.Min.Y, r.Max.Y-1); err != nil {
		return err
	}
	return b.send(b.write)
}

func (b *bus) axis(i int, c command, first, last int) error {
	v := uint64(first)<<16 | uint64(last)
	if b.known[i] && b.window[i] == v {
		return nil
	}
	var err error
	if b.short {
		err = b.send(c, byte(first), byte(last))
	} else {
		var p [4]byte
		binary.BigEndian.PutUint32(p[:], uint32(v))
		err = b.send(c, p[:]...)
	}
	if err != nil {
		return err
	}
	b.window[i], b.known[i] = v, true
	return nil
}

// memory sends pixels, the next after those sent since the command to write.
func (b *bus) memory(pixels []byte) error {
	err := b.setDC(gpio.High)
	for err == nil && len(pixels) > 0 {
		n := min(len(pixels), b.maxTx)
		err = b.tx(pixels[:n])
		pixels = pixels[n:]
	}
	if err != nil {
		b.forget()
		return fmt.Errorf("%v: %w", b.write, err)
	}
	return nil
}

// Times that the data sheets ask for, rounded up.
const (
	resetPulse   = 10 * time.Millisecond  // at least 10 us low
	resetTime    = 150 * time.Millisecond // until SLPOUT is taken; at least 120 ms
	sleepOutTime = 120 * time.Millisecond // until the supply voltages are stable
	sleepInTime  = 5 * time.Millisecond
)
