package player

import (
	"image"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal"
)

// TestRound: on round glass the clock, digits and captions keep within the circle, whatever scene
// was there before, and fill it.
func TestRound(t *testing.T) {
	const side = 240
	for _, c := range []struct {
		name    string
		change  func(o *Options)
		reaches int // pixels from the middle, at least
	}{
		{"walk", func(*Options) {}, 85},
		{"sample", func(o *Options) { o.Scene = "sample" }, 85},
		{"clock", func(o *Options) { o.Scene = "clock" }, 105},
		{"clock with seconds", func(o *Options) { o.Scene, o.Clock = "clock", scene.ClockOptions{Seconds: true, Hours12: true} }, 105},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := say(t).Options
			o.Round = true
			c.change(&o)
			p := newPlayer(o, terminal.NewConsole(io.Discard, terminal.ConsoleOptions{}))
			if err := p.open(); err != nil {
				t.Fatal(err)
			}
			if err := p.make(image.Pt(side, side)); err != nil {
				t.Fatal(err)
			}
			farthest := 0
			for n := range uint64(60) {
				if n == 30 {
					for range scene.All() { // over the plane that fills the frame
						p.change(1, n)
						p.Render(p.frame, n)
					}
				}
				p.say("the quick brown fox jumps over  43.2 fps  57.6 kB/frame  wire 97%", time.Second)
				p.Render(p.frame, n*23)
				img := p.frame.(*image.Gray)
				for y := range side {
					for x := range side {
						dx, dy := 2*x+1-side, 2*y+1-side
						d := dx*dx + dy*dy
						switch v := img.GrayAt(x, y).Y; {
						case d > side*side && v > 24:
							t.Fatalf("%s, frame %d: (%d,%d) is %d", c.name, n, x, y, v)
						case d <= side*side && v > 24:
							farthest = max(farthest, d)
						}
					}
				}
				time.Sleep(7 * time.Second)
			}
			if farthest < 4*c.reaches*c.reaches {
				t.Errorf("%s reaches %d/2 pixels squared from the middle, want %d", c.name, farthest, c.reaches)
			}
		})
	}
}
