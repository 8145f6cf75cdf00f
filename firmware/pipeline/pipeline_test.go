package pipeline

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// A source draws noise, all of it different from frame to frame, or nothing new.
type source struct {
	took  time.Duration // that a frame takes
	still bool
	ask   func(n uint64)
	drawn []uint64
}

func (s *source) Render(dst draw.Image, n uint64) {
	if s.ask != nil {
		s.ask(n)
	}
	time.Sleep(s.took)
	if s.drawn != nil {
		s.drawn = append(s.drawn, n)
	}
	if s.still {
		return
	}
	pix := dst.(*image.Gray).Pix
	for i := range pix {
		pix[i] = uint8(i*7) + uint8(n)*85
	}
}

func newDisplay(t testing.TB, m *paneltest.Module, p panel.Panel, clock physic.Frequency) (panel.Display, *image.Gray) {
	t.Helper()
	d, err := panel.Open(m.Port(), m.DC(), &panel.Opts{Panel: p, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return d, image.NewGray(d.Bounds())
}

func newPipeline(t testing.TB, d panel.Display, s Source, img draw.Image, o Options) *Pipeline {
	t.Helper()
	p, err := New(d, s, img, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func find(t testing.TB, name string) panel.Panel {
	t.Helper()
	p, ok := panel.Find(name)
	if !ok {
		t.Fatalf("no panel %s", name)
	}
	return p
}

// TestFullWire: frames that change entirely, and take a while to be made, fill the wire.
func TestFullWire(t *testing.T) {
	for _, name := range []string{"st7789-240x240", "st7789-240x320"} {
		for _, clock := range []physic.Frequency{40 * physic.MegaHertz, 62500 * physic.KiloHertz} {
			for _, maxTx := range []int{4096, 65536} {
				t.Run(fmt.Sprintf("%s/%v/%d", name, clock, maxTx), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						m := paneltest.New(find(t, name))
						m.MaxTx, m.WireTime, m.Blind = maxTx, true, true
						d, img := newDisplay(t, m, find(t, name), clock)
						p := newPipeline(t, d, &source{took: 10 * time.Millisecond}, img, Options{Frames: 100})
						if err := p.Run(t.Context()); err != nil {
							t.Fatal(err)
						}
						// The first frame is made while there is nothing to send.
						s, full := p.Stats(), 2*img.Rect.Dx()*img.Rect.Dy()
						if s.Frames != 100 || s.Share() < 0.99 || s.Share() > 1 || s.BytesPerFrame() < float64(full) || s.BytesPerFrame() > float64(full+11) {
							t.Errorf("share %.3f, %.1f bytes a frame: %+v", s.Share(), s.BytesPerFrame(), s)
						}
					})
				})
			}
		}
	}
}

// TestPace: frames are due at the times of one clock.
func TestPace(t *testing.T) {
	frames := uint64(5000) // rounding errors, if they added up, would be seen
	if testing.Short() {
		frames = 500
	}
	synctest.Test(t, func(t *testing.T) {
		m := paneltest.New(find(t, "st7735-80x160"))
		d, img := newDisplay(t, m, find(t, "st7735-80x160"), 0)
		start := time.Now()
		s := &source{took: 3 * time.Millisecond, ask: func(n uint64) {
			if due, at := time.Duration(n)*time.Second/30, time.Since(start); at < due || at > due+time.Microsecond {
				t.Errorf("frame %d is drawn at %v, due at %v", n, at, due)
			}
		}}
		p := newPipeline(t, d, s, img, Options{FPS: 30, Frames: frames})
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if st := p.Stats(); st.Dropped != 0 || st.Frames != int64(frames) || st.Render != time.Duration(frames)*s.took {
			t.Errorf("%+v", st)
		}
	})
}

// TestDrop: where the wire is slower than the rate, frames are left out, and what is shown stays on
// time.
func TestDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := paneltest.New(find(t, "st7789-240x240"))
		m.MaxTx, m.WireTime, m.Blind = 65536, true, true
		d, img := newDisplay(t, m, find(t, "st7789-240x240"), 10*physic.MegaHertz) // 92 ms a frame
		start := time.Now()
		s := &source{drawn: []uint64{}, ask: func(n uint64) {
			if late := time.Since(start) - time.Duration(n)*time.Second/60; n < 599 && late > time.Second/60 {
				t.Errorf("frame %d is %v late", n, late)
			}
		}}
		p := newPipeline(t, d, s, img, Options{FPS: 60, Frames: 600})
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		st := p.Stats()
		if st.Frames+st.Dropped != 600 || st.Frames < 105 || st.Frames > 115 {
			t.Errorf("%+v", st)
		}
		if !slices.IsSorted(s.drawn) || s.drawn[len(s.drawn)-1] != 599 {
			t.Errorf("frames %v", s.drawn)
		}
	})
}

