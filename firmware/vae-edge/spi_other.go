//go:build !linux

package main

import (
	"fmt"
	"runtime"
)

// openSPI needs Linux's spidev and GPIO character devices.
func openSPI(c *config) (display, error) {
	return nil, fmt.Errorf("no SPI on %s: panels need Linux; %s", runtime.GOOS, otherDisplays)
}
