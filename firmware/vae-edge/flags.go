package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/firmware/bulk"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/zones"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// panelGroup is the heading of the flags that only a panel understands.
const panelGroup = "Panels"

// sceneFlags are the flags that are about one scene, which they choose where none is named.
var sceneFlags = []struct{ flag, scene string }{
	{"path", "morph"}, {"at", scene.AtName}, {"digit", "sample"}, {"time-zone", "clock"}, {"hours", "clock"}, {"seconds", "clock"},
	{"image", scene.EditName}, {"toward", scene.EditName}, {"from", scene.EditName}, {"away", scene.EditName}, {"amount", scene.EditName}, {"anyway", scene.EditName},
}

// sceneOf returns the scene that a flag is about, or "".
func sceneOf(name string) string {
	for _, f := range sceneFlags {
		if f.flag == name {
			return f.scene
		}
	}
	return ""
}

// textKinds are the kinds of text that there are to generate.
var textKinds = []string{"bash", "config", "fish", "man", "zsh"}

// table is that of commands and flags.
var table = sync.OnceValue(func() *cli.Program[config] {
	return &cli.Program[config]{
		Name: "vae-edge",
		Commands: []cli.Command{
			{Help: "show a scene on a display", Text: about},
			{Name: "draw", Help: "write many random pictures, or one machine's share of them, to a file", Text: drawText},
			{Name: "verify", Help: "check that every backend of this CPU computes the committed bits"},
			{Name: "bench", Help: "measure images per second of every backend, and frames on the wire"},
			{Name: "probe", Help: "report the SPI port, the pins and the clock, and show a test card"},
			{Name: "info", Help: "report the machine, the backend, the model and the panel, to be pasted where help is asked for"},
		},
		Flags:     options(),
		Meant:     meant(),
		Stray:     stray,
		Tail:      map[string]string{"": examples + "\n" + signals + "\n" + environment, "draw": drawExamples},
		NotInFile: []string{"config", "generate", "version", "help"},
		LineOnly:  func(c *config) bool { return c.action != actionNone },
	}
})

// meant are words that people type for a command.
func meant() map[string]string {
	m := map[string]string{
		"version": "say vae-edge --version", "panels": "say vae-edge --panel list", "boards": "say vae-edge --board list", "scenes": "say vae-edge --scene list", "show": "say vae-edge alone",
		"train": "go run ./trainer trains, in a checkout of the source", "test": "say vae-edge verify", "config": "say vae-edge --generate config",
	}
	for _, s := range scene.All() {
		m[s.Name] = "say vae-edge --scene " + s.Name
	}
	m[scene.AtName] = "say vae-edge --at 0.5:-1.2"
	m[scene.EditName] = "say vae-edge --image FILE --toward 4, or what its digit is to become"
	return m
}

// stray names the flag that a word looks like a value of, "" where it looks like none's.
func stray(word string) string {
	switch strings.ToLower(filepath.Ext(word)) {
	case ".png", ".jpg", ".jpeg":
		return "image"
	case ".safetensors":
		return "model"
	case ".conf":
		return "config"
	}
	if len(word) == 1 && word >= "0" && word <= "9" {
		return "digit"
	}
	if _, ok := scene.Lookup(word); ok {
		return "scene"
	}
	if pretrained.Has(word) {
		return "model"
	}
	if _, ok := panel.FindBoard(word); ok {
		return "board"
	}
	if _, ok := panel.Find(word); ok {
		return "panel"
	}
	return ""
}

func row(group, name, value, help, standard string, commands []string, set func(*config, string) error) cli.Flag[config] {
	return cli.Flag[config]{Group: group, Name: name, Value: value, Help: help, Default: standard, Commands: commands, Set: set}
}

