package keys

import (
	"context"
	"sync"

	"periph.io/x/conn/v3/gpio"
)

// A knob is a rotary knob, which the trade calls an encoder: its two contacts open and close in
// turn, four changes a click, and which one is ahead tells the direction. A contact that bounces
// takes back what it has said.
type knob struct {
	pins   [2]gpio.PinIn
	turned func(Intent)

	mu    sync.Mutex
	state int // 0 to 3, as the contacts follow one another
	count int // changes since the last click
}

// newKnob returns the knob on two inputs, which tells turned of its clicks.
func newKnob(first, second gpio.PinIn, turned func(Intent)) *knob {
	k := &knob{pins: [2]gpio.PinIn{first, second}, turned: turned}
	k.state = k.read()
	return k
}

// start watches the contacts until the context ends, or for at most edgeWait longer.
func (k *knob) start(ctx context.Context) {
	go k.watch(ctx, 0)
	go k.watch(ctx, 1)
}

// read is where in its cycle the knob is.
func (k *knob) read() int {
	a, b := k.pins[0].Read() == gpio.Low, k.pins[1].Read() == gpio.Low
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

func (k *knob) watch(ctx context.Context, pin int) {
	for ctx.Err() == nil {
		if waitForEdge(k.pins[pin], edgeWait) {
			k.step()
		}
	}
}

func (k *knob) step() {
	k.mu.Lock()
	defer k.mu.Unlock()
	state := k.read()
	switch (state - k.state + 4) % 4 {
	case 1:
		k.count++
	case 3:
		k.count--
	}
	k.state = state
	if state != 0 {
		return
	}
	// At rest. One change of the four may have been too quick to be seen.
	switch {
	case k.count >= 2:
		k.turned(TurnRight)
	case k.count <= -2:
		k.turned(TurnLeft)
	}
	k.count = 0
}
