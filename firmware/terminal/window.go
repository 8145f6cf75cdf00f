package terminal

import (
	"bytes"
	"image"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/firmware/scene"
)

// A Window shows frames in a terminal's window, two pixels one above the other in every character
// cell. Cells are taken to be twice as high as wide.
type Window struct {
	mu     sync.Mutex                 // of what is written, and of whose the terminal is
	in     *os.File                   // what is typed; nil: that is no terminal
	own    atomic.Pointer[term.State] // the input's own settings; nil while it has them
	away   bool                       // left, until the program goes on; nothing is shown
	closed bool
	// Give back what the output has been set to, and the signals that stop the program
	restore, stopWatching func()

	window   *os.File
	out      io.Writer
	ink      ink
	cols     int
	cells    []cell // what the window shows now
	buf      []byte
	pen      cell // foreground and background now
	text     []byte
	line     []byte // of the text, what there is room for
	wordless bool   // there is no row for text
	bytes    int64  // written
}

// letter in the upper half of a cell makes it the character in the lower half, white on black.
const letter = 1 << 30

const (
	// Alternate screen, cursor hidden, no automatic wrapping.
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
	clearScreen = "\x1b[0m\x1b[2J"
	home        = "\x1b[H"
	// Synchronised output: terminals that know it show a frame as a whole, the others ignore it.
	beginFrame = "\x1b[?2026h"
	endFrame   = "\x1b[?2026l"
)

// windowSize is the window's size in character cells.
func windowSize(out *os.File) (cols, rows int) {
	cols, rows, err := term.GetSize(int(out.Fd()))
	if err != nil || cols < 1 || rows < 1 {
		return 80, 24
	}
	return min(cols, scene.MaxSide), min(rows, scene.MaxSide/2)
}

// enter makes the terminal a window, all of which the next frame draws.
func (t *Window) enter() error {
	if t.in != nil {
		state, err := term.MakeRaw(int(t.in.Fd()))
		if err != nil {
			return err
		}
		t.own.CompareAndSwap(nil, state) // else it was left raw
	}
	t.cells = nil
	_, err := io.WriteString(t.out, enterScreen)
	return err
}

// leave leaves the terminal as it was.
func (t *Window) leave() {
	if t.ink == inkConsole { // which has no other screen
		io.WriteString(t.out, clearScreen+home)
	}
	io.WriteString(t.out, leaveScreen)
	t.RestoreInput()
}

// RestoreInput gives the input its own settings back without writing anything. It is for the end of
// a program that a write keeps waiting. In the background the terminal has another job's settings.
func (t *Window) RestoreInput() {
	if t.background() {
		return
	}
	if own := t.own.Swap(nil); own != nil {
		term.Restore(int(t.in.Fd()), own)
	}
}

// background reports whether the terminal is another job's. A window without keys may be shown
// from there.
func (t *Window) background() bool { return t.in != nil && background(t.in) }

// pause leaves the terminal until resume. It reports false when the window is closed.
func (t *Window) pause() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.abandon()
	return !t.closed
}

// resume makes the terminal a window again. It reports false, and leaves it, while it is another
// job's.
func (t *Window) resume() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
	case t.background():
		t.abandon()
		return false
	default:
		t.away = false
		t.enter()
	}
	return true
}

// abandon leaves the terminal unless that was done.
func (t *Window) abandon() {
	if !t.away && !t.closed {
		t.away = true
		t.leave()
	}
}

// Size is the size of frames in pixels, for the window as it is now. Its last row is for captions,
// so that they hide nothing.
func (t *Window) Size() image.Point {
	cols, rows := windowSize(t.window)
	t.wordless = rows == 1
	return image.Pt(cols, 2*max(rows-1, 1))
}

// Close leaves the terminal as it was.
func (t *Window) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.stopWatching()
		t.abandon()
		t.closed = true
		t.restore()
	}
	return nil
}

// Show shows a frame of that size. It writes the cells that have changed.
func (t *Window) Show(frame image.Image) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.away || t.background() { // SIGCONT may not have been heard of yet
		return nil
	}
	cols, rows := frame.Bounds().Dx(), frame.Bounds().Dy()/2
	if !t.wordless {
		rows++
	}
	t.line = shorten(t.text, cols)
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
func (t *Window) Written() int64 { return t.bytes }

