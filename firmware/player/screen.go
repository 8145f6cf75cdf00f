package player

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/firmware/touch"
)

// A Screen is a display beside the terminal, such as a [framebuffer.Screen].
type Screen interface {
	Display
	// Forget has the next frame drawn whole.
	Forget()
	// Power switches the screen off, or on again, if that is possible.
	Power(on bool)
	// Written is how many bytes have been drawn.
	Written() int64
}

// ScreenOptions say how to open a screen.
type ScreenOptions struct {
	Open func() (Screen, error) // again after a fault
	In   *os.File               // the terminal whose keys steer, and the console if it is one
	// Takes the console of the screen, [framebuffer.TakeConsole]; nil: it stays as it is
	Console func(in *os.File, left, come func()) (*framebuffer.Console, error)
	Keys    func() (pins []keys.Pin, missing []error)
	Touch   *touch.Options // nil: there is no touch screen
	GiveUp  time.Duration  // how long it may be broken; 0: for ever
	Night   night.Schedule
}

// OnScreen shows the scene on a screen that the kernel drives until the context or the frames end,
// or a key ends it. The screen's console shows no text meanwhile. A screen that fails is opened
// again, as a panel is.
func (p *Player) OnScreen(ctx context.Context, o ScreenOptions) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	p.watch(ctx)
	p.keys = &keys.Controls{}
	s := supervise.New(ctx, supervise.Options{What: "the screen", GiveUp: o.GiveUp, Log: p.console.Log, Notifier: p.notify})
	d := &kernelScreen{open: o.Open, supervisor: s}
	ended, err := supervise.EndsWith(ctx, p.stopTime, func() error {
		err := d.start()
		if err != nil {
			return err
		}
		if name, ok := d.shown.(fmt.Stringer); ok && (p.Stats != StatsOff || p.console.Attended()) {
			p.console.Log(slog.LevelInfo, "the screen is "+name.String())
		}
		d.takeConsole(ctx, o, p.console.Log, func(in io.Reader) { keys.Listen(in, p.keys, quit, terminal.Suspend) })
		p.watchKeys(ctx, o.Keys)
		p.watchTouch(ctx, o.Touch)
		p.dims(o.Night, d.light, false, 100)
		return p.play(ctx, d, cmp.Or(p.FPS, screenRate))
	})
	if !ended {
		p.console.Log(slog.LevelWarn, fmt.Sprintf("the screen was not blanked: its driver has taken more than %v", p.stopTime))
		return d.giveBack()
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// screenRate is how many frames a second a screen is shown where no other number is asked for.
const screenRate = 30

// A kernelScreen is a screen that survives faults, and gives way to other consoles.
type kernelScreen struct {
	open       func() (Screen, error)
	supervisor *supervise.Supervisor

	mu       sync.Mutex // of what is drawn, and of whose the screen is
	shown    Screen     // nil after a fault
	away     bool       // it is another console's
	size     image.Point
	switched bool  // it has been, off or on again
	dark     bool  // off
	before   int64 // bytes that were written before a fault
	unwatch  func()
	console  atomic.Pointer[framebuffer.Console] // nil: it stays as it is
	keyboard atomic.Pointer[terminal.Keyboard]   // nil: there is none
	once     sync.Once
}

// start opens the screen. What only a person can cure is not retried.
func (d *kernelScreen) start() (err error) {
	for {
		if d.shown, err = d.open(); err == nil {
			d.supervisor.Worked()
			d.size = d.shown.Size()
			return nil
		}
		if errors.As(err, new(framebuffer.SetupError)) {
			return err
		}
		if err := d.supervisor.Failed(err); err != nil {
			return err
		}
	}
}

// takeConsole takes the screen's console and the keyboard, where they can be had.
func (d *kernelScreen) takeConsole(ctx context.Context, o ScreenOptions, log func(slog.Level, string, ...slog.Attr), listen func(io.Reader)) {
	var console *framebuffer.Console
	if o.Console != nil {
		var err error
		console, err = o.Console(o.In, func() { d.leave(true) }, func() { d.leave(false) })
		switch {
		case errors.Is(err, framebuffer.ErrGraphics):
			log(slog.LevelWarn, err.Error()+`; "sudo systemctl isolate multi-user.target" ends it`)
		case err != nil:
			log(slog.LevelInfo, fmt.Sprintf("the console of the screen stays as it is, its text may show through: %v; vt.global_cursor_default=0 on the kernel's command line hides its cursor", err))
		}
	}
	keyboard := terminal.OpenKeyboard(o.In, listen)
	d.console.Store(console)
	d.keyboard.Store(keyboard)
	if console != nil || keyboard != nil { // to give back while the program is stopped
		d.unwatch = terminal.WatchStops(d.pause, d.resume, ctx.Done())
	}
}

// leave leaves the screen to another console, or comes back.
func (d *kernelScreen) leave(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away = away; !away && d.shown != nil {
		d.shown.Forget()
		d.lightUp() // the kernel has switched it on for the other console
	}
}

// pause leaves the screen and the keyboard while the program is stopped.
func (d *kernelScreen) pause() bool {
	d.leave(true)
	d.keyboard.Load().Pause()
	d.console.Load().Pause()
	return true
}

// resume takes them again. It reports false while the terminal is another job's.
func (d *kernelScreen) resume() bool {
	if !d.keyboard.Load().Resume() {
		return false
	}
	d.console.Load().Resume()
	d.leave(false)
	return true
}

// Size is the size of frames, as the screen was last.
func (d *kernelScreen) Size() image.Point {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown != nil {
		d.size = d.shown.Size()
	}
	return d.size
}

// Show shows a frame. After a fault the screen is opened again, and this frame left out.
func (d *kernelScreen) Show(frame image.Image) error {
	err := d.draw(frame)
	if err == nil {
		d.supervisor.Worked()
		return nil
	}
	for {
		if err := d.supervisor.Failed(err); err != nil {
			return err
		}
		if err = d.reopen(); err == nil {
			return nil
		}
	}
}

func (d *kernelScreen) draw(frame image.Image) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away {
		return nil
	}
	return d.shown.Show(frame)
}

func (d *kernelScreen) reopen() (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown != nil {
		d.before += d.shown.Written()
		d.shown.Close()
		d.shown = nil
	}
	shown, err := d.open()
	if err == nil {
		d.shown = shown
		d.lightUp()
	}
	return err
}

// light switches the screen on or off.
func (d *kernelScreen) light(percent int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.switched, d.dark = true, percent == 0
	if d.shown != nil && !d.away {
		d.shown.Power(!d.dark)
	}
}

// lightUp has a screen that has come again be on or off as it is to be.
func (d *kernelScreen) lightUp() {
	if d.switched && !d.away {
		d.shown.Power(!d.dark)
	}
}

// Written is how many bytes have been drawn.
func (d *kernelScreen) Written() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown == nil {
		return d.before
	}
	return d.before + d.shown.Written()
}

// Close leaves the screen black and gives its console back.
func (d *kernelScreen) Close() (err error) {
	d.supervisor.Ended()
	if d.unwatch != nil {
		d.unwatch()
	}
	d.mu.Lock()
	if d.shown != nil && !d.away {
		d.shown.Power(true)
		err = d.shown.Close()
	}
	d.mu.Unlock()
	if giving := d.giveBack(); err == nil {
		err = giving
	}
	return err
}

// giveBack gives the console and the keyboard back, whatever the driver of the screen does.
func (d *kernelScreen) giveBack() (err error) {
	d.once.Do(func() {
		d.keyboard.Load().Pause()
		err = d.console.Load().Close()
	})
	return err
}
