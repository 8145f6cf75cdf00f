package digit

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// A mark is a connected piece of ink.
type mark struct {
	label int32
	box   image.Rectangle
	size  int  // pixels
	edge  bool // touches the edge of the picture
}

func (m *mark) long() int { return max(m.box.Dx(), m.box.Dy()) }

// found is what of the ink is a digit.
type found struct {
	keep []bool
	// Marks left out: others of some size, and those around or under the digit
	left, frames, rules int
	peers               int // other marks as large as a digit
	share               int // of the ink that could be a digit's, in percent
}

// comparedMarks is how many marks, from the largest on, are compared with each other.
const comparedMarks = 24

// digitMarks returns which ink is the digit's: the largest mark that is not cut by the picture's
// edge, encloses no other and underlines none, and those large and near enough to be part of it.
func digitMarks(ink []bool, w, h int) (f found, ok bool) {
	labels, marks := label(ink, w, h)
	total := 0
	for _, m := range marks {
		total += m.size
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(b.size, a.size) })
	large := marks[:min(len(marks), comparedMarks)]
	out := frames(labels, w, large) // what is no digit
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
			if (edges || !m.edge) && !out[i] && (main < 0 || m.size > large[main].size) {
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
	for i, p := range marks {
		if i < len(out) && out[i] || p.edge && !m.edge {
			if i < len(out) && !out[i] && p.size*50 >= m.size {
				f.left++
			}
			continue
		}
		rest += p.size
		near := p.box.Overlaps(reach)
		big := 5*p.long() >= 2*m.long() && p.size*8 >= m.size
		switch {
		case i == main:
		case big && (beside(p.box, m.box) || !near):
			f.peers++
			kept += p.size
			continue
		case near && p.size*20 >= m.size:
		default:
			if p.size*50 >= m.size {
				f.left++
			}
			continue
		}
		parts[p.label] = true
		kept += p.size
	}
	f.share = 100 * kept / max(rest, 1)
	f.keep = make([]bool, len(ink))
	for i, l := range labels {
		f.keep[i] = parts[l]
	}
	return f, true
}

// beside reports whether two boxes are side by side and not above each other.
func beside(a, b image.Rectangle) bool {
	x := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	y := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return 10*x < 3*min(a.Dx(), b.Dx()) && 10*y > 4*min(a.Dy(), b.Dy())
}

// rays are directions from the middle of a mark, evenly around.
var rays = [16]image.Point{
	{5, 0}, {5, 2}, {4, 4}, {2, 5}, {0, 5}, {-2, 5}, {-4, 4}, {-5, 2},
	{-5, 0}, {-5, -2}, {-4, -4}, {-2, -5}, {0, -5}, {2, -5}, {4, -4}, {5, -2},
}

// frames returns which marks are around another of some size, whose middle is surrounded by one or
// some of them in nearly all directions: a box or a circle around a digit.
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
			return (wide || high) && f.long() <= 5*m.long()
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
		if hits < 13 {
			continue
		}
		for i, n := range hit {
			out[i] = out[i] || n > 0
		}
	}
	return out
}

// underlines reports whether a mark is a line under another, or one above that is too wide to be
// its part, as the bar of a 5 is.
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
		if m.box.Min.X >= b.Max.X || m.box.Max.X <= b.Min.X {
			continue
		}
		middle := (m.box.Min.Y + m.box.Max.Y) / 2
		if middle < b.Min.Y || middle > b.Max.Y && 5*b.Dx() > 6*m.box.Dx() {
			return true
		}
	}
	return false
}

// strokeWidth returns the mean width of the strokes of a digit in thousandths of its longer side.
func strokeWidth(keep []bool, w int, box image.Rectangle) int {
	ink, sides := 0, 0
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
	// Sides of pixels are 4/pi as long as the outline that they are of.
	return int(1000 * 2 * int64(ink) * 5 / int64(max(4*sides, 1)) / int64(max(box.Dx(), box.Dy())))
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
	var in, out [256]int
	nin, nout := 0, 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if keep[y*g.w+x] {
				in[g.pix[y*g.w+x]]++
				nin++
			}
		}
	}
	around := box.Inset(-2 - max(box.Dx(), box.Dy())/16).Intersect(image.Rect(0, 0, g.w, g.h))
	for y := around.Min.Y; y < around.Max.Y; y++ {
		for x := around.Min.X; x < around.Max.X; x++ {
			if y == around.Min.Y || y == around.Max.Y-1 || x == around.Min.X || x == around.Max.X-1 {
				out[g.pix[y*g.w+x]]++
				nout++
			}
		}
	}
	return quantile(&in, nin, 50), quantile(&out, nout, 50)
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
