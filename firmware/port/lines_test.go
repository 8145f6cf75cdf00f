package port

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParsePin(t *testing.T) {
	for v, want := range map[string]string{
		"GPIO25": "GPIO25", "gpio25": "GPIO25", "GPIO07": "GPIO7", "25": "25", "007": "7", "gpiochip1:23": "gpiochip1:23", "/dev/gpiochip1:023": "gpiochip1:23",
		"1:23": "gpiochip1:23", "300b000.pinctrl:71": "300b000.pinctrl:71", "gpiochip0:PA7": "gpiochip0:PA7", "PIN21": "PIN21", "GPIO_GCLK": "GPIO_GCLK", "GPIO": "GPIO",
	} {
		if got, ok := ParsePin(v); !ok || got != want {
			t.Errorf("%q is %q, %t, want %q", v, got, ok, want)
		}
	}
	for _, v := range []string{"", " ", "a b", "5,6", "a=5", "a/b", ":5", "gpiochip1:", "/dev/"} {
		if got, ok := ParsePin(v); ok {
			t.Errorf("%q is %q", v, got)
		}
	}
	if got := OnChip("gpiochip1", "23") + " " + OnChip("gpiochip1", "GPIO23") + " " + OnChip("", "23"); got != "gpiochip1:23 GPIO23 23" {
		t.Error(got)
	}
}

// chip is a chip with lines of those names.
func chip(device, label string, names ...string) Chip {
	c := Chip{Path: "/dev/" + device, Label: label}
	for _, name := range names {
		c.Lines = append(c.Lines, Line{Name: name})
	}
	return c
}

// TestFindLine: the line that is meant, or an error that says what to say instead.
func TestFindLine(t *testing.T) {
	numbered := func(format string) (names []string) {
		for i := range 28 {
			names = append(names, fmt.Sprintf(format, i))
		}
		return names
	}
	mainline := numbered("GPIO%d")
	mainline[9], mainline[4] = "SPI_MISO", "GPIO_GCLK"
	pi4 := []Chip{chip("gpiochip0", "pinctrl-bcm2711", mainline...), chip("gpiochip1", "raspberrypi-exp-gpio", "BT_ON", "GPIO9")}
	// The header is behind the fifth chip, another has lines of such names
	pi5 := []Chip{chip("gpiochip0", "gpio-brcmstb@107d508500", "GPIO0", "GPIO1"), chip("gpiochip2", "pinctrl-bcm2712", numbered("GPIO%d")...), chip("gpiochip4", "pinctrl-rp1", numbered("PIN%d")...)}
	pi5[2].Links = []string{"/dev/gpiochip9"}
	orange := []Chip{chip("gpiochip0", "300b000.pinctrl", make([]string, 256)...)}
	two := append([]Chip{chip("gpiochip1", "7022000.pinctrl", make([]string, 32)...)}, orange...)
	rock := []Chip{chip("gpiochip0", "gpio0", "GPIO5", "", "SD"), chip("gpiochip1", "gpio1", "SD", "GPIO2")}
	for _, c := range []struct {
		chips []Chip
		pin   string
		want  string // or a part of the error
	}{
		{pi4, "GPIO9", "gpiochip0:9"}, {pi4, "9", "gpiochip0:9"}, {pi4, "GPIO4", "gpiochip0:4"}, {pi4, "SPI_MISO", "gpiochip0:9"}, {pi4, "BT_ON", "gpiochip1:0"},
		{pi4, "gpiochip1:1", "gpiochip1:1"}, {pi4, "raspberrypi-exp-gpio:GPIO9", "gpiochip1:1"}, {pi4, "GPIO28", "no GPIO line GPIO28, the pin: "},
		{pi5, "GPIO0", "gpiochip4:0"}, {pi5, "25", "gpiochip4:25"}, {pi5, "gpiochip9:3", "gpiochip4:3"}, {pi5, "PIN7", "gpiochip4:7"},
		{orange, "71", "gpiochip0:71"}, {orange, "GPIO71", "no GPIO line GPIO71"}, {orange, "256", "say the chip as well"}, {orange, "gpiochip0:256", "has the lines 0 to 255"},
		{two, "71", "say the chip as well, such as gpiochip0:71; chips are gpiochip1 (7022000.pinctrl, 32 lines), gpiochip0 (300b000.pinctrl, 256 lines)"},
		{two, "gpiochip0:71", "gpiochip0:71"}, {two, "gpiochip7:71", "there is no chip gpiochip7"},
		{rock, "GPIO5", "gpiochip0:0"}, {rock, "2", "gpiochip1:1"}, {rock, "SD", "several GPIO lines are called SD, the pin: say which of gpiochip0:2, gpiochip1:0"},
		{rock, "gpiochip1:SD", "gpiochip1:0"}, {rock, "gpiochip1:CD", "no GPIO line gpiochip1:CD"}, {rock, "", "no GPIO line"}, {nil, "GPIO25", "no GPIO line GPIO25"},
	} {
		at, line, err := FindLine(c.chips, c.pin, "the pin")
		if err != nil {
			if !strings.Contains(err.Error(), c.want) || !errors.As(err, new(SetupError)) {
				t.Errorf("%s: error %v, want %s", c.pin, err, c.want)
			}
		} else if got := c.chips[at].At(line); got != c.want {
			t.Errorf("%s is %s, want %s", c.pin, got, c.want)
		}
	}
}

// TestOnHeader: a line of a Raspberry Pi's header has one name, whichever way it is named, and what
// is elsewhere keeps its own.
func TestOnHeader(t *testing.T) {
	header := chip("gpiochip0", "pinctrl-bcm2711", strings.Fields("ID_SDA ID_SCL SDA1 SCL1 GPIO_GCLK GPIO5 GPIO6 SPI_CE1_N SPI_CE0_N SPI_MISO SPI_MOSI SPI_SCLK")...)
	other := chip("gpiochip1", "raspberrypi-exp-gpio", "BT_ON", "WL_ON")
	pi := func() ([]Chip, error) { return []Chip{header, other}, nil }
	for pin, want := range map[string]string{
		"gpiochip0:11": "GPIO11", "pinctrl-bcm2711:11": "GPIO11", "SPI_SCLK": "GPIO11", "gpiochip0:SPI_SCLK": "GPIO11", "GPIO11": "GPIO11", "11": "11", "": "",
		"gpiochip1:1": "gpiochip1:1", "BT_ON": "BT_ON", "gpiochip0:99": "gpiochip0:99", "gpiochip7:11": "gpiochip7:11", "NOTHING": "NOTHING",
	} {
		if got := OnHeader(pi, pin); got != want {
			t.Errorf("%q is %q, want %q", pin, got, want)
		}
	}
	elsewhere := func() ([]Chip, error) {
		return []Chip{chip("gpiochip0", "300b000.pinctrl", make([]string, 32)...)}, nil
	}
	nowhere := func() ([]Chip, error) { return nil, errors.New("no GPIO") }
	for _, chips := range []func() ([]Chip, error){elsewhere, nowhere} {
		if got := OnHeader(chips, "gpiochip0:11"); got != "gpiochip0:11" {
			t.Error(got)
		}
	}
}
