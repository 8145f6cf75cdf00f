package port

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3"
)

// i2cSlave is the request that sets the address of a device for writes to the bus
// (linux/i2c-dev.h).
const i2cSlave = 0x0703

// An i2cDevice is a device on an I2C bus.
type i2cDevice struct {
	Address
	bus *os.File
}

// openI2C opens the bus for writes to a device.
func openI2C(a Address) (*i2cDevice, error) {
	f, err := os.OpenFile(a.Device(), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetInt(int(f.Fd()), i2cSlave, a.I2C); err != nil {
		f.Close()
		if errors.Is(err, syscall.EBUSY) {
			return nil, OwnedI2C(a)
		}
		return nil, fmt.Errorf("%s, address 0x%02x: %w", a.Device(), a.I2C, err)
	}
	return &i2cDevice{a, f}, nil
}

// Duplex implements conn.Conn.
func (d *i2cDevice) Duplex() conn.Duplex { return conn.Half }

// Tx implements conn.Conn: a write of its own, from start to stop.
func (d *i2cDevice) Tx(w, r []byte) error {
	if r != nil {
		return errors.New("panels are not read")
	}
	_, err := d.bus.Write(w)
	if errors.Is(err, syscall.EREMOTEIO) || errors.Is(err, syscall.ENXIO) {
		return NoAnswer(d.Address, err)
	}
	return err
}
