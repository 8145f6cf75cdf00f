package digit

import (
	"image"
	"math"
	"sort"
)

// A mark is a connected piece of ink.
type mark struct {
	label int32
	box   image.Rectangle
	size  int  // pixels
	level int  // of its ink in the mean, where that is looked at
	edge  bool // touches the edge of the picture
}

func (m *mark) long() int { return max(m.box.Dx(), m.box.Dy()) }

// found is what of the ink is a digit.
type found struct {
	keep []bool
	// Marks left out: others of some size, and those around or under the digit
	left, frames, rules int
	peers               int // other marks as large as a digit
	parts               int // marks that the digit is of
	share               int // of the ink that could be a digit's, in percent
}

// comparedMarks is how many marks, from the largest on, are compared with each other.
const comparedMarks = 24

// digitMarks returns which ink is the digit's: the largest mark that is not cut by the picture's
// edge, encloses no other and underlines none, and those large, dark and near enough to be part of
// it. levels are those of the picture, ruled says that lines across it have been taken out, and
// shaded that its ground had edges, of which something may be left.
func digitMarks(ink []bool, levels []uint8, w, h int, ruled, shaded bool) (f found, ok bool) {
	labels, marks := label(ink, w, h)
	total := 0
	for _, m := range marks {
		total += m.size
	}
	sums := make([]int64, len(marks)+1)
	for i, l := range labels {
		sums[l] += int64(levels[i])
	}
	for i := range marks {
		marks[i].level = int(sums[marks[i].label] / int64(marks[i].size))
	}
	largest(marks)
	large := marks[:min(len(marks), comparedMarks)]
	out := frames(labels, w, large) // what is no digit
	if ruled {
		bars(large, out)
	}
	for _, is := range out {
		if is {
			f.frames++
		}
	}
	for i := range large {
		if !out[i] && underlines(&large[i], large, out) {
			out[i] = true
			f.rules++
		}
	}
	main := -1
	choose := func(edges bool) {
		for i, m := range large {
			if (edges || !m.edge) && !out[i] && (main < 0 || m.size*m.level > large[main].size*large[main].level) {
				main = i
			}
		}
	}
	if choose(false); main < 0 || large[main].long() < max(min(w, h)/8, minDigit) && total < w*h/4 && f.frames == 0 {
		choose(true) // a digit that fills the picture
	}
	if main < 0 {
		return f, false
	}
	m := large[main]
	if m.size*10 > w*h*7 {
		return f, false // more ink than ground
	}
	// Other parts are near, such as the bar of a 5.
	reach := m.box.Inset(-m.long() / 4)
	parts := make([]bool, len(marks)+1)
	kept, rest := 0, 0
	palest := 55 // in percent of the digit, small marks that are none of it
	if shaded {
		palest = 72
	}
	for i, p := range marks {
		big := 5*p.long() >= 2*m.long() && p.size*8 >= m.size
		// Small and paler than the digit are what is left of lines, and corners of shadows
		if i < len(out) && out[i] || p.edge && !m.edge || (!big || shaded) && 100*p.level < palest*m.level {
			if i < len(out) && !out[i] && p.size*50 >= m.size {
				f.left++
			}
			continue
		}
		rest += p.size
		near := p.box.Overlaps(reach)
		switch {
		case i == main:
		case big && (beside(p.box, m.box) || !near || !ruled && above(p.box, m.box)):
			f.peers++
			kept += p.size
			continue
		case near && p.size*20 >= m.size:
			part, apart := isPart(&p, &m, labels, w, h, out, large)
			if apart && big {
				f.peers++
				kept += p.size
				continue
			}
			if !part {
				f.left++
				continue
			}
		default:
			if p.size*50 >= m.size {
				f.left++
			}
			continue
		}
		parts[p.label] = true
		f.parts++
		kept += p.size
	}
	f.share = 100 * kept / max(rest, 1)
	f.keep = make([]bool, len(ink))
	for i, l := range labels {
		f.keep[i] = parts[l]
	}
	return f, true
}

