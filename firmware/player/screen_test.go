package player

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/firmware/touch"
	"github.com/vae-edge/vae-edge/firmware/touch/touchtest"
)

// A kernelFake is a screen of the kernel's that remembers what was done with it.
type kernelFake struct {
	screen
	forgot int
	power  []bool
	dark   bool // the last frame was black
}

func (k *kernelFake) Forget()        { k.forgot++ }
func (k *kernelFake) Power(on bool)  { k.power = append(k.power, on) }
func (k *kernelFake) Written() int64 { return int64(100 * len(k.shown)) }

func (k *kernelFake) Show(frame image.Image) error {
	k.dark = true
	for y := range frame.Bounds().Dy() {
		for x := range frame.Bounds().Dx() {
			r, g, b, _ := frame.At(x, y).RGBA()
			k.dark = k.dark && r|g|b == 0
		}
	}
	return k.screen.Show(frame)
}

// loggedPlayer returns a player that logs to a buffer.
func loggedPlayer(t *testing.T, args ...string) (*Player, *bytes.Buffer) {
	r, log := testPlayer(t, args...), &bytes.Buffer{}
	r.console = terminal.NewConsole(log, terminal.ConsoleOptions{Name: "vae-edge"})
	return r, log
}

// onScreen runs a player on screens that are opened one after the other.
func onScreen(t *testing.T, ctx context.Context, r *Player, o ScreenOptions) error {
	in, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	o.In = in
	o.Keys = func() ([]keys.Pin, []error) { return nil, nil }
	return r.OnScreen(ctx, o)
}

// TestScreenFaults: a screen that fails is opened again, at its size then, and what comes of it is
// logged once. One that cannot be shown anything ends the program at once, one that stays away in
// the end.
func TestScreenFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := loggedPlayer(t, "--frames", "300", "--scene", "manifold")
		first := &kernelFake{screen: screen{size: image.Pt(16, 9), show: func(n int) error {
			if n == 50 {
				return errors.New("no such device")
			}
			return nil
		}}}
		second := &kernelFake{screen: screen{size: image.Pt(20, 10), show: func(int) error { return nil }}}
		opened := 0
		err := onScreen(t, t.Context(), r, ScreenOptions{GiveUp: time.Minute, Open: func() (Screen, error) {
			opened++
			switch opened {
			case 1:
				return first, nil
			case 2, 3, 4:
				return nil, errors.New("it is not back")
			}
			return second, nil
		}})
		if err != nil || first.closed != 1 || second.closed != 1 || len(second.shown) != 300-51 {
			t.Errorf("%v; closed %d and %d times, %d frames on the second", err, first.closed, second.closed, len(second.shown))
		}
		if text := log.String(); strings.Count(text, "no such device; trying again for 1m0s") != 1 || strings.Count(text, "the screen is back after") != 1 {
			t.Error(text)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r, _ := loggedPlayer(t)
		start := time.Now()
		err := onScreen(t, t.Context(), r, ScreenOptions{Open: func() (Screen, error) { return nil, framebuffer.SetupError{} }})
		if !errors.As(err, new(framebuffer.SetupError)) || time.Since(start) > 0 {
			t.Error(err)
		}
		err = onScreen(t, t.Context(), r, ScreenOptions{GiveUp: time.Minute, Open: func() (Screen, error) { return nil, errors.New("busy") }})
		if !errors.As(err, new(supervise.GivenUpError)) {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err = onScreen(t, ctx, r, ScreenOptions{Open: func() (Screen, error) { return nil, errors.New("busy") }}); err != nil {
			t.Error(err)
		}
	})
}

