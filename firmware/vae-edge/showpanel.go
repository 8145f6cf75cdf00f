package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"time"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
)

// showPanel shows the scene on a panel until the context ends or there are no more frames. The openers open the port and the pins, and
// the keys.
func showPanel(ctx context.Context, r *renderer, open func() (*port.Wires, error), openKeys func() ([]keys.Pin, []error)) error {
	s := supervise.New(ctx, supervise.Options{GiveUp: r.giveUp, Log: r.console.Log, Notifier: r.notify})
	if ended, err := supervise.EndsWith(ctx, r.stopTime, func() error { return r.showOn(ctx, s, open, openKeys) }); ended {
		return err
	}
	light := ""
	if s.Darken() {
		light = "; its backlight is off"
	}
	r.console.Log(slog.LevelWarn, fmt.Sprintf("the panel was not blanked: a transfer has taken more than %v%s", r.stopTime, light))
	return nil
}

func (r *renderer) showOn(ctx context.Context, s *supervise.Supervisor, open func() (*port.Wires, error), openKeys func() ([]keys.Pin, []error)) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = nil
		}
	}()
	if err := s.Start(open, r.panelOpts()); err != nil {
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
		keys.Watch(ctx, pins, r.keys)
	}
	if err := r.make(s.Bounds().Size()); err != nil {
		return err
	}
	p, err := pipeline.New(s, r, r.frame, pipeline.Options{FPS: r.fps, Frames: r.frames, Failed: s.Recover})
	if err != nil {
		return err
	}
	took := r.decoder.took
	r.meter.read = func() measure {
		return measure{p.Stats(), time.Duration(took.Load()), r.fps > 0}
	}
	if err := p.Run(ctx); err != nil {
		return err
	}
	for s.Faulty() && ctx.Err() == nil { // the last frame has failed, and none comes after it
		if err := s.Draw(s.Bounds(), r.frame, image.Point{}); err == nil {
			s.Worked()
		} else if err := s.Recover(err); err != nil {
			return err
		}
	}
	if r.stats == statsLine {
		text, all := r.meter.total()
		r.console.Status(text, all.attrs)
	}
	return nil
}
