package decoder

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// A Decoder turns latent points into pictures. Its memory is made by [New], that for batches by the
// first DecodeBatch; after that, decoding allocates nothing. It must not be used by two goroutines
// at once; decoders of the same model are cheap to have several of.
type Decoder struct {
	model   *model.Model
	dense   *kernels.Dense
	layers  []layer // after the dense one
	own     []source
	workers []worker // for batches, one a thread
	decoded int
}

// A layer is one after the first: a convolution or, of a dense one, the convolution that computes
// it, see model.Layer.Geometry.
type layer struct {
	*kernels.Conv
	in   kernels.Shape // what the layer before gives
	flat bool          // that is a single pixel, of all its activations
}

// A source is the map that a layer reads. What gives it writes to it as a map of its own shape, or
// as a single pixel.
type source struct {
	*kernels.Map
	given *kernels.Map // differs from Map where one is a single pixel and the other is not
	apart bool         // given is memory of its own, to be copied
}

// newSource makes the source of a layer.
func (l *layer) newSource() source {
	m := kernels.NewMap(l.In.Height, l.In.Width, l.In.Channels, l.SourceLayout())
	switch {
	case l.In == l.in && !l.flat:
		return source{m, m, false}
	case !l.flat:
		return source{m, m.Split(l.in), false}
	case l.In.Height*l.In.Width == 1:
		return source{m, m, false}
	}
	n := l.in.Elements()
	return source{m, kernels.NewMap(1, 1, n, kernels.Layout{Pitch: n}), true}
}

// gather puts what was given in its place.
func (s *source) gather() {
	if s.apart {
		given := s.given.At(0, 0)
		for y := range s.Height {
			for x := range s.Width {
				given = given[copy(s.At(y, x), given):]
			}
		}
	}
}

// A worker has the sources of a group of pictures: sources[i] are those of layers[i].
type worker struct {
	sources [][]source
	first   []*kernels.Map // what the dense layer gives to sources[0]
}

// BatchGroup is how many pictures of a batch DecodeBatch takes through the layers together. A few
// share what is fetched of the weights; with more, the maps would leave the caches.
const BatchGroup = 4

// New returns a decoder of the model on the backend that kernels.Select("") gives: the fastest of
// this CPU unless the environment variable VAE_EDGE_BACKEND names another.
func New(m *model.Model) (*Decoder, error) {
	b, err := kernels.Select("")
	if err != nil {
		return nil, err
	}
	return NewOn(m, b)
}

// NewOn returns a decoder of the model on that backend. The pixels are the same on all of them.
func NewOn(m *model.Model, b kernels.Backend) (*Decoder, error) {
	if err := m.CheckForm(); err != nil { // the operators check their weights themselves
		return nil, err
	}
	if len(m.Decoder) == 0 {
		return nil, fmt.Errorf("decoder: the file of model %s has an encoder alone: name the decoder's", m.Name)
	}
	d := &Decoder{model: m}
	first := &m.Decoder[0]
	var err error
	if d.dense, err = b.NewLeakyDense(m.Latent, model.Shape(first.Out), first.Slope, first.Weight, first.Bias, first.Scale); err != nil {
		return nil, fmt.Errorf("decoder: decoder.0: %w", err)
	}
	in := first.Out
	for i := range m.Decoder[1:] {
		l := &m.Decoder[i+1]
		c, err := b.NewLeakyConv(l.Geometry(in), model.Slopes(m.Decoder, i+1), l.Weight, l.Bias, l.Scale)
		if err != nil {
			return nil, fmt.Errorf("decoder: decoder.%d: %w", i+1, err)
		}
		of := layer{c, model.Shape(in), i > 0 && m.Decoder[i].Op == model.Dense}
		d.layers, d.own = append(d.layers, of), append(d.own, of.newSource())
		in = l.Out
	}
	return d, nil
}

// Model returns the decoder's model.
func (d *Decoder) Model() *model.Model { return d.model }

// Decoded returns how many pictures it has decoded.
func (d *Decoder) Decoded() int { return d.decoded }

// Decode computes the picture of a latent point: Model().Latent fixed-point coordinates to
// PictureSize pixels, height x width x channels, 0 is the background. It panics when the lengths
// are not those.
func (d *Decoder) Decode(picture []uint8, point []int16) {
	d.run(kernels.Output{Pixels: picture, Table: d.model.Table}, len(picture), point)
}

