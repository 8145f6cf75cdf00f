package player

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/keys/keystest"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
)

// negative is the synthetic model with bright and dark exchanged.
func negative() *model.Model {
	m := model.Synthetic()
	m.Name = "negative"
	for i, v := range m.Table {
		m.Table[i] = 255 - v
	}
	return m
}

// twoDimensional is a model of another latent space than the synthetic one's, in the same colours.
func twoDimensional() *model.Model {
	m := model.Synthetic()
	m.Name, m.Latent, m.Encoder = "two", 2, nil
	first := &m.Decoder[0]
	first.Weight = first.Weight[:2*len(first.Bias)]
	return m
}

func marshal(t testing.TB, m *model.Model) []byte {
	t.Helper()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A field is a rig that shows the model of a file.
type field struct {
	*rig
	file    *modelFile
	hangups chan os.Signal
}

// newField makes a rig that was started, as a service would be, with data in the file; nil: there
// is none.
func newField(t testing.TB, data []byte, args ...string) *field {
	t.Helper()
	name := filepath.Join(t.TempDir(), "model.safetensors")
	if data != nil {
		if err := atomicfile.WriteBytes(name, data); err != nil {
			t.Fatal(err)
		}
	}
	return newFieldOf(t, name, args...)
}

// newFieldOf makes one whose file is that.
func newFieldOf(t testing.TB, name string, args ...string) *field {
	t.Helper()
	f := &field{rig: newRig(t, append([]string{"--model", name}, args...)...), hangups: make(chan os.Signal, 1)}
	f.r.Unattended, f.r.Hangups = true, f.hangups
	if err := f.r.open(); err != nil {
		t.Fatal(err)
	}
	f.file = f.r.file
	return f
}

// write replaces the file.
func (f *field) write(data []byte) {
	if err := atomicfile.WriteBytes(f.file.name, data); err != nil {
		f.t.Error(err)
	}
}

// checkShown holds the glass to a frame that the model draws.
func (f *field) checkShown(what string, m *model.Model, frame uint64, args ...string) {
	f.t.Helper()
	d, err := decoder.New(m)
	if err != nil {
		f.t.Fatal(err)
	}
	r := testPlayer(f.t, args...)
	r.decoder.decoder = d
	want, err := r.render(frame, f.opts.Panel.Size)
	if err != nil {
		f.t.Fatal(err)
	}
	if !samePixels(paneltest.Turned(f.glass, f.opts.Rotation), f.onPanel(want)) {
		f.t.Errorf("%s: the glass does not show frame %d of model %s", what, frame, m.Name)
	}
	if faults := f.module.Faults(); len(faults) > 0 {
		f.t.Errorf("%s: %q", what, faults)
	}
}

// TestReload: a hangup and a change of the file go on to the new model, without a frame less; what
// is wrong with a file leaves everything as it is.
func TestReload(t *testing.T) {
	flipped := marshal(t, negative())
	flipped[len(flipped)/2] ^= 1
	grey := greyOf(model.Synthetic())
	for _, c := range []struct {
		name   string
		data   []byte // of the file after two seconds; nil: it is removed
		hangup bool
		shown  *model.Model
		frame  uint64 // that is shown in the end, the 121st
		log    []string
	}{
		{"changed", marshal(t, negative()), false, negative(), 120, []string{"model negative from "}},
		{"hangup", marshal(t, negative()), true, negative(), 120, []string{"model negative from "}},
		{"another latent space", marshal(t, twoDimensional()), true, twoDimensional(), 0, []string{"model two from "}},
		{"flipped bit", flipped, false, model.Synthetic(), 120, []string{"checksum"}},
		{"flipped bit, hangup", flipped, true, model.Synthetic(), 120, []string{"; model synthetic stays"}},
		{"empty", []byte{}, false, model.Synthetic(), 120, []string{"not a weights file"}},
		{"cut short", marshal(t, negative())[:5000], false, model.Synthetic(), 120, []string{"; model synthetic stays"}},
		{"gone", nil, false, model.Synthetic(), 120, []string{"no such file"}},
		{"other colours", marshal(t, grey), false, model.Synthetic(), 120, []string{"draws 1 channels, and what is shown has 3: start the program again; model synthetic stays"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newField(t, marshal(t, model.Synthetic()), "--panel", "st7735-80x160", "--fps", "10", "--frames", "121")
				time.AfterFunc(2*time.Second+time.Millisecond, func() {
					if c.data == nil {
						os.Remove(f.file.name)
					} else {
						f.write(c.data)
					}
					if c.hangup {
						f.hangups <- syscall.SIGHUP
					}
				})
				if err := f.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				frame := c.frame
				if frame == 0 {
					frame = 120 - f.r.first
				}
				f.checkShown(c.name, c.shown, frame)
				f.checkEnd(c.name)
				f.checkLog(c.name, c.log...)
				if s := f.r.meter.read(); s.Frames != 121 || s.Dropped != 0 || s.Failures != 0 {
					t.Errorf("%d frames shown, %d dropped, %d failed", s.Frames, s.Dropped, s.Failures)
				}
				if f.r.first > 25 {
					t.Errorf("the new model came with frame %d", f.r.first)
				}
			})
		})
	}
}

