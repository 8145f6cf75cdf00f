package supervise

import (
	"context"
	"errors"
	"image"
	"image/color"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// A bench has a panel on an emulated port, and a supervisor of it.
type bench struct {
	*Supervisor
	module *paneltest.Module
	log    []string
	fails  error // of openings
	opened int
}

func newBench(ctx context.Context, giveUp time.Duration) *bench {
	p, _ := panel.Find("st7735-80x160")
	b := &bench{module: paneltest.New(p)}
	b.Supervisor = New(ctx, Options{GiveUp: giveUp, Log: func(_ slog.Level, sentence string, _ ...slog.Attr) { b.log = append(b.log, sentence) }})
	return b
}

func (b *bench) start() error {
	p, _ := panel.Find("st7735-80x160")
	return b.Start(func() (*port.Wires, error) {
		b.opened++
		if b.fails != nil {
			return nil, b.fails
		}
		spi := b.module.Port()
		w := &port.Wires{Port: spi, DC: b.module.DC(), Reset: b.module.Reset(), Backlight: b.module.Light()}
		w.OnClose(func() { spi.Close() })
		return w, nil
	}, panel.Opts{Panel: p})
}

// show shows a picture, trying again for as long as that is allowed.
func (b *bench) show(c color.Color) error {
	img := image.NewRGBA(b.Bounds())
	img.Set(1, 1, c)
	for {
		err := b.Draw(b.Bounds(), img, image.Point{})
		if err == nil {
			b.Worked()
			return nil
		}
		if err := b.Recover(err); err != nil {
			return err
		}
	}
}

// TestRecover: a panel that is away for a while is told of twice, and works.
func TestRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), time.Minute)
		if err := b.start(); err != nil {
			t.Fatal(err)
		}
		b.module.Unplug()
		time.AfterFunc(5*time.Second, b.module.Replug)
		if err := b.show(color.White); err != nil || b.Faulty() {
			t.Errorf("error %v, still faulty: %v", err, b.Faulty())
		}
		if len(b.log) != 2 || !strings.HasSuffix(b.log[0], "; trying again for 1m0s") || !strings.HasPrefix(b.log[1], "the panel is back after ") {
			t.Errorf("logged %q", b.log)
		}
		if err := b.Close(); err != nil || b.module.Backlight() != 0 {
			t.Errorf("error %v, backlight at %v", err, b.module.Backlight())
		}
	})
}

// TestGivenUp: a panel that stays away is given up after that time, with what was wrong last.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), 5*time.Second)
		if err := b.start(); err != nil {
			t.Fatal(err)
		}
		b.module.Unplug()
		from := time.Now()
		err := b.show(color.White)
		var given GivenUpError
		if !errors.As(err, &given) || given.After != 5*time.Second || !errors.Is(err, paneltest.ErrUnplugged) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(from); took < 5*time.Second || took > 5200*time.Millisecond {
			t.Errorf("given up after %v", took)
		}
	})
}

// TestStart: what a person must cure ends it at once, the end of the context as soon, and anything
// else is tried again.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.Context(), 0)
		b.fails = port.Setupf("no port")
		if err := b.start(); err != b.fails || b.opened != 1 {
			t.Errorf("error %v after %d openings", err, b.opened)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		b = newBench(ctx, 0)
		b.fails = errors.New("busy")
		if err := b.start(); !errors.Is(err, context.DeadlineExceeded) || b.opened < 1000 {
			t.Errorf("error %v after %d openings", err, b.opened)
		}
		if len(b.log) != 1 {
			t.Errorf("logged %q", b.log)
		}
		if b.Darken() {
			t.Error("a light that was never there is off")
		}
	})
}

// TestEndsWith: what goes on after the end of the context is waited for, but not for ever.
func TestEndsWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		want := errors.New("done")
		time.AfterFunc(time.Second, cancel)
		ended, err := EndsWith(ctx, StopTime, func() error { <-ctx.Done(); time.Sleep(StopTime / 2); return want })
		if !ended || err != want {
			t.Errorf("ended: %v, error %v", ended, err)
		}
		start := time.Now()
		ended, err = EndsWith(ctx, StopTime, func() error { time.Sleep(time.Hour); return want })
		if took := time.Since(start); ended || err != nil || took != StopTime {
			t.Errorf("ended: %v, error %v after %v", ended, err, took)
		}
		time.Sleep(2 * time.Hour)
	})
}
