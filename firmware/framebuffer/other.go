//go:build !linux

package framebuffer

import (
	"errors"
	"os"
)

// Open opens the framebuffer at that path. There are none on this system.
func Open(string, Options) (*Screen, error) {
	return nil, unsupported("there is none on this system, only on Linux")
}

// A Console is that of a screen.
type Console struct{}

// ErrGraphics is in the error of a console that shows no text already.
var ErrGraphics = errors.New("the console is in graphics mode")

// TakeConsole has the console of the screen show no text.
func TakeConsole(*os.File, func(), func()) (*Console, error) { return nil, errors.ErrUnsupported }

// Pause gives the console back until Resume.
func (*Console) Pause() {}

// Resume takes it again.
func (*Console) Resume() {}

// Close gives the console back.
func (*Console) Close() error { return nil }

// Keep reports whether this process is to give a console back.
func Keep() bool { return false }