// TestReloadDisplays: so it is on every display, also by night.
func TestReloadDisplays(t *testing.T) {
	for i, name := range displays {
		if i%gate.Step(4) != 0 {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			panel, i2c := strings.CutSuffix(name, onI2C)
			args := []string{"--panel", panel, "--fps", "10", "--frames", "121"}
			f := newField(t, marshal(t, model.Synthetic()), args...)
			f.i2c = i2c
			time.AfterFunc(2*time.Second+time.Millisecond, func() { f.write(marshal(t, negative())) })
			if err := f.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.checkShown(name, negative(), 120, args...)
			f.checkEnd(name)
			f.checkLog(name, "model negative from ")
		})
	}
	synctest.Test(t, func(t *testing.T) { // which begins at midnight
		f := newField(t, marshal(t, model.Synthetic()))
		f.r.FPS, f.r.Frames, f.r.Clock.Zone = 10, 300, time.UTC
		time.AfterFunc(2*time.Second, func() { f.write(marshal(t, negative())) })
		k := &kernelFake{screen: screen{size: image.Pt(16, 9), show: func(int) error { return nil }}}
		tapped := 0
		k.show = func(int) error {
			if tapped++; tapped < 50 {
				f.r.keys.Tap(keys.NextScene, time.Now())
			}
			return nil
		}
		o := ScreenOptions{Night: night.Schedule{{From: 0, To: 1}}, Open: func() (Screen, error) { return k, nil }}
		if err := onScreen(t, t.Context(), f.r, o); err != nil {
			t.Fatal(err)
		}
		if !k.dark || f.r.info.Name != scene.Default {
			t.Errorf("keys that were pressed in the dark have made the scene %s", f.r.info.Name)
		}
		f.checkLog("by night", "model negative from ")
	})
}

// TestReloadStart: as a service, the program begins with the default model where the file cannot be
// shown, and shows it when it can.
func TestReloadStart(t *testing.T) {
	mnist, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	inverted := *mnist
	inverted.Name, inverted.Table = "inverted", negative().Table
	for _, c := range []struct {
		name string
		data []byte
		log  string
	}{
		{"missing", nil, "no such file"},
		{"bad", []byte("a text"), "not a weights file"},
	} {
		synctest.Test(t, func(t *testing.T) {
			args := []string{"--scene", "sample", "--panel", "st7735-80x160", "--fps", "5", "--frames", "101"}
			f := newField(t, c.data, args...)
			// Again and again bad, and in the end good.
			for i := range 3 {
				time.AfterFunc(time.Duration(i)*5*time.Second/2, func() { f.write([]byte("a text")) })
			}
			time.AfterFunc(10*time.Second, func() { f.write(marshal(t, &inverted)) })
			if err := f.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.checkShown(c.name, &inverted, 100, args...)
			lines := []string{c.log, "model inverted from "}
			if c.data == nil {
				lines = []string{c.log, "not a weights file", "model inverted from "}
			}
			f.checkLog(c.name, lines...)
		})
		// With somebody there it is an error.
		f := newRig(t, "--model", filepath.Join(t.TempDir(), "nowhere"))
		if err := f.r.open(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v", err)
		}
		f.checkLog("attended")
	}
	// What the edit scene shows of the default comes from the default's encoder.
	synctest.Test(t, func(t *testing.T) {
		photo := writeOne(t)
		f := newField(t, nil, "--scene", "edit", "--image", photo, "--toward", "4", "--panel", "st7735-80x160", "--fps", "5", "--frames", "3")
		if err := f.run(t.Context()); err != nil {
			t.Error(err)
		}
		f.checkLog("edit", "no such file")
	})
	r := newRig(t, "--model", "mnist-3")
	r.r.Unattended = true
	if err := r.r.open(); err != nil {
		t.Error(err)
	}
}

