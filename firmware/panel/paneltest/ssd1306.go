package paneltest

import (
	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// An ssd1306 is an SSD1306 with 128 x 64 dots (data sheet, revision 1.1, chapters 9 and 10).
type ssd1306 struct {
	module       *Module
	memory       [8][128]byte // [page][column], bit 0 on top
	cmd          byte
	left         int // parameters that the command still wants
	page, column int
	on, inverted bool
	segRemap     bool // column 127 is on the left
	comRemap     bool // the last row is on top
}

func (c *ssd1306) reset(cold bool) {
	memory := c.memory
	if cold {
		for i := range memory {
			for j := range memory[i] {
				memory[i][j] = byte(i*37 + j*11)
			}
		}
	}
	*c = ssd1306{module: c.module, memory: memory}
}

func (c *ssd1306) tx(dc gpio.Level, b []byte) {
	for _, v := range b {
		c.take(dc, v)
	}
}

func (c *ssd1306) take(dc gpio.Level, b byte) {
	if dc == gpio.High {
		c.memory[c.page][c.column] = b
		c.column = (c.column + 1) % 128
		return
	}
	if c.left > 0 {
		c.left--
		return
	}
	c.cmd = b
	switch {
	case b < 0x10:
		c.column = c.column&^0xf | int(b)
	case b < 0x20:
		c.column = c.column&0xf | int(b&7)<<4
	case b == 0x21 || b == 0x22:
		c.left = 2
	case b == 0x20 || b == 0x81 || b == 0x8d || b == 0xa8 || b == 0xd3 || b == 0xd5 || b == 0xd9 || b == 0xda || b == 0xdb:
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
	case b == 0x2e || b == 0x40 || b == 0xa4:
	default:
		c.module.fault("command %02x", b)
	}
}

// pixel takes for granted that modules are mounted so that both remaps make them upright.
func (c *ssd1306) pixel(x, y int) panel.RGB565 {
	if !c.on {
		return 0
	}
	if !c.segRemap {
		x = 127 - x
	}
	if !c.comRemap {
		y = 63 - y
	}
	if (c.memory[y/8][x]>>(y%8)&1 != 0) != c.inverted {
		return 0xffff
	}
	return 0
}
