package main

import (
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/port"
)

// mainline are the lines of a Raspberry Pi 4's chip as mainline kernels, and Raspberry Pi OS until
// the spring of 2024, name them.
var mainline = strings.Fields(`ID_SDA ID_SCL SDA1 SCL1 GPIO_GCLK GPIO5 GPIO6 SPI_CE1_N SPI_CE0_N SPI_MISO SPI_MOSI SPI_SCLK
	GPIO12 GPIO13 TXD1 RXD1 GPIO16 GPIO17 GPIO18 GPIO19 GPIO20 GPIO21 GPIO22 GPIO23 GPIO24 GPIO25 GPIO26 GPIO27`)

// pi5Header are those of a Raspberry Pi 5's with the kernel of 2023: the header's numbers.
var pi5Header = strings.Fields(`ID_SD ID_SC PIN3 PIN5 PIN7 PIN29 PIN31 PIN26 PIN24 PIN21 PIN19 PIN23 PIN32 PIN33 PIN8 PIN10
	PIN36 PIN11 PIN12 PIN35 PIN38 PIN40 PIN15 PIN16 PIN18 PIN22 PIN37 PIN13`)

// TestProbePins: the pins are found on chips whose kernels name lines in other ways, or not at all.
func TestProbePins(t *testing.T) {
	for _, c := range []struct {
		label string
		names []string
		args  string
		want  string // lines
	}{
		{"pinctrl-bcm2711", mainline, "--board display-hat-mini", `
pin       data/command: GPIO9 (gpiochip0:9, SPI_MISO), free
pin       reset: none
pin       backlight: GPIO13, free
pin       chip select: GPIO7 (gpiochip0:7, SPI_CE1_N), free
key       a: GPIO5, free
key       b: GPIO6, free
key       x: GPIO16, free
key       y: GPIO24, free
`},
		{"pinctrl-bcm2711", mainline, "--board pirate-audio", "\npin       data/command: GPIO9 (gpiochip0:9, SPI_MISO), free\npin       reset: none\npin       backlight: GPIO13, free\n"},
		{"pinctrl-bcm2711", mainline, "--board adafruit-bonnet-1.3", "\nkey       press: GPIO4 (gpiochip0:4, GPIO_GCLK), free\n"},
		{"pinctrl-rp1", pi5Header, "--board waveshare-1.3", `
pin       data/command: GPIO25 (gpiochip0:25, PIN22), free
pin       reset: GPIO27 (gpiochip0:27, PIN13), free
pin       backlight: GPIO24 (gpiochip0:24, PIN18), free
`},
		{"300b000.pinctrl", make([]string, 256), "--panel st7789-240x240 --dc 71 --rst 70 --bl none", `
pin       data/command: GPIO71 (gpiochip0:71), free
pin       reset: GPIO70 (gpiochip0:70), free
pin       backlight: none
`},
		{"300b000.pinctrl", make([]string, 256), "--panel st7789-240x240 --gpiochip /dev/gpiochip0 --dc 71 --rst 300b000.pinctrl:70 --bl none --keys a=12,turn=17/18", `
pin       data/command: gpiochip0:71, free
pin       reset: 300b000.pinctrl:70 (gpiochip0:70), free
pin       backlight: none
pin       chip select: GPIO8, no such line
key       a: gpiochip0:12, free
key       turn: gpiochip0:17, free
key       turn: gpiochip0:18, free
`},
	} {
		s := newFakeSystem(t)
		s.Chips = func() ([]port.Chip, error) {
			chip := port.Chip{Path: "/dev/gpiochip0", Label: c.label}
			for _, n := range c.names {
				chip.Lines = append(chip.Lines, port.Line{Name: n})
			}
			return []port.Chip{chip}, nil
		}
		out, err := s.probe(t, append(strings.Fields(c.args), "--no-card")...)
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: error %v, report\n%swant%s", c.args, err, out, c.want)
		}
	}
	// Pins of a Raspberry Pi's header are no other machine's.
	s := newFakeSystem(t)
	s.Chips = func() ([]port.Chip, error) {
		return []port.Chip{{Path: "/dev/gpiochip0", Label: "300b000.pinctrl", Lines: make([]port.Line, 256)}}, nil
	}
	out, err := s.probe(t, "--board", "waveshare-1.3", "--no-card")
	if err == nil || !strings.Contains(out, "\npin       data/command: GPIO25, no such line\n") {
		t.Errorf("error %v, report\n%s", err, out)
	}
	for args, want := range map[string]string{
		"--display spi0 --dc 25 --rst GPIO25": "--rst GPIO25 is taken: it is the pin of --dc",
		"--display spi0 --keys a=25":          "--keys a=25 is taken: it is the pin of --dc",
		"--display spi0 --gpiochip ,":         "want a GPIO chip such as gpiochip1",
		"--display term --gpiochip 1":         "--gpiochip is for panels and --display fb0: ",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", args, err, want)
		}
	}
}

// TestPinsTaken: a line that the port has is refused as soon as flags are read, whichever way it is
// named; where the machine is no Raspberry Pi it may be any other.
func TestPinsTaken(t *testing.T) {
	for _, label := range []string{"pinctrl-bcm2711", "300b000.pinctrl"} {
		chips := func() ([]port.Chip, error) {
			c := port.Chip{Path: "/dev/gpiochip0", Label: label}
			for _, name := range mainline {
				c.Lines = append(c.Lines, port.Line{Name: name})
			}
			return []port.Chip{c}, nil
		}
		for args, want := range map[string]string{
			"--dc gpiochip0:11":                            "--dc GPIO11 is taken: it is the clock of SPI0; another pin, please",
			"--dc SPI_MOSI":                                "--dc GPIO10 is taken: it is the data line of SPI0; another pin, please",
			"--gpiochip gpiochip0 --dc 25 --keys a=8":      "--keys a=gpiochip0:8 is taken: it is the chip select CE0; another pin, please",
			"--dc 25 --rst gpiochip0:25":                   "--rst GPIO25 is taken: it is the pin of --dc; another pin, please",
			"--dc 25 --touch spi0.1 --touch-irq SPI_CE1_N": "--touch-irq GPIO7 is taken: it is the chip select CE1; another pin, please",
		} {
			_, err := parseOn(chips, strings.Fields("--display spi0 --panel st7789-240x240 "+args))
			if elsewhere := label != "pinctrl-bcm2711"; elsewhere && err != nil || !elsewhere && (err == nil || err.Error() != want) {
				t.Errorf("%s on %s: %v", args, label, err)
			}
		}
	}
}
