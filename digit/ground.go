package digit

import "slices"

// coarseSide is about how many pixels the longer side of the picture has in which light and lines
// are looked for.
const coarseSide = 256

// steepGround is by how many grey levels the ground must differ within 1/64 of the picture to have
// an edge, that of a shadow or of the paper, and softGround within 1/16 where the edge is soft.
const (
	steepGround = 20
	softGround  = 18
)

// coarse returns the picture with the mean of factor x factor pixels for each.
func (g *grey) coarse(factor int) *grey {
	c := newGrey((g.w+factor-1)/factor, (g.h+factor-1)/factor)
	for y := range c.h {
		for x := range c.w {
			sum, n := 0, 0
			for sy := y * factor; sy < min((y+1)*factor, g.h); sy++ {
				for _, v := range g.pix[sy*g.w+x*factor : sy*g.w+min((x+1)*factor, g.w)] {
					sum += int(v)
					n++
				}
			}
			c.pix[y*c.w+x] = uint8((sum + n/2) / n)
		}
	}
	return c
}

// coarseFactor is that of a picture of a size.
func coarseFactor(w, h int) int { return (max(w, h) + coarseSide - 1) / coarseSide }

// opened returns the morphological opening by a square whose side is a share of the picture's, in
// percent: the ground without what is bright and narrower than that, such as ink. Straight edges,
// as a shadow and a note have them, stay where they are. Beyond the picture's sides it is bright
// for half of that, so that what is left of a desk beside a note is ground.
func (g *grey) opened(percent int) *grey {
	r := max(min(g.w, g.h)*percent/200, 2)
	beyond := r / 2
	padded := newGrey(g.w+2*beyond, g.h+2*beyond)
	for i := range padded.pix {
		padded.pix[i] = 255
	}
	for y := range g.h {
		copy(padded.pix[(y+beyond)*padded.w+beyond:], g.pix[y*g.w:][:g.w])
	}
	padded.darkest(r)
	padded.invert()
	padded.darkest(r)
	padded.invert()
	o := newGrey(g.w, g.h)
	for y := range g.h {
		copy(o.pix[y*g.w:][:g.w], padded.pix[(y+beyond)*padded.w+beyond:])
	}
	return o
}

// darkest makes every pixel the darkest of those up to r away along either side.
func (g *grey) darkest(r int) {
	queue := make([]int, max(g.w, g.h))
	line := make([]uint8, max(g.w, g.h))
	slide := func(start, step, n int) {
		for i := range n {
			line[i] = g.pix[start+i*step]
		}
		head, tail := 0, 0 // of the queue, whose places have growing levels
		for i := range n + r {
			if i < n {
				for tail > head && line[queue[tail-1]] >= line[i] {
					tail--
				}
				queue[tail] = i
				tail++
			}
			if at := i - r; at >= 0 {
				if queue[head] < at-r {
					head++
				}
				g.pix[start+at*step] = line[queue[head]]
			}
		}
	}
	for y := range g.h {
		slide(y*g.w, 1, g.w)
	}
	for x := range g.w {
		slide(x, g.w, g.h)
	}
}

// brightest3 makes every pixel the brightest of the 3 x 3 around it.
func (g *grey) brightest3() {
	g.invert()
	g.darkest(1)
	g.invert()
}

// steep reports whether a ground differs by more than some levels within a share of the picture.
func (g *grey) steep(levels, share int) bool {
	reach := max(max(g.w, g.h)/share, 1)
	for y := range g.h {
		for x := range g.w {
			v := int(g.pix[y*g.w+x])
			if x+reach < g.w && abs(v-int(g.pix[y*g.w+x+reach])) > levels || y+reach < g.h && abs(v-int(g.pix[(y+reach)*g.w+x])) > levels {
				return true
			}
		}
	}
	return false
}

func abs(n int) int { return max(n, -n) }

// levelGround subtracts a ground with edges, if there is one. Dark ink, here inverted, takes a
// share of the light whatever the light: it is then in 255ths of the light, and in a shadow as
// bright as elsewhere.
func (g *grey) levelGround(inverted bool, widest int) (edges bool) {
	factor := coarseFactor(g.w, g.h)
	ground := g.coarse(factor).opened(widest)
	if !ground.steep(steepGround, 64) && !ground.steep(softGround, 16) {
		return false
	}
	ground.brightest3() // the edge is somewhere within a pixel
	// Noise in the dark must not count as ink on paper
	leastLight := max(40, (255-int(slices.Min(ground.pix)))*3/8)
	g.change(ground, func(v, level int) int {
		v = max(v-level, 0)
		if inverted {
			v = min(255*v/max(255-level, leastLight), 255)
		}
		return v
	})
	return true
}
