package classify

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Runner runs a Model without changing it. It must not be used by several
// goroutines at once, and panics if the length of a slice does not suit.
type Runner struct {
	m       *Model
	net     *network
	crew    *crew.Crew
	workers []tensors
}

// block is the number of images in a task of a Runner.
const block = 16

// NewRunner makes a Runner of the weights as they are now. threads 0 is all
// cores, a nil backend is sgemm.Best(). The results do not depend on the number of threads.
func NewRunner(m *Model, threads int, b *sgemm.Backend) *Runner {
	if b == nil {
		b = sgemm.Best()
	}
	r := &Runner{m: m, net: newNetwork(m, b, block), crew: crew.New(threads)}
	r.crew.Run(numLayers, func(_, layer int) { r.net.pack(layer, false) })
	r.workers = make([]tensors, r.crew.Threads())
	for i := range r.workers {
		r.net.make(&r.workers[i], 1, 0, dense-1)
		r.net.make(&r.workers[i], block, dense, logits)
	}
	return r
}

// Probabilities sets p to the probability of every class for every one of
// images, which are of Pixels() bytes each: Classes floats an image, whose sum is 1.
func (r *Runner) Probabilities(p []float32, images []byte) {
	size, classes := r.m.Pixels(), r.m.Classes
	n := len(images) / size
	if n*size != len(images) || n*classes != len(p) {
		panic(fmt.Sprintf("classify: Probabilities with room for %d of %d classes, and %d bytes of images of %d", len(p), classes, len(images), size))
	}
	r.crew.Run((n+block-1)/block, func(worker, task int) {
		w := &r.workers[worker]
		first := task * block
		count := min(block, n-first)
		for i := range count {
			x := r.net.from(w, i, dense, dense)
			r.net.load(&x, images[(first+i)*size:][:size], 0, 0)
			r.net.forwardConvs(&x)
		}
		r.net.forwardDense(w, count)
		for i := range count {
			softmax(p[(first+i)*classes:][:classes], w[logits][i*classes:][:classes])
		}
	})
}

// Prediction is the most probable class of an image and its probability.
type Prediction struct {
	Class       int
	Probability float32
}

// Predict classifies images, of Pixels() bytes each. Of equally probable classes
// it takes the first.
func (r *Runner) Predict(images []byte) []Prediction {
	n := len(images) / r.m.Pixels()
	p := make([]float32, n*r.m.Classes)
	r.Probabilities(p, images)
	predictions := make([]Prediction, n)
	for i := range predictions {
		best := &predictions[i]
		for class, v := range p[i*r.m.Classes:][:r.m.Classes] {
			if v > best.Probability {
				*best = Prediction{class, v}
			}
		}
	}
	return predictions
}

// Accuracy is the share of images that are classified as their labels say.
func (r *Runner) Accuracy(images, labels []byte) float64 {
	right := 0
	for i, p := range r.Predict(images) {
		if p.Class == int(labels[i]) {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}
