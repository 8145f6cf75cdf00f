package keys

import (
	"sync"
	"time"

	"github.com/vae-edge/vae-edge/firmware/scene"
)

// An Intent is what a key is for, whether it is one of a board or of a keyboard.
type Intent int

// The intents.
const (
	MoveLeft Intent = iota
	MoveRight
	MoveDown
	MoveUp
	MoveCloser
	MoveAway
	moves      // how many intents move
	MoveAround // in one direction, and in another the next time
	NextScene  // and, held, to go on without keys
	GoOn       // without keys
	Explain    // what the keys are for
	TurnLeft   // a click of a knob
	TurnRight
)

const (
	// holdTime is how long a key is held to mean something else.
	holdTime = 600 * time.Millisecond
	// tapTime is how long a key of a keyboard counts as held, for keyboards tell when keys go down
	// but not when they go up.
	tapTime = 150 * time.Millisecond
	// clickFrames is for how many frames a click of a knob moves.
	clickFrames = 4
	// mostClicks keeps a wild turn from moving long after.
	mostClicks = 12
	// dragFrames is how far a finger moves up or down to count as a key that does.
	dragFrames = 8
)

// Controls gather what keys say until the next frame asks for it. The zero Controls are those of
// keys that nobody has touched. Any goroutine may use them.
type Controls struct {
	mu      sync.Mutex
	held    [moves]bool
	since   [moves]bool      // pressed since the last frame, however short
	until   [moves]time.Time // of taps
	around  Intent           // the direction of MoveAround
	clicks  int              // frames still to move for the knob, to the right
	rises   int              // the same, up
	dragged int              // the same, up, that have not counted as a key
	steps   int              // keys that went down since the last frame, up less down
	scene   time.Time        // since when NextScene is held; zero: it is not
	used    bool             // it has had its effect
	next    int              // scenes to go on by
	auto    bool
	asked   bool // what keys are for
}

// Press is a key that goes down.
func (c *Controls) Press(i Intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case MoveAround:
		c.around = [...]Intent{MoveLeft: MoveDown, MoveDown: MoveRight, MoveRight: MoveUp, MoveUp: MoveLeft}[c.around]
		c.held[c.around], c.since[c.around] = true, true
		c.step(c.around)
	case NextScene:
		c.scene, c.used = at, false
	case GoOn:
		c.auto = true
	case TurnLeft, TurnRight:
		c.click(i)
	default:
		c.held[i], c.since[i] = true, true
		c.step(i)
	}
}

// step counts a key that goes down.
func (c *Controls) step(i Intent) {
	switch i {
	case MoveUp:
		c.steps++
	case MoveDown:
		c.steps--
	}
}

// click is a step of a knob: sideways or, with its key pressed, up and down.
func (c *Controls) click(i Intent) {
	count := &c.clicks
	if !c.scene.IsZero() {
		count, c.used = &c.rises, true
		c.step(map[Intent]Intent{TurnRight: MoveUp, TurnLeft: MoveDown}[i])
	}
	if i == TurnRight {
		*count += clickFrames
	} else {
		*count -= clickFrames
	}
	*count = min(max(*count, -mostClicks*clickFrames), mostClicks*clickFrames)
}

// Drag is a finger on the display that moves on by what some frames move, to the right and up. What
// was pressed as it came down is no key any more.
func (c *Controls) Drag(right, up int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used = true
	most := mostClicks * clickFrames
	c.clicks = min(max(c.clicks+right, -most), most)
	c.rises = min(max(c.rises+up, -most), most)
	for c.dragged += up; c.dragged >= dragFrames; c.dragged -= dragFrames {
		c.step(MoveUp)
	}
	for ; c.dragged <= -dragFrames; c.dragged += dragFrames {
		c.step(MoveDown)
	}
}

// Release is a key that goes up.
func (c *Controls) Release(i Intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case MoveAround:
		c.held[c.around] = false
	case NextScene:
		if !c.scene.IsZero() && !c.used {
			if at.Sub(c.scene) < holdTime {
				c.next++
			} else {
				c.auto = true
			}
		}
		c.scene = time.Time{}
	case GoOn, TurnLeft, TurnRight:
	default:
		c.held[i] = false
	}
}

// Tap is a key of a keyboard, which tells when keys go down alone.
func (c *Controls) Tap(i Intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case NextScene:
		c.next++
	case GoOn:
		c.auto = true
	case Explain:
		c.asked = true
	default:
		if !at.Before(c.until[i]) { // otherwise it repeats while it is held
			c.step(i)
		}
		c.until[i] = at.Add(tapTime)
		c.until[i^1] = time.Time{} // the opposite
		c.since[i] = true
	}
}

// Take returns what the keys say for the frame at a time, and by how many scenes to go on. What
// they have said is done with then.
func (c *Controls) Take(at time.Time) (in scene.Input, next int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := func(i Intent) int {
		if c.held[i] || c.since[i] || at.Before(c.until[i]) {
			return 1
		}
		return 0
	}
	in.DX = on(MoveRight) - on(MoveLeft) + toZero(&c.clicks)
	in.DY = on(MoveUp) - on(MoveDown) + toZero(&c.rises)
	in.Zoom = on(MoveCloser) - on(MoveAway)
	in.DX, in.DY = min(max(in.DX, -1), 1), min(max(in.DY, -1), 1)
	in.Step, c.steps = c.steps, 0
	if !c.scene.IsZero() && !c.used && at.Sub(c.scene) >= holdTime {
		c.auto, c.used = true, true
	}
	in.Auto, next = c.auto, c.next
	c.since, c.auto, c.next = [moves]bool{}, false, 0
	return in, next
}

// Asked reports whether somebody has asked since the last time what keys are for.
func (c *Controls) Asked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = false
	return asked
}

// toZero takes a step of n towards zero, and returns its sign.
func toZero(n *int) int {
	sign := min(max(*n, -1), 1)
	*n -= sign
	return sign
}
