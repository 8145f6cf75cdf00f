// Package quantize turns a trained float32 decoder into int8 weights in the arithmetic of package
// kernels, and measures what that costs.
//
// Every weight channel and every activation channel has a scale of its own: a ReLU, leaky or not,
// is positively homogeneous, so the scales of a layer's activations fold into the next layer's
// weights and cost nothing at inference. The scales start where the squared error is least. Then a
// copy of the decoder, which rounds as the int8 one will, learns to draw what the float one draws
// at the latent points of training images, and a little of what those images are:
// quantization-aware distillation. The float decoder stays as it is.
package quantize

import (
	"errors"
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Options of a quantization. The zero value is good.
type Options struct {
	// Order are the indices of the images that the int8 decoder learns from, one after another; nil
	// is all of them, in a random order
	Order   []int
	Threads int    // 0 is one per CPU; the result does not depend on it
	Seed    uint64 // of the order of images and of the noise
	// Rate is a factor of the learning rates; 0 is 1. A decoder of which few points are learnt, or
	// which is wide or was trained with a weight range, needs less to become nearer to the float
	// one, and not farther.
	Rate float64

	// Progress is told after every step from how many points the decoder has learnt. If it returns
	// false, quantization ends with ErrStopped. It may be nil.
	Progress func(points int) bool
}

// A Source has the latent points at which an int8 decoder learns to draw what the float one draws.
type Source interface {
	// Next returns the next n points, one after another, and the pixels of the images that they are
	// the codes of, if any. Both are overwritten by the next call.
	Next(n int) (z []float32, images []byte, err error)
}

// ErrStopped is what Quantize returns when Progress asks it to stop.
var ErrStopped = errors.New("quantize: stopped")

const (
	batch = 32
	// Peaks of the learning rates, of weights and of the logarithms of scales.
	weightRate, scaleRate = 2e-3, 2e-2
	// What the decoder learns to draw is so much image and the rest the float decoder's picture.
	// More makes it fit the images better, as the float one could, and less makes it more like the
	// float one.
	imageShare = 0.05
)

// Quantize returns the int8 form of the model's decoder, learnt from images: raw pixels, one
// picture after another.
func Quantize(m *vae.Model, name string, images []byte, o Options) (*model.Model, error) {
	c, err := newImageCodes(m, images, o)
	if err != nil {
		return nil, err
	}
	return Decoder(m.Decoder, name, c, len(c.order), o)
}

// Decoder returns the int8 form of any float32 decoder that model.Network.Check accepts, learnt at
// so many points of a source.
func Decoder(teacher *nn.Model, name string, s Source, points int, o Options) (*model.Model, error) {
	if err := model.CheckName(name); err != nil {
		return nil, err
	}
	n := model.Network{Latent: teacher.In[2], Decoder: teacher.Stack}
	if last := len(teacher.Stack) - 1; last >= 0 {
		n.Image = teacher.Stack[last].Out
	}
	if err := n.Check(); err != nil {
		return nil, err
	}
	l := lesson{source: s, teacher: nn.NewRunner(teacher, parallel.New(o.Threads), nil)}
	z, _, err := l.codes(min(calibrated(teacher.Stack), max(points, fewest)))
	if err != nil {
		return nil, err
	}
	student := newStudent(teacher, parallel.New(o.Threads), sgemm.Best(), batch)
	student.calibrate(l.teacher, z)
	steps := (points + batch - 1) / batch
	schedule := nn.Schedule{Peak: 1, Total: steps, Warmup: min(steps/10, 20)}
	for step := range steps {
		z, targets, err := l.next(batch)
		if err != nil {
			return nil, err
		}
		rate := schedule.Rate(step + 1)
		if o.Rate != 0 {
			rate *= o.Rate
		}
		if loss := student.learn(z, targets, weightRate*rate, scaleRate*rate); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, fmt.Errorf("quantize: the cross-entropy is %v at step %d of %d: the float decoder's weights are not finite or far too large, train it anew with a lower rate", loss, step+1, steps)
		}
		if o.Progress != nil && !o.Progress(min((step+1)*batch, points)) {
			return nil, ErrStopped
		}
	}
	return student.export(name)
}

