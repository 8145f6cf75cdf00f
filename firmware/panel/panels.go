package panel

import (
	"image"
	"slices"

	"periph.io/x/conn/v3/physic"
)

// A Controller is a chip that drives glass.
type Controller struct {
	Name   string
	colmod byte // COLMOD for the pixels that are sent: 16 or 18 bits
	// After SLPOUT, or before it where early, for what a reset does not leave as the glass needs it
	steps  []step
	early  bool
	family family
}

// A family are controllers that are spoken to alike.
type family int

const (
	mipi    family = iota
	ssd1351        // colours, with commands of its own
	pages          // one bit a pixel, in pages of eight rows
)

// pixel is how many bytes of the wire a pixel takes: two, RGB565, or three with six bits of a
// colour each.
func (c *Controller) pixel() int {
	if c.colmod&7 == 6 {
		return 3
	}
	return 2
}

// The controllers. Whatever has no step keeps the value that a reset gives it, which modules'
// makers may have programmed into the controller's own non-volatile memory.
var (
	// ST7789V, Sitronix, version 1.0. 9.1.32 COLMOD: 65K colours on both the RGB and the control
	// interface.
	st7789 = Controller{Name: "ST7789", colmod: 0x55}

	// ILI9341, Ilitek, version 1.11. 8.2.33 COLMOD. The power commands are in chapters 8.3 and 8.4.
	ili9341 = Controller{Name: "ILI9341", colmod: 0x55, steps: []step{
		{0xcf, []byte{0x00, 0xc1, 0x30}},       // 8.4.2 power control B: discharge path, drive
		{0xed, []byte{0x64, 0x03, 0x12, 0x81}}, // 8.4.6 power on: soft start, DDVDH enhanced
		{0xf7, []byte{0x20}},                   // 8.4.8 pump ratio: DDVDH is twice VCI
		{0xc0, []byte{0x23}},                   // 8.3 power control 1: GVDD 4.6 V
		{0xc1, []byte{0x10}},                   // 8.3 power control 2: step-up factors
		{0xc5, []byte{0x3e, 0x28}},             // 8.3 VCOM control 1: VCOMH 4.25 V, VCOML -1.5 V
		{0xc7, []byte{0x86}},                   // 8.3 VCOM control 2: offset
	}}

	// ILI9488, Ilitek, version 1.0. COLMOD: over SPI it takes 18 bits a pixel, or 3, never 16.
	ili9488 = Controller{Name: "ILI9488", colmod: 0x66, steps: []step{
		{0xc0, []byte{0x17, 0x15}},             // power control 1: levels of grey
		{0xc1, []byte{0x41}},                   // power control 2: step-up factors
		{0xc5, []byte{0x00, 0x12, 0x80}},       // VCOM control, by register
		{0xb1, []byte{0xa0}},                   // frame rate: 60 Hz
		{0xb6, []byte{0x02, 0x02, 0x3b}},       // display function: scan order, 480 lines
		{0xf7, []byte{0xa9, 0x51, 0x2c, 0x82}}, // adjust control 3: the loose packet of DSI is off
	}}

	// ST7735R, Sitronix, version 0.2, and ST7735S. COLMOD: 16 bits on the control interface, which
	// is the only one.
	st7735 = Controller{Name: "ST7735", colmod: 0x05}

	// GC9A01A, Galaxycore, version 1.0. The data sheet leaves out most of what modules need: where
	// only a number stands, it is the glass's maker's, the same in all drivers.
	gc9a01 = Controller{Name: "GC9A01", colmod: 0x55, early: true, steps: []step{
		{0xfe, nil}, {0xef, nil}, // inter register enable 1 and 2
		{0xeb, []byte{0x14}}, {0x84, []byte{0x40}}, {0x88, []byte{0x0a}}, {0x89, []byte{0x21}}, {0x8a, []byte{0x00}}, {0x8b, []byte{0x80}},
		{0x8c, []byte{0x01}}, {0x8d, []byte{0x01}},
		{0xb6, []byte{0x00, 0x00}}, // display function: scan directions
		{0x90, []byte{0x08, 0x08, 0x08, 0x08}}, {0xbd, []byte{0x06}}, {0xbc, []byte{0x00}}, {0xff, []byte{0x60, 0x01, 0x04}},
		{0xc3, []byte{0x13}}, {0xc4, []byte{0x13}}, {0xc9, []byte{0x22}}, // power control 2 to 4
		{0xbe, []byte{0x11}}, {0xe1, []byte{0x10, 0x0e}}, {0xdf, []byte{0x21, 0x0c, 0x02}},
		{0xf0, []byte{0x45, 0x09, 0x08, 0x08, 0x26, 0x2a}}, // gamma 1 to 4
		{0xf1, []byte{0x43, 0x70, 0x72, 0x36, 0x37, 0x6f}},
		{0xf2, []byte{0x45, 0x09, 0x08, 0x08, 0x26, 0x2a}},
		{0xf3, []byte{0x43, 0x70, 0x72, 0x36, 0x37, 0x6f}},
		{0xed, []byte{0x1b, 0x0b}}, {0xae, []byte{0x77}}, {0xcd, []byte{0x63}},
		{0xe8, []byte{0x34}}, // frame rate
		{0x62, []byte{0x18, 0x0d, 0x71, 0xed, 0x70, 0x70, 0x18, 0x0f, 0x71, 0xef, 0x70, 0x70}},
		{0x63, []byte{0x18, 0x11, 0x71, 0xf1, 0x70, 0x70, 0x18, 0x13, 0x71, 0xf3, 0x70, 0x70}},
		{0x64, []byte{0x28, 0x29, 0xf1, 0x01, 0xf1, 0x00, 0x07}}, {0x66, []byte{0x3c, 0x00, 0xcd, 0x67, 0x45, 0x45, 0x10, 0x00, 0x00, 0x00}},
		{0x67, []byte{0x00, 0x3c, 0x00, 0x00, 0x00, 0x01, 0x54, 0x10, 0x32, 0x98}}, {0x74, []byte{0x10, 0x85, 0x80, 0x00, 0x00, 0x4e, 0x00}},
		{0x98, []byte{0x3e, 0x07}},
	}}

	// SSD1351, Solomon Systech, revision 1.3, chapters 9 and 10.
	ssd1351Controller = Controller{Name: "SSD1351", family: ssd1351, steps: []step{
		{0xb3, []byte{0xf1}},             // clock: the fastest oscillator, halved
		{0xca, []byte{0x7f}},             // multiplex ratio: 128
		{0xa1, []byte{0x00}},             // start line
		{0xa2, []byte{0x00}},             // display offset, which a reset leaves at 96
		{0xb5, []byte{0x00}},             // GPIO: off
		{0xab, []byte{0x01}},             // function: the internal regulator
		{0xb4, []byte{0xa0, 0xb5, 0x55}}, // segment low voltage: external
		{0xb1, []byte{0x32}},             // reset and precharge periods
		{0xbe, []byte{0x05}},             // VCOMH: 0.82 of VCC
		{0xc1, []byte{0xc8, 0x80, 0xc8}}, // contrast of the colours
		{0xc7, []byte{0x0f}},             // contrast of all: the most
		{0xb6, []byte{0x01}},             // second precharge period
	}}

	// SSD1306, Solomon Systech, revision 1.1, and SH1106, Sino Wealth, version 2.3: see dotsSteps.
	ssd1306Controller = Controller{Name: "SSD1306", family: pages}
	sh1106Controller  = Controller{Name: "SH1106", family: pages}
)

