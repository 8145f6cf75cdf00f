package diagnose

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
)

// Probe reports what a panel depends on and, unless the options forbid it, shows the test card
// until somebody presses Enter or the context ends. Its lines begin with what they are about:
// machine, port, bufsiz, gpio, pin, key, board, panel, clock, decode, wire, problem, card, look,
// if, touch.
func Probe(ctx context.Context, o *Options, sys *System, stdin io.Reader, stdout io.Writer) error {
	p := &prober{o: o, sys: sys, w: stdout}
	p.machine()
	p.ports()
	p.pins()
	if o.SPI {
		p.panelLines()
	}
	if err := p.decode(ctx); err != nil {
		return err
	}
	if o.SPI {
		p.wire()
	}
	for _, problem := range p.problems {
		p.say("problem", "%s", problem)
	}
	if p.err != nil {
		return p.err
	}
	if len(p.problems) > 0 {
		problems := "problem"
		if n := len(p.problems); n > 1 {
			problems = fmt.Sprintf("%d problems", n)
		}
		return fmt.Errorf("no panel can be driven at %v: fix the %s listed above", o.display(), problems)
	}
	if !o.SPI || o.NoCard {
		return nil
	}
	return p.card(ctx, stdin)
}

// A prober is a run of probe.
type prober struct {
	o        *Options
	sys      *System
	w        io.Writer
	err      error // of w, the first
	model    string
	problems []string // with their cures
}

// say prints a line. What is about is at most eight characters.
func (p *prober) say(about, format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, "%-9s %s\n", about, plain.Text(fmt.Sprintf(format, args...))); p.err == nil {
		p.err = err
	}
}

func (p *prober) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func (p *prober) machine() {
	// Until a sysfs is mounted there is a copy below /proc.
	p.model = cmp.Or(p.sys.text("proc/device-tree/model"), p.sys.text("sys/firmware/devicetree/base/model"))
	p.say("machine", "%s", cmp.Or(p.model, "unknown: it has no device tree"))
}

// driver is the kernel's driver of an SPI device such as spi0.0; empty where it has none.
func (p *prober) driver(device string) string {
	link, err := fs.ReadLink(p.sys.Files, "sys/bus/spi/devices/"+device+"/driver")
	if err != nil {
		return ""
	}
	return path.Base(link)
}

// controller is what the device tree calls the controller of the SPI port, such as
// brcm,bcm2835-spi. The first name is the most specific one.
func (p *prober) controller() string {
	names := p.sys.text(fmt.Sprintf("sys/class/spi_master/spi%d/device/of_node/compatible", p.o.Port.Bus))
	first, _, _ := strings.Cut(names, "\x00")
	return first
}

// ports reports SPI ports and devices, and whether the one for the panel can be used.
func (p *prober) ports() {
	if p.o.SPI && p.o.Port.OnI2C() {
		p.buses()
		return
	}
	found := false // the one for the panel
	nodes, _ := fs.Glob(p.sys.Files, "dev/spidev*")
	some := len(nodes) > 0
	for _, node := range nodes {
		device := "/" + node
		chosen := p.o.SPI && device == p.o.Port.Device()
		found = found || chosen
		err := p.sys.Open(device)
		p.say("port", "%s: %s", device, usable(err))
		if err != nil && chosen {
			p.problem("%v", port.Refused(device, err))
		}
	}
	// Devices that another driver has are no ports.
	devices, _ := fs.Glob(p.sys.Files, "sys/bus/spi/devices/spi*")
	for _, device := range devices {
		name := path.Base(device)
		driver := p.driver(name)
		if driver == "spidev" {
			continue
		}
		some = true
		p.say("port", "%s: %s", name, cmp.Or(driver, "no driver"))
		if !found && p.o.SPI && name == fmt.Sprintf("spi%d.%d", p.o.Port.Bus, p.o.Port.ChipSelect) {
			found = true
			if driver == "" {
				p.problem("%s has no driver, not even spidev: load it with \"sudo modprobe spidev\"", name)
			} else {
				p.problem("%s belongs to the kernel's driver %s: remove the overlay of that panel from %s and reboot", name, driver, port.ConfigTxt)
			}
		}
	}
	if !some {
		p.say("port", "none")
	}
	if !found && p.o.SPI {
		p.problem("%v", port.NoPort(p.o.Port.Address))
	}
	if size := p.sys.text("sys/module/spidev/parameters/bufsiz"); size != "" {
		p.say("bufsiz", "%s", p.bufsiz(size))
	}
}

