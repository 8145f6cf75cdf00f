// Package keystest has a switch that a test can press.
package keystest

import (
	"math/rand/v2"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// A Switch is a line with a switch, as the kernel has it: the level at any time and up to 16 edges
// that nobody has waited for.
type Switch struct {
	mu    sync.Mutex
	level gpio.Level
	edges chan struct{}
}

// New returns a switch that is open.
func New() *Switch { return &Switch{level: gpio.High, edges: make(chan struct{}, 16)} }

// Set changes the level: Low is closed.
func (s *Switch) Set(l gpio.Level) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.level == l {
		return
	}
	s.level = l
	select {
	case s.edges <- struct{}{}:
	default:
	}
}

// Read implements gpio.PinIn, as what is below it does.
func (s *Switch) Read() gpio.Level {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.level
}

func (s *Switch) WaitForEdge(d time.Duration) bool {
	select {
	case <-s.edges:
		return true
	case <-time.After(d):
		return false
	}
}

func (s *Switch) String() string                        { return "switch" }
func (s *Switch) Name() string                          { return "switch" }
func (s *Switch) Number() int                           { return -1 }
func (s *Switch) Function() string                      { return "In" }
func (s *Switch) Halt() error                           { return nil }
func (s *Switch) In(gpio.Pull, gpio.Edge) error         { return nil }
func (s *Switch) Pull() gpio.Pull                       { return gpio.PullUp }
func (s *Switch) DefaultPull() gpio.Pull                { return gpio.PullUp }
func (s *Switch) PWM(gpio.Duty, physic.Frequency) error { return nil }

// Bounce makes a switch change like a real one: for some milliseconds it is open and closed by
// turns.
func (s *Switch) Bounce(r *rand.Rand, to gpio.Level, lasts time.Duration) {
	start := time.Now()
	for time.Since(start) < lasts {
		s.Set(to)
		time.Sleep(time.Duration(20+r.IntN(900)) * time.Microsecond)
		s.Set(!to)
		time.Sleep(time.Duration(20+r.IntN(300)) * time.Microsecond)
	}
	s.Set(to)
}
