package vae

import (
	"fmt"
	"math"
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
	Height, Width int // of the images, in pixels; even
	Channels      int // 1 or 3
	Latent        int // dimensions of the latent space
	Hidden        int // units of the encoder's dense layer
	Loss          Loss
	KLWeight      float64 // factor of the KL term; 0 is a classical autoencoder
}

// DefaultConfig is the network of the book for MNIST, with another number of latent
// dimensions if need be.
func DefaultConfig(latent int) Config {
	return Config{Height: 28, Width: 28, Channels: 1, Latent: latent, Hidden: DefaultHidden(latent), Loss: LossELBO, KLWeight: 1}
}

// DefaultHidden is the number of units of the encoder's dense layer that suits
// that many latent dimensions: the book's 32 for its 2, up to 256 for 32 and more,
// to which 32 would be a bottleneck.
func DefaultHidden(latent int) int { return min(max(8*latent, 32), 256) }

// Limits of a Config, which keep offsets within 32 bits.
const (
	maxSide   = 256
	maxUnits  = 1 << 14
	maxLatent = 1 << 12
)

// Validate reports what cannot be trained.
func (c Config) Validate() error {
	switch {
	case c.Height < 2 || c.Width < 2 || c.Height > maxSide || c.Width > maxSide:
		return fmt.Errorf("vae: images of %d x %d pixels: sides must be 2 to %d: scale, crop or pad the images", c.Height, c.Width, maxSide)
	case c.Height%2 != 0 || c.Width%2 != 0:
		return fmt.Errorf("vae: images of %d x %d pixels: sides must be even, because the network halves and doubles them: crop or pad the images", c.Height, c.Width)
	case c.Channels != 1 && c.Channels != 3:
		return fmt.Errorf("vae: images of %d channels: must be 1 (grey) or 3 (colour)", c.Channels)
	case c.Latent < 1 || c.Latent > maxLatent:
		return fmt.Errorf("vae: %d latent dimensions: must be 1 to %d", c.Latent, maxLatent)
	case c.Hidden < 1 || c.Hidden > maxUnits:
		return fmt.Errorf("vae: dense layer of %d units: must be 1 to %d", c.Hidden, maxUnits)
	case c.Loss != LossELBO && c.Loss != LossBook:
		return fmt.Errorf("vae: loss %q: must be %q or %q", c.Loss, LossELBO, LossBook)
	case !(c.KLWeight >= 0) || math.IsInf(c.KLWeight, 0):
		return fmt.Errorf("vae: KL weight %v: must be 0 or more", c.KLWeight)
	}
	return nil
}

// Pixels is the number of values of an image: Height x Width x Channels.
func (c Config) Pixels() int { return c.Height * c.Width * c.Channels }

// classical says that no latent point is sampled and there is no KL term.
func (c Config) classical() bool { return c.KLWeight == 0 }