// A lesson is what a student learns from, again and again: points, and what is to be drawn there.
type lesson struct {
	source  Source
	teacher *nn.Runner
	targets []float32
}

// codes returns the next n points, and the pixels of the images that they are the codes of, if any.
// They are overwritten by the next call.
func (l *lesson) codes(n int) (z []float32, images []byte, err error) {
	if z, images, err = l.source.Next(n); err != nil {
		return nil, nil, err
	}
	if want := n * model.Elements(l.teacher.Net.In); len(z) != want {
		return nil, nil, fmt.Errorf("quantize: %d coordinates of %d points, want %d", len(z), n, want)
	}
	for _, v := range z {
		if v != v || math.Abs(float64(v)) > 1e6 {
			return nil, nil, fmt.Errorf("quantize: a point has the latent coordinate %v: the model has not been trained", v)
		}
	}
	return z, images, nil
}

// next returns the next n points and the brightnesses, 0 to 1, of the pixels there. They are
// overwritten by the next call.
func (l *lesson) next(n int) (z, targets []float32, err error) {
	z, images, err := l.codes(n)
	if err != nil {
		return nil, nil, err
	}
	size := l.teacher.Net.Layouts[l.teacher.Net.Output()].Len()
	if len(l.targets) < n*size {
		l.targets = make([]float32, n*size)
	}
	targets = l.targets[:n*size]
	l.teacher.Outputs(targets, z)
	for i, logit := range targets {
		drawn, _ := logistic(float64(logit))
		targets[i] = float32(drawn)
		if images != nil {
			targets[i] = float32(float64((1-imageShare)*drawn) + float64(imageShare*float64(images[i])/255))
		}
	}
	return z, targets, nil
}

// pictures returns how many pictures of so many bytes there are in images, which must be a whole
// number.
func pictures(images []byte, size int) (int, error) {
	if len(images) == 0 || len(images)%size != 0 {
		return 0, fmt.Errorf("quantize: %d bytes are no whole number of pictures of %d", len(images), size)
	}
	return len(images) / size, nil
}

// imageCodes are the latent points of images in some order, again and again.
type imageCodes struct {
	m      *vae.Model
	runner *vae.Runner
	images []byte
	order  []int
	seed   uint64
	taken  int
	chosen []byte
}

// Images returns the Source of the codes of images: raw pixels, one picture after another.
func Images(m *vae.Model, images []byte, o Options) (Source, error) {
	return newImageCodes(m, images, o)
}

func newImageCodes(m *vae.Model, images []byte, o Options) (*imageCodes, error) {
	total, err := pictures(images, m.Pixels())
	if err != nil {
		return nil, err
	}
	c := &imageCodes{m: m, runner: vae.NewRunner(m, o.Threads, nil), images: images, order: o.Order, seed: o.Seed}
	if len(c.order) == 0 {
		c.order = random.Permutation(o.Seed, 0, total)
	}
	for _, i := range c.order {
		if i < 0 || i >= total {
			return nil, fmt.Errorf("quantize: image %d of %d", i, total)
		}
	}
	return c, nil
}

// distillationNoise keeps the noise here apart from that of the float model's training with the
// same seed.
const distillationNoise = 0x64697374696c

// Next is that of a Source.
func (c *imageCodes) Next(n int) (z []float32, images []byte, err error) {
	size := c.m.Pixels()
	c.chosen = c.chosen[:0]
	for i := range n {
		at := c.order[(c.taken+i)%len(c.order)] * size
		c.chosen = append(c.chosen, c.images[at:at+size]...)
	}
	z, _ = c.runner.Latents(c.chosen, random.Hash(c.seed, uint64(c.taken), distillationNoise))
	c.taken += n
	return z, c.chosen, nil
}

