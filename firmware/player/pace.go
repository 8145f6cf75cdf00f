package player

import (
	"context"
	"time"
)

// A pacer lets frames go at a steady rate. Their times are all counted from one start, so that
// errors do not add up.
type pacer struct {
	fps   int // 0: no limit
	start time.Time
	n     int64
	timer *time.Timer
}

// lateLimit is how late a frame may be before the pacer gives up catching up: the display cannot
// keep the rate, or the machine slept.
const lateLimit = 250 * time.Millisecond

// wait waits until the next frame is due. It returns false when the context has ended.
func (p *pacer) wait(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if p.fps == 0 {
		return true
	}
	now := time.Now()
	if p.timer == nil {
		p.start = now
		p.timer = time.NewTimer(0)
		<-p.timer.C
	}
	// Split, because n seconds in nanoseconds would overflow after ten billion frames.
	fps := int64(p.fps)
	due := p.start.Add(time.Duration(p.n/fps)*time.Second + time.Duration(p.n%fps)*time.Second/time.Duration(fps))
	p.n++
	early := due.Sub(now)
	if early < -lateLimit {
		p.start, p.n = now, 1
		return true
	}
	if early <= 0 {
		return true
	}
	p.timer.Reset(early)
	select {
	case <-p.timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
