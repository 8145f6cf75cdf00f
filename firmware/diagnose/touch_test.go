package diagnose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/touch"
	"github.com/vae-edge/vae-edge/firmware/touch/touchtest"
)

// TestCalibrate: somebody who presses the corners that are named, on glass whose axes go any way
// and a picture that is turned, is told the calibration of that glass.
func TestCalibrate(t *testing.T) {
	size := image.Pt(240, 320)
	for _, glass := range []touch.Calibration{{Left: 300, Right: 3800, Top: 3700, Bottom: 250}, {Left: 3900, Right: 200, Top: 240, Bottom: 3850, Swap: true}} {
		for turn := 0; turn < 360; turn += 90 {
			synctest.Test(t, func(t *testing.T) {
				picture := size
				if turn%180 != 0 {
					picture = image.Pt(size.Y, size.X)
				}
				chip := touchtest.New()
				var out bytes.Buffer
				o := &touch.Options{Rotation: turn, Open: func() (*port.Wires, error) { return &port.Wires{Port: chip}, nil }}
				go func() {
					for _, at := range panel.CardCorners(picture) {
						time.Sleep(time.Second)
						glassAt := touch.Turned(image.Pt((2*at.X+1)*touch.Whole/(2*picture.X), (2*at.Y+1)*touch.Whole/(2*picture.Y)), 360-turn)
						x, y := glassAt.X, glassAt.Y
						f := touchtest.Finger{X: glass.Left + (glass.Right-glass.Left)*x/touch.Whole, Y: glass.Top + (glass.Bottom-glass.Top)*y/touch.Whole, Ohms: 300}
						if glass.Swap {
							f.X, f.Y = f.Y, f.X
						}
						chip.Do(func(c *touchtest.Chip) { c.Finger = &f })
						time.Sleep(time.Second)
						chip.Do(func(c *touchtest.Chip) { c.Finger = nil })
					}
				}()
				calibrate(t.Context(), o, picture, func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) })
				_, text, ok := strings.Cut(out.String(), "touch-calibration = ")
				got, err := touch.ParseCalibration(strings.TrimSpace(text))
				if !ok || err != nil {
					t.Fatalf("%v\n%s", err, &out)
				}
				for _, d := range []int{got.Left - glass.Left, got.Right - glass.Right, got.Top - glass.Top, got.Bottom - glass.Bottom} {
					if d < -15 || d > 15 || got.Swap != glass.Swap {
						t.Errorf("turned by %d: %v for %v", turn, got, glass)
					}
				}
			})
		}
	}
}

// TestNoCalibration: what does not work says so, and the end of the probe ends it.
func TestNoCalibration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := touchtest.New()
		open := func() (*port.Wires, error) { return &port.Wires{Port: chip}, nil }
		for _, c := range []struct {
			open func() (*port.Wires, error)
			do   func(c *touchtest.Chip)
			want string
		}{
			{func() (*port.Wires, error) { return nil, errors.New("no SPI port spi0.1") }, nil, "no SPI port spi0.1\n"},
			{open, func(c *touchtest.Chip) { c.Stuck = 1 }, "does not answer"},
			{open, func(c *touchtest.Chip) { c.Stuck = 0 }, "press the middle of TL\n"},
		} {
			if c.do != nil {
				chip.Do(c.do)
			}
			var out bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			calibrate(ctx, &touch.Options{Open: c.open}, image.Pt(240, 320), func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) })
			cancel()
			if text := out.String(); !strings.HasSuffix(text, c.want) && !(c.want == "does not answer" && strings.Contains(text, c.want)) {
				t.Errorf("want %q: %s", c.want, text)
			}
		}
	})
}
