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
	// register says that the kernel writes to a register of the PL061.
	register(at time.Time, offset, value uint64)
	// console says that the serial port sends a byte.
	console(b byte)
}

// readTrace reads QEMU's trace of pl061_set_output and pl011_write, with time stamps, until it
// ends:
//
//	1234@1795578038.476528:pl061_set_output /machine/unattached/device[7] setting output 0 to 1
//	1234@1795578038.883283:pl011_write addr 0x00000000 value 0x0000000d
//
// and of pl061_write, where that is asked for:
//
//	1234@1795578038.476520:pl061_write /machine/unattached/device[7] offset 0x400 value 0x3
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
	pinEvent      = []byte("pl061_set_output ")
	registerEvent = []byte("pl061_write ")
	consoleEvent  = []byte("pl011_write ")
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
		a, v, err := written(event, "addr 0x")
		if err != nil {
			return fmt.Errorf("trace: %q: %w", line, err)
		}
		if a == 0 { // the data register
			to.console(byte(v))
		}
	case bytes.HasPrefix(event, registerEvent):
		a, v, err := written(event, "offset 0x")
		if err != nil {
			return fmt.Errorf("trace: %q: %w", line, err)
		}
		to.register(at, uint64(a), uint64(v))
	default:
		return fmt.Errorf("trace: %q", line)
	}
	return nil
}

// written reads the address and the value of an event.
func written(event []byte, before string) (address, value int64, err error) {
	_, text, _ := bytes.Cut(event, []byte(before))
	text, tail, _ := bytes.Cut(text, []byte(" value 0x"))
	digits, _, _ := bytes.Cut(tail, []byte(" "))
	a, err := number(text, 16)
	v, err2 := number(digits, 16)
	return a, v, errors.Join(err, err2)
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
