package scene

import "image/draw"

// An Input is what keys, a joystick or a rotary knob say during one frame. The zero Input says
// nothing.
type Input struct {
	DX, DY int  // -1, 0 or 1: to the left or right, down or up, as the latent dimensions grow
	Step   int  // keys that went down: up less down, of which DY tells while they are held
	Zoom   int  // -1, 0 or 1: away or closer
	Auto   bool // the scene goes on by itself
}

// Moves reports whether the input steers.
func (in Input) Moves() bool { return in.DX != 0 || in.DY != 0 || in.Step != 0 || in.Zoom != 0 }

// A Cursor is a place in a Steerable scene of one model and size. It replaces the frame number once
// the scene is steered.
type Cursor struct {
	Frame      uint64 // from where it was steered, and where the scene goes on by itself
	X, Y, Zoom int64  // the scene's own coordinates
	Dials      Dials  // of a scene of what has attributes
}

// maxDials is how many attributes keys can set.
const maxDials = 64

// Dials are how the attributes of a scene are set.
type Dials struct {
	chosen int8 // the one that keys turn; before the first key 0
	held   uint8
	at     [maxDials]int8 // by how much each is moved, in steps of its scene
}

// A Steerable is a Scene whose latent point or camera can be moved. A [Pilot] does so.
type Steerable interface {
	Scene
	// Cursor is the place that frame n shows.
	Cursor(n uint64) Cursor
	// Move is the place one frame later when the input steers. An input that is held moves it at a
	// steady speed, up to limits.
	Move(c Cursor, in Input) Cursor
	// Return is the place one frame later on the way back to frame c.Frame, and whether it is that
	// frame's.
	Return(c Cursor) (Cursor, bool)
	// RenderAt draws what is seen at the place, as Render does. On a slow CPU some of it may be
	// missing for some frames.
	RenderAt(dst draw.Image, c Cursor)
}

// A captioned scene has words for a place.
type captioned interface {
	Steerable
	// AppendCaption appends them.
	AppendCaption(text []byte, c Cursor) []byte
}

// A Pilot plays a scene and lets inputs steer it, if it is a [Steerable]. Once steered, it stays
// put until an input says Auto, then glides back to where it left and goes on. Its frames are the
// scene's until something steers it.
type Pilot struct {
	scene   Scene
	frame   uint64 // the next, or the one with which the scene will go on
	cursor  Cursor
	steered bool // the scene is where inputs have moved it, or on its way back
	back    bool // on its way back
}

// NewPilot returns a pilot that begins with frame n.
func NewPilot(s Scene, n uint64) *Pilot { return &Pilot{scene: s, frame: n} }

// On returns a pilot that continues from p on another model's scene of the same name, seed and
// size. Latent dimensions, their steps and the size of pictures must be the same.
func (p *Pilot) On(s Scene) *Pilot {
	other := *p
	other.scene = s
	return &other
}

// Render draws the next frame, allocating nothing.
func (p *Pilot) Render(dst draw.Image, in Input) {
	s, ok := p.scene.(Steerable)
	if ok && in.Moves() {
		if !p.steered {
			p.cursor = s.Cursor(p.frame)
		}
		p.steered, p.back = true, false
	}
	if p.steered {
		p.back = p.back || in.Auto && !in.Moves()
		if p.back {
			var there bool
			p.cursor, there = s.Return(p.cursor)
			p.steered = !there
		} else {
			p.cursor = s.Move(p.cursor, in)
		}
	}
	if p.steered {
		s.RenderAt(dst, p.cursor)
		return
	}
	p.scene.Render(dst, p.frame)
	p.frame++
}

// AppendCaption appends what the keys are at where the scene has words for it: an attribute and its
// amount. Of a scene that is not steered there is nothing to say.
func (p *Pilot) AppendCaption(text []byte) []byte {
	if s, ok := p.scene.(captioned); ok && p.steered {
		return s.AppendCaption(text, p.cursor)
	}
	return text
}

// toward moves v to the target: fast from afar, slowly when near, by least to most.
func toward(v, target, least, most int64) int64 {
	d := target - v
	far := max(d, -d)
	if far <= least {
		return target
	}
	step := min(max(far/8, least), most)
	if d < 0 {
		step = -step
	}
	return v + step
}
