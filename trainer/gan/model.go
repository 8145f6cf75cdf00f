package gan

import (
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Model is the weights of both networks.
type Model struct {
	Config
	Generator *nn.Model // as it is trained: latent points to logits
	Average   *nn.Model // the running average of its weights: what is measured and written
	Critic    *nn.Model // its weights are divided by their spectral norms

	generator, average []float32 // weights
	divided            []float32 // the critic's
	critic             []float32 // the same before they are divided: what is trained
	norms              []*norm   // by layer of the critic
}

// New returns a model whose weights are drawn as package nn draws them. The same seed gives the
// same weights.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Model{
		Config:    c,
		generator: make([]float32, c.Decoder.Weights(c.Point())),
		average:   make([]float32, c.Decoder.Weights(c.Point())),
		divided:   make([]float32, c.Critic.Weights(c.Image)),
		critic:    make([]float32, c.Critic.Weights(c.Image)),
	}
	m.Generator = nn.NewModel("decoder.", c.Decoder, c.Point(), m.generator)
	m.Average = nn.NewModel("decoder.", c.Decoder, c.Point(), m.average)
	m.Critic = nn.NewModel("critic.", c.Critic, c.Image, m.divided)
	m.Generator.Draw(seed, 0)
	copy(m.average, m.generator)
	m.Critic.Draw(seed, len(m.Generator.Layers))
	copy(m.critic, m.divided)
	for i := range m.Critic.Layers {
		m.norms = append(m.norms, newNorm(&m.Critic.Layers[i], seed, i))
	}
	const settled = 20 // iterations
	for range settled {
		m.iterate()
	}
	m.divide()
	return m, nil
}

// iterate makes a step of power iteration for every layer of the critic.
func (m *Model) iterate() {
	for _, n := range m.norms {
		n.iterate(n.span.Of(m.critic))
	}
}

// divide sets the weights that the critic computes with.
func (m *Model) divide() {
	copy(m.divided, m.critic) // biases
	for _, n := range m.norms {
		n.divide(n.span.Of(m.divided), n.span.Of(m.critic))
	}
}
