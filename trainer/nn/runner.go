package nn

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Block is the number of images in a task of a Runner.
const Block = 16

// Runner runs a Model forward on all cores, without changing it. It must not be used by several
// goroutines at once. The results do not depend on the number of threads.
type Runner struct {
	Net  *Network
	Pool *parallel.Pool

	passes []*Pass // by worker
}

// NewRunner makes a Runner with all its buffers. A nil backend is sgemm.Best().
func NewRunner(m *Model, p *parallel.Pool, b *sgemm.Backend) *Runner {
	if b == nil {
		b = sgemm.Best()
	}
	r := &Runner{Net: NewNetwork(m, b, Block), Pool: p}
	for range p.Threads() {
		r.passes = append(r.passes, r.Net.NewPass(Block))
	}
	return r
}

// Pack takes the weights as they are now.
func (r *Runner) Pack() { r.Net.Pack(r.Pool) }

// Pass is that of a worker of the pool.
func (r *Runner) Pass(worker int) *Pass { return r.passes[worker] }

// Blocks calls f on the pool for blocks of up to Block of n images, of which first is the
// first.
func Blocks(p *parallel.Pool, n int, f func(worker, first, count int)) {
	p.Run((n+Block-1)/Block, func(worker, task int) {
		first := task * Block
		f(worker, first, min(Block, n-first))
	})
}

// Outputs computes what the network gives for inputs src, one after the other, to dst: both without
// borders.
func (r *Runner) Outputs(dst, src []float32) {
	in, out := r.Net.Layouts[0], r.Net.Layouts[r.Net.Output()]
	n := len(src) / in.Len()
	if n*in.Len() != len(src) || n*out.Len() != len(dst) {
		panic(fmt.Sprintf("nn: %d floats to %d: must be a multiple of %d to as many times %d", len(src), len(dst), in.Len(), out.Len()))
	}
	r.Pack()
	Blocks(r.Pool, n, func(worker, first, count int) {
		p := r.passes[worker]
		p.Run(count, func(i int) { p.SetInput(i, src[(first+i)*in.Len():][:in.Len()]) }, func(i int) {
			out.Inside(dst[(first+i)*out.Len():], p.X(r.Net.Output(), i), 1)
		}, false)
	})
}

// Activations runs the network on n inputs, one after the other, which load sets in image 0 of the
// pass, and calls visit for what every layer gives for each, its ReLU included: a picture without
// borders, which is overwritten after the call.
func (r *Runner) Activations(n int, load func(p *Pass, input int), visit func(layer int, outputs []float32)) {
	r.Pack()
	p := r.passes[0]
	buffers := make([][]float32, len(r.Net.Layers))
	for i := range buffers {
		buffers[i] = make([]float32, r.Net.Layouts[i+1].Len())
	}
	p.After = func(layer, _, _ int) {
		r.Net.Layouts[layer+1].Inside(buffers[layer], p.X(layer+1, 0), 1)
		visit(layer, buffers[layer])
	}
	defer func() { p.After = nil }()
	for i := range n {
		p.Run(1, func(int) { load(p, i) }, nil, false)
	}
}
