package scene

import (
	"image"
	"image/draw"
	"math/bits"
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/latent"
)

// manifold is a latent plane with a camera flying over it. Of more than two dimensions it is the
// plane of the first two principal axes of the classes' means or, in a model without classes, of
// the first two dimensions. It begins as the grid at the quantiles of the normal distribution
// (Chollet, listing 8-28): the first coordinate grows to the right, the second upwards. As the
// camera comes closer, tiles grow; closer still, they move apart, and tiles half-way between them
// grow in the gaps until the lattice is twice as fine, and so on.
//
// A tile's point is fixed in the lattice, so each tile is decoded once. A frame depends on the
// camera alone, and that on the frame's number. Decoding a few tiles of coming frames in each only
// spreads the work.
type manifold struct {
	decoder Decoder
	size    image.Point
	center  image.Point // of the plane when all of it is seen, in half pixels of the display

	cells    int         // tiles along a side when all are seen
	cell     image.Point // the size of a tile then
	magnify  int64       // how many times larger tiles get
	levels   int         // how many times the lattice can be made finer
	side     int         // points along a side of the finest lattice
	quantile []int16     // their coordinates, ascending
	plane    latent.Plane
	point    []int16

	tiles   []uint8           // [row][column of the finest lattice][picture]
	ink     []image.Rectangle // of the tiles
	decoded []bool
	scaler  *scaler
	x, y    []*axis // to 1, 2, 3 … pixels

	scaled   []uint8 // tiles at the sizes scaledTo, as they are on the display
	scaledTo [manifoldLevels + 1]image.Point
	scaledAt []int // where in scaled a tile is, plus one
	used     int   // bytes of scaled

	placed []placement // of the view at hand
	// The frame before which all tiles are decoded, when the frames are drawn one after another
	ahead uint64
	tour  tour
}

const (
	manifoldCells = 15
	// A smaller cell shows nothing, so a small display gets fewer.
	manifoldMinCell = 12
	// manifoldAcross is about how many full-size tiles fit along the display's shorter side.
	manifoldAcross = 5
	// manifoldLevels is how often the lattice is refined, or less if tiles would take more than
	// manifoldMemory bytes.
	manifoldLevels = 2
	manifoldMemory = 16 << 20

	// tilesAhead is how many tiles a frame decodes for the next lookAhead frames, of which it
	// examines up to lookStep.
	tilesAhead = 4
	lookAhead  = 90
	lookStep   = 4
	// tilesSteered is how many tiles a frame decodes when the camera is steered.
	tilesSteered = 15
)

// A view is what the camera sees. The plane's centre is at (0, 0), y grows downwards, and a cell is
// unit wide and high.
type view struct{ x, y, zoom int64 } // the middle of the display; magnification in 1/unit

const unit = 1 << 16

// A placement is where a tile is seen.
type placement struct {
	tile  int
	level int // the lattice to which the tile is new
	at    image.Point
}

func newManifold(d Decoder, seed uint64, size image.Point) Scene {
	m := d.Model()
	all := fit(m, size)
	s := &manifold{decoder: d, size: size, point: make([]int16, m.Latent)}
	s.cells = min(manifoldCells, max(1, min(all.X, all.Y)/manifoldMinCell))
	s.cell = fit(m, all.Div(s.cells))
	whole := s.cell.Mul(s.cells)
	s.center = size.Sub(whole).Div(2).Mul(2).Add(whole)
	shorter := min(s.cell.X, s.cell.Y)
	s.magnify = int64(max(2, (min(size.X, size.Y)+manifoldAcross*shorter/2)/(manifoldAcross*shorter)))
	s.side = s.cells
	for s.cells > 1 && s.levels < manifoldLevels {
		finer := 2*s.side - 1
		if finer*finer*m.PictureSize() > manifoldMemory {
			break
		}
		s.side = finer
		s.levels++
	}
	s.quantile = make([]int16, s.side)
	latent.Quantiles(s.quantile, m.LatentSteps)
	s.plane = m.Plane()
	n := s.side * s.side
	s.tiles, s.ink, s.decoded = make([]uint8, n*m.PictureSize()), make([]image.Rectangle, n), make([]bool, n)
	s.placed = make([]placement, 0, n)
	largest := s.cell.Mul(int(s.magnify))
	s.scaler = newScaler(m.Image, largest.X)
	// Tiles do not overlap, so those in view fit; the rest is for those that come into view later.
	s.scaled = make([]uint8, (size.X+2*largest.X)*(size.Y+2*largest.Y)*5/4*canvasOf(NewImage(m, image.Pt(1, 1), Grey)).pel)
	s.scaledAt = make([]int, n)
	for i := range largest.X {
		s.x = append(s.x, newAxis(m.Image[1], i+1))
	}
	for i := range largest.Y {
		s.y = append(s.y, newAxis(m.Image[0], i+1))
	}
	s.tour.init(s, seed)
	return s
}

