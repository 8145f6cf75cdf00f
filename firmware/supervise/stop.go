package supervise

import (
	"context"
	"time"
)

// How long the end of a program may take. A frame that is on the wire comes first, or an
// initialisation of 0.3 s.
const (
	// StopTime is that of a program with somebody at its keyboard.
	StopTime = 800 * time.Millisecond
	// ServiceStopTime is that of a service, for which nobody waits: a port that the kernel
	// bit-bangs takes a second for a frame. Service managers give ten seconds and more.
	ServiceStopTime = 5 * time.Second
)

// EndsWith returns what f does. It returns false if f, which ought to end with the context, is
// still at it so long after that.
func EndsWith(ctx context.Context, most time.Duration, f func() error) (ended bool, err error) {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return true, err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return true, err
	case <-time.After(most):
		return false, nil
	}
}
