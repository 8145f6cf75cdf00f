package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/model"
)

// modelPoll is how often the file of the model is looked at. One that has changed is read when it has been quiet for as long.
var modelPoll = 2 * time.Second

// A modelFile is where the model comes from, and how its file was when it was read last.
type modelFile struct {
	name    string
	seen    fileState
	refused string // why it was not shown at the start
	// again has the file read although it is as it was: what failed was reading it.
	again bool
	// encoder is the file of the model's encoder; "": none is needed. That it has changed has a model read again which could not be shown.
	encoder string
	lacking bool

	stat func(string) (fs.FileInfo, error)
	read func(string) (*model.Model, error)
}

// A fileState tells whether the files of a model have changed.
type fileState struct {
	info, encoder fs.FileInfo // nil: there is none, or it cannot be looked at
}

func (s fileState) same(t fileState) bool { return sameFile(s.info, t.info) }

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func (f *modelFile) look() (s fileState) {
	s.info, _ = f.stat(f.name)
	if f.encoder != "" {
		s.encoder, _ = f.stat(f.encoder)
	}
	return s
}

// builtIn reports whether the model is one that is part of the program.
func (f *modelFile) builtIn() bool {
	_, ok := pretrained.Weights(f.name)
	return ok
}

// openModel returns a decoder of the model of the command line. Unattended, the scene's default stands in for a file that cannot be shown,
// with the scene as it is by itself if need be: a digit or a path may be there in the file's model alone.
func (c *config) openModel(con *terminal.Console, unattended bool) (*decoder.Decoder, *modelFile, error) {
	f := &modelFile{name: c.model, stat: os.Stat, read: decoder.Open}
	if c.scene.Name == scene.EditName {
		f.encoder = filepath.Join(filepath.Dir(f.name), pictures.File)
	}
	f.seen = f.look() // before it is read, so that no change is missed
	m, err := f.read(f.name)
	var d *decoder.Decoder
	if err == nil {
		d, err = c.opens(m)
	}
	if err != nil && unattended && !f.builtIn() {
		standIn, opening := decoder.Open(c.scene.Model)
		if opening != nil {
			return nil, nil, opening
		}
		c.edit.standIn = standIn
		substitute, failed := c.opens(standIn)
		if failed != nil {
			plain, ok := scene.Lookup(c.scene.Name)
			if !ok {
				return nil, nil, failed
			}
			c.scene = plain
			if substitute, failed = c.opens(standIn); failed != nil {
				return nil, nil, failed
			}
		}
		f.again, f.lacking, f.refused = errors.As(err, new(*fs.PathError)), true, err.Error()
		con.Log(slog.LevelWarn, fmt.Sprintf("%v; %s is shown until it is right", err, c.scene.Model), slog.String("model", c.scene.Model), slog.String("file", f.name))
		return substitute, f, nil
	}
	return d, f, err
}

// canShow reports whether the command line goes with the model.
func (c *config) canShow(m *model.Model) error {
	if m.Image[2] != 1 && !c.palette.IsGrey() {
		return usagef("--palette %s: model %s draws in colours of its own", c.palette.Name, m.Name)
	}
	return nil
}

// opens returns a decoder of the model, if the command line goes with that and its scene can be made.
func (c *config) opens(m *model.Model) (*decoder.Decoder, error) {
	if err := c.canShow(m); err != nil {
		return nil, err
	}
	d, err := decoder.New(m)
	if err != nil {
		return nil, err
	}
	_, err = c.scene.New(d, c.seed, image.Pt(1, 1))
	if err != nil && c.scene.Name != scene.EditName { // which reads files, and names its flags
		err = usagef("--scene %s: %w", c.scene.Name, err)
	}
	if err != nil {
		return nil, cured(err)
	}
	return d, nil
}

// A successor is what has become of the model's file: a decoder that has been checked, or the reason why there is none.
type successor struct {
	decoder *decoder.Decoder
	err     error
	asked   bool // by a hangup
}

