package panel

import (
	"image"
	"slices"

	"periph.io/x/conn/v3/physic"
)

// A step is one command of an initialisation: what it is for stands beside it in the table.
type step struct {
	cmd    command
	params []byte
}

// A Controller is a chip that drives glass.
type Controller struct {
	Name   string
	colmod byte   // COLMOD for 16 bits a pixel
	steps  []step // after SLPOUT, for what a reset does not leave as the glass needs it
	pages  bool   // not of the MIPI family: one bit a pixel, in pages of eight rows
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

	// ST7735R, Sitronix, version 0.2, and ST7735S. COLMOD: 16 bits on the control interface, which
	// is the only one.
	st7735 = Controller{Name: "ST7735", colmod: 0x05}

	// SSD1306, Solomon Systech, revision 1.1, by periph's driver.
	ssd1306Controller = Controller{Name: "SSD1306", pages: true}
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
	Clock      physic.Frequency
	// What of this nobody has read in a data sheet or a driver; empty where all has been
	Unchecked string
}

// Dots reports whether the panel has no colours, nor grey: a pixel is on or off.
func (p *Panel) Dots() bool { return p.Controller.pages }

// FrameBytes is how many bytes of pixels a whole frame takes on the wire.
func (p *Panel) FrameBytes() int {
	if p.Controller.pages {
		return p.Size.X * p.Size.Y / 8
	}
	return 2 * p.Size.X * p.Size.Y
}

// Clocks that are known to work. The ILI9341's is four times what its data sheet allows, a write
// cycle of 100 ns; modules take it.
const (
	clockST7789  = 62500 * physic.KiloHertz
	clockILI9341 = 40 * physic.MegaHertz
	clockST7735  = 15 * physic.MegaHertz // the data sheet's limit, a write cycle of 66 ns
	clockSSD1306 = 3300 * physic.KiloHertz
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
	{Name: "ssd1306-128x64", Controller: ssd1306Controller, Memory: image.Pt(128, 64), Size: image.Pt(128, 64), Clock: clockSSD1306},
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
