package panel

import (
	"image"
	"slices"

	"periph.io/x/conn/v3/physic"
)

// A Panel is a controller together with the glass that is bonded to it.
type Panel struct {
	Name   string
	Size   image.Point    // pixels of the glass, unrotated
	Offset [4]image.Point // column and row of the controller's memory under the glass's top left corner, per quarter turn
	Invert bool           // the glass shows colours inverted unless the controller inverts them
	Clock  physic.Frequency
}

// Panels lists the panels that are known.
var Panels = []Panel{
	{
		// The ST7789's memory has 320 rows of which the glass shows the first 240: turned so that rows are counted from
		// the other end, it starts at row 80. A write cycle takes at least 16 ns.
		Name: "st7789-240x240", Size: image.Pt(240, 240),
		Offset: [4]image.Point{{}, {}, {X: 0, Y: 80}, {X: 80, Y: 0}},
		Invert: true, Clock: 62500 * physic.KiloHertz,
	},
}

// A Board is a panel as it is wired to a Raspberry Pi's 40-pin header. Pins are line names of the kernel, GPIO and the BCM
// number; an empty one is not connected.
type Board struct {
	Name      string
	Text      string
	Panel     string
	DC        string // data/command
	Reset     string
	Backlight string
	Rotation  int // that makes the picture upright, in degrees clockwise
}

// Boards lists the boards that are known, for every panel its usual one first.
var Boards = []Board{
	{
		Name: "waveshare-1.3", Text: `Waveshare 1.3" LCD HAT`, Panel: "st7789-240x240",
		DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Rotation: 90,
	},
}

// Lookup returns the panel of that name and its usual board.
func Lookup(name string) (Panel, Board, bool) {
	p := slices.IndexFunc(Panels, func(p Panel) bool { return p.Name == name })
	b := slices.IndexFunc(Boards, func(b Board) bool { return b.Panel == name })
	if p < 0 || b < 0 {
		return Panel{}, Board{}, false
	}
	return Panels[p], Boards[b], true
}
