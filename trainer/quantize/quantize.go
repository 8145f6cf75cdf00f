// Package quantize turns a trained float32 decoder into int8 weights in the arithmetic of package kernels, and measures
// what that costs.
//
// Every weight channel and every activation channel has a scale of its own: the ReLU is positively homogeneous, so the scales of
// a layer's activations fold into the next layer's weights and cost nothing at inference. The scales start where the squared error
// is least. Then a copy of the decoder, which rounds as the int8 one will, learns to draw what the float one draws at the
// latent points of training images, and a little of what those images are: quantization-aware distillation. The float decoder
// stays as it is.
package quantize

import (
	"errors"
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/crew"
	"github.com/vae-edge/vae-edge/trainer/internal/descent"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Options of a quantization. The zero value is good.
type Options struct {
	Order   []int  // indices of the images that the int8 decoder learns from, one after another; nil is all of them, in a random order
	Threads int    // 0 is one per CPU; the result does not depend on it
	Seed    uint64 // of the order of images and of the noise

	// Progress is told after every step from how many images the decoder has learnt. If it returns false, Quantize ends with
	// ErrStopped. It may be nil.
	Progress func(images int) bool
}

// ErrStopped is what Quantize returns when Progress asks it to stop.
var ErrStopped = errors.New("quantize: stopped")

const (
	batch = 32
	// Peaks of the learning rates, of weights and of the logarithms of scales.
	weightRate, scaleRate = 2e-3, 2e-2
	// What the decoder learns to draw is so much image and the rest the float decoder's picture. More makes it fit the images better, as
	// the float one could, and less makes it more like the float one.
	imageShare = 0.05
)

// Quantize returns the int8 form of the model's decoder, learnt from images: raw pixels, one picture after another.
func Quantize(m *vae.Model, name string, images []byte, o Options) (*model.Model, error) {
	size := m.Pixels()
	total, err := pictures(images, size)
	if err != nil {
		return nil, err
	}
	p := &points{
		m: m, runner: vae.NewRunner(m, o.Threads, nil),
		images: images, order: o.Order, seed: o.Seed,
	}
	if len(p.order) == 0 {
		p.order = descent.Permutation(o.Seed, 0, total)
	}
	for _, i := range p.order {
		if i < 0 || i >= total {
			return nil, fmt.Errorf("quantize: image %d of %d", i, total)
		}
	}
	z, _, err := p.next(calibrationImages)
	if err != nil {
		return nil, err
	}
	s := newStudent(m, crew.New(o.Threads), sgemm.Best(), batch)
	s.calibrate(p.runner, z)
	steps := (len(p.order) + batch - 1) / batch
	schedule := nn.Schedule{Peak: 1, Total: steps, Warmup: min(steps/10, 20)}
	for step := range steps {
		z, targets, err := p.next(batch)
		if err != nil {
			return nil, err
		}
		rate := schedule.Rate(step + 1)
		if loss := s.learn(z, targets, weightRate*rate, scaleRate*rate); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, fmt.Errorf("quantize: the cross-entropy is %v at step %d of %d: the float decoder's weights are not finite or far too large, train it anew with a lower rate", loss, step+1, steps)
		}
		if o.Progress != nil && !o.Progress(min((step+1)*batch, len(p.order))) {
			return nil, ErrStopped
		}
	}
	return s.export(m, name)
}

// pictures returns how many pictures of so many bytes there are in images, which must be a whole number.
func pictures(images []byte, size int) (int, error) {
	if len(images) == 0 || len(images)%size != 0 {
		return 0, fmt.Errorf("quantize: %d bytes are no whole number of pictures of %d", len(images), size)
	}
	return len(images) / size, nil
}

// points are the latent points of images in some order, again and again, and what is to be drawn there.
type points struct {
	m      *vae.Model
	runner *vae.Runner
	images []byte
	order  []int
	seed   uint64
	taken  int

	chosen                   []byte
	z, mean, logVar, targets []float32
}

// distillationNoise keeps the noise here apart from that of the float model's training with the same seed.
const distillationNoise = 0x64697374696c

