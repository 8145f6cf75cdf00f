// Package parallel runs the tasks of a computation on several goroutines.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool is a number of goroutines. It must not be used by several at once.
type Pool struct {
	threads int
	next    atomic.Int64
	done    sync.WaitGroup
}

// New returns a pool of that many goroutines, 0 being one for every core.
func New(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Pool{threads: threads}
}

// Threads is the number of goroutines.
func (p *Pool) Threads() int { return p.threads }

// Run calls f for every task from 0 to tasks-1, on the caller's goroutine as
// worker 0 and on others, and waits for all.
func (p *Pool) Run(tasks int, f func(worker, task int)) {
	p.next.Store(0)
	workers := min(p.threads, tasks)
	p.done.Add(workers)
	for w := 1; w < workers; w++ {
		go p.work(w, tasks, f)
	}
	if workers > 0 {
		p.work(0, tasks, f)
	}
	p.done.Wait()
}

func (p *Pool) work(worker, tasks int, f func(worker, task int)) {
	defer p.done.Done()
	for {
		task := int(p.next.Add(1)) - 1
		if task >= tasks {
			return
		}
		f(worker, task)
	}
}
