package digit

import (
	"image"
	"slices"
)

// directions are evenly around a square, and nearly so around a circle.
var directions = around(8)

// around returns the whole points of a square of twice a half side, one after another.
func around(half int) (p []image.Point) {
	for i := -half; i < half; i++ {
		p = append(p, image.Pt(half, i))
	}
	for i := -half; i < half; i++ {
		p = append(p, image.Pt(-i, half))
	}
	for i := -half; i < half; i++ {
		p = append(p, image.Pt(-half, -i))
	}
	for i := -half; i < half; i++ {
		p = append(p, image.Pt(i, -half))
	}
	return p
}

// A hull is the convex outline of a mark, seen from directions: how far it reaches toward each, in
// pixels.
type hull struct{ reach, norm [64]int }

func newHull() *hull {
	h := &hull{}
	for i, d := range directions {
		h.norm[i] = max(isqrt(256*(d.X*d.X+d.Y*d.Y))/16, 1)
	}
	return h
}

func (h *hull) add(p image.Point) {
	for i, d := range directions {
		h.reach[i] = max(h.reach[i], 16*(p.X*d.X+p.Y*d.Y)/h.norm[i])
	}
}

// depth returns how far within the outline a point is, in sixteenths of a pixel.
func (h *hull) depth(p image.Point) int {
	least := h.reach[0] - 16*(p.X*directions[0].X+p.Y*directions[0].Y)/h.norm[0]
	for i, d := range directions[1:] {
		least = min(least, h.reach[i+1]-16*(p.X*d.X+p.Y*d.Y)/h.norm[i+1])
	}
	return least
}

// hullOf returns the outline of a mark, seen from a point.
func hullOf(keep []bool, w int, box image.Rectangle) (h *hull, middle image.Point) {
	h, middle = newHull(), box.Min.Add(box.Max).Div(2)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if keep[y*w+x] && (x == box.Min.X || !keep[y*w+x-1] || x+1 == box.Max.X || !keep[y*w+x+1]) {
				h.add(image.Pt(x, y).Sub(middle))
			}
		}
	}
	return h, middle
}

// A shape is what a mark looks like as a whole.
type shape struct {
	solid  int // how much of its hull is ink or a hole in it, in percent
	ink    int // and ink alone
	boxed  int // how much the hull is of the least rectangle around it
	deep   int // how much of the ink is within the hull by more than a quarter of its width
	closed int // of the directions seen from its middle, in how many ink is near the hull
	holes  int // in it, that are not small
	slim   int // that rectangle's shorter side in percent of its longer
}

func shapeOf(keep []bool, w int, box image.Rectangle) shape {
	n, hollow := holes(keep, w, box)
	h, middle := hullOf(keep, w, box)
	quarter := len(directions) / 4
	var long, short int
	for i := range quarter {
		a, b := h.reach[i]+h.reach[i+2*quarter]+16, h.reach[i+quarter]+h.reach[i+3*quarter]+16
		if i == 0 || a*b < long*short {
			long, short = max(a, b), min(a, b)
		}
	}
	step := max(box.Dx(), box.Dy())/100 + 1
	area, ink, deep := 0, 0, 0
	for y := box.Min.Y; y < box.Max.Y; y += step {
		for x := box.Min.X; x < box.Max.X; x += step {
			depth := h.depth(image.Pt(x, y).Sub(middle))
			if depth >= 0 {
				area += step * step
			}
			if keep[y*w+x] {
				ink += step * step
				if depth > short/4 {
					deep += step * step
				}
			}
		}
	}
	tolerance := 16 * max(box.Dx(), box.Dy()) * 7 / 100
	var near [outlineSectors]bool
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X && 8*deep <= ink; x++ { // others are no frames
			p := image.Pt(x, y).Sub(middle)
			if is := &near[sector(p)]; !*is && keep[y*w+x] {
				*is = h.depth(p) <= tolerance
			}
		}
	}
	closed := 0
	for _, is := range near {
		if is {
			closed++
		}
	}
	percent := func(part, of int) int { return 100 * part / max(of, 1) }
	return shape{
		solid: percent(ink+hollow, area), ink: percent(ink, area), boxed: percent(256*area, long*short),
		deep: percent(deep, ink), closed: percent(closed, outlineSectors), holes: n, slim: percent(short, long),
	}
}

// note reports whether a mark is an area with corners.
func (s *shape) note() bool { return s.slim > 40 && s.boxed >= 86 && s.solid >= 94 && s.ink >= 50 }

// frame reports whether a mark is an empty box, or a note: it has corners, and nothing in it. So it
// is with none of 2,500 digits of MNIST.
func (s *shape) frame() bool {
	return s.slim > 40 && s.boxed >= 86 && s.deep <= 8 && s.holes < 2 && s.closed >= outlineWhole || s.note()
}

// outlineSectors is in how many sectors an outline is looked at, and outlineWhole how many percent
// of them it must be in to be one around something.
const (
	outlineSectors = 128
	outlineWhole   = 86
)