// bars finds the upright lines between the boxes of a form, of which the lines across are out of
// the ink already: they begin and end at the same heights, and a digit is between two of them.
func bars(marks []mark, out []bool) {
	alike := func(a, b image.Rectangle) bool {
		off := max(a.Dy(), b.Dy()) / 6
		return abs(a.Min.Y-b.Min.Y) <= off && abs(a.Max.Y-b.Max.Y) <= off
	}
	bar := func(m *mark) bool { return m.box.Dy() >= 4*m.box.Dx() }
	between := func(a, b *mark) bool {
		for i := range marks {
			m := &marks[i]
			if m.box.Min.X > a.box.Min.X && m.box.Max.X < b.box.Max.X && m.box.Min.Y > a.box.Min.Y && m.box.Max.Y < a.box.Max.Y && 3*m.box.Dy() > a.box.Dy() && !alike(m.box, a.box) {
				return true
			}
		}
		return false
	}
	for i := range marks {
		for k := range marks {
			if a, b := &marks[i], &marks[k]; bar(a) && bar(b) && a.box.Min.X < b.box.Min.X && alike(a.box, b.box) && between(a, b) {
				for n := range marks {
					out[n] = out[n] || bar(&marks[n]) && alike(marks[n].box, a.box)
				}
			}
		}
	}
}

// isPart reports whether a small mark near a digit is a stroke of it: not far from it, no piece of
// a frame, which would be nearer, and no hole in the paper, round and at some distance. apart says
// that it is something of its own.
func isPart(p, m *mark, labels []int32, w, h int, out []bool, large []mark) (part, apart bool) {
	dx, dy := p.box.Dx(), p.box.Dy()
	round := 5*max(dx, dy) <= 7*min(dx, dy) && p.size*10 >= 6*dx*dy
	// The rings around it, until there is a mark
	of := map[int32]bool{m.label: true}
	for i, is := range out {
		if is {
			of[large[i].label] = true
		}
	}
	seen := map[int]bool{}
	var ring []image.Point
	for y := p.box.Min.Y; y < p.box.Max.Y; y++ {
		for x := p.box.Min.X; x < p.box.Max.X; x++ {
			if labels[y*w+x] == p.label {
				ring = append(ring, image.Pt(x, y))
				seen[y*w+x] = true
			}
		}
	}
	for distance := 1; 3*distance <= m.long(); distance++ {
		var next []image.Point
		if 8*distance > m.long() && 10*dx > 11*m.box.Dx() {
			break // such as a line of print above it
		}
		for _, at := range ring {
			for _, to := range [4]image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				q := at.Add(to)
				if q.X < 0 || q.Y < 0 || q.X >= w || q.Y >= h || seen[q.Y*w+q.X] {
					continue
				}
				if l := labels[q.Y*w+q.X]; of[l] {
					return l == m.label && (!round || 2*distance < min(dx, dy)), false
				}
				seen[q.Y*w+q.X] = true
				next = append(next, q)
			}
		}
		ring = next
	}
	return false, !round
}

