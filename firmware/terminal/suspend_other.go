//go:build !unix

package terminal

// Suspend does nothing: programs are not stopped here.
func Suspend() {}

// WatchStops does nothing: programs are not stopped here.
func WatchStops(_, _ func() bool, _ <-chan struct{}) (end func()) { return func() {} }
