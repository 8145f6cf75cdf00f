package panel

import "time"

// Commands of the SSD1351 (data sheet, revision 1.3, chapter 9), whose parameters are sent as data,
// and of the controllers of one bit a pixel.
const (
	cmdColumn   command = 0x15 // first and last column
	cmdWriteRAM command = 0x5c // pixels
	cmdRow      command = 0x75 // first and last row
	cmdRemap    command = 0xa0 // order of writing and of colours
	cmdNormal   command = 0xa6
	cmdInverse  command = 0xa7
	cmdOff      command = 0xae // sleep
	cmdOn       command = 0xaf
	cmdNothing  command = 0xe3
	cmdLock     command = 0xfd // which commands are taken
)

// addressing is how the controller is told where pixels go, turned by quarter turns.
func (p *Panel) addressing(turns int) addressing {
	if p.Controller.family == ssd1351 {
		return addressing{column: cmdColumn, row: cmdRow, write: cmdWriteRAM, short: true, turned: turns%2 != 0}
	}
	return mipiAddressing
}

// Bits of the commands of one byte that address the memory of the controllers of one bit a pixel.
const (
	cmdLowColumn  = 0x00 // the lower four bits of a column
	cmdHighColumn = 0x10 // the upper ones
	cmdPage       = 0xb0
)

// dotsResetTime is from a reset to the first command; a few microseconds are enough.
const dotsResetTime = time.Millisecond

// dotsSteps prepare a controller of one bit a pixel: SSD1306, chapters 9 and 10, with the charge
// pump of its application note; SH1106, Sino Wealth, version 2.3, "Commands".
func (p *Panel) dotsSteps() []step {
	rows, com := byte(p.Size.Y-1), byte(0x12)
	if p.Size.Y <= 32 {
		com = 0x02 // rows one after another: every other output is not bonded
	}
	segments, invert := command(0xa1), cmdNormal
	if p.Mirror {
		segments = 0xa0
	}
	if p.Invert {
		invert = cmdInverse
	}
	steps := []step{
		{cmdOff, nil},
		{0xd5, []byte{0x80}}, // clock
		{0xa8, []byte{rows}}, // multiplex ratio
		{0xd3, []byte{0x00}}, // display offset
		{0x40, nil},          // start line 0
	}
	if p.Controller.Name == sh1106Controller.Name {
		steps = append(steps, step{0xad, []byte{0x8b}}, step{0x32, nil}) // DC-DC converter: on, 8 V
	} else {
		steps = append(steps, step{0x8d, []byte{0x14}}, step{0x20, []byte{0x02}}) // pump on; pages
	}
	return append(steps,
		step{segments, nil},      // columns from the right
		step{0xc8, nil},          // rows from below
		step{0xda, []byte{com}},  // how outputs are bonded to rows
		step{0x81, []byte{0xcf}}, // contrast
		step{0xd9, []byte{0xf1}}, // precharge periods
		step{0xdb, []byte{0x40}}, // VCOMH
		step{0xa4, nil},          // as the memory has it
		step{invert, nil})
}
