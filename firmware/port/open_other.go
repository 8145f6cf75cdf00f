//go:build !linux

package port

import (
	"runtime"

	"periph.io/x/conn/v3/gpio"
)

// unsupported is the error of everything here: it needs Linux's spidev and GPIO character devices.
func unsupported() error {
	return noDevice{Setupf("no SPI on %s: panels need Linux", runtime.GOOS)}
}

// Open opens the port and requests the pins. On this system it cannot.
func Open(Options) (*Wires, error) { return nil, unsupported() }

// Input requests a GPIO line as an input. On this system it cannot.
func Input(name, use string) (gpio.PinIn, error) { return nil, unsupported() }

// Chips are the GPIO chips that can be opened. On this system there are none.
func Chips() ([]Chip, error) { return nil, unsupported() }
