package paneltest

import "github.com/vae-edge/vae-edge/firmware/panel"

// New returns a module of that panel, powered on: its memory holds noise.
func New(p panel.Panel) *Module {
	m := &Module{panel: p}
	switch p.Controller.Name {
	case "SSD1306", "SH1106":
		m.chip = newDots(m, p)
	case "SSD1351":
		m.chip = newSSD1351(m, p)
	default:
		m.chip = newMIPI(m, p)
	}
	m.chip.reset(true)
	return m
}