// buses reports I2C buses, and whether the panel's address can be used.
func (p *prober) buses() {
	found := false
	nodes, _ := fs.Glob(p.sys.Files, "dev/i2c-*")
	for _, node := range nodes {
		device := "/" + node
		err := p.sys.Open(device)
		p.say("port", "%s: %s", device, usable(err))
		if device == p.o.Port.Device() {
			found = true
			if err != nil {
				p.problem("%v", port.Refused(device, err))
			}
		}
	}
	if len(nodes) == 0 {
		p.say("port", "none")
	}
	if !found {
		p.problem("%v", port.NoPort(p.o.Port.Address))
	}
	name := fmt.Sprintf("%d-%04x", p.o.Port.Bus, p.o.Port.I2C)
	if link, err := fs.ReadLink(p.sys.Files, "sys/bus/i2c/devices/"+name+"/driver"); err == nil {
		p.say("port", "%s: %s", name, path.Base(link))
		p.problem("%v", port.OwnedI2C(p.o.Port.Address))
	}
}

// bufsiz says what the longest transfer means.
func (p *prober) bufsiz(size string) string {
	n, err := strconv.Atoi(size)
	if err != nil || n < 1 || !p.o.SPI {
		return size + " bytes a transfer"
	}
	count, cure := port.Transfers(p.o.Mount.Panel.FrameBytes(), n)
	s := fmt.Sprintf("%d bytes a transfer, %d for a frame", n, count)
	if cure != "" {
		s += "; " + cure
	}
	return s
}

const chipSelect = "chip select"

// A use is what a pin is for.
type use struct{ kind, pin, what string }

// uses lists the pins of the panel, then those of the keys.
func (p *prober) uses() []use {
	if !p.o.SPI {
		return nil
	}
	all := []use{{"pin", p.o.Board.DC, "data/command"}, {"pin", p.o.Board.Reset, "reset"}, {"pin", p.o.Board.Backlight, "backlight"}}
	if p.o.Port.OnI2C() {
		all = all[1:]
	}
	if pin := p.o.Port.ChipSelectPin(); pin != "" {
		all = append(all, use{"pin", pin, chipSelect})
	}
	for _, k := range p.o.Board.Keys {
		for _, pin := range keys.Lines(k) {
			all = append(all, use{"key", pin, string(k.Meaning)})
		}
	}
	return all
}

// pins reports the GPIO chips and who has the lines that the panel needs.
func (p *prober) pins() {
	nodes, _ := fs.Glob(p.sys.Files, "dev/gpiochip*")
	var denied error // with its cure
	for _, node := range nodes {
		if err := p.sys.Open("/" + node); err != nil {
			p.say("gpio", "/%s: %s", node, usable(err))
			if errors.Is(err, fs.ErrPermission) {
				denied = port.Refused("/"+node, err)
			}
		}
	}
	chips, err := p.sys.Chips()
	if err != nil {
		p.problem("GPIO: %v", err)
	}
	for _, chip := range chips {
		p.say("gpio", "%s: %s, %d lines", chip.Path, chip.Label, len(chip.Lines))
	}
	if len(nodes) == 0 {
		p.say("gpio", "none")
		if slices.ContainsFunc(p.uses(), func(u use) bool { return u.kind == "pin" && u.pin != "" }) {
			p.problem("no GPIO chip: the pins beside the port need a kernel with a driver for them")
		}
		return
	}
	for _, u := range p.uses() {
		if u.pin == "" {
			p.say(u.kind, "%s: none", u.what)
			continue
		}
		if channel, ok := port.ParseChannel(u.pin); ok {
			p.channel(channel, u)
			continue
		}
		name, purpose := port.PinName(u.pin), "the panel's "+u.what+" pin"
		chip, line, err := port.FindLine(chips, u.pin, purpose)
		var cure string
		switch {
		case err != nil && denied != nil:
			p.say(u.kind, "%s: %s, not to be seen", u.what, name)
			cure = denied.Error()
		case err != nil:
			p.say(u.kind, "%s: %s, no such line", u.what, name)
			cure = err.Error()
		default:
			where := lineName(&chips[chip], line, u.pin)
			if user := chips[chip].Lines[line].Consumer; user != "" {
				p.say(u.kind, "%s: %s, in use by %s", u.what, where, user)
				cure = port.InUse(name, purpose, user).Error()
			} else {
				p.say(u.kind, "%s: %s, free", u.what, where)
			}
		}
		// Without keys a panel still shows pictures.
		if cure != "" && u.kind == "pin" && u.what != chipSelect && !slices.Contains(p.problems, cure) {
			p.problem("%s", cure)
		}
	}
}

