package terminal

import (
	"image"
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// Options say which terminal it is.
type Options struct {
	In, Out *os.File
	// Listen is started on what is typed, as a terminal in raw mode has it: a byte at a time,
	// Ctrl-C included. Where In is no terminal, or Out is none that shows a window, it is not
	// started.
	Listen func(in io.Reader)
	// Ending is closed when the program is to end, from when on nothing stops it; nil: never.
	Ending <-chan struct{}
}

// A Display is where frames are shown.
type Display interface {
	// Size is the size of the frames it takes now, in pixels. A window's changes.
	Size() image.Point
	// Show shows a frame of that size.
	Show(frame image.Image) error
	// Close leaves the terminal as it was.
	Close() error
}

// Open returns the display for o.Out: a [Window], or plain text where that is no terminal or one
// that cannot move its cursor.
func Open(o Options) (Display, error) {
	in, out := o.In, o.Out
	if !term.IsTerminal(int(out.Fd())) {
		return &plainText{out: out, size: plainSize}, nil
	}
	cols, rows := windowSize(out)
	kind, moves := detectInk(runtime.GOOS, os.Getenv)
	if !moves {
		// The last column stays empty: writing there may or may not wrap.
		return &plainText{out: out, size: image.Pt(max(cols-1, 1), 2*max(rows-2, 1))}, nil
	}
	restore, err := enableEscapes(out)
	if err != nil {
		return nil, err
	}
	t := &Window{window: out, out: out, ink: kind, restore: restore, stopWatching: func() {}}
	if term.IsTerminal(int(in.Fd())) {
		t.in = in
	}
	if err := t.enter(); err != nil {
		t.Close()
		return nil, err
	}
	t.stopWatching = WatchStops(t.pause, t.resume, o.Ending)
	if t.in != nil {
		go o.Listen(newTypist(in))
	}
	return t, nil
}

// Attended reports whether there is a terminal whose end is the program's, which a service does not
// have.
func Attended() bool {
	f, err := os.Open("/dev/tty")
	if err == nil {
		f.Close()
	}
	return err == nil
}
