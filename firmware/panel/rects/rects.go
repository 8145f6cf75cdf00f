// Package rects finds what changed between two frames, as the rectangles that are cheapest to send
// to a panel.
package rects

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"math/bits"
	"slices"
)

// A Part is a rectangle of a frame and its pixels, one row after another.
type Part struct {
	image.Rectangle
	Pixels []byte
}

// Parts are what makes one frame of another. The zero Parts have no room: use NewParts.
type Parts struct {
	List []Part
	data []byte // pixels of the parts that are narrower than the frame
}

// NewParts returns Parts with room for a frame of so many bytes.
func NewParts(frame int) Parts {
	return Parts{make([]Part, 0, maxParts), make([]byte, 0, frame)}
}

// Whole sets the parts to all of a frame.
func (p *Parts) Whole(size image.Point, frame []byte) {
	p.List = append(p.List[:0], Part{image.Rectangle{Max: size}, frame})
}

// windowBytes are the bytes of a window and the command that pixels follow: CASET and RASET with
// four parameters, RAMWR.
const windowBytes = 11

// windowTransactions are the transactions of a part: those three commands, two sets of parameters
// and the pixels.
const windowTransactions = 6

// maxParts limits the work of a frame: one that changes in more places is sent whole.
const maxParts = 512

// Changes are looked for in cells of at least cellWidth pixels, 64 of them in a row at most, and in
// groups of groupRows rows. A band of groups that are sent together has at most bandGroups of them;
// rectangles that fit together are joined later.
const (
	cellWidth  = 8
	groupRows  = 2
	bandGroups = 40
)

// A Differ finds what changed between two frames.
type Differ struct {
	width, height int
	pixel         int      // bytes
	overhead      int      // of a transaction, in bytes
	cell          int      // pixels
	groups        []uint64 // a bit a cell, the leftmost lowest: it has changed
	cost          []int    // cost[i] is that of sending what changed in the first i groups
	from          []int    // with a band from group from[i] to i as the last one
	rects         []image.Rectangle
}

// New returns a Differ of frames of a size in pixels of so many bytes. A transaction takes the time
// of overhead bytes beside its own.
func New(size image.Point, pixel, overhead int) *Differ {
	n := (size.Y + groupRows - 1) / groupRows
	return &Differ{
		width: size.X, height: size.Y, pixel: pixel, overhead: overhead,
		cell:   cellWidth * ((size.X + 64*cellWidth - 1) / (64 * cellWidth)),
		groups: make([]uint64, n), cost: make([]int, n+1), from: make([]int, n+1), rects: make([]image.Rectangle, 0, maxParts),
	}
}

// Diff sets the parts to what differs between two frames, whose pixels they share or copy.
//
// It finds the changed cells in one pass over both. Then it divides the rows into bands, such that
// the bytes of all cells that are sent, and the windows they need, cost the least: in a band, what
// changed in any of its rows is sent in all of them. This is a shortest path over the groups of
// rows, some thousand steps.
func (d *Differ) Diff(p *Parts, frame, old []byte) {
	p.List, p.data = p.List[:0], p.data[:0]
	if !d.scan(frame, old) {
		return
	}
	window := windowBytes + windowTransactions*d.overhead
	for i := 1; i <= len(d.groups); i++ {
		d.cost[i], d.from[i] = d.cost[i-1], i-1
		if d.groups[i-1] == 0 {
			continue
		}
		d.cost[i] = math.MaxInt
		for j, cells := i-1, uint64(0); j >= max(0, i-bandGroups); j-- {
			if d.groups[j] == 0 {
				continue // a band does not begin with nothing
			}
			cells |= d.groups[j]
			band := d.band(cells, i-j, window)
			if band >= d.cost[i] {
				break // as every larger one is
			}
			if c := d.cost[j] + band; c < d.cost[i] {
				d.cost[i], d.from[i] = c, j
			}
		}
	}
	d.rects = d.rects[:0]
	for i := len(d.groups); i > 0; i = d.from[i] {
		if d.groups[i-1] != 0 && !d.addBand(frame, old, d.from[i], i, window) {
			p.Whole(image.Pt(d.width, d.height), frame)
			return
		}
	}
	slices.Reverse(d.rects) // from the top
	d.join(window)
	d.pack(p, frame)
}

// scan sets groups to the cells that differ, and says whether any does.
func (d *Differ) scan(frame, old []byte) (any bool) {
	stride, cell := d.pixel*d.width, d.pixel*d.cell
	clear(d.groups)
	for y := range d.height {
		a, b := old[y*stride:][:stride], frame[y*stride:][:stride]
		if bytes.Equal(a, b) {
			continue
		}
		any = true
		cells := uint64(0)
		for i, bit := 0, uint64(1); i < stride; i, bit = i+cell, bit<<1 {
			n := min(cell, stride-i)
			p, q := a[i:][:n], b[i:][:n]
			if n == 16 {
				if binary.LittleEndian.Uint64(p) != binary.LittleEndian.Uint64(q) || binary.LittleEndian.Uint64(p[8:]) != binary.LittleEndian.Uint64(q[8:]) {
					cells |= bit
				}
			} else if !bytes.Equal(p, q) {
				cells |= bit
			}
		}
		d.groups[y/groupRows] |= cells
	}
	return any
}

