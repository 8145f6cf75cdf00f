package classify

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Runner runs a Model without changing it. It must not be used by several
// goroutines at once, and panics if the length of a slice does not suit.
type Runner struct {
	m   *Model
	run *nn.Runner
}

// NewRunner makes a Runner of the weights as they are now. threads 0 is all
// cores, a nil backend is sgemm.Best(). The results do not depend on the number of threads.
func NewRunner(m *Model, threads int, b *sgemm.Backend) *Runner {
	r := &Runner{m: m, run: nn.NewRunner(m.net, parallel.New(threads), b)}
	r.run.Pack()
	return r
}

// Pixels is the number of bytes of an image.
func (r *Runner) Pixels() int { return r.m.Pixels() }

// Classes is the number of classes.
func (r *Runner) Classes() int { return r.m.Classes }

// Probabilities sets p to the probability of every class for every one of
// images, which are of Pixels() bytes each: Classes floats an image, whose sum is 1 unless the
// classes are independent.
func (r *Runner) Probabilities(p []float32, images []byte) {
	size, classes := r.m.Pixels(), r.m.Classes
	n := len(images) / size
	if n*size != len(images) || n*classes != len(p) {
		panic(fmt.Sprintf("classify: Probabilities with room for %d of %d classes, and %d bytes of images of %d", len(p), classes, len(images), size))
	}
	nn.Blocks(r.run.Pool, n, func(worker, first, count int) {
		pass := r.run.Pass(worker)
		pass.Run(count, func(i int) { pass.Load(i, images[(first+i)*size:][:size]) }, func(i int) {
			of, logits := p[(first+i)*classes:][:classes], pass.X(pass.Output(), i)[:classes]
			if r.m.Independent {
				logistic(of, logits)
			} else {
				softmax(of, logits)
			}
		}, false)
	})
}

// FeatureCount is how many features an image has.
func (r *Runner) FeatureCount() int { return r.run.Net.Layouts[r.features()].Len() }

// features is the number of the tensor that the last layer reads.
func (r *Runner) features() int { return r.run.Net.Output() - 1 }

// Features sets f to what the last layer reads of images, which are of Pixels() bytes each: the
// activations by which it tells classes apart, FeatureCount() floats an image.
func (r *Runner) Features(f []float32, images []byte) {
	size, count := r.m.Pixels(), r.FeatureCount()
	n := len(images) / size
	if n*size != len(images) || n*count != len(f) {
		panic(fmt.Sprintf("classify: Features with room for %d of %d features, and %d bytes of images of %d", len(f), count, len(images), size))
	}
	nn.Blocks(r.run.Pool, n, func(worker, first, block int) {
		pass := r.run.Pass(worker)
		pass.Run(block, func(i int) { pass.Load(i, images[(first+i)*size:][:size]) }, nil, false)
		for i := range block {
			pass.Layouts[r.features()].Inside(f[(first+i)*count:], pass.X(r.features(), i), 1)
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
