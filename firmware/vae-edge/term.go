package main

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// A terminal shows frames in a terminal window, two pixels one above the other in every character cell. Cells are taken to be
// twice as high as wide.
type terminal struct {
	window *os.File
	out    io.Writer
	undo   []func() // what puts the terminal back, last first
	cook   func()   // gives the input its own settings back, of undo what does not write
	ink    ink
	cols   int
	cells  []cell // what the window shows now
	buf    []byte
	pen    cell // foreground and background now
	text   []byte
	bytes  int64 // written
}

// A cell is what is seen in one character cell: the colours of its halves or, in ASCII, a glyph.
type cell struct{ top, bottom uint32 }

// unknown is a cell that equals no other.
var unknown = cell{1 << 31, 1 << 31}

// letter in the upper half of a cell makes it the character in the lower half, white on black.
const letter = 1 << 30

// An ink is what a terminal can show.
type ink int

const (
	inkASCII     ink = iota
	inkIndexed       // xterm's 256 colours
	inkTrueColor     // 24 bits
)

const (
	// Alternate screen, cursor hidden, no automatic wrapping.
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
	clearScreen = "\x1b[0m\x1b[2J"
	// Synchronised output: terminals that know it show a frame as a whole, the others ignore it.
	beginFrame = "\x1b[?2026h"
	endFrame   = "\x1b[?2026l"
)

// plainSize is the size in pixels of frames that go to a file or a pipe: 64 characters by 32 lines.
var plainSize = image.Pt(64, 64)

// openTerminal returns the display for out: a window, or plain text where out is no terminal or one that cannot move its
// cursor. What is typed in a window works the controls; quit is called when the user types q or Ctrl-C.
func openTerminal(in, out *os.File, controls *keys.Controls, quit func()) (d display, window bool, err error) {
	if !term.IsTerminal(int(out.Fd())) {
		return &plainText{out: out, size: plainSize}, false, nil
	}
	cols, rows := windowSize(out)
	kind, moves := detectInk(runtime.GOOS, os.Getenv)
	if !moves {
		// The last column stays empty: writing there may or may not wrap.
		return &plainText{out: out, size: image.Pt(max(cols-1, 1), 2*max(rows-2, 1))}, false, nil
	}
	t := &terminal{window: out, out: out, ink: kind, cook: func() {}}
	if restore, err := enableEscapes(out); err != nil {
		return nil, false, err
	} else {
		t.undo = append(t.undo, restore)
	}
	if fd := int(in.Fd()); term.IsTerminal(fd) {
		state, err := term.MakeRaw(fd)
		if err != nil {
			t.Close()
			return nil, false, err
		}
		t.cook = func() { term.Restore(fd, state) }
		t.undo = append(t.undo, t.cook)
		go keys.Listen(in, controls, quit)
	}
	t.undo = append(t.undo, func() { out.WriteString(leaveScreen) })
	if _, err := out.WriteString(enterScreen); err != nil {
		t.Close()
		return nil, false, err
	}
	return t, true, nil
}

// detectInk tells from the environment what a terminal can show, and whether its cursor can be moved at all. It starts from
// 256 colours, which all but the oldest terminals have.
func detectInk(goos string, getenv func(string) string) (kind ink, moves bool) {
	name := getenv("TERM")
	if name == "dumb" || name == "" && goos != "windows" {
		return inkASCII, false
	}
	if getenv("NO_COLOR") != "" { // no-color.org: whatever its value
		return inkASCII, true
	}
	// GNU screen passes COLORTERM on but knows no 24-bit colours; tmux, which may call itself screen, turns them into what
	// the terminal around it has.
	if strings.HasPrefix(name, "screen") && getenv("TMUX") == "" {
		return inkIndexed, true
	}
	trueColor := getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit" ||
		getenv("WT_SESSION") != "" || strings.HasSuffix(name, "-direct")
	if trueColor {
		return inkTrueColor, true
	}
	return inkIndexed, true
}

// windowSize is the window's size in character cells.
func windowSize(out *os.File) (cols, rows int) {
	cols, rows, err := term.GetSize(int(out.Fd()))
	if err != nil || cols < 1 || rows < 1 {
		return 80, 24
	}
	return min(cols, scene.MaxSide), min(rows, scene.MaxSide/2)
}