// largest sorts marks, the largest first.
func largest(marks []mark) {
	sort.SliceStable(marks, func(i, k int) bool { return marks[i].size > marks[k].size })
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// beside reports whether two boxes are side by side and not above each other.
func beside(a, b image.Rectangle) bool {
	x := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	y := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return 10*x < 3*min(a.Dx(), b.Dx()) && 10*y > 4*min(a.Dy(), b.Dy())
}

// above reports whether two boxes are above each other and both more than a bar.
func above(a, b image.Rectangle) bool {
	all := a.Union(b)
	return 20*min(a.Dy(), b.Dy()) > 7*all.Dy() && 10*(a.Dy()+b.Dy()) < 11*all.Dy()
}

// rays are directions from the middle of a mark, evenly around.
var rays = [16]image.Point{
	{5, 0}, {5, 2}, {4, 4}, {2, 5}, {0, 5}, {-2, 5}, {-4, 4}, {-5, 2},
	{-5, 0}, {-5, -2}, {-4, -4}, {-2, -5}, {0, -5}, {2, -5}, {4, -4}, {5, -2},
}

// sides returns on how many sides a box reaches beyond one in it.
func sides(b, in image.Rectangle) (n int) {
	for _, is := range []bool{b.Min.X < in.Min.X, b.Min.Y < in.Min.Y, b.Max.X > in.Max.X, b.Max.Y > in.Max.Y} {
		if is {
			n++
		}
	}
	return n
}

// frames returns which marks are around another of some size, whose middle is surrounded by one or
// some of them in nearly all directions, or by one on three sides: a box or a circle around a
// digit.
func frames(labels []int32, w int, marks []mark) []bool {
	out := make([]bool, len(marks))
	index := map[int32]int{}
	for i, m := range marks {
		index[m.label] = i
	}
	for k := range marks {
		m := &marks[k]
		if m.long() < minDigit || m.size*20 < marks[0].size {
			continue
		}
		// Those that could be pieces of a frame, seen from the middle
		around := func(f *mark) bool {
			b := f.box
			wide := b.Min.X < m.box.Min.X && b.Max.X > m.box.Max.X
			high := b.Min.Y < m.box.Min.Y && b.Max.Y > m.box.Max.Y
			return (wide || high) && f.long() <= 4*m.long()
		}
		middle := m.box.Min.Add(m.box.Max).Div(2)
		hit := make([]int, len(marks))
		hits := 0
		for _, ray := range rays {
			for step := 1; ; step++ {
				// In steps of less than a pixel, as a slanting line may be thin
				p := middle.Add(image.Pt(floorDiv(ray.X*step, 8), floorDiv(ray.Y*step, 8)))
				if p.X < 0 || p.Y < 0 || p.X >= w || p.Y*w >= len(labels) {
					break
				}
				if l := labels[p.Y*w+p.X]; l > 0 && l != m.label {
					if i, large := index[l]; large && around(&marks[i]) {
						hit[i]++
						hits++
						break
					}
				}
			}
		}
		for i, n := range hit {
			out[i] = out[i] || hits >= 13 && n > 0 || n >= 10 && sides(marks[i].box, m.box) >= 3
		}
	}
	return out
}

// underlines reports whether a mark is a line under another. One above may be the bar of a 5.
func underlines(line *mark, marks []mark, out []bool) bool {
	b := line.box
	if b.Dx() < 3*b.Dy() || line.size*6 > b.Dx()*b.Dx() {
		return false
	}
	for i := range marks {
		m := &marks[i]
		if m.label == line.label || out[i] || 5*m.box.Dy() < b.Dx() || m.box.Dx() >= 3*m.box.Dy() {
			continue
		}
		if m.box.Min.X >= b.Max.X || m.box.Max.X <= b.Min.X || 5*b.Dx() < 4*m.box.Dx() {
			continue // beside it, or as short as a piece of its strokes
		}
		if (m.box.Min.Y+m.box.Max.Y)/2 < b.Min.Y {
			return true
		}
	}
	return false
}

// strokeWidth returns the mean width of the strokes of a digit in thousandths of its longer side.
func strokeWidth(keep []bool, w int, box image.Rectangle) int {
	ink, sides := inkAndSides(keep, w, box)
	// Sides of pixels are 4/pi as long as the outline that they are of.
	return int(1000 * 2 * int64(ink) * 5 / int64(max(4*sides, 1)) / int64(max(box.Dx(), box.Dy())))
}

// roundness returns how much ink a mark has for its outline, in percent of a disc: strokes have
// less than 60.
func roundness(keep []bool, w int, box image.Rectangle) int {
	ink, sides := inkAndSides(keep, w, box)
	return int(2037 * int64(ink) / max(int64(sides)*int64(sides), 1)) // 100 * 4 pi / (pi/4)^2
}

// inkAndSides returns how many pixels of ink there are, and sides of pixels between ink and ground.
func inkAndSides(keep []bool, w int, box image.Rectangle) (ink, sides int) {
	at := func(x, y int) bool { return image.Pt(x, y).In(box) && keep[y*w+x] }
	for y := box.Min.Y - 1; y < box.Max.Y; y++ {
		for x := box.Min.X - 1; x < box.Max.X; x++ {
			is := at(x, y)
			if is {
				ink++
			}
			if is != at(x+1, y) {
				sides++
			}
			if is != at(x, y+1) {
				sides++
			}
		}
	}
	return ink, sides
}

// holes returns how many pieces of ground strokes are around, but for the smallest, and how many
// pixels they are in all.
func holes(keep []bool, w int, box image.Rectangle) (n, pixels int) {
	dx, dy := box.Dx()+2, box.Dy()+2
	ground := make([]bool, dx*dy)
	for y := range dy {
		for x := range dx {
			p := box.Min.Add(image.Pt(x-1, y-1))
			ground[y*dx+x] = !p.In(box) || !keep[p.Y*w+p.X]
		}
	}
	_, pieces := label(ground, dx, dy)
	for _, p := range pieces {
		switch {
		case p.edge:
			continue
		case 500*p.size >= dx*dy:
			n++
		}
		pixels += p.size
	}
	return n, pixels
}

// bent reports whether a line across a mark, or along it, often meets it more than once.
func bent(keep []bool, w int, box image.Rectangle) bool {
	lines := 0
	count := func(at, step, n int) {
		runs, before := 0, false
		for range n {
			if keep[at] && !before {
				runs++
			}
			before = keep[at]
			at += step
		}
		if runs > 1 {
			lines++
		}
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		count(y*w+box.Min.X, 1, box.Dx())
	}
	for x := box.Min.X; x < box.Max.X; x++ {
		count(box.Min.Y*w+x, w, box.Dy())
	}
	return 8*lines > box.Dx()+box.Dy()
}

// outline returns how much of a mark's outline is an edge in the picture, in percent: by how much
// it is brighter inside than out, up to what ink needs.
func (g *grey) outline(keep []bool, box image.Rectangle) int {
	const enough = leastContrast
	reach := 2 + max(box.Dx(), box.Dy())/50
	sum, n := 0, 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if !keep[y*g.w+x] {
				continue
			}
			for _, to := range [4]image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				if nx, ny := x+to.X, y+to.Y; nx < 0 || ny < 0 || nx >= g.w || ny >= g.h || keep[ny*g.w+nx] {
					continue
				}
				fx, fy := min(max(x+reach*to.X, 0), g.w-1), min(max(y+reach*to.Y, 0), g.h-1)
				sum += min(max(int(g.pix[y*g.w+x])-int(g.pix[fy*g.w+fx]), 0), enough)
				n++
			}
		}
	}
	return 100 * sum / max(n*enough, 1)
}

