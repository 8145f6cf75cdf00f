package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
)

// After a fault the first trial comes after firstDelay, each further one after twice as long, up to longestDelay.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 2 * time.Second
	// soundTime is how long a panel must work before the delays start over.
	soundTime = 10 * time.Second
	// stopTime is how long the end may take. A frame that is on the wire comes first, or an initialisation of 0.3 s.
	stopTime = 800 * time.Millisecond
)

// A supervisor is a panel that outlives faults: after one it opens the port and the pins again, and the panel then initialises itself and
// is sent whole.
type supervisor struct {
	panel.Display
	link    *link
	ctx     context.Context
	giveUp  time.Duration // 0: never
	console *console
	notify  *notifier

	since time.Time     // of the first fault that nothing has worked after; zero: all is well
	back  time.Time     // when it worked again
	delay time.Duration // until the next trial
	said  string        // the last fault logged

	light atomic.Pointer[gpio.PinOut] // the backlight's pin as it was opened last
}

// start opens the panel. What only a person can mend is no fault to wait for.
func (s *supervisor) start(opener func() (*wires, error), opts panel.Opts) (err error) {
	for {
		if s.Display, s.link, err = openPanel(opener, opts); err == nil {
			s.well()
			return nil
		}
		if errors.As(err, new(setupError)) {
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
		return
	}
	s.back = time.Now()
	s.console.log("the panel is back after %.1f s", s.back.Sub(s.since).Seconds())
	s.notify.status("the panel is back")
	s.since, s.said = time.Time{}, ""
}

// mend is what happens when a frame could not be sent: it waits and opens the port and the pins again, until that succeeds, there is no more
// time, or the context ends.
func (s *supervisor) mend(err error) error {
	for {
		if err := s.fault(err); err != nil {
			return err
		}
		if err = s.link.open(); err == nil {
			return nil
		}
		if text := err.Error(); !strings.Contains(s.said, text) { // which names the cause already
			s.said = text
			s.console.log("%v", err)
		}
	}
}

// fault logs an error if it is the first one, and waits until the next trial.
func (s *supervisor) fault(err error) error {
	now := time.Now()
	s.notify.alive()
	if s.since.IsZero() {
		s.since = now
		if s.delay == 0 || now.Sub(s.back) > soundTime {
			s.delay = firstDelay
		}
		s.said = err.Error()
		until := "until it is back"
		if s.giveUp > 0 {
			until = fmt.Sprintf("for %v", s.giveUp)
		}
		s.console.log("%v; trying again %s", err, until)
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
	select {
	case <-time.After(wait):
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Close blanks the panel and releases the port and the pins. It tries to even when the panel has failed.
func (s *supervisor) Close() error {
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

// endsWith returns what f does. It returns false if f, which ought to end with the context, is still at it after stopTime.
func endsWith(ctx context.Context, f func() error) (ended bool, err error) {
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
	case <-time.After(stopTime):
		return false, nil
	}
}

// showPanel shows the scene on a panel until the context ends or there are no more frames. The openers open the port and the pins, and
// the keys.
func showPanel(ctx context.Context, r *renderer, open func() (*wires, error), openKeys func() ([]keyPin, []error)) error {
	s := &supervisor{ctx: ctx, giveUp: r.giveUp, console: r.console, notify: r.notify}
	opener := func() (*wires, error) {
		w, err := open()
		if err == nil && w.backlight != nil {
			s.light.Store(&w.backlight)
		}
		return w, err
	}
	if ended, err := endsWith(ctx, func() error { return s.show(r, opener, openKeys) }); ended {
		return err
	}
	light := ""
	if s.dark() {
		light = "; its backlight is off"
	}
	r.console.log("the panel was not blanked: a transfer has taken more than %v%s", stopTime, light)
	return nil
}

func (s *supervisor) show(r *renderer, opener func() (*wires, error), openKeys func() ([]keyPin, []error)) (err error) {
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
	if r.stats != statsOff || r.console.width != nil {
		for _, n := range r.notes(s) {
			r.console.log("%s", n)
		}
	}
	pins, missing := openKeys()
	for _, err := range missing {
		r.console.log("%v; this key does nothing", err)
	}
	if len(pins) > 0 {
		r.keys = &controls{}
		watchKeys(s.ctx, pins, r.keys)
	}
	if err := r.make(s.Bounds().Size()); err != nil {
		return err
	}
	p, err := pipeline.New(s, r, r.frame, pipeline.Options{FPS: r.fps, Frames: r.frames, Failed: s.mend})
	if err != nil {
		return err
	}
	r.meter.read = func() measure {
		return measure{p.Stats(), time.Duration(r.decoder.took.Load()), r.fps > 0}
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
		r.console.status(r.meter.total())
	}
	return nil
}
