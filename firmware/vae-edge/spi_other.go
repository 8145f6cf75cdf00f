//go:build !linux

package main

import (
	"runtime"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// openWires needs Linux's spidev and GPIO character devices.
func openWires(*config) (*wires, error) {
	return nil, setupf("no SPI on %s: panels need Linux; %s", runtime.GOOS, otherDisplays)
}

func openKeys([]panel.Key) ([]keyPin, []error) { return nil, nil }
