package quantize

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A Score compares an int8 decoder with the float one that it was made of. Quantities in nats are
// means per image.
type Score struct {
	Images       int
	FloatNegELBO float64 // reconstruction + KL
	Int8NegELBO  float64 // the same with the int8 decoder's logits, at the same latent points
	CostNats     float64 // the difference: what int8 costs
	// PSNR is in dB, between the 8-bit pixels of both at the posterior means, over all pixels
	// together; +Inf if equal
	PSNR     float64
	FloatBCE float64 // binary cross-entropy of the float decoder, summed over pixels
	KL       float64
	BookLoss float64 // of the float model
}

// Evaluate measures a trained pair on images: raw pixels, one picture after another. The noise of
// the latent points comes from the seed; it is that of vae.Runner.Evaluate. threads 0 is one per
// CPU; the result does not depend on it.
func Evaluate(m *vae.Model, q *model.Model, images []byte, noiseSeed uint64, threads int) (Score, error) {
	size := m.Pixels()
	if q.PictureSize() != size || q.Latent != m.Latent {
		return Score{}, fmt.Errorf("quantize: the int8 decoder gives %d pixels from %d dimensions, the float one %d from %d", q.PictureSize(), q.Latent, size, m.Latent)
	}
	n, err := pictures(images, size)
	if err != nil {
		return Score{}, err
	}
	runner := vae.NewRunner(m, threads, nil)
	stats := runner.Evaluate(images, noiseSeed)
	s := Score{Images: n, FloatNegELBO: stats.NegELBO, FloatBCE: stats.Reconstruction, KL: stats.KL, BookLoss: stats.BookLoss}

	z, mean := runner.Latents(images, noiseSeed)
	const block = 500 // images, which bounds the memory for float logits
	var errors, squares float64
	logits := make([]float32, block*size)
	for first := 0; first < n; first += block {
		k := min(block, n-first)
		of := func(x []float32) []float32 { return x[first*m.Latent : (first+k)*m.Latent] }
		runner.DecodeLogits(logits[:k*size], of(mean))
		e, sq, err := compare(m, q, of(z), of(mean), logits, images[first*size:], k, threads)
		if err != nil {
			return Score{}, err
		}
		errors += e
		squares += sq
	}
	s.Int8NegELBO = m.Reconstruction(errors/float64(n)) + s.KL
	s.CostNats = s.Int8NegELBO - s.FloatNegELBO
	s.PSNR = 10 * math.Log10(255*255/(squares/float64(n*size)))
	return s, nil
}

// compare returns the int8 decoder's error of pixels at the points z, as the float model's loss
// counts it, and the sum of squared differences between its pixels and those of the float logits at
// the means, over n images.
func compare(m *vae.Model, q *model.Model, z, mean, logits []float32, images []byte, n, threads int) (errors, squares float64, err error) {
	size, dims := q.PictureSize(), q.Latent
	pool := parallel.New(threads)
	decoders := make([]*decoder.Decoder, pool.Threads())
	for t := range decoders {
		if decoders[t], err = decoder.New(q); err != nil {
			return 0, 0, err
		}
	}
	type sums struct{ errors, squares float64 }
	perImage := make([]sums, n)
	pool.Run(n, func(worker, i int) {
		s, d := &perImage[i], decoders[worker]
		indices := make([]uint16, size)
		decode := func(x []float32) {
			var point []int16
			for _, v := range x[i*dims : (i+1)*dims] {
				point = q.FixedPoint(point, float64(v))
			}
			d.DecodeIndices(indices, point)
		}
		decode(z)
		for k, p := range images[i*size : (i+1)*size] {
			if m.Loss == vae.LossSigma {
				d := logistics[indices[k]] - float64(p)/255
				s.errors += d * d
			} else {
				s.errors += softplus[indices[k]] - float64(p)/255*indexLogit(int(indices[k]))
			}
		}
		decode(mean)
		for k, l := range logits[i*size : (i+1)*size] {
			d := float64(q.Table[indices[k]]) - float64(pixel(float64(l)))
			s.squares += d * d
		}
	})
	for _, s := range perImage { // in order, so that the sum does not depend on the threads
		errors += s.errors
		squares += s.squares
	}
	return errors, squares, nil
}

// logistics is the pixel, 0 to 1, for every index of the table.
var logistics = func() (t [kernels.TableSize]float64) {
	for i := range t {
		t[i], _ = logistic(indexLogit(i))
	}
	return t
}()

// softplus is log(1 + exp(logit)) for every index of the table.
var softplus = func() (t [kernels.TableSize]float64) {
	for i := range t {
		l := indexLogit(i)
		t[i] = max(l, 0) + math.Log1p(math.Exp(-math.Abs(l)))
	}
	return t
}()
