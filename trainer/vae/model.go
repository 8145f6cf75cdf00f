package vae

import (
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Model is the weights of a network.
type Model struct {
	Config
	Encoder *nn.Model // images to the means and the log_vars of latent points
	Decoder *nn.Model // latent points to logits
	data    []float32 // the weights of both
}

// New returns a model whose weights are drawn as Keras draws them: Glorot
// uniform, with biases of zero. The same seed gives the same weights.
func New(c Config, seed uint64) (*Model, error) {
	m, err := Empty(c)
	if err != nil {
		return nil, err
	}
	m.Encoder.Draw(seed, 0)
	m.Decoder.Draw(seed, len(m.Encoder.Layers))
	return m, nil
}

// Empty returns a model whose weights are all 0: those of a file are to take their place.
func Empty(c Config) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	encoder := c.Network.Encoder.Weights(c.Image)
	data := make([]float32, c.Weights())
	m := &Model{
		Config: c, data: data,
		Encoder: nn.NewModel("encoder.", c.Network.Encoder, c.Image, data[:encoder:encoder]),
		Decoder: nn.NewModel("decoder.", c.Network.Decoder, c.Point(), data[encoder:]),
	}
	return m, nil
}

// heads are the encoder's two last layers.
func (m *Model) heads() (mean, logVar *nn.Layer) {
	n := len(m.Encoder.Layers)
	return &m.Encoder.Layers[n-2], &m.Encoder.Layers[n-1]
}

// Params returns all weights, always in the same order, in the shapes that nn.Layer states. Data is
// the model's own: to write to it is to change the model, which no Trainer or Runner may be using
// at that time.
func (m *Model) Params() []nn.Param { return m.paramsOf(m.data) }

// paramsOf names the parts of an array that is laid out like the weights.
func (m *Model) paramsOf(data []float32) []nn.Param {
	n := m.Encoder.Size()
	return append(m.Encoder.ParamsOf(data[:n:n]), m.Decoder.ParamsOf(data[n:])...)
}

// TrainingMACs is the number of multiply-accumulates of a training step for
// one image: forward, and backward to weights and to what a layer read, which for the
// first layer nobody needs. Those with the zeros around a picture count.
func (m *Model) TrainingMACs() int {
	encoder, decoder := m.Encoder.Stack, m.Decoder.Stack
	return 3*(encoder.MACs(m.Image)+decoder.MACs(m.Point())) - encoder[:1].MACs(m.Image)
}
