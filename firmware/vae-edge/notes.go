package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"periph.io/x/conn/v3/physic"
)

// notes tell, when a panel is shown, what cannot be seen from here: what slows it down, and what may be wrong where nothing fails.
func (c *config) notes(s *supervisor) []string {
	name := c.panel.Name
	if c.wanted.board != "" {
		name += " of " + c.wanted.board
	}
	notes := []string{fmt.Sprintf("%s on %v, %v, mode %d; if it stays dark, white or wrong: a module without a chip select line needs --mode 3, long wires a lower --hz, and vae-edge --panel list has what each panel and board needs",
		name, c.display, c.board.Clock, c.board.Mode)}
	model, _ := os.ReadFile("/proc/device-tree/model")
	if f := dividedClock(string(bytes.TrimRight(model, "\x00")), c.board.Clock); f != 0 && f < c.board.Clock {
		notes = append(notes, fmt.Sprintf("this board's divider makes at most %v of %v: the wire's share is less than shown", f, c.board.Clock))
	}
	if n := s.link.MaxTxSize(); n > 0 && n < 1<<16 {
		notes = append(notes, fmt.Sprintf("the port takes %d bytes at a time: spidev.bufsiz=65536 in /boot/firmware/cmdline.txt makes it fewer calls", n))
	}
	return notes
}

// dividedClock is the highest clock that the SPI controller of a Raspberry Pi can make which is not above f: that of its core, when it is not
// idle, over an even divider. It is 0 where that is not known.
func dividedClock(model string, f physic.Frequency) physic.Frequency {
	return divided(coreClock(model), f)
}

// divided is what the lowest even divider makes of a core's clock that is not above f; 0 where the core's is not known.
func divided(core, f physic.Frequency) physic.Frequency {
	divider := (core + f - 1) / f
	divider += divider % 2
	if divider == 0 {
		return 0
	}
	return core / divider
}

// coreClock is what core_freq is unless config.txt says otherwise, or 0 where that is not known.
func coreClock(model string) (core physic.Frequency) {
	switch {
	case strings.HasPrefix(model, "Raspberry Pi 5"), strings.HasPrefix(model, "Raspberry Pi Compute Module 5"):
		core = 200 * physic.MegaHertz // RP1
	case strings.HasPrefix(model, "Raspberry Pi 4"), strings.HasPrefix(model, "Raspberry Pi Compute Module 4"):
		core = 500 * physic.MegaHertz
	case strings.HasPrefix(model, "Raspberry Pi 3"), strings.HasPrefix(model, "Raspberry Pi Compute Module 3"), strings.HasPrefix(model, "Raspberry Pi Zero"):
		core = 400 * physic.MegaHertz
	case strings.HasPrefix(model, "Raspberry Pi"):
		core = 250 * physic.MegaHertz
	}
	return core
}
