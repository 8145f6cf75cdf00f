package main

import (
	"strings"
	"testing"
	"testing/fstest"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// TestI2C: what the command line makes of a panel on an I2C bus.
func TestI2C(t *testing.T) {
	for args, want := range map[string]string{
		"--display i2c1":                                       "i2c1 0x3c ssd1306-128x64 0 keys",
		"--display /dev/i2c-3 --i2c-address 61":                "i2c3 0x3d ssd1306-128x64 0 keys",
		"--display i2c1 --panel sh1106-128x64 --rotate 180":    "i2c1 0x3c sh1106-128x64 0 keys",
		"--board adafruit-oled-bonnet":                         "i2c1 0x3c ssd1306-128x64 7 keys",
		"--board adafruit-pioled --i2c-address 0x3d":           "i2c1 0x3d ssd1306-128x32 0 keys",
		"--display i2c1 --panel ssd1306 --size 64x48 --rst 17": "i2c1 0x3c ssd1306-64x48 0 keys",
		"probe --board adafruit-pioled":                        "i2c1 0x3c ssd1306-128x32 0 keys",
		"probe --display i2c1 --keys a=5":                      "i2c1 0x3c ssd1306-128x64 1 keys",
		"--display spi0 --board waveshare-oled-1.3":            "spi0 0x00 sh1106-128x64 8 keys",
	} {
		c, err := parse(strings.Fields(args))
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		o := c.portOptions()
		if got := strings.Join([]string{c.display.String(), hex(o.I2C), c.panel.Name, string(rune('0' + len(c.board.Keys))), "keys"}, " "); got != want || o.OnI2C() != (o.DC == "") {
			t.Errorf("%s: %s with %+v, want %s", args, got, o, want)
		}
	}
	for args, want := range map[string]string{
		"--display i2c1 --dc 25":                             "--dc is for SPI panels: on I2C there is no such pin: leave it out",
		"--display i2c1 --hz 400k":                           "the clock is the bus's, see dtparam=i2c_arm_baudrate=400000",
		"--display i2c1 --mode 3":                            "--mode is for SPI panels",
		"--display i2c1 --panel st7789-240x240":              "--display i2c1: panel st7789-240x240 is not for I2C: say --display spi0, or --panel ssd1306-128x64",
		"--display i2c1 --board waveshare-1.3":               "--display i2c1: board waveshare-1.3 is wired to spi0.0: leave --display out",
		"--display spi0 --board adafruit-pioled":             "--display spi0: board adafruit-pioled is on i2c1: leave --display out",
		"--display i2c1 --i2c-address 0x78":                  "modules have the address printed with a bit more: 0x78 is 0x3c here",
		"--display i2c1 --i2c-address 3d":                    "want an address such as 0x3c",
		"--display spi0 --i2c-address 0x3c":                  "--i2c-address is for panels on I2C: say --display i2c1 too",
		"--display term --i2c-address 0x3c":                  "--i2c-address is for panels: ",
		"--display i2c1 --keys a=2":                          "--keys a=2 is taken: it is the data line of I2C1",
		"--display i2c1 --panel sh1106-128x64 --offset 2,3":  "begins at 4,0 at most",
		"--display i2c1 --panel sh1106-128x64 --size 131x60": "--size 131x60: the SH1106 has its rows in groups of eight",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", args, err, want)
		}
	}
}

func hex(n int) string {
	return "0x" + string("0123456789abcdef"[n>>4]) + string("0123456789abcdef"[n&15])
}

// TestProbeI2C: the bus is reported, and the card is on the glass.
func TestProbeI2C(t *testing.T) {
	p, _ := panel.Find("sh1106-128x64")
	system := func() *fakeSystem {
		s := newFakeSystem(t)
		s.files["dev/i2c-1"] = &fstest.MapFile{}
		s.files["sys/bus/i2c/devices/i2c-1/of_node/clock-frequency"] = &fstest.MapFile{Data: []byte{0, 1, 0x86, 0xa0}}
		s.module = paneltest.New(p)
		s.Wires = func(o port.Options) (*port.Wires, error) {
			return &port.Wires{I2C: s.module.I2C(o.I2C, 100*physic.KiloHertz)}, nil
		}
		return s
	}
	const want = `machine   Raspberry Pi 3 Model B Rev 1.2
port      /dev/i2c-1: usable
gpio      /dev/gpiochip0: pinctrl-bcm2835, 28 lines
pin       reset: none
pin       backlight: none
board     none: bare module, turned by 0 degrees, address 0x3c
panel     sh1106-128x64: SH1106, 128x64 pixels
decode    1.250 ms a picture: mnist-2 on generic
clock     100kHz, which the kernel has for the bus; dtparam=i2c_arm_baudrate=400000 in /boot/firmware/config.txt makes it 400kHz
wire      1024 bytes a frame, at most 10.9 frames a second
card      sent; Enter or Ctrl-C ends
look      a white line along all four edges
look      TL red, TR green, BL blue, BR yellow in their corners, an arrow upwards
look      bars that are as they say, and one from black to white
if        dark:                 --i2c-address (now 0x3c), --display (now i2c1), --panel (now sh1106-128x64)
if        line missing, noise:  --offset (now 2,0) or --size (now 128x64)
if        negative:             --invert on (now off)
if        mirror writing:       --mirror on (now off)
if        wrong corners:        --rotate (now 0)
`
	s := system()
	if out, err := s.probe(t, "--display", "i2c1", "--panel", "sh1106-128x64"); err != nil || out != want || len(s.module.Faults()) > 0 {
		t.Errorf("error %v, faults %q, report\n%swant\n%s", err, s.module.Faults(), out, want)
	}
	if _, err := system().probe(t, "--display", "i2c1", "--i2c-address", "0x3d"); err == nil || !strings.Contains(err.Error(), paneltest.ErrNoAnswer.Error()) {
		t.Errorf("error %v", err)
	}
	if out, err := newFakeSystem(t).probe(t, "--display", "i2c1"); err == nil || !strings.Contains(out, "problem   no I2C bus i2c1: enable it with dtparam=i2c_arm=on") {
		t.Errorf("error %v, report\n%s", err, out)
	}
	s = system()
	delete(s.files, "dev/gpiochip0")
	s.unwired = true
	if out, err := s.probe(t, "--display", "i2c1", "--no-card"); err != nil {
		t.Errorf("four pins without a GPIO chip: error %v, report\n%s", err, out)
	}
	s = system()
	s.files["sys/bus/i2c/devices/1-003c/driver"] = &fstest.MapFile{Data: []byte("../../../bus/i2c/drivers/ssd1307fb"), Mode: s.files["sys/bus/spi/devices/spi0.0/driver"].Mode}
	if out, err := s.probe(t, "--display", "i2c1"); err == nil || !strings.Contains(out, "port      1-003c: ssd1307fb\n") || !strings.Contains(out, "belongs to a driver of the kernel") {
		t.Errorf("error %v, report\n%s", err, out)
	}
}
