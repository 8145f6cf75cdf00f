package supervise

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"strings"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// The first retry comes firstDelay after a fault. Each later delay is twice the last, up to
// longestDelay.
const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 2 * time.Second
	// stableTime is how long a panel must work before the delays start over.
	stableTime = 10 * time.Second
)

// Options say how to supervise a panel.
type Options struct {
	What     string        // is supervised; "": the panel
	GiveUp   time.Duration // how long it may be broken; 0: for ever
	Log      func(level slog.Level, sentence string, attrs ...slog.Attr)
	Notifier *Notifier // nil: nobody is told
}

// A GivenUpError reports a panel that was broken for longer than allowed.
type GivenUpError struct {
	Err   error // what was wrong last
	After time.Duration
}

func (e GivenUpError) Error() string { return fmt.Sprintf("%v; given up after %v", e.Err, e.After) }

// Unwrap returns what was wrong last.
func (e GivenUpError) Unwrap() error { return e.Err }

// A Supervisor is a panel that survives faults: after one it reopens the port and the pins,
// initialises the panel and sends the whole picture. It logs a fault once and, when that is over,
// its length and the retries. A recurring fault, such as a loose contact, is counted and logged
// when the count has doubled, and at the end.
//
// Only one goroutine may use it, except for Darken and Dim.
type Supervisor struct {
	panel.Display // nil until Start
	Options
	link *port.Link
	ctx  context.Context

	since  time.Time     // when the present fault began; zero: all is well
	trials int           // since then
	back   time.Time     // when it worked again
	delay  time.Duration // until the next trial
	first  time.Time     // start of a run of faults less than stableTime apart
	faults int           // how many in that run; 0: there is none
	said   string        // errors logged in that run

	light atomic.Pointer[gpio.PinOut] // the backlight's pin, as last opened
	asked atomic.Int32                // 1 + the percent that Dim has asked for; 0: nothing
}

// New returns a supervisor without a panel. It stops waiting for one when ctx ends.
func New(ctx context.Context, o Options) *Supervisor {
	o.What = cmp.Or(o.What, "the panel")
	return &Supervisor{Options: o, ctx: ctx}
}

// Start opens the panel. It does not retry what only a person can cure, a [port.SetupError].
func (s *Supervisor) Start(open func() (*port.Wires, error), opts panel.Opts) (err error) {
	opener := func() (*port.Wires, error) {
		w, err := open()
		if err == nil && w.Backlight != nil {
			s.light.Store(&w.Backlight)
		}
		return w, err
	}
	for {
		if s.Display, s.link, err = port.OpenPanel(opener, opts); err == nil {
			s.Worked()
			return nil
		}
		if errors.As(err, new(port.SetupError)) {
			return err
		}
		if err := s.Failed(err); err != nil {
			return err
		}
	}
}

// Send implements panel.Display.
func (s *Supervisor) Send(u *panel.Update) error {
	var light error
	if asked := s.asked.Swap(0); asked > 0 {
		light = s.SetLight(int(asked) - 1)
	}
	err := s.Display.Send(u)
	if err == nil {
		err = light // after which the panel is initialised with it
	}
	if err == nil {
		s.Worked()
		s.Notifier.Frame()
	}
	return err
}

// Dim has the backlight be so bright, in percent, from the next frame that is sent.
func (s *Supervisor) Dim(percent int) { s.asked.Store(int32(percent) + 1) }

// Worked reports that something other than Send has worked.
func (s *Supervisor) Worked() {
	if s.since.IsZero() {
		if s.faults > 0 && time.Since(s.back) > stableTime {
			s.settled()
		}
		return
	}
	s.back = time.Now()
	s.Notifier.Status(s.What + " is back")
	if took := s.back.Sub(s.since); s.faults == 1 {
		s.Log(slog.LevelInfo, fmt.Sprintf("%s is back after %.1f s and %s", s.What, took.Seconds(), count(s.trials, "trial")),
			slog.Float64("seconds", took.Seconds()), slog.Int("trials", s.trials))
	}
	s.since = time.Time{}
}