// Size implements display: the window as it is now.
func (t *terminal) Size() image.Point {
	cols, rows := windowSize(t.window)
	return image.Pt(cols, 2*rows)
}

// Close implements display.
func (t *terminal) Close() error {
	for len(t.undo) > 0 {
		last := len(t.undo) - 1
		t.undo[last]()
		t.undo = t.undo[:last]
	}
	return nil
}

// Show implements display. It writes the cells that have changed.
func (t *terminal) Show(frame image.Image) error {
	cols, rows := frame.Bounds().Dx(), frame.Bounds().Dy()/2
	t.buf = append(t.buf[:0], beginFrame...)
	if t.cols != cols || len(t.cells) != cols*rows {
		t.cols, t.cells = cols, make([]cell, cols*rows)
		for i := range t.cells {
			t.cells[i] = unknown
		}
		t.buf = append(t.buf, clearScreen...)
		t.pen = unknown
	}
	empty := len(t.buf)
	cursor := -1 // the cell that the cursor is on
	for y := range rows {
		for x := range cols {
			c, i := t.look(frame, x, y), y*cols+x
			if c == t.cells[i] {
				continue
			}
			t.cells[i] = c
			if cursor != i || x == 0 {
				t.buf = append(t.buf, "\x1b["...)
				t.buf = strconv.AppendInt(t.buf, int64(y+1), 10)
				t.buf = append(t.buf, ';')
				t.buf = strconv.AppendInt(t.buf, int64(x+1), 10)
				t.buf = append(t.buf, 'H')
			}
			t.write(c)
			cursor = i + 1
		}
	}
	if len(t.buf) == empty {
		return nil
	}
	t.buf = append(t.buf, endFrame...)
	t.bytes += int64(len(t.buf))
	_, err := t.out.Write(t.buf)
	return err
}

// Written is how many bytes were written.
func (t *terminal) Written() int64 { return t.bytes }

// Caption implements writer. All but printable ASCII is shown as a question mark: a cell has one byte, and the terminal must not obey what
// an error quotes.
func (t *terminal) Caption(text []byte) {
	t.text = append(t.text[:0], text...)
	for i, b := range t.text {
		if b < ' ' || b > '~' {
			t.text[i] = '?'
		}
	}
}

// look returns the cell for the two pixels of frame that it covers, or for the character of the caption there.
func (t *terminal) look(frame image.Image, x, y int) cell {
	if x < len(t.text) && y == frame.Bounds().Dy()/2-1 {
		if t.ink == inkASCII {
			return cell{top: uint32(t.text[x])}
		}
		return cell{letter, uint32(t.text[x])}
	}
	if t.ink == inkASCII {
		return cell{top: uint32(glyph(frame, x, y))}
	}
	return cell{t.colour(frame, x, 2*y), t.colour(frame, x, 2*y+1)}
}

// write appends a cell in as few bytes as it can: an empty lower or upper half block, whichever fits the colours set.
func (t *terminal) write(c cell) {
	if t.ink == inkASCII {
		t.buf = append(t.buf, byte(c.top))
		return
	}
	switch {
	case c.top == letter:
		white, black := uint32(0xffffff), uint32(0)
		if t.ink == inkIndexed {
			white, black = 231, 16
		}
		t.setColour(&t.pen.top, white, "38")
		t.setColour(&t.pen.bottom, black, "48")
		t.buf = append(t.buf, byte(c.bottom))
	case c.top == c.bottom:
		t.setColour(&t.pen.bottom, c.bottom, "48")
		t.buf = append(t.buf, ' ')
	case c.top == t.pen.bottom || c.bottom == t.pen.top:
		t.setColour(&t.pen.top, c.bottom, "38")
		t.setColour(&t.pen.bottom, c.top, "48")
		t.buf = append(t.buf, "▄"...)
	default:
		t.setColour(&t.pen.top, c.top, "38")
		t.setColour(&t.pen.bottom, c.bottom, "48")
		t.buf = append(t.buf, "▀"...)
	}
}

