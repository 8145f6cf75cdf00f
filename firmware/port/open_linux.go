package port

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"

	// Only these two of periph's drivers: others map the registers of one chip and go wrong on the
	// next.
	"periph.io/x/host/v3/gpioioctl"
	"periph.io/x/host/v3/sysfs"
)

// initDrivers looks for ports and pins, once.
var initDrivers = sync.OnceValue(func() error {
	// Drivers that find nothing log it; what matters is reported by whoever needs it.
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	_, err := driverreg.Init()
	return err
})

// Open opens the port and requests the pins. Its errors name the cure; that of a port that does not
// exist is [ErrNoDevice].
func Open(o Options) (*Wires, error) {
	device := o.Device()
	// Look first: the driver passes on the text of errors alone.
	if err := TryDevice(device); errors.Is(err, fs.ErrNotExist) {
		pattern, what := "/dev/spidev*", "ports"
		if o.OnI2C() {
			pattern, what = "/dev/i2c-*", "buses"
		}
		found, _ := filepath.Glob(pattern)
		return nil, noDevice{fmt.Errorf("%w; %s found: %s", NoPort(o.Address), what, list(found))}
	} else if err != nil {
		return nil, Refused(device, err)
	}
	if err := initDrivers(); err != nil {
		return nil, err
	}
	w := &Wires{}
	if o.OnI2C() {
		d, err := openI2C(o.Address)
		if err != nil {
			return nil, err
		}
		w.I2C = d
		w.OnClose(func() { d.bus.Close() })
	} else {
		port, err := sysfs.NewSPI(o.Bus, o.ChipSelect)
		if err != nil {
			return nil, err
		}
		w.Port = port
		w.OnClose(func() { port.Close() })
	}
	for _, p := range []struct {
		pin  *gpio.PinOut
		name string
		use  string
	}{{&w.DC, o.DC, "data/command"}, {&w.Reset, o.Reset, "reset"}, {&w.Backlight, o.Backlight, "backlight"}} {
		if p.name == "" {
			continue
		}
		if channel, ok := ParseChannel(p.name); ok && p.pin == &w.Backlight {
			light, err := openPWM(PWMClass, channel)
			if err != nil {
				w.Close()
				return nil, err
			}
			w.Backlight = light
			w.OnClose(light.Close)
			continue
		}
		line, err := openPin(p.name, "the panel's "+p.use+" pin", func(pin gpio.PinIO) error { return pin.Out(gpio.Low) })
		if err != nil {
			w.Close()
			return nil, err
		}
		*p.pin = line
		w.OnClose(line.Close)
	}
	return w, nil
}

// openPin requests a GPIO line, for which request sets its direction.
func openPin(name, use string, request func(gpio.PinIO) error) (*gpioioctl.GPIOLine, error) {
	chips, err := Chips()
	if err != nil {
		return nil, err
	}
	chip, line, err := FindLine(chips, name, use)
	if err != nil {
		return nil, noPin(err)
	}
	pin := gpioioctl.Chips[chip].ByNumber(line)
	name = PinName(name)
	user := pin.Consumer() // as it was before we ask for it
	err = request(pin)
	if err == nil {
		return pin, nil
	}
	pin.Close() // the driver takes it for requested
	if strings.HasSuffix(err.Error(), syscall.EBUSY.Error()) {
		if user == "" {
			user = "something else"
		}
		return nil, InUse(name, use, user)
	}
	return nil, fmt.Errorf("%s, %s: %w", name, use, err)
}

// Input requests a GPIO line as an input with a pull-up that tells of both edges. use says what
// for, in errors, which name the cure.
func Input(name, use string) (gpio.PinIn, error) {
	p, err := openPin(name, use, func(p gpio.PinIO) error { return p.In(gpio.PullUp, gpio.BothEdges) })
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Chips are the GPIO chips that can be opened, with their lines.
func Chips() ([]Chip, error) {
	if err := initDrivers(); err != nil {
		return nil, err
	}
	var chips []Chip
	paths, _ := filepath.Glob("/dev/gpiochip*")
	for _, c := range gpioioctl.Chips {
		chip := Chip{Path: c.Path(), Label: c.Label()}
		for _, p := range paths {
			if to, err := filepath.EvalSymlinks(p); err == nil && p != chip.Path && to == chip.Path {
				chip.Links = append(chip.Links, p)
			}
		}
		for _, l := range c.Lines() {
			chip.Lines = append(chip.Lines, Line{Name: l.Name(), Consumer: l.Consumer()})
		}
		chips = append(chips, chip)
	}
	return chips, nil
}

// noPin is why there is no such line: that a chip may not be opened, or else err.
func noPin(err error) error {
	chips, _ := filepath.Glob("/dev/gpiochip*")
	for _, chip := range chips {
		if err := TryDevice(chip); errors.Is(err, fs.ErrPermission) {
			return Refused(chip, err)
		}
	}
	return fmt.Errorf("%w; GPIO chips found: %s", err, list(chips))
}
