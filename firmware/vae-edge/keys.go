package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// An intent is what a key is for, whether it is one of a board or of a keyboard.
type intent int

const (
	moveLeft intent = iota
	moveRight
	moveDown
	moveUp
	moveCloser
	moveAway
	moves      // how many intents move
	moveAround // in one direction, and in another the next time
	nextScene  // and, held, to go on without keys
	goOn       // without keys
	turnLeft   // a click of an encoder
	turnRight  //
	noIntent   = -1
)

const (
	// holdTime is how long a key is held to mean something else.
	holdTime = 600 * time.Millisecond
	// tapTime is how long a key of a keyboard counts as held, for keyboards tell when keys go down but not when they go up.
	tapTime = 150 * time.Millisecond
	// clickFrames is for how many frames a click of an encoder moves.
	clickFrames = 4
	// mostClicks keeps a wild turn from moving long after.
	mostClicks = 12
)

// controls gather what keys say until the next frame asks for it.
type controls struct {
	mu     sync.Mutex
	held   [moves]bool
	since  [moves]bool      // pressed since the last frame, however short
	until  [moves]time.Time // of taps
	around intent           // the direction of moveAround
	clicks int              // frames still to move for the encoder, to the right
	rises  int              // the same, up
	scene  time.Time        // since when nextScene is held; zero: it is not
	used   bool             // it has had its effect
	next   int              // scenes to go on by
	auto   bool
}

// press is a key that goes down.
func (c *controls) press(i intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case moveAround:
		c.around = [...]intent{moveLeft: moveDown, moveDown: moveRight, moveRight: moveUp, moveUp: moveLeft}[c.around]
		c.held[c.around], c.since[c.around] = true, true
	case nextScene:
		c.scene, c.used = at, false
	case goOn:
		c.auto = true
	case turnLeft, turnRight:
		c.click(i)
	case noIntent:
	default:
		c.held[i], c.since[i] = true, true
	}
}

// click is a step of an encoder: sideways or, with its key pressed, up and down.
func (c *controls) click(i intent) {
	count := &c.clicks
	if !c.scene.IsZero() {
		count, c.used = &c.rises, true
	}
	if i == turnRight {
		*count += clickFrames
	} else {
		*count -= clickFrames
	}
	*count = min(max(*count, -mostClicks*clickFrames), mostClicks*clickFrames)
}

// release is a key that goes up.
func (c *controls) release(i intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case moveAround:
		c.held[c.around] = false
	case nextScene:
		if !c.scene.IsZero() && !c.used {
			if at.Sub(c.scene) < holdTime {
				c.next++
			} else {
				c.auto = true
			}
		}
		c.scene = time.Time{}
	case goOn, turnLeft, turnRight, noIntent:
	default:
		c.held[i] = false
	}
}

// tap is a key of a keyboard.
func (c *controls) tap(i intent, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch i {
	case nextScene:
		c.next++
	case goOn:
		c.auto = true
	default:
		c.until[i] = at.Add(tapTime)
		c.until[i^1] = time.Time{} // the opposite
		c.since[i] = true
	}
}

// take returns what the keys say for the frame at a time, and by how many scenes to go on.
func (c *controls) take(at time.Time) (in scene.Input, next int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := func(i intent) int {
		if c.held[i] || c.since[i] || at.Before(c.until[i]) {
			return 1
		}
		return 0
	}
	in.DX = on(moveRight) - on(moveLeft) + toZero(&c.clicks)
	in.DY = on(moveUp) - on(moveDown) + toZero(&c.rises)
	in.Zoom = on(moveCloser) - on(moveAway)
	in.DX, in.DY = min(max(in.DX, -1), 1), min(max(in.DY, -1), 1)
	if !c.scene.IsZero() && !c.used && at.Sub(c.scene) >= holdTime {
		c.auto, c.used = true, true
	}
	in.Auto, next = c.auto, c.next
	c.since, c.auto, c.next = [moves]bool{}, false, 0
	return in, next
}

// toZero takes a step of n towards zero, and returns its sign.
func toZero(n *int) int {
	sign := min(max(*n, -1), 1)
	*n -= sign
	return sign
}

// intents says what the keys of a board are for.
func intents(keys []panel.Key) map[panel.Meaning]intent {
	m := map[panel.Meaning]intent{
		panel.Up: moveUp, panel.Down: moveDown, panel.Left: moveLeft, panel.Right: moveRight, panel.Press: nextScene,
		panel.A: nextScene, panel.B: moveAround, panel.X: moveCloser, panel.Y: moveAway,
	}
	for _, k := range keys {
		switch k.Meaning {
		case panel.Up, panel.Down, panel.Left, panel.Right: // a joystick
			m[panel.A], m[panel.B], m[panel.X], m[panel.Y] = moveCloser, moveAway, nextScene, goOn
		}
	}
	return m
}