// settled logs the end of a run of faults.
func (s *Supervisor) settled() {
	if s.faults > 1 {
		took := s.back.Sub(s.first)
		s.Log(slog.LevelInfo, fmt.Sprintf("%s works again after %s in %.1f s", s.What, count(s.faults, "fault"), took.Seconds()),
			slog.Float64("seconds", took.Seconds()), slog.Int("faults", s.faults))
	}
	s.faults, s.said = 0, ""
}

// Failed takes note of an error, which it logs if that is the first, and returns when what has
// failed may be tried again. Its own error is that time is up, or that the context has ended.
func (s *Supervisor) Failed(err error) error {
	now := time.Now()
	s.Notifier.Alive()
	if s.since.IsZero() {
		if s.faults > 0 && now.Sub(s.back) > stableTime {
			s.settled()
		}
		if s.faults == 0 {
			s.first, s.delay = now, firstDelay
		}
		s.since, s.trials = now, 0
		s.faults++
		until := "until it is back"
		if s.GiveUp > 0 {
			until = fmt.Sprintf("for %v", s.GiveUp)
		}
		if s.unlogged(err) {
			s.Log(slog.LevelWarn, fmt.Sprintf("%v; trying again %s", err, until), slog.Float64("give_up_seconds", s.GiveUp.Seconds()))
		} else if bits.OnesCount(uint(s.faults)) == 1 {
			took := now.Sub(s.first)
			s.Log(slog.LevelWarn, fmt.Sprintf("%v; %s in %.1f s", err, count(s.faults, "fault"), took.Seconds()),
				slog.Int("faults", s.faults), slog.Float64("seconds", took.Seconds()))
		}
		s.Notifier.Status(fmt.Sprintf("trying again: %v", err))
	}
	wait := s.delay
	s.delay = min(2*s.delay, longestDelay)
	if s.GiveUp > 0 {
		left := s.GiveUp - now.Sub(s.since)
		if left <= 0 {
			return GivenUpError{err, s.GiveUp}
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

// Ended logs the end of a run of faults that is over when the program ends.
func (s *Supervisor) Ended() {
	if s.faults > 1 && s.since.IsZero() {
		s.settled()
	}
}

// Recover reopens the port and the pins after a frame that could not be sent. It retries until that
// succeeds, time is up or the context ends.
func (s *Supervisor) Recover(err error) error {
	for {
		if err := s.Failed(err); err != nil {
			return err
		}
		if err = s.link.Reopen(); err == nil {
			return nil
		}
		if s.unlogged(err) {
			s.Log(slog.LevelWarn, err.Error())
		}
	}
}

// unlogged reports whether neither an error nor one that contains it has been logged.
func (s *Supervisor) unlogged(err error) bool {
	text := err.Error()
	if strings.Contains(s.said, text) {
		return false
	}
	if len(s.said) > 1<<12 { // of errors that always differ
		s.said = ""
	}
	s.said += text + "\n"
	return true
}

// Close blanks the panel, even a failed one if it can, and releases the port and the pins.
func (s *Supervisor) Close() error {
	s.Ended()
	err := s.Halt()
	s.link.Close()
	if !s.since.IsZero() {
		s.Darken() // the pin was closed with the port, if that is gone
		return nil // the fault has been logged
	}
	return err
}

// Faulty reports whether nothing has worked since the last fault.
func (s *Supervisor) Faulty() bool { return !s.since.IsZero() }

// MaxTxSize is how many bytes the port takes at a time; 0 where it states no limit.
func (s *Supervisor) MaxTxSize() int { return s.link.MaxTxSize() }

// Darken switches the backlight off by its pin alone, requesting that again if it was closed, and
// reports whether it could. Any goroutine may call it at any time.
func (s *Supervisor) Darken() bool {
	pin := s.light.Load()
	return pin != nil && (*pin).Out(gpio.Low) == nil
}

// count is a number with its noun, such as 2 faults.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}
