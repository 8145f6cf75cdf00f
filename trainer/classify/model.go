package classify

import (
	"fmt"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Config describes the pictures and the number of classes.
type Config struct {
	Height, Width int // in pixels
	Channels      int // 1 or 3
	Classes       int // labels are 0 to Classes-1
	// Independent: an image may be of several classes or of none, as attributes are. Each has a
	// logistic output of its own, and an image has a label of each, 0 or 1
	Independent bool
}

// Limits of a Config, which keep offsets within 32 bits.
const (
	minSide    = 4
	maxSide    = 256
	maxClasses = 256 // a label is a byte
)

// Validate reports what cannot be classified.
func (c Config) Validate() error {
	switch {
	case c.Height < minSide || c.Width < minSide || c.Height > maxSide || c.Width > maxSide:
		return fmt.Errorf("classify: images of %d x %d pixels: sides must be %d to %d", c.Height, c.Width, minSide, maxSide)
	case c.Channels != 1 && c.Channels != 3:
		return fmt.Errorf("classify: images of %d channels: must be 1 (grey) or 3 (colour)", c.Channels)
	case c.Classes < c.least() || c.Classes > maxClasses:
		return fmt.Errorf("classify: %d classes: must be %d to %d", c.Classes, c.least(), maxClasses)
	}
	return nil
}

// least is the fewest classes that there can be.
func (c Config) least() int {
	if c.Independent {
		return 1
	}
	return 2
}

// labels is the number of labels of an image.
func (c Config) labels() int {
	if c.Independent {
		return c.Classes
	}
	return 1
}

// Image is the shape of an image.
func (c Config) Image() [3]int { return [3]int{c.Height, c.Width, c.Channels} }

// Pixels is the number of bytes of an image: Height x Width x Channels.
func (c Config) Pixels() int { return c.Height * c.Width * c.Channels }

// stack is the network.
func (c Config) stack() model.Stack {
	var s model.Stack
	in := c.Image()
	filters := []int{32, 64, 64}
	if c.Independent { // pictures of faces, which are larger: narrow where there are most pixels
		filters = []int{16, 32, 64, 128}
	}
	for _, filters := range filters {
		s = append(s, model.Same(model.Conv, in, 3, 2, filters))
		in = s[len(s)-1].Out
	}
	return append(s, model.Layer{Op: model.Dense, Out: [3]int{1, 1, c.Classes}, Target: model.Classes})
}

// Model is the weights of a network.
type Model struct {
	Config
	net  *nn.Model
	data []float32 // its weights
}

// New returns a model whose weights are drawn from the seed: Glorot uniform,
// with biases of zero.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := newModel(c)
	m.net.Draw(seed, 0)
	return m, nil
}

// newModel returns a model of zeros.
func newModel(c Config) *Model {
	data := make([]float32, c.stack().Weights(c.Image()))
	return &Model{Config: c, net: nn.NewModel("", c.stack(), c.Image(), data), data: data}
}

// Params returns all weights, always in the same order and in the shapes that nn.Layer
// states. Data is the model's own.
func (m *Model) Params() []nn.Param { return m.net.Params() }
