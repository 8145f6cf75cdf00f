//go:build unix

package terminal

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// background reports whether the terminal is that of another job: the kernel stops a program that
// changes its settings then, before a signal that is to end the program has its effect.
func background(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group != unix.Getpgrp()
}

// A typist is what is typed on a terminal that may be another job's for a while. The kernel stops a
// program that reads there then; where it is told not to, reading fails.
type typist struct{ tty *os.File }

func newTypist(tty *os.File) typist {
	signal.Ignore(syscall.SIGTTIN)
	return typist{tty}
}

func (t typist) Read(b []byte) (int, error) {
	for {
		n, err := t.tty.Read(b)
		if !errors.Is(err, syscall.EIO) {
			return n, err
		}
		if _, gone := unix.IoctlGetInt(int(t.tty.Fd()), unix.TIOCGPGRP); gone != nil {
			return n, err
		}
		time.Sleep(stopTime)
	}
}

// stopTime is how long the kernel may take to stop the program. It does not at all if there is no
// shell that could let it go on.
const stopTime = 300 * time.Millisecond