// TestReloadUnquiet: a file that is written where it is, slowly, is not read before it is whole.
func TestReloadUnquiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newField(t, marshal(t, model.Synthetic()), "--panel", "st7735-80x160", "--fps", "10", "--frames", "200")
		data := marshal(t, negative())
		go func() {
			time.Sleep(2 * time.Second)
			for part := range 11 {
				if err := os.WriteFile(f.file.name, data[:len(data)*part/10], 0o644); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
			}
		}()
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.checkShown("slowly", negative(), 199)
		f.checkLog("slowly", "model negative from ")
	})
}

// TestReloadFaults lets every look at the file and every reading of it fail once: in the end the
// new model is shown.
func TestReloadFaults(t *testing.T) {
	step := gate.Step(3)
	if testing.Short() {
		step = 4
	}
	for n := 1; ; n += step {
		failed := false
		synctest.Test(t, func(t *testing.T) {
			f := newField(t, marshal(t, model.Synthetic()), "--panel", "st7735-80x160", "--fps", "5", "--frames", "101")
			calls := 0
			fails := func(op string) error {
				if calls++; calls != n {
					return nil
				}
				failed = true
				return &fs.PathError{Op: op, Path: f.file.name, Err: syscall.EIO}
			}
			f.file.stat = func(name string) (fs.FileInfo, error) {
				if err := fails("stat"); err != nil {
					return nil, err
				}
				return os.Stat(name)
			}
			f.file.read = func(name string) (*model.Model, error) {
				if err := fails("read"); err != nil {
					return nil, err
				}
				return decoder.Open(name)
			}
			time.AfterFunc(3*time.Second, func() { f.write(marshal(t, negative())) })
			if err := f.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.checkShown(fmt.Sprintf("fault at call %d", n), negative(), 100)
			if lines := strings.Count(f.log.String(), "\n"); lines > 3 {
				t.Errorf("fault at call %d: logged\n%s", n, f.log)
			}
		})
		if !failed {
			if n < 10 {
				t.Errorf("only %d calls", n-1)
			}
			return
		}
	}
}

// TestReloadSteered: a scene that keys have moved stays where it is.
func TestReloadSteered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		args := []string{"--panel", "st7735-80x160", "--fps", "20", "--frames", "200"}
		left := keystest.New()
		f := newField(t, marshal(t, model.Synthetic()), args...)
		f.pins = []keys.Pin{{Key: panel.Key{Meaning: panel.Left}, PinIn: left}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(990*time.Millisecond, func() { left.Set(gpio.Low) })
		time.AfterFunc(1990*time.Millisecond, func() { left.Set(gpio.High) })
		time.AfterFunc(5*time.Second, func() { f.write(marshal(t, negative())); f.hangups <- syscall.SIGHUP })
		if err := f.run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		d, err := decoder.New(negative())
		if err != nil {
			t.Fatal(err)
		}
		s, _ := scene.Lookup("walk")
		size := f.opts.Panel.Size
		at, err := s.New(d, 1, size)
		if err != nil {
			t.Fatal(err)
		}
		// As in TestPanelKeys
		p, img := scene.NewPilot(at, 14), scene.NewImage(d.Model(), size, scene.Grey)
		for range 20 {
			p.Render(img, scene.Input{DX: -1})
		}
		if !samePixels(f.glass, f.onPanel(img)) {
			t.Error("the new model is not shown where the key has moved the old one")
		}
		f.checkLog("steered", "model negative from ")
		time.Sleep(2 * time.Second)
	})
}

// TestReloadBuiltIn: a hangup does no harm to a built-in model.
func TestReloadBuiltIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		args := []string{"--model", "mnist-16", "--panel", "st7735-80x160", "--fps", "10", "--frames", "50"}
		g := newRig(t, args...)
		f := &field{rig: g, hangups: make(chan os.Signal, 1)}
		g.r.Unattended, g.r.Hangups = true, f.hangups
		if err := g.r.open(); err != nil {
			t.Fatal(err)
		}
		dec := g.r.decoder.decoder
		f.hangups <- syscall.SIGHUP
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.checkShown("built in", dec.Model(), 49, args...)
		f.checkLog("built in", "model mnist-16 is shown")
	})
}