// A Panel is a controller together with the glass that is bonded to it.
type Panel struct {
	Name       string
	Controller Controller
	Memory     image.Point // columns and rows of the controller's memory
	Size       image.Point // pixels of the glass, unrotated
	Offset     image.Point // column and row of the memory under the glass's top left corner
	Mirror     bool        // the glass counts columns from the right
	Invert     bool        // the glass shows colours inverted unless the controller inverts them
	BGR        bool        // the filters on the glass are in the order blue, green, red
	Round      bool        // of the glass only the circle within is there
	Clock      physic.Frequency
	// What of this nobody has read in a data sheet or a driver; empty where all has been
	Unchecked string
}

// Dots reports whether the panel has no colours, nor grey: a pixel is on or off.
func (p *Panel) Dots() bool { return p.Controller.family == pages }

// FrameBytes is how many bytes of pixels a whole frame takes on the wire.
func (p *Panel) FrameBytes() int {
	if p.Dots() {
		return p.Size.X * p.Size.Y / 8
	}
	return p.Controller.pixel() * p.Size.X * p.Size.Y
}

// Clocks that are known to work. The ILI9341's is four times what its data sheet allows, a write
// cycle of 100 ns; modules take it.
const (
	clockST7789  = 62500 * physic.KiloHertz
	clockILI9341 = 40 * physic.MegaHertz
	clockST7735  = 15 * physic.MegaHertz // the data sheet's limit, a write cycle of 66 ns
	clockGC9A01  = 40 * physic.MegaHertz
	clockSSD1351 = 20 * physic.MegaHertz // the data sheet's limit, a cycle of 50 ns
	clockILI9488 = 20 * physic.MegaHertz // likewise
	clockSSD1306 = 3300 * physic.KiloHertz
	clockSH1106  = 4 * physic.MegaHertz // the data sheet's limit, a cycle of 250 ns
)

