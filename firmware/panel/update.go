package panel

import (
	"bytes"
	"encoding/binary"
	"image"
	"math/bits"
	"sync"

	"periph.io/x/devices/v3/ssd1306/image1bit"
)

// An Update takes a display from one frame to the next. It belongs to the display that prepared it, which has two of them: every
// one must be sent or discarded, once.
type Update struct {
	owner  Display
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
func (u *Update) Empty() bool { return u.mono == nil && len(u.parts) == 0 }

// blank is the number of the frame that a panel shows after its initialisation: black.
const blank = 0

// updates are the two of a display: while one is on the wire the other is prepared.
type updates struct {
	mu   sync.Mutex // held by who prepares
	free chan *Update
	last *Update // prepared last; its frame is what the next one is compared with
	n    uint64  // frames prepared
}

func (p *updates) init(owner Display, fill func(*Update)) {
	p.free = make(chan *Update, 2)
	for range cap(p.free) {
		p.last = &Update{owner: owner}
		fill(p.last)
		p.free <- p.last
	}
}

// take returns an update for the next frame and the one that holds the frame before, which are the same only if updates were
// not sent in the order in which they were prepared. It waits until there is one.
func (p *updates) take() (u, before *Update) {
	u, before = <-p.free, p.last
	p.n++
	u.out, u.base, u.number = true, before.number, p.n
	p.last = u
	return u, before
}

// give gives back an update.
func (p *updates) give(u *Update) {
	u.out = false
	p.free <- u
}

// windowBytes are the bytes of a window and the command that pixels follow: CASET and RASET with four parameters, RAMWR.
const windowBytes = 11

// windowTransactions are the transactions of a part: those three commands, two sets of parameters and the pixels.
const windowTransactions = 6

// maxParts limits the work of a frame; a picture that changes in more places is joined into these.
const maxParts = 64

// A differ finds what changed between two frames.
type differ struct {
	width, height int
	overhead      int // of a transaction, in bytes
	rects         [maxParts]image.Rectangle
	n             int
	open          [maxParts]uint8 // rects that a further row may still enlarge
	nOpen         int
}

// diff sets u.parts to what differs between old and u.frame, in one pass over both.
//
// A run of changed pixels of a row enlarges the rectangle above for which that adds the fewest pixels, or begins one of its own where
// a window costs less.
func (d *differ) diff(u *Update, old []byte) {
	u.parts, u.data = u.parts[:0], u.data[:0]
	d.n, d.nOpen = 0, 0
	window := windowBytes + windowTransactions*d.overhead
	gap := window / 2 // between runs that are one
	stride := 2 * d.width
	for y := range d.height {
		a, b := old[y*stride:][:stride], u.frame[y*stride:][:stride]
		if bytes.Equal(a, b) {
			continue
		}
		d.close(y, window)
		from, to := -1, 0 // the run so far
		for i := 0; i < stride; i += 8 {
			var x uint64 // 16 bits a pixel, the first lowest
			if i+8 <= stride {
				x = binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
			} else {
				for j := i; j < stride; j++ {
					x |= uint64(a[j]^b[j]) << (8 * (j - i))
				}
			}
			if x == 0 {
				continue
			}
			first, end := i/2+bits.TrailingZeros64(x)/16, i/2+4-bits.LeadingZeros64(x)/16
			if from >= 0 && first-to >= gap {
				if !d.add(from, to, y, window) {
					u.whole(d.width, d.height)
					return
				}
				from = first
			} else if from < 0 {
				from = first
			}
			to = end
		}
		if !d.add(from, to, y, window) {
			u.whole(d.width, d.height)
			return
		}
	}
	d.join(window)
	d.pack(u)
}

// close forgets the rectangles that end so far above row y that the narrowest run costs less by itself.
func (d *differ) close(y, window int) {
	n := 0
	for _, i := range d.open[:d.nOpen] {
		if r := &d.rects[i]; 2*(y-r.Max.Y)*r.Dx() < window {
			d.open[n] = i
			n++
		}
	}
	d.nOpen = n
}

// add adds the run of pixels from..to of row y. It returns false if there are too many rectangles.
func (d *differ) add(from, to, y, window int) bool {
	run := image.Rect(from, y, to, y+1)
	best, least := -1, 0
	for _, i := range d.open[:d.nOpen] {
		if extra := waste(d.rects[i], run); best < 0 || extra < least {
			best, least = int(i), extra
		}
	}
	if best >= 0 && (least < window || d.n == maxParts) {
		d.rects[best] = d.rects[best].Union(run)
		return true
	}
	if d.n == maxParts {
		return false
	}
	d.rects[d.n] = run
	d.open[d.nOpen] = uint8(d.n)
	d.n++
	d.nOpen++
	return true
}

// waste is how many more bytes of pixels the rectangle around both has than they have.
func waste(a, b image.Rectangle) int {
	return 2 * (area(a.Union(b)) - area(a) - area(b))
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// join makes one of two rectangles wherever that costs less. Two that grew side by side may overlap.
func (d *differ) join(window int) {
	for joined := true; joined; {
		joined = false
		for i := 0; i < d.n; i++ {
			for j := i + 1; j < d.n; j++ {
				if waste(d.rects[i], d.rects[j]) < window {
					d.rects[i] = d.rects[i].Union(d.rects[j])
					d.n--
					d.rects[j] = d.rects[d.n]
					j, joined = i, true // the larger one may take in others
				}
			}
		}
	}
}

// pack sets the parts to the rectangles, or to the whole where these cost more.
func (d *differ) pack(u *Update) {
	bytes := 0
	for _, r := range d.rects[:d.n] {
		bytes += 2*area(r) + windowBytes
	}
	// A whole frame on the window of the frame before it is one byte and the pixels.
	if limit := len(u.frame) + 1; bytes > limit || bytes+(d.n-1)*windowTransactions*d.overhead > limit {
		u.whole(d.width, d.height)
		return
	}
	stride := 2 * d.width
	for _, r := range d.rects[:d.n] {
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
