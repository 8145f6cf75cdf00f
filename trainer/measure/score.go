// Package measure measures trained models: what they cost and draw, how far int8 is from float32,
// what a classifier reads in their pictures, and how their latent space lies.
package measure

import (
	"errors"
	"math"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/mixture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Seed is that of the noise whenever a model is measured, so that figures can be compared across
// runs.
const Seed = 1

// A Score is what is measured of a pair of models on test images, means over them. Figures in nats
// are for a whole image. The ELBO stands with its sign turned, as a cost: of two models the one
// with the lower figure is better.
type Score struct {
	// FloatELBO is the -ELBO of the float32 model: FloatBCE + KL
	FloatELBO float64 `json:"float_elbo_nats"`
	// Int8ELBO is the same with the int8 decoder, at the same latent points
	Int8ELBO float64 `json:"int8_elbo_nats"`
	Int8Cost float64 `json:"int8_cost_nats"` // the difference
	// Int8PSNR compares the int8 decoder's pixels with the float32 one's at the means; 100 if there
	// is no difference
	Int8PSNR float64 `json:"int8_psnr_db"`
	FloatBCE float64 `json:"float_bce_nats"` // reconstruction
	KL       float64 `json:"kl_nats"`
	BookLoss float64 `json:"book_loss"` // the loss of the book's listing, a mean over pixels
	Images   int     `json:"images"`

	// Fidelity is nil where the loss is not LossSigma
	Fidelity *Fidelity `json:"fidelity,omitempty"`
	// Mixture is nil where new pictures are drawn from the standard normal distribution
	Mixture *mixture.Figures `json:"mixture,omitempty"`

	*Agreement    // nil where no classifier knows the images
	*EncoderScore // nil where there is no int8 encoder
}

// Pair evaluates a pair of models on images.
func Pair(m *vae.Model, q *model.Model, images []byte, threads int) (Score, error) {
	s, err := quantize.Evaluate(m, q, images, Seed, threads)
	if err != nil {
		return Score{}, err
	}
	r := Score{s.FloatNegELBO, s.Int8NegELBO, s.CostNats, min(s.PSNR, 100), s.FloatBCE, s.KL, s.BookLoss, s.Images, nil, nil, nil, nil}
	for _, v := range []float64{r.FloatELBO, r.Int8ELBO, r.Int8PSNR, r.BookLoss} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Score{}, errors.New("the model's loss on the test images is not finite: it has not been trained")
		}
	}
	return r, nil
}

// ImportanceBound returns the mean of the importance-weighted bound of so many samples an image.
func ImportanceBound(r *vae.Runner, test *dataset.Set, samples int, progress func(images int)) (*float64, error) {
	mean := 0.0
	for _, bound := range r.ImportanceBound(test.Images, samples, Seed, progress) {
		mean += bound / float64(test.N)
	}
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return nil, errors.New("the importance-weighted bound is not finite")
	}
	return &mean, nil
}