// setColour sets the foreground (38) or background (48), which is *now, to colour c.
func (t *terminal) setColour(now *uint32, c uint32, which string) {
	if *now == c {
		return
	}
	*now = c
	t.buf = append(t.buf, "\x1b["...)
	t.buf = append(t.buf, which...)
	if t.ink == inkTrueColor {
		t.buf = append(t.buf, ";2;"...)
		t.buf = strconv.AppendUint(t.buf, uint64(c>>16), 10)
		t.buf = append(t.buf, ';')
		t.buf = strconv.AppendUint(t.buf, uint64(c>>8&255), 10)
		t.buf = append(t.buf, ';')
		c &= 255
	} else {
		t.buf = append(t.buf, ";5;"...)
	}
	t.buf = strconv.AppendUint(t.buf, uint64(c), 10)
	t.buf = append(t.buf, 'm')
}

// colour returns what stands for a pixel in the terminal's colours.
func (t *terminal) colour(frame image.Image, x, y int) uint32 {
	c := at(frame, x, y)
	if t.ink == inkTrueColor {
		return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
	}
	return uint32(xtermColour(c))
}

// at returns a pixel without allocating for the images that scenes draw.
func at(frame image.Image, x, y int) color.RGBA {
	switch frame := frame.(type) {
	case *image.Gray:
		v := frame.GrayAt(x, y).Y
		return color.RGBA{v, v, v, 255}
	case *image.Paletted:
		return frame.Palette[frame.ColorIndexAt(x, y)].(color.RGBA)
	}
	return frame.(*image.RGBA).RGBAAt(x, y)
}

// xtermColour returns the nearest of xterm's colours 16 to 255: a cube of 6x6x6 and a ramp of 24 greys.
func xtermColour(c color.RGBA) uint8 {
	r, g, b := cubeLevel(c.R), cubeLevel(c.G), cubeLevel(c.B)
	inCube := distance(c, cubeValue(r), cubeValue(g), cubeValue(b))
	grey := min(max((int(c.R)+int(c.G)+int(c.B)-3*3)/(3*10), 0), 23) // the ramp is 8, 18, … 238
	v := 8 + 10*grey
	if distance(c, v, v, v) < inCube {
		return uint8(232 + grey)
	}
	return uint8(16 + 36*r + 6*g + b)
}

// The levels of the cube are 0, 95, 135, 175, 215 and 255.
func cubeLevel(v uint8) int {
	switch {
	case v < 48:
		return 0
	case v < 115:
		return 1
	}
	return (int(v) - 35) / 40
}

func cubeValue(level int) int {
	if level == 0 {
		return 0
	}
	return 55 + 40*level
}

func distance(c color.RGBA, r, g, b int) int {
	r, g, b = r-int(c.R), g-int(c.G), b-int(c.B)
	return r*r + g*g + b*b
}

// glyphs shows the brightness of a cell's halves by where a character has its ink: rows are the upper half, columns
// the lower one, dark to bright.
var glyphs = [5]string{
	" .,_g",
	"`:;ca",
	"'!+xm",
	"\"?7Xd",
	"^P98@",
}

// glyph returns the ASCII character for a cell.
func glyph(frame image.Image, x, y int) byte {
	return glyphs[level(frame, x, 2*y)][level(frame, x, 2*y+1)]
}

// level is a pixel's brightness from 0 to 4.
func level(frame image.Image, x, y int) int {
	c := at(frame, x, y)
	return (int(c.R)*2 + int(c.G)*5 + int(c.B)) * 5 / (8*255 + 1)
}

// plainText writes frames as lines of ASCII, one frame below the other, with an empty line between them.
type plainText struct {
	out    *os.File
	size   image.Point
	buf    []byte
	second bool
}

// Size implements display.
func (p *plainText) Size() image.Point { return p.size }

// Show implements display.
func (p *plainText) Show(frame image.Image) error {
	p.buf = p.buf[:0]
	if p.second {
		p.buf = append(p.buf, '\n')
	}
	p.second = true
	for y := range p.size.Y / 2 {
		start := len(p.buf)
		for x := range p.size.X {
			p.buf = append(p.buf, glyph(frame, x, y))
		}
		p.buf = append(p.buf[:start], bytes.TrimRight(p.buf[start:], " ")...)
		p.buf = append(p.buf, '\n')
	}
	_, err := p.out.Write(p.buf)
	return err
}

// Close implements display.
func (p *plainText) Close() error { return nil }
