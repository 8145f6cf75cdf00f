package port

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// An Address names an SPI port of the kernel: a bus, and a chip select line of it.
type Address struct{ Bus, ChipSelect int }

// ParseAddress reads spi0, spi0.1 or /dev/spidev0.1. selected reports whether v names the chip
// select.
func ParseAddress(v string) (a Address, selected, ok bool) {
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

// String is spi0, or spi0.1 where the chip select is not the first.
func (a Address) String() string {
	if a.ChipSelect == 0 {
		return fmt.Sprintf("spi%d", a.Bus)
	}
	return fmt.Sprintf("spi%d.%d", a.Bus, a.ChipSelect)
}

// Device is the path of the port's device node.
func (a Address) Device() string { return fmt.Sprintf("/dev/spidev%d.%d", a.Bus, a.ChipSelect) }

// ChipSelectPin is the GPIO line of a Raspberry Pi's header that the kernel takes for the chip
// select, "" where that is not known. No other program can have it.
func (a Address) ChipSelectPin() string {
	if pins := []string{"GPIO8", "GPIO7"}; a.Bus == 0 && a.ChipSelect < len(pins) {
		return pins[a.ChipSelect]
	}
	return ""
}

// Pins are the lines of a Raspberry Pi's header that the port takes, and what each is.
func (a Address) Pins() map[string]string {
	pins := map[string]string{}
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

// NoPort says how to get the port.
func NoPort(a Address) error {
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
