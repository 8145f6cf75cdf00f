package supervise

import (
	"os"
	"strconv"
	"time"
)

// A Notifier tells the service manager that started the program how it is doing, by the protocol of
// sd_notify(3): that the first frame is to be seen, then, as often as the manager's watchdog wants
// it, that there are more. Only one goroutine may use it. The nil Notifier is of a program that no
// manager started.
type Notifier struct {
	send  func(state string) error
	every time.Duration // 0: no watchdog
	next  time.Time
	ready bool
}

// NewNotifier returns a notifier that sends states with send, and keeps a watchdog quiet that wants
// to hear something in less than four times every; 0: there is none.
func NewNotifier(send func(state string) error, every time.Duration) *Notifier {
	return &Notifier{send: send, every: every}
}

// FromEnvironment returns the notifier of the service manager that the environment names; nil where
// there is none.
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

// Frame is called after every frame that was shown.
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

// Alive is called when something went on, even if it was in vain.
func (n *Notifier) Alive() {
	if n == nil || n.every == 0 || !n.ready {
		return
	}
	if now := time.Now(); !now.Before(n.next) {
		n.next = now.Add(n.every)
		n.tell("WATCHDOG=1")
	}
}

// Status says what to show of the program's state.
func (n *Notifier) Status(text string) {
	if n != nil {
		n.tell("STATUS=" + text)
	}
}

// Stopping says that the program is about to end. Any goroutine may call it.
func (n *Notifier) Stopping() {
	if n != nil {
		n.tell("STOPPING=1")
	}
}

// tell sends a state. That it cannot is nothing to stop for: the manager will miss it.
func (n *Notifier) tell(state string) { _ = n.send(state) }