// sector returns in which of outlineSectors a point is, seen from (0, 0).
func sector(p image.Point) int {
	const half = outlineSectors / 8
	m := max(abs(p.X), abs(p.Y), 1)
	switch {
	case p.X == m:
		return (half + floorDiv(p.Y*half, m)) % outlineSectors
	case p.Y == m:
		return (3*half + floorDiv(-p.X*half, m)) % outlineSectors
	case -p.X == m:
		return (5*half + floorDiv(-p.Y*half, m)) % outlineSectors
	}
	return (7*half + floorDiv(p.X*half, m)) % outlineSectors
}

// cutOutlines takes boxes and circles out of the ink that a digit in them touches, which has made
// one mark of both, and returns how many. What is left of such a mark stays, but for lines from
// side to side, as the boxes of a form have them.
func cutOutlines(ink []bool, w, h int) (cut int) {
	const rounds, most = 3, 4
	for range rounds {
		labels, marks := label(ink, w, h)
		largest(marks)
		before := cut
		for i := range marks[:min(len(marks), most)] {
			if m := &marks[i]; m.size*8 >= marks[0].size && m.long() >= max(min(w, h)/8, 2*minDigit) && cutOutline(ink, labels, w, m, marks) {
				cut++
			}
		}
		if cut == before {
			break
		}
	}
	return cut
}

// cutOutline takes the outline of a mark out of the ink if it is closed, or nearly, is convex, and
// has something in it.
func cutOutline(ink []bool, labels []int32, w int, m *mark, marks []mark) bool {
	middle := m.box.Min.Add(m.box.Max).Div(2)
	outline := newHull()
	var outermost [outlineSectors]image.Point
	var points []image.Point
	for y := m.box.Min.Y; y < m.box.Max.Y; y++ {
		for x := m.box.Min.X; x < m.box.Max.X; x++ {
			if labels[y*w+x] != m.label {
				continue
			}
			p := image.Pt(x, y).Sub(middle)
			points = append(points, p)
			if x == m.box.Min.X || labels[y*w+x-1] != m.label || x+1 == m.box.Max.X || labels[y*w+x+1] != m.label {
				outline.add(p)
			}
			if o := &outermost[sector(p)]; max(abs(p.X), abs(p.Y)) > max(abs(o.X), abs(o.Y)) {
				*o = p
			}
		}
	}
	// How thick the outline is where it is on the hull, in sixteenths of a pixel
	tolerance := 16 * m.long() * 7 / 100
	depth := [outlineSectors]int{}
	var thick []int
	for i, o := range outermost {
		if depth[i] = outline.depth(o); depth[i] > tolerance || o == (image.Point{}) {
			depth[i] = 0
			continue
		}
		p := o
		long := max(abs(o.X), abs(o.Y))
		for step := long; step > 0; step-- {
			if q := o.Mul(step).Div(long); labels[(q.Y+middle.Y)*w+q.X+middle.X] == m.label {
				p = q
				continue
			}
			break
		}
		thick = append(thick, outline.depth(p)-depth[i]+16)
	}
	if 100*len(thick) < outlineWhole*outlineSectors {
		return false
	}
	slices.Sort(thick)
	usual := thick[len(thick)/3]*3/2 + 16
	if usual*8 > 16*m.long() { // as thick as a digit's strokes
		return false
	}
	inner := make([]bool, m.box.Dx()*m.box.Dy())
	border, beside := 0, 0 // ink of the outline, and as far within it again
	for _, p := range points {
		at := p.Add(middle).Sub(m.box.Min)
		deep := outline.depth(p) - depth[sector(p)]
		inner[at.Y*m.box.Dx()+at.X] = deep > usual
		switch {
		case deep <= usual:
			border++
		case deep <= 2*usual:
			beside++
		}
	}
	if 5*beside > 3*border {
		return false // noise, or a scribble
	}
	// What is in it, of the mark itself and of others
	pieces, parts := label(inner, m.box.Dx(), m.box.Dy())
	drop := make([]bool, len(parts)+1)
	across, content := 0, false
	for _, p := range parts {
		deepest := 0
		line := 16*p.size < p.long()*usual*3/2 && (p.box.Dx() >= 4*p.box.Dy() && 4*p.box.Dx() >= 3*m.box.Dx() || p.box.Dy() >= 4*p.box.Dx() && 4*p.box.Dy() >= 3*m.box.Dy())
		if line {
			across++
		}
		for y := p.box.Min.Y; y < p.box.Max.Y; y++ {
			for x := p.box.Min.X; x < p.box.Max.X; x++ {
				if pieces[y*m.box.Dx()+x] == p.label {
					deepest = max(deepest, outline.depth(image.Pt(x, y).Add(m.box.Min).Sub(middle)))
				}
			}
		}
		drop[p.label] = line || deepest < tolerance+2*usual
		// What is flat is the waist of an 8
		content = content || !drop[p.label] && 100*p.long() >= 35*m.long() && 3*p.box.Dx() <= 4*p.box.Dy()
	}
	for i := range marks {
		o := &marks[i]
		content = content || across > 0 && o.label != m.label && o.box.In(m.box) && 3*o.box.Dy() >= m.box.Dy()
	}
	if !content {
		return false
	}
	for _, p := range points {
		at := p.Add(middle)
		if l := pieces[(at.Y-m.box.Min.Y)*m.box.Dx()+at.X-m.box.Min.X]; l == 0 || drop[l] {
			ink[at.Y*w+at.X] = false
		}
	}
	return true
}
