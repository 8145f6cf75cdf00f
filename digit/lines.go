package digit

// eraseLines takes straight lines that run across the picture out of the ink, as ruled and squared
// paper has them, and returns how many. Where a stroke crosses a line, the ink is thicker than the
// line, and stays.
func eraseLines(ink []bool, w, h int) (lines int) {
	lines = eraseAcross(ink, w, h, 1, w)
	return lines + eraseAcross(ink, h, w, w, 1)
}

// A ruled is a line in coarse pixels: at x its y is from + rise * x / width.
type ruled struct{ from, rise, start, end int }

// eraseAcross erases lines that run along x, in a picture of w x h whose pixel (x, y) is
// ink[x*stepX+y*stepY].
func eraseAcross(ink []bool, w, h, stepX, stepY int) (erased int) {
	factor := coarseFactor(w, h)
	cw, ch := (w+factor-1)/factor, (h+factor-1)/factor
	if cw < 32 || ch < 32 {
		return 0
	}
	coarse := make([]bool, cw*ch)
	for y := range h {
		for x := range w {
			if ink[x*stepX+y*stepY] {
				coarse[y/factor*cw+x/factor] = true
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
	if n > cw*ch*3/4 {
		return 0
	}
	var found []ruled
	const most = 64
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
		gap, start, last, chord := cw/32+1, -1, -1, 0
		first, final := cw, 0
		for x := range cw {
			y := l.from + floorDiv(2*l.rise*x+cw, 2*cw)
			if y < 0 || y >= ch {
				continue
			}
			chord++
			first, final = min(first, x), x
			on := coarse[y*cw+x] || y > 0 && coarse[(y-1)*cw+x] || y+1 < ch && coarse[(y+1)*cw+x]
			switch {
			case on && (start < 0 || x-last > gap):
				start, last = x, x
			case on:
				last = x
			}
			if start >= 0 && last-start > l.end-l.start {
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
	// A stroke may be long and straight, but there are not three beside each other.
	if whole == 0 && len(found) < 3 {
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
	usual, below := 0, 0
	for usual < len(thickness)-1 && 2*(below+thickness[usual]) < n {
		below += thickness[usual]
		usual++
	}
	if usual > max(w/50, 3) {
		return false
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
