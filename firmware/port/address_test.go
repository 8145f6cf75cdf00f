package port

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestParseAddress: a port has one name and two ways to write it.
func TestParseAddress(t *testing.T) {
	for v, want := range map[string]struct {
		Address
		selected bool
		name     string
	}{
		"spi0":            {Address{Bus: 0, ChipSelect: 0}, false, "spi0"},
		"spi0.0":          {Address{Bus: 0, ChipSelect: 0}, true, "spi0"},
		"spi1.2":          {Address{Bus: 1, ChipSelect: 2}, true, "spi1.2"},
		"i2c1":            {Address{Bus: 1, I2C: 0x3c}, false, "i2c1"},
		"/dev/i2c-20":     {Address{Bus: 20, I2C: 0x3c}, false, "i2c20"},
		"/dev/spidev10.1": {Address{Bus: 10, ChipSelect: 1}, true, "spi10.1"},
	} {
		a, selected, ok := ParseAddress(v)
		if !ok || a != want.Address || selected != want.selected || a.String() != want.name {
			t.Errorf("%q is %v, chip select named: %v, %v", v, a, selected, ok)
		}
		if again, _, ok := ParseAddress(a.Device()); !ok || again != a {
			t.Errorf("%s is %v", a.Device(), again)
		}
	}
	for _, v := range []string{"", "spi", "spi.1", "spi0.", "spi0.1.2", "spi-1", "spi1000", "/dev/spidev0", "/dev/spidev0.x", "SPI0", "i2c", "i2c-1", "i2c1.0", "/dev/i2c1"} {
		if a, _, ok := ParseAddress(v); ok {
			t.Errorf("%q is %v", v, a)
		}
	}
}

// TestAddressPins: SPI0 has pins of the header, and the free chip select is free.
func TestAddressPins(t *testing.T) {
	first, second := Address{Bus: 0, ChipSelect: 0}.Pins(), Address{Bus: 0, ChipSelect: 1}.Pins()
	if len(first) != 3 || first["GPIO8"] == "" || first["GPIO7"] != "" || second["GPIO7"] == "" || second["GPIO8"] != "" {
		t.Errorf("pins %v and %v", first, second)
	}
	if p := (Address{Bus: 1, I2C: 0x3c}).Pins(); len(p) != 2 || p["GPIO2"] == "" || p["GPIO3"] == "" {
		t.Errorf("pins of I2C1: %v", p)
	}
	if p := (Address{Bus: 1, ChipSelect: 0}).Pins(); len(p) != 0 {
		t.Errorf("pins of SPI1: %v", p)
	}
}

// TestCures: what waiting does not cure is a SetupError, what somebody else may end is none, and
// every error says what to do.
func TestCures(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "/dev/spidev0.0", Err: fs.ErrPermission}
	taken := &fs.PathError{Op: "open", Path: "/dev/spidev0.0", Err: syscall.EBUSY}
	for _, c := range []struct {
		err   error
		setup bool
		cure  string
	}{
		{NoPort(Address{Bus: 0, ChipSelect: 0}), true, "dtparam=spi=on"},
		{NoPort(Address{Bus: 1, ChipSelect: 2}), true, "dtoverlay=spi1-3cs"},
		{NoPort(Address{Bus: 1, I2C: 0x3c}), true, "no I2C bus i2c1: enable it with dtparam=i2c_arm=on"},
		{NoPort(Address{Bus: 3, I2C: 0x3c}), true, "dtoverlay=i2c3"},
		{Refused("/dev/i2c-1", denied), true, "usermod -aG i2c,gpio"},
		{NoAnswer(Address{Bus: 1, I2C: 0x3d}, syscall.EIO), false, "nothing answers at address 0x3d of i2c1: panels are at 0x3c or 0x3d"},
		{OwnedI2C(Address{Bus: 1, I2C: 0x3c}), true, "remove the overlay"},
		{NoLine("GPIO40", "the reset pin"), true, "another pin may do"},
		{NoPWM(Channel{0, 1}), true, "dtoverlay=pwm"},
		{RefusedPWM(Channel{0, 1}, denied), true, "usermod"},
		{RefusedPWM(Channel{0, 1}, syscall.ENODEV), true, "npwm"},
		{RefusedPWM(Channel{0, 1}, syscall.EBUSY), false, "remove its overlay"},
		{Refused("/dev/spidev0.0", denied), true, "usermod"},
		{Refused("/dev/spidev0.0", taken), false, "fuser -v /dev/spidev0.0"},
		{InUse("GPIO7", "the reset pin", "spi0 CS1"), false, "dtoverlay=spi0-1cs"},
		{InUse("GPIO7", "the reset pin", "other"), false, "stop it"},
	} {
		if errors.As(c.err, new(SetupError)) != c.setup || !strings.Contains(c.err.Error(), c.cure) {
			t.Errorf("%v: cured by the setup alone: %v; want %v, and %q", c.err, !c.setup, c.setup, c.cure)
		}
	}
	if err := Refused("x", fs.ErrClosed); err != fs.ErrClosed {
		t.Errorf("another error became %v", err)
	}
}

// TestOpenNone: a port that does not exist is told from one that is refused.
func TestOpenNone(t *testing.T) {
	_, err := Open(Options{Address: Address{Bus: 250, ChipSelect: 250}})
	if !errors.Is(err, ErrNoDevice) || !errors.As(err, new(SetupError)) {
		t.Errorf("error %v", err)
	}
	if runtime.GOOS == "linux" && !strings.Contains(err.Error(), "; ports found: ") {
		t.Errorf("error %v", err)
	}
}

// TestTransfers: a frame that goes through in one transfer needs no cure.
func TestTransfers(t *testing.T) {
	for _, c := range []struct {
		frame, limit, n int
		cure            string
	}{
		{115200, 4096, 29, "for 2 put spidev.bufsiz=65536 in /boot/firmware/cmdline.txt"},
		{115200, 65536, 2, ""},
		{1024, 4096, 1, ""},
	} {
		if n, cure := Transfers(c.frame, c.limit); n != c.n || cure != c.cure {
			t.Errorf("%d bytes by %d: %d transfers, cure %q", c.frame, c.limit, n, cure)
		}
	}
}
