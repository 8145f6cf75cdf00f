package keys

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// Knob is the meaning of a rotary knob. Its two lines are one pin, with a slash between them.
const Knob panel.Meaning = "turn"

// Lines are the GPIO lines of a key: one, or the two of a knob.
func Lines(k panel.Key) []string { return strings.Split(k.Pin, "/") }

// Options say which keys there are, and how their lines are opened.
type Options struct {
	Keys []panel.Key
	// Input opens a line as an input with a pull-up, told of both edges. use says what for.
	Input func(name, use string) (gpio.PinIn, error)
}

// Open requests the lines of the keys. A key that cannot be had is an error, and the others work.
func Open(o Options) (pins []Pin, missing []error) {
	open := func(name string, k panel.Key) gpio.PinIn {
		p, err := o.Input(name, fmt.Sprintf("the key %s", k.Meaning))
		if err != nil {
			missing = append(missing, err)
			return nil
		}
		return p
	}
	for _, k := range o.Keys {
		if k.Meaning != Knob {
			if p := open(k.Pin, k); p != nil {
				pins = append(pins, Pin{Key: k, PinIn: p})
			}
			continue
		}
		names := Lines(k)
		first, second := open(names[0], k), open(names[1], k)
		if first != nil && second != nil {
			pins = append(pins, Pin{k, first, second})
		}
	}
	return pins, missing
}

// intents says what the keys of a board are for.
func intents(keys []panel.Key) map[panel.Meaning]Intent {
	m := map[panel.Meaning]Intent{
		panel.Up: MoveUp, panel.Down: MoveDown, panel.Left: MoveLeft, panel.Right: MoveRight, panel.Press: NextScene,
		panel.A: NextScene, panel.B: MoveAround, panel.X: MoveCloser, panel.Y: MoveAway,
	}
	for _, k := range keys {
		switch k.Meaning {
		case panel.Up, panel.Down, panel.Left, panel.Right: // a joystick
			m[panel.A], m[panel.B], m[panel.X], m[panel.Y] = MoveCloser, MoveAway, NextScene, GoOn
		}
	}
	return m
}

// A Pin is an input of a board, with a pull-up and told of both edges.
type Pin struct {
	panel.Key
	gpio.PinIn            // of a knob its first pin
	Second     gpio.PinIn // of a knob its other pin; nil if it is none
}

// Watch lets the pins work the controls until the context ends, or for at most edgeWait longer.
func Watch(ctx context.Context, pins []Pin, c *Controls) {
	var keys []panel.Key
	for _, p := range pins {
		keys = append(keys, p.Key)
	}
	of := intents(keys)
	for _, p := range pins {
		if p.Second != nil {
			newKnob(p.PinIn, p.Second, func(i Intent) { c.Press(i, time.Now()) }).start(ctx)
			continue
		}
		i := of[p.Meaning]
		go debounce(ctx, p.PinIn, func(pressed bool) {
			if pressed {
				c.Press(i, time.Now())
			} else {
				c.Release(i, time.Now())
			}
		})
	}
}

// Turned returns the keys for a picture that is turned clockwise by some degrees more than the
// board's: what was its upper side is to the right of it then.
func Turned(keys []panel.Key, degrees int) []panel.Key {
	around := []panel.Meaning{panel.Up, panel.Left, panel.Down, panel.Right}
	turned := slices.Clone(keys)
	for i, k := range turned {
		if at := slices.Index(around, k.Meaning); at >= 0 {
			turned[i].Meaning = around[(at+degrees/90+4)%4]
		}
	}
	return turned
}
