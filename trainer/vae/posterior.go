package vae

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Posterior describes the posteriors of images, of Pixels() bytes each, by latent
// dimension: the mean of the KL divergence from the prior, in nats, and the
// variance over the images of the posterior's mean. Where the variance is not above
// about 0.01, the dimension says nothing of the image: it is not active (Burda,
// Grosse and Salakhutdinov, "Importance Weighted Autoencoders", 2016). No images
// give zeros.
func (r *Runner) Posterior(images []byte) (kl, variance []float64) {
	n := count("Posterior", len(images), r.m.Pixels(), "pixels")
	latent := r.m.Latent
	mean, logVar := r.Encode(images)
	kl, variance = make([]float64, latent), make([]float64, latent)
	center, one := make([]float64, latent), make([]float64, latent)
	for i := 0; i < len(mean); i += latent {
		r.m.divergence(one, mean[i:i+latent], logVar[i:i+latent])
		for d := range latent {
			kl[d] += one[d] / float64(n)
			center[d] += float64(mean[i+d]) / float64(n)
		}
	}
	for i, v := range mean {
		d := i % latent
		variance[d] += (float64(v) - center[d]) * (float64(v) - center[d]) / float64(n)
	}
	return kl, variance
}

// ImportanceBound returns the importance-weighted bound on the negative
// log-likelihood of every image (Burda, Grosse and Salakhutdinov, 2016), in nats:
//
//	-log(1/K * the sum over k of p(x|z_k) p(z_k) / q(z_k|x))
//
// for K = samples latent points z_k drawn from the posterior q. With one sample its
// mean is that of -ELBO; with more it comes down toward -log p(x). p(x|z) is
// exp of minus the cross-entropy, as in the ELBO. Images are of Pixels() bytes
// each. A classical autoencoder has no posterior, and it panics.
//
// The noise follows from noiseSeed, the number of the image and that of the
// sample alone. progress, unless it is nil, is told on the caller's goroutine how many
// images are done.
func (r *Runner) ImportanceBound(images []byte, samples int, noiseSeed uint64, progress func(done int)) []float64 {
	n := count("ImportanceBound", len(images), r.m.Pixels(), "pixels")
	if r.m.classical() {
		panic("vae: ImportanceBound of a classical autoencoder, which has no posterior")
	}
	if samples < 1 {
		panic("vae: ImportanceBound without samples")
	}
	latent, size := r.m.Latent, r.m.Pixels()
	mean, logVar := r.Encode(images)
	seeds := make([]uint64, samples)
	for k := range seeds {
		seeds[k] = random.Hash(noiseSeed, uint64(k), importanceNoise)
	}
	bounds := make([]float64, n)
	r.decoder.Pack()
	// So many that it does not matter who has none left at the end of one
	group := 16 * r.pool.Threads()
	for first := 0; first < n; first += group {
		r.pool.Run(min(group, n-first), func(worker, task int) {
			i := first + task
			bounds[i] = r.importanceBound(worker, images[i*size:][:size], i,
				mean[i*latent:][:latent], logVar[i*latent:][:latent], seeds)
		})
		if progress != nil {
			progress(min(first+group, n))
		}
	}
	return bounds
}

// importanceNoise keeps this noise apart from other noise of the same seed.
const importanceNoise = 0x69776165 // "iwae"

// importanceBound is the bound for image i, with a sample for every seed.
func (r *Runner) importanceBound(worker int, image []byte, i int, mean, logVar []float32, seeds []uint64) float64 {
	logDeviations := 0.0
	for _, v := range logVar {
		logDeviations += r.m.logDeviation(v)
	}
	var sum logSum
	var logWeights [nn.Block]float64
	eps := make([]float32, r.m.Latent)
	for first := 0; first < len(seeds); first += nn.Block {
		k := min(nn.Block, len(seeds)-first)
		for j, seed := range seeds[first:][:k] {
			for d := range eps {
				eps[d] = Noise(seed, i, d)
			}
			z := r.decoder.Pass(worker).X(0, j)[:len(eps)]
			r.m.sample(z, mean, logVar, eps)
			// log p(z) - log q(z|x); the constants of both are the same.
			logWeights[j] = logDeviations
			for d, e := range eps {
				logWeights[j] += (float64(e)*float64(e) - float64(z[d])*float64(z[d])) / 2
			}
		}
		r.decode(worker, k, func(p *nn.Pass, j int) {
			sum.add(logWeights[j] - r.m.outputError(p, j, false, image, 0))
		})
	}
	return math.Log(float64(len(seeds))) - sum.log()
}

// logSum is the logarithm of a sum of numbers of which only the logarithms fit a
// float64.
type logSum struct {
	largest, sum float64 // the sum is in units of the largest
}

func (s *logSum) add(x float64) {
	if s.sum == 0 || x > s.largest {
		s.sum = s.sum*math.Exp(s.largest-x) + 1
		s.largest = x
		return
	}
	s.sum += math.Exp(x - s.largest)
}

func (s *logSum) log() float64 { return s.largest + math.Log(s.sum) }
