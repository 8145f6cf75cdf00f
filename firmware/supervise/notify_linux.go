package supervise

import "golang.org/x/sys/unix"

// notify sends a datagram to the service manager's socket, without package net, which would link a
// network stack.
func notify(socket, state string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// An abstract name begins with @ here, too
	return unix.Sendto(fd, []byte(state), 0, &unix.SockaddrUnix{Name: socket})
}
