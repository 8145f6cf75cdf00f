package main

import (
	"cmp"
	"errors"
	"image"
	"maps"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/target"
	"github.com/vae-edge/vae-edge/internal/cli"
)

// resolve sets the panel, its wiring and the port. It refuses what contradicts itself, and says
// which flag to leave out.
func (c *config) resolve(given origins) error {
	w := &c.wanted
	// To measure a panel's wire, and to report what is there, takes no port.
	portless := c.command == "bench" || c.command == "info"
	if !given.has("display") && !portless && (w.board != "" || w.panel != "") {
		c.display = target.Target{Kind: target.Panel}
	}
	if c.display.Kind != target.Panel && !portless {
		group := ""
		for _, o := range table().Flags {
			if group = cmp.Or(o.Group, group); group != panelGroup || !given.has(o.Name) || !slices.Contains(o.Commands, c.command) {
				continue
			}
			if c.display.Kind == target.Screen && slices.Contains(screenFlags, o.Name) {
				continue
			}
			what := "panels: "
			if slices.Contains(screenFlags, o.Name) {
				what = "panels and --display fb0: "
			}
			if given.has("display") {
				return cli.Usagef("--%s is for %sleave it out, or say --display spi0 in place of %s", o.Name, what, c.display)
			}
			return cli.Usagef("--%s is for %ssay --display spi0 or --board NAME too", o.Name, what)
		}
	}
	if c.display.Kind == target.Screen {
		if w.rotation != nil {
			c.board.Rotation = *w.rotation
		}
		return c.assign(given, map[string]string{}, w.onChip())
	}
	board := panel.Boards[0]
	if w.board == "" && w.panel == "" && c.display.Port.OnI2C() {
		p, _ := panel.Find(i2cPanel)
		board = p.Wiring()
	}
	c.panel, _ = panel.Find(board.Panel)
	switch {
	case w.board != "":
		board, _ = panel.FindBoard(w.board)
		c.panel, _ = panel.Find(board.Panel)
		if w.panel != "" && w.panel != board.Panel {
			return cli.Usagef("--panel %s: board %s has %s: leave --panel out, or leave --board out and say --dc, --rst and --bl", w.panel, board.Name, board.Panel)
		}
		if err := c.choosePort(given, board); err != nil {
			return err
		}
	case w.panel != "":
		var err error
		if c.panel, err = c.choosePanel(given); err != nil {
			return err
		}
		board = c.panel.Wiring()
	}
	if err := c.onI2C(given, &board); err != nil {
		return err
	}
	if w.board == "" {
		board.Keys = nil // pins that nobody has named may be for something else
	}
	if c.display.Kind == target.Panel || portless {
		if err := c.setGlass(given); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		pin    *string
		wanted string
	}{{&board.DC, w.dc}, {&board.Reset, w.reset}, {&board.Backlight, w.backlight}} {
		switch p.wanted {
		case "":
		case noPinAtAll:
			*p.pin = ""
		default:
			*p.pin = port.OnChip(w.chip, p.wanted)
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
		kept = w.onChip()
	} else if w.rotation != nil {
		kept = keys.Turned(kept, *w.rotation-board.Rotation)
	}
	if w.rotation != nil {
		board.Rotation = *w.rotation
	}
	c.board = board
	if c.display.Kind != target.Panel {
		return nil
	}
	return c.assign(given, c.display.Port.Pins(), kept)
}

// screenFlags are those of panels that are for a screen as well.
var screenFlags = []string{"rotate", "keys", "gpiochip", "touch", "touch-irq", "touch-calibration", "dim", "off", "give-up"}

// choosePanel returns the panel of the command line: one that is known or, of a controller alone,
// with glass of the size that is said.
func (c *config) choosePanel(given origins) (panel.Panel, error) {
	name := c.wanted.panel
	if p, ok := panel.Find(name); ok {
		return p, nil
	}
	if !given.has("size") {
		err, meant := noPanel(name), ""
		if choice := (cli.ChoiceError{}); errors.As(err, &choice) {
			meant = cli.DidYouMean(name, choice.Values, "")
		}
		return panel.Panel{}, cli.Usagef("--panel %q: %s%w", name, meant, err)
	}
	p, err := panel.OfController(name, c.play.Size)
	if err != nil {
		return p, sizeError(c.play.Size, err)
	}
	return p, nil
}

func sizeError(size image.Point, err error) error {
	return cli.Usagef("--size %dx%d: %w", size.X, size.Y, err)
}

// setGlass changes the panel as the command line says.
func (c *config) setGlass(given origins) (err error) {
	g, p := &c.wanted.glass, &c.panel
	if given.has("size") {
		if *p, err = p.Fit(c.play.Size); err != nil {
			return sizeError(c.play.Size, err)
		}
	}
	if g.offset != nil {
		if *p, err = p.At(*g.offset); err != nil {
			return cli.Usagef("--offset %d,%d: %w", g.offset.X, g.offset.Y, err)
		}
	}
	if g.bgr != nil && p.Dots() {
		return cli.Usagef("--color-order: the %s has no colours", p.Controller.Name)
	}
	for _, s := range []struct {
		to   *bool
		from *bool
	}{{&p.BGR, g.bgr}, {&p.Invert, g.invert}, {&p.Mirror, g.mirror}} {
		if s.from != nil {
			*s.to = *s.from
		}
	}
	return nil
}

// onChip are the keys of the command line, with numbers as lines of its chip.
func (w *wiring) onChip() []panel.Key {
	all := slices.Clone(w.keys)
	for i, k := range all {
		lines := keys.Lines(k)
		for j := range lines {
			lines[j] = port.OnChip(w.chip, lines[j])
		}
		all[i].Pin = strings.Join(lines, "/")
	}
	return all
}

// i2cPanel is the panel on an I2C bus where none is named.
const i2cPanel = "ssd1306-128x64"

// choosePort finds the board's port, and refuses another.
func (c *config) choosePort(given origins, board panel.Board) error {
	t := &c.display
	if board.I2C != 0 {
		if t.Kind == target.Panel && given.has("display") && (!t.Port.OnI2C() || t.Port.Bus != 1) {
			return cli.Usagef("--display %v: board %s is on i2c1: leave --display out, or say --panel %s and the pins in place of --board", t, board.Name, board.Panel)
		}
		t.Port = port.Address{Bus: 1, I2C: board.I2C}
		return nil
	}
	if t.Kind != target.Panel {
		return nil
	}
	if t.Port.OnI2C() {
		return cli.Usagef("--display %v: board %s is wired to spi0.%d: leave --display out", t, board.Name, board.ChipSelect)
	}
	if t.Port.Bus != 0 || t.Selected && t.Port.ChipSelect != board.ChipSelect {
		return cli.Usagef("--display spi%d.%d: board %s is wired to spi0.%d: leave --display out, or say --panel %s and the pins in place of --board",
			t.Port.Bus, t.Port.ChipSelect, board.Name, board.ChipSelect, board.Panel)
	}
	t.Port.ChipSelect = board.ChipSelect
	return nil
}

// onI2C makes the board one on an I2C bus, where the panel is, and refuses what is for SPI.
func (c *config) onI2C(given origins, board *panel.Board) error {
	at := &c.display.Port
	if !at.OnI2C() {
		if given.has("i2c-address") {
			return cli.Usagef("--i2c-address is for panels on I2C: say --display i2c1 too, or leave it out")
		}
		return nil
	}
	if c.wanted.i2c != 0 {
		at.I2C = c.wanted.i2c
	}
	if !c.panel.Dots() {
		return cli.Usagef("--display %v: panel %s is not for I2C: say --display spi0, or --panel %s", c.display, c.panel.Name, i2cPanel)
	}
	for _, of := range []struct{ flag, why string }{
		{"dc", "there is no such pin"}, {"mode", "there are no modes"}, {"hz", "the clock is the bus's, see dtparam=i2c_arm_baudrate=400000 in " + port.ConfigTxt},
	} {
		if given.has(of.flag) {
			return cli.Usagef("--%s is for SPI panels: on I2C %s: leave it out", of.flag, of.why)
		}
	}
	board.DC, board.Clock, board.I2C = "", port.I2CDefault, at.I2C
	if c.wanted.board == "" { // a module with four pins
		board.Reset, board.Backlight, board.Rotation, board.Name, board.Text = "", "", 0, "", "bare module"
	}
	return nil
}

// lineName is what a pin is called, whichever way it was named.
func (c *config) lineName(pin string) string { return port.PinName(port.OnHeader(c.chips, pin)) }

// assign checks that no pin has two uses, and sets the keys: the board's own give way, those of the
// command line do not. uses are the pins of the port.
func (c *config) assign(given origins, uses map[string]string, wanted []panel.Key) error {
	if err := c.assignTouch(given, uses); err != nil {
		return err
	}
	for _, p := range []struct{ flag, pin string }{{"--dc", c.board.DC}, {"--rst", c.board.Reset}, {"--bl", c.board.Backlight}} {
		if p.pin == "" {
			continue
		}
		pin := c.lineName(p.pin)
		if use, taken := uses[pin]; taken {
			return cli.Usagef("%s %s is taken: it is %s; another pin, please", p.flag, pin, use)
		}
		uses[pin] = "the pin of " + p.flag
	}
	if _, pwm := port.ParseChannel(c.board.Backlight); c.wanted.brightness%100 != 0 && !pwm {
		return cli.Usagef("--brightness %d: the backlight, %s, can be on or off only: put dtoverlay=pwm,pin=18,func=2 (GPIO18) or pin=13,func=4 (GPIO13) in %s and say --bl pwm0.0, or pwm0.1",
			c.wanted.brightness, cmp.Or(c.board.Backlight, "which the panel is without"), port.ConfigTxt)
	}
	c.board.Keys = nil
	for _, k := range wanted {
		pins := keys.Lines(k)
		for _, pin := range pins {
			use, taken := uses[c.lineName(pin)]
			if !taken {
				continue
			}
			if c.wanted.keys != nil {
				return cli.Usagef("--keys %s=%s is taken: it is %s; another pin, please", k.Meaning, strings.ReplaceAll(k.Pin, "GPIO", ""), use)
			}
			pins = nil // the board's own key gives way
		}
		for _, pin := range pins {
			uses[c.lineName(pin)] = "the key " + string(k.Meaning)
		}
		if pins != nil {
			c.board.Keys = append(c.board.Keys, k)
		}
	}
	return nil
}

// assignTouch takes the pins of the touch screen.
func (c *config) assignTouch(given origins, uses map[string]string) error {
	w := &c.wanted.touch
	switch {
	case w.at == nil && given.has("touch-irq"):
		return cli.Usagef("--touch-irq is for touch screens: say --touch PORT too, or leave it out")
	case w.at == nil:
		return nil
	case c.display.Kind == target.Panel && *w.at == c.display.Port:
		return cli.Usagef("--touch %v: the panel is there: a touch screen has a chip select of its own, such as spi0.1", w.at)
	}
	maps.Copy(uses, w.at.Pins())
	if pin := w.at.Input(); pin != "" {
		uses[pin] = "the touch controller's data line (MISO)"
	}
	if w.pen = port.OnChip(c.wanted.chip, w.pen); w.pen == "" {
		return nil
	}
	pin := c.lineName(w.pen)
	if use, taken := uses[pin]; taken {
		return cli.Usagef("--touch-irq %s is taken: it is %s; another pin, please", pin, use)
	}
	uses[pin] = "the touch controller's interrupt"
	return nil
}