// Panels lists the panels that are known. The ST7735 has 132 columns and 162 rows or, wired for
// 1.44" glass, 132 rows, or 128 x 160.
var Panels = []Panel{
	{Name: "st7789-240x240", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(240, 240), Invert: true, Clock: clockST7789},
	{Name: "st7789-240x320", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(240, 320), Invert: true, Clock: clockST7789},
	{Name: "st7789-135x240", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(135, 240), Offset: image.Pt(52, 40), Invert: true, Clock: clockST7789},
	{Name: "st7789-170x320", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(170, 320), Offset: image.Pt(35, 0), Invert: true, Clock: clockST7789},
	{Name: "st7789-172x320", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(172, 320), Offset: image.Pt(34, 0), Invert: true, Clock: clockST7789},
	{Name: "st7789-240x280", Controller: st7789, Memory: image.Pt(240, 320), Size: image.Pt(240, 280), Offset: image.Pt(0, 20), Invert: true, Clock: clockST7789},
	{Name: "ili9341-240x320", Controller: ili9341, Memory: image.Pt(240, 320), Size: image.Pt(240, 320), Mirror: true, BGR: true, Clock: clockILI9341, Unchecked: "mirror"},
	{Name: "st7735-128x128", Controller: st7735, Memory: image.Pt(132, 132), Size: image.Pt(128, 128), Offset: image.Pt(2, 1), BGR: true, Clock: clockST7735},
	{Name: "st7735-128x160", Controller: st7735, Memory: image.Pt(128, 160), Size: image.Pt(128, 160), BGR: true, Clock: clockST7735, Unchecked: "offset: 2,1 on some, which is st7735s-128x160"},
	{Name: "st7735s-128x160", Controller: st7735, Memory: image.Pt(132, 162), Size: image.Pt(128, 160), Offset: image.Pt(2, 1), BGR: true, Clock: clockST7735, Unchecked: "offset: 0,0 on some, which is st7735-128x160"},
	{Name: "st7735-80x160", Controller: st7735, Memory: image.Pt(132, 162), Size: image.Pt(80, 160), Offset: image.Pt(26, 1), BGR: true, Invert: true, Clock: clockST7735},
	{Name: "gc9a01-240x240", Controller: gc9a01, Memory: image.Pt(240, 240), Size: image.Pt(240, 240), BGR: true, Invert: true, Round: true, Clock: clockGC9A01, Unchecked: "mirror"},
	{Name: "ssd1351-128x128", Controller: ssd1351Controller, Memory: image.Pt(128, 128), Size: image.Pt(128, 128), BGR: true, Clock: clockSSD1351},
	{Name: "ssd1351-128x96", Controller: ssd1351Controller, Memory: image.Pt(128, 128), Size: image.Pt(128, 96), Offset: image.Pt(0, 32), BGR: true, Clock: clockSSD1351, Unchecked: "offset"},
	{Name: "ili9488-320x480", Controller: ili9488, Memory: image.Pt(320, 480), Size: image.Pt(320, 480), Mirror: true, BGR: true, Clock: clockILI9488, Unchecked: "mirror, inversion"},
	{Name: "ssd1306-128x64", Controller: ssd1306Controller, Memory: image.Pt(128, 64), Size: image.Pt(128, 64), Clock: clockSSD1306},
	{Name: "ssd1306-128x32", Controller: ssd1306Controller, Memory: image.Pt(128, 64), Size: image.Pt(128, 32), Clock: clockSSD1306},
	{Name: "sh1106-128x64", Controller: sh1106Controller, Memory: image.Pt(132, 64), Size: image.Pt(128, 64), Offset: image.Pt(2, 0), Clock: clockSH1106},
}