// band returns the cost of sending the cells in that many groups of rows: a window for each run of
// them, gaps filled where that costs less than another window.
func (d *Differ) band(cells uint64, groups, window int) int {
	cell := d.pixel * d.cell * groupRows * groups
	cost := window
	cells >>= bits.TrailingZeros64(cells)
	for {
		run := bits.TrailingZeros64(^cells)
		cost += run * cell
		if cells >>= run; cells == 0 {
			return cost
		}
		gap := bits.TrailingZeros64(cells)
		cells >>= gap
		cost += min(gap*cell, window)
	}
}

// addBand adds the rectangles of the band of groups from..to. It returns false if there are too
// many.
func (d *Differ) addBand(frame, old []byte, from, to, window int) bool {
	cells := uint64(0)
	for _, g := range d.groups[from:to] {
		cells |= g
	}
	cell := d.pixel * d.cell * groupRows * (to - from)
	first := bits.TrailingZeros64(cells)
	for cells != 0 {
		last := first + bits.TrailingZeros64(^(cells >> first)) // after the run
		rest := cells &^ (1<<last - 1)
		for rest != 0 {
			next := bits.TrailingZeros64(rest)
			if (next-last)*cell >= window {
				break
			}
			last = next + bits.TrailingZeros64(^(rest >> next))
			rest &^= 1<<last - 1
		}
		if len(d.rects) == maxParts {
			return false
		}
		d.rects = append(d.rects, d.trim(frame, old, image.Rect(first*d.cell, from*groupRows, min(last*d.cell, d.width), min(to*groupRows, d.height))))
		cells, first = rest, bits.TrailingZeros64(rest)
	}
	return true
}

// trim takes from the rectangle, which has changes in its outer rows and columns of cells, what did
// not change.
func (d *Differ) trim(frame, old []byte, r image.Rectangle) image.Rectangle {
	same := func(x0, x1, y int) bool {
		i, j := d.pixel*(y*d.width+x0), d.pixel*(y*d.width+x1)
		return bytes.Equal(frame[i:j], old[i:j])
	}
	for same(r.Min.X, r.Max.X, r.Min.Y) {
		r.Min.Y++
	}
	for same(r.Min.X, r.Max.X, r.Max.Y-1) {
		r.Max.Y--
	}
	left, right := r.Max.X, r.Min.X
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < left; x++ {
			if !same(x, x+1, y) {
				left = x
			}
		}
		for x := r.Max.X; x > right; x-- {
			if !same(x-1, x, y) {
				right = x
			}
		}
	}
	r.Min.X, r.Max.X = left, right
	return r
}

// waste is how many more bytes of pixels the rectangle around both has than they have.
func (d *Differ) waste(a, b image.Rectangle) int {
	return d.pixel * (area(a.Union(b)) - area(a) - area(b))
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// join makes one of two rectangles, one of the next few, wherever that costs less.
func (d *Differ) join(window int) {
	const near = 16
	for i := 0; i < len(d.rects); i++ {
		for j := i + 1; j < min(len(d.rects), i+near); j++ {
			if d.waste(d.rects[i], d.rects[j]) < window {
				d.rects[i] = d.rects[i].Union(d.rects[j])
				d.rects = slices.Delete(d.rects, j, j+1)
				j = i // the larger one may take in others
			}
		}
	}
}

// pack sets the parts to the rectangles, or to the whole where these cost more.
func (d *Differ) pack(p *Parts, frame []byte) {
	bytes := 0
	for _, r := range d.rects {
		bytes += d.pixel*area(r) + windowBytes
	}
	// A whole frame on the window of the frame before it is one byte and the pixels.
	if limit := len(frame) + 1; bytes > limit || bytes+(len(d.rects)-1)*windowTransactions*d.overhead > limit {
		p.Whole(image.Pt(d.width, d.height), frame)
		return
	}
	stride := d.pixel * d.width
	for _, r := range d.rects {
		if r.Dx() == d.width {
			p.List = append(p.List, Part{r, frame[r.Min.Y*stride : r.Max.Y*stride]})
			continue
		}
		from := len(p.data)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			p.data = append(p.data, frame[y*stride+d.pixel*r.Min.X:y*stride+d.pixel*r.Max.X]...)
		}
		p.List = append(p.List, Part{r, p.data[from:]})
	}
}
