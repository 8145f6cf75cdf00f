package terminal

import (
	"image"
	"image/color"
	"strings"
)

// An ink is what a terminal can show.
type ink int

const (
	inkASCII     ink = iota
	inkIndexed       // xterm's 256 colours
	inkTrueColor     // 24 bits
	inkConsole       // that of Linux: 16 colours before 8
)

// detectInk tells from the environment what a terminal can show, and whether its cursor can be
// moved at all. It starts from 256 colours, which all but the oldest terminals have.
func detectInk(goos string, getenv func(string) string) (kind ink, moves bool) {
	name := getenv("TERM")
	if name == "dumb" || name == "" && goos != "windows" {
		return inkASCII, false
	}
	if getenv("NO_COLOR") != "" { // no-color.org: whatever its value
		return inkASCII, true
	}
	if strings.HasPrefix(name, "linux") {
		return inkConsole, true
	}
	// GNU screen passes COLORTERM on but knows no 24-bit colours; tmux, which may call itself
	// screen, turns them into what the terminal around it has.
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

// xtermColour returns the nearest of xterm's colours 16 to 255: a cube of 6x6x6 and a ramp of 24
// greys.
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

// glyphs shows the brightness of a cell's halves by where a character has its ink: rows are the
// upper half, columns the lower one, dark to bright.
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

// A cell is what is seen in one character cell: the colours of its halves or, in ASCII, a glyph.
type cell struct{ top, bottom uint32 }

// unknown is a cell that equals no other.
var unknown = cell{1 << 31, 1 << 31}

// level is a pixel's brightness from 0 to 4.
func level(frame image.Image, x, y int) int { return brightness(frame, x, y) * 5 / 256 }

// brightness is a pixel's brightness from 0 to 255. The index of a palette of scenes is one.
func brightness(frame image.Image, x, y int) int {
	if frame, ok := frame.(*image.Paletted); ok {
		return int(frame.ColorIndexAt(x, y))
	}
	c := at(frame, x, y)
	return (int(c.R)*2 + int(c.G)*5 + int(c.B)) / 8
}

// The greys of Linux's console, of which only those below 8 can be a background. Its other colours
// are for letters: a picture in them has specks.
const (
	black       = 0
	darkGrey    = 8
	lightGrey   = 7
	brightWhite = 15
)

// consoleGreys are the greys by brightness, a quarter of all each.
var consoleGreys = [4]uint32{black, darkGrey, lightGrey, brightWhite}

// consoleCell is the cell nearest to two brightnesses: unless its halves are equal, one is a
// background.
func consoleCell(top, bottom int) cell {
	grey := func(v int) uint32 { return consoleGreys[v/64] }
	c := cell{grey(top), grey(bottom)}
	if c.top != c.bottom && c.top >= 8 && c.bottom >= 8 {
		// Dark grey beside white: it goes to the background that it is nearer to
		if c.top == darkGrey {
			c.top = consoleGreys[top/96*2]
		} else {
			c.bottom = consoleGreys[bottom/96*2]
		}
	}
	return c
}
