package panel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math"
	"math/bits"
	"slices"
	"sync"

	"periph.io/x/devices/v3/ssd1306/image1bit"
)

// An Update takes a display from one frame to the next. It belongs to the display that prepared it,
// which has two of them: every one must be sent or discarded, once.
type Update struct {
	owner  *updates
	out    bool   // prepared, and neither sent nor discarded
	number uint64 // of the frame, from 1
	base   uint64 // number of the frame that parts are the difference to

	frame []byte // the whole frame as it goes over the wire, row after row
	parts []part // what is to be sent if the panel shows base; room for maxParts
	data  []byte // pixels of the parts that are narrower than the panel

	mono *image1bit.VerticalLSB // the whole frame of an SSD1306
}

// A part is a rectangle of the picture and its pixels, one row after another.
type part struct {
	image.Rectangle
	pixels []byte
}

// Empty says whether the frame equals the one before.
func (u *Update) Empty() bool { return len(u.parts) == 0 }

// blank is the number of the frame that a panel shows after its initialisation: black.
const blank = 0

// updates are the two of a display: while one is on the wire the other is prepared.
type updates struct {
	mu   sync.Mutex // held by who prepares
	free chan *Update
	last *Update // prepared last; its frame is what the next one is compared with
	n    uint64  // frames prepared
}

func (p *updates) init(fill func(*Update)) {
	p.free = make(chan *Update, 2)
	for range cap(p.free) {
		p.last = &Update{owner: p}
		fill(p.last)
		p.free <- p.last
	}
}

// take returns an update for the next frame and the one that holds the frame before, which are the
// same only if updates were not sent in the order in which they were prepared. It waits until there
// is one.
func (p *updates) take() (u, before *Update) {
	u, before = <-p.free, p.last
	p.n++
	u.out, u.base, u.number = true, before.number, p.n
	p.last = u
	return u, before
}

// check refuses what cannot be sent or discarded.
func (p *updates) check(u *Update) error {
	if u == nil || u.owner != p || !u.out {
		return errors.New("the update is not one that this panel has prepared and not yet sent")
	}
	return nil
}

// give gives back an update.
func (p *updates) give(u *Update) {
	u.out = false
	p.free <- u
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

// A differ finds what changed between two frames.
type differ struct {
	width, height int
	overhead      int      // of a transaction, in bytes
	cell          int      // pixels
	groups        []uint64 // a bit a cell, the leftmost lowest: it has changed
	cost          []int    // cost[i] is that of sending what changed in the first i groups
	from          []int    // with a band from group from[i] to i as the last one
	rects         []image.Rectangle
}

func newDiffer(size image.Point, overhead int) *differ {
	n := (size.Y + groupRows - 1) / groupRows
	return &differ{
		width: size.X, height: size.Y, overhead: overhead,
		cell:   cellWidth * ((size.X + 64*cellWidth - 1) / (64 * cellWidth)),
		groups: make([]uint64, n), cost: make([]int, n+1), from: make([]int, n+1), rects: make([]image.Rectangle, 0, maxParts),
	}
}

// diff sets u.parts to what differs between old and u.frame.
//
// It finds the changed cells in one pass over both. Then it divides the rows into bands, such that
// the bytes of all cells that are sent, and the windows they need, cost the least: in a band, what
// changed in any of its rows is sent in all of them. This is a shortest path over the groups of
// rows, some thousand steps.
func (d *differ) diff(u *Update, old []byte) {
	u.parts, u.data = u.parts[:0], u.data[:0]
	if !d.scan(u.frame, old) {
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
		if d.groups[i-1] != 0 && !d.addBand(u.frame, old, d.from[i], i, window) {
			u.whole(d.width, d.height)
			return
		}
	}
	slices.Reverse(d.rects) // from the top
	d.join(window)
	d.pack(u)
}

// scan sets groups to the cells that differ, and says whether any does.
func (d *differ) scan(frame, old []byte) (any bool) {
	stride, cell := 2*d.width, 2*d.cell
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
func (d *differ) band(cells uint64, groups, window int) int {
	cell := 2 * d.cell * groupRows * groups
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
func (d *differ) addBand(frame, old []byte, from, to, window int) bool {
	cells := uint64(0)
	for _, g := range d.groups[from:to] {
		cells |= g
	}
	cell := 2 * d.cell * groupRows * (to - from)
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
func (d *differ) trim(frame, old []byte, r image.Rectangle) image.Rectangle {
	same := func(x0, x1, y int) bool {
		i, j := 2*(y*d.width+x0), 2*(y*d.width+x1)
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
func waste(a, b image.Rectangle) int {
	return 2 * (area(a.Union(b)) - area(a) - area(b))
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// join makes one of two rectangles, one of the next few, wherever that costs less.
func (d *differ) join(window int) {
	const near = 16
	for i := 0; i < len(d.rects); i++ {
		for j := i + 1; j < min(len(d.rects), i+near); j++ {
			if waste(d.rects[i], d.rects[j]) < window {
				d.rects[i] = d.rects[i].Union(d.rects[j])
				d.rects = slices.Delete(d.rects, j, j+1)
				j = i // the larger one may take in others
			}
		}
	}
}

// pack sets the parts to the rectangles, or to the whole where these cost more.
func (d *differ) pack(u *Update) {
	bytes := 0
	for _, r := range d.rects {
		bytes += 2*area(r) + windowBytes
	}
	// A whole frame on the window of the frame before it is one byte and the pixels.
	if limit := len(u.frame) + 1; bytes > limit || bytes+(len(d.rects)-1)*windowTransactions*d.overhead > limit {
		u.whole(d.width, d.height)
		return
	}
	stride := 2 * d.width
	for _, r := range d.rects {
		if r.Dx() == d.width {
			u.parts = append(u.parts, part{r, u.frame[r.Min.Y*stride : r.Max.Y*stride]})
			continue
		}
		from := len(u.data)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			u.data = append(u.data, u.frame[y*stride+2*r.Min.X:y*stride+2*r.Max.X]...)
		}
		u.parts = append(u.parts, part{r, u.data[from:]})
	}
}

// whole sets the parts to the whole frame.
func (u *Update) whole(width, height int) {
	u.parts = append(u.parts[:0], part{image.Rect(0, 0, width, height), u.frame})
}
