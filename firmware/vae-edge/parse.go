package main

import (
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// parse reads the command line.
func parse(args []string) (*config, error) { return parseOn(port.Chips, args) }

// parseOn reads it on a machine with those GPIO chips.
func parseOn(chips func() ([]port.Chip, error), args []string) (*config, error) {
	line, err := table().Read(args)
	if err != nil {
		return nil, err
	}
	c, typed := &config{command: line.Command, chips: chips}, line.Settings
	if line.Help {
		c.action = actionHelp
		return c, nil
	}
	table().SetDefaults(c, c.command)
	if err := table().Apply(c, c.command, typed); err != nil {
		return nil, err
	}
	if c.action == actionGenerate && c.file != "" {
		return nil, cli.Usagef("--config does not go with --generate, which writes what the other flags say: leave one of them out")
	}
	if c.action != actionNone {
		c.given = typed
		return c, nil
	}
	given, err := c.configure(typed)
	if err != nil {
		return nil, err
	}
	if err := c.check(given); err != nil {
		return nil, given.explain(err)
	}
	c.chips = nil
	return c, nil
}

// chooseScene finds the scene to begin with. Without a model each scene has its own.
func (c *config) chooseScene(given origins) error {
	if c.command != "" {
		return nil
	}
	o := &c.play
	chosen := "" // the flag that has chosen the scene
	for _, f := range sceneFlags {
		if at, ok := given[f.flag]; !ok || at.line > 0 {
			continue // a configuration file may say what a scene is like and not show it
		}
		if !given.has("scene") {
			o.Scene = f.scene
			given["scene"], chosen = given[f.flag], f.flag
		} else if o.Scene != f.scene && chosen != "" {
			return cli.Usagef("--%s is for --scene %s and --%s for --scene %s: leave one of them out", f.flag, f.scene, chosen, o.Scene)
		} else if o.Scene != f.scene {
			return cli.Usagef("--%s is for --scene %s: say that in place of --scene %s", f.flag, f.scene, o.Scene)
		}
	}
	if o.Scene == scene.EditName {
		switch {
		case !given.has("image"):
			return cli.Usagef("--scene %s needs a picture: say --image FILE, a PNG or JPEG of one digit or face", scene.EditName)
		case !given.has("toward") && !given.has("away"):
			return cli.Usagef("--scene %s needs an aim: say --toward NAME, 4 for instance of a digit or smile of a face", scene.EditName)
		}
	} else {
		o.Edit = player.Edit{} // of a configuration file, for another time
	}
	if o.Scene != scene.AtName {
		o.At = ""
	} else if !given.has("at") {
		return cli.Usagef("--scene %s needs a point: say --at 0.5:-1.2, a number for each latent dimension of the model", scene.AtName)
	}
	if !given.has("path") {
		o.Path = "" // the default is the scene's own
	}
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
	case given.has("size") && (c.display.Kind == target.Term || c.display.Kind == target.Screen):
		return cli.Usagef("--size does not go with --display %s, which has a size of its own", c.display)
	case c.play.Stats != player.StatsOff && (c.display.Kind == target.PNG || c.display.Kind == target.GIF):
		return cli.Usagef("--stats does not go with --display %s, which takes no time to show: say --display none to measure", c.display)
	case c.play.Stats == player.StatsOverlay && c.display.Kind == target.None:
		return cli.Usagef("--stats=overlay: nobody sees --display none: say --stats")
	case given.has("fps") && c.display.Kind == target.GIF && c.play.FPS > player.MaxGIFRate:
		return cli.Usagef("--fps %d: a GIF has at most %d, viewers play faster ones slowly", c.play.FPS, player.MaxGIFRate)
	}
	return nil
}
