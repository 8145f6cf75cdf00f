package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// A logFormat is how what happens is told.
type logFormat int

const (
	logPlain logFormat = iota // sentences
	logText                   // key=value
	logJSON
)

func parseLog(v string) (logFormat, error) {
	f, ok := map[string]logFormat{"plain": logPlain, "text": logText, "json": logJSON}[v]
	if !ok {
		return 0, choiceError{[]string{"plain", "text", "json"}, "there is plain, text and json"}
	}
	return f, nil
}

// A console is where lines go for a person, one of which may be rewritten, or for a program that collects logs.
type console struct {
	mu     sync.Mutex
	out    io.Writer
	width  func() int   // of a terminal, in characters; nil if it is none, or lines are for a program: then every line stays
	logger *slog.Logger // nil: sentences
	open   int          // characters of the line that is rewritten
	buf    []byte
}

// newConsole returns the console on a file.
func newConsole(f *os.File, format logFormat) *console {
	c := &console{out: f, logger: newLogger(f, format)}
	if fd := int(f.Fd()); c.logger == nil && term.IsTerminal(fd) {
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

// newLogger returns what writes lines for programs, or nil where sentences are asked for.
func newLogger(w io.Writer, format logFormat) *slog.Logger {
	switch format {
	case logText:
		return slog.New(slog.NewTextHandler(w, nil))
	case logJSON:
		return slog.New(slog.NewJSONHandler(plain.JSON(w), nil))
	}
	return nil
}

// status writes a line of figures in the place of the one before.
func (c *console) status(line []byte, m measure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logger != nil {
		c.logger.LogAttrs(context.Background(), slog.LevelInfo, "figures", m.attrs()...)
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

// log writes a line that stays. The sentence says all that the attributes say.
func (c *console) log(level slog.Level, sentence string, attrs ...slog.Attr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logger != nil {
		c.logger.LogAttrs(context.Background(), level, sentence, attrs...)
		return
	}
	c.close()
	fmt.Fprintf(c.out, "vae-edge: %s\n", plain.Text(sentence))
}

// count says how many there are of something.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

// end lets the status stay.
func (c *console) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.close()
}

func (c *console) close() {
	if c.open > 0 {
		fmt.Fprintln(c.out)
		c.open = 0
	}
}
