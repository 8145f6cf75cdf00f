package main

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
	"periph.io/x/conn/v3/gpio/gpioreg"

	// Only these two of periph's drivers: others map the registers of one chip and go wrong on the next.
	"periph.io/x/host/v3/gpioioctl"
	"periph.io/x/host/v3/sysfs"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// initDrivers looks for ports and pins, once.
var initDrivers = sync.OnceValue(func() error {
	// Drivers that find nothing log it; what matters is reported by whoever needs it.
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	_, err := driverreg.Init()
	return err
})

// openWires opens the port and requests the pins of the command line. Its errors name the cure.
func openWires(c *config) (*wires, error) {
	device := c.display.device()
	// Look first: the driver passes on the text of errors alone.
	if err := openDevice(device); errors.Is(err, fs.ErrNotExist) {
		found, _ := filepath.Glob("/dev/spidev*")
		return nil, fmt.Errorf("%w; ports found: %s; %s", noPort(c.display), list(found), otherDisplays)
	} else if err != nil {
		return nil, refused(device, err)
	}
	if err := initDrivers(); err != nil {
		return nil, err
	}
	port, err := sysfs.NewSPI(c.display.bus, c.display.chipSelect)
	if err != nil {
		return nil, err
	}
	w := &wires{port: port, close: []func(){func() { port.Close() }}}
	for _, p := range []struct {
		pin  *gpio.PinOut
		name string
		use  string
	}{{&w.dc, c.board.DC, "data/command"}, {&w.reset, c.board.Reset, "reset"}, {&w.backlight, c.board.Backlight, "backlight"}} {
		if p.name == "" {
			continue
		}
		if channel, ok := parsePWM(p.name); ok && p.pin == &w.backlight {
			light, err := openPWM(pwmClass, channel)
			if err != nil {
				w.Close()
				return nil, err
			}
			w.backlight = light
			w.close = append(w.close, light.Close)
			continue
		}
		line, err := openPin(p.name, "the panel's "+p.use+" pin", func(pin gpio.PinIO) error { return pin.Out(gpio.Low) })
		if err != nil {
			w.Close()
			return nil, err
		}
		*p.pin = line
		w.close = append(w.close, func() { closePin(line) })
	}
	return w, nil
}

// openPin requests a GPIO line, for which request sets its direction.
func openPin(name, use string, request func(gpio.PinIO) error) (gpio.PinIO, error) {
	pin := gpioreg.ByName(name)
	if pin == nil {
		return nil, noPin(name, use)
	}
	var user string
	if l, ok := pin.(*gpioioctl.GPIOLine); ok {
		user = l.Consumer() // as it was before we ask for it
	}
	err := request(pin)
	if err == nil {
		return pin, nil
	}
	closePin(pin) // the driver takes it for requested
	if strings.HasSuffix(err.Error(), syscall.EBUSY.Error()) {
		if user == "" {
			user = "something else"
		}
		return nil, busy(name, use, user)
	}
	return nil, fmt.Errorf("%s, %s: %w", name, use, err)
}

func closePin(pin gpio.PinIO) {
	if l, ok := pin.(*gpioioctl.GPIOLine); ok {
		l.Close()
	}
}

// openKeys requests the lines of the board's keys as inputs with pull-ups. A key that cannot be had is an error, and the others work.
func openKeys(keys []panel.Key) (pins []keyPin, missing []error) {
	open := func(name string, k panel.Key) gpio.PinIn {
		p, err := openPin(name, fmt.Sprintf("the key %s", k.Meaning), func(p gpio.PinIO) error { return p.In(gpio.PullUp, gpio.BothEdges) })
		if err != nil {
			missing = append(missing, err)
			return nil
		}
		return p
	}
	for _, k := range keys {
		if k.Meaning != turn {
			if p := open(k.Pin, k); p != nil {
				pins = append(pins, keyPin{Key: k, PinIn: p})
			}
			continue
		}
		a, b, _ := strings.Cut(k.Pin, "/")
		first, second := open(a, k), open(b, k)
		if first != nil && second != nil {
			pins = append(pins, keyPin{k, first, second})
		}
	}
	return pins, missing
}

// noPin says why there is no such line.
func noPin(name, use string) error {
	chips, _ := filepath.Glob("/dev/gpiochip*")
	for _, chip := range chips {
		if err := openDevice(chip); errors.Is(err, fs.ErrPermission) {
			return refused(chip, err)
		}
	}
	return fmt.Errorf("%w; GPIO chips found: %s", noLine(name, use), list(chips))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
