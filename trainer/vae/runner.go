package vae

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Runner runs a Model without changing it. It reads the weights anew at every
// call, so it may be kept while the model is trained, between steps. It must not
// be used by several goroutines at once, and panics if the length of a slice does not
// suit.
type Runner struct {
	m       *Model
	net     *network
	crew    *crew.Crew
	workers []worker
}

// block is the number of images in a task of a Runner.
const block = 16

// NewRunner makes a Runner with all its buffers. threads 0 is all cores, a nil
// backend is sgemm.Best(). The results do not depend on the number of threads.
func NewRunner(m *Model, threads int, b *sgemm.Backend) *Runner {
	if b == nil {
		b = sgemm.Best()
	}
	r := &Runner{m: m, net: newNetwork(m, b, block), crew: crew.New(threads)}
	r.workers = make([]worker, r.crew.Threads())
	for i := range r.workers {
		w := &r.workers[i]
		r.net.make(&w.x, chunk, input, conv1, conv2, conv3, expand, up, output)
		r.net.make(&w.x, block, conv4, hidden, meanHead, logVarHead, point)
		w.scratch = r.net.scratch()
	}
	return r
}

// pack takes the weights of the layers first to last as they are now.
func (r *Runner) pack(first, last int) {
	ps := r.net.packings(first, last)
	r.crew.Run(len(ps), func(_, task int) { r.net.pack(ps[task], false) })
}

// blocks calls f for blocks of n images.
func (r *Runner) blocks(n int, f func(w *worker, first, count int)) {
	r.crew.Run((n+block-1)/block, func(worker, task int) {
		first := task * block
		f(&r.workers[worker], first, min(block, n-first))
	})
}

// Encode computes the mean and log_var of images, of Pixels() bytes each: mean
// and logVar take Latent floats for every image.
func (r *Runner) Encode(mean, logVar []float32, images []byte) {
	n := count("Encode", len(images), r.m.Pixels(), "pixels")
	check("Encode", len(mean), n*r.m.Latent, "means")
	check("Encode", len(logVar), n*r.m.Latent, "log_vars")
	r.pack(conv1, logVarHead)
	r.blocks(n, func(w *worker, first, count int) {
		r.encode(w, images[first*r.m.Pixels():], count)
		copy(mean[first*r.m.Latent:], w.x[meanHead][:count*r.m.Latent])
		copy(logVar[first*r.m.Latent:], w.x[logVarHead][:count*r.m.Latent])
	})
}

// DecodeLogits computes the logits of latent points z, Latent floats each:
// Pixels() floats for every point.
func (r *Runner) DecodeLogits(logits, z []float32) {
	n := count("DecodeLogits", len(z), r.m.Latent, "coordinates")
	check("DecodeLogits", len(logits), n*r.m.Pixels(), "logits")
	r.pack(expand, output)
	r.blocks(n, func(w *worker, first, count int) {
		copy(w.x[point], z[first*r.m.Latent:][:count*r.m.Latent])
		r.decode(w, count, func(x *tensors, i, k int) {
			r.net.layouts[output].Inside(logits[(first+i)*r.m.Pixels():], x[output], k)
		})
	})
}

// DecoderActivations decodes latent points z, Latent floats each, and calls
// visit for every layer of DecoderLayers, by number, with the outputs of the
// next n points: before the ReLU and after it, pictures of the layer's Out. The last layer has
// none: its logits are given twice. The calls come one after the other in the
// order of points; the slices are overwritten after each.
func (r *Runner) DecoderActivations(z []float32, visit func(layer, n int, pre, post []float32)) {
	points := count("DecoderActivations", len(z), r.m.Latent, "coordinates")
	r.activations(expand, output, points, func(x *tensors, first, n int) {
		copy(x[point], z[first*r.m.Latent:][:n*r.m.Latent])
	}, visit)
}

// EncoderActivations encodes images, of Pixels() bytes each, and does the same
// for every layer of EncoderLayers. The last two have no ReLU.
func (r *Runner) EncoderActivations(images []byte, visit func(layer, n int, pre, post []float32)) {
	n := count("EncoderActivations", len(images), r.m.Pixels(), "pixels")
	r.activations(conv1, logVarHead, n, func(x *tensors, first, n int) {
		for i := range n {
			r.net.load(x, i, images[(first+i)*r.m.Pixels():])
		}
	}, visit)
}