// Find returns the panel of that name.
func Find(name string) (Panel, bool) {
	i := slices.IndexFunc(Panels, func(p Panel) bool { return p.Name == name })
	if i < 0 {
		return Panel{}, false
	}
	return Panels[i], true
}

// Bits of MADCTL: how the order of writing maps to the memory (ST7789V 9.1.28, ILI9341 8.2.29).
const (
	madctlMY  = 0x80 // row address order: from the bottom
	madctlMX  = 0x40 // column address order: from the right
	madctlMV  = 0x20 // rows and columns exchanged
	madctlBGR = 0x08 // colour order
)

// quarterTurns holds MADCTL for pictures turned by 0, 90, 180 and 270 degrees clockwise.
var quarterTurns = [4]byte{0, madctlMX | madctlMV, madctlMX | madctlMY, madctlMY | madctlMV}

// madctl returns MADCTL for a picture turned by quarter turns.
func (p *Panel) madctl(turns int) byte {
	m := quarterTurns[turns]
	if p.Mirror {
		m ^= madctlMX
	}
	if p.BGR {
		m |= madctlBGR
	}
	return m
}

// remap returns the SSD1351's counterpart of madctl (10.1.3, set re-map): its rows are written in
// one order and shown in the other.
func (p *Panel) remap(turns int) byte {
	m := p.madctl(turns)
	r := byte(0x60) // 65K colours, rows split between both sides of the chip
	for _, bit := range []struct{ is, to byte }{{madctlMV, 0x01}, {madctlMX, 0x02}, {madctlBGR, 0x04}} {
		if m&bit.is != 0 {
			r |= bit.to
		}
	}
	if m&madctlMY == 0 {
		r |= 0x10
	}
	return r
}

// window returns the size of the picture and the addresses of its top left pixel, for CASET and
// RASET, turned by quarter turns.
//
// A bit that reverses an axis counts the addresses from the memory's other end, so the glass then
// starts after as many as lay beyond it; MV exchanges the axes last. This holds for every rotation
// and panel: no offset is to be stated but the unrotated one.
func (p *Panel) window(turns int) (size, offset image.Point) {
	m := p.madctl(turns)
	size, offset = p.Size, p.Offset
	far := p.Memory.Sub(p.Size).Sub(p.Offset)
	if m&madctlMX != 0 {
		offset.X = far.X
	}
	if m&madctlMY != 0 {
		offset.Y = far.Y
	}
	if m&madctlMV != 0 {
		size, offset = image.Pt(size.Y, size.X), image.Pt(offset.Y, offset.X)
	}
	return size, offset
}
