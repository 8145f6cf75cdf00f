//go:build !linux

package supervise

import "errors"

// notify has no service manager to tell.
func notify(socket, state string) error { return errors.ErrUnsupported }
