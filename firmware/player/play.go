package player

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
)

// A Display is where frames are shown as they are drawn.
type Display interface {
	// Size is the size of the frames it takes now, in pixels. A window's changes.
	Size() image.Point
	// Show shows a frame of that size.
	Show(frame image.Image) error
	// Close leaves the display blank.
	Close() error
}

// A captioner is a display that has letters of its own.
type captioner interface {
	// Caption shows text below the frames to come.
	Caption(text []byte)
}

// play shows frame after frame on d until the context ends or there are no more, and closes d,
// whatever happens.
func (p *Player) play(ctx context.Context, d Display, fps int) (err error) {
	defer func() {
		if closing := d.Close(); err == nil {
			err = closing
		}
		if p.Stats == StatsLine && !p.meter.next.IsZero() {
			text, all := p.meter.total()
			p.console.Status(text, all.attrs)
			p.console.End()
		}
	}()
	start, took := time.Now(), p.decoder.took
	var frames int64
	var drawn time.Duration
	written, _ := d.(interface{ Written() int64 })
	p.meter.read = func() measure {
		m := measure{decode: time.Duration(took.Load())}
		m.Frames, m.Elapsed, m.Render = frames, time.Since(start), drawn
		if written != nil {
			m.Bytes = written.Written()
		}
		return m
	}
	letters, _ := d.(captioner)
	pace := pacer{fps: fps}
	for n := uint64(0); p.Frames == 0 || n < p.Frames; n++ {
		if !pace.wait(ctx) {
			return nil
		}
		if err := p.make(d.Size()); err != nil {
			return err
		}
		from := time.Now()
		if letters != nil {
			letters.Caption(p.live(n))
		} else {
			p.Render(nil, n)
		}
		drawn += time.Since(from)
		if err := d.Show(p.frame); err != nil {
			return err
		}
		frames++
		p.notify.Frame()
	}
	return nil
}

// terminalRate is how many frames a second a terminal is shown where no other number is asked for.
const terminalRate = 30

// OnTerminal shows the scene in a terminal until the context ends, there are no more frames, or a
// key ends it. What is typed steers it.
func (p *Player) OnTerminal(ctx context.Context, in, out *os.File) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	p.watch(ctx)
	p.keys = &keys.Controls{}
	d, err := terminal.Open(terminal.Options{In: in, Out: out, Ending: ctx.Done(), Listen: func(in io.Reader) { keys.Listen(in, p.keys, quit, terminal.Suspend) }})
	if err != nil {
		return err
	}
	w, window := d.(*terminal.Window)
	p.window = window && term.IsTerminal(int(os.Stderr.Fd())) // which would spoil the window
	p.inPicture = p.window || window && p.inPicture
	if window && term.IsTerminal(int(in.Fd())) {
		p.say(p.keyHelp(), helpTime)
	}
	if ended, err := supervise.EndsWith(ctx, p.stopTime, func() error { return p.play(ctx, d, cmp.Or(p.FPS, terminalRate)) }); ended {
		return err
	}
	// Nobody reads what is written: a terminal that hangs, a reader that is stopped.
	if window {
		w.RestoreInput()
	}
	return nil
}

// nowhere is the display that shows nothing.
type nowhere struct {
	size   image.Point
	frames int
}

func (d *nowhere) Size() image.Point      { return d.size }
func (d *nowhere) Show(image.Image) error { d.frames++; return nil }
func (d *nowhere) Close() error           { return nil }

// Time draws frames for nobody and prints how fast that went.
func (p *Player) Time(ctx context.Context, w io.Writer) error {
	d := &nowhere{size: p.Size}
	start := time.Now()
	if err := p.play(ctx, d, p.FPS); err != nil {
		return err
	}
	took := time.Since(start)
	_, err := fmt.Fprintf(w, "%d frames of %dx%d in %.3f s: %.1f frames/s\n", d.frames, d.size.X, d.size.Y, took.Seconds(), float64(d.frames)/took.Seconds())
	return err
}
