package paneltest

import (
	"image/color"
	"slices"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// An oled is an SSD1351 (data sheet, revision 1.3, chapters 9 and 10) with its memory of 128 x 128
// pixels, and glass in front of part of it. Parameters are sent as data.
type oled struct {
	module *Module
	panel  panel.Panel
	memory []uint32 // [row][column]
	oledRegisters
}

type oledRegisters struct {
	cmd              byte
	params           []byte
	part             []byte // of a pixel
	writing          bool
	unlocked, all    bool
	on, inverted     bool
	remap            byte
	columns, rows    [2]int
	column, row      int
	mux, start, skip int
	written          int
}

// oledParams is how many parameters a command has.
var oledParams = map[byte]int{
	0x15: 2, 0x75: 2, 0x5c: 0, 0xa0: 1, 0xa1: 1, 0xa2: 1, 0xa4: 0, 0xa5: 0, 0xa6: 0, 0xa7: 0, 0xab: 1, 0xad: 0, 0xae: 0, 0xaf: 0, 0xb0: 0, 0xb1: 1,
	0xb2: 3, 0xb3: 1, 0xb4: 3, 0xb5: 1, 0xb6: 1, 0xb8: 63, 0xb9: 0, 0xbb: 1, 0xbe: 1, 0xc1: 3, 0xc7: 1, 0xca: 1, 0xd1: 0, 0xe3: 0, 0xfd: 1,
}

func newSSD1351(m *Module, p panel.Panel) *oled {
	return &oled{module: m, panel: p, memory: make([]uint32, 128*128)}
}

func (c *oled) reset(cold bool) {
	if cold {
		noise(c.memory)
	}
	c.oledRegisters = oledRegisters{unlocked: true, remap: 0x40, columns: [2]int{0, 127}, rows: [2]int{0, 127}, mux: 128, skip: 0x60}
}

func (c *oled) tx(dc gpio.Level, b []byte) {
	for _, v := range b {
		switch {
		case dc == gpio.Low:
			c.command(v)
		case c.writing:
			if c.part = append(c.part, v); len(c.part) == 2 {
				c.write(rgb565.pixel(c.part))
				c.part = c.part[:0]
			}
		default:
			c.parameter(v)
		}
	}
}

func (c *oled) command(b byte) {
	if len(c.part) > 0 {
		c.module.fault("command %02x in the middle of a pixel", b)
	}
	if _, ok := oledParams[b]; !ok {
		c.module.fault("command %02x", b)
	}
	c.cmd, c.params, c.part, c.writing = b, c.params[:0], c.part[:0], false
	if !c.unlocked && b != 0xfd {
		c.module.fault("command %02x while locked", b)
		return
	}
	switch b {
	case 0x5c:
		if c.remap&0xc0 != 0x40 {
			c.module.fault("pixels with re-map at %02x, which is not 65K colours", c.remap)
		}
		c.writing, c.written = true, 0
		c.column, c.row = c.columns[0], c.rows[0]
	case 0xa6, 0xa7:
		c.inverted = b == 0xa7
	case 0xae, 0xaf:
		c.on = b == 0xaf
	}
}

func (c *oled) parameter(b byte) {
	c.params = append(c.params, b)
	if len(c.params) != oledParams[c.cmd] {
		if len(c.params) > oledParams[c.cmd] {
			c.module.fault("command %02x has %d parameters", c.cmd, oledParams[c.cmd])
		}
		return
	}
	switch c.cmd {
	case 0x15, 0x75:
		from, to := int(c.params[0]), int(c.params[1])
		if from > to || to > 127 {
			c.module.fault("command %02x: %d to %d of 128", c.cmd, from, to)
			return
		}
		if c.cmd == 0x15 {
			c.columns = [2]int{from, to}
		} else {
			c.rows = [2]int{from, to}
		}
	case 0xa0:
		c.remap = b
	case 0xa1:
		c.start = int(b)
	case 0xa2:
		c.skip = int(b)
	case 0xca:
		c.mux = int(b) + 1
	case 0xfd:
		switch b {
		case 0x12:
			c.unlocked = true
		case 0x16:
			c.unlocked = false
		case 0xb1:
			c.all = true
		case 0xb0:
			c.all = false
		default:
			c.module.fault("command lock %02x", b)
		}
	}
	// Some are locked until they are unlocked on their own.
	if slices.Contains([]byte{0xa2, 0xb1, 0xb3, 0xbb, 0xbe, 0xc1}, c.cmd) && !c.all {
		c.module.fault("command %02x is locked", c.cmd)
	}
}

// write writes a pixel at the address counter and advances it, along columns or rows (10.1.3).
func (c *oled) write(v uint32) {
	x, y := c.column, c.row
	if c.remap&0x02 != 0 {
		x = 127 - x
	}
	if c.remap&0x04 != 0 {
		v = rgb565.swapped(v)
	}
	c.memory[y*128+x] = v
	if c.written++; c.written > (c.columns[1]-c.columns[0]+1)*(c.rows[1]-c.rows[0]+1) {
		c.module.fault("more pixels than the window has")
	}
	next := func(at *int, window [2]int) bool {
		if *at++; *at > window[1] {
			*at = window[0]
			return true
		}
		return false
	}
	if c.remap&0x01 != 0 {
		if next(&c.row, c.rows) {
			next(&c.column, c.columns)
		}
	} else if next(&c.column, c.columns) {
		next(&c.row, c.rows)
	}
}

// pixel takes for granted that the module is upright when rows are scanned from the last.
func (c *oled) pixel(x, y int) color.Color {
	if !c.on || c.remap&0x20 == 0 || c.mux != 128 {
		return color.Black
	}
	if c.panel.Mirror {
		x = c.panel.Size.X - 1 - x
	}
	x, y = x+c.panel.Offset.X, y+c.panel.Offset.Y
	if c.remap&0x10 == 0 {
		y = 127 - y
	}
	v := c.memory[(y+c.start+c.skip)%128*128+x]
	if c.panel.BGR {
		v = rgb565.swapped(v)
	}
	if c.inverted != c.panel.Invert {
		v = rgb565.inverted(v)
	}
	return rgb565.color(v)
}
