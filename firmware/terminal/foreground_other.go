//go:build !unix

package terminal

import "os"

// background reports that the terminal is this program's: there are no jobs here.
func background(*os.File) bool { return false }

func newTypist(tty *os.File) *os.File { return tty }
