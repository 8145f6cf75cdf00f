package vae

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Runner runs a Model without changing it. It reads the weights anew at every
// call, so it may be kept while the model is trained, between steps. It must not
// be used by several goroutines at once, and panics if the length of a slice does not
// suit.
type Runner struct {
	m                *Model
	pool             *parallel.Pool
	encoder, decoder *nn.Runner
}

// NewRunner makes a Runner with all its buffers. threads 0 is all cores, a nil
// backend is sgemm.Best(). The results do not depend on the number of threads.
func NewRunner(m *Model, threads int, b *sgemm.Backend) *Runner {
	pool := parallel.New(threads)
	return &Runner{m: m, pool: pool, encoder: nn.NewRunner(m.Encoder, pool, b), decoder: nn.NewRunner(m.Decoder, pool, b)}
}

// Decoder runs the model's decoder alone.
func (r *Runner) Decoder() *nn.Runner { return r.decoder }

// Encode returns the mean and log_var of images, of Pixels() bytes each: Latent
// floats for every image.
func (r *Runner) Encode(images []byte) (mean, logVar []float32) {
	n := count("Encode", len(images), r.m.Pixels(), "pixels")
	mean, logVar = make([]float32, n*r.m.Latent), make([]float32, n*r.m.Latent)
	r.encoder.Pack()
	nn.Blocks(r.pool, n, func(worker, first, count int) {
		m, v := r.encode(worker, images[first*r.m.Pixels():], count)
		copy(mean[first*r.m.Latent:], m)
		copy(logVar[first*r.m.Latent:], v)
	})
	return mean, logVar
}

// Latents encodes images, of Pixels() bytes each, and draws a latent point for
// every one with the noise that Evaluate draws with. It returns the points and the means, Latent
// floats for every image.
func (r *Runner) Latents(images []byte, noiseSeed uint64) (z, mean []float32) {
	mean, logVar := r.Encode(images)
	z, eps := make([]float32, len(mean)), make([]float32, len(mean))
	for i := range eps {
		eps[i] = Noise(noiseSeed, i/r.m.Latent, i%r.m.Latent)
	}
	r.m.sample(z, mean, logVar, eps)
	return z, mean
}

// encode encodes the first count images, up to a block.
func (r *Runner) encode(worker int, images []byte, count int) (mean, logVar []float32) {
	p := r.encoder.Pass(worker)
	size := r.m.Pixels()
	p.Run(count, func(i int) { p.Load(i, images[i*size:][:size]) }, nil, false)
	return heads(p, count, p.X)
}

// heads are the last two tensors of count images.
func heads(p *nn.Pass, count int, of func(tensor, image int) []float32) (mean, logVar []float32) {
	out := p.Output()
	n := count * p.Layouts[out].Len()
	return of(out-1, 0)[:n], of(out, 0)[:n]
}

// decode decodes the first count points of those that the worker's pass has, and calls each when
// the logits of a point are there.
func (r *Runner) decode(worker, count int, each func(p *nn.Pass, i int)) {
	p := r.decoder.Pass(worker)
	p.Run(count, nil, func(i int) { each(p, i) }, false)
}

// DecodeLogits computes the logits of latent points z, Latent floats each:
// Pixels() floats for every point.
func (r *Runner) DecodeLogits(logits, z []float32) {
	r.decoder.Outputs(logits, z)
}

// EncoderActivations encodes images, of Pixels() bytes each, and calls visit for what every layer
// of the encoder gives for each, see nn.Runner.Activations.
func (r *Runner) EncoderActivations(images []byte, visit func(layer int, outputs []float32)) {
	size := r.m.Pixels()
	n := count("EncoderActivations", len(images), size, "pixels")
	r.encoder.Activations(n, func(p *nn.Pass, i int) { p.Load(0, images[i*size:][:size]) }, visit)
}

// Evaluate runs the whole model on images, of Pixels() bytes each. The latent
// point of image i is drawn with the noise Noise(noiseSeed, i, dim), however
// many threads there are; for BookLoss another is drawn with the same noise, if
// the model's own loss is another.
func (r *Runner) Evaluate(images []byte, noiseSeed uint64) Stats {
	n := some("Evaluate", images, r.m.Pixels())
	latent := r.m.Latent
	records := newRecords(n, latent)
	book := r.m.Config
	book.Loss = LossBook
	r.encoder.Pack()
	r.decoder.Pack()
	nn.Blocks(r.pool, n, func(worker, first, count int) {
		images := images[first*r.m.Pixels():]
		records := records[first:][:count]
		mean, logVar := r.encode(worker, images, count)
		eps := make([]float32, count*latent)
		for i := range eps {
			eps[i] = Noise(noiseSeed, first+i/latent, i%latent)
		}
		z := r.decoder.Pass(worker).X(0, 0)[:len(eps)]
		score := func(set func(*record, float64)) {
			r.decode(worker, count, func(p *nn.Pass, i int) {
				set(&records[i], r.m.outputError(p, i, false, images[i*r.m.Pixels():], 0))
			})
		}
		r.m.sample(z, mean, logVar, eps)
		score(func(r *record, v float64) { r.reconstruction, r.bookReconstruction = v, v })
		if r.m.Loss == LossELBO && !r.m.classical() {
			book.sample(z, mean, logVar, eps)
			score(func(r *record, v float64) { r.bookReconstruction = v })
		}
		for i := range records {
			mean, logVar := mean[i*latent:][:latent], logVar[i*latent:][:latent]
			r.m.divergence(records[i].kl, mean, logVar)
			records[i].bookKL = r.m.bookDivergence(mean, logVar)
		}
	})
	return r.m.stats(records, make([]float64, latent))
}

// outputError is the pixelError of an image under the logits of a pass. It sets their gradient, if
// that is wanted, to scale times it.
func (c *Config) outputError(p *nn.Pass, image int, gradient bool, pixels []byte, scale float32) float64 {
	out := p.Output()
	l := p.Layouts[out]
	sum := 0.0
	var g []float32
	for y := range l.Height {
		row := l.Row(p.X(out, image), 0, y)
		if gradient {
			g = l.Row(p.D(out, image), 0, y)
		}
		sum += c.pixelError(g, row, pixels[y*len(row):][:len(row)], scale)
	}
	return sum
}

// count is the number of images or points in n elements of so many each.
func count(method string, n, each int, what string) int {
	if n%each != 0 {
		panic(fmt.Sprintf("vae: %s of %d %s: must be a multiple of %d", method, n, what, each))
	}
	return n / each
}

// some is count for what takes means over images.
func some(method string, images []byte, pixels int) int {
	n := count(method, len(images), pixels, "pixels")
	if n == 0 {
		panic(fmt.Sprintf("vae: %s of no images", method))
	}
	return n
}
