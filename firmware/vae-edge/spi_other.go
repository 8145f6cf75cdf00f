//go:build !linux

package main

import "runtime"

// openWires needs Linux's spidev and GPIO character devices.
func openWires(*config) (*wires, error) {
	return nil, setupf("no SPI on %s: panels need Linux; %s", runtime.GOOS, otherDisplays)
}
