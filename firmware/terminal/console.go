package terminal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
)

// A LogFormat is the form of log lines.
type LogFormat int

// The formats of logs.
const (
	LogPlain LogFormat = iota // sentences
	LogText                   // key=value
	LogJSON
)

// ParseLogFormat reads the name of a format.
func ParseLogFormat(v string) (LogFormat, error) {
	f, ok := map[string]LogFormat{"plain": LogPlain, "text": LogText, "json": LogJSON}[v]
	if !ok {
		return 0, cli.ChoiceError{Values: []string{"plain", "text", "json"}, Text: "there is plain, text and json"}
	}
	return f, nil
}

// ConsoleOptions say how a console logs.
type ConsoleOptions struct {
	Name   string // of the program, before its sentences
	Format LogFormat
}

// A Console takes log lines, for a person or for a program that collects them, and a status line
// that a terminal shows in place. Any goroutine may use it.
type Console struct {
	name string
	mu   sync.Mutex
	out  io.Writer
	// width is that of a terminal, in characters; nil if there is none or a program reads: then no
	// line is rewritten.
	width  func() int
	logger *slog.Logger // nil: sentences
	open   int          // characters of the line that is rewritten
	buf    []byte
}

// NewConsole returns the console that writes to w.
func NewConsole(w io.Writer, o ConsoleOptions) *Console {
	c := &Console{name: o.Name, out: w, logger: newLogger(w, o.Format)}
	f, ok := w.(*os.File)
	if !ok || c.logger != nil {
		return c
	}
	if fd := int(f.Fd()); term.IsTerminal(fd) {
		c.width = func() int {
			width, _, err := term.GetSize(fd)
			if err != nil || width < 2 {
				return 80
			}
			return width
		}
	}
	return c
}

// Attended reports whether lines are for somebody at a terminal.
func (c *Console) Attended() bool { return c.width != nil }

// Structured reports whether lines are for a program.
func (c *Console) Structured() bool { return c.logger != nil }

// newLogger returns the logger for programs, or nil for sentences.
func newLogger(w io.Writer, format LogFormat) *slog.Logger {
	switch format {
	case LogText:
		return slog.New(slog.NewTextHandler(w, nil))
	case LogJSON:
		return slog.New(slog.NewJSONHandler(plain.JSON(w), nil))
	}
	return nil
}

// Status replaces the line of figures. attrs are the same figures, for a program.
func (c *Console) Status(line []byte, attrs func() []slog.Attr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logger != nil {
		c.logger.LogAttrs(context.Background(), slog.LevelInfo, "figures", attrs()...)
		return
	}
	if c.width == nil {
		c.buf = append(append(c.buf[:0], line...), '\n')
		c.out.Write(c.buf)
		return
	}
	line = line[:min(len(line), c.width()-1)]
	c.buf = append(append(c.buf[:0], '\r'), line...)
	for range c.open - len(line) {
		c.buf = append(c.buf, ' ')
	}
	c.open = len(line)
	c.out.Write(c.buf)
}

// Log writes a line that stays. The sentence says all that the attributes say.
func (c *Console) Log(level slog.Level, sentence string, attrs ...slog.Attr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logger != nil {
		c.logger.LogAttrs(context.Background(), level, sentence, attrs...)
		return
	}
	c.close()
	fmt.Fprintf(c.out, "%s: %s\n", c.name, plain.Text(sentence))
}

// End leaves the status where it is.
func (c *Console) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.close()
}

func (c *Console) close() {
	if c.open > 0 {
		fmt.Fprintln(c.out)
		c.open = 0
	}
}
