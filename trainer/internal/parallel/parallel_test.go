package parallel

import (
	"runtime"
	"testing"
)

func TestRun(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		c := New(threads)
		if c.Threads() != threads {
			t.Errorf("a pool of %d has %d threads", threads, c.Threads())
		}
		for _, tasks := range []int{0, 1, 2, 3, 100} {
			calls := make([][]int, threads) // a worker is never two goroutines
			c.Run(tasks, func(worker, task int) { calls[worker] = append(calls[worker], task) })
			times := make([]int, tasks)
			for _, list := range calls {
				for _, task := range list {
					times[task]++
				}
			}
			for task, n := range times {
				if n != 1 {
					t.Errorf("%d threads: task %d of %d was done %d times", threads, task, tasks, n)
				}
			}
		}
	}
	if n := New(0).Threads(); n != runtime.GOMAXPROCS(0) {
		t.Errorf("a pool of all cores has %d threads", n)
	}
}
