package panel

import (
	"errors"
	"sync"

	"github.com/vae-edge/vae-edge/firmware/panel/rects"
)

// An Update takes a display from one frame to the next. It belongs to the display that prepared it,
// which has two of them: every one must be sent or discarded, once.
type Update struct {
	owner  *updates
	out    bool   // prepared, and neither sent nor discarded
	number uint64 // of the frame, from 1
	base   uint64 // number of the frame that parts are the difference to

	frame []byte      // the whole frame as it goes over the wire, row after row
	parts rects.Parts // what is to be sent if the panel shows base
}

// Empty says whether the frame equals the one before.
func (u *Update) Empty() bool { return len(u.parts.List) == 0 }

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
