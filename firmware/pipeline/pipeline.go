// Package pipeline shows frame after frame on a panel without letting the wire idle: one frame is
// rendered, converted and compared while the one before is sent.
//
// A frame that is sent takes a board 8 to 30 ms, in which its processor waits for the transfer; a
// frame that is rendered takes a few. Two goroutines with two updates between them are therefore
// enough, and no frame is older than it must be.
package pipeline

import (
	"context"
	"errors"
	"image/draw"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

// A Source draws frames, as package scene does.
type Source interface {
	// Render draws frame n on dst, all of it.
	Render(dst draw.Image, n uint64)
}

// Options are how frames are shown.
type Options struct {
	// FPS is how many frames are due in a second; 0: as many as the wire carries. Frames are due at
	// times that are all counted from the start, so nothing drifts, and what is shown at a time
	// does not depend on how fast the wire is: frames for which there is no time are left out.
	FPS int

	// Frames is how many frames there are; 0: no end. The last one is shown in any case.
	Frames uint64

	// Failed is called after a frame could not be sent. It may log and wait; if it returns nil the
	// next frame is tried, on which the panel is initialised first, otherwise Run returns its
	// error. Without it Run returns the first error. It must not wait longer than Run's context.
	Failed func(error) error
}

// A Pipeline shows frames of a source on a display.
type Pipeline struct {
	display panel.Display
	source  Source
	image   draw.Image
	opts    Options

	start, sentBefore                 atomic.Int64
	frames, dropped, failures, render atomic.Int64 // time in nanoseconds
}

// New returns a pipeline that lets the source draw on the image and shows that on the display.
func New(d panel.Display, s Source, img draw.Image, o Options) (*Pipeline, error) {
	if o.FPS < 0 {
		return nil, errors.New("pipeline: a negative number of frames per second")
	}
	return &Pipeline{display: d, source: s, image: img, opts: o}, nil
}

// idle is how long the pipeline waits after a frame that changed nothing, if no rate is set: the
// wire gives none then.
const idle = 10 * time.Millisecond

// Run shows frames until there are no more or the context ends, which is no error. The display is
// left as it is. Run may be called again, and then begins with frame 0.
func (p *Pipeline) Run(ctx context.Context) error {
	p.start.Store(time.Now().UnixNano())
	p.sentBefore.Store(p.display.Sent().Bytes)
	for _, c := range []*atomic.Int64{&p.frames, &p.dropped, &p.failures, &p.render} {
		c.Store(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	ready := make(chan *panel.Update, 1)
	go func() {
		defer close(ready)
		p.prepare(ctx, ready)
	}()
	defer func() {
		cancel()
		for u := range ready {
			p.display.Discard(u)
		}
	}()
	for u := range ready {
		if ctx.Err() != nil {
			p.display.Discard(u)
			continue
		}
		if err := p.send(u); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) send(u *panel.Update) error {
	if err := p.display.Send(u); err != nil {
		p.failures.Add(1)
		if p.opts.Failed == nil {
			return err
		}
		return p.opts.Failed(err)
	}
	p.frames.Add(1)
	return nil
}

// prepare renders frames and makes updates of them.
func (p *Pipeline) prepare(ctx context.Context, ready chan<- *panel.Update) {
	c := clock{fps: p.opts.FPS}
	last := p.opts.Frames - 1 // or no end
	for n, more := uint64(0), true; more; n++ {
		due, ok := c.wait(ctx, n, last)
		if !ok {
			return
		}
		p.dropped.Add(int64(due - n))
		n = due
		more = n != last
		from := time.Now()
		p.source.Render(p.image, n)
		p.render.Add(int64(time.Since(from)))
		u := p.display.Prepare(p.image) // waits for the wire
		empty := u.Empty()
		select {
		case ready <- u:
		case <-ctx.Done():
			p.display.Discard(u)
			return
		}
		if empty && p.opts.FPS == 0 && more && !c.sleep(ctx, idle) {
			return
		}
	}
}

// A clock tells which frame is due.
type clock struct {
	fps   int
	start time.Time
	timer *time.Timer
}

// wait waits until frame n is due, and returns it or, if that was so long ago that another one is
// due, that one, but none after last. It returns false when the context has ended.
func (c *clock) wait(ctx context.Context, n, last uint64) (due uint64, ok bool) {
	if ctx.Err() != nil {
		return 0, false
	}
	if c.fps == 0 {
		return n, true
	}
	if c.start.IsZero() {
		c.start = time.Now()
	}
	// In seconds and their fractions, because n seconds in nanoseconds would overflow after ten
	// billion frames.
	fps := uint64(c.fps)
	at := c.start.Add(time.Duration(n/fps)*time.Second + time.Duration(n%fps)*time.Second/time.Duration(fps))
	if early := time.Until(at); early > 0 {
		return n, c.sleep(ctx, early)
	}
	since := time.Since(c.start)
	due = uint64(since/time.Second)*fps + uint64(since%time.Second)*fps/uint64(time.Second)
	return min(max(n, due), last), true
}

// sleep returns false when the context has ended.
func (c *clock) sleep(ctx context.Context, d time.Duration) bool {
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	select {
	case <-c.timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Stats are what a pipeline has done since Run was called.
type Stats struct {
	Elapsed  time.Duration
	Frames   int64         // sent
	Dropped  int64         // left out because there was no time
	Failures int64         // frames that could not be sent
	Bytes    int64         // on the wire
	Wire     time.Duration // that the bytes take at the display's clock
	Render   time.Duration // spent in the source
}

// Stats returns what has been done so far. It may be called at any time.
func (p *Pipeline) Stats() Stats {
	s := Stats{
		Frames: p.frames.Load(), Dropped: p.dropped.Load(), Failures: p.failures.Load(),
		Bytes:  p.display.Sent().Bytes - p.sentBefore.Load(),
		Render: time.Duration(p.render.Load()),
	}
	if start := p.start.Load(); start != 0 {
		s.Elapsed = time.Duration(time.Now().UnixNano() - start)
	}
	s.Wire = time.Duration(float64(8*s.Bytes) / (float64(p.display.Clock()) / float64(physic.Hertz)) * float64(time.Second))
	return s
}

// Since returns what was done between two times.
func (s Stats) Since(before Stats) Stats {
	return Stats{
		s.Elapsed - before.Elapsed, s.Frames - before.Frames, s.Dropped - before.Dropped, s.Failures - before.Failures,
		s.Bytes - before.Bytes, s.Wire - before.Wire, s.Render - before.Render,
	}
}

// FPS returns the frames per second.
func (s Stats) FPS() float64 { return ratio(float64(s.Frames), s.Elapsed.Seconds()) }

// BytesPerFrame returns the bytes of a frame, commands included.
func (s Stats) BytesPerFrame() float64 { return ratio(float64(s.Bytes), float64(s.Frames)) }

// Share returns the share of the time in which the wire carried something, 0 to 1.
func (s Stats) Share() float64 { return ratio(float64(s.Wire), float64(s.Elapsed)) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
