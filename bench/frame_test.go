package bench

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
)

// TestSlowBoard: where a decode takes a millisecond the wire still has no pause. Nothing but
// decodes and the wire takes time here.
func TestSlowBoard(t *testing.T) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	panels := []string{"st7789-240x240", "st7789-240x320"}
	if testing.Short() {
		panels = panels[:1] // goroutines are the same with both
	}
	for _, name := range panels {
		for _, clock := range []physic.Frequency{40 * physic.MegaHertz, 62500 * physic.KiloHertz} {
			for _, scene := range []string{"walk", "manifold"} {
				t.Run(fmt.Sprintf("%s/%v/%s", name, clock, scene), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						line := newLine(t, m, wire{name, clock, false}, scene, time.Millisecond, 400)
						if err := line.Run(t.Context()); err != nil {
							t.Fatal(err)
						}
						if s := line.Stats(); s.Frames != 400 || s.Render == 0 || s.Share() < 0.95 {
							t.Errorf("the wire is busy for %.1f %% of the time, want 95: %+v", 100*s.Share(), s)
						}
					})
				})
			}
		}
	}
}

// TestWires: frames that change entirely, and the walk where it is measured, keep every wire busy.
func TestWires(t *testing.T) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wires {
		for _, scene := range w.scenes {
			if w.slow {
				continue // TestSlowBoard has these
			}
			t.Run(fmt.Sprintf("%v/%s", w.wire, scene), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					line := newLine(t, m, w.wire, scene, 0, 50)
					if err := line.Run(t.Context()); err != nil {
						t.Fatal(err)
					}
					s := line.Stats()
					t.Logf("%.1f frames/s, %.1f %% of the time on the wire", s.FPS(), 100*s.Share())
					if s.Frames != 50 || s.Share() < 0.97 || s.Share() > 1.001 {
						t.Errorf("the wire is busy for %.1f %% of the time, want 97: %+v", 100*s.Share(), s)
					}
				})
			})
		}
	}
}
