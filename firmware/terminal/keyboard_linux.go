package terminal

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// A Keyboard is what is typed on a terminal while a program shows something elsewhere: keys come
// one by one and are not printed, and what is printed looks as always.
type Keyboard struct {
	in  *os.File
	own *unix.Termios // the settings that it had
}

// OpenKeyboard starts listen on what is typed on in. It returns nil where that is no terminal, or
// another job's.
func OpenKeyboard(in *os.File, listen func(in io.Reader)) *Keyboard {
	own, err := unix.IoctlGetTermios(int(in.Fd()), unix.TCGETS)
	if err != nil || background(in) {
		return nil
	}
	k := &Keyboard{in, own}
	if !k.Resume() {
		return nil
	}
	go listen(newTypist(in))
	return k
}

// Resume takes the keyboard, and reports false while it is another job's.
func (k *Keyboard) Resume() bool {
	if k == nil {
		return true
	}
	if background(k.in) {
		return false
	}
	keys := *k.own
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Iflag &^= unix.ICRNL
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(int(k.in.Fd()), unix.TCSETS, &keys) == nil
}

// Pause gives the keyboard back, until Resume or for ever.
func (k *Keyboard) Pause() {
	if k != nil && !background(k.in) {
		unix.IoctlSetTermios(int(k.in.Fd()), unix.TCSETS, k.own)
	}
}
