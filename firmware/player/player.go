package player

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	pictures "github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/model"
)

// A Player draws the scene at whatever size is asked for. Where frames are shown as they are drawn,
// keys steer it and captions tell about it. It is for one show.
type Player struct {
	Options
	scenes   []scene.Info     // all there are
	now      func() time.Time // what a clock shows; a file's frames have times of their own
	editor   *editor
	own      bool         // no model was said: each scene has its own
	standIn  *model.Model // the built-in model that is shown in place of a file; nil: none is
	file     *modelFile
	decoder  *stopwatch
	console  *terminal.Console
	notify   *supervise.Notifier
	stopTime time.Duration // how long the end may take
	shown    scene.Scene
	frame    draw.Image
	canvas   draw.Image // of the frame, for the scene
	letters  draw.Image // of the frame, for captions
	dimmer   *dimmer    // nil: it is always as bright

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

// Open returns the player of the options with its model, and tells on the console what it does.
func Open(o Options, con *terminal.Console) (*Player, error) {
	p := newPlayer(o, con)
	if err := p.open(); err != nil {
		return nil, err
	}
	if p.editor.done != "" {
		con.Log(slog.LevelInfo, p.editor.done)
		for _, line := range p.editor.crop {
			if con.Attended() {
				con.Log(slog.LevelInfo, line)
			}
		}
	}
	return p, nil
}

// newPlayer returns a player that has no model yet.
func newPlayer(o Options, con *terminal.Console) *Player {
	own := o.Model == ""
	o.Model = cmp.Or(o.Model, o.DefaultModel())
	if o.Cure == nil {
		o.Cure = func(err error) error { return err }
	}
	p := &Player{
		Options: o, own: own, now: time.Now, console: con, notify: supervise.FromEnvironment(), stopTime: supervise.StopTime,
		decoder: &stopwatch{nil, new(atomic.Int64)}, inPicture: o.Stats == StatsOverlay,
	}
	if o.Unattended {
		p.stopTime = supervise.ServiceStopTime
	}
	p.editor = &editor{Edit: o.Edit, origin: p.origin}
	p.scenes = scenes(o, func() time.Time { return p.now() }, p.editor.by())
	p.info = p.named(o.Scene)
	return p
}

// named returns the scene of that name.
func (p *Player) named(name string) scene.Info { return p.scenes[indexOf(p.scenes, name)] }

// origin is the file or the name that a model was opened by.
func (p *Player) origin(m *model.Model) string {
	if m == p.standIn {
		return m.Name
	}
	return p.Model
}

// open opens the model. Unattended, the scene's default stands in for a file that cannot be shown,
// if need be without the scene's options: only the file's model may have the digit or path.
func (p *Player) open() error {
	f := &modelFile{name: p.Model, poll: p.poll(), stat: os.Stat, read: decoder.Open}
	p.file = f
	if p.info.Name == scene.EditName {
		f.encoder = filepath.Join(filepath.Dir(f.name), pictures.File)
	}
	f.seen = f.look() // before it is read, so that no change is missed
	m, err := f.read(f.name)
	var d *decoder.Decoder
	if err == nil {
		d, err = p.opens(m)
	}
	if err != nil && p.Unattended && !f.builtIn() {
		standIn, opening := decoder.Open(p.info.Model)
		if opening != nil {
			return opening
		}
		p.standIn = standIn
		substitute, failed := p.opens(standIn)
		if failed != nil {
			plain, ok := scene.Lookup(p.info.Name)
			if !ok {
				return failed
			}
			p.info = plain
			if substitute, failed = p.opens(standIn); failed != nil {
				return failed
			}
		}
		f.again, f.lacking, p.refused = errors.As(err, new(*fs.PathError)), true, p.Cure(err).Error()
		p.console.Log(slog.LevelWarn, fmt.Sprintf("%s; %s is shown until it is right", p.refused, p.info.Model), slog.String("model", p.info.Model), slog.String("file", f.name))
		p.decoder.decoder = substitute
		return nil
	}
	p.decoder.decoder = d
	return err
}

// canShow reports whether the options go with the model.
func (p *Player) canShow(m *model.Model) error {
	if m.Image[2] != 1 && !p.Palette.IsGrey() {
		return OptionError{Option: "palette", Value: p.Palette.Name, Err: fmt.Errorf("model %s draws in colours of its own", m.Name)}
	}
	return nil
}

// opens returns a decoder of the model, if the options go with that and its scene can be made.
func (p *Player) opens(m *model.Model) (*decoder.Decoder, error) {
	if err := p.canShow(m); err != nil {
		return nil, err
	}
	d, err := decoder.New(m)
	if err != nil {
		return nil, err
	}
	_, err = p.info.New(d, p.Seed, image.Pt(1, 1))
	if err != nil && p.info.Name != scene.EditName { // which reads files, and names its options
		err = OptionError{Option: "scene", Value: p.info.Name, Err: err}
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// watch follows the model's file until the context ends. Models that nobody named do not change.
func (p *Player) watch(ctx context.Context) {
	if p.file != nil && !p.own {
		p.models = p.file.watch(ctx, p.Hangups)
	}
}

// make makes the scene and the image for frames of that size, if they are not for it.
func (p *Player) make(size image.Point) error {
	if p.frame != nil && p.frame.Bounds().Size() == size {
		return nil
	}
	m := p.decoder.Model()
	s, err := p.info.New(p.decoder, p.Seed, p.info.Area(p.Round, m, size).Size())
	if err != nil {
		return err
	}
	p.shown, p.frame, p.pilot = s, scene.NewImage(m, size, p.Palette), nil
	p.place()
	return nil
}

// place sets where the scene and captions are drawn, on a black frame.
func (p *Player) place() {
	size := p.frame.Bounds().Size()
	p.canvas, p.letters = p.frame, p.frame
	if p.Round {
		blank(p.frame)
		p.canvas = scene.Part(p.frame, p.info.Area(p.Round, p.decoder.Model(), size))
		p.letters = scene.Part(p.frame, panel.Inscribed(size))
	}
}

// render returns frame n. The image is valid until the next call.
func (p *Player) render(n uint64, size image.Point) (image.Image, error) {
	if err := p.make(size); err != nil {
		return nil, err
	}
	p.shown.Render(p.canvas, n)
	return p.frame, nil
}

// helpTime is how long the help for keys is shown.
const helpTime = 4 * time.Second

// live draws what is to be seen when frame n is due: that frame or, once keys were pressed, what
// they say. It returns the text to be seen with it.
func (p *Player) live(n uint64) (caption []byte) {
	now := time.Now()
	p.followModel(n)
	in := scene.Input{}
	if p.keys != nil {
		if p.keys.Asked() {
			p.say(p.keyHelp(), helpTime)
		}
		var next int
		if in, next = p.keys.Take(now); next > 0 {
			p.change(next, n)
		}
	}
	if in != (scene.Input{}) && p.pilot == nil {
		p.pilot = scene.NewPilot(p.shown, n-p.first)
	}
	if p.pilot != nil {
		p.pilot.Render(p.canvas, in)
		if in.Moves() {
			p.tellKeys()
		}
	} else {
		p.shown.Render(p.canvas, n-p.first)
	}
	if p.Stats != StatsOff && p.meter.tick(now) && !p.inPicture {
		p.console.Status(p.meter.text, p.meter.last.attrs)
	}
	switch {
	case now.Before(p.until):
		return p.note
	case p.inPicture && p.Stats != StatsOff:
		return p.meter.text
	}
	return nil
}

// keyHelp says what the keys of a terminal do in the scene.
func (p *Player) keyHelp() string {
	moves, zooms := p.info.Steered()
	switch {
	case p.info.HasDials(p.decoder.Model()):
		return keys.DialsHelp
	case zooms:
		return keys.ZoomHelp
	case moves:
		return keys.Help
	}
	return keys.StillHelp
}

// tellKeys shows for a while what the keys are at, if the scene has words for it.
func (p *Player) tellKeys() {
	if text := p.pilot.AppendCaption(p.note[:0]); len(text) > 0 {
		p.note, p.until = text, time.Now().Add(1500*time.Millisecond)
	}
}

// change goes on to another scene, which begins with frame n.
func (p *Player) change(by int, n uint64) {
	all := p.scenes
	i := indexOf(all, p.info.Name)
	for range all {
		i = (i + by) % len(all)
		by = 1
		before, d := p.Model, p.decoder
		if err := p.bring(all[i]); err != nil {
			continue
		}
		s, err := all[i].New(p.decoder, p.Seed, all[i].Area(p.Round, p.decoder.Model(), p.frame.Bounds().Size()).Size())
		if err != nil { // the model has not got what it shows
			p.Model, p.decoder = before, d
			continue
		}
		p.info, p.shown, p.first, p.pilot = all[i], s, n, nil
		p.place()
		p.say(p.info.Name, 1500*time.Millisecond)
		return
	}
}

// bring opens the model of a scene that is to come, if each has its own and that is another.
func (p *Player) bring(info scene.Info) error {
	if !p.own || info.Model == p.Model {
		return nil
	}
	m, err := decoder.Open(info.Model)
	if err != nil {
		return err
	}
	if err := p.accepts(m); err != nil {
		return err
	}
	d, err := decoder.New(m)
	if err != nil {
		return err
	}
	p.Model, p.decoder = info.Model, &stopwatch{d, p.decoder.took}
	return nil
}

// say shows text for a while.
func (p *Player) say(text string, d time.Duration) {
	p.note, p.until = append(p.note[:0], text...), time.Now().Add(d)
}

// Render implements pipeline.Source on the player's own image: the scene with its caption, as dark
// as it is to be now.
func (p *Player) Render(_ draw.Image, n uint64) {
	if now := time.Now(); p.dimmer != nil && p.dimmer.at(now) == 0 {
		p.rest(n, now)
		return
	}
	scene.Caption(p.letters, p.live(n))
	if p.dimmer != nil {
		p.dimmer.apply(p.frame)
	}
}

// rest draws nothing, in the dark. A new model is not put off until it is over, and what keys say
// meanwhile is not done then.
func (p *Player) rest(n uint64, now time.Time) {
	p.followModel(n)
	if p.keys != nil {
		p.keys.Asked()
		p.keys.Take(now)
	}
	blank(p.frame)
}

// A candidate is a scene of a successor that is ready to be shown.
type candidate struct {
	decoder *stopwatch
	shown   scene.Scene
	info    scene.Info
	size    image.Point
	err     error
}

// followModel switches to a new model, if there is one, at frame n. The old one plays on while the
// new one's scene is made and decodes its first frame.
func (p *Player) followModel(n uint64) {
	if p.coming == nil {
		select {
		case s := <-p.models:
			err := s.err
			if err == nil {
				err = p.accepts(s.decoder.Model())
			}
			if err != nil {
				p.refuse(err, s.asked)
				return
			}
			p.prepare(&stopwatch{s.decoder, p.decoder.took}, n)
		default:
		}
		return
	}
	select {
	case c := <-p.coming:
		p.coming = nil
		switch {
		case c.err != nil:
			p.refuse(c.err, false)
		case c.info.Name != p.info.Name || c.size != p.frame.Bounds().Size():
			p.prepare(c.decoder, n) // it is made for another scene or window
		default:
			p.adopt(c, n)
		}
	default:
	}
}

// accepts reports whether a model can take the place of the one that is shown.
func (p *Player) accepts(m *model.Model) error {
	if err := p.canShow(m); err != nil {
		return err
	}
	if now := p.decoder.Model().Image[2]; m.Image[2] != now {
		return fmt.Errorf("%s: model %s draws %d channels, and what is shown has %d: start the program again", p.Model, m.Name, m.Image[2], now)
	}
	return nil
}

// continues reports whether a scene goes on where it is with another model, and whether a steered
// one does.
func (p *Player) continues(m *model.Model) (scene, steered bool) {
	now := p.decoder.Model()
	scene = m.Latent == now.Latent && m.LatentSteps == now.LatentSteps
	return scene, scene && m.Image == now.Image
}

// prepare begins to make a scene.
func (p *Player) prepare(d *stopwatch, n uint64) {
	c := candidate{decoder: d, info: p.named(p.info.Name), size: p.frame.Bounds().Size()}
	at, steered := p.continues(d.Model())
	frame := uint64(0)
	if at {
		frame = n - p.first
	}
	var pilot *scene.Pilot
	if steered && p.pilot != nil {
		now := *p.pilot
		pilot = &now
	}
	coming := make(chan candidate, 1)
	p.coming = coming
	seed, palette, size := p.Seed, p.Palette, c.info.Area(p.Round, d.Model(), c.size).Size()
	go func() {
		if c.shown, c.err = c.info.New(d, seed, size); c.err == nil {
			// What is drawn here need not be decoded in the first frame that is shown.
			img := scene.NewImage(d.Model(), size, palette)
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
func (p *Player) adopt(c candidate, n uint64) {
	m := c.decoder.Model()
	at, steered := p.continues(m)
	if !at {
		p.first = n
	}
	if !steered {
		p.pilot = nil
	} else if p.pilot != nil {
		p.pilot = p.pilot.On(c.shown)
	}
	p.decoder, p.shown, p.info, p.refused = c.decoder, c.shown, c.info, ""
	p.place()
	from := ""
	if p.Model != m.Name {
		from = " from " + p.Model
	}
	p.tell(slog.LevelInfo, fmt.Sprintf("model %s%s is shown", m.Name, from), slog.String("model", m.Name), slog.String("file", p.Model))
}

// refuse tells why a model is not shown: once, or each time that somebody asks.
func (p *Player) refuse(err error, asked bool) {
	if reason := p.Cure(err).Error(); asked || reason != p.refused {
		p.refused = reason
		now := p.decoder.Model().Name
		p.tell(slog.LevelWarn, fmt.Sprintf("%s; model %s stays", reason, now), slog.String("model", now), slog.String("file", p.Model))
	}
}

// tell logs a line or, where that would spoil a window, shows it over the picture.
func (p *Player) tell(level slog.Level, sentence string, attrs ...slog.Attr) {
	if p.window {
		p.say(sentence, 4*time.Second)
		return
	}
	p.console.Log(level, sentence, attrs...)
}