// activations runs the layers first to last on so many inputs, which load sets.
func (r *Runner) activations(first, last, inputs int, load func(x *tensors, first, n int), visit func(layer, n int, pre, post []float32)) {
	r.pack(first, last)
	w := &r.workers[0]
	var buffers [numLayers][2][]float32
	for i := first; i <= last; i++ {
		for j := range buffers[i] {
			buffers[i][j] = make([]float32, chunk*r.net.layouts[i].Len())
		}
	}
	for at := 0; at < inputs; at += chunk {
		n := min(chunk, inputs-at)
		load(&w.x, at, n)
		for i := first; i <= last; i++ {
			r.net.forward(i, &w.x, n, false, w.scratch)
			pre := buffers[i][0][:n*r.net.layouts[i].Len()]
			r.net.layouts[i].Inside(pre, w.x[i], n)
			post := pre
			if isReLU[i] {
				size := n * r.net.layouts[i].Size()
				r.net.backend.ReLUBackward(w.x[i][:size], w.x[i][:size]) // zeroes what is not above 0
				post = buffers[i][1][:len(pre)]
				r.net.layouts[i].Inside(post, w.x[i], n)
			}
			visit(i-first, n, pre, post)
		}
	}
}

// Evaluate runs the whole model on images, of Pixels() bytes each. The latent
// point of image i is drawn with the noise Noise(noiseSeed, i, dim), however
// many threads there are; for BookLoss another is drawn with the same noise, if
// the model's own loss is another.
func (r *Runner) Evaluate(images []byte, noiseSeed uint64) Stats {
	n := some("Evaluate", images, r.m.Pixels())
	records := newRecords(n, r.m.Latent)
	book := r.m.Config
	book.Loss = LossBook
	r.pack(conv1, output)
	r.blocks(n, func(w *worker, first, count int) {
		images := images[first*r.m.Pixels():]
		records := records[first:][:count]
		r.encode(w, images, count)
		eps := make([]float32, count*r.m.Latent)
		for i := range eps {
			eps[i] = Noise(noiseSeed, first+i/r.m.Latent, i%r.m.Latent)
		}
		mean, logVar := w.x[meanHead][:len(eps)], w.x[logVarHead][:len(eps)]
		z := w.x[point][:len(eps)]
		score := func(set func(*record, float64)) {
			r.decode(w, count, func(x *tensors, i, k int) {
				for j := range k {
					set(&records[i+j], r.net.crossEntropy(nil, x, j, images[(i+j)*r.m.Pixels():], 0))
				}
			})
		}
		r.m.sample(z, mean, logVar, eps)
		score(func(r *record, v float64) { r.reconstruction, r.bookReconstruction = v, v })
		if r.m.Loss != LossBook && !r.m.classical() {
			book.sample(z, mean, logVar, eps)
			score(func(r *record, v float64) { r.bookReconstruction = v })
		}
		for i := range records {
			mean, logVar := mean[i*r.m.Latent:][:r.m.Latent], logVar[i*r.m.Latent:][:r.m.Latent]
			r.m.divergence(records[i].kl, mean, logVar)
			records[i].bookKL = r.m.bookDivergence(mean, logVar)
		}
	})
	return r.m.stats(records, make([]float64, r.m.Latent))
}

// encode runs the encoder on the first count images.
func (r *Runner) encode(w *worker, images []byte, count int) {
	for i := 0; i < count; i += chunk {
		x := r.net.from(&w.x, i, conv4)
		k := min(chunk, count-i)
		for j := range k {
			r.net.load(&x, j, images[(i+j)*r.m.Pixels():])
		}
		r.net.encodeConvs(&x, k, w.scratch)
	}
	r.net.encodeDense(&w.x, count)
}

// decode runs the decoder on the first count points and hands out the logits
// of k of them at a time, from point i on.
func (r *Runner) decode(w *worker, count int, f func(x *tensors, i, k int)) {
	for i := 0; i < count; i += chunk {
		x := r.net.from(&w.x, i, point)
		k := min(chunk, count-i)
		r.net.decode(&x, k, w.scratch, nil)
		f(&x, i, k)
	}
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

func check(method string, got, want int, what string) {
	if got != want {
		panic(fmt.Sprintf("vae: %s with room for %d %s: must be %d", method, got, what, want))
	}
}
