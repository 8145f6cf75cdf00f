package player

import (
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/internal/gate"
)

// TestNight: at its times the panel is darker by its backlight or, where that is only on or off, in
// the picture; it is dark, and comes back as it was, although it was unplugged in between.
func TestNight(t *testing.T) {
	gate.Only(t)
	for _, dims := range []bool{true, false} {
		for _, args := range [][]string{{"--scene", "walk"}, {"--scene", "walk", "--palette", "ember"}} {
			synctest.Test(t, func(t *testing.T) { // from midnight on, UTC
				g := newRig(t, append(args, "--panel", "st7735-80x160", "--fps", "2", "--frames", "500")...)
				g.module.PWM = dims
				o := g.panelOptions()
				o.Night, o.Dims = night.Schedule{{From: 1, To: 3, Percent: 25}, {From: 2, To: 3}}, dims
				g.r.Clock.Zone = time.UTC
				done := make(chan error)
				go func() { done <- g.r.OnPanel(t.Context(), o) }()
				look := func(at time.Duration) (brightest int, light gpio.Duty) {
					time.Sleep(time.Until(g.start.Add(at)))
					return int(slices.Max(withoutAlpha(g.module.Image()))), g.module.Backlight()
				}
				day, light := look(40 * time.Second)
				if day < 150 || light != gpio.DutyMax {
					t.Errorf("by day: %d, backlight %v", day, light)
				}
				v, light := look(90 * time.Second)
				if want := gpio.DutyMax / 4; dims && (light != want || v < 150) || !dims && (light != gpio.DutyMax || v < day/4 || v > day*3/4) {
					t.Errorf("dimmed, by the light: %t: %d of %d, backlight %v", dims, v, day, light)
				}
				g.module.Unplug()
				time.AfterFunc(5*time.Second, g.module.Replug)
				if v, light := look(150 * time.Second); v != 0 || light != 0 {
					t.Errorf("off: %d, backlight %v", v, light)
				}
				if v, light := look(210 * time.Second); v < 150 || light != gpio.DutyMax {
					t.Errorf("by day again: %d, backlight %v", v, light)
				}
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// withoutAlpha are the bytes of colours.
func withoutAlpha(img *image.RGBA) (all []uint8) {
	for i, v := range img.Pix {
		if i%4 != 3 {
			all = append(all, v)
		}
	}
	return all
}
