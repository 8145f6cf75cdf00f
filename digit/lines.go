package digit

import "image"

// lineSide is about how many pixels the longer side of the picture has in which lines are looked
// for.
const lineSide = 640

// eraseLines takes straight lines that run across the picture out of the ink, as ruled and squared
// paper has them, and returns how many. Where a stroke crosses a line, the ink is thicker than the
// line, and stays.
func eraseLines(ink []bool, w, h int) (lines int) {
	// A stroke may be long and straight, and a box may be double, but there are not five lines
	// beside each other. On squared paper there are others across them.
	const alone, squared = 5, 3
	lines = eraseAcross(ink, w, h, 1, w, alone)
	least := alone
	if lines > 0 {
		least = squared
	}
	across := eraseAcross(ink, h, w, w, 1, least)
	if lines == 0 && across > 0 {
		lines = eraseAcross(ink, w, h, 1, w, squared)
	}
	return lines + across
}

// A ruled is a line in coarse pixels: at x its y is from + rise * x / width.
type ruled struct{ from, rise, start, end int }

// eraseAcross erases lines that run along x, in a picture of w x h whose pixel (x, y) is
// ink[x*stepX+y*stepY], if one is from side to side or there are the least that it takes.
func eraseAcross(ink []bool, w, h, stepX, stepY, least int) (erased int) {
	factor := (max(w, h) + lineSide - 1) / lineSide
	cw, ch := (w+factor-1)/factor, (h+factor-1)/factor
	if cw < 32 || ch < 32 {
		return 0
	}
	// The middles of what is as thin as a line, and all ink
	thickest := max(w/50, 3)
	coarse, thick := make([]bool, cw*ch), make([]bool, cw*ch)
	for x := range w {
		for y := 0; y < h; y++ {
			from := y
			for y < h && ink[x*stepX+y*stepY] {
				thick[y/factor*cw+x/factor] = true
				y++
			}
			if y > from && y-from <= thickest {
				middle := (from + y - 1) / 2
				coarse[max(middle-1, 0)/factor*cw+x/factor] = true
				coarse[middle/factor*cw+x/factor] = true
				coarse[min(middle+1, h-1)/factor*cw+x/factor] = true
			}
		}
	}
	// The Hough transform: for every rise of a line, how many pixels are on that from each height.
	steepest := cw / 3
	offset := steepest // of the lowest height
	heights := ch + 2*steepest
	votes := make([]int32, (2*steepest+1)*heights)
	vote := func(x, y int, by int32) {
		for rise := -steepest; rise <= steepest; rise++ {
			votes[(rise+steepest)*heights+y-floorDiv(2*rise*x+cw, 2*cw)+offset] += by
		}
	}
	n := 0
	for i, c := range coarse {
		if c {
			vote(i%cw, i/cw, 1)
			n++
		}
	}
	if n > cw*ch/2 {
		return 0
	}
	var found []ruled
	const most = 100
	whole := 0 // lines from side to side
	for range most {
		best := 0
		for i, v := range votes {
			if v > votes[best] {
				best = i
			}
		}
		if int(votes[best])*5 < cw*2 {
			break
		}
		l := ruled{from: best%heights - offset, rise: best/heights - steepest}
		// Its longest piece, in which there are small gaps
		gap, start, last, chord, covered := cw/32+1, -1, -1, 0, 0
		first, final := cw, 0
		for x := range cw {
			y := l.from + floorDiv(2*l.rise*x+cw, 2*cw)
			if y < 0 || y >= ch {
				continue
			}
			chord++
			first, final = min(first, x), x
			on := thick[y*cw+x] || coarse[y*cw+x] || y > 0 && coarse[(y-1)*cw+x] || y+1 < ch && coarse[(y+1)*cw+x]
			switch {
			case on && (start < 0 || x-last > gap):
				start, last, covered = x, x, 1
			case on:
				last = x
				covered++
			}
			if start >= 0 && last-start > l.end-l.start && 20*covered > 17*(last-start) {
				l.start, l.end = start, last
			}
		}
		for x := range cw {
			y := l.from + floorDiv(2*l.rise*x+cw, 2*cw)
			for sy := max(y-1, 0); sy <= min(y+1, ch-1); sy++ {
				if coarse[sy*cw+x] {
					coarse[sy*cw+x] = false
					vote(x, sy, -1)
				}
			}
		}
		if (l.end-l.start)*5 < cw*2 {
			continue
		}
		if l.start-first <= cw/24 && final-l.end <= cw/24 && chord*2 > cw {
			whole++
		}
		found = append(found, l)
	}
	if whole == 0 && len(found) < least {
		return 0
	}
	for _, l := range found {
		if eraseLine(ink, w, h, stepX, stepY, factor, cw, l) {
			erased++
		}
	}
	return erased
}

