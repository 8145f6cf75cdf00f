package compare

import (
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// An Inversion searches the latent points at which a decoder draws given images, from several
// random points, by steps of Adam on the squared error of pixels of 0 to 1 (Creswell and Bharath,
// "Inverting the Generator of a Generative Adversarial Network", 2018).
type Inversion struct {
	Starts int     // random points that the search for an image begins at
	Steps  int     // from each
	Rate   float64 // learning rate, which falls to 0 along a cosine
	Seed   uint64
}

// DefaultInversion finds digits of 16 dimensions.
var DefaultInversion = Inversion{Starts: 4, Steps: 100, Rate: 0.1, Seed: 1}

// mostTogether bounds the memory for activations.
const mostTogether = 128

// MACs is how many multiply-accumulates the search for an image takes.
func (v Inversion) MACs(m *nn.Model) int { return v.Starts * v.Steps * 2 * m.Stack.MACs(m.In) }

// Points returns the latent point for each of images, raw pixels of the decoder's size. The result
// does not depend on threads.
func (v Inversion) Points(m *nn.Model, images []byte, threads int) []float32 {
	size, dims := model.Elements(m.Stack[len(m.Stack)-1].Out), m.In[2]
	n := len(images) / size
	points := make([]float32, 0, n*dims)
	together := max(mostTogether/v.Starts, 1)
	for first := 0; first < n; first += together {
		count := min(together, n-first)
		points = append(points, v.search(m, images[first*size:(first+count)*size], first, count, threads)...)
	}
	return points
}

// search returns the points for count images, of which the first has a number.
func (v Inversion) search(m *nn.Model, images []byte, number, count, threads int) []float32 {
	size, dims, all := len(images)/count, m.In[2], count*v.Starts
	pool, backend := parallel.New(threads), sgemm.Best()
	z, dz, errors := make([]float32, all*dims), make([]float32, all*dims), make([]float64, all)
	for i := range z {
		z[i] = vae.Noise(v.Seed, number*v.Starts+i/dims, i%dims)
	}
	best, found := slices.Repeat([]float64{math.Inf(1)}, count), make([]float32, count*dims)
	const shard = 8
	g := nn.NewGradient([]*nn.Network{nn.NewNetwork(m, backend, all)}, nn.GradientOptions{
		Batch: all, Shard: shard, Pool: pool, Backend: backend, Fused: []bool{true}, InputGradient: []bool{true}, Frozen: []bool{true},
	}, func(w *nn.Worker, first, count int) {
		p := w.Passes[0]
		copy(p.X(0, 0), z[first*dims:(first+count)*dims])
		out := p.Output()
		l := p.Layouts[out]
		p.Run(count, nil, func(i int) {
			pixels := images[(first+i)/v.Starts*size:][:size]
			sum := 0.0
			for y := range l.Height {
				row := l.Row(p.X(out, i), 0, y)
				d := l.Row(p.D(out, i), 0, y)
				for k, logit := range row {
					s := 1 / (1 + math.Exp(-float64(logit)))
					e := s - float64(pixels[y*len(row)+k])/255
					sum += e * e
					d[k] = float32(2 * e * s * (1 - s))
				}
			}
			errors[first+i] = sum
		}, true)
		copy(dz[first*dims:], p.D(0, 0)[:count*dims])
	})
	update := nn.NewUpdate(pool, backend, nn.DefaultAdam, z, dz)
	schedule := nn.Schedule{Peak: v.Rate, Total: v.Steps}
	for step := range v.Steps + 1 {
		g.Compute(all)
		for i, e := range errors {
			if k := i / v.Starts; e < best[k] {
				best[k] = e
				copy(found[k*dims:][:dims], z[i*dims:])
			}
		}
		if step < v.Steps {
			update.Step(step+1, schedule.Rate(step+1))
		}
	}
	return found
}
