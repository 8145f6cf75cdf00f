package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// parse reads the command line.
func parse(args []string) (*config, error) {
	c := &config{}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if !slices.ContainsFunc(commands[1:], func(k command) bool { return k.name == args[0] }) {
			return nil, usagef("unknown command %q: there is %s; see vae-edge --help", args[0], names(commands[1:], func(k command) string { return k.name }))
		}
		c.command, args = args[0], args[1:]
	}
	fs := flag.NewFlagSet("vae-edge", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	var typed []setting
	for _, o := range options() {
		if !slices.Contains(o.commands, c.command) {
			continue
		}
		if o.standard != "" {
			if err := o.set(c, o.standard); err != nil {
				panic(fmt.Sprintf("the default of --%s: %v", o.name, err))
			}
		}
		set := func(v string) error {
			typed = append(typed, setting{name: o.name, value: v})
			return nil
		}
		if o.value == "" || o.optional() {
			fs.BoolFunc(o.name, "", set)
		} else {
			fs.Func(o.name, "", set)
		}
	}
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp): // -h
		c.action = actionHelp
		return c, nil
	case err != nil:
		return nil, usagef("%s; see vae-edge --help", strings.NewReplacer(
			"flag provided but not defined: -", "unknown flag --",
			"flag needs an argument: -", "a value is missing after --",
		).Replace(err.Error()))
	case fs.NArg() > 0 && fs.Arg(0) == "overlay" && len(typed) > 0 && typed[len(typed)-1].name == "stats":
		return nil, usagef("unexpected argument %q: write --stats=overlay", fs.Arg(0))
	case fs.NArg() > 0:
		return nil, usagef("unexpected argument %q; see vae-edge --help", fs.Arg(0))
	}
	if err := c.apply(typed); err != nil {
		return nil, err
	}
	if c.action != actionNone {
		return c, nil
	}
	given, err := c.configure(typed)
	if err != nil {
		return nil, err
	}
	if err := c.check(given); err != nil {
		return nil, given.explain(err)
	}
	return c, nil
}

// chooseScene finds the scene to begin with, and its model.
func (c *config) chooseScene(given origins) error {
	if c.command != "" {
		return nil
	}
	o := &c.play
	named := "--scene " + o.Scene
	for _, f := range sceneFlags {
		if at, ok := given[f.flag]; !ok || at.line > 0 {
			continue // a configuration file may say what a scene is like and not show it
		}
		if !given.has("scene") {
			o.Scene = f.scene
			given["scene"], named = given[f.flag], "--"+f.flag
		} else if o.Scene != f.scene {
			return usagef("--%s is for --scene %s: it does not go with %s", f.flag, f.scene, named)
		}
	}
	if o.Scene == scene.EditName {
		switch {
		case !given.has("image"):
			return usagef("--scene %s needs a picture: say --image FILE, a PNG or JPEG of one digit", scene.EditName)
		case !given.has("toward"):
			return usagef("--scene %s needs an aim: say --toward NAME, such as 4", scene.EditName)
		}
	} else {
		o.Edit = player.Edit{} // of a configuration file, for another time
	}
	if !given.has("path") {
		o.Path = "" // the default is the scene's own
	}
	o.Model = cmp.Or(o.Model, o.DefaultModel())
	return nil
}

// check refuses what contradicts itself.
func (c *config) check(given origins) error {
	if err := c.resolve(given); err != nil {
		return err
	}
	if err := c.chooseScene(given); err != nil {
		return err
	}
	switch {
	case given.has("size") && !c.display.sized():
		return usagef("--size does not go with --display %s, which has a size of its own", c.display)
	case c.play.Stats != player.StatsOff && (c.display.kind == targetPNG || c.display.kind == targetGIF):
		return usagef("--stats does not go with --display %s, which takes no time to show: say --display none to measure", c.display)
	case c.play.Stats == player.StatsOverlay && c.display.kind == targetNone:
		return usagef("--stats=overlay: nobody sees --display none: say --stats")
	case given.has("fps") && c.display.kind == targetGIF && c.play.FPS > player.MaxGIFRate:
		return usagef("--fps %d: a GIF has at most %d, viewers play faster ones slowly", c.play.FPS, player.MaxGIFRate)
	}
	return nil
}
