package main

import (
	"fmt"
	"image"
	"slices"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// lines are the names of the PL061's lines in virt.dtsi.
var lines = [8]string{"GPIO11", "GPIO10", "GPIO21", "GPIO5", "GPIO8", "GPIO25", "GPIO27", "GPIO24"}

// A wire is a module that is connected to the pins of the emulated machine. It takes a bit from
// MOSI on every rising edge of the clock while it is selected, and hands whole bytes to the
// emulated controller.
type wire struct {
	module                          *paneltest.Module
	conn                            spi.Conn
	sck, mosi, cs, dc, reset, light int
	level                           [8]bool
	at                              time.Time
	bits                            int // of the byte that is being sent
	shift                           byte
	sentDC                          bool // what the module knows
	pending                         []byte
	bytes                           int

	pictures []*image.RGBA // what the glass showed, each time that the light went out
	looks    []*image.RGBA // what it showed when somebody looked
	faults   []string
	started  bool   // a reset has come
	noCS     bool   // the module has no chip select line: it is always selected
	lit      func() // called when the light goes on
}

// newWire connects a panel as the board does; levels are what the pins have at that moment.
func newWire(p panel.Panel, b panel.Board, levels [8]bool) (*wire, error) {
	w := &wire{module: paneltest.New(p), level: levels}
	w.module.Now = func() time.Time { return w.at }
	for _, l := range []struct {
		line *int
		name string
	}{{&w.sck, "GPIO11"}, {&w.mosi, "GPIO10"}, {&w.cs, "GPIO8"}, {&w.dc, b.DC}, {&w.reset, b.Reset}, {&w.light, b.Backlight}} {
		if *l.line = slices.Index(lines[:], l.name); *l.line < 0 {
			return nil, fmt.Errorf("board %s: the emulated machine has no line %q", b.Name, l.name)
		}
	}
	var err error
	if w.conn, err = w.module.Port().Connect(physic.MegaHertz, spi.Mode0, 8); err != nil {
		return nil, err
	}
	return w, nil
}

// pin takes a level.
func (w *wire) pin(at time.Time, line int, high bool) {
	before := w.level[line]
	w.level[line], w.at = high, at
	if high == before {
		return
	}
	switch line {
	case w.sck:
		if high && (w.noCS || !w.level[w.cs]) {
			w.bit()
		}
	case w.cs:
		if w.noCS {
			return
		}
		// In mode 3 the kernel selects the panel with its first transfer before it turns the clock
		// to the level of that mode.
		if w.bits != 0 && w.started {
			w.fault("chip select changed after %d bits of a byte", w.bits)
		}
		w.bits = 0
	case w.reset:
		w.started, w.bits = true, 0
		w.flush()
		w.check(w.module.Reset().Out(gpio.Level(high)))
	case w.light:
		w.flush()
		if !high {
			w.pictures = append(w.pictures, w.module.Image())
		} else if w.lit != nil {
			w.lit()
		}
		w.check(w.module.Light().Out(gpio.Level(high)))
	}
}

// bit samples MOSI.
func (w *wire) bit() {
	w.shift <<= 1
	if w.level[w.mosi] {
		w.shift |= 1
	}
	if w.bits++; w.bits < 8 {
		return
	}
	w.bits = 0
	w.bytes++
	// The controller looks at the data/command pin with the last bit.
	if dc := w.level[w.dc]; dc != w.sentDC || w.bytes == 1 {
		w.flush()
		w.sentDC = dc
		w.check(w.module.DC().Out(gpio.Level(dc)))
	}
	w.pending = append(w.pending, w.shift)
	if !w.sentDC || len(w.pending) == 4096 { // commands at their time
		w.flush()
	}
}

// look keeps what the glass shows now.
func (w *wire) look() {
	w.flush()
	w.looks = append(w.looks, w.module.Image())
}

// flush hands what has been received to the controller.
func (w *wire) flush() {
	if len(w.pending) > 0 {
		w.check(w.conn.Tx(w.pending, nil))
		w.pending = w.pending[:0]
	}
}

func (w *wire) check(err error) {
	if err != nil {
		w.fault("%v", err)
	}
}

func (w *wire) fault(format string, args ...any) {
	if len(w.faults) < 20 {
		w.faults = append(w.faults, fmt.Sprintf(format, args...))
	}
}

// end returns everything that was wrong.
func (w *wire) end() []string {
	w.flush()
	if w.bits != 0 {
		w.fault("the wire ends after %d bits of a byte", w.bits)
	}
	return append(w.faults, w.module.Faults()...)
}