// TestIdle: what does not change is not drawn as fast as the processor can.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := paneltest.New(find(t, "st7789-240x240"))
		d, img := newDisplay(t, m, find(t, "st7789-240x240"), 0)
		p := newPipeline(t, d, &source{still: true}, img, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if s := p.Stats(); s.Frames < 90 || s.Frames > 110 || s.Bytes != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestFailures lets transfers fail: without a handler the first is the end, with one it goes on
// when the panel is back.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := "ili9341-240x320"
		m := paneltest.New(find(t, name))
		m.MaxTx = 65536
		d, img := newDisplay(t, m, find(t, name), 0)
		m.FailAt(60)
		p := newPipeline(t, d, &source{}, img, Options{})
		if err := p.Run(t.Context()); !errors.Is(err, paneltest.ErrInjected) {
			t.Fatalf("error %v", err)
		}

		var failed int
		s := &source{took: time.Millisecond, ask: func(n uint64) {
			switch n {
			case 50:
				m.Unplug()
			}
		}}
		p = newPipeline(t, d, s, img, Options{Frames: 100, Failed: func(err error) error {
			if !errors.Is(err, paneltest.ErrUnplugged) {
				return err
			}
			time.Sleep(time.Second)
			if failed++; failed == 5 {
				m.Replug()
			}
			return nil
		}})
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if st := p.Stats(); st.Failures != 5 || st.Frames != 95 {
			t.Errorf("%+v", st)
		}
		want := image.NewGray(img.Rect)
		s.Render(want, 99)
		got := m.Image()
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				r, g, b, _ := panel.RGB565Model.Convert(want.GrayAt(x, y)).RGBA()
				if c := got.RGBAAt(x, y); c.R != uint8(r>>8) || c.G != uint8(g>>8) || c.B != uint8(b>>8) {
					t.Fatalf("the glass differs at (%d,%d)", x, y)
				}
			}
		}
		if f := m.Faults(); len(f) > 0 {
			t.Error(f)
		}
	})
}

// TestEnd: when the context ends, Run returns at once, and the display can be used.
func TestEnd(t *testing.T) {
	for _, fps := range []int{0, 1, 30} {
		synctest.Test(t, func(t *testing.T) {
			name := "st7789-240x240"
			m := paneltest.New(find(t, name))
			m.WireTime, m.MaxTx = true, 4096
			d, img := newDisplay(t, m, find(t, name), 0)
			p := newPipeline(t, d, &source{took: 2 * time.Millisecond}, img, Options{FPS: fps})
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			start := time.Now()
			if err := p.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 1550*time.Millisecond {
				t.Errorf("Run returned %v after the start", took)
			}
			for range 3 {
				if err := d.Send(d.Prepare(img)); err != nil {
					t.Error(err)
				}
			}
			if err := d.Halt(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAllocatesNothing counts what two hundred frames allocate.
func TestAllocatesNothing(t *testing.T) {
	for fps, frames := range map[int]uint64{0: 230, 100: 240} {
		name := "st7735-80x160"
		m := paneltest.New(find(t, name))
		m.Blind, m.MaxTx = true, 65536
		d, img := newDisplay(t, m, find(t, name), 0)
		var before, after runtime.MemStats
		calls := 0
		s := &source{ask: func(uint64) {
			switch calls++; calls {
			case 20:
				runtime.ReadMemStats(&before)
			case 220:
				runtime.ReadMemStats(&after)
			}
		}}
		if err := newPipeline(t, d, s, img, Options{FPS: fps, Frames: frames}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The runtime itself may need a few.
		if n := after.Mallocs - before.Mallocs; calls < 220 || n > 20 {
			t.Errorf("%d frames per second: %d allocations in 200 of %d frames", fps, n, calls)
		}
	}
}

func TestClockIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock{fps: 7, start: time.Now().Add(-1000 * time.Hour)}
		n, ok := c.wait(t.Context(), 3, 1<<63)
		if want := uint64(1000 * 3600 * 7); !ok || n != want {
			t.Errorf("frame %d is due, want %d", n, want)
		}
		if n, _ := c.wait(t.Context(), 3, 500); n != 500 {
			t.Errorf("frame %d is due after the last", n)
		}
	})
	if _, err := New(nil, nil, nil, Options{FPS: -1}); err == nil {
		t.Error("a negative rate was accepted")
	}
}
