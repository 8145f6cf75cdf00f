package scene

import "image/draw"

// An Input is what keys, a joystick or a rotary encoder say during one frame. The zero Input says nothing.
type Input struct {
	DX, DY int  // -1, 0 or 1: to the left or right, down or up, as the latent dimensions grow
	Zoom   int  // -1, 0 or 1: away or closer
	Auto   bool // the scene goes on by itself
}

func (in Input) moves() bool { return in.DX != 0 || in.DY != 0 || in.Zoom != 0 }

// A Cursor is a place in a Steerable scene of one model and size. It takes the place of a frame's number once the scene is steered.
type Cursor struct {
	Frame      uint64 // from where it was steered, and where the scene goes on by itself
	X, Y, Zoom int64  // the scene's own coordinates
}

// A Steerable is a Scene whose latent point or camera can be moved. A [Pilot] does so.
type Steerable interface {
	Scene
	// Cursor is the place that frame n shows.
	Cursor(n uint64) Cursor
	// Move is the place one frame later when the input steers. An input that is held moves it at a steady speed, up to limits.
	Move(c Cursor, in Input) Cursor
	// Return is the place one frame later on the way back to frame c.Frame, and whether it is that frame's.
	Return(c Cursor) (Cursor, bool)
	// RenderAt draws what is seen at the place, as Render does. On a slow CPU some of it may be missing for some frames.
	RenderAt(dst draw.Image, c Cursor)
}

// A Pilot shows a scene frame after frame and lets inputs steer it, if it is a [Steerable]. Once steered, it stays where it is
// until an input says Auto; then it glides back to where it left and goes on from there. Only as long as nothing steers are its
// frames those of the scene.
type Pilot struct {
	scene   Scene
	frame   uint64 // the next, or the one with which the scene will go on
	cursor  Cursor
	steered bool // the scene is where inputs have moved it, or on its way back
	back    bool // on its way back
}

// NewPilot returns a pilot that begins with frame n.
func NewPilot(s Scene, n uint64) *Pilot { return &Pilot{scene: s, frame: n} }

// On returns a pilot that goes on where p is, on a scene of the same name, seed and size of another model. Its latent dimensions, their
// steps and the size of its pictures must be the same.
func (p *Pilot) On(s Scene) *Pilot {
	other := *p
	other.scene = s
	return &other
}

// Render draws the next frame, allocating nothing.
func (p *Pilot) Render(dst draw.Image, in Input) {
	s, ok := p.scene.(Steerable)
	if ok && in.moves() {
		if !p.steered {
			p.cursor = s.Cursor(p.frame)
		}
		p.steered, p.back = true, false
	}
	if p.steered {
		p.back = p.back || in.Auto && !in.moves()
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

var _, _ Steerable = (*walk)(nil), (*manifold)(nil)

const (
	// walkReach is how far the first two coordinates can be steered, in standard deviations.
	walkReach = 3
	// walkKeys is how many frames a key takes for one standard deviation.
	walkKeys = 30
)

// Cursor implements [Steerable]: X and Y are the first two coordinates.
func (s *walk) Cursor(n uint64) Cursor {
	s.path.At(s.point, n*walkSpeed)
	c := Cursor{Frame: n, X: int64(s.point[0])}
	if len(s.point) > 1 {
		c.Y = int64(s.point[1])
	}
	return c
}

// Move implements [Steerable].
func (s *walk) Move(c Cursor, in Input) Cursor {
	steps := int64(s.decoder.Model().LatentSteps)
	move := func(v int64, sign int) int64 {
		// The walk itself may be farther out.
		least, most := min(v, -walkReach*steps), max(v, walkReach*steps)
		return min(max(v+int64(sign)*(steps/walkKeys), least), most)
	}
	c.X, c.Y = move(c.X, in.DX), move(c.Y, in.DY)
	return c
}

// Return implements [Steerable].
func (s *walk) Return(c Cursor) (Cursor, bool) {
	speed := int64(s.decoder.Model().LatentSteps / walkKeys)
	to := s.Cursor(c.Frame)
	c.X, c.Y = toward(c.X, to.X, speed/4, 2*speed), toward(c.Y, to.Y, speed/4, 2*speed)
	return c, c == to
}

// RenderAt implements [Steerable].
func (s *walk) RenderAt(dst draw.Image, c Cursor) {
	s.path.At(s.point, c.Frame*walkSpeed)
	s.point[0] = int16(c.X)
	if len(s.point) > 1 {
		s.point[1] = int16(c.Y)
	}
	s.draw(dst)
}

const (
	// planeKeys is about how many frames a key takes to move the camera by the display's shorter side.
	planeKeys = 80
	// A key makes all larger by 1/zoomKeys in a frame, or smaller.
	zoomKeys = 48
)

// Cursor implements [Steerable].
func (s *manifold) Cursor(n uint64) Cursor {
	v := s.tour.view(n)
	return Cursor{n, v.x, v.y, v.zoom}
}

// closest is the largest magnification, where the finest lattice is complete.
func (s *manifold) closest() int64 { return s.magnify * unit << s.levels }

// speed is how far a key moves the camera in a frame: whole pixels, in cells.
func (s *manifold) speed(zoom int64) (x, y int64) {
	pixels := int64(max(1, min(s.size.X, s.size.Y)/planeKeys)) * unit * unit
	return pixels / (int64(s.cell.X) * zoom), pixels / (int64(s.cell.Y) * zoom)
}

// Move implements [Steerable].
func (s *manifold) Move(c Cursor, in Input) Cursor {
	if in.Zoom != 0 {
		c.Zoom += int64(in.Zoom) * c.Zoom / zoomKeys
	} else {
		c.Zoom = s.whole(c.Zoom)
	}
	x, y := s.speed(c.Zoom)
	c.X += int64(in.DX) * x
	c.Y -= int64(in.DY) * y
	v := s.within(view{c.X, c.Y, min(max(c.Zoom, unit), s.closest())})
	return Cursor{c.Frame, v.x, v.y, v.zoom}
}

// whole is the magnification nearest to zoom at which the tiles seen are whole pixels apart, so that they move as one.
func (s *manifold) whole(zoom int64) int64 {
	_, lattices := s.sizes(view{zoom: zoom})
	cell := int64(s.cell.X)
	pixels := (cell*zoom>>(lattices-1) + unit/2) / unit
	return (pixels*unit<<(lattices-1) + cell - 1) / cell
}

// Return implements [Steerable].
func (s *manifold) Return(c Cursor) (Cursor, bool) {
	to := s.Cursor(c.Frame)
	c.Zoom = toward(c.Zoom, to.Zoom, c.Zoom/400+1, c.Zoom/zoomKeys)
	x, y := s.speed(c.Zoom)
	c.X, c.Y = toward(c.X, to.X, x/4, 4*x), toward(c.Y, to.Y, y/4, 4*y)
	// Not out over the edge, unless the frame shows it.
	x, y = s.limit(c.Zoom)
	c.X, c.Y = min(max(c.X, min(-x, to.X)), max(x, to.X)), min(max(c.Y, min(-y, to.Y)), max(y, to.Y))
	return c, c == to
}

// RenderAt implements [Steerable]: tiles that are not decoded yet come within some frames, those of the coarser lattices first.
func (s *manifold) RenderAt(dst draw.Image, c Cursor) {
	v := view{c.X, c.Y, min(max(c.Zoom, unit), s.closest())}
	s.place(v)
	s.decode(tilesSteered)
	s.draw(dst, v)
}
