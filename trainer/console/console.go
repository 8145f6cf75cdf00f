// Package console is where a command of the trainer writes what a person reads: text that a
// terminal does not obey, and progress with the time that is left.
package console

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// A Console writes to a standard output and a standard error.
type Console struct {
	out, err io.Writer
	name     string // of the program, before its warnings

	mu     sync.Mutex
	failed error   // the first of the standard output
	line   *Status // the last that was begun
}

// New returns the console of the program of that name.
func New(name string, out, err io.Writer) *Console {
	return &Console{out: out, err: err, name: name}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Printf writes to the standard output. Where that fails, a training goes on, because its result is
// in files.
func (c *Console) Printf(format string, args ...any) {
	c.print(plain.Text(fmt.Sprintf(format, args...)))
}

func (c *Console) print(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write(c.out, s)
}

// write writes to one of the outputs. The mutex is held.
func (c *Console) write(w io.Writer, s string) {
	if _, err := io.WriteString(w, s); c.failed == nil && w == c.out {
		c.failed = err
	}
}

// Err returns the first error of the standard output.
func (c *Console) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// JSON prints a value, and returns what has gone wrong in printing.
func (c *Console) JSON(v any) error {
	var b strings.Builder
	e := json.NewEncoder(plain.JSON(&b))
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	c.print(b.String())
	return c.Err()
}

// Warnf writes a line to the standard error. A line of progress that a terminal shows stays above.
// Any goroutine may use it.
func (c *Console) Warnf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil && c.line.shown {
		c.write(c.line.w, "\n")
		c.line.shown = false
	}
	c.write(c.err, fmt.Sprintf("%s: %s\n", c.name, plain.Text(fmt.Sprintf(format, args...))))
}

// linePeriod is how often progress is told where there is no terminal, and barPeriod where there is
// one.
const (
	linePeriod = 20 * time.Second
	barPeriod  = 200 * time.Millisecond
)

// A Status is progress: a line with a bar that a terminal shows in place, and a line of text now
// and then otherwise.
type Status struct {
	console  *Console
	w        io.Writer
	terminal bool
	shown    bool
	begin    time.Time
	last     time.Time
}

// Status begins to show progress on the standard output.
func (c *Console) Status() *Status { return c.status(c.out, time.Now()) }

func (c *Console) status(w io.Writer, begin time.Time) *Status {
	s := &Status{console: c, w: w, terminal: isTerminal(w), begin: begin, last: begin}
	c.mu.Lock()
	c.line = s
	c.mu.Unlock()
	return s
}

// Due says that it is time for a line.
func (s *Status) Due() bool {
	period := linePeriod
	if s.terminal {
		period = barPeriod
	}
	return time.Since(s.last) >= period
}

// Show writes a line: a text, and of so many things done a bar or their number.
func (s *Status) Show(text string, done, all int) {
	s.last = time.Now()
	text = plain.Text(text)
	if !s.terminal {
		s.write(fmt.Sprintf("%s, %s of %s\n", text, plain.Comma(done), plain.Comma(all)), false)
		return
	}
	width := 80
	if columns, _, err := term.GetSize(int(s.w.(*os.File).Fd())); err == nil {
		width = columns
	}
	s.write(fmt.Sprintf("\r%s\x1b[K", withBar(text, width-1, done, all)), true)
}

// write writes what leaves a line shown or not.
func (s *Status) write(text string, shown bool) {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	s.console.write(s.w, text)
	s.shown = shown
}

// withBar returns a line of so many columns at most: a text of one column a rune, and what there is
// room for of a bar of so many done.
func withBar(text string, width, done, all int) string {
	const most = 40
	line := []rune(text)
	if room := min(width-len(line)-2, most); room >= 4 {
		full := min(max(room*done/max(all, 1), 0), room)
		return text + "  " + strings.Repeat("\u2588", full) + strings.Repeat("\u2591", room-full)
	}
	return string(line[:min(len(line), max(width, 0))])
}

// End takes the line away.
func (s *Status) End() {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	if s.shown {
		s.console.write(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// Progress returns a function to tell how many of so many things are done. What people read of it
// goes to the standard error, and is there only if they have to wait.
func (c *Console) Progress(what string, all int) func(done int) {
	return c.progressSince(time.Now(), what, all)
}

func (c *Console) progressSince(begin time.Time, what string, all int) func(done int) {
	s := c.status(c.err, begin)
	return func(done int) {
		if done == all {
			s.End()
			return
		}
		if s.Due() {
			left := time.Since(s.begin).Seconds() / float64(done) * float64(all-done)
			s.Show(fmt.Sprintf("%s: %s left", what, Duration(left)), done, all)
		}
	}
}

// Duration writes seconds as a person does.
func Duration(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
