package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// A listener is told what happens on the emulated machine, in order.
type listener interface {
	// pin says that a line of the PL061, which has that path in QEMU, has a level now.
	pin(at time.Time, path []byte, line int, high bool)
	// console says that the serial port sends a byte.
	console(b byte)
}

// readTrace reads QEMU's trace of pl061_set_output and pl011_write, with time stamps, until it
// ends:
//
//	1234@1795578038.476528:pl061_set_output /machine/unattached/device[7] setting output 0 to 1
//	1234@1795578038.883283:pl011_write addr 0x00000000 value 0x0000000d
//
// Newer versions name the serial port, too, and its register. Lines about anything else are QEMU's
// warnings: they are an error.
func readTrace(r io.Reader, to listener) error {
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			if err == io.EOF && len(line) == 0 {
				return nil
			}
			return fmt.Errorf("trace: %w after %.80q", err, line)
		}
		if err := readEvent(line[:len(line)-1], to); err != nil {
			return err
		}
	}
}

var (
	pinEvent     = []byte("pl061_set_output ")
	consoleEvent = []byte("pl011_write ")
)

func readEvent(line []byte, to listener) error {
	stamp, event, ok := bytes.Cut(line, []byte(":"))
	_, stamp, stamped := bytes.Cut(stamp, []byte("@"))
	if !ok || !stamped {
		return fmt.Errorf("trace: %q", line)
	}
	seconds, micros, _ := bytes.Cut(stamp, []byte("."))
	s, err := number(seconds, 10)
	us, err2 := number(micros, 10)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("trace: %q: %w", line, err)
	}
	at := time.Unix(s, us*1000)
	switch {
	case bytes.HasPrefix(event, pinEvent):
		path, tail, _ := bytes.Cut(event[len(pinEvent):], []byte(" setting output "))
		pin, level, _ := bytes.Cut(tail, []byte(" to "))
		n, err := number(pin, 10)
		if err != nil || len(level) != 1 || level[0]&^1 != '0' || n > 7 {
			return fmt.Errorf("trace: %q", line)
		}
		to.pin(at, path, int(n), level[0] == '1')
	case bytes.HasPrefix(event, consoleEvent):
		_, address, _ := bytes.Cut(event, []byte("addr 0x"))
		address, tail, _ := bytes.Cut(address, []byte(" value 0x"))
		value, _, _ := bytes.Cut(tail, []byte(" "))
		a, err := number(address, 16)
		v, err2 := number(value, 16)
		if err := errors.Join(err, err2); err != nil {
			return fmt.Errorf("trace: %q: %w", line, err)
		}
		if a == 0 { // the data register
			to.console(byte(v))
		}
	default:
		return fmt.Errorf("trace: %q", line)
	}
	return nil
}

// number reads digits. It allocates nothing: there are millions of them.
func number(digits []byte, base int64) (int64, error) {
	if len(digits) == 0 || len(digits) > 15 {
		return 0, fmt.Errorf("%q is not a number", digits)
	}
	n := int64(0)
	for _, d := range digits {
		v := int64(99)
		switch {
		case d >= '0' && d <= '9':
			v = int64(d - '0')
		case d >= 'a' && d <= 'f':
			v = int64(d-'a') + 10
		}
		if v >= base {
			return 0, fmt.Errorf("%q is not a number", digits)
		}
		n = n*base + v
	}
	return n, nil
}
