package paneltest

import (
	"errors"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// ErrNoAnswer is the error of an address on the bus that no module has.
var ErrNoAnswer = errors.New("remote I/O error")

// I2CAddress is that of every module on its bus.
const I2CAddress = 0x3c

// I2C returns the module as a device of a bus of that clock, at an address.
func (m *Module) I2C(address int, clock physic.Frequency) conn.Conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = clock
	return i2c{m, address}
}

type i2c struct {
	m       *Module
	address int
}

func (c i2c) String() string      { return "emulated" }
func (c i2c) Duplex() conn.Duplex { return conn.Half }

func (c i2c) Tx(b, r []byte) error {
	m := c.m
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case len(b) == 0 || r != nil:
		return errors.New("want a write of at least one byte")
	case len(b) > 8192:
		return errors.New("the kernel takes at most 8192 bytes")
	case c.address != I2CAddress:
		return ErrNoAnswer
	}
	// The address comes first, and every byte is acknowledged.
	return m.transfer(b, len(b)+1, 9, func() {
		switch b[0] {
		case 0x00:
			m.chip.tx(gpio.Low, b[1:])
		case 0x40:
			m.chip.tx(gpio.High, b[1:])
		default:
			m.fault("control byte %02x", b[0])
		}
	})
}
