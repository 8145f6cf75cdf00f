package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"math/bits"
	"strings"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/terminal"
)

// After a fault the first trial comes after firstDelay, each further one after twice as long, up to longestDelay.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 2 * time.Second
	// soundTime is how long a panel must work before the delays start over.
	soundTime = 10 * time.Second
	// stopTime is how long the end may take. A frame that is on the wire comes first, or an initialisation of 0.3 s.
	stopTime = 800 * time.Millisecond
	// serviceStopTime is that of a service, for which nobody waits at a keyboard: a port that the kernel bit-bangs takes a second for a
	// frame. Service managers give ten seconds and more.
	serviceStopTime = 5 * time.Second
)

// A supervisor is a panel that outlives faults: after one it opens the port and the pins again, and the panel then initialises itself and
// is sent whole. It tells of a fault once and, when that is over, how long it took and how many trials; a fault that comes again and again,
// as with a loose contact, is counted and told of every time that the count has doubled, and in the end.
type supervisor struct {
	panel.Display
	link    *port.Link
	ctx     context.Context
	giveUp  time.Duration // 0: never
	console *terminal.Console
	notify  *notifier

	since  time.Time     // of the first fault that nothing has worked after; zero: all is well
	trials int           // since then
	back   time.Time     // when it worked again
	delay  time.Duration // until the next trial
	first  time.Time     // of the faults between which it has never worked for soundTime
	faults int           // how many of them; 0: it has worked for so long
	said   string        // errors logged since

	light atomic.Pointer[gpio.PinOut] // the backlight's pin as it was opened last
}

// start opens the panel. What only a person can mend is no fault to wait for.
func (s *supervisor) start(opener func() (*port.Wires, error), opts panel.Opts) (err error) {
	for {
		if s.Display, s.link, err = port.OpenPanel(opener, opts); err == nil {
			s.well()
			return nil
		}
		if errors.As(err, new(port.SetupError)) {
			return err
		}
		if err := s.fault(err); err != nil {
			return err
		}
	}
}

// Send implements panel.Display.
func (s *supervisor) Send(u *panel.Update) error {
	err := s.Display.Send(u)
	if err == nil {
		s.well()
		s.notify.frame()
	}
	return err
}

// well is what happens when something has worked.
func (s *supervisor) well() {
	if s.since.IsZero() {
		if s.faults > 0 && time.Since(s.back) > soundTime {
			s.sound()
		}
		return
	}
	s.back = time.Now()
	s.notify.status("the panel is back")
	if took := s.back.Sub(s.since); s.faults == 1 {
		s.console.Log(slog.LevelInfo, fmt.Sprintf("the panel is back after %.1f s and %s", took.Seconds(), count(s.trials, "trial")),
			slog.Float64("seconds", took.Seconds()), slog.Int("trials", s.trials))
	}
	s.since = time.Time{}
}

// sound tells of the end of faults that came again and again.
func (s *supervisor) sound() {
	if s.faults > 1 {
		took := s.back.Sub(s.first)
		s.console.Log(slog.LevelInfo, fmt.Sprintf("the panel works again after %s in %.1f s", count(s.faults, "fault"), took.Seconds()),
			slog.Float64("seconds", took.Seconds()), slog.Int("faults", s.faults))
	}
	s.faults, s.said = 0, ""
}

// mend is what happens when a frame could not be sent: it waits and opens the port and the pins again, until that succeeds, there is no more
// time, or the context ends.
func (s *supervisor) mend(err error) error {
	for {
		if err := s.fault(err); err != nil {
			return err
		}
		if err = s.link.Reopen(); err == nil {
			return nil
		}
		if s.news(err) {
			s.console.Log(slog.LevelWarn, err.Error())
		}
	}
}

// news reports whether an error, or one that names it, has not been logged yet.
func (s *supervisor) news(err error) bool {
	text := err.Error()
	if strings.Contains(s.said, text) {
		return false
	}
	if len(s.said) > 1<<12 { // of errors that are never the same
		s.said = ""
	}
	s.said += text + "\n"
	return true
}

