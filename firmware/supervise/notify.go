package supervise

import (
	"os"
	"strconv"
	"time"
)

// A Notifier reports to the service manager by sd_notify(3): ready at the first frame, then alive
// as often as the watchdog asks. Only one goroutine may use it, except for Stopping. A nil
// Notifier, of a program without a manager, does nothing.
type Notifier struct {
	send  func(state string) error
	every time.Duration // 0: no watchdog
	next  time.Time
	ready bool
}

// NewNotifier returns a notifier that sends states with send, to a watchdog that waits for four
// times every; 0: there is no watchdog.
func NewNotifier(send func(state string) error, every time.Duration) *Notifier {
	return &Notifier{send: send, every: every}
}

// FromEnvironment returns the notifier for the service manager that the environment names, or nil.
func FromEnvironment() *Notifier {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	n := &Notifier{send: func(state string) error { return notify(socket, state) }}
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if pid := os.Getenv("WATCHDOG_PID"); err == nil && usec > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		n.every = time.Duration(usec) * time.Microsecond / 4 // half would do
	}
	return n
}

// Frame reports a frame that was shown.
func (n *Notifier) Frame() {
	if n == nil {
		return
	}
	if !n.ready {
		n.ready = true
		n.tell("READY=1")
	}
	n.Alive()
}

// Alive reports a sign of life, even a failed retry.
func (n *Notifier) Alive() {
	if n == nil || n.every == 0 || !n.ready {
		return
	}
	if now := time.Now(); !now.Before(n.next) {
		n.next = now.Add(n.every)
		n.tell("WATCHDOG=1")
	}
}

// Status sets the status that the manager shows.
func (n *Notifier) Status(text string) {
	if n != nil {
		n.tell("STATUS=" + text)
	}
}

// Stopping reports that the program is about to end. Any goroutine may call it.
func (n *Notifier) Stopping() {
	if n != nil {
		n.tell("STOPPING=1")
	}
}

// tell sends a state. Failing to is no reason to stop: the manager notices silence.
func (n *Notifier) tell(state string) { _ = n.send(state) }
