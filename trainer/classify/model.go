package classify

import (
	"fmt"
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Config describes the pictures and the number of classes.
type Config struct {
	Height, Width int // in pixels
	Channels      int // 1 or 3
	Classes       int // labels are 0 to Classes-1
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
	case c.Classes < 2 || c.Classes > maxClasses:
		return fmt.Errorf("classify: %d classes: must be 2 to %d", c.Classes, maxClasses)
	}
	return nil
}

// Pixels is the number of bytes of an image: Height x Width x Channels.
func (c Config) Pixels() int { return c.Height * c.Width * c.Channels }

// Layers, by number. The tensor that layer i reads has number i, what it writes i+1.
const (
	dense     = 3 // after the convolutions
	numLayers = dense + 1
	logits    = numLayers // the last tensor
)

// filters of the convolutions.
var filters = [dense]int{32, 64, 64}

// Model is the weights of a network.
type Model struct {
	Config
	convs [dense]nn.Conv
	spans [numLayers]layerSpan
	data  []float32 // all weights, in the order of Params
}

// layerSpan is where a layer's weights lie, from, bias being where its biases do.
type layerSpan struct{ from, bias, to int }

func (s layerSpan) weights(data []float32) []float32 { return data[s.from:s.bias:s.bias] }
func (s layerSpan) biases(data []float32) []float32  { return data[s.bias:s.to:s.to] }

// New returns a model whose weights are drawn from the seed: Glorot uniform,
// with biases of zero.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := newModel(c)
	for i, s := range m.spans {
		in, out := m.features(), c.Classes
		if i < dense {
			area := m.convs[i].Kernel * m.convs[i].Kernel
			in, out = area*m.convs[i].In, area*m.convs[i].Out
		}
		nn.GlorotUniform(s.weights(m.data), in, out, rand.NewPCG(seed, uint64(i)))
	}
	return m, nil
}

// newModel returns a model of zeros.
func newModel(c Config) *Model {
	m := &Model{Config: c}
	size := 0
	take := func(weights, biases int) layerSpan {
		s := layerSpan{size, size + weights, size + weights + biases}
		size = s.to
		return s
	}
	h, w, in := c.Height, c.Width, c.Channels
	for i, out := range filters {
		m.convs[i] = nn.SameConv(h, w, in, out, 3, 2)
		m.spans[i] = take(m.convs[i].Weights(), out)
		h, w = m.convs[i].Output()
		in = out
	}
	m.spans[dense] = take(m.features()*c.Classes, c.Classes)
	m.data = make([]float32, size)
	return m
}

// features is the number of inputs of the dense layer.
func (m *Model) features() int {
	last := m.convs[dense-1]
	h, w := last.Output()
	return h * w * last.Out
}

// Params returns all weights, always in the same order and in package vae's
// shapes. Data is the model's own.
func (m *Model) Params() []nn.Param {
	var ps []nn.Param
	for i, s := range m.spans {
		name, shape := "dense", []int{m.features(), m.Classes}
		if i < dense {
			c := m.convs[i]
			name, shape = fmt.Sprintf("conv%d", i+1), []int{c.Kernel, c.Kernel, c.In, c.Out}
		}
		ps = append(ps,
			nn.Param{Name: name + ".weight", Shape: shape, Data: s.weights(m.data)},
			nn.Param{Name: name + ".bias", Shape: shape[len(shape)-1:], Data: s.biases(m.data)})
	}
	return ps
}
