package main

import (
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/diagnose"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// glassOptions are the flags of any panel for glass that differs from what is known.
func glassOptions(commands []string) []cli.Flag[config] {
	choice := func(at func(g *glass) **bool, no, yes string) func(*config, string) error {
		return func(c *config, v string) error {
			on := v == yes
			*at(&c.wanted.glass) = &on
			if v != yes && v != no {
				return cli.ChoiceError{Values: []string{yes, no}, Text: "there is " + yes + " and " + no}
			}
			return nil
		}
	}
	return []cli.Flag[config]{
		glassRow("color-order", "rgb|bgr", "bgr where red and blue are exchanged without it", commands, choice(func(g *glass) **bool { return &g.bgr }, "rgb", "bgr")),
		glassRow("invert", "on|off", "off or on where colours are negative", commands, choice(func(g *glass) **bool { return &g.invert }, "off", "on")),
		glassRow("mirror", "on|off", "on or off where there is mirror writing", commands, choice(func(g *glass) **bool { return &g.mirror }, "off", "on")),
		glassRow("size", "WxH", "pixels of the unturned glass, where it is another than --panel's", commands[1:], setSize),
		glassRow("offset", "X,Y", "column and row of the controller's memory under the glass's corner, unturned; without it --size is in the middle", commands, func(c *config, v string) error {
			x, y, comma := strings.Cut(v, ",")
			var at image.Point
			var errs [2]error
			at.X, errs[0] = parseOffset(x)
			at.Y, errs[1] = parseOffset(y)
			if err := errors.Join(errs[:]...); !comma || err != nil {
				return errors.New("want COLUMN,ROW, such as 82,18")
			}
			c.wanted.glass.offset = &at
			return nil
		}),
	}
}

func glassRow(name, value, help string, commands []string, set func(*config, string) error) cli.Flag[config] {
	return cli.Flag[config]{Name: name, Value: value, Help: help, Commands: commands, Set: set}
}

func parseOffset(v string) (int, error) {
	n, err := strconv.ParseUint(v, 10, 12)
	return int(n), err
}

func setSize(c *config, v string) (err error) {
	c.play.Size, err = parseSize(v)
	return err
}

// glassHints are the flags to change where the test card has a fault of the glass.
func (c *config) glassHints() []diagnose.Hint {
	p := &c.panel
	flag := func(name string, is bool, no, yes string) string {
		if is {
			no, yes = yes, no
		}
		return fmt.Sprintf("--%s %s (now %s)", name, yes, no)
	}
	var known []panel.Panel
	for _, o := range panel.Panels {
		if o.Controller.Name == p.Controller.Name && (o.Size != p.Size || o.Offset != p.Offset) {
			known = append(known, o)
		}
	}
	place := func(p panel.Panel) string {
		return fmt.Sprintf("%dx%d at %d,%d", p.Size.X, p.Size.Y, p.Offset.X, p.Offset.Y)
	}
	sizes := fmt.Sprintf("--offset (now %d,%d) or --size (now %dx%d)", p.Offset.X, p.Offset.Y, p.Size.X, p.Size.Y)
	if known != nil {
		sizes += "; there is " + names(known, place)
	}
	hints := []diagnose.Hint{{Symptom: "line missing, noise", Cure: sizes}}
	if !p.Dots() {
		hints = append(hints, diagnose.Hint{Symptom: "red is blue", Cure: flag("color-order", p.BGR, "rgb", "bgr")})
	}
	return append(hints,
		diagnose.Hint{Symptom: "negative", Cure: flag("invert", p.Invert, "off", "on")},
		diagnose.Hint{Symptom: "mirror writing", Cure: flag("mirror", p.Mirror, "off", "on")})
}
