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
	"syscall"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/spi/spireg"

	// Only these two of periph's drivers: others map the registers of one chip and go wrong on the next.
	"periph.io/x/host/v3/gpioioctl"
	_ "periph.io/x/host/v3/sysfs"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// permissionCure tells how to be allowed.
const permissionCure = `add yourself to the groups spi and gpio with "sudo usermod -aG spi,gpio $USER" and log in again`

// openSPI opens the panel of the command line. Its errors name the cure.
func openSPI(c *config) (display, error) {
	device := c.display.device()
	// Look first: the registry's own errors cannot be told apart.
	switch f, err := os.OpenFile(device, os.O_RDWR, 0); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noPort(c.display)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: %s", err, permissionCure)
	case err != nil:
		return nil, err
	default:
		f.Close()
	}
	// Drivers that find nothing log it; what matters is reported below.
	log.SetOutput(io.Discard)
	_, err := driverreg.Init()
	log.SetOutput(os.Stderr)
	if err != nil {
		return nil, err
	}
	port, err := spireg.Open(device)
	if err != nil {
		return nil, err
	}
	opts := &panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock}
	var dc gpio.PinOut
	var lines []gpio.PinOut
	release := func() {
		for _, l := range lines {
			if l, ok := l.(*gpioioctl.GPIOLine); ok {
				l.Close()
			}
		}
		port.Close()
	}
	for _, p := range []struct {
		pin  *gpio.PinOut
		name string
		use  string
	}{{&dc, c.board.DC, "data/command"}, {&opts.Reset, c.board.Reset, "reset"}, {&opts.Backlight, c.board.Backlight, "backlight"}} {
		if p.name == "" {
			continue
		}
		if *p.pin, err = openPin(p.name, p.use); err != nil {
			release()
			return nil, err
		}
		lines = append(lines, *p.pin)
	}
	dev, err := panel.Open(port, dc, opts)
	if err != nil {
		release()
		return nil, err
	}
	return &spiPanel{dev, release}, nil
}

// openPin requests a GPIO line as an output.
func openPin(name, use string) (gpio.PinOut, error) {
	pin := gpioreg.ByName(name)
	if pin == nil {
		return nil, noPin(name, use)
	}
	var user string
	if l, ok := pin.(*gpioioctl.GPIOLine); ok {
		user = l.Consumer() // as it was before we ask for it
	}
	err := pin.Out(gpio.Low)
	if err != nil && strings.HasSuffix(err.Error(), syscall.EBUSY.Error()) { // the driver passes on the text alone
		if user == "" {
			user = "something else"
		}
		return nil, fmt.Errorf("%s, the panel's %s pin, is in use by %s: stop it, or remove the overlay that claims the pin from /boot/firmware/config.txt", name, use, user)
	}
	if err != nil {
		return nil, fmt.Errorf("%s, the panel's %s pin: %w", name, use, err)
	}
	return pin, nil
}

// noPin says why there is no such line.
func noPin(name, use string) error {
	chips, _ := filepath.Glob("/dev/gpiochip*")
	for _, chip := range chips {
		f, err := os.Open(chip)
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%w: %s", err, permissionCure)
		}
		f.Close()
	}
	return fmt.Errorf("no GPIO line %s, the panel's %s pin: the wiring is for the header of a Raspberry Pi; GPIO chips found: %s", name, use, list(chips))
}

// noPort says how to get the port, and what there is instead.
func noPort(t target) error {
	cure := "dtparam=spi=on"
	if t.bus > 0 {
		cure = fmt.Sprintf("dtoverlay=spi%d-%dcs", t.bus, t.chipSelect+1)
	}
	found, _ := filepath.Glob("/dev/spidev*")
	return fmt.Errorf("no SPI port %v: enable it with %s in /boot/firmware/config.txt and reboot; ports found: %s; %s", t, cure, list(found), otherDisplays)
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