// TestScreenByNight: the screen is switched off and on again at its time, and on in the end.
func TestScreenByNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at midnight
		off, err := night.ParseOff("0:01-0:02")
		if err != nil {
			t.Fatal(err)
		}
		r, _ := loggedPlayer(t, "--frames", "1800")
		r.FPS, r.Clock.Zone = 10, time.UTC
		k := &kernelFake{}
		k.screen = screen{size: image.Pt(16, 9), show: func(n int) error {
			if n == 900 && (len(k.power) != 1 || k.power[0] || !k.dark) || n == 1700 && (len(k.power) != 2 || !k.power[1] || k.dark) {
				t.Errorf("frame %d: switched %v, dark %t", n, k.power, k.dark)
			}
			return nil
		}}
		if err := onScreen(t, t.Context(), r, ScreenOptions{Night: off, Open: func() (Screen, error) { return k, nil }}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestScreenByNightFaulty: a screen that is opened again in the dark, or comes back from another
// console, is off as well.
func TestScreenByNightFaulty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at midnight
		r, _ := loggedPlayer(t, "--frames", "1800")
		r.FPS, r.Clock.Zone = 10, time.UTC
		var all []*kernelFake
		err := onScreen(t, t.Context(), r, ScreenOptions{
			Night: night.Schedule{{From: 1, To: 2}}, GiveUp: time.Minute,
			Open: func() (Screen, error) {
				k := &kernelFake{screen: screen{size: image.Pt(16, 9)}}
				k.show = func(n int) error {
					if len(all) == 1 && n == 700 {
						return errors.New("input/output error")
					}
					return nil
				}
				all = append(all, k)
				return k, nil
			},
			Console: func(_ *os.File, left, come func()) (*framebuffer.Console, error) {
				time.AfterFunc(80*time.Second, left)
				time.AfterFunc(90*time.Second, come)
				return nil, errors.New("no such console")
			},
		})
		if err != nil || len(all) != 2 {
			t.Fatalf("%v, %d screens", err, len(all))
		}
		// As it is opened and as it comes back, by day, and in the end
		if got := all[1].power; !slices.Equal(got, []bool{false, false, true, true}) || all[1].dark {
			t.Errorf("switched %v", got)
		}
	})
}

// TestScreenLeft: nothing is drawn while another console has the screen, and all of it afterwards.
func TestScreenLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, log := loggedPlayer(t, "--frames", "100")
		r.FPS = 10
		k := &kernelFake{screen: screen{size: image.Pt(16, 9), show: func(int) error { return nil }}}
		err := onScreen(t, t.Context(), r, ScreenOptions{
			Open: func() (Screen, error) { return k, nil },
			Console: func(_ *os.File, left, come func()) (*framebuffer.Console, error) {
				time.AfterFunc(2010*time.Millisecond, left)
				time.AfterFunc(7010*time.Millisecond, come)
				return nil, errors.New("no such console")
			},
		})
		if err != nil || len(k.shown) != 50 || k.forgot != 1 || k.closed != 1 {
			t.Errorf("%v: %d frames shown, forgotten %d times, closed %d times", err, len(k.shown), k.forgot, k.closed)
		}
		if !strings.Contains(log.String(), "the console of the screen stays as it is, its text may show through: no such console") {
			t.Error(log)
		}
	})
}

// TestScreenHangs: a driver that hangs does not keep the program.
func TestScreenHangs(t *testing.T) {
	r, log := loggedPlayer(t)
	r.stopTime = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan bool)
	defer close(hang)
	k := &kernelFake{screen: screen{size: image.Pt(16, 9), show: func(int) error {
		cancel()
		<-hang
		return nil
	}}}
	if err := onScreen(t, ctx, r, ScreenOptions{Open: func() (Screen, error) { return k, nil }}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "the screen was not blanked: its driver has taken more than 50ms") {
		t.Error(log)
	}
}

// TestScreenTouched: a tap shows the next scene, and says which, once.
func TestScreenTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := loggedPlayer(t, "--frames", "300", "--scene", "manifold")
		r.FPS = 30
		before := r.info.Name
		chip := touchtest.New()
		tap := func(down bool) func() {
			return func() {
				chip.Do(func(c *touchtest.Chip) {
					if c.Finger = nil; down {
						c.Finger = &touchtest.Finger{X: 2000, Y: 2000, Ohms: 300}
					}
				})
			}
		}
		time.AfterFunc(time.Second, tap(true))
		time.AfterFunc(1200*time.Millisecond, tap(false))
		k := &kernelFake{screen: screen{size: image.Pt(16, 9), show: func(int) error { return nil }}}
		o := &touch.Options{Calibration: touch.DefaultCalibration, Open: func() (*port.Wires, error) { return &port.Wires{Port: chip}, nil }}
		if err := onScreen(t, t.Context(), r, ScreenOptions{Touch: o, Open: func() (Screen, error) { return k, nil }}); err != nil {
			t.Fatal(err)
		}
		all := r.scenes
		if next := all[(indexOf(all, before)+1)%len(all)].Name; r.info.Name != next {
			t.Errorf("scene %s follows %s, want %s", r.info.Name, before, next)
		}
		other, log := loggedPlayer(t, "--frames", "30")
		o.Open = func() (*port.Wires, error) { return nil, errors.New("no SPI port spi0.1") }
		if err := onScreen(t, t.Context(), other, ScreenOptions{Touch: o, Open: func() (Screen, error) { return k, nil }}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "touch: no SPI port spi0.1; touches do nothing") {
			t.Error(log)
		}
	})
}
