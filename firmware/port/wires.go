package port

import (
	"slices"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"
)

// Options say which port and which pins. A pin is what ParsePin returns, such as GPIO25, "" where
// it is not connected. The backlight may be a PWM channel, such as pwm0.1.
type Options struct {
	Address
	DC, Reset, Backlight string
}

// Wires are an open SPI port, or a device on an I2C bus, and the pins beside it. A pin that is not
// connected is nil.
type Wires struct {
	Port                 spi.Port  // nil on I2C
	I2C                  conn.Conn // nil on SPI
	DC, Reset, Backlight gpio.PinOut

	closers []func() // what releases them, last first
}

// OnClose has f called when the wires are closed, before what was said so earlier.
func (w *Wires) OnClose(f func()) { w.closers = append(w.closers, f) }

// Close releases the port and the pins.
func (w *Wires) Close() {
	for _, f := range slices.Backward(w.closers) {
		f()
	}
	w.closers = nil
}
