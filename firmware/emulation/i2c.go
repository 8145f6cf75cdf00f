package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

//go:embed i2c.dtsi
var i2cTree []byte

// Registers of the PL061 (PrimeCell GPIO PL061, ARM DDI 0190): below the direction's those of data,
// whose addresses say in bits 2 to 9 which lines are meant.
const (
	pl061Direction = 0x400
	sdaLine        = 1 << 0
	sclLine        = 1 << 1
)

// A bus is a module on an I2C bus of the emulated machine's pins. Between a start and a stop, it
// takes a bit of SDA at every rising edge of SCL (NXP UM10204, 3.1).
type bus struct {
	module          *paneltest.Module
	address         byte
	at              time.Time
	direction, data uint64
	sda, scl        bool
	begun           bool
	bits            int
	shift           byte
	received        []byte // since the start, the address first

	picture *image.RGBA // what the glass showed last that was not black
	bytes   int
	faults  []string
}

func newBus(p panel.Panel, address byte) *bus {
	b := &bus{module: paneltest.New(p), address: address, data: sdaLine | sclLine, sda: true, scl: true}
	b.module.Now = func() time.Time { return b.at }
	return b
}

// register takes what the kernel writes to a register of the pins. A line that is no output is
// high, but for the acknowledgements.
func (b *bus) register(at time.Time, offset, value uint64) {
	switch {
	case offset < pl061Direction:
		mask := offset >> 2
		b.data = b.data&^mask | value&mask
	case offset == pl061Direction:
		b.direction = value
	default:
		return
	}
	b.at = at
	high := b.data | ^b.direction
	sda, scl := high&sdaLine != 0, high&sclLine != 0
	switch {
	case b.scl && scl && sda != b.sda: // a start, or a stop
		b.end()
		b.begun, b.bits = !sda, 0
	case !b.scl && scl && b.begun && b.bits == 8:
		if !sda {
			b.fault("the data line is held when a byte is to be acknowledged")
		}
		b.received, b.bits = append(b.received, b.shift), 0
	case !b.scl && scl && b.begun:
		b.bits++
		if b.shift <<= 1; sda {
			b.shift |= 1
		}
	}
	b.sda, b.scl = sda, scl
}

// end hands what has been received to the module.
func (b *bus) end() {
	if len(b.received) == 0 {
		return
	}
	b.bytes += len(b.received)
	if b.received[0] != b.address<<1 { // written to
		b.fault("first byte %02x of a transfer to 0x%02x", b.received[0], b.address)
	}
	if err := b.module.I2C(paneltest.I2CAddress, 400*physic.KiloHertz).Tx(b.received[1:], nil); err != nil {
		b.fault("%v", err)
	}
	b.received = b.received[:0]
	if img := b.module.Image(); !black(img) {
		b.picture = img
	}
}

func (b *bus) fault(format string, args ...any) {
	if len(b.faults) < 20 {
		b.faults = append(b.faults, fmt.Sprintf(format, args...))
	}
}

// runI2C shows frames on panels on a bus of a kernel of Debian's, unpacked in a folder, that can
// bit-bang I2C, and compares what their glass shows with what vae-edge draws on this machine.
func runI2C(ctx context.Context, folder string) error {
	dir, err := os.MkdirTemp("", "emulation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	one := func(pattern string) string {
		found, _ := filepath.Glob(filepath.Join(folder, pattern))
		if len(found) != 1 {
			err = errors.Join(err, fmt.Errorf("%d files are %s in %s", len(found), pattern, folder))
			return ""
		}
		return found[0]
	}
	m, kernel, drivers := &machine{}, one("boot/vmlinuz-*"), "lib/modules/*/kernel/drivers/i2c/"
	for _, name := range []string{"algos/i2c-algo-bit.ko", "busses/i2c-gpio.ko", "i2c-dev.ko"} {
		m.modules = append(m.modules, one(drivers+name))
	}
	if err != nil {
		return err
	}
	checks := []struct {
		panel   string
		address byte
		turn    int
	}{{"ssd1306-128x64", 0x3d, 90}, {"ssd1306-128x32", 0x3c, 0}, {"sh1106-128x64", 0x3c, 180}}
	frame := []string{"--scene", "manifold"}
	for _, c := range checks {
		p, _ := panel.Find(c.panel)
		m.jobs = append(m.jobs, &job{bus: newBus(p, c.address), args: append([]string{
			"--display", "i2c1", "--panel", c.panel, "--i2c-address", fmt.Sprintf("0x%02x", c.address), "--rotate", strconv.Itoa(c.turn), "--frames", "1",
		}, frame...)})
	}
	tree, err := deviceTree(ctx, dir, i2cTree)
	if err != nil {
		return err
	}
	if err := m.boot(ctx, kernel, tree, dir, "-trace", "pl061_write"); err != nil {
		return err
	}
	for i, c := range checks {
		j := m.jobs[i]
		b := j.bus
		if faults := append(b.faults, b.module.Faults()...); j.status != 0 || len(faults) > 0 || b.picture == nil || !black(b.module.Image()) {
			return fmt.Errorf("%s: status %d, a picture %t, blank in the end %t, faults %q\n%s", c.panel, j.status, b.picture != nil, black(b.module.Image()), faults, &j.output)
		}
		got := paneltest.Turned(b.picture, c.turn)
		want, err := draw(ctx, got.Rect.Size(), frame...)
		if err == nil {
			err = sameDots(got, want)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.panel, err)
		}
		fmt.Printf("ok    %s at 0x%02x, turned by %d degrees: %dx%d dots right, from %d bytes on the bus\n", c.panel, c.address, c.turn, got.Rect.Dx(), got.Rect.Dy(), b.bytes)
	}
	fmt.Println("ok    the panels on I2C show what vae-edge draws")
	return nil
}

// sameDots holds the dots on the glass to the frame.
func sameDots(got *image.RGBA, want image.Image) error {
	from := want.Bounds().Min
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			c := color.RGBAModel.Convert(want.At(from.X+x, from.Y+y)).(color.RGBA)
			if on := got.RGBAAt(x, y).R > 0; on != panel.Lit(c.R, c.G, c.B, image.Pt(x, y)) {
				return fmt.Errorf("dot (%d,%d) is on: %t", x, y, on)
			}
		}
	}
	return nil
}