// fault logs an error if it is the first one, and waits until the next trial.
func (s *supervisor) fault(err error) error {
	now := time.Now()
	s.notify.alive()
	if s.since.IsZero() {
		if s.faults > 0 && now.Sub(s.back) > soundTime {
			s.sound()
		}
		if s.faults == 0 {
			s.first, s.delay = now, firstDelay
		}
		s.since, s.trials = now, 0
		s.faults++
		until := "until it is back"
		if s.giveUp > 0 {
			until = fmt.Sprintf("for %v", s.giveUp)
		}
		if s.news(err) {
			s.console.Log(slog.LevelWarn, fmt.Sprintf("%v; trying again %s", err, until), slog.Float64("give_up_seconds", s.giveUp.Seconds()))
		} else if bits.OnesCount(uint(s.faults)) == 1 {
			took := now.Sub(s.first)
			s.console.Log(slog.LevelWarn, fmt.Sprintf("%v; %s in %.1f s", err, count(s.faults, "fault"), took.Seconds()),
				slog.Int("faults", s.faults), slog.Float64("seconds", took.Seconds()))
		}
		s.notify.status(fmt.Sprintf("trying again: %v", err))
	}
	wait := s.delay
	s.delay = min(2*s.delay, longestDelay)
	if s.giveUp > 0 {
		left := s.giveUp - now.Sub(s.since)
		if left <= 0 {
			return fmt.Errorf("%w; given up after %v, see --give-up", err, s.giveUp)
		}
		wait = min(wait, left)
	}
	s.trials++
	select {
	case <-time.After(wait):
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Close blanks the panel and releases the port and the pins. It tries to even when the panel has failed.
func (s *supervisor) Close() error {
	if s.faults > 1 && s.since.IsZero() {
		s.sound()
	}
	err := s.Halt()
	s.link.Close()
	if !s.since.IsZero() {
		s.dark()   // the pin was closed with the port, if that is gone
		return nil // the fault has been logged
	}
	return err
}

// dark switches the backlight off by its pin alone: a pin that was closed is requested again.
func (s *supervisor) dark() bool {
	pin := s.light.Load()
	return pin != nil && (*pin).Out(gpio.Low) == nil
}

// count says how many there are of something.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

// endsWith returns what f does. It returns false if f, which ought to end with the context, is still at it after that time.
func endsWith(ctx context.Context, most time.Duration, f func() error) (ended bool, err error) {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return true, err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return true, err
	case <-time.After(most):
		return false, nil
	}
}

// showPanel shows the scene on a panel until the context ends or there are no more frames. The openers open the port and the pins, and
// the keys.
func showPanel(ctx context.Context, r *renderer, open func() (*port.Wires, error), openKeys func() ([]keys.Pin, []error)) error {
	s := &supervisor{ctx: ctx, giveUp: r.giveUp, console: r.console, notify: r.notify}
	opener := func() (*port.Wires, error) {
		w, err := open()
		if err == nil && w.Backlight != nil {
			s.light.Store(&w.Backlight)
		}
		return w, err
	}
	if ended, err := endsWith(ctx, r.stopTime, func() error { return s.show(r, opener, openKeys) }); ended {
		return err
	}
	light := ""
	if s.dark() {
		light = "; its backlight is off"
	}
	r.console.Log(slog.LevelWarn, fmt.Sprintf("the panel was not blanked: a transfer has taken more than %v%s", r.stopTime, light))
	return nil
}

func (s *supervisor) show(r *renderer, opener func() (*port.Wires, error), openKeys func() ([]keys.Pin, []error)) (err error) {
	defer func() {
		if s.ctx.Err() != nil && errors.Is(err, s.ctx.Err()) {
			err = nil
		}
	}()
	if err := s.start(opener, r.panelOpts()); err != nil {
		return err
	}
	defer func() {
		if closing := s.Close(); err == nil {
			err = closing
		}
	}()
	if r.stats != statsOff || r.console.Attended() {
		for _, n := range r.notes(s) {
			r.console.Log(slog.LevelInfo, n)
		}
	}
	pins, missing := openKeys()
	for _, err := range missing {
		r.console.Log(slog.LevelWarn, fmt.Sprintf("%v; this key does nothing", err))
	}
	if len(pins) > 0 {
		r.keys = &keys.Controls{}
		keys.Watch(s.ctx, pins, r.keys)
	}
	if err := r.make(s.Bounds().Size()); err != nil {
		return err
	}
	p, err := pipeline.New(s, r, r.frame, pipeline.Options{FPS: r.fps, Frames: r.frames, Failed: s.mend})
	if err != nil {
		return err
	}
	took := r.decoder.took
	r.meter.read = func() measure {
		return measure{p.Stats(), time.Duration(took.Load()), r.fps > 0}
	}
	if err := p.Run(s.ctx); err != nil {
		return err
	}
	for !s.since.IsZero() && s.ctx.Err() == nil { // the last frame has failed, and none comes after it
		if err := s.Draw(s.Bounds(), r.frame, image.Point{}); err == nil {
			s.well()
		} else if err := s.mend(err); err != nil {
			return err
		}
	}
	if r.stats == statsLine {
		text, all := r.meter.total()
		r.console.Status(text, all.attrs)
	}
	return nil
}
