package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// A wiring is what the command line says of a panel. What it does not say is as the board has it.
type wiring struct {
	board, panel         string
	dc, reset, backlight string // noPinAtAll where there is none
	clock                physic.Frequency
	mode                 *spi.Mode
	rotation             *int
	keys                 []panel.Key // nil: not stated
	brightness           int         // percent; 0: not stated
}

// noPinAtAll is a pin that is not connected, on the command line.
const noPinAtAll = "none"

// resolve sets the panel, its wiring and the port. It refuses what contradicts itself, and says which flag to leave out.
func (c *config) resolve(given origins) error {
	w := &c.wanted
	// To measure a panel's wire, and to report what is there, takes no port.
	portless := c.command == "bench" || c.command == "info"
	if !given.has("display") && !portless && (w.board != "" || w.panel != "") {
		c.display = target{kind: targetSPI}
	}
	if c.display.kind != targetSPI && !portless {
		group := ""
		for _, o := range options() {
			if group = cmp.Or(o.group, group); group != panelGroup || !given.has(o.name) {
				continue
			}
			if given.has("display") {
				return usagef("--%s is for SPI panels: leave it out, or say --display spi0 in place of %s", o.name, c.display)
			}
			return usagef("--%s is for SPI panels: say --display spi0 or --board NAME too", o.name)
		}
	}
	board := panel.Boards[0]
	switch {
	case w.board != "":
		board, _ = panel.FindBoard(w.board)
		if w.panel != "" && w.panel != board.Panel {
			return usagef("--panel %s: board %s has %s: leave --panel out, or leave --board out and say --dc, --rst and --bl", w.panel, board.Name, board.Panel)
		}
		t := &c.display
		if t.kind == targetSPI {
			if t.spi.Bus != 0 || t.selected && t.spi.ChipSelect != board.ChipSelect {
				return usagef("--display spi%d.%d: board %s is wired to spi0.%d: leave --display out, or say --panel %s and the pins in place of --board",
					t.spi.Bus, t.spi.ChipSelect, board.Name, board.ChipSelect, board.Panel)
			}
			t.spi.ChipSelect = board.ChipSelect
		}
	case w.panel != "":
		p, _ := panel.Find(w.panel)
		board = p.Wiring()
	}
	if w.board == "" {
		board.Keys = nil // pins that nobody has named may be for something else
	}
	c.panel, _ = panel.Find(board.Panel)
	for _, p := range []struct {
		pin    *string
		wanted string
	}{{&board.DC, w.dc}, {&board.Reset, w.reset}, {&board.Backlight, w.backlight}} {
		switch p.wanted {
		case "":
		case noPinAtAll:
			*p.pin = ""
		default:
			*p.pin = p.wanted
		}
	}
	if w.clock != 0 {
		board.Clock = w.clock
	}
	if w.mode != nil {
		board.Mode = *w.mode
	}
	kept := board.Keys
	if w.keys != nil {
		kept = w.keys
	} else if w.rotation != nil {
		kept = keys.Turned(kept, *w.rotation-board.Rotation)
	}
	if w.rotation != nil {
		board.Rotation = *w.rotation
	}
	c.board = board
	if c.display.kind != targetSPI {
		return nil
	}
	return c.assign(kept)
}