// Prior is the Source of points of the normal distribution, for a decoder of which there is no
// encoder.
type Prior struct {
	Latent int // dimensions of a point
	Seed   uint64

	taken int
	z     []float32
}

// Next is that of a Source. There are no images.
func (p *Prior) Next(n int) (z []float32, images []byte, err error) {
	p.z = p.z[:0]
	for i := range n * p.Latent {
		p.z = append(p.z, vae.Noise(p.Seed, p.taken+i/p.Latent, i%p.Latent))
	}
	p.taken += n
	return p.z, nil, nil
}

// Codes is the Source of points that are given, each pass over them in another random order.
type Codes struct {
	Latent int       // dimensions of a point
	Points []float32 // one after another
	Seed   uint64

	taken int
	order []int
	z     []float32
}

// Next is that of a Source. There are no images.
func (c *Codes) Next(n int) (z []float32, images []byte, err error) {
	total := len(c.Points) / c.Latent
	if total == 0 {
		return nil, nil, errors.New("quantize: there are no codes")
	}
	c.z = c.z[:0]
	for range n {
		if c.taken%total == 0 {
			c.order = random.Permutation(c.Seed, c.taken/total, total)
		}
		c.z = append(c.z, c.Points[c.order[c.taken%total]*c.Latent:][:c.Latent]...)
		c.taken++
	}
	return c.z, nil, nil
}

// fewest is how many points the first scales are fitted to at least. Where the decoder learns from
// few points, more of the same images' would only take time.
const fewest = 64

// calibrated is how many points or images the first scales of a stack are fitted to: fewer where
// their activations, which are kept, would take more than 256 MB.
func calibrated(s model.Stack) int {
	const most, floats = 256, 1 << 26
	activations := 1
	for _, l := range s {
		activations += model.Elements(l.Out)
	}
	return max(1, min(most, floats/activations))
}

// calibrate sets the scales to those of the least squared error: of the weights, and of the float
// decoder's activations at points z.
func (s *student) calibrate(r *nn.Runner, z []float32) {
	activations := make([][][]float32, len(s.layers))
	dims := model.Elements(s.net.In)
	for i, l := range s.layers {
		if l.Activates() {
			activations[i] = newChannels(l.Out[2], len(z)/dims*l.Out[0]*l.Out[1])
		}
	}
	r.Activations(len(z)/dims, func(p *nn.Pass, i int) { copy(p.X(0, 0), z[i*dims:][:dims]) }, func(i int, outputs []float32) {
		if s.layers[i].Activates() {
			byChannel(activations[i], outputs)
		}
	})
	for i, l := range s.layers {
		if l.Activates() {
			l.fitOutputs(s.pool, activations[i])
			logarithms(l.logScale.Of(s.params), l.scale)
		}
		l.fitWeights(s.pool, l.weight.Of(s.params), 127)
		logarithms(l.logWeightScale.Of(s.params), l.weightScale)
	}
}

func logarithms(dst, x []float32) {
	for i, v := range x {
		dst[i] = float32(math.Log(float64(v)))
	}
}

// export returns the int8 decoder that the student stands for.
func (s *student) export(name string) (*model.Model, error) {
	s.refresh()
	last := s.layers[len(s.layers)-1]
	out := &model.Model{
		Name: name, Latent: model.Elements(s.net.In), LatentSteps: model.LatentSteps, Image: last.Out, Table: sigmoidTable(),
	}
	for i, l := range s.layers {
		slope := float32(0)
		if i > 0 {
			slope = s.layers[i-1].Slope
		}
		out.Decoder = append(out.Decoder, l.export(l.bias.Of(s.params), largestInput(i == 0, slope)))
	}
	if err := out.Check(); err != nil {
		return nil, err
	}
	return out, nil
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
