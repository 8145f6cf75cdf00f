// Package crew runs the tasks of a computation on several goroutines.
package crew

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Crew is a number of goroutines. It must not be used by several at once.
type Crew struct {
	threads int
	next    atomic.Int64
	done    sync.WaitGroup
}

// New returns a crew of that many goroutines, 0 being one for every core.
func New(threads int) *Crew {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Crew{threads: threads}
}

// Threads is the number of goroutines.
func (c *Crew) Threads() int { return c.threads }

// Run calls f for every task from 0 to tasks-1, on the caller's goroutine as
// worker 0 and on others, and waits for all.
func (c *Crew) Run(tasks int, f func(worker, task int)) {
	c.next.Store(0)
	workers := min(c.threads, tasks)
	c.done.Add(workers)
	for w := 1; w < workers; w++ {
		go c.work(w, tasks, f)
	}
	if workers > 0 {
		c.work(0, tasks, f)
	}
	c.done.Wait()
}

func (c *Crew) work(worker, tasks int, f func(worker, task int)) {
	defer c.done.Done()
	for {
		task := int(c.next.Add(1)) - 1
		if task >= tasks {
			return
		}
		f(worker, task)
	}
}
