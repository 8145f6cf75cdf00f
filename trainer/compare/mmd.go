package compare

import "github.com/vae-edge/vae-edge/trainer/internal/parallel"

// mmdBlock is how many vectors of each kind are compared at a time.
const mmdBlock = 500

// MMD is the square of the maximum mean discrepancy of two sets of vectors of so many dimensions,
// of the kernel (1 + x·y/dims)³: unbiased, the mean over blocks (Bińkowski and others,
// "Demystifying MMD GANs", 2018, whose KID it is of these features). It may be below 0. Vectors
// that do not fill a block are left out, unless there are fewer. The result does not depend on
// threads.
func MMD(x, y []float32, dims, threads int) float64 {
	n := min(len(x), len(y)) / dims
	size := min(n, mmdBlock)
	if size < 2 {
		return 0
	}
	blocks := n / size
	sums := make([]float64, blocks)
	parallel.New(threads).Run(blocks, func(_, b int) {
		x, y := x[b*size*dims:][:size*dims], y[b*size*dims:][:size*dims]
		pairs := float64(size) * float64(size-1)
		sums[b] = (within(x, dims)+within(y, dims))/(pairs/2) - 2*between(x, y, dims)/(float64(size)*float64(size))
	})
	mean := 0.0
	for _, s := range sums {
		mean += s / float64(blocks)
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
