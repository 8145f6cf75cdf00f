package terminal

import (
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/firmware/terminal/termtest"
)

// noise changes some pixels of the image.
func noise(img image.Image, r *rand.Rand, pixels int) {
	for range pixels {
		x, y := r.IntN(img.Bounds().Dx()), r.IntN(img.Bounds().Dy())
		c := color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(4) * 80), 255}
		switch img := img.(type) {
		case *image.Gray:
			img.SetGray(x, y, color.Gray{c.R})
		case *image.Paletted:
			img.SetColorIndex(x, y, c.R)
		case *image.RGBA:
			img.SetRGBA(x, y, c)
		}
	}
}

// TestTerminalShows checks after many frames that a terminal shows what the frame is, and that
// little is written when little changes.
func TestTerminalShows(t *testing.T) {
	ember, _ := palette.Lookup("ember")
	for _, ink := range []ink{inkASCII, inkIndexed, inkTrueColor, inkConsole} {
		for _, kind := range []string{"grey", "colour", "palette"} {
			r := rand.New(rand.NewPCG(1, 2))
			var e *termtest.Emulator
			var count int
			term := &Window{ink: ink}
			for n := range 60 {
				size := image.Pt(31, 2*17)
				if n >= 30 {
					size = image.Pt(17, 2*31) // as many cells
				}
				var frame image.Image = image.NewGray(image.Rectangle{Max: size})
				switch kind {
				case "colour":
					frame = image.NewRGBA(image.Rectangle{Max: size})
				case "palette":
					frame = image.NewPaletted(image.Rectangle{Max: size}, ember.Colors())
				}
				if n%30 == 0 {
					e = termtest.New(size.X, size.Y/2+1)
					term.out = e
				}
				noise(frame, r, n*n)
				if err := term.Show(frame); err != nil {
					t.Fatal(err)
				}
				for y := range size.Y / 2 {
					for x := range size.X {
						at, want := image.Pt(x, y), term.look(frame, x, y)
						if ink == inkASCII {
							if e.Glyphs[at] != rune(want.top) {
								t.Fatalf("ink %d, %s, frame %d: %v shows %q, want %q", ink, kind, n, at, e.Glyphs[at], rune(want.top))
							}
						} else if e.Cells[at] != (termtest.Cell{Top: want.top, Bottom: want.bottom}) {
							t.Fatalf("ink %d, %s, frame %d: %v shows %06x, want %06x", ink, kind, n, at, e.Cells[at], want)
						}
					}
				}
				if e.Trouble != "" || len(e.Rest) > 0 || e.Modes["?2026"] {
					t.Fatalf("ink %d, %s, frame %d: %s, %q left, synchronised: %t", ink, kind, n, e.Trouble, e.Rest, e.Modes["?2026"])
				}
				// The same frame again writes nothing, one pixel writes one cell.
				term.out = counter(&count)
				for _, most := range []int{0, 80} {
					count = 0
					noise(frame, r, most/80)
					if err := term.Show(frame); err != nil {
						t.Fatal(err)
					}
					if count > most {
						t.Fatalf("ink %d, %s, frame %d: %d bytes written, want at most %d", ink, kind, n, count, most)
					}
				}
				term.cells = nil // the emulator has not seen that
				term.out = e
			}
		}
	}
}

// A counter is a writer that counts bytes.
func counter(n *int) io.Writer { return writerFunc(func(b []byte) { *n += len(b) }) }

type writerFunc func(b []byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}

func TestTerminalAllocatesNothing(t *testing.T) {
	ember, _ := palette.Lookup("ember")
	frames := []image.Image{image.NewGray(image.Rect(0, 0, 80, 48)), image.NewPaletted(image.Rect(0, 0, 80, 48), ember.Colors())}
	noise(frames[1], rand.New(rand.NewPCG(3, 4)), 5000)
	for _, ink := range []ink{inkASCII, inkIndexed, inkTrueColor, inkConsole} {
		term, n := &Window{ink: ink, out: io.Discard}, 0
		show := func() {
			n++
			term.Show(frames[n%2])
		}
		show()
		show()
		if allocs := testing.AllocsPerRun(10, show); allocs != 0 {
			t.Errorf("ink %d: %v allocations a frame", ink, allocs)
		}
	}
}

