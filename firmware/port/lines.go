package port

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Chip is a GPIO chip of the kernel, at a path such as /dev/gpiochip0.
type Chip struct {
	Path, Label string
	Links       []string // other paths that lead to it
	Lines       []Line
}

// A Line is a GPIO line. Its consumer is who holds it; empty where nobody does.
type Line struct{ Name, Consumer string }

// is reports whether the chip goes by that name: that of its device, or its label.
func (c *Chip) is(name string) bool {
	return name == c.Label || slices.ContainsFunc(append([]string{c.Path}, c.Links...), func(p string) bool { return path.Base(p) == name })
}

// At names a line of the chip: gpiochip0:9.
func (c *Chip) At(line int) string { return fmt.Sprintf("%s:%d", path.Base(c.Path), line) }

// ParsePin reads what names a GPIO line: GPIO25 or gpio25 on the header of a Raspberry Pi, a
// number, gpiochip1:23 on any chip, or the kernel's name for one.
func ParsePin(v string) (pin string, ok bool) {
	v = strings.TrimPrefix(v, "/dev/")
	if v == "" || strings.ContainsAny(v, " ,=/") {
		return "", false
	}
	if i := strings.LastIndexByte(v, ':'); i >= 0 {
		chip, ok := ParseChip(v[:i])
		rest := v[i+1:]
		if n, number := lineNumber(rest); number {
			rest = strconv.Itoa(n)
		}
		return chip + ":" + rest, ok && rest != ""
	}
	if n, ok := lineNumber(v); ok {
		return strconv.Itoa(n), true
	}
	if n, ok := lineNumber(trimGPIO(v)); ok {
		return fmt.Sprintf("GPIO%d", n), true
	}
	return v, true
}

// ParseChip reads the name of a GPIO chip: gpiochip1, /dev/gpiochip1, 1 or its label.
func ParseChip(v string) (chip string, ok bool) {
	v = strings.TrimPrefix(v, "/dev/")
	if n, ok := lineNumber(v); ok {
		return fmt.Sprintf("gpiochip%d", n), true
	}
	return v, v != "" && !strings.ContainsAny(v, " ,=/")
}

// OnChip is the pin on a chip, if it is a number and the chip is not "".
func OnChip(chip, pin string) string {
	if _, number := lineNumber(pin); number && chip != "" {
		return chip + ":" + pin
	}
	return pin
}

// PinName is what a pin is called: a number is that of a GPIO.
func PinName(pin string) string {
	if _, number := lineNumber(pin); number {
		return "GPIO" + pin
	}
	return pin
}

func trimGPIO(v string) string {
	if len(v) > 4 && strings.EqualFold(v[:4], "GPIO") {
		return v[4:]
	}
	return v
}

// lineNumber reads up to five decimal digits.
func lineNumber(v string) (int, bool) {
	if v == "" || len(v) > 5 || strings.Trim(v, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(v)
	return n, err == nil
}

// header is the chip that has the pins of a Raspberry Pi's header, on the fifth one beside others;
// -1 where the machine is none.
func header(chips []Chip) int {
	i := slices.IndexFunc(chips, func(c Chip) bool { return c.Label == "pinctrl-rp1" })
	if i < 0 {
		i = slices.IndexFunc(chips, func(c Chip) bool { return strings.HasPrefix(c.Label, "pinctrl-bcm") })
	}
	return i
}

// OnHeader is what a pin is called if it is a line of the chip behind a Raspberry Pi's header:
// gpiochip0:11 and SPI_SCLK are GPIO11 there. Others stay as they are. Chips are looked for only
// where a pin has another name than that.
func OnHeader(chips func() ([]Chip, error), pin string) string {
	if _, number := lineNumber(trimGPIO(pin)); number || pin == "" {
		return pin
	}
	all, err := chips()
	if err != nil {
		return pin
	}
	if chip, line, err := FindLine(all, pin, ""); err == nil && chip == header(all) {
		return fmt.Sprintf("GPIO%d", line)
	}
	return pin
}

// FindLine returns the chip and the line that a pin, which ParsePin has read, stands for. use says
// what for, in errors, which name the cure.
//
// On a Raspberry Pi GPIO9 is line 9 of the chip behind the header: kernels have called it GPIO9,
// SPI_MISO and PIN21. Elsewhere it is the line of that name, and a number alone is a line only
// where there is one chip.
func FindLine(chips []Chip, pin, use string) (chip, line int, err error) {
	if i := strings.LastIndexByte(pin, ':'); i >= 0 {
		if chip = slices.IndexFunc(chips, func(c Chip) bool { return c.is(pin[:i]) }); chip >= 0 {
			return chipLine(chips, chip, pin[i+1:], pin, use)
		}
		if _, number := lineNumber(pin[i+1:]); number {
			return 0, 0, Setupf("no GPIO line %s, %s: there is no chip %s; chips are %s", pin, use, pin[:i], list(chipNames(chips)))
		}
	}
	n, bare := lineNumber(pin)
	numbered := bare
	if !bare {
		n, numbered = lineNumber(strings.TrimPrefix(pin, "GPIO"))
	}
	name := PinName(pin)
	if numbered {
		if chip = header(chips); chip >= 0 {
			if n < len(chips[chip].Lines) {
				return chip, n, nil
			}
			return 0, 0, NoLine(name, use)
		}
	}
	var found []string
	for i := range chips {
		for j := range chips[i].Lines {
			if name != "" && chips[i].Lines[j].Name == name {
				chip, line = i, j
				found = append(found, chips[i].At(j))
			}
		}
	}
	switch {
	case len(found) == 1:
		return chip, line, nil
	case len(found) > 1:
		return 0, 0, Setupf("several GPIO lines are called %s, %s: say which of %s", name, use, list(found))
	case !bare:
		return 0, 0, NoLine(name, use)
	case len(chips) == 1 && n < len(chips[0].Lines):
		return 0, n, nil
	}
	return 0, 0, Setupf("no GPIO line is called %s, %s: say the chip as well, such as gpiochip0:%d; chips are %s", name, use, n, list(chipNames(chips)))
}

// chipLine finds a line of one chip, by its number or its name.
func chipLine(chips []Chip, chip int, line, pin, use string) (int, int, error) {
	lines := chips[chip].Lines
	n, number := lineNumber(line)
	if !number {
		n = slices.IndexFunc(lines, func(l Line) bool { return l.Name == line })
	}
	if n < 0 || n >= len(lines) {
		return 0, 0, Setupf("no GPIO line %s, %s: %s (%s) has the lines 0 to %d", pin, use, path.Base(chips[chip].Path), chips[chip].Label, len(lines)-1)
	}
	return chip, n, nil
}

func chipNames(chips []Chip) (names []string) {
	for _, c := range chips {
		names = append(names, fmt.Sprintf("%s (%s, %d lines)", path.Base(c.Path), c.Label, len(c.Lines)))
	}
	return names
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