// options is a function because the texts list what there is.
func options() []cli.Flag[config] {
	show, draw := []string{""}, []string{"draw"}
	panels, models := []string{"", "probe", "bench", "info"}, "a built-in model ("+strings.Join(pretrained.Names(), ", ")+"), a weights file or the folder of a run"
	return slices.Concat([]cli.Flag[config]{
		row("What is shown", "scene", "NAME|list", sceneHelp(), scene.Default, show, func(c *config, v string) error {
			if v == "list" {
				c.action = actionScenes
				return nil
			}
			if _, ok := scene.Lookup(v); !ok && v != scene.EditName && v != scene.AtName {
				return cli.Choose(append(slices.Clone(scene.All()), scene.Info{Name: scene.EditName}, scene.Info{Name: scene.AtName}), func(s scene.Info) string { return s.Name })
			}
			c.play.Scene = v
			return nil
		}),
		row("", "path", "PATH", "where morph goes: "+model.PathHelp+"\n", model.DefaultPath, show, func(c *config, v string) error {
			c.play.Path = v
			return nil
		}),
		row("", "at", "POINT", "at: a number for each latent dimension, with colons between, such as 0.5:-1.2", "", show, func(c *config, v string) error {
			c.play.At = v
			return setText(v)
		}),
		row("", "digit", "NAME", "sample draws this digit alone, a new one each time", "", show, func(c *config, v string) error {
			if c.play.Digit = v; v == "" {
				return errors.New("want a digit, or another concept of the model")
			}
			return nil
		}),
		row("", "time-zone", "NAME", "of the clock: Europe/Berlin, UTC; without it the system's", "", show, func(c *config, v string) (err error) {
			if c.play.Clock.Zone, err = zones.Load(v); err != nil || v == "" {
				return errors.New("want a name of the time zone database, such as Europe/Berlin or UTC")
			}
			return nil
		}),
		row("", "hours", "12|24", "of the clock", "24", show, func(c *config, v string) error {
			if c.play.Clock.Hours12 = v == "12"; v != "12" && v != "24" {
				return cli.ChoiceError{Values: []string{"12", "24"}, Text: "there is 12 and 24"}
			}
			return nil
		}),
		row("", "seconds", "", "the clock shows seconds, too", "", show, func(c *config, _ string) error {
			c.play.Clock.Seconds = true
			return nil
		}),
	}, editOptions(), []cli.Flag[config]{
		row("", "palette", "NAME", paletteHelp(), scene.Grey.Name, show, func(c *config, v string) error {
			var ok bool
			if c.play.Palette, ok = palette.Lookup(v); !ok {
				return cli.Choose(palette.All(), func(p scene.Palette) string { return p.Name })
			}
			return nil
		}),
		row("", "model", "NAME|FILE", models+reloadHelp+"(default "+modelHelp()+")", "", show, setModel),
		row("", "model", "NAME|FILE", models, decoder.DefaultModel, []string{"bench", "probe", "info"}, setModel),
		row("", "model", "NAME|FILE", "compare the backends on "+models, "", []string{"verify"}, setModel),
		row("", "seed", "N", "another seed, another walk, and other faces", "1", show, setSeed),
		row("", "model", "NAME|FILE", models, decoder.DefaultModel, draw, setModel),
		row("", "seed", "N", "another seed, other pictures", "1", draw, setSeed),
		row("", "count", "N", "how many pictures there are, of all shards together", "1000", draw, func(c *config, v string) error {
			n, err := parseNumber(v, math.MaxInt32)
			c.draw.Count = uint32(n)
			return err
		}),
		row("", "shard", "PART/PARTS", "draw this part of them alone, such as 2/4; the parts' files, one after another, are the bytes of the whole", "1/1", draw, func(c *config, v string) (err error) {
			c.draw.Shard, err = bulk.ParseShard(v)
			return err
		}),
		row("", "out", "FILE", "FILE.idx: an IDX file as the trainer reads it, whose header the first part has\nFILE.raw: nothing but pixels; each is height x width x channels bytes, 0 to 255\n", "pictures.idx", draw, func(c *config, v string) error {
			c.out = v
			switch filepath.Ext(v) {
			case ".idx":
				c.draw.IDX = true
			case ".raw":
				c.draw.IDX = false
			default:
				return errors.New("want a name that ends in .idx or .raw")
			}
			return nil
		}),
		row("", "threads", "N", "how many threads draw (default: one for each CPU)", "", draw, func(c *config, v string) error {
			n, err := parseNumber(v, 1024)
			c.draw.Threads = int(n)
			return err
		}),
		row("", "frames", "N", "end after N frames", "", show, func(c *config, v string) (err error) {
			c.play.Frames, err = parseNumber(v, maxFrames)
			return err
		}),
		row("Where and how", "display", "WHERE", displayHelp, "term", show, func(c *config, v string) (err error) {
			c.display, err = parseTarget(v)
			return err
		}),
		row("", "display", "WHERE", "spi0, spi0.1, spi1, /dev/spidev0.0, i2c1: the port of a panel\nnone: no panel, report the rest\n", "spi0", []string{"probe", "info"}, setPort),
		row("", "display", "WHERE", "spi0, spi0.1, spi1, /dev/spidev0.0, i2c1: show the frames on the panel there\nnone: on a wire that is emulated, for as long as it takes\n", "none", []string{"bench"}, setPort),
		row("", "no-card", "", "report, but leave the panel alone", "", []string{"probe"}, func(c *config, _ string) error {
			c.noCard = true
			return nil
		}),
		row("", "fps", "N", "frames per second; without it 30 in a terminal and on a screen, 25 in a GIF, elsewhere as many as the display takes", "", show, func(c *config, v string) error {
			n, err := parseNumber(v, maxFPS)
			c.play.FPS = int(n)
			return err
		}),
		row("", "size", "WxH", "pixels of png, gif and none; of a panel those of its unturned glass, where it is another than --panel's", "240x240", show, setSize),
		row("", "stats", "[=overlay]", "once a second: frames per second, bytes a frame, share of the wire, decoding time, frames dropped; with =overlay over the picture", "", show, func(c *config, v string) (err error) {
			c.play.Stats, err = parseStats(v)
			return err
		}),
		row(panelGroup, "board", "NAME|list", boardHelp(), "", panels, func(c *config, v string) error {
			if v == "list" {
				c.action = actionPanels
				return nil
			}
			if _, ok := panel.FindBoard(v); !ok {
				if _, ok := panel.Find(v); ok {
					return errors.New("that is a panel: say --panel, and the pins")
				}
				return cli.Choose(panel.Boards, func(b panel.Board) string { return b.Name })
			}
			c.wanted.board = v
			return nil
		}),
		row("", "panel", "NAME|list", "the panel behind the port, wired as on its usual board, or with --size the name of its chip, such as st7789; list prints the panels, the boards and their pins (without both: "+panel.Boards[0].Name+")", "", panels, func(c *config, v string) error {
			if v == "list" {
				c.action = actionPanels
				return nil
			}
			if _, ok := panel.Find(v); !ok && !panel.IsController(v) {
				return noPanel(v)
			}
			c.wanted.panel = v
			return nil
		}),
		row("", "dc", "PIN", "data/command: GPIO25 or 25, of a Raspberry Pi's header, but not the number there; elsewhere the kernel's name for the line, or gpiochip1:23", "", panels, func(c *config, v string) (err error) {
			c.wanted.dc, err = parsePin(v)
			return err
		}),
		row("", "rst", "PIN|none", "reset", "", panels, func(c *config, v string) (err error) {
			c.wanted.reset, err = parsePinOrNone(v)
			return err
		}),
		row("", "bl", "PIN|none", "backlight; pwm0.1 is channel 1 of the kernel's PWM chip 0", "", panels, func(c *config, v string) (err error) {
			c.wanted.backlight, err = parsePinOrNone(v)
			return err
		}),
		row("", "gpiochip", "CHIP", "pins that are numbers are lines of this GPIO chip, such as gpiochip1", "", panels, func(c *config, v string) error {
			var ok bool
			if c.wanted.chip, ok = port.ParseChip(v); !ok {
				return errors.New("want a GPIO chip such as gpiochip1; vae-edge probe lists those that there are")
			}
			return nil
		}),
		row("", "brightness", "PERCENT", "of a backlight on a PWM channel", "100", panels, func(c *config, v string) (err error) {
			c.wanted.brightness, err = strconv.Atoi(v)
			if err != nil || c.wanted.brightness < 1 || c.wanted.brightness > 100 {
				return errors.New("want 1 to 100 percent")
			}
			return nil
		}),
		row("", "hz", "CLOCK", "SPI clock: 40M, 62.5MHz; the port's divider may lower it", "", panels, func(c *config, v string) (err error) {
			c.wanted.clock, err = port.ParseClock(v)
			return err
		}),
		row("", "i2c-address", "ADDRESS", "of a panel on I2C: 0x3c or 0x3d", "", panels, func(c *config, v string) (err error) {
			c.wanted.i2c, err = port.ParseI2C(v)
			return err
		}),
		row("", "mode", "0|3", "SPI mode; 3 for modules without a chip select line", "", panels, func(c *config, v string) error {
			mode, ok := map[string]spi.Mode{"0": spi.Mode0, "3": spi.Mode3}[v]
			if !ok {
				return cli.ChoiceError{Values: []string{"0", "3"}, Text: "there is 0, and 3 for modules without a chip select line"}
			}
			c.wanted.mode = &mode
			return nil
		}),
		row("", "rotate", "DEGREES", "turn the picture clockwise: 0, 90, 180, 270", "", panels, func(c *config, v string) error {
			n, err := strconv.ParseUint(v, 10, 16)
			if err != nil || len(v) > 3 || n > 270 || n%90 != 0 {
				return cli.ChoiceError{Values: []string{"0", "90", "180", "270"}, Text: "there is 0, 90, 180 and 270"}
			}
			degrees := int(n)
			c.wanted.rotation = &degrees
			return nil
		}),
	}, glassOptions(panels), []cli.Flag[config]{
		row("", "keys", "LIST|none", "such as up=6,down=19,a=21 or a=5,turn=17/18 for a knob; without it those of --board", "", panels, func(c *config, v string) (err error) {
			c.wanted.keys, err = keys.Parse(v)
			return err
		}),
	}, touchOptions(), []cli.Flag[config]{
		row("", "dim", "FROM-TO=PERCENT", "less light at a time of day, such as 22:00-7:00=10: by the backlight, if it is on a PWM channel, or else in the picture", "", show, func(c *config, v string) (err error) {
			c.dim, err = night.ParseDim(v)
			return err
		}),
		row("", "off", "FROM-TO", "dark at a time of day, such as 23:00-6:30", "", show, func(c *config, v string) (err error) {
			c.off, err = night.ParseOff(v)
			return err
		}),
		row("", "give-up", "TIME", "exit with status 1 when a panel has failed for so long; 0: never", "30s", show, func(c *config, v string) (err error) {
			if c.giveUp, err = time.ParseDuration(v); err != nil || c.giveUp < 0 {
				return errors.New("want a time such as 30s or 5m, or 0 for never")
			}
			return nil
		}),
		row("Other", "log", "FORMAT", "how faults and what else happens are told on the standard error. plain: sentences; text, json: lines for programs that collect logs", "plain", show, func(c *config, v string) (err error) {
			c.log, err = terminal.ParseLogFormat(v)
			return err
		}),
		row("", "config", "FILE", "read flags from a file, a line each: board = pirate-audio; the command line wins", "", []string{"", "probe", "bench", "info"}, func(c *config, v string) error {
			if c.file = v; v == "" {
				return errors.New("want a file name")
			}
			return nil
		}),
		row("", "json", "", "print JSON", "", []string{"bench", "info"}, func(c *config, _ string) error {
			c.json = true
			return nil
		}),
		row("", "generate", "KIND", "print man, the manual page; bash, zsh, fish, completion for a shell; config, a commented configuration file", "", show, func(c *config, v string) error {
			if !slices.Contains(textKinds, v) {
				return cli.ChoiceError{Values: textKinds}
			}
			c.action, c.text = actionGenerate, v
			return nil
		}),
		row("", "version", "", "print version, backend and model", "", show, func(c *config, _ string) error {
			c.action = actionVersion
			return nil
		}),
		row("", "help", "", "print this help", "", []string{"", "draw", "verify", "bench", "probe", "info"}, func(c *config, _ string) error {
			c.action = actionHelp
			return nil
		}),
	})
}

