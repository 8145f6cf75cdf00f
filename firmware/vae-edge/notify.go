package main

import (
	"os"
	"strconv"
	"time"
)

// A notifier tells the service manager that started the program how it is doing, by the protocol of sd_notify(3): that the first frame is
// to be seen, then, as often as the manager's watchdog wants it, that there are more. Only one goroutine may use it. The nil notifier is of
// a program that no manager started.
type notifier struct {
	send  func(state string) error
	every time.Duration // 0: no watchdog
	next  time.Time
	ready bool
}

// newNotifier returns the notifier of the environment.
func newNotifier() *notifier {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return nil
	}
	n := &notifier{send: func(state string) error { return notify(socket, state) }}
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if pid := os.Getenv("WATCHDOG_PID"); err == nil && usec > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		n.every = time.Duration(usec) * time.Microsecond / 4 // half would do
	}
	return n
}

// frame is called after every frame that was shown.
func (n *notifier) frame() {
	if n == nil {
		return
	}
	if !n.ready {
		n.ready = true
		n.tell("READY=1")
	}
	n.alive()
}

// alive is called when something went on, even if it was in vain.
func (n *notifier) alive() {
	if n == nil || n.every == 0 || !n.ready {
		return
	}
	if now := time.Now(); !now.Before(n.next) {
		n.next = now.Add(n.every)
		n.tell("WATCHDOG=1")
	}
}

// status says what to show of the program's state.
func (n *notifier) status(text string) {
	if n != nil {
		n.tell("STATUS=" + text)
	}
}

// stopping says that the program is about to end. Any goroutine may call it.
func (n *notifier) stopping() {
	if n != nil {
		n.tell("STOPPING=1")
	}
}

// tell sends a state. That it cannot is nothing to stop for: the manager will miss it.
func (n *notifier) tell(state string) { _ = n.send(state) }
