package supervise

import (
	"context"
	"time"
)

// How long a program may take to end: a frame on the wire comes first, or an initialisation of 0.3
// s.
const (
	// StopTime is for a program with somebody at its keyboard.
	StopTime = 800 * time.Millisecond
	// ServiceStopTime is for a service, which nobody waits for: a bit-banged port takes a second a
	// frame. Service managers allow ten seconds or more.
	ServiceStopTime = 5 * time.Second
)

// EndsWith runs f, which should end with the context, and returns its error. ended is false if f is
// still running that long after the context.
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
