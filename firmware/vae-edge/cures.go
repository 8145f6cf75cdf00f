package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// cured adds to the error of a library, which knows of no command, what cures it.
func cured(err error) error {
	cure := ""
	switch {
	case errors.Is(err, model.ErrNoConcepts):
		cure = "go run ./trainer concepts --update writes them"
	case errors.Is(err, pictures.ErrNone):
		cure = "copy it from where the trainer wrote both, or write it with go run ./trainer encoder"
	case errors.Is(err, decoder.ErrWrongPixels):
		cure = "run vae-edge verify, or set " + kernels.EnvBackend + "=generic"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, cure)
}

// What may be wrong with a panel's port and pins, and its cure. The command says so when it fails, probe before.

// otherDisplays is the hint for those who have no panel.
const otherDisplays = "without a panel try --display term or --display png:out.png"

// configTxt is the file of a Raspberry Pi where overlays are asked for.
const configTxt = "/boot/firmware/config.txt"

// permissionCure tells how to be allowed.
const permissionCure = `add yourself to the groups spi and gpio with "sudo usermod -aG spi,gpio $USER" and log in again`

// A setupError is what waiting does not cure: somebody has to change the system or the command line.
type setupError struct{ error }

func (e setupError) Unwrap() error { return e.error }

func setupf(format string, args ...any) error { return setupError{fmt.Errorf(format, args...)} }

// noPort says how to get the port.
func noPort(t target) error {
	line := "dtparam=spi=on"
	if t.bus > 0 {
		line = fmt.Sprintf("dtoverlay=spi%d-%dcs", t.bus, t.chipSelect+1)
	}
	return setupf("no SPI port %v: enable it with %s in %s and reboot", t, line, configTxt)
}

// noLine says why there may be no such GPIO line.
func noLine(pin, use string) error {
	return setupf("no GPIO line %s, %s: the wiring is for the header of a Raspberry Pi; another pin may do", pin, use)
}

// noPWM says how to get a channel with pulse width modulation.
func noPWM(c pwmChannel) error {
	return setupf("no PWM channel %v: dtoverlay=pwm,pin=18,func=2 in %s gives GPIO18 one, dtoverlay=pwm,pin=13,func=4 GPIO13; ls %s shows the chips", c, configTxt, pwmClass)
}

// refusedPWM adds the cure to the error of a channel's file.
func refusedPWM(c pwmChannel, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return setupf("%v, the panel's backlight: %w: %s", c, err, permissionCure)
	case errors.Is(err, syscall.ENODEV):
		return setupf("%v, the panel's backlight: the chip has fewer channels: cat %s/pwmchip%d/npwm says how many", c, pwmClass, c.chip)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%v, the panel's backlight, is in use by a driver of the kernel: remove its overlay from %s", c, configTxt)
	}
	return fmt.Errorf("%v, the panel's backlight: %w", c, err)
}

// refused adds the cure to the error of opening a device.
func refused(device string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return setupf("%w: %s", err, permissionCure)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: another program has it: see who with \"sudo fuser -v %s\" and stop it", err, device)
	}
	return err
}

// busy says what to do about a pin that somebody has.
func busy(pin, use, user string) error {
	// The kernel calls its chip selects spi0 CS0 and so on.
	if strings.HasPrefix(user, "spi") && strings.Contains(user, " CS") {
		return fmt.Errorf("%s, %s, is in use by %s, a chip select: take another pin, or free it in %s with dtoverlay=spi0-1cs (GPIO7) or dtoverlay=spi0-0cs (GPIO7 and GPIO8)",
			pin, use, user, configTxt)
	}
	return fmt.Errorf("%s, %s, is in use by %s: stop it, or remove the overlay that claims the pin from %s", pin, use, user, configTxt)
}

// transfers says what a port that takes so many bytes at a time means for the panel, and how it takes more.
func (c *config) transfers(bytes int) (n int, cure string) {
	const more = 1 << 16
	frame := c.panel.FrameBytes()
	count := func(bytes int) int { return (frame + bytes - 1) / bytes }
	if n = count(bytes); bytes < more && n > 1 {
		cure = fmt.Sprintf("for %d put spidev.bufsiz=%d in /boot/firmware/cmdline.txt", count(more), more)
	}
	return n, cure
}

// divided is what the lowest even divider makes of a core's clock that is not above f; 0 where the core's is not known.
func divided(core, f physic.Frequency) physic.Frequency {
	divider := (core + f - 1) / f
	divider += divider % 2
	if divider == 0 {
		return 0
	}
	return core / divider
}

// coreClock is the clock that a Raspberry Pi's SPI controller divides unless config.txt says otherwise; 0 where that is not known.
func coreClock(model string) (core physic.Frequency) {
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

// notes tell, when a panel is shown, what cannot be seen from here: what slows it down, and what may be wrong where nothing fails.
func (c *config) notes(s *supervisor) []string {
	name := c.panel.Name
	if c.wanted.board != "" {
		name += " of " + c.wanted.board
	}
	notes := []string{fmt.Sprintf("%s on %v, %v, mode %d; if it stays dark, white or wrong: a module without a chip select line needs --mode 3, long wires a lower --hz, and vae-edge probe with the same flags shows a test card and what to change",
		name, c.display, c.board.Clock, c.board.Mode)}
	model, _ := os.ReadFile("/proc/device-tree/model")
	if f := divided(coreClock(string(model)), c.board.Clock); f != 0 && f < c.board.Clock {
		notes = append(notes, fmt.Sprintf("this board's divider makes at most %v of %v: the wire's share is less than shown", f, c.board.Clock))
	}
	if bytes := s.link.MaxTxSize(); bytes > 0 {
		if n, cure := c.transfers(bytes); cure != "" {
			notes = append(notes, fmt.Sprintf("the port takes %d bytes at a time, a frame is %d transfers; %s", bytes, n, cure))
		}
	}
	return notes
}