// DecodeIndices computes for every pixel the place in the model's table instead of the pixel: i
// stands for the logit (i-2048)/128. It is what the quality of int8 is measured on.
func (d *Decoder) DecodeIndices(indices []uint16, point []int16) {
	d.run(kernels.Output{Indices: indices}, len(indices), point)
}

func (d *Decoder) run(out kernels.Output, n int, point []int16) {
	if n != d.model.PictureSize() || len(point) != d.model.Latent {
		panic(fmt.Sprintf("decoder: %d outputs and %d coordinates, model %s has %d and %d", n, len(point), d.model.Name, d.model.PictureSize(), d.model.Latent))
	}
	d.decoded++
	d.dense.Run(d.own[0].given, point)
	last := len(d.layers) - 1
	for i := range last {
		d.layers[i].Run(kernels.Output{Map: d.own[i+1].given}, d.own[i].Map)
		d.own[i+1].gather()
	}
	d.layers[last].Run(out, d.own[last].Map)
}

// DecodeBatch computes the pictures of several latent points: len(points)/Model().Latent of them,
// one after another in points and in pictures. The pixels are those of Decode. It uses up to the
// given number of threads; with one, it runs on the caller's goroutine and allocates nothing once
// it has run. It panics when the lengths do not belong together or there is no thread.
func (d *Decoder) DecodeBatch(pictures []uint8, points []int16, threads int) {
	n, size := len(points)/d.model.Latent, d.model.PictureSize()
	if len(points) != n*d.model.Latent || len(pictures) != n*size {
		panic(fmt.Sprintf("decoder: %d pixels and %d coordinates, model %s has %d and %d a picture", len(pictures), len(points), d.model.Name, size, d.model.Latent))
	}
	if threads < 1 {
		panic(fmt.Sprintf("decoder: %d threads", threads))
	}
	d.decoded += n
	threads = min(threads, (n+BatchGroup-1)/BatchGroup)
	for len(d.workers) < threads {
		d.workers = append(d.workers, d.newWorker())
	}
	if threads > 1 {
		d.runThreads(pictures, points, n, threads)
		return
	}
	for first := 0; first < n; first += BatchGroup {
		d.runGroup(d.workers[0], pictures, points, first, min(BatchGroup, n-first))
	}
}

func (d *Decoder) newWorker() worker {
	w := worker{sources: make([][]source, len(d.layers))}
	for i := range d.layers {
		for range BatchGroup {
			s := d.layers[i].newSource()
			w.sources[i] = append(w.sources[i], s)
			if i == 0 {
				w.first = append(w.first, s.given)
			}
		}
	}
	return w
}

// runThreads computes n pictures on that many goroutines. Each takes the next group when it is done
// with one; towards the end groups get smaller, so that all finish together. The caller only waits:
// the scheduler runs the last goroutine on the caller's thread at once and lets an idle one take
// the others, while a goroutine that is started beside a running caller sits in a place from which
// others take it only after a sleep, which takes as long as several pictures.
func (d *Decoder) runThreads(pictures []uint8, points []int16, n, threads int) {
	var next atomic.Int64
	var done sync.WaitGroup
	for _, w := range d.workers[:threads] {
		done.Go(func() {
			for {
				first := int(next.Load())
				size := min(BatchGroup, max(1, (n-first)/(2*threads)))
				if first >= n {
					return
				}
				if next.CompareAndSwap(int64(first), int64(first+size)) {
					d.runGroup(w, pictures, points, first, size)
				}
			}
		})
	}
	done.Wait()
}

// runGroup computes n pictures of a batch, layer by layer.
func (d *Decoder) runGroup(w worker, pictures []uint8, points []int16, first, n int) {
	latent, size := d.model.Latent, d.model.PictureSize()
	d.dense.RunBatch(w.first[:n], points[first*latent:][:n*latent])
	last := len(d.layers) - 1
	for i := range last {
		for k := range n {
			to := &w.sources[i+1][k]
			d.layers[i].Run(kernels.Output{Map: to.given}, w.sources[i][k].Map)
			to.gather()
		}
	}
	for k := range n {
		d.layers[last].Run(kernels.Output{Pixels: pictures[(first+k)*size:][:size], Table: d.model.Table}, w.sources[last][k].Map)
	}
}
