package digit

import (
	"image"
	"math"
)

// A mark is a connected piece of ink.
type mark struct {
	box  image.Rectangle
	size int  // pixels
	edge bool // touches the edge of the picture
}

// digitMarks returns which ink is the digit's: the largest mark not cut by the picture's edge, and
// those large and near enough to be part of it. left is how many others of some size there are.
func digitMarks(ink []bool, w, h int) (keep []bool, left int, ok bool) {
	labels, marks := label(ink, w, h)
	total := 0
	for _, m := range marks {
		total += m.size
	}
	main := -1
	choose := func(edges bool) {
		for i, m := range marks {
			if (edges || !m.edge) && (main < 0 || m.size > marks[main].size) {
				main = i
			}
		}
	}
	if choose(false); main < 0 || max(marks[main].box.Dx(), marks[main].box.Dy()) < max(min(w, h)/8, minDigit) && total < w*h/4 {
		choose(true) // a digit that fills the picture
	}
	if main < 0 {
		return nil, 0, false
	}
	m := marks[main]
	if m.size*10 > w*h*7 {
		return nil, 0, false // more ink than ground
	}
	// Other parts are near, such as the bar of a 5.
	reach := m.box.Inset(-max(m.box.Dx(), m.box.Dy()) / 4)
	parts := make([]bool, len(marks))
	for i, p := range marks {
		near := p.box.Overlaps(reach) && (!p.edge || m.edge)
		switch {
		case i == main || near && p.size*20 >= m.size:
			parts[i] = true
		case p.size*50 >= m.size:
			left++
		}
	}
	keep = make([]bool, len(ink))
	for i, l := range labels {
		keep[i] = l > 0 && parts[l-1]
	}
	return keep, left, true
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
		m := mark{box: image.Rectangle{image.Pt(math.MaxInt, math.MaxInt), image.Pt(math.MinInt, math.MinInt)}}
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
