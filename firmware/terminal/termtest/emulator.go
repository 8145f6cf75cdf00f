// Package termtest emulates a terminal, for tests.
package termtest

import (
	"fmt"
	"image"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Cell is what is seen in one character cell: the colours of its halves, as a terminal is told
// them.
type Cell struct{ Top, Bottom uint32 }

// unknown is no colour.
const unknown = 1 << 31

// An Emulator is a terminal as far as displays use one: it keeps what every cell looks like.
type Emulator struct {
	Cols, Rows int
	Cells      map[image.Point]Cell
	Glyphs     map[image.Point]rune // in ASCII
	at         image.Point
	fg, bg     uint32
	bold       bool
	Modes      map[string]bool // ?1049 and so on
	Rest       []byte          // the beginning of something not yet complete
	Trouble    string
}

// New returns an emulator of a window of so many cells.
func New(cols, rows int) *Emulator {
	return &Emulator{
		Cols: cols, Rows: rows, Cells: map[image.Point]Cell{}, Glyphs: map[image.Point]rune{},
		Modes: map[string]bool{"?25": true, "?7": true}, fg: unknown, bg: unknown,
	}
}

// Write implements io.Writer.
func (e *Emulator) Write(b []byte) (int, error) {
	text := append(e.Rest, b...)
	for len(text) > 0 {
		n := e.step(text)
		if n == 0 {
			break
		}
		text = text[n:]
	}
	e.Rest = append([]byte{}, text...)
	return len(b), nil
}

// step does what text begins with and returns its length, or 0 when it is incomplete.
func (e *Emulator) step(text []byte) int {
	if text[0] != 0x1b {
		r, n := utf8.DecodeRune(text)
		if !utf8.FullRune(text) {
			return 0
		}
		e.print(r)
		return n
	}
	end := 2
	for end < len(text) && (text[end] < '@' || text[end] > '~') {
		end++
	}
	if end >= len(text) {
		return 0
	}
	args, final := string(text[2:end]), text[end]
	var row, col int
	switch final {
	case 'H':
		if n, _ := fmt.Sscanf(args, "%d;%d", &row, &col); n != 2 {
			e.Trouble = "position " + args
		}
		e.at = image.Pt(col-1, row-1)
	case 'J':
		clear(e.Cells)
		clear(e.Glyphs)
		e.Trouble = "" // what was written for a window of another size is gone
	case 'h', 'l':
		e.Modes[args] = final == 'h'
	case 'm':
		e.colour(args)
	default:
		e.Trouble = fmt.Sprintf("unknown sequence %q", text[:end+1])
	}
	return end + 1
}

func (e *Emulator) colour(args string) {
	var which, v uint32
	var r, g, b uint32
	if n, _ := fmt.Sscanf(args, "%d;2;%d;%d;%d", &which, &r, &g, &b); n == 4 {
		v = r<<16 | g<<8 | b
	} else if n, _ := fmt.Sscanf(args, "%d;5;%d", &which, &v); n != 2 {
		for arg := range strings.SplitSeq(args, ";") {
			e.plainColour(arg)
		}
		return
	}
	if which == 38 {
		e.fg = v
	} else {
		e.bg = v
	}
}

// plainColour is one of the arguments of terminals with 16 colours. Those not bold are 0 to 7.
func (e *Emulator) plainColour(arg string) {
	switch n, err := strconv.Atoi(arg); {
	case arg == "0":
		e.fg, e.bg, e.bold = unknown, unknown, false
	case arg == "1" || arg == "22":
		e.bold = arg == "1"
	case err == nil && n >= 30 && n < 38:
		e.fg = uint32(n - 30)
	case err == nil && n >= 40 && n < 48:
		e.bg = uint32(n - 40)
	default:
		e.Trouble = "colour " + arg
	}
}

func (e *Emulator) print(r rune) {
	if e.at.X < 0 || e.at.X >= e.Cols || e.at.Y < 0 || e.at.Y >= e.Rows {
		e.Trouble = fmt.Sprintf("%q printed at %v", r, e.at)
	}
	fg := e.fg
	if e.bold {
		fg += 8
	}
	switch r {
	case '▀':
		e.Cells[e.at] = Cell{fg, e.bg}
	case '▄':
		e.Cells[e.at] = Cell{e.bg, fg}
	case '█':
		e.Cells[e.at] = Cell{fg, fg}
	case ' ':
		e.Cells[e.at] = Cell{e.bg, e.bg}
	}
	e.Glyphs[e.at] = r
	e.at.X++
}
