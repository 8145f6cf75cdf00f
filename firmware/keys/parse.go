package keys

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// Parse reads keys with their pins as [panel.List] prints them, up=6,down=19, or none. A knob is
// turn=17/18.
func Parse(v string) ([]panel.Key, error) {
	all := []panel.Key{}
	if v == "none" {
		return all, nil
	}
	meanings := []panel.Meaning{panel.Up, panel.Down, panel.Left, panel.Right, panel.Press, panel.A, panel.B, panel.X, panel.Y, Knob}
	for _, item := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, pins, ok := strings.Cut(item, "=")
		if name == "knob" || name == "encoder" { // as the trade calls it
			name = string(Knob)
		}
		if !ok || !slices.Contains(meanings, panel.Meaning(name)) {
			return nil, fmt.Errorf("%q: want NAME=PIN with a name of %s", item, list(meanings))
		}
		k := panel.Key{Meaning: panel.Meaning(name)}
		if slices.ContainsFunc(all, func(other panel.Key) bool { return other.Meaning == k.Meaning }) {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		first, second, pair := strings.Cut(pins, "/")
		if pair != (k.Meaning == Knob) {
			return nil, fmt.Errorf("%q: a knob has two pins, turn=17/18, and a key has one", item)
		}
		var err error
		if k.Pin, err = parsePin(first); err != nil {
			return nil, err
		}
		if pair {
			if second, err = parsePin(second); err != nil {
				return nil, err
			}
			if port.PinName(second) == port.PinName(k.Pin) {
				return nil, fmt.Errorf("%q: the two pins of a knob are two", item)
			}
			k.Pin += "/" + second
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil, errors.New("want NAME=PIN with commas between, or none")
	}
	return all, nil
}

func list(meanings []panel.Meaning) string {
	var names []string
	for _, m := range meanings {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

func parsePin(v string) (string, error) {
	if pin, ok := port.ParsePin(v); ok && v != "none" {
		return pin, nil
	}
	return "", errors.New("want a GPIO line such as GPIO25, 25 or gpiochip1:23")
}