// Render implements [Scene].
func (s *manifold) Render(dst draw.Image, n uint64) {
	v := s.tour.view(n)
	s.place(v)
	budget := max(0, tilesAhead-s.decode(len(s.placed)))
	s.draw(dst, v)
	// After a jump, tiles before s.ahead may be missing. Frames decode what they lack, so that
	// costs time but no pixel.
	if s.ahead-n-1 > lookAhead {
		s.ahead = n + 1
	}
	for range lookStep {
		if budget == 0 || s.ahead-n-1 == lookAhead {
			break
		}
		s.place(s.tour.view(s.ahead))
		budget -= s.decode(budget)
		if budget > 0 { // else perhaps not all of them
			s.ahead++
		}
	}
}

// sizes returns the size of the tiles that each lattice adds, and how many lattices are in view.
func (s *manifold) sizes(v view) (sizes [manifoldLevels + 1]image.Point, n int) {
	full := min(v.zoom, s.magnify*unit)
	sizes[0] = s.tileSize(full)
	for n = 1; n <= s.levels; n++ {
		// What is left between tiles of full size.
		if gap := min(v.zoom>>(n-1)-full, full); gap > 0 {
			sizes[n] = s.tileSize(gap)
		}
		if sizes[n].X == 0 || sizes[n].Y == 0 {
			break
		}
	}
	return sizes, n
}

// tileSize is the size of a tile at that magnification.
func (s *manifold) tileSize(zoom int64) image.Point {
	return image.Pt(int(int64(s.cell.X)*zoom/unit), int(int64(s.cell.Y)*zoom/unit))
}

// place fills s.placed with the tiles that the view shows.
func (s *manifold) place(v view) {
	s.placed = s.placed[:0]
	sizes, lattices := s.sizes(v)
	step := 1 << (s.levels + 1 - lattices)
	for row := 0; row < s.side; row += step {
		y := s.position(row, v.y, int64(s.cell.Y)*v.zoom, s.center.Y)
		if half := int64(sizes[0].Y) << 31; y+half < 0 || y-half > int64(s.size.Y)<<32 {
			continue
		}
		for col := 0; col < s.side; col += step {
			level := max(0, s.levels-bits.TrailingZeros(uint(row|col)))
			size := sizes[level]
			x := s.position(col, v.x, int64(s.cell.X)*v.zoom, s.center.X)
			at := image.Pt(corner(x, size.X), corner(y, size.Y))
			if at.X < s.size.X && at.Y < s.size.Y && at.X+size.X > 0 && at.Y+size.Y > 0 {
				s.placed = append(s.placed, placement{row*s.side + col, level, at})
			}
		}
	}
}

// position is where the middle of a column or row of the finest lattice is on the display, in
// 1/2^32 pixels, for cells of cell/unit pixels.
func (s *manifold) position(i int, camera, cell int64, center int) int64 {
	at := int64(2*i-s.side+1) * (unit / 2) >> s.levels
	return int64(center)<<31 + (at-camera)*cell
}

// corner is the first pixel of a tile of that size centred on the position.
func corner(position int64, size int) int { return int((position - int64(size)<<31 + 1<<31) >> 32) }

