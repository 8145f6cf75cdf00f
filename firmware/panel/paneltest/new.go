package paneltest

import "github.com/vae-edge/vae-edge/firmware/panel"

// New returns a module of that panel, powered on: its memory holds noise.
func New(p panel.Panel) *Module {
	m := &Module{panel: p}
	if p.Controller.Name == "SSD1306" {
		m.chip = &ssd1306{module: m}
	} else {
		m.chip = newMIPI(m, p)
	}
	m.chip.reset(true)
	return m
}
