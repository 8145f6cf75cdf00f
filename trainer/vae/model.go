package vae

import (
	"slices"

	"github.com/vae-edge/vae-edge/model"
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
	if err := c.Validate(); err != nil {
		return nil, err
	}
	encoder := nn.Weights(c.Network.Encoder, c.Image)
	data := make([]float32, c.Weights())
	m := &Model{
		Config: c, data: data,
		Encoder: nn.NewModel("encoder.", c.Network.Encoder, c.Image, data[:encoder:encoder]),
		Decoder: nn.NewModel("decoder.", c.Network.Decoder, c.Point(), data[encoder:]),
	}
	m.Encoder.Draw(seed, 0)
	m.Decoder.Draw(seed, len(m.Encoder.Layers))
	return m, nil
}

// heads are the encoder's two last layers.
func (m *Model) heads() (mean, logVar *nn.Layer) {
	n := len(m.Encoder.Layers)
	return &m.Encoder.Layers[n-2], &m.Encoder.Layers[n-1]
}

// Params returns all weights, always in the same order, in the shapes that nn.Layer states. Data is the
// model's own: to write to it is to change the model, which no Trainer or Runner may
// be using at that time.
func (m *Model) Params() []nn.Param { return m.paramsOf(m.data) }

// paramsOf names the parts of an array that is laid out like the weights.
func (m *Model) paramsOf(data []float32) []nn.Param {
	n := m.Encoder.Size()
	return append(m.Encoder.ParamsOf(data[:n:n]), m.Decoder.ParamsOf(data[n:])...)
}

// TrainingMACs is the number of multiply-accumulates of a training step for
// one image, see nn.Model.TrainingMACs.
func (m *Model) TrainingMACs() int {
	return m.Encoder.TrainingMACs(false) + m.Decoder.TrainingMACs(true)
}

// LayerInfo is a line of Summary.
type LayerInfo struct {
	Name   string
	Kind   string // Keras' name for it
	Output []int  // shape of the output for one image
	Params int    // weights and biases
}

// Summary lists the network, the layers without weights included.
func (m *Model) Summary() []LayerInfo {
	var infos []LayerInfo
	add := func(name, kind string, params int, output ...int) {
		infos = append(infos, LayerInfo{name, kind, output, params})
	}
	stack := func(prefix string, of *nn.Model) {
		flat := of.In[0] == 1 && of.In[1] == 1
		for _, l := range of.Layers {
			if l.Op != model.Dense && flat {
				add(prefix+"reshape", "Reshape", 0, l.In[:]...)
			}
			if l.Op == model.Dense && !flat {
				add(prefix+"flatten", "Flatten", 0, model.Elements(l.In))
			}
			params := len(l.Weight) + len(l.Bias)
			if flat = l.Op == model.Dense; flat {
				add(l.Name, "Dense", params, model.Elements(l.Out))
				continue
			}
			kind := "Conv2D"
			if l.Op == model.ConvTranspose {
				kind = "Conv2DTranspose"
			}
			add(l.Name, kind, params, slices.Clone(l.Out[:])...)
		}
	}
	add("encoder.input", "Input", 0, m.Image[:]...)
	stack("encoder.", m.Encoder)
	add("sampling", "Sampling", 0, m.Latent)
	stack("decoder.", m.Decoder)
	return infos
}