// next returns those of the next n images. They are overwritten by the next call.
func (p *points) next(n int) (z, targets []float32, err error) {
	size, dims := p.m.Pixels(), p.m.Latent
	p.chosen = p.chosen[:0]
	for i := range n {
		at := p.order[(p.taken+i)%len(p.order)] * size
		p.chosen = append(p.chosen, p.images[at:at+size]...)
	}
	if len(p.z) < n*dims {
		p.z, p.mean, p.logVar = make([]float32, n*dims), make([]float32, n*dims), make([]float32, n*dims)
		p.targets = make([]float32, n*size)
	}
	z, targets = p.z[:n*dims], p.targets[:n*size]
	p.runner.Latents(z, p.mean[:len(z)], p.logVar[:len(z)], p.chosen, descent.Hash(p.seed, uint64(p.taken), distillationNoise))
	p.taken += n
	for _, v := range z {
		if v != v || math.Abs(float64(v)) > 1e6 {
			return nil, nil, fmt.Errorf("quantize: an image has the latent coordinate %v: the model has not been trained", v)
		}
	}
	p.runner.DecodeLogits(targets, z)
	for i, l := range targets {
		drawn, _ := logistic(float64(l))
		targets[i] = float32(float64((1-imageShare)*drawn) + float64(imageShare*float64(p.chosen[i])/255))
	}
	return z, targets, nil
}

// calibrationImages is how many images the first scales are fitted to.
const calibrationImages = 256

// calibrate sets the scales to those of the least squared error: of the weights, and of the float decoder's activations at points z.
func (s *student) calibrate(r *vae.Runner, z []float32) {
	activations := make([][][]float32, len(s.layers))
	for i, l := range s.layers {
		activations[i] = make([][]float32, l.Out[2])
	}
	r.DecoderActivations(z, func(i, n int, _, post []float32) {
		if s.layers[i].ReLU {
			byChannel(activations[i], post)
		}
	})
	for i, l := range s.layers {
		if l.ReLU {
			l.fitOutputs(s.crew, activations[i])
			logarithms(l.logScale.of(s.params), l.scale)
		}
		l.fitWeights(s.crew, l.weight.of(s.params), 127)
		logarithms(l.logWeightScale.of(s.params), l.weightScale)
	}
}

func logarithms(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Log(float64(v)))
	}
}

// bestScale returns the scale with the least squared error of values that are rounded to multiples of it, at most limit of them.
func bestScale(values []float32, limit float32) float32 {
	const most = 1 << 13 // values to look at
	stride := 1 + len(values)/most
	var largest float32
	for _, v := range values {
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return 1e-6 // a channel that is always zero: any will do
	}
	best, bestError := float32(0), math.Inf(1)
	for step := range 48 {
		s := largest / limit * (1 - float32(step)/64)
		e := 0.0
		for i := 0; i < len(values); i += stride {
			r, _ := round(values[i], s, limit)
			d := float64(r - values[i])
			e += d * d
		}
		if e < bestError {
			best, bestError = s, e
		}
	}
	return best
}

// export returns the int8 decoder that the student stands for.
func (s *student) export(m *vae.Model, name string) (*model.Model, error) {
	s.refresh()
	out := &model.Model{
		Name: name, Latent: m.Latent, LatentSteps: model.LatentSteps,
		Image: [3]int{m.Height, m.Width, m.Channels},
		Table: sigmoidTable(),
	}
	for _, l := range s.layers {
		largest, target := 127, model.ReLU
		if l.dense != nil {
			largest = 1 << 15
		}
		if !l.ReLU {
			target = model.Pixels
		}
		out.Decoder = append(out.Decoder, l.export(l.bias.of(s.params), largest, target))
	}
	return out, out.Check()
}

// sigmoidTable is the pixel for each logit.
func sigmoidTable() *[kernels.TableSize]uint8 {
	t := new([kernels.TableSize]uint8)
	for i := range t {
		t[i] = pixel(indexLogit(i))
	}
	return t
}

// indexLogit is the logit that an index of the table stands for.
func indexLogit(i int) float64 { return float64(i-kernels.TableSize/2) / kernels.LogitSteps }

// pixel is the 8-bit pixel of a logit.
func pixel(logit float64) uint8 { return uint8(math.Round(255 / (1 + math.Exp(-logit)))) }
