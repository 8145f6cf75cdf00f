package vae

// Latents encodes images, of Pixels() bytes each, and draws a latent point for
// every one with the noise that Evaluate draws with: mean, logVar and z take
// Latent floats for every image.
func (r *Runner) Latents(z, mean, logVar []float32, images []byte, noiseSeed uint64) {
	r.Encode(mean, logVar, images)
	check("Latents", len(z), len(mean), "points")
	eps := make([]float32, len(z))
	for i := range eps {
		eps[i] = Noise(noiseSeed, i/r.m.Latent, i%r.m.Latent)
	}
	r.m.sample(z, mean, logVar, eps)
}