// A keyPin is an input of a board, with a pull-up and told of both edges.
type keyPin struct {
	panel.Key
	gpio.PinIn            // of an encoder its first pin
	second     gpio.PinIn // nil if it is none
}

// watchKeys lets the pins work the controls until the context ends, or for at most edgeWait longer.
func watchKeys(ctx context.Context, pins []keyPin, c *controls) {
	var keys []panel.Key
	for _, p := range pins {
		keys = append(keys, p.Key)
	}
	of := intents(keys)
	for _, p := range pins {
		if p.second != nil {
			e := &encoder{pins: [2]gpio.PinIn{p.PinIn, p.second}, turned: func(i intent) { c.press(i, time.Now()) }}
			e.state = e.read()
			go e.watch(ctx, 0)
			go e.watch(ctx, 1)
			continue
		}
		i := of[p.Meaning]
		go debounce(ctx, p.PinIn, func(pressed bool) {
			if pressed {
				c.press(i, time.Now())
			} else {
				c.release(i, time.Now())
			}
		})
	}
}

const (
	// edgeWait is how long an edge is waited for at a time.
	edgeWait = time.Second
	// settleTime is for how long a switch must be quiet before its next change counts. Contacts bounce for a few milliseconds.
	settleTime = 10 * time.Millisecond
	// longestBounce ends the waiting for a switch that never gets quiet.
	longestBounce = 100 * time.Millisecond
)

// debounce calls changed when a switch to ground, with a pull-up, is pressed or released: at the first edge, and again if the level is
// another when the contact has come to rest. A spike, after which the level is what it was, is no change.
func debounce(ctx context.Context, pin gpio.PinIn, changed func(pressed bool)) {
	pressed := pin.Read() == gpio.Low // a switch that is closed at the start counts when it is pressed again
	for ctx.Err() == nil {
		if !waitForEdge(pin, edgeWait) {
			pressed = settle(pin, pressed, changed) // an edge may have been lost
			continue
		}
		before := pressed
		if pressed = settle(pin, pressed, changed); pressed == before {
			continue
		}
		start := time.Now()
		for time.Since(start) < longestBounce && waitForEdge(pin, settleTime) {
		}
		pressed = settle(pin, pressed, changed)
	}
}

// settle returns what the switch is now, having said so if it has changed.
func settle(pin gpio.PinIn, was bool, changed func(bool)) bool {
	now := pin.Read() == gpio.Low
	if now != was {
		changed(now)
	}
	return now
}

// waitForEdge waits for an edge, or for all of the time if there is none: of a line that is gone the driver says so at once, and whoever
// asks again would spin.
func waitForEdge(pin gpio.PinIn, most time.Duration) bool {
	start := time.Now()
	if pin.WaitForEdge(most) {
		return true
	}
	time.Sleep(most - time.Since(start))
	return false
}

// An encoder is a rotary encoder: its two contacts open and close in turn, four changes a click, and which one is ahead tells the
// direction. A contact that bounces takes back what it has said.
type encoder struct {
	pins   [2]gpio.PinIn
	turned func(intent)

	mu    sync.Mutex
	state int // 0 to 3, as the contacts follow one another
	count int // changes since the last click
}

// read is where in its cycle the encoder is.
func (e *encoder) read() int {
	a, b := e.pins[0].Read() == gpio.Low, e.pins[1].Read() == gpio.Low
	switch {
	case a && b:
		return 2
	case a:
		return 1
	case b:
		return 3
	}
	return 0 // where it rests
}

func (e *encoder) watch(ctx context.Context, pin int) {
	for ctx.Err() == nil {
		if waitForEdge(e.pins[pin], edgeWait) {
			e.step()
		}
	}
}

func (e *encoder) step() {
	e.mu.Lock()
	defer e.mu.Unlock()
	state := e.read()
	switch (state - e.state + 4) % 4 {
	case 1:
		e.count++
	case 3:
		e.count--
	}
	e.state = state
	if state != 0 {
		return
	}
	// At rest. One change of the four may have been too quick to be seen.
	switch {
	case e.count >= 2:
		e.turned(turnRight)
	case e.count <= -2:
		e.turned(turnLeft)
	}
	e.count = 0
}

// openKeys requests the lines of the board's keys as inputs with pull-ups. A key that cannot be had is an error, and the others work.
func openKeys(keys []panel.Key) (pins []keyPin, missing []error) {
	open := func(name string, k panel.Key) gpio.PinIn {
		p, err := port.Input(name, fmt.Sprintf("the key %s", k.Meaning))
		if err != nil {
			missing = append(missing, err)
			return nil
		}
		return p
	}
	for _, k := range keys {
		if k.Meaning != turn {
			if p := open(k.Pin, k); p != nil {
				pins = append(pins, keyPin{Key: k, PinIn: p})
			}
			continue
		}
		a, b, _ := strings.Cut(k.Pin, "/")
		first, second := open(a, k), open(b, k)
		if first != nil && second != nil {
			pins = append(pins, keyPin{k, first, second})
		}
	}
	return pins, missing
}
