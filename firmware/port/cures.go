package port

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// ConfigTxt is the file of a Raspberry Pi where overlays are asked for.
const ConfigTxt = "/boot/firmware/config.txt"

// PermissionCure tells how to be allowed to open devices, and i2cCure those of I2C.
const (
	PermissionCure = `add yourself to the groups spi and gpio with "sudo usermod -aG spi,gpio $USER" and log in again`
	i2cCure        = `add yourself to the groups i2c and gpio with "sudo usermod -aG i2c,gpio $USER" and log in again`
)

// ErrNoDevice is in the error of a system or a port where no panel can be: there is no such device.
var ErrNoDevice = errors.New("no device")

// A noDevice is an error that is ErrNoDevice without saying so.
type noDevice struct{ error }

func (e noDevice) Is(target error) bool { return target == ErrNoDevice }
func (e noDevice) Unwrap() error        { return e.error }

// A SetupError is what waiting does not cure: somebody has to change the system or the options.
type SetupError struct{ error }

// Unwrap returns what the error is about.
func (e SetupError) Unwrap() error { return e.error }

// Setupf returns a SetupError with that text.
func Setupf(format string, args ...any) error { return SetupError{fmt.Errorf(format, args...)} }

// NoLine says why there may be no GPIO line pin for that use.
func NoLine(pin, use string) error {
	return Setupf("no GPIO line %s, %s: the wiring is for the header of a Raspberry Pi; another pin may do", pin, use)
}

// Refused adds the cure to the error of opening a device.
func Refused(device string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission) && strings.HasPrefix(device, "/dev/i2c-"):
		return Setupf("%w: %s", err, i2cCure)
	case errors.Is(err, fs.ErrPermission):
		return Setupf("%w: %s", err, PermissionCure)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("%w: another program has it: see who with \"sudo fuser -v %s\" and stop it", err, device)
	}
	return err
}

// InUse says what to do about a pin that user holds, in the kernel's words for it.
func InUse(pin, use, user string) error {
	// The kernel calls its chip selects spi0 CS0 and so on.
	if strings.HasPrefix(user, "spi") && strings.Contains(user, " CS") {
		return fmt.Errorf("%s, %s, is in use by %s, a chip select: take another pin, or free it in %s with dtoverlay=spi0-1cs (GPIO7) or dtoverlay=spi0-0cs (GPIO7 and GPIO8)",
			pin, use, user, ConfigTxt)
	}
	return fmt.Errorf("%s, %s, is in use by %s: stop it, or remove the overlay that claims the pin from %s", pin, use, user, ConfigTxt)
}
