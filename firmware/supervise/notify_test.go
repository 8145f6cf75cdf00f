package supervise

import (
	"testing"
	"time"
)

func TestFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		socket, usec, pid string
		every             time.Duration
		none              bool
	}{
		{none: true, usec: "1000000"},
		{socket: "/run/x"},
		{socket: "/run/x", usec: "30000000", every: 7500 * time.Millisecond},
		{socket: "/run/x", usec: "30000000", pid: "1"},
		{socket: "/run/x", usec: "-5"},
		{socket: "/run/x", usec: "soon"},
	} {
		t.Setenv("NOTIFY_SOCKET", c.socket)
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		n := FromEnvironment()
		if (n == nil) != c.none || n != nil && n.every != c.every {
			t.Errorf("%+v: %+v", c, n)
		}
	}
	var n *Notifier // must be harmless
	n.Frame()
	n.Alive()
	n.Status("x")
	n.Stopping()
}
