package compare

import (
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// mmdBlock is how many vectors of each kind are compared at a time.
const mmdBlock = 250

// References are vectors that others are compared with, in blocks.
type References struct {
	dims, threads int
	blocks        [][]float32
	within        []float64 // the sum of the kernel over the pairs of each block
}

// NewReferences takes vectors of so many dimensions. Those that do not fill a block are left out,
// unless there are fewer. threads 0 is one per core; results do not depend on it.
func NewReferences(y []float32, dims, threads int) *References {
	r := &References{dims: dims, threads: threads, blocks: blocksOf(y, dims, 1)}
	r.within = make([]float64, len(r.blocks))
	parallel.New(threads).Run(len(r.blocks), func(_, b int) { r.within[b] = within(r.blocks[b], dims) })
	return r
}

// blocksOf deals vectors to blocks of one size, at random: data sets have an order, see Some.
func blocksOf(x []float32, dims int, seed uint64) [][]float32 {
	n := len(x) / dims
	size := min(n, mmdBlock)
	if size == 0 {
		return nil
	}
	blocks := make([][]float32, n/size)
	for k, i := range random.Permutation(seed, 0, n)[:size*len(blocks)] {
		b := k % len(blocks)
		blocks[b] = append(blocks[b], x[i*dims:][:dims]...)
	}
	return blocks
}

// MMD is the square of the maximum mean discrepancy of vectors from the references, of the kernel
// (1 + x·y/dims)³: unbiased, the mean over blocks (Bińkowski and others, "Demystifying MMD GANs",
// 2018, whose KID it is of other features). It may be below 0.
func (r *References) MMD(x []float32) float64 {
	blocks := blocksOf(x, r.dims, 2)
	n := min(len(blocks), len(r.blocks))
	if n == 0 || len(blocks[0]) < 2*r.dims || len(r.blocks[0]) < 2*r.dims {
		return 0
	}
	sums := make([]float64, n)
	pairs := func(block []float32) float64 {
		k := float64(len(block) / r.dims)
		return k * (k - 1) / 2
	}
	parallel.New(r.threads).Run(n, func(_, b int) {
		x, y := blocks[b], r.blocks[b]
		all := float64(len(x)/r.dims) * float64(len(y)/r.dims)
		sums[b] = within(x, r.dims)/pairs(x) + r.within[b]/pairs(y) - 2*between(x, y, r.dims)/all
	})
	mean := 0.0
	for _, s := range sums {
		mean += s / float64(n)
	}
	return mean
}

// within is the sum of the kernel over the pairs of different vectors.
func within(x []float32, dims int) (sum float64) {
	for i := 0; i < len(x); i += dims {
		sum += between(x[i:i+dims], x[i+dims:], dims)
	}
	return sum
}

// between is that over the pairs of a vector of x and one of y.
func between(x, y []float32, dims int) (sum float64) {
	for i := 0; i < len(x); i += dims {
		a := x[i : i+dims]
		for j := 0; j < len(y); j += dims {
			k := 1 + dot(a, y[j:j+dims])/float64(dims)
			sum += k * k * k
		}
	}
	return sum
}
