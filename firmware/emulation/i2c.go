package main

import (
	_ "embed"
	"fmt"
	"image"
	"image/color"
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

func black(img *image.RGBA) bool {
	for i, v := range img.Pix {
		if i%4 != 3 && v != 0 {
			return false
		}
	}
	return true
}
