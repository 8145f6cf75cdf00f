package paneltest

import (
	"image/color"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// A dots is an SSD1306 (data sheet, revision 1.1, chapters 9 and 10) or an SH1106 (version 2.3,
// "Commands"), with glass in front of part of its memory.
type dots struct {
	module *Module
	panel  panel.Panel
	memory [8][132]byte // [page][column], bit 0 on top
	dotsRegisters
}

type dotsRegisters struct {
	cmd          byte
	left         int // parameters that the command still wants
	page, column int
	pageMode     bool // memory is addressed by pages, as the SH1106's always is
	on, inverted bool
	pump         bool // the voltage for the dots
	segRemap     bool // column 127 or 131 is on the left
	comRemap     bool // the last row is on top
	com          byte // how rows are bonded
	rows         int
}

func newDots(m *Module, p panel.Panel) *dots { return &dots{module: m, panel: p} }

func (c *dots) sh1106() bool { return c.panel.Controller.Name == "SH1106" }

func (c *dots) reset(cold bool) {
	if cold {
		for i := range c.memory {
			for j := range c.memory[i] {
				c.memory[i][j] = byte(i*37 + j*11)
			}
		}
	}
	c.dotsRegisters = dotsRegisters{com: 0x12, rows: 64, pageMode: true}
}

func (c *dots) tx(dc gpio.Level, b []byte) {
	for _, v := range b {
		if dc == gpio.High {
			c.data(v)
		} else {
			c.command(v)
		}
	}
}

func (c *dots) data(b byte) {
	if c.left > 0 {
		c.module.fault("data in place of a parameter of command %02x", c.cmd)
		c.left = 0
	}
	if !c.pageMode {
		c.module.fault("only addressing by pages is emulated")
	}
	width := c.panel.Memory.X
	if c.column >= width {
		c.module.fault("data beyond the last column")
		return
	}
	at := c.column
	if c.segRemap { // it is applied to what is written
		at = width - 1 - at
	}
	c.memory[c.page][at] = b
	if c.column++; c.column == width && !c.sh1106() {
		c.column = 0 // the SH1106's stays
	}
}

func (c *dots) command(b byte) {
	if c.left > 0 {
		c.left--
		c.parameter(b)
		return
	}
	c.cmd = b
	only := func(sh1106 bool) {
		if c.sh1106() != sh1106 {
			c.module.fault("command %02x", b)
		}
	}
	switch {
	case b < 0x10:
		c.column = c.column&^0xf | int(b)
	case b < 0x20:
		c.column = c.column&0xf | int(b&15)<<4
	case b == 0x20 || b == 0x8d:
		only(false)
		c.left = 1
	case b == 0xad:
		only(true)
		c.left = 1
	case b >= 0x30 && b < 0x34:
		only(true)
	case b == 0x81 || b == 0xa8 || b == 0xd3 || b == 0xd5 || b == 0xd9 || b == 0xda || b == 0xdb:
		c.left = 1
	case b == 0xa0 || b == 0xa1:
		c.segRemap = b == 0xa1
	case b == 0xa6 || b == 0xa7:
		c.inverted = b == 0xa7
	case b == 0xae || b == 0xaf:
		c.on = b == 0xaf
	case b >= 0xb0 && b < 0xb8:
		c.page = int(b & 7)
	case b == 0xc0 || b == 0xc8:
		c.comRemap = b == 0xc8
	case b == 0x40 || b == 0xa4 || b == 0xe3:
	default:
		c.module.fault("command %02x", b)
	}
}

func (c *dots) parameter(b byte) {
	switch c.cmd {
	case 0x20:
		c.pageMode = b&3 == 2
	case 0x8d:
		c.pump = b == 0x14
	case 0xad:
		c.pump = b == 0x8b
	case 0xa8:
		c.rows = int(b) + 1
	case 0xda:
		c.com = b
	case 0xd3:
		if b != 0 {
			c.module.fault("a display offset of %d is not emulated", b)
		}
	}
}

// pixel takes for granted that modules are mounted so that both remaps make them upright, and that
// glass of up to 32 rows is bonded to every output.
func (c *dots) pixel(x, y int) color.Color {
	com := byte(0x12)
	if c.panel.Size.Y <= 32 {
		com = 0x02
	}
	if !c.on || !c.pump || c.com != com || y >= c.rows {
		return color.Black
	}
	width := c.panel.Memory.X
	// The glass's left column is the memory's last but offset.
	at := width - 1 - c.panel.Offset.X - x
	if c.panel.Mirror {
		at = width - c.panel.Offset.X - c.panel.Size.X + x
	}
	if !c.comRemap {
		y = c.rows - 1 - y
	}
	if (c.memory[(y+c.panel.Offset.Y)/8][at]>>(y%8)&1 != 0) != (c.inverted != c.panel.Invert) {
		return color.White
	}
	return color.Black
}
