//go:build !linux

package terminal

import (
	"io"
	"os"
)

// A Keyboard is what is typed on a terminal while a program shows something elsewhere.
type Keyboard struct{}

// OpenKeyboard returns nil: screens beside a terminal are Linux's.
func OpenKeyboard(*os.File, func(io.Reader)) *Keyboard { return nil }

// Resume takes the keyboard.
func (*Keyboard) Resume() bool { return true }

// Pause gives the keyboard back.
func (*Keyboard) Pause() {}
