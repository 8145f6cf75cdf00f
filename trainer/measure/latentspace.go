package measure

import (
	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A LatentSpace is what is measured of one.
type LatentSpace struct {
	KL []float64 `json:"kl_nats_per_dimension"`
	// Active is how many have a posterior mean that varies over the images by more than
	// activeVariance
	Active int `json:"active_dimensions"`
	continuity

	// The importance-weighted bound, where it was asked for
	IWAESamples int      `json:"iwae_samples,omitempty"`
	IWAE        *float64 `json:"float_iwae_nats,omitempty"`
}

// continuity is how much the picture changes from a cell of a fine grid over the latent plane to
// the next one to the right or below, in grey levels of 0 to 255: the mean absolute difference of
// their pixels. Its mean over all such pairs and the largest.
type continuity struct {
	Mean    float64 `json:"continuity_mean_grey"`
	Largest float64 `json:"continuity_max_grey"`
}

// activeVariance is that above which Burda, Grosse and Salakhutdinov call a dimension active.
const activeVariance = 0.01

// FinestSide is the number of rows and of columns of the grid of a continuity.
const FinestSide = 60

// Latent measures the latent space of a pair of models on images, but for the
// importance-weighted bound.
func Latent(m *vae.Model, q *model.Model, r *vae.Runner, images []byte) (LatentSpace, error) {
	var s LatentSpace
	s.KL, s.Active = Active(r, images)
	d, err := decoder.New(q)
	if err != nil {
		return s, err
	}
	s.continuity = measureContinuity(pair.DrawInt8(d), m.Latent, m.Pixels(), FinestSide)
	return s, nil
}

// Active returns the KL divergence of images by latent dimension, and how many dimensions say
// something of an image.
func Active(r *vae.Runner, images []byte) (kl []float64, active int) {
	kl, variance := r.Posterior(images)
	for _, v := range variance {
		if v > activeVariance {
			active++
		}
	}
	return kl, active
}

// Continuity is that of a decoder of so many dimensions and pixels: by how much its picture changes
// from a cell of a grid of FinestSide rows and columns to the next one, the mean and the most, in
// grey levels.
func Continuity(decode func(points []int16) []byte, dims, size int) (mean, most float64) {
	c := measureContinuity(decode, dims, size, FinestSide)
	return c.Mean, c.Largest
}

// measureContinuity measures a decoder of so many dimensions and pixels on a grid at the quantiles
// of the normal distribution in the first two dimensions, zero in any other.
func measureContinuity(decode func(points []int16) []byte, dims, size, side int) continuity {
	q := make([]int16, side)
	latent.Quantiles(q, model.LatentSteps)
	rows := 1
	if dims > 1 {
		rows = side
	}
	var c continuity
	pairs := 0
	compare := func(a, b []byte) {
		sum := 0
		for i, v := range a {
			sum += max(int(v)-int(b[i]), int(b[i])-int(v))
		}
		change := float64(sum) / float64(size)
		c.Mean += change
		c.Largest = max(c.Largest, change)
		pairs++
	}
	var above []byte
	for i := range rows {
		points := make([]int16, side*dims)
		for j := range side {
			points[j*dims] = q[j]
			if dims > 1 {
				points[j*dims+1] = q[rows-1-i]
			}
		}
		row := decode(points)
		for j := range side {
			at := row[j*size:][:size]
			if j > 0 {
				compare(row[(j-1)*size:][:size], at)
			}
			if i > 0 {
				compare(above[j*size:][:size], at)
			}
		}
		above = row
	}
	c.Mean /= float64(pairs)
	return c
}