// levelsAround returns the medians of a mark's levels and of those along its box.
func (g *grey) levelsAround(keep []bool, box image.Rectangle) (level, beyond int) {
	var in [256]int
	nin := 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if keep[y*g.w+x] {
				in[g.pix[y*g.w+x]]++
				nin++
			}
		}
	}
	out, nout := g.around(box)
	return quantile(&in, nin, 50), quantile(&out, nout, 50)
}

// around returns how many pixels there are of each level on a frame just outside a box, and how
// many in all.
func (g *grey) around(box image.Rectangle) (levels [256]int, n int) {
	r := box.Inset(-2 - max(box.Dx(), box.Dy())/16).Intersect(image.Rect(0, 0, g.w, g.h))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if y == r.Min.Y || y == r.Max.Y-1 || x == r.Min.X || x == r.Max.X-1 {
				levels[g.pix[y*g.w+x]]++
				n++
			}
		}
	}
	return levels, n
}

// label numbers the marks from 1 on.
func label(ink []bool, w, h int) (labels []int32, marks []mark) {
	labels = make([]int32, len(ink))
	var stack []int32
	for start := range ink {
		if !ink[start] || labels[start] != 0 {
			continue
		}
		l := int32(len(marks) + 1)
		m := mark{label: l, box: image.Rectangle{image.Pt(math.MaxInt, math.MaxInt), image.Pt(math.MinInt, math.MinInt)}}
		labels[start] = l
		stack = append(stack[:0], int32(start))
		for len(stack) > 0 {
			i := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			x, y := i%w, i/w
			m.size++
			m.box.Min.X, m.box.Min.Y = min(m.box.Min.X, x), min(m.box.Min.Y, y)
			m.box.Max.X, m.box.Max.Y = max(m.box.Max.X, x+1), max(m.box.Max.Y, y+1)
			m.edge = m.edge || x == 0 || y == 0 || x == w-1 || y == h-1
			for sy := max(y-1, 0); sy <= min(y+1, h-1); sy++ {
				for sx := max(x-1, 0); sx <= min(x+1, w-1); sx++ {
					if n := sy*w + sx; ink[n] && labels[n] == 0 {
						labels[n] = l
						stack = append(stack, int32(n))
					}
				}
			}
		}
		marks = append(marks, m)
	}
	return labels, marks
}

// joined reports whether a mark looks like two digits that touch: it is wide, and somewhere in its
// middle a single stroke joins what is high on both sides. So it is with most pairs that touch, and
// with one in 800 digits of MNIST, a 4 or a 0 mostly.
func joined(keep []bool, w int, box image.Rectangle) bool {
	width, height := box.Dx(), box.Dy()
	if 100*width < 125*height {
		return false
	}
	type column struct{ top, bottom, ink, runs int }
	columns := make([]column, width)
	for x := range columns {
		c := column{top: height}
		for y := range height {
			at := (box.Min.Y+y)*w + box.Min.X + x
			if !keep[at] {
				continue
			}
			if c.top, c.bottom = min(c.top, y), y+1; y == 0 || !keep[at-w] {
				c.runs++
			}
			c.ink++
		}
		columns[x] = c
	}
	high := func(some []column) bool {
		top, bottom := height, 0
		for _, c := range some {
			top, bottom = min(top, c.top), max(bottom, c.bottom)
		}
		return 4*(bottom-top) >= 3*height
	}
	for x := width * 3 / 10; x < width*7/10; x++ {
		if c := columns[x]; c.runs <= 1 && 4*c.ink <= height && high(columns[:x]) && high(columns[x:]) {
			return true
		}
	}
	return false
}
