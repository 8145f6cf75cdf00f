package nn

import (
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Update is the step of an optimizer, which a pool makes range by range.
type Update struct {
	Slots [][]float32 // the optimizer's, each laid out as the weights

	pool      *parallel.Pool
	backend   *sgemm.Backend
	optimizer Optimizer
	ranges    []weightRange
	step      int
	rate      float64

	runNorm, runUpdate func(worker, task int)
}

// weightRange is a task.
type weightRange struct {
	w, g    []float32
	slots   [][]float32
	factor  float64 // of the learning rate
	squares float64 // sum of the squares of g
}

// Group is a run of weights that learn at a rate of their own: a factor of the others'.
type Group struct {
	From, To int
	Factor   float64
}

// rangeSize is the number of weights that are a task for a goroutine.
const rangeSize = 1 << 14

// NewUpdate prepares to change weights by their gradient, both arrays being
// the caller's. Groups are in order; the factor of weights in none is 1.
func NewUpdate(p *parallel.Pool, b *sgemm.Backend, o Optimizer, weights, gradient []float32, groups ...Group) *Update {
	u := &Update{pool: p, backend: b, optimizer: o}
	u.runNorm, u.runUpdate = u.norm, u.update
	for range o.Slots() {
		u.Slots = append(u.Slots, make([]float32, len(weights)))
	}
	add := func(from, end int, factor float64) {
		for from < end {
			to := min(from+rangeSize, end)
			r := weightRange{w: weights[from:to:to], g: gradient[from:to:to], factor: factor}
			for _, slot := range u.Slots {
				r.slots = append(r.slots, slot[from:to:to])
			}
			u.ranges = append(u.ranges, r)
			from = to
		}
	}
	at := 0
	for _, g := range groups {
		add(at, g.From, 1)
		add(g.From, g.To, g.Factor)
		at = g.To
	}
	add(at, len(weights), 1)
	return u
}

// SquaredNorm is the sum of the squares of the gradient, always in the same
// order: not finite if an element is not.
func (u *Update) SquaredNorm() float64 {
	u.pool.Run(len(u.ranges), u.runNorm)
	squares := 0.0
	for i := range u.ranges {
		squares += u.ranges[i].squares
	}
	return squares
}

// Step changes the weights, the first step being 1, with learning rate rate.
func (u *Update) Step(step int, rate float64) {
	u.step, u.rate = step, rate
	u.pool.Run(len(u.ranges), u.runUpdate)
}

// norm sums the squares of a range of the gradient.
func (u *Update) norm(_, task int) {
	r := &u.ranges[task]
	var s0, s1, s2, s3 float32
	g := r.g
	for ; len(g) >= 4; g = g[4:] {
		s0 += g[0] * g[0]
		s1 += g[1] * g[1]
		s2 += g[2] * g[2]
		s3 += g[3] * g[3]
	}
	for _, v := range g {
		s0 += v * v
	}
	r.squares = float64(s0) + float64(s1) + float64(s2) + float64(s3)
}

func (u *Update) update(_, task int) {
	r := &u.ranges[task]
	u.optimizer.Update(u.backend, u.step, u.rate*r.factor, r.w, r.g, r.slots)
}
