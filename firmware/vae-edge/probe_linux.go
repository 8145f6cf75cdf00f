package main

import (
	"os"

	"periph.io/x/host/v3/gpioioctl"
)

// hostSystem is the machine that the program runs on.
func hostSystem(*config) (*system, error) {
	return &system{
		files: os.DirFS("/"),
		open:  openDevice,
		chips: func() ([]gpioChip, error) {
			if err := initDrivers(); err != nil {
				return nil, err
			}
			var chips []gpioChip
			for _, c := range gpioioctl.Chips {
				chip := gpioChip{path: c.Path(), label: c.Label()}
				for _, l := range c.Lines() {
					chip.lines = append(chip.lines, gpioLine{l.Name(), l.Consumer()})
				}
				chips = append(chips, chip)
			}
			return chips, nil
		},
		wires: openWires,
		rate:  medianRate,
	}, nil
}
