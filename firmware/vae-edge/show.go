package main

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
)

// A display is where frames are shown as they are drawn.
type display interface {
	// Size is the size of the frames it takes now, in pixels. A window's changes.
	Size() image.Point
	// Show shows a frame of that size.
	Show(frame image.Image) error
	// Close leaves the display blank.
	Close() error
}

// A writer is a display that has letters of its own.
type writer interface {
	// Caption shows text over the lower edge of the frames to come.
	Caption(text []byte)
}

// show shows the scene where the command line says. A hangup has the model read again; nil: none comes.
func show(ctx context.Context, c *config, stdin, stdout *os.File, hangups <-chan os.Signal) (err error) {
	con := terminal.NewConsole(os.Stderr, terminal.ConsoleOptions{Name: "vae-edge", Format: c.log})
	defer func() {
		con.End()
		if err != nil && con.Structured() {
			con.Log(slog.LevelError, err.Error())
			err = loggedError{err}
		}
	}()
	unattended := c.unattended()
	dec, file, err := c.openModel(con, unattended)
	if err != nil {
		return err
	}
	if c.edit.done != "" {
		con.Log(slog.LevelInfo, c.edit.done)
	}
	r := newRenderer(c, dec, con)
	if unattended {
		r.stopTime = supervise.ServiceStopTime
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.display.kind == targetSPI || c.display.kind == targetTerm {
		r.models, r.refused = file.watch(ctx, hangups), file.refused
	}
	switch c.display.kind {
	case targetPNG:
		return writePNG(c.display.file, r)
	case targetGIF:
		return writeGIF(ctx, c.display.file, r)
	case targetNone:
		return timed(ctx, stdout, r)
	case targetSPI:
		open := func() (*port.Wires, error) { return opened(port.Open(c.portOptions())) }
		return cured(showPanel(ctx, r, open, func() ([]keys.Pin, []error) {
			return keys.Open(keys.Options{Keys: c.board.Keys, Input: port.Input})
		}))
	}
	r.keys = &keys.Controls{}
	d, err := terminal.Open(terminal.Options{In: stdin, Out: stdout, Listen: func(in io.Reader) { keys.Listen(in, r.keys, cancel) }})
	if err != nil {
		return err
	}
	w, window := d.(*terminal.Window)
	fps := c.fps
	if fps == 0 {
		fps = 30
	}
	r.window = window && term.IsTerminal(int(os.Stderr.Fd())) // which would spoil the window
	r.inPicture = r.window || window && r.inPicture
	if window && term.IsTerminal(int(stdin.Fd())) {
		r.say(keys.Help, 4*time.Second)
	}
	if ended, err := supervise.EndsWith(ctx, r.stopTime, func() error { return play(ctx, d, r, fps) }); ended {
		return err
	}
	// Nobody reads what is written: a terminal that hangs, a reader that is stopped.
	if window {
		w.RestoreInput()
	}
	return nil
}

// A renderer draws the scene at whatever size is asked for. Where frames are shown as they are drawn, keys steer it and captions tell
// about it.
type renderer struct {
	*config
	decoder  *stopwatch
	console  *terminal.Console
	notify   *supervise.Notifier
	stopTime time.Duration // how long the end may take
	shown    scene.Scene
	frame    draw.Image

	keys  *keys.Controls // nil: none
	info  scene.Info     // the scene now
	first uint64         // the frame with which it began
	pilot *scene.Pilot   // nil until it is steered

	models  <-chan successor // of the model; nil: it stays
	coming  chan candidate   // what is being made of one; nil: nothing
	refused string           // why the last one was not shown

	window    bool // messages are shown over the picture, not logged
	meter     meter
	inPicture bool // the meter's text goes into the picture
	note      []byte
	until     time.Time // when the note goes
}

func newRenderer(c *config, d *decoder.Decoder, con *terminal.Console) *renderer {
	return &renderer{config: c, decoder: &stopwatch{d, new(atomic.Int64)}, console: con, notify: supervise.FromEnvironment(), stopTime: supervise.StopTime, info: c.scene, inPicture: c.stats == statsOverlay}
}

// make makes the scene and the image for frames of that size, if they are not for it.
func (r *renderer) make(size image.Point) error {
	if r.frame != nil && r.frame.Bounds().Size() == size {
		return nil
	}
	s, err := r.info.New(r.decoder, r.seed, size)
	if err != nil {
		return err
	}
	r.shown, r.frame, r.pilot = s, scene.NewImage(r.decoder.Model(), size, r.palette), nil
	return nil
}

// render returns frame n. The image is valid until the next call.
func (r *renderer) render(n uint64, size image.Point) (image.Image, error) {
	if err := r.make(size); err != nil {
		return nil, err
	}
	r.shown.Render(r.frame, n)
	return r.frame, nil
}

// live draws what is to be seen when frame n is due: that frame or, once keys were pressed, what they say. It returns the text to be
// seen with it.
func (r *renderer) live(n uint64) (caption []byte) {
	now := time.Now()
	r.succeed(n)
	in := scene.Input{}
	if r.keys != nil {
		var next int
		if in, next = r.keys.Take(now); next > 0 {
			r.change(next, n)
		}
	}
	if in != (scene.Input{}) && r.pilot == nil {
		r.pilot = scene.NewPilot(r.shown, n-r.first)
	}
	if r.pilot != nil {
		r.pilot.Render(r.frame, in)
	} else {
		r.shown.Render(r.frame, n-r.first)
	}
	if r.stats != statsOff && r.meter.tick(now) && !r.inPicture {
		r.console.Status(r.meter.text, r.meter.last.attrs)
	}
	switch {
	case now.Before(r.until):
		return r.note
	case r.inPicture && r.stats != statsOff:
		return r.meter.text
	}
	return nil
}

// change goes on to another scene, which begins with frame n.
func (r *renderer) change(by int, n uint64) {
	all := r.scenes
	i := slices.IndexFunc(all, func(s scene.Info) bool { return s.Name == r.info.Name })
	for range all {
		i = (i + by) % len(all)
		by = 1
		s, err := all[i].New(r.decoder, r.seed, r.frame.Bounds().Size())
		if err != nil {
			continue // the model has not got what it shows
		}
		r.info, r.shown, r.first, r.pilot = all[i], s, n, nil
		r.say(r.info.Name, 1500*time.Millisecond)
		return
	}
}

// say shows text for a while.
func (r *renderer) say(text string, d time.Duration) {
	r.note, r.until = append(r.note[:0], text...), time.Now().Add(d)
}

// Render implements pipeline.Source on the renderer's own image.
func (r *renderer) Render(dst draw.Image, n uint64) { scene.Caption(dst, r.live(n)) }

// play shows frame after frame on d until the context ends or there are no more, and closes d, whatever happens.
func play(ctx context.Context, d display, r *renderer, fps int) (err error) {
	defer func() {
		if closing := d.Close(); err == nil {
			err = closing
		}
		if r.stats == statsLine && !r.meter.next.IsZero() {
			text, all := r.meter.total()
			r.console.Status(text, all.attrs)
			r.console.End()
		}
	}()
	start, took := time.Now(), r.decoder.took
	var frames int64
	var drawn time.Duration
	written, _ := d.(interface{ Written() int64 })
	r.meter.read = func() measure {
		m := measure{decode: time.Duration(took.Load())}
		m.Frames, m.Elapsed, m.Render = frames, time.Since(start), drawn
		if written != nil {
			m.Bytes = written.Written()
		}
		return m
	}
	letters, _ := d.(writer)
	p := pacer{fps: fps}
	for n := uint64(0); r.frames == 0 || n < r.frames; n++ {
		if !p.wait(ctx) {
			return nil
		}
		if err := r.make(d.Size()); err != nil {
			return err
		}
		from := time.Now()
		text := r.live(n)
		if letters != nil {
			letters.Caption(text)
		} else {
			scene.Caption(r.frame, text)
		}
		drawn += time.Since(from)
		if err := d.Show(r.frame); err != nil {
			return err
		}
		frames++
		r.notify.Frame()
	}
	return nil
}

// A pacer lets frames go at a steady rate. Their times are all counted from one start, so that errors do not add up.
type pacer struct {
	fps   int // 0: no limit
	start time.Time
	n     int64
	timer *time.Timer
}

// lateLimit is how late a frame may be before the pacer gives up catching up: the display cannot keep the rate, or the
// machine slept.
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

// nowhere is the display that shows nothing.
type nowhere struct {
	size   image.Point
	frames int
}

func (d *nowhere) Size() image.Point      { return d.size }
func (d *nowhere) Show(image.Image) error { d.frames++; return nil }
func (d *nowhere) Close() error           { return nil }

// timed draws frames for nobody and prints how fast that went.
func timed(ctx context.Context, w io.Writer, r *renderer) error {
	d := &nowhere{size: r.size}
	start := time.Now()
	if err := play(ctx, d, r, r.fps); err != nil {
		return err
	}
	took := time.Since(start)
	_, err := fmt.Fprintf(w, "%d frames of %dx%d in %.3f s: %.1f frames/s\n", d.frames, d.size.X, d.size.Y, took.Seconds(), float64(d.frames)/took.Seconds())
	return err
}