// channel reports a PWM channel.
func (p *prober) channel(c port.Channel, u use) {
	n, err := strconv.Atoi(p.sys.text(fmt.Sprintf("%s/pwmchip%d/npwm", strings.TrimPrefix(port.PWMClass, "/"), c.Chip)))
	switch {
	case err != nil:
		p.say(u.kind, "%s: %v, no such chip", u.what, c)
		p.problem("%v", port.NoPWM(c))
	case c.Channel >= n:
		p.say(u.kind, "%s: %v, the chip has %d channels", u.what, c, n)
		p.problem("%v", port.RefusedPWM(c, syscall.ENODEV))
	default:
		p.say(u.kind, "%s: %v, channel %d of %d", u.what, c, c.Channel, n)
	}
}

// lineName is what a pin is called, with where it is unless the kernel calls the line so, too.
func lineName(chip *port.Chip, line int, pin string) string {
	name := port.PinName(pin)
	switch kernel := chip.Lines[line].Name; {
	case kernel == name:
		return name
	case kernel == "" && chip.At(line) == name:
		return name
	case kernel == "":
		return fmt.Sprintf("%s (%s)", name, chip.At(line))
	case chip.At(line) == name:
		return fmt.Sprintf("%s (%s)", name, kernel)
	default:
		return fmt.Sprintf("%s (%s, %s)", name, chip.At(line), kernel)
	}
}

func (p *prober) panelLines() {
	size := p.o.Mount.Panel.Size
	how := fmt.Sprintf("SPI mode %d", p.o.Board.Mode)
	if p.o.Port.OnI2C() {
		how = fmt.Sprintf("address 0x%02x", p.o.Port.I2C)
	}
	p.say("board", "%s: %s, turned by %d degrees, %s", cmp.Or(p.o.Board.Name, "none"), p.o.Board.Text, p.o.Board.Rotation, how)
	if u := p.o.Board.Unchecked; u != "" && p.o.Board.Name != "" {
		p.say("board", "nobody has checked yet: %s", u)
	}
	p.say("panel", "%s: %s, %dx%d pixels", p.o.Mount.Panel.Name, p.o.Mount.Panel.Controller.Name, size.X, size.Y)
	if u := p.o.Mount.Panel.Unchecked; u != "" {
		p.say("panel", "nobody has checked yet: %s", u)
	}
}

// core returns the clock that the port divides and, with it, how it is known; zero if it is not.
func (p *prober) core() (physic.Frequency, string) {
	switch p.controller() {
	case "brcm,bcm2835-spi", "brcm,bcm2835-aux-spi":
		// Only root may read that.
		if hz, err := strconv.ParseInt(p.sys.text("sys/kernel/debug/clk/vpu/clk_rate"), 10, 64); err == nil && hz > 0 {
			core := physic.Frequency(hz) * physic.Hertz
			return core, fmt.Sprintf("the core's %v", core)
		}
		core := port.CoreClock(p.model)
		return core, fmt.Sprintf("the core's %v, unless config.txt has another core_freq,", core)
	case "snps,dw-apb-ssi": // a Raspberry Pi 5's
		core := port.CoreClock(p.model)
		return core, fmt.Sprintf("the RP1's %v", core)
	}
	return 0, ""
}