// decode decodes up to most missing tiles of those placed, coarser lattices first, and returns how
// many.
func (s *manifold) decode(most int) (n int) {
	for level := range s.levels + 1 {
		for _, p := range s.placed {
			if n == most {
				return n
			}
			if p.level == level && !s.decoded[p.tile] {
				s.decodeTile(p.tile)
				n++
			}
		}
	}
	return n
}

func (s *manifold) decodeTile(tile int) {
	m := s.decoder.Model()
	s.plane.At(s.point, s.quantile[tile%s.side], s.quantile[s.side-1-tile/s.side])
	picture := s.tiles[tile*m.PictureSize():][:m.PictureSize()]
	s.decoder.Decode(picture, s.point)
	s.ink[tile] = inked(m.Image, picture)
	s.decoded[tile] = true
}

// draw draws the placed tiles that are decoded.
func (s *manifold) draw(dst draw.Image, v view) {
	sizes, _ := s.sizes(v)
	if sizes != s.scaledTo {
		s.forget()
		s.scaledTo = sizes
	}
	c := canvasOf(dst)
	c.blank()
	for _, p := range s.placed {
		if s.decoded[p.tile] {
			c.copy(s.scale(p.tile, sizes[p.level], c.pel), p.at)
		}
	}
}

// scale returns a tile at that size.
func (s *manifold) scale(tile int, size image.Point, pel int) canvas {
	n := size.X * size.Y * pel
	if at := s.scaledAt[tile]; at > 0 {
		return canvas{s.scaled[at-1:][:n], size, size.X * pel, pel}
	}
	if s.used+n > len(s.scaled) {
		s.forget()
	}
	c := canvas{s.scaled[s.used:][:n], size, size.X * pel, pel}
	s.scaledAt[tile] = s.used + 1
	s.used += n
	c.blank()
	pixels := s.decoder.Model().PictureSize()
	s.scaler.draw(c, image.Point{}, s.x[size.X-1], s.y[size.Y-1], s.tiles[tile*pixels:][:pixels], s.ink[tile])
	return c
}

// forget drops the scaled tiles.
func (s *manifold) forget() {
	clear(s.scaledAt)
	s.used = 0
}

// limit is how far the camera may be from the plane's centre and see tiles all over, if there are
// enough.
func (s *manifold) limit(zoom int64) (x, y int64) {
	full := s.tileSize(min(zoom, s.magnify*unit))
	lim := func(cell, tile, size int) int64 {
		far := int64(s.cells-1)*int64(cell)*zoom/unit + int64(tile-size) // in half pixels
		return max(0, far) * (unit / 2) * unit / (int64(cell) * zoom)
	}
	return lim(s.cell.X, full.X, s.size.X), lim(s.cell.Y, full.Y, s.size.Y)
}

// within moves the view back over the tiles.
func (s *manifold) within(v view) view {
	x, y := s.limit(v.zoom)
	return view{min(max(v.x, -x), x), min(max(v.y, -y), y), v.zoom}
}

// A tour is an endless flight: from all of the plane to a random part, over to others, closer, and
// back. It is a pure function of the seed and the frame.
type tour struct {
	seed  uint64
	plane *manifold
	index uint64
	ready bool
	stops [len(legs) + 1]view // of tour index
}

// A leg is the flight from one stop to the next.
type leg struct {
	frames uint64
	// Magnification at its end: 0 all of the plane, 1 tiles of full size, 2 the lattice is twice as
	// fine
	closer int
	random bool // its end is another random place
}

var legs = [...]leg{
	{60, 0, false},
	{150, 1, true},
	{150, 1, true},
	{150, 2, true},
	{150, 2, true},
	{150, 2, true},
	{150, 1, true},
	{150, 1, true},
	{150, 0, false},
}

// tourFrames is how long a tour takes.
const tourFrames = 60 + 8*150

func (t *tour) init(s *manifold, seed uint64) { t.plane, t.seed = s, seed }

// view is what frame n shows.
func (t *tour) view(n uint64) view {
	if k := n / tourFrames; !t.ready || k != t.index {
		t.plan(k)
		t.index, t.ready = k, true
	}
	n %= tourFrames
	i := 0
	for n >= legs[i].frames {
		n -= legs[i].frames
		i++
	}
	return between(t.stops[i], t.stops[i+1], int64(n), int64(legs[i].frames))
}

