package panel

import (
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"
)

// Open connects to the panel behind the port, initialises it and shows black. The data/command pin
// dc is needed; the pins in opts are not.
func Open(port spi.Port, dc gpio.PinOut, opts *Opts) (Display, error) {
	if opts.Panel.Dots() {
		return newMono(port, dc, opts)
	}
	return NewSPI(port, dc, opts)
}
