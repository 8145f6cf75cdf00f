//go:build !unix

package terminal

// Suspend does nothing: programs are not stopped here.
func Suspend() {}

func (t *Window) watchStops(<-chan struct{}) (end func()) { return func() {} }
