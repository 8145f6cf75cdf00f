//go:build (amd64 || arm64 || arm.6 || (js && simd128)) && !purego

package kernels

// A grid lays the four phases of a transposed convolution of stride 2 over each other. A block is
// one output pixel of every phase, and the phases are moved so that all pixels of a block read the
// source through the same taps: for kernel 4 the block's four pixels read the same 2x2, and the
// convolution is a plain one of kernel 2 with four times as many channels, without a product by
// zero. Phases with fewer taps than others, as kernels 3 and 5 have them, get weights of zero.
// Blocks at the edges have pixels that are cropped off.
type grid struct {
	phases []phase
	moves  [4][2]int // block (y, x) has pixel (y+moves[n][0], x+moves[n][1]) of phase n
	taps   []tap     // of a block, without ky and kx
	// all are the rows and columns of blocks, full those of blocks of which nothing is cropped off.
	all, full [2]span
}

// A span is the numbers from from on, up to but without to.
type span struct{ from, to int }

func (s span) size() int { return s.to - s.from }

func (s span) has(n int) bool { return s.from <= n && n < s.to }

// with is the span that has n, too.
func (s span) with(n int) span {
	if s.size() == 0 {
		return span{n, n + 1}
	}
	return span{min(s.from, n), max(s.to, n+1)}
}

// newGrid returns the grid of these phases. It returns nil where there are not four phases, or no
// block that is full.
func newGrid(phases []phase) *grid {
	if len(phases) != 4 {
		return nil
	}
	g := &grid{phases: phases}
	var window [2]span // of the source, relative to a block
	for axis := range window {
		var reads, pixels [2]span // of even and of odd output rows or columns
		for n, p := range phases {
			k := parity(n, axis)
			pixels[k].to = []int{p.rows, p.cols}[axis]
			for _, t := range p.taps {
				d := []int{t.dy, t.dx}[axis]
				reads[k] = reads[k].with(d)
			}
		}
		// The longer window stays, the other is moved into it.
		long, short := 0, 1
		if reads[1].size() > reads[0].size() {
			long, short = 1, 0
		}
		window[axis] = reads[long]
		move := 0
		if reads[short].size() > 0 {
			move = max(window[axis].from-reads[short].from, 0) + min(window[axis].to-reads[short].to, 0)
		}
		for n := range phases {
			if parity(n, axis) == short {
				g.moves[n][axis] = move
			}
		}
		a, b := pixels[long], span{-move, pixels[short].to - move}
		g.all[axis] = span{min(a.from, b.from), max(a.to, b.to)}
		g.full[axis] = span{max(a.from, b.from), min(a.to, b.to)}
		if g.full[axis].size() <= 0 {
			return nil
		}
	}
	for dy := window[0].from; dy < window[0].to; dy++ {
		for dx := window[1].from; dx < window[1].to; dx++ {
			g.taps = append(g.taps, tap{dy: dy, dx: dx})
		}
	}
	return g
}

// parity tells even output rows (0) from odd ones (1) for a phase's number, or columns.
func parity(phase, axis int) int { return phase >> (1 - axis) & 1 }

// each calls do for every block, last for those that are full.
func (g *grid) each(do func(y, x int)) {
	for _, full := range []bool{false, true} {
		for y := g.all[0].from; y < g.all[0].to; y++ {
			for x := g.all[1].from; x < g.all[1].to; x++ {
				if (g.full[0].has(y) && g.full[1].has(x)) == full {
					do(y, x)
				}
			}
		}
	}
}

// tap returns the tap of phase n that is the block's tap t, if it has one.
func (g *grid) tap(n int, t tap) (of tap, ok bool) {
	for _, of := range g.phases[n].taps {
		if of.dy+g.moves[n][0] == t.dy && of.dx+g.moves[n][1] == t.dx {
			return of, true
		}
	}
	return tap{}, false
}

// output returns the output pixel of phase n in block (y, x), unless it is cropped off.
func (g *grid) output(n, y, x int) (oy, ox int, ok bool) {
	p := &g.phases[n]
	j, i := y+g.moves[n][0], x+g.moves[n][1]
	return p.y0 + j*p.outStep, p.x0 + i*p.outStep, j >= 0 && j < p.rows && i >= 0 && i < p.cols
}
