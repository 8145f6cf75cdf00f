package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/player"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/model"
)

// A command is one of the things that the program can be told to do.
type command struct{ name, help string }

// commands lists the sub-commands; the one without a name shows a scene.
var commands = []command{
	{"", "show a scene on a display"},
	{"verify", "check that every backend of this CPU computes the committed bits"},
	{"bench", "measure images per second of every backend, and frames on the wire"},
	{"probe", "report the SPI port, the pins and the clock, and show a test card"},
	{"info", "report the machine, the backend, the model and the panel, to be pasted where help is asked for"},
}

// An option is a flag. The table below is the only definition of the flags.
type option struct {
	group    string // the heading in the help; that of the one before where it is empty
	name     string
	value    string // what its value is called in the help; none for a switch, in brackets where it may be left out
	help     string // lines; the default value is appended
	standard string // the default value, as it would be typed
	commands []string
	set      func(c *config, value string) error // says what it wants, with a choiceError if that is one of a few things
}

// panelGroup is the heading of the flags that only a panel understands.
const panelGroup = "Panels"

// sceneFlags are the flags that are about one scene, which they choose where none is named.
var sceneFlags = []struct{ flag, scene string }{
	{"path", "morph"}, {"digit", "sample"}, {"time-zone", "clock"}, {"hours", "clock"}, {"seconds", "clock"},
	{"image", scene.EditName}, {"toward", scene.EditName}, {"from", scene.EditName},
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

// options is a function because the texts list what there is.
func options() []option {
	show, panels, models := []string{""}, []string{"", "probe", "bench", "info"}, "a built-in model ("+strings.Join(pretrained.Names(), ", ")+") or a weights file"
	return slices.Concat([]option{
		{"What is shown", "scene", "NAME", sceneHelp(), scene.Default, show, func(c *config, v string) error {
			if _, ok := scene.Lookup(v); !ok && v != scene.EditName {
				return choose(append(slices.Clone(scene.All()), scene.Info{Name: scene.EditName}), func(s scene.Info) string { return s.Name })
			}
			c.play.Scene = v
			return nil
		}},
		{"", "path", "PATH", "where morph goes: " + model.PathHelp + "\n", scene.DefaultPath, show, func(c *config, v string) error {
			c.play.Path = v
			return nil
		}},
		{"", "digit", "NAME", "sample draws this digit alone, a new one each time", "", show, func(c *config, v string) error {
			if c.play.Digit = v; v == "" {
				return errors.New("want a digit, or another concept of the model")
			}
			return nil
		}},
		{"", "time-zone", "NAME", "of the clock: Europe/Berlin, UTC; without it the system's", "", show, func(c *config, v string) (err error) {
			if c.play.Clock.Zone, err = time.LoadLocation(v); err != nil || v == "" {
				return errors.New("want a name of the time zone database, such as Europe/Berlin or UTC")
			}
			return nil
		}},
		{"", "hours", "12|24", "of the clock", "24", show, func(c *config, v string) error {
			if c.play.Clock.Hours12 = v == "12"; v != "12" && v != "24" {
				return choiceError{[]string{"12", "24"}, "there is 12 and 24"}
			}
			return nil
		}},
		{"", "seconds", "", "the clock shows seconds, too", "", show, func(c *config, _ string) error {
			c.play.Clock.Seconds = true
			return nil
		}},
	}, editOptions(), []option{
		{"", "palette", "NAME", paletteHelp(), scene.Grey.Name, show, func(c *config, v string) error {
			var ok bool
			if c.play.Palette, ok = scene.LookupPalette(v); !ok {
				return choose(scene.Palettes(), func(p scene.Palette) string { return p.Name })
			}
			return nil
		}},
		{"", "model", "NAME|FILE", models + reloadHelp + "(default " + modelHelp() + ")", "", show, setModel},
		{"", "model", "NAME|FILE", models, decoder.DefaultModel, []string{"bench", "probe", "info"}, setModel},
		{"", "model", "NAME|FILE", "compare the backends on " + models, "", []string{"verify"}, setModel},
		{"", "seed", "N", "another seed, another walk", "1", show, func(c *config, v string) (err error) {
			if c.play.Seed, err = strconv.ParseUint(v, 10, 64); err != nil {
				return fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
			}
			return nil
		}},
		{"", "frames", "N", "end after N frames", "", show, func(c *config, v string) (err error) {
			c.play.Frames, err = parseNumber(v, maxFrames)
			return err
		}},
		{"Where and how", "display", "WHERE", displayHelp, "term", show, func(c *config, v string) (err error) {
			c.display, err = parseTarget(v)
			return err
		}},
		{"", "display", "WHERE", "spi0, spi0.1, spi1, /dev/spidev0.0: the port of a panel\nnone: no panel, report the rest\n", "spi0", []string{"probe", "info"}, setPort},
		{"", "display", "WHERE", "spi0, spi0.1, spi1, /dev/spidev0.0: show the frames on the\npanel there\nnone: on a wire that is emulated, for as long as it takes\n", "none", []string{"bench"}, setPort},
		{"", "no-card", "", "report, but leave the panel alone", "", []string{"probe"}, func(c *config, _ string) error {
			c.noCard = true
			return nil
		}},
		{"", "fps", "N", "frames per second; without it 30 in a terminal, 25 in a\nGIF, elsewhere as many as the display takes", "", show, func(c *config, v string) error {
			n, err := parseNumber(v, maxFPS)
			c.play.FPS = int(n)
			return err
		}},
		{"", "size", "WxH", "pixels of png, gif and none", "240x240", show, func(c *config, v string) (err error) {
			c.play.Size, err = parseSize(v)
			return err
		}},
		{"", "stats", "[=overlay]", "once a second: frames per second, bytes a frame, share of\nthe wire, decoding time, frames dropped; with =overlay\nover the picture", "", show, func(c *config, v string) (err error) {
			c.play.Stats, err = parseStats(v)
			return err
		}},
		{panelGroup, "board", "NAME", boardHelp(), "", panels, func(c *config, v string) error {
			if _, ok := panel.FindBoard(v); !ok {
				return choose(panel.Boards, func(b panel.Board) string { return b.Name })
			}
			c.wanted.board = v
			return nil
		}},
		{"", "panel", "NAME|list", "the panel behind the SPI port, wired as on its usual board;\nlist prints the panels, the boards and their pins\n(without both: " + panel.Boards[0].Name + ")", "", panels, func(c *config, v string) error {
			if v == "list" {
				c.action = actionPanels
				return nil
			}
			if _, ok := panel.Find(v); !ok {
				return choose(panel.Panels, func(p panel.Panel) string { return p.Name })
			}
			c.wanted.panel = v
			return nil
		}},
		{"", "dc", "PIN", "data/command: GPIO25 or 25, as the kernel names the line,\nnot the number on the header", "", panels, func(c *config, v string) (err error) {
			c.wanted.dc, err = parsePin(v)
			return err
		}},
		{"", "rst", "PIN|none", "reset", "", panels, func(c *config, v string) (err error) {
			c.wanted.reset, err = parsePinOrNone(v)
			return err
		}},
		{"", "bl", "PIN|none", "backlight; pwm0.1 is channel 1 of the kernel's PWM chip 0", "", panels, func(c *config, v string) (err error) {
			c.wanted.backlight, err = parsePinOrNone(v)
			return err
		}},
		{"", "brightness", "PERCENT", "of a backlight on a PWM channel", "100", panels, func(c *config, v string) (err error) {
			c.wanted.brightness, err = strconv.Atoi(v)
			if err != nil || c.wanted.brightness < 1 || c.wanted.brightness > 100 {
				return errors.New("want 1 to 100 percent")
			}
			return nil
		}},
		{"", "hz", "CLOCK", "SPI clock: 40M, 62.5MHz; the port's divider may lower it", "", panels, func(c *config, v string) (err error) {
			c.wanted.clock, err = parseClock(v)
			return err
		}},
		{"", "mode", "0|3", "SPI mode; 3 for modules without a chip select line", "", panels, func(c *config, v string) error {
			mode, ok := map[string]spi.Mode{"0": spi.Mode0, "3": spi.Mode3}[v]
			if !ok {
				return choiceError{[]string{"0", "3"}, "there is 0, and 3 for modules without a chip select line"}
			}
			c.wanted.mode = &mode
			return nil
		}},
		{"", "rotate", "DEGREES", "turn the picture clockwise: 0, 90, 180, 270", "", panels, func(c *config, v string) error {
			n, err := strconv.ParseUint(v, 10, 16)
			if err != nil || len(v) > 3 || n > 270 || n%90 != 0 {
				return choiceError{[]string{"0", "90", "180", "270"}, "there is 0, 90, 180 and 270"}
			}
			degrees := int(n)
			c.wanted.rotation = &degrees
			return nil
		}},
		{"", "keys", "LIST|none", "such as up=6,down=19,a=21 or a=5,turn=17/18 for a rotary\nencoder; without it those of --board", "", panels, func(c *config, v string) (err error) {
			c.wanted.keys, err = parseKeys(v)
			return err
		}},
		{"", "give-up", "TIME", "exit with status 1 when a panel has failed for so long; 0:\nnever", "30s", show, func(c *config, v string) (err error) {
			if c.giveUp, err = time.ParseDuration(v); err != nil || c.giveUp < 0 {
				return errors.New("want a time such as 30s or 5m, or 0 for never")
			}
			return nil
		}},
		{"Other", "log", "FORMAT", "how faults and what else happens are told on the standard\nerror. plain: sentences; text, json: lines for programs\nthat collect logs", "plain", show, func(c *config, v string) (err error) {
			c.log, err = parseLog(v)
			return err
		}},
		{"", "config", "FILE", "read flags from a file, a line each: board = pirate-audio;\nthe command line wins", "", []string{"", "probe", "bench", "info"}, func(c *config, v string) error {
			if c.file = v; v == "" {
				return errors.New("want a file name")
			}
			return nil
		}},
		{"", "json", "", "print JSON", "", []string{"bench", "info"}, func(c *config, _ string) error {
			c.json = true
			return nil
		}},
		{"", "generate", "KIND", "print man, the manual page; bash, zsh, fish, completion for\na shell; config, a commented configuration file", "", show, func(c *config, v string) error {
			if !slices.Contains(textKinds, v) {
				return choiceError{textKinds, ""}
			}
			c.action, c.text = actionGenerate, v
			return nil
		}},
		{"", "version", "", "print version, backend and model", "", show, func(c *config, _ string) error {
			c.action = actionVersion
			return nil
		}},
		{"", "help", "", "print this help", "", []string{"", "verify", "bench", "probe", "info"}, func(c *config, _ string) error {
			c.action = actionHelp
			return nil
		}},
	})
}

func (o *option) optional() bool { return strings.HasPrefix(o.value, "[") }

func setModel(c *config, v string) error {
	if c.play.Model = v; v == "" {
		return choiceError{pretrained.Names(), "want a name"}
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
	if c.display, err = parseTarget(v); err != nil || c.display.kind != targetSPI && c.display.kind != targetNone {
		return choiceError{[]string{"spi0", "none"}, "there is spi0 (spi0.1, spi1, /dev/spidev0.0 …) and none"}
	}
	return nil
}

const reloadHelp = `
A file is looked at every two seconds. When it has changed, and
is quiet, the new model is checked and shown from the next frame
on; if anything is wrong with it, the log says so once and the
old one stays. Replace it whole: write another file in its
folder and rename that. On a panel without a terminal, as a
service has it, SIGHUP has the file read at once, and as long as
it is missing or bad the default is shown
`

const displayHelp = `spi0, spi0.1, spi1, /dev/spidev0.0: an SPI panel; --board
and --panel alone mean spi0
term: this terminal, until q or Ctrl-C
png:FILE: a picture, frame 0 or the last of --frames
gif:FILE: an animation
none: nowhere, for timing
`

func sceneHelp() string {
	var b strings.Builder
	for _, s := range scene.All() {
		b.WriteString(s.Name + ": " + s.Help + "\n")
	}
	b.WriteString(scene.EditName + ": " + scene.EditHelp + "\n")
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
	for _, p := range scene.Palettes() {
		b.WriteString(p.Name + ": " + p.Help + "\n")
	}
	return b.String()
}

func boardHelp() string {
	return "sets panel, port, pins, mode, clock, rotation and keys:\n" + strings.Join(wrap(names(panel.Boards, func(b panel.Board) string { return b.Name }), 56), "\n")
}

// editOptions are the flags of the edit scene.
func editOptions() []option {
	show := []string{""}
	text := func(field func(e *player.Edit) *string) func(c *config, v string) error {
		return func(c *config, v string) error {
			*field(&c.play.Edit) = v
			return setText(v)
		}
	}
	return []option{
		{"", "image", "FILE", "edit: a PNG or JPEG of one digit, a photograph for instance", "", show, text(func(e *player.Edit) *string { return &e.Image })},
		{"", "toward", "NAME", "edit: what it is to become, a concept of the model such as 4", "", show, text(func(e *player.Edit) *string { return &e.Toward })},
		{"", "from", "NAME", "edit: what it is; without it the concept whose mean is nearest", "", show, text(func(e *player.Edit) *string { return &e.From })},
	}
}

// wrap breaks text into lines of at most so many characters where it can.
func wrap(text string, width int) (lines []string) {
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
