package measure

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// EncoderScore is what is measured of an int8 encoder on the test images.
type EncoderScore struct {
	ErrorSD float64 `json:"encoder_error_sd"` // see quantize.EncoderScore
	// ErrorUnits is the same in units of the latent space
	ErrorUnits float64 `json:"encoder_error_units"`
	// Same is the share of the reconstructions that are classified alike by either encoder's code;
	// nil without a classifier
	Same *float64 `json:"encoder_classified_same,omitempty"`
}

// Encoder measures an int8 encoder. The classifier may be nil.
func Encoder(m *vae.Model, q, e *model.Model, classifier *classify.Model, test *dataset.Set, threads int) (*EncoderScore, error) {
	s, err := quantize.EvaluateEncoder(m, e, test.Images, threads)
	if err != nil {
		return nil, err
	}
	r := &EncoderScore{ErrorSD: s.Posterior, ErrorUnits: s.Units}
	if classifier == nil {
		return r, nil
	}
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	reader := classify.NewRunner(classifier, threads, nil)
	share := alike(
		read(reader, test.N, drawn(d, q.FixedPoint(nil, pair.Widened(s.Means)...), threads)),
		read(reader, test.N, drawn(d, s.Codes, threads)))
	r.Same = &share
	return r, nil
}

// String is lines for a person.
func (s *EncoderScore) String() string {
	text := fmt.Sprintf("int8 encoder, off by  %8.3f units", s.ErrorUnits)
	// A classical autoencoder has no posterior
	if math.Abs(s.ErrorSD-s.ErrorUnits) > 1e-9*s.ErrorUnits {
		text += fmt.Sprintf(", %.3f standard deviations of the posterior", s.ErrorSD)
	}
	if s.Same != nil {
		text += fmt.Sprintf("\n  drawn as float32's %9.2f %% by its codes, as the classifier reads it", 100**s.Same)
	}
	return text
}