// Caption shows text below the frames to come. All but printable ASCII is shown as
// a question mark: a cell has one byte, and the terminal must not obey what an error quotes.
func (t *Window) Caption(text []byte) {
	t.text = append(t.text[:0], text...)
	for i, b := range t.text {
		if b < ' ' || b > '~' {
			t.text[i] = '?'
		}
	}
}

// shorten leaves out items at the end of a text, which two spaces separate, that there is no room
// for. One alone is cut off.
func shorten(text []byte, cols int) []byte {
	if len(text) <= cols {
		return text
	}
	if end := bytes.LastIndex(text[:min(len(text), cols+2)], []byte("  ")); end > 0 {
		return text[:end]
	}
	return text[:cols]
}

// look returns the cell for the two pixels of frame that it covers or, below the frame, for the
// character of the caption there.
func (t *Window) look(frame image.Image, x, y int) cell {
	if y == frame.Bounds().Dy()/2 {
		c := byte(' ')
		if x < len(t.line) {
			c = t.line[x]
		}
		if t.ink == inkASCII {
			return cell{top: uint32(c)}
		}
		return cell{letter, uint32(c)}
	}
	if t.ink == inkASCII {
		return cell{top: uint32(glyph(frame, x, y))}
	}
	if t.ink == inkConsole {
		return consoleCell(brightness(frame, x, 2*y), brightness(frame, x, 2*y+1))
	}
	return cell{t.colour(frame, x, 2*y), t.colour(frame, x, 2*y+1)}
}

// write appends a cell in as few bytes as it can: an empty lower or upper half block, whichever
// fits the colours set.
func (t *Window) write(c cell) {
	if t.ink == inkASCII {
		t.buf = append(t.buf, byte(c.top))
		return
	}
	switch {
	case c.top == letter:
		white, black := uint32(0xffffff), uint32(0)
		switch t.ink {
		case inkIndexed:
			white, black = 231, 16
		case inkConsole:
			white, black = brightWhite, 0
		}
		t.setColour(&t.pen.top, white, "38")
		t.setColour(&t.pen.bottom, black, "48")
		t.buf = append(t.buf, byte(c.bottom))
	case c.top == c.bottom && t.canBack(c.bottom):
		t.setColour(&t.pen.bottom, c.bottom, "48")
		t.buf = append(t.buf, ' ')
	case c.top == c.bottom:
		t.setColour(&t.pen.top, c.top, "38")
		t.buf = append(t.buf, "█"...)
	case t.canBack(c.top) && (c.top == t.pen.bottom || c.bottom == t.pen.top || !t.canBack(c.bottom)):
		t.setColour(&t.pen.top, c.bottom, "38")
		t.setColour(&t.pen.bottom, c.top, "48")
		t.buf = append(t.buf, "▄"...)
	default:
		t.setColour(&t.pen.top, c.top, "38")
		t.setColour(&t.pen.bottom, c.bottom, "48")
		t.buf = append(t.buf, "▀"...)
	}
}

// canBack reports whether a colour can be a background.
func (t *Window) canBack(c uint32) bool { return t.ink != inkConsole || c < 8 }

// setColour sets the foreground (38) or background (48), which is *now, to colour c.
func (t *Window) setColour(now *uint32, c uint32, which string) {
	if *now == c {
		return
	}
	*now = c
	t.buf = append(t.buf, "\x1b["...)
	if t.ink == inkConsole {
		if which == "38" && c >= 8 {
			t.buf = append(t.buf, "1;"...) // what is bold is bright there
		} else if which == "38" {
			t.buf = append(t.buf, "22;"...)
		}
		t.buf = append(t.buf, which[0], '0'+byte(c&7), 'm')
		return
	}
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
func (t *Window) colour(frame image.Image, x, y int) uint32 {
	c := at(frame, x, y)
	if t.ink == inkTrueColor {
		return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B)
	}
	return uint32(xtermColour(c))
}