// assign checks that no pin has two uses, and sets the keys: the board's own give way, those of the command line do not.
func (c *config) assign(wanted []panel.Key) error {
	uses := c.display.spi.Pins()
	for _, p := range []struct{ flag, pin string }{{"--dc", c.board.DC}, {"--rst", c.board.Reset}, {"--bl", c.board.Backlight}} {
		if p.pin == "" {
			continue
		}
		if use, taken := uses[p.pin]; taken {
			return usagef("%s %s is taken: it is %s; another pin, please", p.flag, p.pin, use)
		}
		uses[p.pin] = "the pin of " + p.flag
	}
	if _, pwm := port.ParseChannel(c.board.Backlight); c.wanted.brightness%100 != 0 && !pwm {
		return usagef("--brightness %d: the backlight, %s, can be on or off only: put dtoverlay=pwm,pin=18,func=2 (GPIO18) or pin=13,func=4 (GPIO13) in %s and say --bl pwm0.0, or pwm0.1",
			c.wanted.brightness, cmp.Or(c.board.Backlight, "which the panel is without"), port.ConfigTxt)
	}
	c.board.Keys = nil
	for _, k := range wanted {
		pins := keys.Lines(k)
		for _, pin := range pins {
			use, taken := uses[pin]
			if !taken {
				continue
			}
			if c.wanted.keys != nil {
				return usagef("--keys %s=%s is taken: it is %s; another pin, please", k.Meaning, strings.ReplaceAll(k.Pin, "GPIO", ""), use)
			}
			pins = nil // the board's own key gives way
		}
		for _, pin := range pins {
			uses[pin] = "the key " + string(k.Meaning)
		}
		if pins != nil {
			c.board.Keys = append(c.board.Keys, k)
		}
	}
	return nil
}

// parsePin reads the name of a GPIO line: GPIO25, gpio25 or 25. Other kernels name theirs otherwise.
func parsePin(v string) (string, error) {
	number := strings.TrimPrefix(strings.ToUpper(v), "GPIO")
	if n, err := strconv.ParseUint(number, 10, 16); err == nil {
		return fmt.Sprintf("GPIO%d", n), nil
	}
	if v == "" || v == noPinAtAll || strings.ContainsAny(v, " ,=/") {
		return "", errors.New("want a GPIO line such as GPIO25 or 25; vae-edge --panel list has those of boards")
	}
	return v, nil
}

func parsePinOrNone(v string) (string, error) {
	if v == noPinAtAll {
		return v, nil
	}
	return parsePin(v)
}

// The limits of --hz. Above 125 MHz no Raspberry Pi goes; below 100 kHz a frame takes ten seconds.
const (
	minClock = 100 * physic.KiloHertz
	maxClock = 125 * physic.MegaHertz
)

func parseClock(v string) (physic.Frequency, error) {
	var f physic.Frequency
	if err := f.Set(v); err != nil || f < minClock || f > maxClock {
		return 0, errors.New("want a clock such as 40M, 62.5MHz or 15000000, from 100k to 125M")
	}
	return f, nil
}

// parseKeys reads what --panel list prints of keys.
func parseKeys(v string) ([]panel.Key, error) {
	all := []panel.Key{}
	if v == "none" {
		return all, nil
	}
	meanings := []panel.Meaning{panel.Up, panel.Down, panel.Left, panel.Right, panel.Press, panel.A, panel.B, panel.X, panel.Y, keys.Knob}
	for _, item := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, pins, ok := strings.Cut(item, "=")
		if !ok || !slices.Contains(meanings, panel.Meaning(name)) {
			return nil, fmt.Errorf("%q: want NAME=PIN with a name of %s", item, names(meanings, func(m panel.Meaning) string { return string(m) }))
		}
		k := panel.Key{Meaning: panel.Meaning(name)}
		if slices.ContainsFunc(all, func(other panel.Key) bool { return other.Meaning == k.Meaning }) {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		first, second, pair := strings.Cut(pins, "/")
		if pair != (k.Meaning == keys.Knob) {
			return nil, fmt.Errorf("%q: an encoder has two pins, turn=17/18, and a key has one", item)
		}
		var err error
		if k.Pin, err = parsePin(first); err != nil {
			return nil, err
		}
		if pair {
			if second, err = parsePin(second); err != nil {
				return nil, err
			}
			if second == k.Pin {
				return nil, fmt.Errorf("%q: the two pins of an encoder are two", item)
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

// portOptions is how the command line says that the panel is connected.
func (c *config) portOptions() port.Options {
	return port.Options{Address: c.display.spi, DC: c.board.DC, Reset: c.board.Reset, Backlight: c.board.Backlight}
}

// panelOpts is how it says that the panel is mounted, apart from its pins.
func (c *config) panelOpts() panel.Opts {
	return panel.Opts{Panel: c.panel, Rotation: c.board.Rotation, Mode: c.board.Mode, Clock: c.board.Clock, Brightness: c.wanted.brightness}
}
