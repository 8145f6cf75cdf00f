package player

import (
	"context"
	"errors"
	"image"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/supervise"
)

// A manager is what a notifier tells, and when.
type manager struct {
	start time.Time
	told  []string
	at    []time.Duration
}

func (m *manager) notifier(every time.Duration) *supervise.Notifier {
	m.start = time.Now()
	return supervise.NewNotifier(func(state string) error {
		m.told, m.at = append(m.told, state), append(m.at, time.Since(m.start))
		return errors.New("nobody listens, which must not matter")
	}, every)
}

// TestNotify: the first frame that is shown makes the program ready, further ones keep the watchdog
// quiet, no more often than it asks for, and a frame that hangs lets it bark.
func TestNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m manager
		r := testPlayer(t, "--scene", "manifold", "--frames", "101")
		r.notify = m.notifier(3 * time.Second)
		s := &screen{size: image.Pt(9, 9), show: func(n int) error {
			if len(m.told) == 0 && n > 1 {
				t.Errorf("frame %d without the program being ready", n)
			}
			if n == 81 {
				time.Sleep(time.Minute)
			}
			return nil
		}}
		if err := r.play(t.Context(), s, 10); err != nil {
			t.Fatal(err)
		}
		if want := []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"}; !slices.Equal(m.told, want) {
			t.Fatalf("told %q, want %q", m.told, want)
		}
		for i, want := range []time.Duration{0, 0, 3 * time.Second, 6 * time.Second, 68 * time.Second} {
			if d := m.at[i] - want; d < -time.Second/2 || d > time.Second/2 {
				t.Errorf("%s came at %v, want %v", m.told[i], m.at[i], want)
			}
		}
	})
}

// TestNotifyPanel: a panel that fails is being looked after, which the watchdog is told as well,
// and its state.
func TestNotifyPanel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m manager
		g := newRig(t, "--fps", "10", "--give-up", "0")
		g.module.WireTime, g.module.Blind = true, true
		g.r.notify = m.notifier(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		time.AfterFunc(2*time.Second, func() { g.module.Unplug() })
		time.AfterFunc(32*time.Second, func() { g.module.Replug() })
		if err := g.run(ctx); err != nil {
			t.Fatal(err)
		}
		var gap, last time.Duration
		var states []string
		for i, state := range m.told {
			if state == "WATCHDOG=1" {
				gap, last = max(gap, m.at[i]-last), m.at[i]
			} else {
				states = append(states, state)
			}
		}
		if gap > 10*time.Second || last < 30*time.Second {
			t.Errorf("the watchdog was told nothing for %v, and the last time after %v", gap, last)
		}
		if len(states) != 3 || states[0] != "READY=1" || states[2] != "STATUS=the panel is back" {
			t.Errorf("told %q", states)
		}
	})
}
