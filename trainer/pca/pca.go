// Package pca is principal component analysis of pictures: of all that draw pictures linearly from
// so many numbers, what draws them best. An autoencoder with as many latent dimensions that draws
// worse has not learnt enough.
package pca

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Components are the mean of pictures and the directions in which they vary most.
type Components struct {
	Size, Dims int
	mean       []float32
	axes       []float32 // Size x Dims, its columns orthonormal
	pool       *parallel.Pool
	backend    *sgemm.Backend
	workers    []worker
}

// A worker's memory for a block of pictures.
type worker struct {
	pictures, codes []float32
	rows, codeRows  []int32
}

const (
	block = 32 // pictures
	lanes = 8  // sums, which are added in order, so that the result does not depend on the threads
	// Iterations end when another one adds less than this share to the variance that the axes hold.
	enough = 1e-4
	most   = 40
)

// Fit finds the first dims components of pictures of size bytes each, of which there must be more
// than dims, by subspace iteration. threads 0 is all cores; the result does not depend on it.
func Fit(pictures []byte, size, dims, threads int) *Components {
	c := &Components{
		Size: size, Dims: dims, mean: make([]float32, size), axes: make([]float32, size*dims),
		pool: parallel.New(threads), backend: sgemm.Best(),
	}
	c.workers = make([]worker, c.pool.Threads())
	for i := range c.workers {
		w := &c.workers[i]
		*w = worker{make([]float32, block*size), make([]float32, block*dims), make([]int32, block), make([]int32, block)}
		for k := range block {
			w.rows[k], w.codeRows[k] = int32(k*size), int32(k*dims)
		}
	}
	n := len(pictures) / size
	sums := make([]uint64, size)
	for i, p := range pictures[:n*size] {
		sums[i%size] += uint64(p)
	}
	for i, s := range sums {
		c.mean[i] = float32(float64(s) / float64(n))
	}
	for i := range c.axes {
		c.axes[i] = float32(random.Hash(1, 0, uint64(i))>>40) - 1<<23
	}
	c.orthonormalize()
	var parts [lanes][]float32
	for i := range parts {
		parts[i] = make([]float32, size*dims)
	}
	if few := n / 8; few > 8*dims { // where the axes lie, to begin with
		c.iterate(pictures[:few*size], &parts)
	}
	c.iterate(pictures[:n*size], &parts)
	c.orthonormalize()
	return c
}

// iterate turns the axes toward the components of pictures.
func (c *Components) iterate(pictures []byte, parts *[lanes][]float32) {
	size, dims := c.Size, c.Dims
	n := len(pictures) / size
	blocks := (n + block - 1) / block
	held := 0.0
	for range most {
		packed := c.packed()
		c.pool.Run(min(lanes, blocks), func(number, lane int) {
			w, sum := &c.workers[number], parts[lane]
			clear(sum)
			for b := lane; b < blocks; b += lanes {
				k := c.encode(w, packed, pictures[b*block*size:min((b+1)*block, n)*size])
				c.backend.Outer(sum, dims, w.pictures, w.rows[:k], nil, size, w.codes, w.codeRows[:k], dims)
			}
		})
		for _, p := range parts[1:min(lanes, blocks)] {
			c.backend.Add(parts[0], p)
		}
		// The trace of what the covariance is in the axes: how much of the variance they hold
		now := 0.0
		for i, v := range parts[0] {
			now += float64(v) * float64(c.axes[i])
		}
		copy(c.axes, parts[0])
		c.orthonormalize()
		if now-held < enough*now {
			break
		}
		held = now
	}
}

func (c *Components) packed() *sgemm.Packed {
	p := c.backend.NewPacked(c.Size, c.Dims)
	p.Pack(c.axes, c.Dims, 1)
	return p
}

// encode sets the worker's codes to those of up to a block of pictures, and its pictures to these
// less the mean. It returns how many they are.
func (c *Components) encode(w *worker, packed *sgemm.Packed, pictures []byte) int {
	k := len(pictures) / c.Size
	for n := range k {
		to := w.pictures[n*c.Size:][:c.Size]
		for i, p := range pictures[n*c.Size:][:c.Size] {
			to[i] = float32(p) - c.mean[i]
		}
	}
	c.backend.Gemm(&sgemm.Gemm{K: c.Size, A: w.pictures, AOff: w.rows[:k], B: packed, C: w.codes, COff: w.codeRows[:k]})
	return k
}

// Reconstruct returns pictures as the components draw them again.
func (c *Components) Reconstruct(pictures []byte) []byte {
	out := make([]byte, len(pictures))
	n := len(pictures) / c.Size
	packed, back := c.packed(), c.backend.NewPacked(c.Dims, c.Size)
	back.Pack(c.axes, 1, c.Dims)
	c.pool.Run((n+block-1)/block, func(number, b int) {
		w := &c.workers[number]
		first, end := b*block*c.Size, min((b+1)*block, n)*c.Size
		k := c.encode(w, packed, pictures[first:end])
		c.backend.Gemm(&sgemm.Gemm{K: c.Dims, A: w.codes, AOff: w.codeRows[:k], B: back, Bias: c.mean, C: w.pictures, COff: w.rows[:k]})
		for i, v := range w.pictures[:end-first] {
			out[first+i] = byte(math.Round(float64(min(max(v, 0), 255))))
		}
	})
	return out
}

// orthonormalize makes the axes orthogonal to each other and of length 1, by Gram and Schmidt. Once
// is enough on the way, and a second time makes it exact.
func (c *Components) orthonormalize() {
	column := make([][]float64, c.Dims)
	for d := range column {
		column[d] = make([]float64, c.Size)
		for i := range column[d] {
			column[d][i] = float64(c.axes[i*c.Dims+d])
		}
	}
	for d, v := range column {
		for _, u := range column[:d] {
			along := dot(u, v)
			for i := range v {
				v[i] -= along * u[i]
			}
		}
		if norm := math.Sqrt(dot(v, v)); norm > 0 {
			for i := range v {
				v[i] /= norm
			}
		}
	}
	for d, v := range column {
		for i, x := range v {
			c.axes[i*c.Dims+d] = float32(x)
		}
	}
}

// dot has four sums, none of which waits for another. a and b are of a length.
func dot(a, b []float64) float64 {
	var s [4]float64
	for len(a) >= 4 && len(b) >= 4 {
		s[0] += a[0] * b[0]
		s[1] += a[1] * b[1]
		s[2] += a[2] * b[2]
		s[3] += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s[0] += v * b[i]
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}