// eraseLine erases one line, if it is thin.
func eraseLine(ink []bool, w, h, stepX, stepY, factor, cw int, l ruled) bool {
	type run struct{ from, to int }
	x0, x1 := max((l.start-1)*factor, 0), min((l.end+2)*factor, w)
	runs := make([]run, x1-x0)
	var thickness [64]int
	n := 0
	for x := x0; x < x1; x++ {
		// The middle of the line, and the ink nearest to it
		middle := (2*l.from+1)*factor/2 + floorDiv(l.rise*x, cw)
		at := -1
		for off := 0; off <= factor+factor/2+1 && at < 0; off++ {
			for _, y := range [2]int{middle - off, middle + off} {
				if y >= 0 && y < h && ink[x*stepX+y*stepY] {
					at = y
					break
				}
			}
		}
		if at < 0 {
			continue
		}
		r := run{at, at + 1}
		for r.from > 0 && ink[x*stepX+(r.from-1)*stepY] {
			r.from--
		}
		for r.to < h && ink[x*stepX+r.to*stepY] {
			r.to++
		}
		runs[x-x0] = r
		thickness[min(r.to-r.from, len(thickness)-1)]++
		n++
	}
	// Not the median: strokes may lie on much of it.
	usual, below := 0, 0
	for usual < len(thickness)-1 && 3*(below+thickness[usual]) < n {
		below += thickness[usual]
		usual++
	}
	if usual > max(w/50, 3) {
		return false // the pieces of many strokes
	}
	for i, r := range runs {
		if r.to-r.from <= usual+usual/2+1 {
			for y := r.from; y < r.to; y++ {
				ink[(x0+i)*stepX+y*stepY] = false
			}
		}
	}
	return true
}

// barBetween reports whether an upright line, in a box, begins and ends at lines across it.
func barBetween(ink []bool, box image.Rectangle, w, h int) bool {
	if box.Dy() < 4*box.Dx() {
		return false
	}
	beyond, reach := 2*box.Dx(), 2+box.Dx()/2
	at := func(x, end int) bool {
		for y := max(end-reach, 0); y < min(end+reach, h); y++ {
			if x >= 0 && x < w && ink[y*w+x] {
				return true
			}
		}
		return false
	}
	for _, end := range [2]int{box.Min.Y, box.Max.Y} {
		// A line of a box may begin here
		if !at(box.Min.X-beyond, end) && !at(box.Max.X-1+beyond, end) {
			return false
		}
	}
	return true
}

