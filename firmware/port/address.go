package port

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// An Address names an SPI port of the kernel, a bus and a chip select line of it, or a device on an
// I2C bus.
type Address struct {
	Bus, ChipSelect int
	I2C             int // the device's address on its bus, of 7 bits; 0: the bus is SPI
}

// DefaultI2C is the address that most panels have; some have the next one.
const DefaultI2C = 0x3c

// OnI2C reports whether the bus is I2C.
func (a Address) OnI2C() bool { return a.I2C != 0 }

// ParseAddress reads spi0, spi0.1 or /dev/spidev0.1, and i2c1 or /dev/i2c-1 for the device at
// DefaultI2C. selected reports whether v names the chip select.
func ParseAddress(v string) (a Address, selected, ok bool) {
	for _, prefix := range []string{"i2c", "/dev/i2c-"} {
		if number, ok := strings.CutPrefix(v, prefix); ok {
			if bus, err := parseSmall(number); err == nil {
				return Address{Bus: bus, I2C: DefaultI2C}, false, true
			}
		}
	}
	for _, prefix := range []string{"spi", "/dev/spidev"} {
		number, ok := strings.CutPrefix(v, prefix)
		if !ok {
			continue
		}
		bus, cs, dot := strings.Cut(number, ".")
		if !dot && prefix == "spi" {
			cs = "0"
		}
		var errs [2]error
		a.Bus, errs[0] = parseSmall(bus)
		a.ChipSelect, errs[1] = parseSmall(cs)
		if errors.Join(errs[:]...) == nil {
			return a, dot, true
		}
	}
	return Address{}, false, false
}

// parseSmall reads up to three decimal digits.
func parseSmall(v string) (int, error) {
	if len(v) > 3 || strings.Trim(v, "0123456789") != "" {
		return 0, errors.New("not a small number")
	}
	return strconv.Atoi(v)
}

// String is spi0, spi0.1 where the chip select is not the first, or i2c1.
func (a Address) String() string {
	if a.OnI2C() {
		return fmt.Sprintf("i2c%d", a.Bus)
	}
	if a.ChipSelect == 0 {
		return fmt.Sprintf("spi%d", a.Bus)
	}
	return fmt.Sprintf("spi%d.%d", a.Bus, a.ChipSelect)
}

// Device is the path of the port's device node.
func (a Address) Device() string {
	if a.OnI2C() {
		return fmt.Sprintf("/dev/i2c-%d", a.Bus)
	}
	return fmt.Sprintf("/dev/spidev%d.%d", a.Bus, a.ChipSelect)
}

// ChipSelectPin is the GPIO line of a Raspberry Pi's header that the kernel takes for the chip
// select, "" where that is not known. No other program can have it.
func (a Address) ChipSelectPin() string {
	if pins := []string{"GPIO8", "GPIO7"}; !a.OnI2C() && a.Bus == 0 && a.ChipSelect < len(pins) {
		return pins[a.ChipSelect]
	}
	return ""
}

// Pins are the lines of a Raspberry Pi's header that the port takes, and what each is.
func (a Address) Pins() map[string]string {
	pins := map[string]string{}
	if a.OnI2C() {
		if a.Bus < 2 {
			pins[fmt.Sprintf("GPIO%d", 2*a.Bus)] = fmt.Sprintf("the data line of I2C%d", a.Bus)
			pins[fmt.Sprintf("GPIO%d", 2*a.Bus+1)] = fmt.Sprintf("the clock of I2C%d", a.Bus)
		}
		return pins
	}
	if a.Bus == 0 {
		// GPIO9, its input, is free: panels do not answer, and Pimoroni's have their data/command
		// pin there.
		pins["GPIO11"], pins["GPIO10"] = "the clock of SPI0", "the data line of SPI0"
	}
	if pin := a.ChipSelectPin(); pin != "" {
		pins[pin] = fmt.Sprintf("the chip select CE%d", a.ChipSelect)
	}
	return pins
}

// Input is the line of a Raspberry Pi's header by which what is behind the port answers, "" where
// that is not known. Panels do not.
func (a Address) Input() string {
	if pins := []string{"GPIO9", "GPIO19"}; !a.OnI2C() && a.Bus < len(pins) {
		return pins[a.Bus]
	}
	return ""
}

// NoPort says how to get the port.
func NoPort(a Address) error {
	if a.OnI2C() {
		line := "dtparam=i2c_arm=on"
		if a.Bus != 1 {
			line = fmt.Sprintf("dtoverlay=i2c%d", a.Bus)
		}
		return Setupf("no I2C bus %v: enable it with %s in %s, load i2c-dev with \"sudo modprobe i2c-dev\", and reboot", a, line, ConfigTxt)
	}
	line := "dtparam=spi=on"
	if a.Bus > 0 {
		line = fmt.Sprintf("dtoverlay=spi%d-%dcs", a.Bus, a.ChipSelect+1)
	}
	return Setupf("no SPI port %v: enable it with %s in %s and reboot", a, line, ConfigTxt)
}

// TryDevice tries whether a device can be opened for reading and writing.
func TryDevice(device string) error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
