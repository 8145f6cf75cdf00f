package vae

import (
	"math"
	"sync"

	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// crossEntropy returns the cross-entropy of grey levels pixels/255 under logits, in nats, summed,
// with a relative error below 1e-7. It sets grad, unless it is nil, to scale times the gradient
// with respect to logits, which may be the same slice.
//
// With e = exp(-|l|), the cross-entropy is max(l, 0) - t*l + log(1+e), and its
// gradient σ(l) - t, where σ(l) is 1/(1+e) or e/(1+e). Neither overflows. The
// logarithm of a product of hundreds of terms 1+e, each 1 to 2, stands for all of theirs.
func crossEntropy(grad, logits []float32, pixels []byte, scale float32) float64 {
	const terms = 4 * block
	var e, s [block]float64
	sum, product := 0.0, 1.0
	for first := 0; first < len(logits); first += block {
		end := min(first+block, len(logits))
		elementwise().Sigmoid(e[:end-first], s[:end-first], logits[first:end])
		for k, v := range logits[first:end] {
			i := first + k
			x, t := float64(v), nn.GreyLevels[pixels[i]]
			product *= 1 + e[k]
			sum += max(x, 0) - float64(t)*x
			if grad != nil {
				grad[i] = scale * (float32(sigmoid(v, e[k], s[k])) - t)
			}
		}
		if end%terms == 0 || end == len(logits) {
			sum += math.Log(product)
			product = 1
		}
	}
	return sum
}

// block is how many logits are looked at together.
const block = 128

// squaredError returns the sum of the squares of what pixels drawn from logits, 0 to 1, are away
// from pixels/255. It sets grad, unless it is nil, to scale times the gradient of half of it with
// respect to logits, which may be the same slice.
func squaredError(grad, logits []float32, pixels []byte, scale float32) float64 {
	var e, s [block]float64
	sum := 0.0
	for first := 0; first < len(logits); first += block {
		end := min(first+block, len(logits))
		elementwise().Sigmoid(e[:end-first], s[:end-first], logits[first:end])
		for k, v := range logits[first:end] {
			i := first + k
			d := sigmoid(v, e[k], s[k]) - float64(nn.GreyLevels[pixels[i]])
			sum += d * d
			if grad != nil {
				grad[i] = scale * float32(d*(s[k]*s[k]*e[k]))
			}
		}
	}
	return sum
}

// sigmoid is that of x, of which sgemm's Sigmoid makes e and s. Half of the logits are below 0, and
// no processor guesses which: so there is no branch. It is rounded before anything is added to it.
func sigmoid(x float32, e, s float64) float64 {
	return float64(s * [2]float64{1, e}[math.Float32bits(x)>>31])
}

// elementwise has the functions of elements, which are the same on all backends.
var elementwise = sync.OnceValue(sgemm.Best)

// leastVariance bounds the variance of pixels of LossSigma from below: a picture without noise
// would otherwise be worth anything. It is that of a hundredth of a grey level's rounding.
const leastVariance = 6e-6

// Reconstruction is what the error of pixels, summed over an image and a mean over images, is in
// nats: the cross-entropy itself, or with LossSigma what follows from the squares.
func (c *Config) Reconstruction(sum float64) float64 {
	if c.Loss == LossSigma {
		return c.gaussian(sum / float64(c.Pixels()))
	}
	return sum
}

// gaussian is the negative logarithm of the density, in grey levels of 0 to 255, of an image whose
// pixels are normally distributed around what is drawn, if the mean of the squares of its errors,
// in units of 255 levels, is mse and their variance is the best for that.
func (c *Config) gaussian(mse float64) float64 {
	return float64(c.Pixels()) / 2 * (1 + math.Log(2*math.Pi*255*255*(mse+leastVariance)))
}

// Deviation is the standard deviation of a posterior with that log_var: 0 for
// a classical autoencoder.
func (c *Config) Deviation(logVar float32) float64 {
	switch {
	case c.classical():
		return 0
	case c.Loss == LossBook:
		return math.Exp(float64(logVar))
	default:
		return math.Exp(float64(logVar) / 2)
	}
}

// logDeviation is its logarithm, of a model that has one.
func (c *Config) logDeviation(logVar float32) float64 {
	if c.Loss == LossBook {
		return float64(logVar)
	}
	return float64(logVar) / 2
}

// logVarOf is the log_var of a posterior with that standard deviation.
func (c *Config) logVarOf(deviation float64) float64 {
	if c.Loss == LossBook {
		return math.Log(deviation)
	}
	return 2 * math.Log(deviation)
}

// sample sets z to the latent point that noise eps draws from a posterior.
func (c *Config) sample(z, mean, logVar, eps []float32) {
	for d := range z {
		z[d] = float32(float64(mean[d]) + c.Deviation(logVar[d])*float64(eps[d]))
	}
}

// divergence sets kl to the KL divergence of a posterior from the standard normal
// distribution, by dimension. A classical autoencoder has none.
func (c *Config) divergence(kl []float64, mean, logVar []float32) {
	clear(kl)
	if c.classical() {
		return
	}
	for d := range kl {
		m, l := float64(mean[d]), float64(logVar[d])
		if c.Loss == LossBook {
			l *= 2
		}
		kl[d] = (m*m + math.Exp(l) - 1 - l) / 2
	}
}

// bookDivergence is the KL term of the book's listing.
func (c *Config) bookDivergence(mean, logVar []float32) float64 {
	if c.classical() {
		return 0
	}
	sum := 0.0
	for d := range mean {
		m, l := float64(mean[d]), float64(logVar[d])
		sum += 1 + l - m*m - math.Exp(l)
	}
	return -bookKLWeight * sum / float64(len(mean))
}

// reconstructionScale is the factor of an image's summed error in the objective; variance is that
// of LossSigma.
func (c *Config) reconstructionScale(variance float64) float64 {
	switch c.Loss {
	case LossBook:
		return 1 / float64(c.Pixels())
	case LossSigma:
		return 1 / variance
	}
	return 1
}

// pixelError is the error of pixels under logits, see crossEntropy, or with LossSigma squaredError.
func (c *Config) pixelError(grad, logits []float32, pixels []byte, scale float32) float64 {
	if c.Loss == LossSigma {
		return squaredError(grad, logits, pixels, scale)
	}
	return crossEntropy(grad, logits, pixels, scale)
}

// posteriorGradient sets the gradients of mean and log_var from that of the
// latent point, whose noise was eps. An image weighs scale in the objective.
func (c *Config) posteriorGradient(dMean, dLogVar, dz, mean, logVar, eps []float32, scale float64) {
	for d, g := range dz {
		dMean[d], dLogVar[d] = g, 0
		if c.classical() {
			continue
		}
		m, l := float64(mean[d]), float64(logVar[d])
		noise := float64(g) * float64(eps[d]) * c.Deviation(logVar[d])
		if c.Loss == LossBook {
			w := scale * c.KLWeight * bookKLWeight / float64(len(dz))
			dMean[d] += float32(w * 2 * m)
			dLogVar[d] = float32(noise + w*(math.Exp(l)-1))
		} else {
			w := scale * c.KLWeight
			dMean[d] += float32(w * m)
			dLogVar[d] = float32(noise/2 + w*(math.Exp(l)-1)/2)
		}
	}
}

// Stats are means over images, in nats.
type Stats struct {
	Images int

	// Reconstruction is the cross-entropy summed over pixels, BCE its mean. With LossSigma it is
	// what the best variance of all images makes of MSE, the mean square of errors of pixels of 0
	// to 1, and BCE is 0.
	Reconstruction, BCE, MSE float64

	// KL is the divergence of the posterior that the model was trained to sample
	// from, and NegELBO = Reconstruction + KL, whatever KLWeight is. The
	// posterior's standard deviation is exp(log_var/2), with LossBook exp(log_var);
	// a classical autoencoder has no posterior, and KL is 0.
	NegELBO, KL float64
	KLPerDim    []float64

	// BookLoss is LossBook with KLWeight 1.
	BookLoss float64

	// Objective is what is minimised: Config's Loss with its KLWeight.
	Objective float64
}

// record is what is known of one image.
type record struct {
	reconstruction     float64 // with LossSigma the sum of squares
	bookReconstruction float64 // at the latent point that LossBook samples
	bookKL             float64
	kl                 []float64 // by dimension
}

func newRecords(n, latent int) []record {
	kl := make([]float64, n*latent)
	rs := make([]record, n)
	for i := range rs {
		rs[i].kl = kl[i*latent:][:latent]
	}
	return rs
}

// stats sums up, always in the same order. It writes to klPerDim.
func (c *Config) stats(rs []record, klPerDim []float64) Stats {
	s := Stats{Images: len(rs), KLPerDim: klPerDim}
	clear(klPerDim)
	if len(rs) == 0 {
		return s
	}
	var bookReconstruction, bookKL float64
	for _, r := range rs {
		s.Reconstruction += r.reconstruction
		bookReconstruction += r.bookReconstruction
		bookKL += r.bookKL
		for d, v := range r.kl {
			klPerDim[d] += v
		}
	}
	n := float64(len(rs))
	if mean := s.Reconstruction / n / float64(c.Pixels()); c.Loss == LossSigma {
		s.MSE = mean
	} else {
		s.BCE = mean
	}
	s.Reconstruction = c.Reconstruction(s.Reconstruction / n)
	for d := range klPerDim {
		klPerDim[d] /= n
		s.KL += klPerDim[d]
	}
	s.NegELBO = s.Reconstruction + s.KL
	if c.Loss != LossSigma {
		s.BookLoss = (bookReconstruction/float64(c.Pixels()) + bookKL) / n
	}
	if c.Loss == LossBook {
		s.Objective = s.BCE + c.KLWeight*bookKL/n
	} else {
		s.Objective = s.Reconstruction + c.KLWeight*s.KL
	}
	return s
}