// plan fills the stops of the k-th tour.
func (t *tour) plan(k uint64) {
	var r rand.PCG
	r.Seed(t.seed, k)
	at := view{zoom: unit}
	t.stops[0] = at
	for i, l := range legs {
		at.zoom = unit
		if l.closer > 0 {
			at.zoom = t.plane.magnify * unit << min(l.closer-1, t.plane.levels)
		}
		if l.random {
			at = t.choose(&r, at, i > 1)
		} else {
			at = t.plane.within(view{zoom: at.zoom})
		}
		t.stops[i+1] = at
	}
}

// choose returns a random place to fly to from at. If near, it is no more than one and a half times
// the display's shorter side away.
func (t *tour) choose(r *rand.PCG, at view, near bool) view {
	s := t.plane
	limX, limY := s.limit(at.zoom)
	var dx, dy int64
	for range 2 { // the farther one of two
		x, y := random(r, limX)-at.x, random(r, limY)-at.y
		if max(x, -x)+max(y, -y) >= max(dx, -dx)+max(dy, -dy) {
			dx, dy = x, y
		}
	}
	reach := int64(min(s.size.X, s.size.Y)) * 3 / 2 * unit * unit / (int64(s.cell.X) * at.zoom)
	if far := max(dx, -dx, dy, -dy); near && far > reach {
		dx, dy = dx*reach/far, dy*reach/far
	}
	return s.within(view{at.x + dx, at.y + dy, at.zoom})
}

// random is an integer from -lim to lim.
func random(r *rand.PCG, lim int64) int64 { return int64(r.Uint64()>>1)%(2*lim+1) - lim }

// between is the view after n of the frames from a to b, starting and ending softly.
func between(a, b view, n, frames int64) view {
	// Smoothstep, 3u^2 - 2u^3, in 1/unit.
	u := n * n * (3*frames - 2*n) * unit / (frames * frames * frames)
	v := view{zoom: a.zoom}
	if a.zoom != b.zoom {
		// The geometric mean of two zooms, one whose magnification changes evenly and one whose
		// field of view does: close to a steady rate, without logarithms. The field of view's
		// middle goes evenly with its size.
		linear := a.zoom + (b.zoom-a.zoom)*u/unit
		field := a.zoom * b.zoom / (b.zoom + (a.zoom-b.zoom)*u/unit)
		v.zoom = sqrt(linear * field)
		u = b.zoom * (v.zoom - a.zoom) * unit / (v.zoom * (b.zoom - a.zoom))
	}
	v.x, v.y = a.x+(b.x-a.x)*u/unit, a.y+(b.y-a.y)*u/unit
	return v
}

// sqrt is the integer square root of a positive number, rounded down.
func sqrt(v int64) int64 {
	x := int64(1) << ((bits.Len64(uint64(v)) + 1) / 2)
	for {
		y := (x + v/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

var _ Steerable = (*manifold)(nil)

const (
	// planeKeys is about how many frames a key takes to move the camera by the display's shorter
	// side.
	planeKeys = 80
	// A key zooms by 1/zoomKeys a frame.
	zoomKeys = 48
)

// Cursor implements [Steerable].
func (s *manifold) Cursor(n uint64) Cursor {
	v := s.tour.view(n)
	return Cursor{Frame: n, X: v.x, Y: v.y, Zoom: v.zoom}
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
	return Cursor{Frame: c.Frame, X: v.x, Y: v.y, Zoom: v.zoom}
}

// whole is the magnification nearest to zoom at which the tiles seen are whole pixels apart, so
// that they move as one.
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

// RenderAt implements [Steerable]. Missing tiles appear within some frames, coarser lattices first.
func (s *manifold) RenderAt(dst draw.Image, c Cursor) {
	v := view{c.X, c.Y, min(max(c.Zoom, unit), s.closest())}
	s.place(v)
	s.decode(tilesSteered)
	s.draw(dst, v)
}