// wire reports the clock and what it allows.
func (p *prober) wire() {
	clock, periods := p.o.clock(), 8
	if p.o.Port.OnI2C() {
		clock, periods = port.I2CClock(p.sys.Files, p.o.Port.Bus), 9
		text := fmt.Sprintf("%v, which the kernel has for the bus", clock)
		if faster := port.FasterI2C(clock); faster != "" {
			text += "; " + faster
		}
		p.say("clock", "%s", text)
		p.frames(clock, periods)
		return
	}
	core, whose := p.core()
	switch controller := p.controller(); {
	case core > 0:
		got := port.DividedClock(core, clock)
		p.say("clock", "%v asked for, %v on the wire: %s over %d", clock, got, whose, core/got)
		if strings.HasPrefix(p.model, "Raspberry Pi 3") && core > idleCore {
			p.say("clock", "%v while the core idles at %v: core_freq_min=%d in %s keeps it up", idleCore/(core/got), idleCore, core/physic.MegaHertz, port.ConfigTxt)
		}
		clock = got
	case controller == "spi-gpio":
		p.say("clock", "%v asked for, less on the wire: the kernel sets pins one by one", clock)
	default:
		p.say("clock", "%v asked for; what %s makes of it is not known", clock, cmp.Or(controller, "the port"))
	}
	p.frames(clock, periods)
}

// frames reports what a wire allows that takes so many periods of the clock a byte.
func (p *prober) frames(clock physic.Frequency, periods int) {
	frame := p.o.Mount.Panel.FrameBytes()
	p.say("wire", "%d bytes a frame, at most %.1f frames a second", frame, float64(clock)/float64(physic.Hertz)/float64(periods*frame))
}

// idleCore is what a Raspberry Pi 3's core comes down to.
const idleCore = 250 * physic.MegaHertz

// decode reports how long a picture takes on this processor.
func (p *prober) decode(ctx context.Context) error {
	m, err := decoder.Open(cmp.Or(p.o.Model, decoder.DefaultModel))
	if err != nil {
		return err
	}
	backend, err := kernels.Select("")
	if err != nil {
		return err
	}
	decode, err := decoding(m, backend)
	if err != nil {
		return err
	}
	rate, err := p.sys.Rate(ctx, decode)
	if err != nil {
		return err
	}
	p.say("decode", "%.3f ms a picture: %s on %v", 1000/rate, m.Name, backend)
	return nil
}

// card shows the test card and says what to look for.
func (p *prober) card(ctx context.Context, stdin io.Reader) (err error) {
	mount := p.o.Mount
	if p.o.Port.OnI2C() {
		mount.Clock = port.I2CClock(p.sys.Files, p.o.Port.Bus)
	}
	dev, link, err := port.OpenPanel(func() (*port.Wires, error) { return p.sys.Wires(p.o.Port) }, mount)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, dev.Halt())
		link.Close()
	}()
	img := image.NewRGBA(dev.Bounds())
	p.o.Mount.Panel.TestCard(img)
	if err := dev.Draw(dev.Bounds(), img, image.Point{}); err != nil {
		return err
	}
	p.say("card", "sent; Enter or Ctrl-C ends")
	if p.o.Mount.Panel.Round {
		p.say("look", "a white circle along the edge, and a white line around the square within")
	} else {
		p.say("look", "a white line along all four edges")
	}
	p.say("look", "TL red, TR green, BL blue, BR yellow in their corners, an arrow upwards")
	p.say("look", "bars that are as they say, and one from black to white")
	for _, h := range p.o.Hints {
		p.say("if", "%-21s %s", h.Symptom+":", h.Cure)
	}
	if p.err != nil {
		return p.err
	}
	entered := make(chan struct{})
	go func() {
		// A service has no standard input: its end is nobody's Enter.
		if _, err := bufio.NewReader(stdin).ReadString('\n'); err == nil {
			close(entered)
		}
	}()
	if p.o.Touch != nil && p.o.Mount.Panel.Round {
		p.say("touch", "round glass has no corners to touch")
	} else if p.o.Touch != nil {
		ctx, end := context.WithCancel(ctx)
		calibrated := make(chan struct{})
		go func() {
			defer close(calibrated)
			calibrate(ctx, p.o.Touch, img.Rect.Size(), func(format string, args ...any) { p.say("touch", format, args...) })
		}()
		defer func() {
			end()
			<-calibrated
		}()
	}
	select {
	case <-entered:
	case <-ctx.Done():
	}
	return nil
}