func setModel(c *config, v string) error {
	if c.play.Model = v; v == "" {
		return cli.ChoiceError{Values: pretrained.Names(), Text: "want a name"}
	}
	if pretrained.Has(v) {
		return nil
	}
	if info, err := os.Stat(v); os.IsPathSeparator(v[len(v)-1]) || err == nil && info.IsDir() {
		c.play.Model = filepath.Join(v, decoder.File)
	}
	return nil
}

func setSeed(c *config, v string) (err error) {
	if c.play.Seed, err = strconv.ParseUint(v, 10, 64); err != nil {
		return fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	return nil
}

func setText(v string) error {
	if v == "" {
		return errors.New("want a name")
	}
	return nil
}

// setPort sets the display of commands for which only a panel is one.
func setPort(c *config, v string) (err error) {
	text := "there is spi0 (spi0.1, spi1, /dev/spidev0.0 …), i2c1 and none"
	if isScreen(v) {
		text = "this command is about panels on SPI and I2C; on a screen, vae-edge --display fb0 shows digits or says what is wrong; " + text
	}
	if c.display, err = parseTarget(v); err != nil || c.display.Kind != target.Panel && c.display.Kind != target.None {
		return cli.ChoiceError{Values: []string{"spi0", "i2c1", "none"}, Text: text}
	}
	return nil
}

const reloadHelp = `
A file is looked at every two seconds. When it has changed, and is quiet, the new model is checked and shown from the next frame on; if anything is wrong with it, the log says so once and the old one stays. Replace it whole: write another file in its folder and rename that. On a panel without a terminal, as a service has it, SIGHUP has the file read at once, and as long as it is missing or bad the default is shown
`

const displayHelp = `spi0, spi0.1, spi1, /dev/spidev0.0: an SPI panel; --board and --panel alone mean spi0, or the board's port
i2c1, /dev/i2c-1: a panel on an I2C bus
fb0, /dev/fb0: a screen that the kernel drives, HDMI for instance, without a desktop
term: this terminal, until q or Ctrl-C
png:FILE: a picture, frame 0 or the last of --frames; - is the standard output
gif:FILE: an animation
none: nowhere, for timing
`

func sceneHelp() string {
	var b strings.Builder
	for _, s := range scene.All() {
		b.WriteString(s.Name + ": " + strings.ReplaceAll(s.Help, "\n", " ") + "\n")
	}
	b.WriteString(scene.EditName + ": " + strings.ReplaceAll(scene.EditHelp, "\n", " ") + "\n")
	b.WriteString(scene.AtName + ": " + scene.AtHelp + "\n")
	return b.String()
}

// modelHelp says which models are the defaults.
func modelHelp() string {
	var others []string
	for _, s := range scene.All() {
		if s.Model != decoder.DefaultModel {
			others = append(others, s.Name)
		}
	}
	return decoder.DefaultModel + "; for " + strings.Join(others, ", ") + " and --digit " + scene.Digit("").Model
}

func paletteHelp() string {
	var b strings.Builder
	for _, p := range palette.All() {
		b.WriteString(p.Name + ": " + p.Help + "\n")
	}
	return b.String()
}

func boardHelp() string {
	return "sets panel, port, pins, mode, clock, rotation and keys:\n" + names(panel.Boards, func(b panel.Board) string { return b.Name })
}

// editOptions are the flags of the edit scene.
func editOptions() []cli.Flag[config] {
	show := []string{""}
	text := func(field func(e *player.Edit) *string) func(c *config, v string) error {
		return func(c *config, v string) error {
			*field(&c.play.Edit) = v
			return setText(v)
		}
	}
	return []cli.Flag[config]{
		row("", "image", "FILE", "edit: a PNG, JPEG or GIF of one digit, a photograph for instance", "", show, text(func(e *player.Edit) *string { return &e.Image })),
		row("", "toward", "NAME", "edit: what it is to become, a concept of the model: 4 for instance of digits, smile of faces, or several, with commas between", "", show, text(func(e *player.Edit) *string { return &e.Toward })),
		row("", "away", "NAMES", "edit: concepts that a face is to lose, with commas between", "", show, text(func(e *player.Edit) *string { return &e.Away })),
		row("", "amount", "X", "edit: how much of the way it goes, 0 to 1, a face up to 3 (default 1)", "", show, func(c *config, v string) error {
			amount := 0.0
			if err := cli.Real(func(x *float64) *float64 { return x }, 0, 3)(&amount, v); err != nil {
				return err
			}
			c.play.Edit.Amount = int(math.Round(amount * latent.Whole))
			return nil
		}),
		row("", "anyway", "", "edit: use what is in the picture even if it is hardly one digit", "", show, cli.On(func(c *config) *bool { return &c.play.Edit.Anyway })),
		row("", "from", "NAME", "edit: what it is; without it the concept whose mean is nearest", "", show, text(func(e *player.Edit) *string { return &e.From })),
	}
}
