package quantize

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Encoder returns the int8 form of the model's encoder, which belongs to its int8 decoder q. The
// scales of weights and activations are those of the least squared error on some of the images: raw
// pixels, one picture after another. Nothing is learnt: rounding is a small part of what the
// posterior leaves open.
func Encoder(m *vae.Model, q *model.Model, images []byte, o Options) (*model.Model, error) {
	size := m.Pixels()
	total, err := pictures(images, size)
	if err != nil {
		return nil, err
	}
	var chosen []byte
	for _, i := range random.Permutation(o.Seed, 0, total)[:min(total, calibrated(m.Encoder.Stack))] {
		chosen = append(chosen, images[i*size:][:size]...)
	}
	n := len(m.Encoder.Layers)
	layers := append(slices.Clone(m.Encoder.Layers[:n-2]), mergedHeads(m, m.Encoder.Layers[n-2], m.Encoder.Layers[n-1]))

	activations := make([][][]float32, len(layers)-1)
	for i, l := range layers[:len(activations)] {
		activations[i] = newChannels(l.Out[2], len(chosen)/size*l.Out[0]*l.Out[1])
	}
	finite := true
	vae.NewRunner(m, o.Threads, nil).EncoderActivations(chosen, func(i int, outputs []float32) {
		for _, v := range outputs {
			finite = finite && v-v == 0
		}
		if i >= len(activations) {
			return
		}
		byChannel(activations[i], outputs)
	})
	if !finite {
		return nil, errors.New("quantize: the float encoder's activations are not finite: its weights are not or are far too large, train it anew with a lower rate")
	}
	out := &model.Model{
		Name: q.Name, Latent: q.Latent, LatentSteps: q.LatentSteps, Image: q.Image, DecoderSum: q.DecoderDigest(),
	}
	threads := parallel.New(o.Threads)
	inScale := make([]float32, m.Image[2])
	fill(inScale, 1.0/kernels.ActivationMax)
	inSlope := float32(0)
	for i, l := range layers {
		g := newGrid(l, make([]float32, len(l.Weight)), true)
		g.inScale = inScale
		if i == len(activations) {
			fill(g.scale, 1/float32(q.LatentSteps))
		} else {
			g.fitOutputs(threads, activations[i])
		}
		steps := weightSteps(l)
		g.fitWeights(threads, l.Weight, steps)
		for k, w := range l.Weight {
			in, out := g.channels(k)
			g.rounded[k], _ = round(w, g.weightStep(in, out), steps)
		}
		out.Encoder = append(out.Encoder, g.export(l.Bias, largestInput(false, inSlope)))
		inScale, inSlope = g.scale, l.Slope
	}
	if err := centre(m, out, chosen, o.Threads); err != nil {
		return nil, err
	}
	return out, nil
}

// centre shifts the biases of the last layer so that what the int8 encoder gives images is on
// average what the float one does: the error of many roundings is not 0 on average.
func centre(m *vae.Model, q *model.Model, images []byte, threads int) error {
	heads, err := posteriors(q, images, threads)
	if err != nil {
		return err
	}
	n := len(heads) / (2 * m.Latent)
	mean, logVar := vae.NewRunner(m, threads, nil).Encode(images)
	last := &q.Encoder[len(q.Encoder)-1]
	for k := range last.Bias {
		off := 0.0
		for i := range n {
			want := mean[i*m.Latent+k%m.Latent]
			if k >= m.Latent {
				want = logVarFactor(m) * logVar[i*m.Latent+k%m.Latent]
			}
			off += float64(heads[2*i*m.Latent+k]) - float64(want)*float64(q.LatentSteps)
		}
		// Not where an untrained model is out of the range of int16.
		if off /= float64(n); math.Abs(off) < float64(q.LatentSteps) {
			last.Bias[k] -= int32(math.Round(off / float64(last.Scale[k])))
		}
	}
	return q.Check()
}

// logVarFactor makes the logarithm of a variance of a log_var.
func logVarFactor(m *vae.Model) float32 {
	if m.Loss == vae.LossBook {
		return 2 // there it is the logarithm of a standard deviation
	}
	return 1
}

