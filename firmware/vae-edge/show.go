package main

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"io"
	"os"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
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

// show shows the scene where the command line says.
func show(ctx context.Context, c *config, stdin, stdout *os.File) error {
	m, err := decoder.Open(c.model)
	if err != nil {
		return err
	}
	dec, err := decoder.New(m)
	if err != nil {
		return err
	}
	if m.Image[2] != 1 && !c.palette.IsGrey() {
		return usagef("--palette %s: model %s draws in colours of its own", c.palette.Name, m.Name)
	}
	r := &renderer{config: c, decoder: dec}
	switch c.display.kind {
	case targetPNG:
		return writePNG(c.display.file, r)
	case targetGIF:
		return writeGIF(ctx, c.display.file, r)
	case targetNone:
		return timed(ctx, stdout, r)
	case targetSPI:
		d, l, err := openPanel(func() (*wires, error) { return openWires(c) }, c.panelOpts())
		if err != nil {
			return err
		}
		return play(ctx, &spiPanel{d, l}, r, c.fps)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, err := openTerminal(stdin, stdout, cancel)
	if err != nil {
		return err
	}
	fps := c.fps
	if fps == 0 {
		fps = 30
	}
	return play(ctx, d, r, fps)
}

// A renderer draws the scene at whatever size is asked for.
type renderer struct {
	*config
	decoder *decoder.Decoder
	shown   scene.Scene
	frame   draw.Image
}

// render returns frame n. The image is valid until the next call.
func (r *renderer) render(n uint64, size image.Point) (image.Image, error) {
	if r.frame == nil || r.frame.Bounds().Size() != size {
		s, err := r.scene.New(r.decoder, r.seed, size)
		if err != nil {
			return nil, err
		}
		r.shown, r.frame = s, scene.NewImage(r.decoder.Model(), size, r.palette)
	}
	r.shown.Render(r.frame, n)
	return r.frame, nil
}

// play shows frame after frame on d until the context ends or there are no more, and closes d, whatever happens.
func play(ctx context.Context, d display, r *renderer, fps int) (err error) {
	defer func() {
		if closing := d.Close(); err == nil {
			err = closing
		}
	}()
	p := pacer{fps: fps}
	for n := uint64(0); r.frames == 0 || n < r.frames; n++ {
		if !p.wait(ctx) {
			return nil
		}
		frame, err := r.render(n, d.Size())
		if err != nil {
			return err
		}
		if err := d.Show(frame); err != nil {
			return err
		}
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
