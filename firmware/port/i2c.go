package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"periph.io/x/conn/v3/physic"
)

// I2CDefault is the clock of a bus that nobody has set one for.
const I2CDefault = 100 * physic.KiloHertz

// I2CClock is the clock that the kernel gives an I2C bus. files are those of the system from its
// root.
func I2CClock(files fs.FS, bus int) physic.Frequency {
	data, err := fs.ReadFile(files, fmt.Sprintf("sys/bus/i2c/devices/i2c-%d/of_node/clock-frequency", bus))
	if err != nil || len(data) != 4 {
		return I2CDefault
	}
	if hz := binary.BigEndian.Uint32(data); hz > 0 {
		return physic.Frequency(hz) * physic.Hertz
	}
	return I2CDefault
}

// FasterI2C tells how a bus of that clock becomes faster; empty if it is fast.
func FasterI2C(clock physic.Frequency) string {
	if clock >= 400*physic.KiloHertz {
		return ""
	}
	return fmt.Sprintf("dtparam=i2c_arm_baudrate=400000 in %s makes it 400kHz", ConfigTxt)
}

// NoAnswer says why nothing may answer at an address. It may be over when a plug is back.
func NoAnswer(a Address, err error) error {
	return fmt.Errorf("nothing answers at address 0x%02x of %v: panels are at 0x3c or 0x3d; are power, data (SDA) and clock (SCL) connected? (%w)", a.I2C, a, err)
}

// OwnedI2C says that a driver of the kernel has the address.
func OwnedI2C(a Address) error {
	return Setupf("address 0x%02x of %v belongs to a driver of the kernel: remove the overlay of that panel from %s and reboot", a.I2C, a, ConfigTxt)
}

// ParseI2C reads an address of seven bits.
func ParseI2C(v string) (int, error) {
	n, err := strconv.ParseUint(v, 0, 8)
	switch {
	case err == nil && n >= 0x08 && n <= 0x77:
		return int(n), nil
	case err == nil && (n == 0x78 || n == 0x7a):
		return 0, fmt.Errorf("modules have the address printed with a bit more: 0x%02x is 0x%02x here", n, n/2)
	}
	return 0, errors.New("want an address such as 0x3c")
}
