//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Suspend stops the program and all of its job until the shell lets them go on, as Ctrl-Z does
// outside of raw mode.
func Suspend() { syscall.Kill(0, syscall.SIGTSTP) }

// endTime is how long the program may take to end when it goes on without its terminal: shells send
// SIGCONT after the signal that is to end a job that they had stopped.
const endTime = 4 * time.Second

// WatchStops calls pause whenever the program is stopped, and resume when it goes on, until ending
// is closed, end is called or pause reports false. While resume reports false, the program is
// stopped again.
func WatchStops(pause, resume func() bool, ending <-chan struct{}) (end func()) {
	stops, goesOn, ended := make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan struct{})
	if !signal.Ignored(syscall.SIGTSTP) {
		signal.Notify(stops, syscall.SIGTSTP)
	}
	signal.Notify(goesOn, syscall.SIGCONT)
	go func() {
		for {
			stop := false
			select {
			case <-stops:
				stop = true
			case <-goesOn: // after a SIGSTOP, of which no program is told
			case <-ended:
				return
			case <-ending:
				return
			}
			for ; ; stop = true {
				if stop {
					if !pause() {
						return
					}
					drain(goesOn)
					// Go never gives a signal that was caught its effect back; this has the same
					syscall.Kill(syscall.Getpid(), syscall.SIGTTOU)
					select {
					case <-goesOn:
					case <-time.After(stopTime):
					}
					drain(stops)
				}
				if resume() {
					break
				}
				select {
				case <-ended:
					return
				case <-ending:
					return
				case <-time.After(endTime):
				}
			}
		}
	}()
	return func() {
		signal.Stop(stops)
		signal.Stop(goesOn)
		close(ended)
	}
}

// drain takes a signal that nobody has waited for.
func drain(c <-chan os.Signal) {
	select {
	case <-c:
	default:
	}
}
