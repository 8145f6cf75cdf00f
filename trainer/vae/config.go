package vae

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Loss is the objective of training; see the package documentation.
type Loss string

const (
	LossELBO  Loss = "elbo"
	LossBook  Loss = "book"
	LossSigma Loss = "sigma"
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
	case len(c.Encoder) == 0 || len(c.Decoder) == 0:
		return errors.New("vae: a network is an encoder and a decoder")
	case c.largestSide() > maxSide:
		return fmt.Errorf("vae: a layer of %d pixels a side: at most %d", c.largestSide(), maxSide)
	case c.Loss != LossELBO && c.Loss != LossBook && c.Loss != LossSigma:
		return fmt.Errorf("vae: loss %q: must be %q, %q or %q", c.Loss, LossELBO, LossBook, LossSigma)
	case !(c.KLWeight >= 0) || math.IsInf(c.KLWeight, 0):
		return fmt.Errorf("vae: KL weight %v: must be 0 or more", c.KLWeight)
	}
	return nil
}

func (c *Config) largestSide() int {
	side := 0
	for _, l := range append(slices.Clone(c.Encoder), c.Decoder...) {
		side = max(side, l.Out[0], l.Out[1])
	}
	return side
}

// Weights is the number of weights and biases.
func (c *Config) Weights() int {
	return c.Encoder.Weights(c.Image) + c.Decoder.Weights(c.Point())
}

// KeptPerImage is the number of floats that training keeps of every image of a batch, and of the
// largest tensor, see nn.Kept.
func (c *Config) KeptPerImage() (floats, largest int) {
	encoder, e := nn.Kept(c.Encoder, c.Image)
	decoder, d := nn.Kept(c.Decoder, c.Point())
	return encoder + decoder, max(e, d)
}

// classical says that no latent point is sampled and there is no KL term.
func (c *Config) classical() bool { return c.KLWeight == 0 }
