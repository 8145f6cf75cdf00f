package gan

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// A norm estimates the largest singular value of a layer's weights by power iteration. The matrix
// has a row for every input of a sum and a column for every output.
type norm struct {
	span       nn.Span // of the weights in the critic's
	rows, cols int
	// The singular vectors of outputs and of inputs, of length 1, and the singular value. All are
	// kept from step to step, and by checkpoints.
	left, right, sigma []float32
}

// gain is the norm of a layer's weights after the division. With 1 the critic of digits can hardly
// tell them from drawn ones, and the generator learns slowly.
const gain = 2

// newNorm begins with a vector that follows from the seed.
func newNorm(l *nn.Layer, seed uint64, layer int) *norm {
	n := &norm{span: l.WeightSpan, cols: l.Out[2]}
	n.rows = len(l.Weight) / n.cols
	n.left, n.right, n.sigma = make([]float32, n.cols), make([]float32, n.rows), []float32{1}
	sum := 0.0
	for i := range n.left {
		n.left[i] = float32(random.Hash(seed, uint64(layer), uint64(i))>>40)/(1<<24) + 0.1
		sum += float64(n.left[i]) * float64(n.left[i])
	}
	for i := range n.left {
		n.left[i] /= float32(math.Sqrt(sum))
	}
	return n
}

// least is below all singular values of weights that say anything.
const least = 1e-12

// iterate makes a step of power iteration and sets sigma.
func (n *norm) iterate(w []float32) {
	left, right := make([]float64, n.cols), make([]float64, n.rows)
	for i, row := 0, w; i < n.rows; i, row = i+1, row[n.cols:] {
		sum := 0.0
		for c, v := range row[:n.cols] {
			sum += float64(v) * float64(n.left[c])
		}
		right[i] = sum
	}
	unit(right)
	narrow(n.right, right)
	for i, row := 0, w; i < n.rows; i, row = i+1, row[n.cols:] {
		for c, v := range row[:n.cols] {
			left[c] += float64(v) * float64(n.right[i])
		}
	}
	n.sigma[0] = float32(max(unit(left), least))
	narrow(n.left, left)
}

func narrow(dst []float32, src []float64) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// unit divides a vector by its length, which it returns.
func unit(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	length := math.Sqrt(sum)
	for i := range x {
		x[i] /= max(length, least)
	}
	return length
}

// divide sets the weights that the critic computes with.
func (n *norm) divide(dst, w []float32) {
	scale := float32(gain / float64(n.sigma[0]))
	for i, v := range w {
		dst[i] = v * scale
	}
}

// through takes g, the gradient of the divided weights, to that of the weights themselves: what
// changes the norm changes them all.
func (n *norm) through(g, divided []float32) {
	along := 0.0
	for i, v := range divided {
		along += float64(v) * float64(g[i])
	}
	along /= gain
	scale := gain / float64(n.sigma[0])
	for i, r := range n.right {
		row := g[i*n.cols:][:n.cols]
		for c, v := range row {
			row[c] = float32((float64(v) - float64(along*float64(r))*float64(n.left[c])) * scale)
		}
	}
}
