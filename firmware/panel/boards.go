package panel

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A Meaning is what a key of a board is for.
type Meaning string

// The directions are those of the picture at the board's rotation.
const (
	Up    Meaning = "up"
	Down  Meaning = "down"
	Left  Meaning = "left"
	Right Meaning = "right"
	Press Meaning = "press" // the joystick itself
	A     Meaning = "a"
	B     Meaning = "b"
	X     Meaning = "x"
	Y     Meaning = "y"
)

// A Key is a push button or a direction of a joystick: it connects its pin to ground, so the pin
// needs a pull-up.
type Key struct {
	Pin     string
	Meaning Meaning
}

// A Board is a panel as it is wired to a Raspberry Pi's 40-pin header. Pins are line names of the
// kernel, GPIO and the BCM number; an empty one is not connected.
type Board struct {
	Name       string
	Text       string
	Panel      string
	ChipSelect int    // of SPI0
	I2C        int    // the panel's address on I2C bus 1; 0: it is on SPI0
	DC         string // data/command
	Reset      string
	Backlight  string
	Mode       spi.Mode
	Clock      physic.Frequency
	Rotation   int // that makes the picture upright, in degrees clockwise
	Keys       []Key
	// What of this nobody has read in a data sheet or a driver; empty where all has been
	Unchecked string
}

// waveshareKeys are the joystick and the keys 1 to 3 of Waveshare's LCD HATs.
var waveshareKeys = []Key{
	{"GPIO6", Up}, {"GPIO19", Down}, {"GPIO5", Left}, {"GPIO26", Right}, {"GPIO13", Press},
	{"GPIO21", A}, {"GPIO20", B}, {"GPIO16", X},
}

// Boards lists the boards that are known, for every panel its usual one first.
var Boards = []Board{
	{
		Name: "waveshare-1.3", Text: `Waveshare 1.3" LCD HAT`, Panel: "st7789-240x240",
		DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Clock: clockST7789, Rotation: 90, Keys: waveshareKeys,
	},
	{
		Name: "waveshare-1.44", Text: `Waveshare 1.44" LCD HAT`, Panel: "st7735-128x128",
		DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Clock: clockST7735, Rotation: 0, Keys: waveshareKeys, Unchecked: "rotation",
	},
	{
		Name: "waveshare-2", Text: `Waveshare 2" LCD module`, Panel: "st7789-240x320",
		DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO18", Clock: clockST7789, Rotation: 90, Unchecked: "pins, clock, rotation",
	},
	{
		Name: "waveshare-1.28", Text: `Waveshare 1.28" round LCD module`, Panel: "gc9a01-240x240",
		DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO18", Clock: clockGC9A01, Unchecked: "rotation",
	},
	{
		Name: "waveshare-rgb-oled-1.5", Text: `Waveshare 1.5" RGB OLED module`, Panel: "ssd1351-128x128",
		DC: "GPIO25", Reset: "GPIO27", Clock: clockSSD1351, Unchecked: "pins, rotation",
	},
	{
		Name: "waveshare-oled-1.3", Text: `Waveshare 1.3" OLED HAT`, Panel: "sh1106-128x64",
		DC: "GPIO24", Reset: "GPIO25", Clock: clockSH1106, Rotation: 180, Keys: waveshareKeys, Unchecked: "rotation",
	},
	{
		Name: "adafruit-oled-bonnet", Text: `Adafruit 1.3" and 0.96" OLED Bonnet, 128x64`, Panel: "ssd1306-128x64", I2C: 0x3c,
		Keys: []Key{
			{"GPIO17", Up}, {"GPIO22", Down}, {"GPIO27", Left}, {"GPIO23", Right}, {"GPIO4", Press}, {"GPIO5", A}, {"GPIO6", B},
		},
		Unchecked: "rotation",
	},
	{
		Name: "adafruit-pioled", Text: "Adafruit PiOLED 128x32", Panel: "ssd1306-128x32", I2C: 0x3c, Unchecked: "rotation",
	},
	{
		Name: "display-hat-mini", Text: "Pimoroni Display HAT Mini", Panel: "st7789-240x320", ChipSelect: 1,
		DC: "GPIO9", Backlight: "GPIO13", Clock: 60 * physic.MegaHertz, Rotation: 270,
		Keys: []Key{{"GPIO5", A}, {"GPIO6", B}, {"GPIO16", X}, {"GPIO24", Y}}, Unchecked: "rotation",
	},
	{
		Name: "pirate-audio", Text: "Pimoroni Pirate Audio", Panel: "st7789-240x240", ChipSelect: 1,
		DC: "GPIO9", Backlight: "GPIO13", Clock: 60 * physic.MegaHertz, Rotation: 90, Unchecked: "rotation",
	},
	{
		Name: "mini-pitft-1.3", Text: `Adafruit Mini PiTFT 1.3"`, Panel: "st7789-240x240",
		// GPIO24 can be made the reset, but a pressed key B would then short it to ground.
		DC: "GPIO25", Backlight: "GPIO22", Clock: 64 * physic.MegaHertz, Rotation: 180,
		Keys: []Key{{"GPIO23", A}, {"GPIO24", B}}, Unchecked: "backlight, rotation",
	},
	{
		Name: "adafruit-bonnet-1.3", Text: `Adafruit 1.3" Bonnet`, Panel: "st7789-240x240",
		DC: "GPIO25", Reset: "GPIO24", Backlight: "GPIO26", Clock: 24 * physic.MegaHertz, Rotation: 180,
		Keys: []Key{
			{"GPIO17", Up}, {"GPIO22", Down}, {"GPIO27", Left}, {"GPIO23", Right}, {"GPIO4", Press}, {"GPIO5", A}, {"GPIO6", B},
		},
		Unchecked: "rotation",
	},
}

