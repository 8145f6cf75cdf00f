package paneltest

import (
	"image/color"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// A mipi is an ST7789, ILI9341, ILI9488, ST7735 or GC9A01 with its memory, and glass in front of
// part of it.
type mipi struct {
	module *Module
	panel  panel.Panel
	format format
	memory []uint32 // [row][column], in the order of the memory, colours as they were written

	cmd    byte
	params []byte
	// Registers.
	madctl, colmod      byte
	columns, rows       [2]int // the window
	awake, on, inverted bool
	// The address counter and the first bytes of a pixel.
	column, row int
	part        []byte
	writing     bool
	written     int // pixels since RAMWR

	ready     time.Time // for any command
	readyWake time.Time // for SLPOUT
	readySlp  time.Time // for SLPIN
}

func newMIPI(m *Module, p panel.Panel) *mipi {
	c := &mipi{module: m, panel: p, format: rgb565, memory: make([]uint32, p.Memory.X*p.Memory.Y)}
	if p.Controller.Name == "ILI9488" { // over SPI it takes no others
		c.format = rgb666
	}
	return c
}

// A format is that of pixels on the wire and in the memory.
type format struct {
	bits, bytes int // of a pixel
	colmod      byte
}

var (
	rgb565 = format{16, 2, 5}
	rgb666 = format{18, 3, 6}
)

// pixel is what bytes of the wire are in the memory.
func (f format) pixel(b []byte) uint32 {
	if f.bytes == 3 {
		return uint32(b[0]>>2)<<12 | uint32(b[1]>>2)<<6 | uint32(b[2]>>2)
	}
	return uint32(b[0])<<8 | uint32(b[1])
}

// swapped exchanges red and blue.
func (f format) swapped(v uint32) uint32 {
	if f.bytes == 3 {
		return v>>12 | v&0xfc0 | v<<12&0x3f000
	}
	return v>>11 | v&0x07e0 | v<<11&0xf800
}

func (f format) inverted(v uint32) uint32 { return ^v & (1<<f.bits - 1) }

func (f format) color(v uint32) color.Color {
	if f.bytes == 3 {
		return panel.RGB666(v)
	}
	return panel.RGB565(v)
}

// reset leaves the memory as it is, unless the power was gone (ST7789V 9.1.2, ILI9341 8.2.2,
// ST7735R 10.1.2).
func (c *mipi) reset(cold bool) {
	if cold {
		noise(c.memory)
	}
	c.cmd, c.params, c.part, c.writing = 0, nil, nil, false
	c.madctl = 0
	c.colmod = 0x66 // 18 bits a pixel
	c.columns, c.rows = [2]int{0, c.panel.Memory.X - 1}, [2]int{0, c.panel.Memory.Y - 1}
	c.awake, c.on, c.inverted = false, false, false
	now := c.module.now()
	if cold {
		now = time.Time{} // the power came long ago
	}
	c.ready, c.readyWake = now.Add(5*time.Millisecond), now.Add(120*time.Millisecond)
}

const (
	swreset, slpin, slpout, noron, invoff, invon, dispoff, dispon = 0x01, 0x10, 0x11, 0x13, 0x20, 0x21, 0x28, 0x29
	caset, raset, ramwr, madctl, colmod, ramwrc                   = 0x2a, 0x2b, 0x2c, 0x36, 0x3a, 0x3c
)

// exchanged says whether MV exchanges rows and columns.
func (c *mipi) exchanged() bool { return c.madctl&0x20 != 0 }

func (c *mipi) tx(dc gpio.Level, b []byte) {
	for _, v := range b {
		switch {
		case dc == gpio.Low:
			c.command(v)
		case !c.writing:
			c.parameter(v)
		default:
			if c.part = append(c.part, v); len(c.part) == c.format.bytes {
				c.write(c.format.pixel(c.part))
				c.part = c.part[:0]
			}
		}
	}
}

func (c *mipi) parameter(b byte) {
	c.params = append(c.params, b)
	switch {
	case c.cmd == madctl && len(c.params) == 1:
		c.madctl = b
	case c.cmd == colmod && len(c.params) == 1:
		c.colmod = b
	case (c.cmd == caset || c.cmd == raset) && len(c.params) == 4:
		c.window()
	}
}

func (c *mipi) command(b byte) {
	now := c.module.now()
	if now.Before(c.ready) {
		c.module.fault("command %02x within 5 ms of a reset, SLPIN or SLPOUT", b)
	}
	if len(c.part) > 0 {
		c.module.fault("command %02x in the middle of a pixel", b)
	}
	// Parameters that a command cuts short are dropped (ST7789V 8.7).
	c.cmd, c.params, c.part, c.writing = b, c.params[:0], c.part[:0], false
	switch b {
	case swreset:
		c.reset(false)
	case slpin:
		if now.Before(c.readySlp) {
			c.module.fault("SLPIN within 120 ms of SLPOUT")
		}
		c.awake = false
		c.ready, c.readyWake = now.Add(5*time.Millisecond), now.Add(120*time.Millisecond)
	case slpout:
		if now.Before(c.readyWake) {
			c.module.fault("SLPOUT within 120 ms of a reset or SLPIN")
		}
		c.awake = true
		c.ready, c.readySlp = now.Add(5*time.Millisecond), now.Add(120*time.Millisecond)
	case dispon, dispoff:
		c.on = b == dispon
	case invon, invoff:
		c.inverted = b == invon
	case ramwr, ramwrc:
		if c.colmod&7 != c.format.colmod {
			c.module.fault("pixels with COLMOD at %02x, which is not %d bits a pixel", c.colmod, c.format.bits)
			return
		}
		c.writing = true
		if b == ramwr {
			c.column, c.row, c.written = c.columns[0], c.rows[0], 0
		}
	}
}

// window takes the parameters of CASET or RASET. Those of a window outside the memory are ignored.
func (c *mipi) window() {
	from, to := int(c.params[0])<<8|int(c.params[1]), int(c.params[2])<<8|int(c.params[3])
	limit := c.panel.Memory.X
	if (c.cmd == raset) != c.exchanged() {
		limit = c.panel.Memory.Y
	}
	if from > to || to >= limit {
		c.module.fault("command %02x: %d to %d of %d", c.cmd, from, to, limit)
		return
	}
	if c.cmd == caset {
		c.columns = [2]int{from, to}
	} else {
		c.rows = [2]int{from, to}
	}
}

// write writes a pixel at the address counter and advances it: along the columns of the window,
// then to the next row, and from the last pixel back to the first (ST7789V 8.12, ST7735R 9.10).
func (c *mipi) write(v uint32) {
	x, y := c.column, c.row
	if c.exchanged() {
		x, y = y, x
	}
	if c.madctl&0x40 != 0 {
		x = c.panel.Memory.X - 1 - x
	}
	if c.madctl&0x80 != 0 {
		y = c.panel.Memory.Y - 1 - y
	}
	if x >= 0 && x < c.panel.Memory.X && y >= 0 && y < c.panel.Memory.Y {
		// The colour order is applied on the way from the interface to the memory.
		if c.madctl&0x08 != 0 {
			v = c.format.swapped(v)
		}
		c.memory[y*c.panel.Memory.X+x] = v
	} else {
		c.module.fault("pixel outside the memory: column %d, row %d", x, y)
	}
	if c.written++; c.written > (c.columns[1]-c.columns[0]+1)*(c.rows[1]-c.rows[0]+1) {
		c.module.fault("more pixels than the window has")
	}
	if c.column++; c.column > c.columns[1] {
		c.column = c.columns[0]
		if c.row++; c.row > c.rows[1] {
			c.row = c.rows[0]
		}
	}
}

func (c *mipi) pixel(x, y int) color.Color {
	if !c.awake || !c.on {
		return color.Black
	}
	if c.panel.Mirror { // the glass counts columns from the right
		x = c.panel.Size.X - 1 - x
	}
	v := c.memory[(y+c.panel.Offset.Y)*c.panel.Memory.X+x+c.panel.Offset.X]
	if c.panel.BGR {
		v = c.format.swapped(v)
	}
	if c.inverted != c.panel.Invert {
		v = c.format.inverted(v)
	}
	return c.format.color(v)
}
