package vae

import "math"

// Standardize shifts and scales the latent space so that the codes of the
// images have mean 0 and variance 1 in every dimension: the latent points that are
// drawn from their posteriors or, of a classical autoencoder, the means. The
// decoder and the log_var head change to suit, so that what the model computes stays
// the same but for rounding.
//
// Of all shifts and scalings it is the one with the least KL term, for which
// training has had too few steps, or never did anything; and a classical
// autoencoder has nothing else to tie its codes to the normal distribution that
// grids and samples are taken from. It panics if there are no images.
func (m *Model) Standardize(r *Runner, images []byte) {
	n := some("Standardize", images, m.Pixels())
	mu, logVar := r.Encode(images)
	mean, logVarHead := m.heads()
	decoder := &m.Decoder.Layers[0]
	outputs := len(decoder.Bias)
	for d := range m.Latent {
		var sum, squares float64
		for i := d; i < len(mu); i += m.Latent {
			deviation := m.Deviation(logVar[i])
			sum += float64(mu[i])
			squares += float64(float64(mu[i])*float64(mu[i])) + float64(deviation*deviation)
		}
		center := sum / float64(n)
		spread := math.Sqrt(max(squares/float64(n)-float64(center*center), 0))
		if spread < 1e-6 {
			spread = 1 // the dimension is not used
		}
		for i := d; i < len(mean.Weight); i += m.Latent {
			mean.Weight[i] = float32(float64(mean.Weight[i]) / spread)
		}
		mean.Bias[d] = float32((float64(mean.Bias[d]) - center) / spread)
		logVarHead.Bias[d] -= float32(m.logVarOf(spread))
		row := decoder.Weight[d*outputs : (d+1)*outputs]
		for j, w := range row {
			decoder.Bias[j] += float32(center * float64(w))
			row[j] = float32(spread * float64(w))
		}
	}
}
