package keys

import (
	"context"
	"time"

	"periph.io/x/conn/v3/gpio"
)

const (
	// edgeWait is how long an edge is waited for at a time.
	edgeWait = time.Second
	// settleTime is for how long a switch must be quiet before its next change counts. Contacts
	// bounce for a few milliseconds.
	settleTime = 10 * time.Millisecond
	// longestBounce ends the waiting for a switch that never gets quiet.
	longestBounce = 100 * time.Millisecond
)

// debounce calls changed when a switch to ground, with a pull-up, is pressed or released: at the
// first edge, and again if the level is another when the contact has come to rest. A spike, after
// which the level is what it was, is no change.
func debounce(ctx context.Context, pin gpio.PinIn, changed func(pressed bool)) {
	// A switch that is closed at the start counts when it is pressed again
	pressed := pin.Read() == gpio.Low
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

// waitForEdge waits for an edge, or for all of the time if there is none: of a line that is gone
// the driver says so at once, and whoever asks again would spin.
func waitForEdge(pin gpio.PinIn, most time.Duration) bool {
	start := time.Now()
	if pin.WaitForEdge(most) {
		return true
	}
	time.Sleep(most - time.Since(start))
	return false
}
