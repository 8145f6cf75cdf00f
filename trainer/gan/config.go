package gan

import (
	"fmt"

	"github.com/vae-edge/vae-edge/model"
)

// Loss is the objective of training; see the package documentation.
type Loss string

const (
	LossHinge    Loss = "hinge"
	LossLogistic Loss = "logistic"
)

// Config describes the two networks and their objective.
type Config struct {
	model.Network // its decoder is the generator; there is no encoder
	// Critic reads a picture and ends with one number, to [model.Classes].
	Critic model.Stack
	Loss   Loss
}

// maxSide keeps offsets within 32 bits.
const maxSide = 256

// Networks returns the usual networks for pictures of that shape, whose sides are multiples of 4,
// and so many latent dimensions. The generator doubles the sides twice, the critic halves them
// three times.
func Networks(image [3]int, latent int) (Config, error) {
	if image[0]%4 != 0 || image[1]%4 != 0 {
		return Config{}, fmt.Errorf("gan: images of %d x %d pixels: sides must be multiples of 4: crop or pad the images", image[0], image[1])
	}
	c := Config{Network: model.Network{Image: image, Latent: latent}, Loss: LossLogistic}
	in := [3]int{image[0] / 4, image[1] / 4, 64}
	c.Decoder = model.Stack{{Op: model.Dense, Out: in, Target: model.ReLU}}
	for _, channels := range []int{32, image[2]} {
		c.Decoder = append(c.Decoder, model.Same(model.ConvTranspose, in, 4, 2, channels))
		in = c.Decoder[len(c.Decoder)-1].Out
	}
	c.Decoder[len(c.Decoder)-1].Target = model.Pixels
	in = image
	for _, l := range []struct{ kernel, channels int }{{4, 32}, {4, 64}, {3, 96}} {
		layer := model.Same(model.Conv, in, l.kernel, 2, l.channels)
		layer.Target, layer.Slope = model.LeakyReLU, 0.2
		c.Critic = append(c.Critic, layer)
		in = layer.Out
	}
	c.Critic = append(c.Critic, model.Layer{Op: model.Dense, Out: [3]int{1, 1, 1}, Target: model.Classes})
	return c, c.Validate()
}

// Validate reports what cannot be trained.
func (c *Config) Validate() error {
	if err := c.Network.Check(); err != nil {
		return err
	}
	if err := c.Critic.Check("critic", c.Image); err != nil {
		return err
	}
	last := len(c.Critic) - 1
	switch {
	case len(c.Decoder) == 0 || len(c.Encoder) > 0:
		return fmt.Errorf("gan: a generator is a decoder, and has no encoder")
	case last < 0 || c.Critic[last].Op != model.Dense || c.Critic[last].Target != model.Classes || c.Critic[last].Out != [3]int{1, 1, 1}:
		return fmt.Errorf("gan: the critic must end with a dense layer of one number to %s", model.Classes)
	case c.Loss != LossHinge && c.Loss != LossLogistic:
		return fmt.Errorf("gan: loss %q: must be %q or %q", c.Loss, LossHinge, LossLogistic)
	}
	for _, l := range c.Critic[:last] {
		if !l.Activates() {
			return fmt.Errorf("gan: a layer of the critic is to %s: all but the last must be to %s or %s", l.Target, model.ReLU, model.LeakyReLU)
		}
	}
	for _, s := range []model.Stack{c.Decoder, c.Critic} {
		for _, l := range s {
			if max(l.Out[0], l.Out[1]) > maxSide {
				return fmt.Errorf("gan: a layer of %d x %d pixels: at most %d a side", l.Out[0], l.Out[1], maxSide)
			}
		}
	}
	return nil
}

// TrainingMACs is the number of multiply-accumulates of a step for each image of a batch: the
// critic forward and backward for two pictures, the generator forward for one of them; then both
// forward and back to the latent point.
func (c *Config) TrainingMACs() int {
	g, d := c.Decoder.MACs(c.Point()), c.Critic.MACs(c.Image)
	return 2*3*d + g + 3*g + 2*d
}
