package player

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"time"

	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/night"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/pipeline"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/touch"
)

// PanelOptions say how to open and supervise a panel.
type PanelOptions struct {
	// Opens the port and the pins, again after a fault
	Open   func() (*port.Wires, error)
	Keys   func() (pins []keys.Pin, missing []error) // opens the keys
	Touch  *touch.Options                            // nil: there is no touch screen
	Mount  panel.Opts                                // apart from its pins
	GiveUp time.Duration                             // how long it may be broken; 0: for ever
	Night  night.Schedule                            // when it is darker
	Dims   bool                                      // the backlight does so; otherwise pixels do
	// Notes are hints for whoever watches, about a port that takes that many bytes at a time; 0: it
	// states no limit.
	Notes func(maxTxSize int) []string
}

// OnPanel shows the scene on a panel until the context or the frames end. A panel that fails is
// reopened; one that stays broken for longer than GiveUp is a [supervise.GivenUpError].
func (p *Player) OnPanel(ctx context.Context, o PanelOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.watch(ctx)
	s := supervise.New(ctx, supervise.Options{GiveUp: o.GiveUp, Log: p.console.Log, Notifier: p.notify})
	if ended, err := supervise.EndsWith(ctx, p.stopTime, func() error { return p.show(ctx, s, o) }); ended {
		return err
	}
	light := ""
	if s.Darken() {
		light = "; its backlight is off"
	}
	p.console.Log(slog.LevelWarn, fmt.Sprintf("the panel was not blanked: a transfer has taken more than %v%s", p.stopTime, light))
	return nil
}

func (p *Player) show(ctx context.Context, s *supervise.Supervisor, o PanelOptions) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = nil
		}
	}()
	if err := s.Start(o.Open, o.Mount); err != nil {
		return err
	}
	defer func() {
		if closing := s.Close(); err == nil {
			err = closing
		}
	}()
	if p.Stats != StatsOff || p.console.Attended() {
		for _, n := range o.Notes(s.MaxTxSize()) {
			p.console.Log(slog.LevelInfo, n)
		}
	}
	p.watchKeys(ctx, o.Keys)
	p.watchTouch(ctx, o.Touch)
	if err := p.make(s.Bounds().Size()); err != nil {
		return err
	}
	p.dims(o.Night, s.Dim, o.Dims, cmp.Or(o.Mount.Brightness, 100))
	line, err := pipeline.New(s, p, p.frame, pipeline.Options{FPS: p.FPS, Frames: p.Frames, Failed: s.Recover})
	if err != nil {
		return err
	}
	took := p.decoder.took
	p.meter.read = func() measure {
		return measure{line.Stats(), time.Duration(took.Load()), p.FPS > 0}
	}
	if err := line.Run(ctx); err != nil {
		return err
	}
	for s.Faulty() && ctx.Err() == nil { // the last frame has failed, and none comes after it
		if err := s.Draw(s.Bounds(), p.frame, image.Point{}); err == nil {
			s.Worked()
		} else if err := s.Recover(err); err != nil {
			return err
		}
	}
	if p.Stats == StatsLine {
		text, all := p.meter.total()
		p.console.Status(text, all.attrs)
	}
	return nil
}

// watchKeys lets the keys that are opened steer.
func (p *Player) watchKeys(ctx context.Context, open func() (pins []keys.Pin, missing []error)) {
	pins, missing := open()
	for _, err := range missing {
		p.console.Log(slog.LevelWarn, fmt.Sprintf("%v; this key does nothing", err))
	}
	if len(pins) > 0 {
		if p.keys == nil {
			p.keys = &keys.Controls{}
		}
		keys.Watch(ctx, pins, p.keys)
	}
}

// watchTouch lets a touch screen steer, if there is one.
func (p *Player) watchTouch(ctx context.Context, o *touch.Options) {
	if o == nil {
		return
	}
	pad, err := o.OpenPad()
	if err != nil {
		p.console.Log(slog.LevelWarn, fmt.Sprintf("touch: %v; touches do nothing", err))
		return
	}
	if p.keys == nil {
		p.keys = &keys.Controls{}
	}
	go o.Watch(ctx, pad, p.keys, p.console.Log)
}

// dims has the player make a display darker as the schedule says, by that clock which scenes show.
func (p *Player) dims(s night.Schedule, light func(percent int), dims bool, day int) {
	if s == nil {
		return
	}
	zone := p.Clock.Zone
	if zone == nil {
		zone = time.Local
	}
	p.dimmer = newDimmer(s, zone, light, dims, day)
}
