package digit

import (
	"image"
	"slices"
)

// outsideNote clears the ink that is not on the note that a box is on, and reports whether there is
// any: paper that is brighter than what is around it, and within the picture but for one side. A
// shadow is darker than what is around it. g is inverted: bright ink on dark.
func (g *grey) outsideNote(ink []bool, box image.Rectangle) (cleared bool) {
	const step, apart = 8, 24 // levels between neighbours on paper, and between paper and desk
	factor := coarseFactor(g.w, g.h)
	ground := g.coarse(factor).opened(widestStroke / 3)
	at := image.Rect(box.Min.X/factor, box.Min.Y/factor, (box.Max.X-1)/factor+1, (box.Max.Y-1)/factor+1)
	var levels []uint8
	for y := at.Min.Y; y < at.Max.Y; y++ {
		levels = append(levels, ground.pix[y*ground.w+at.Min.X:y*ground.w+at.Max.X]...)
	}
	slices.Sort(levels)
	level := int(levels[len(levels)/2])
	// The paper, from what is beside the digit on
	const seen, beyond = 1, 2
	marks := make([]uint8, len(ground.pix))
	var stack []int
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			if i := y*ground.w + x; abs(int(ground.pix[i])-level) <= step {
				marks[i] = seen
				stack = append(stack, i)
			}
		}
	}
	var left, right, top, bottom bool
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		p := image.Pt(i%ground.w, i/ground.w)
		left, right = left || p.X == 0, right || p.X == ground.w-1
		top, bottom = top || p.Y == 0, bottom || p.Y == ground.h-1
		for _, to := range [4]image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			q := p.Add(to)
			n := q.Y*ground.w + q.X
			if q.X < 0 || q.Y < 0 || q.X >= ground.w || q.Y >= ground.h || marks[n] == seen {
				continue
			}
			marks[n] = beyond
			if v := int(ground.pix[n]); abs(v-int(ground.pix[i])) <= step && abs(v-level) <= apart {
				marks[n] = seen
				stack = append(stack, n)
			}
		}
	}
	sides := 0
	for _, is := range []bool{left, right, top, bottom} {
		if is {
			sides++
		}
	}
	darker, brighter := 0, 0
	for i, m := range marks {
		switch {
		case m == beyond && int(ground.pix[i]) > level+step:
			darker++
		case m == beyond:
			brighter++
		}
	}
	if sides > 1 || darker < 4*brighter {
		return false
	}
	// Paper is convex, but for the ink on it
	paper := within(ground.w, ground.h, func(x, y int) bool { return marks[y*ground.w+x] == seen })
	for i, is := range ink {
		if is && !paper(i%g.w/factor, i/g.w/factor) {
			ink[i] = false
			cleared = true
		}
	}
	return cleared
}

// onNote returns the picture of what is on a note, whose level is around that, too.
func (g *grey) onNote(note *reading) *grey {
	h, middle := hullOf(note.found.keep, g.w, note.box)
	on := g.crop(note.box)
	var levels [256]int
	n := 0
	for i, v := range on.pix {
		if note.found.keep[(note.box.Min.Y+i/on.w)*g.w+note.box.Min.X+i%on.w] {
			levels[v]++
			n++
		}
	}
	level := uint8(quantile(&levels, n, 50))
	margin := 16 * (2 + max(on.w, on.h)/32)
	for i := range on.pix {
		if h.depth(image.Pt(i%on.w, i/on.w).Add(note.box.Min).Sub(middle)) < margin {
			on.pix[i] = level
		}
	}
	return on
}

// within returns whether a place is on its row and its column between places of something.
func within(w, h int, something func(x, y int) bool) func(x, y int) bool {
	rows, columns := make([][2]int, h), make([][2]int, w)
	for y := range rows {
		for x := range columns {
			if !something(x, y) {
				continue
			}
			if rows[y][1] == 0 {
				rows[y][0] = x
			}
			if columns[x][1] == 0 {
				columns[x][0] = y
			}
			rows[y][1], columns[x][1] = x+1, y+1
		}
	}
	return func(x, y int) bool {
		return x >= rows[y][0] && x < rows[y][1] && y >= columns[x][0] && y < columns[x][1]
	}
}

// strangeInside returns by how many levels the ground that a mark has on all four sides, if it is
// an eighth of the mark's box, is beyond all those around the mark. A 0 is on one paper; the edge
// of a note is around another.
func (g *grey) strangeInside(keep []bool, box image.Rectangle) int {
	at := func(x, y int) int { return (box.Min.Y+y)*g.w + box.Min.X + x }
	enclosed := within(box.Dx(), box.Dy(), func(x, y int) bool { return keep[at(x, y)] })
	var in [256]int
	nin := 0
	for y := range box.Dy() {
		for x := range box.Dx() {
			if i := at(x, y); !keep[i] && enclosed(x, y) {
				in[g.pix[i]]++
				nin++
			}
		}
	}
	out, nout := g.around(box)
	if 8*nin < box.Dx()*box.Dy() {
		return 0
	}
	level := quantile(&in, nin, 50)
	return max(quantile(&out, nout, 5)-level, level-quantile(&out, nout, 95), 0)
}
