package port

import (
	"errors"
	"fmt"
	"strings"

	"periph.io/x/conn/v3/physic"
)

// DividedClock is what the lowest even divider makes of a core's clock that is not above f; 0 where
// the core's is not known.
func DividedClock(core, f physic.Frequency) physic.Frequency {
	divider := (core + f - 1) / f
	divider += divider % 2
	if divider == 0 {
		return 0
	}
	return core / divider
}

// CoreClock is the clock that a Raspberry Pi's SPI controller divides unless config.txt says
// otherwise; 0 where that is not known. model is what the device tree calls the machine.
func CoreClock(model string) (core physic.Frequency) {
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

// Transfers says in how many transfers a frame of so many bytes goes through a port that takes
// limit bytes at a time. cure tells how the port takes more, where that helps; it is empty
// otherwise.
func Transfers(frame, limit int) (n int, cure string) {
	const more = 1 << 16
	count := func(limit int) int { return (frame + limit - 1) / limit }
	if n = count(limit); limit < more && n > 1 {
		cure = fmt.Sprintf("for %d put spidev.bufsiz=%d in /boot/firmware/cmdline.txt", count(more), more)
	}
	return n, cure
}

// The limits of a clock. Above 125 MHz no Raspberry Pi goes; below 100 kHz a frame takes ten
// seconds.
const (
	minClock = 100 * physic.KiloHertz
	maxClock = 125 * physic.MegaHertz
)

// ParseClock reads a clock with its unit or without: 40M, 62.5MHz, 15000000.
func ParseClock(v string) (physic.Frequency, error) {
	var f physic.Frequency
	if err := f.Set(v); err != nil || f < minClock || f > maxClock {
		return 0, errors.New("want a clock such as 40M, 62.5MHz or 15000000, from 100k to 125M")
	}
	return f, nil
}