// weightSteps is how many steps the largest weight of a layer has. The more units the wide dense
// layer has, the less the rounding of each matters, and the more of the file its weights are:
// beyond 24 units they have fewer steps in proportion, so that the file can be compressed.
func weightSteps(l nn.Layer) float32 {
	const most, least, units = 127, 15, 24
	if l.Activates() && l.Op == model.Dense {
		return float32(min(max(most*units/l.Out[2], least), most))
	}
	return most
}

// mergedHeads is the layer that gives the means, then the logarithms of the variances.
func mergedHeads(m *vae.Model, mean, logVar nn.Layer) nn.Layer {
	n := m.Latent
	l := mean
	l.Name, l.Out = "encoder.mean and encoder.log_var", [3]int{1, 1, 2 * n}
	l.Weight, l.Bias = make([]float32, 2*len(mean.Weight)), make([]float32, 2*n)
	copy(l.Bias, mean.Bias)
	factor := logVarFactor(m)
	for i, v := range logVar.Bias {
		l.Bias[n+i] = factor * v
	}
	for i, v := range mean.Weight {
		at := i/n*2*n + i%n
		l.Weight[at], l.Weight[at+n] = v, factor*logVar.Weight[i]
	}
	return l
}

// An EncoderScore compares an int8 encoder with the float one that it was made of.
type EncoderScore struct {
	// Root mean squares over images and dimensions of the difference of the means: in standard
	// deviations of the float encoder's posterior, which is what the latent points that the decoder
	// learnt from are scattered by, and in units. A classical autoencoder has no posterior; the
	// first is then in units too.
	Posterior, Units float64

	// What was compared: the codes of image after image, of the int8 encoder and, in units, of the
	// float one.
	Codes []int16
	Means []float32
}

// EvaluateEncoder measures it on images: raw pixels, one picture after another. threads 0 is one
// per CPU; the result does not depend on it.
func EvaluateEncoder(m *vae.Model, e *model.Model, images []byte, threads int) (EncoderScore, error) {
	n := len(images) / m.Pixels()
	codes, err := codes(e, images, threads)
	if err != nil {
		return EncoderScore{}, err
	}
	if e.Latent != m.Latent || len(codes) != n*m.Latent {
		return EncoderScore{}, fmt.Errorf("quantize: the int8 encoder gives %d coordinates of %d pixels, the float one %d of %d", e.Latent, e.PictureSize(), m.Latent, m.Pixels())
	}
	mean, logVar := vae.NewRunner(m, threads, nil).Encode(images)
	s := EncoderScore{Codes: codes, Means: mean}
	for i, v := range mean {
		d := float64(codes[i])/float64(e.LatentSteps) - float64(v)
		sd := m.Deviation(logVar[i])
		if sd == 0 {
			sd = 1
		}
		s.Units += d * d
		s.Posterior += d / sd * d / sd
	}
	s.Units, s.Posterior = math.Sqrt(s.Units/float64(len(mean))), math.Sqrt(s.Posterior/float64(len(mean)))
	return s, nil
}

// codes returns the codes that an int8 encoder gives images: raw pixels, one picture after another.
func codes(q *model.Model, images []byte, threads int) ([]int16, error) {
	heads, err := posteriors(q, images, threads)
	if err != nil {
		return nil, err
	}
	codes := make([]int16, 0, len(heads)/2)
	for i := 0; i < len(heads); i += 2 * q.Latent {
		codes = append(codes, heads[i:i+q.Latent]...)
	}
	return codes, nil
}

// posteriors returns the means and the logarithms of the variances of image after image.
func posteriors(q *model.Model, images []byte, threads int) ([]int16, error) {
	size := q.PictureSize()
	n, err := pictures(images, size)
	if err != nil {
		return nil, err
	}
	pool := parallel.New(threads)
	encoders := make([]*encoder.Encoder, pool.Threads())
	for t := range encoders {
		if encoders[t], err = encoder.New(q); err != nil {
			return nil, err
		}
	}
	heads := make([]int16, 2*n*q.Latent)
	pool.Run(n, func(worker, i int) {
		of := heads[2*i*q.Latent:][:2*q.Latent]
		encoders[worker].Posterior(of[:q.Latent], of[q.Latent:], images[i*size:][:size])
	})
	return heads, nil
}