// watch looks after the file until the context ends, and reads it at a hangup.
func (f *modelFile) watch(ctx context.Context, hangups <-chan os.Signal) <-chan successor {
	found := make(chan successor)
	var poll <-chan time.Time // never, for a built-in model
	if !f.builtIn() {
		ticker := time.NewTicker(modelPoll)
		context.AfterFunc(ctx, ticker.Stop)
		poll = ticker.C
	}
	go func() {
		unquiet := f.seen
		for {
			asked := false
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				asked = true
			case <-poll:
			}
			now := f.look()
			if !asked {
				changed := !now.same(f.seen) || f.lacking && !sameFile(now.encoder, f.seen.encoder)
				quiet := now.same(unquiet) && sameFile(now.encoder, unquiet.encoder)
				unquiet = now
				if !quiet || !changed && !f.again {
					continue
				}
			}
			f.seen, unquiet = now, now
			d, err := f.load()
			f.again, f.lacking = errors.As(err, new(*fs.PathError)), err != nil
			select {
			case found <- successor{d, err, asked}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found
}

// load reads the model and checks everything that can be wrong with it.
func (f *modelFile) load() (*decoder.Decoder, error) {
	m, err := f.read(f.name)
	if err != nil {
		return nil, err
	}
	if f.encoder != "" {
		if _, err := pictures.Open(f.name, m); err != nil {
			return nil, err
		}
	}
	d, err := decoder.New(m)
	if err != nil {
		return nil, err
	}
	return d, d.SelfCheck()
}

// A candidate is a scene of a successor that is ready to be shown.
type candidate struct {
	decoder *stopwatch
	shown   scene.Scene
	info    scene.Info
	size    image.Point
	err     error
}

// succeed goes on to another model, if there is one, with frame n. Nobody waits for it: its scene is made, and decodes what it shows
// first, while frames of the old one go on.
func (r *renderer) succeed(n uint64) {
	if r.coming == nil {
		select {
		case s := <-r.models:
			err := s.err
			if err == nil {
				err = r.accepts(s.decoder.Model())
			}
			if err != nil {
				r.refuse(err, s.asked)
				return
			}
			r.prepare(&stopwatch{s.decoder, r.decoder.took}, n)
		default:
		}
		return
	}
	select {
	case c := <-r.coming:
		r.coming = nil
		switch {
		case c.err != nil:
			r.refuse(c.err, false)
		case c.info.Name != r.info.Name || c.size != r.frame.Bounds().Size():
			r.prepare(c.decoder, n) // it is made for another scene or window
		default:
			r.adopt(c, n)
		}
	default:
	}
}

// accepts reports whether a model can take the place of the one that is shown.
func (r *renderer) accepts(m *model.Model) error {
	if err := r.canShow(m); err != nil {
		return err
	}
	if now := r.decoder.Model().Image[2]; m.Image[2] != now {
		return fmt.Errorf("%s: model %s draws %d channels, and what is shown has %d: start the program again", r.model, m.Name, m.Image[2], now)
	}
	return nil
}

// continues reports whether a scene goes on where it is with another model, and whether a steered one does.
func (r *renderer) continues(m *model.Model) (scene, steered bool) {
	now := r.decoder.Model()
	scene = m.Latent == now.Latent && m.LatentSteps == now.LatentSteps
	return scene, scene && m.Image == now.Image
}

// prepare begins to make a scene.
func (r *renderer) prepare(d *stopwatch, n uint64) {
	c := candidate{decoder: d, info: r.named(r.info.Name), size: r.frame.Bounds().Size()}
	at, steered := r.continues(d.Model())
	frame := uint64(0)
	if at {
		frame = n - r.first
	}
	var pilot *scene.Pilot
	if steered && r.pilot != nil {
		now := *r.pilot
		pilot = &now
	}
	coming := make(chan candidate, 1)
	r.coming = coming
	seed, palette := r.seed, r.palette
	go func() {
		if c.shown, c.err = c.info.New(d, seed, c.size); c.err == nil {
			// What is drawn here need not be decoded in the first frame that is shown.
			img := scene.NewImage(d.Model(), c.size, palette)
			if pilot != nil {
				pilot.On(c.shown).Render(img, scene.Input{})
			} else {
				c.shown.Render(img, frame)
			}
		}
		coming <- c
	}()
}

// adopt shows the candidate from frame n on.
func (r *renderer) adopt(c candidate, n uint64) {
	m := c.decoder.Model()
	at, steered := r.continues(m)
	if !at {
		r.first = n
	}
	if !steered {
		r.pilot = nil
	} else if r.pilot != nil {
		r.pilot = r.pilot.On(c.shown)
	}
	r.decoder, r.shown, r.info, r.refused = c.decoder, c.shown, c.info, ""
	from := ""
	if r.model != m.Name {
		from = " from " + r.model
	}
	r.tell(slog.LevelInfo, fmt.Sprintf("model %s%s is shown", m.Name, from), slog.String("model", m.Name), slog.String("file", r.model))
}

// refuse tells why a model is not shown, once, and every time if somebody has asked.
func (r *renderer) refuse(err error, asked bool) {
	if reason := cured(err).Error(); asked || reason != r.refused {
		r.refused = reason
		now := r.decoder.Model().Name
		r.tell(slog.LevelWarn, fmt.Sprintf("%s; model %s stays", reason, now), slog.String("model", now), slog.String("file", r.model))
	}
}

// tell logs a line or, where that would spoil a window, shows it over the picture.
func (r *renderer) tell(level slog.Level, sentence string, attrs ...slog.Attr) {
	if r.window {
		r.say(sentence, 4*time.Second)
		return
	}
	r.console.Log(level, sentence, attrs...)
}