// FindBoard returns the board of that name.
func FindBoard(name string) (Board, bool) {
	i := slices.IndexFunc(Boards, func(b Board) bool { return b.Name == name })
	if i < 0 {
		return Board{}, false
	}
	return Boards[i], true
}

// Wiring returns the panel's usual board or, where it is sold as a bare module, one wired like most
// of Waveshare's.
func (p *Panel) Wiring() Board {
	i := slices.IndexFunc(Boards, func(b Board) bool { return b.Panel == p.Name && b.I2C == 0 })
	if i >= 0 {
		return Boards[i]
	}
	b := Board{
		Text: "bare module", Panel: p.Name, DC: "GPIO25", Reset: "GPIO27", Backlight: "GPIO24", Clock: p.Clock,
		Unchecked: "wired as you like",
	}
	if p.Dots() || p.Controller.family == ssd1351 {
		b.Backlight = "" // it lights by itself
	}
	return b
}

// List writes the panels and the boards as tables.
func List(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "PANEL\tCONTROLLER\tPIXELS\tCLOCK\tUNCHECKED\n")
	for _, p := range Panels {
		fmt.Fprintf(t, "%s\t%s\t%dx%d\t%v\t%s\n", p.Name, p.Controller.Name, p.Size.X, p.Size.Y, p.Clock, p.Unchecked)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprint(t, "\nBOARD\tPANEL\tCE\tDC\tRESET\tBACKLIGHT\tMODE\tCLOCK\tROTATION\tKEYS\tPRODUCT\tUNCHECKED\n")
	for _, b := range Boards {
		chip, clock := strconv.Itoa(b.ChipSelect), b.Clock.String()
		if b.I2C != 0 {
			chip, clock = "i2c1", "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\t%s\t%s\n", b.Name, b.Panel, chip, pin(b.DC), pin(b.Reset),
			pin(b.Backlight), b.Mode, clock, b.Rotation, keys(b.Keys), b.Text, b.Unchecked)
	}
	return t.Flush()
}

func pin(name string) string {
	if name == "" {
		return "-"
	}
	return name
}

func keys(keys []Key) string {
	var s []string
	for _, k := range keys {
		s = append(s, fmt.Sprintf("%s=%s", k.Meaning, strings.TrimPrefix(k.Pin, "GPIO")))
	}
	return pin(strings.Join(s, " "))
}