// TestXtermColour holds the choice of colours to a search of all of them.
func TestXtermColour(t *testing.T) {
	var all []color.RGBA
	for i := range 256 - 16 {
		c := color.RGBA{uint8(cubeValue(i / 36)), uint8(cubeValue(i / 6 % 6)), uint8(cubeValue(i % 6)), 255}
		if i >= 216 {
			v := uint8(8 + 10*(i-216))
			c = color.RGBA{v, v, v, 255}
		}
		all = append(all, c)
	}
	far := func(c, d color.RGBA) int { return distance(c, int(d.R), int(d.G), int(d.B)) }
	check := func(c color.RGBA) {
		best := 1 << 30
		for _, d := range all {
			best = min(best, far(c, d))
		}
		if got := xtermColour(c); got < 16 || far(c, all[got-16]) != best {
			t.Errorf("%v becomes colour %d, squared distance %d; there is one at %d", c, got, far(c, all[got-16]), best)
		}
	}
	for v := range 256 {
		check(color.RGBA{uint8(v), uint8(v), uint8(v), 255})
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		check(color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
	}
}

func TestDetectInk(t *testing.T) {
	for _, c := range []struct {
		env   string // names and values
		goos  string
		kind  ink
		moves bool
	}{
		{"TERM=xterm-256color", "linux", inkIndexed, true},
		{"TERM=xterm-256color COLORTERM=truecolor", "linux", inkTrueColor, true},
		{"TERM=xterm-256color COLORTERM=24bit", "darwin", inkTrueColor, true},
		{"TERM=xterm-direct", "linux", inkTrueColor, true},
		{"TERM=linux", "linux", inkConsole, true},
		{"TERM=linux NO_COLOR=1", "linux", inkASCII, true},
		{"TERM=screen.xterm COLORTERM=truecolor", "linux", inkIndexed, true},
		{"TERM=screen-256color COLORTERM=truecolor TMUX=/x", "linux", inkTrueColor, true},
		{"TERM=xterm COLORTERM=truecolor NO_COLOR=0", "linux", inkASCII, true},
		{"TERM=dumb COLORTERM=truecolor", "linux", inkASCII, false},
		{"", "linux", inkASCII, false},
		{"", "windows", inkIndexed, true},
		{"WT_SESSION=1", "windows", inkTrueColor, true},
	} {
		kind, moves := detectInk(c.goos, func(name string) string {
			for f := range strings.FieldsSeq(c.env) {
				if v, ok := strings.CutPrefix(f, name+"="); ok {
					return v
				}
			}
			return ""
		})
		if kind != c.kind || moves != c.moves {
			t.Errorf("%s on %s: ink %d, moves: %t, want %d, %t", c.env, c.goos, kind, moves, c.kind, c.moves)
		}
	}
}

// TestConsoleCell: Linux's console is shown greys alone, only the darker two as a background, and
// none that is more than a step from what it stands for.
func TestConsoleCell(t *testing.T) {
	steps := map[uint32]int{black: 0, darkGrey: 1, lightGrey: 2, brightWhite: 3}
	for top := range 256 {
		for bottom := range 256 {
			c := consoleCell(top, bottom)
			if c.top != c.bottom && c.top >= 8 && c.bottom >= 8 {
				t.Fatalf("%d above %d is %v: no background", top, bottom, c)
			}
			for colour, v := range map[uint32]int{c.top: top, c.bottom: bottom} {
				step, ok := steps[colour]
				if d := step - v/64; c.top != c.bottom && (!ok || d < -1 || d > 1) {
					t.Fatalf("%d above %d is %v", top, bottom, c)
				}
			}
		}
	}
	// The steps are those of brightness, and an even cell is exact.
	for v := range 256 {
		if c := consoleCell(v, v); steps[c.top] != v/64 || c.top != c.bottom {
			t.Errorf("%d is %v", v, c)
		}
	}
}

// TestPlainText: black is empty, lines have no trailing spaces, brighter is not thinner.
func TestPlainText(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &plainText{out: w, size: image.Pt(4, 6)}
	frame := image.NewGray(image.Rect(0, 0, 4, 6))
	copy(frame.Pix[8:], []uint8{255, 0, 255, 0, 255, 255, 0, 0})
	for range 2 {
		if err := p.Show(frame); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	lines := "\n@g^\n\n"
	if want := lines + "\n" + lines; string(got) != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	seen := strings.Join(glyphs[:], "")
	for i, g := range seen {
		if g < ' ' || g > '~' || strings.IndexRune(seen, g) != i && g != ' ' {
			t.Errorf("glyph %q is not printable ASCII or there twice", g)
		}
	}
}

// TestLowestWindow: a window of one row has a picture and no row for text.
func TestLowestWindow(t *testing.T) {
	e := termtest.New(20, 1)
	term := &Window{out: e, ink: inkTrueColor, wordless: true}
	term.Caption([]byte("text"))
	if err := term.Show(image.NewGray(image.Rect(0, 0, 20, 2))); err != nil || e.Trouble != "" || e.Cells[image.Pt(0, 0)] != (termtest.Cell{}) {
		t.Errorf("%v, %s, %v", err, e.Trouble, e.Cells)
	}
}

// TestCaptionHostile: what a caption quotes does not reach the terminal as it is.
func TestCaptionHostile(t *testing.T) {
	var out strings.Builder
	term := &Window{out: &out, ink: inkTrueColor}
	term.Caption([]byte("a\x1b]0;b\a\xc3\xb6c"))
	if err := term.Show(image.NewGray(image.Rect(0, 0, 20, 4))); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, "a?]0;b???c") || strings.ContainsAny(s, "\a") {
		t.Errorf("%q", s)
	}
}

// TestShorten: a narrow terminal shows whole items.
func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text string
		cols int
		want string
	}{
		{"q: quit  n: next", 16, "q: quit  n: next"}, {"q: quit  n: next", 15, "q: quit"}, {"q: quit  n: next", 8, "q: quit"},
		{"q: quit  n: next", 7, "q: quit"}, {"q: quit  n: next", 6, "q: qui"}, {"", 3, ""}, {"a b c d", 3, "a b"},
	} {
		if got := string(shorten([]byte(c.text), c.cols)); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.cols, got, c.want)
		}
	}
}
