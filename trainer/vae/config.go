package vae

import (
	"errors"
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/model"
)

// Loss is the objective of training; see the package documentation.
type Loss string

const (
	LossELBO Loss = "elbo"
	LossBook Loss = "book"
)

// bookKLWeight is the factor of the KL term in the book's listing.
const bookKLWeight = 5e-4

// Config describes a network and its objective.
type Config struct {
	model.Network
	Loss     Loss
	KLWeight float64 // factor of the KL term; 0 is a classical autoencoder
}

// Validate reports what cannot be trained.
func (c *Config) Validate() error {
	const maxSide = 256 // keeps offsets within 32 bits
	if err := c.Network.Check(); err != nil {
		return err
	}
	switch {
	case max(c.Image[0], c.Image[1]) > maxSide:
		return fmt.Errorf("vae: images of %d x %d pixels: sides must be at most %d: scale or crop the images", c.Image[0], c.Image[1], maxSide)
	case len(c.Encoder) == 0 || len(c.Decoder) < 2:
		return errors.New("vae: a network is an encoder, and a decoder of a dense layer and convolutions")
	case c.Loss != LossELBO && c.Loss != LossBook:
		return fmt.Errorf("vae: loss %q: must be %q or %q", c.Loss, LossELBO, LossBook)
	case !(c.KLWeight >= 0) || math.IsInf(c.KLWeight, 0):
		return fmt.Errorf("vae: KL weight %v: must be 0 or more", c.KLWeight)
	}
	return nil
}

// Weights is the number of weights and biases.
func (c *Config) Weights() int {
	return c.Encoder.Weights(c.Image) + c.Decoder.Weights(c.Point())
}

// KeptPerImage is the number of floats that training keeps of every image of a batch: activations before dense layers and
// gradients after them.
func (c *Config) KeptPerImage() int {
	kept := 0
	count := func(s model.Stack, in [3]int) {
		for _, l := range s {
			if l.Op == model.Dense {
				kept += model.Elements(in) + model.Elements(l.Out)
			}
			in = l.Out
		}
	}
	count(c.Encoder, c.Image)
	count(c.Decoder, c.Point())
	return kept
}

// classical says that no latent point is sampled and there is no KL term.
func (c *Config) classical() bool { return c.KLWeight == 0 }