// eraseUnderline takes a line that a digit stands on out of its ink: below, it reaches beyond the
// digit on both sides. It returns 1 if there is one, and whether there may be one that does so on
// one side alone, as the foot of a 2 does, which is seldom thinner than its other strokes.
func eraseUnderline(keep []bool, w, h int) (rules int, doubt bool) {
	box := maskBox(keep, w, h)
	// How far the line is down at each column: from what is leftmost to what is rightmost
	end := func(from, to int) int {
		sum, n := 0, 0
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := from; x < to; x++ {
				if keep[y*w+x] {
					sum += y
					n++
				}
			}
		}
		return sum / max(n, 1)
	}
	part := box.Dx()/24 + 1
	rise := end(box.Max.X-part, box.Max.X) - end(box.Min.X, box.Min.X+part)
	if 3*abs(rise) > box.Dx() {
		rise = 0
	}
	down := func(x int) int { return floorDiv(rise*(x-box.Min.X), box.Dx()) }
	top, bottom := h, -h
	for i, is := range keep {
		if is {
			y := i/w - down(i%w)
			top, bottom = min(top, y), max(bottom, y+1)
		}
	}
	// The columns of what is above the lowest third
	third := bottom - (bottom-top)/3
	left, right := box.Max.X, box.Min.X
	for i, is := range keep {
		if x := i % w; is && i/w-down(x) < third {
			left, right = min(left, x), max(right, x+1)
		}
	}
	least, out := min(left-box.Min.X, box.Max.X-right), left-box.Min.X+box.Max.X-right
	if out*10 < 3*box.Dx() {
		return 0, false
	}
	// The line's upper and lower side at its ends; in between it is straight.
	side := func(from, to int) (x, top, bottom int) {
		n := 0
		for c := from; c < to; c++ {
			for y := box.Min.Y; y < box.Max.Y; y++ {
				if keep[y*w+c] {
					first := y
					for y < box.Max.Y && keep[y*w+c] {
						y++
					}
					top, bottom, x = top+first, bottom+y, x+c
					n++
					break
				}
			}
		}
		return x / max(n, 1), top / max(n, 1), bottom / max(n, 1)
	}
	x0, top0, bottom0 := side(box.Min.X, left)
	x1, top1, bottom1 := side(right, box.Max.X)
	ends := 1 // it may reach beyond on one side alone
	if least > 0 {
		ends = 2
	}
	thick := (bottom0 - top0 + bottom1 - top1 + ends - 1) / ends
	above := image.Rect(left, box.Min.Y, right, max(third+min(down(left), down(right)), box.Min.Y+1))
	stroke := strokeWidth(keep, w, above) * max(above.Dx(), above.Dy()) / 1000
	wide := out*20 >= 9*box.Dx()
	switch { // the base of a 2 is thicker, and as thick as its other strokes
	case thick == 0 || thick*12 > box.Dx() || least > 0 && x1 <= x0:
		return 0, false
	case least*16 < box.Dx():
		return 0, 4*thick <= 3*stroke && (wide || 3*(left-box.Min.X) >= box.Dx())
	case 3*thick > 2*stroke && (least*6 < box.Dx() || !wide):
		return 0, least*12 >= box.Dx()
	}
	upper := func(x int) int {
		return max((top0+bottom0)/2+floorDiv(((top1+bottom1)/2-(top0+bottom0)/2)*(x-x0), x1-x0)-thick, box.Min.Y)
	}
	// Between the outermost strokes that stand on it the line may be the bottom of a loop
	from, to := right, left
	for x := left; x < right; x++ {
		if y := upper(x); y > box.Min.Y && keep[y*w+x] && keep[(y-1)*w+x] {
			from, to = min(from, x), x+1
		}
	}
	_, before := label(keep, w, h)
	for x := box.Min.X; x < box.Max.X; x++ {
		for y := upper(x); y < box.Max.Y && (x < from || x >= to); y++ {
			keep[y*w+x] = false
		}
	}
	// What the line leaves of a digit's foot is a piece of its own
	_, after := label(keep, w, h)
	return 1, len(after) > len(before)
}

// maskBox returns the box of what is kept.
func maskBox(keep []bool, w, h int) image.Rectangle {
	r := image.Rectangle{image.Pt(w, h), image.Point{}}
	for y := range h {
		for x := range w {
			if keep[y*w+x] {
				r.Min.X, r.Min.Y = min(r.Min.X, x), min(r.Min.Y, y)
				r.Max.X, r.Max.Y = max(r.Max.X, x+1), max(r.Max.Y, y+1)
			}
		}
	}
	return r
}
