package nn

import (
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/model"
)

// Model is a stack of layers and their float32 weights.
type Model struct {
	Stack  model.Stack
	In     [3]int  // shape of an input
	Layers []Layer // with weights; that of two heads counts twice
	data   []float32
}

// Layer is a layer with weights.
//
// A convolution's weights have the shape [ky, kx, in, out], a transposed one's
// [ky, kx, out, in], a dense layer's [in, out], as in Keras; the dense layers flatten a
// picture in the order row, column, channel. A dense layer has a bias for every output, a
// convolution one for every channel.
type Layer struct {
	model.Layer
	Name         string
	In           [3]int    // shape of the source
	Weight, Bias []float32 // the model's own

	WeightSpan, BiasSpan Span // where they lie among the model's weights, the one after the other

	source int // number of the tensor that it reads, see Network
}

// Channels returns the channels of the source and of the output between which weight i leads.
func (l *Layer) Channels(i int) (in, out int) {
	switch l.Op {
	case model.Dense:
		return i / len(l.Bias) % l.In[2], i % l.Out[2]
	case model.ConvTranspose:
		return i % l.In[2], i / l.In[2] % l.Out[2]
	default:
		return i / l.Out[2] % l.In[2], i % l.Out[2]
	}
}

// Span is a range of weights.
type Span struct{ From, To int }

// Of is the range in an array that is laid out like the weights.
func (s Span) Of(data []float32) []float32 { return data[s.From:s.To:s.To] }

func (s Span) len() int { return s.To - s.From }

// NewModel makes a stack's layers for inputs of that shape, whose weights are data: as many as
// Stack.Weights says; zeros if it is nil. Names begin with a prefix. The stack must have been
// checked.
//
// A layer to [model.Latent] is two dense layers that read the same source, the
// means' and the log_vars'.
func NewModel(prefix string, s model.Stack, in [3]int, data []float32) *Model {
	m := &Model{Stack: s, In: in, Layers: describe(prefix, s, in), data: data}
	if data == nil {
		m.data = make([]float32, s.Weights(in))
	}
	for i := range m.Layers {
		l := &m.Layers[i]
		l.Weight, l.Bias = l.WeightSpan.Of(m.data), l.BiasSpan.Of(m.data)
	}
	return m
}

// describe returns the layers of a stack without their weights.
func describe(prefix string, s model.Stack, in [3]int) []Layer {
	var layers []Layer
	at := 0
	add := func(name string, l model.Layer, in [3]int, source int) {
		weights, biases := model.Elements(in)*model.Elements(l.Out), model.Elements(l.Out)
		if l.Op != model.Dense {
			weights, biases = l.Kernel*l.Kernel*in[2]*l.Out[2], l.Out[2]
		}
		w := Span{at, at + weights}
		b := Span{w.To, w.To + biases}
		at = b.To
		layers = append(layers, Layer{Layer: l, Name: prefix + name, In: in, WeightSpan: w, BiasSpan: b, source: source})
	}
	for i, name := range s.Names() {
		l := s[i]
		if l.Target == model.Latent {
			l.Out[2] /= 2
			add("mean", l, in, i)
			add("log_var", l, in, i)
		} else {
			add(name, l, in, i)
		}
		in = l.Out
	}
	return layers
}

// Draw draws the weights as Keras does: Glorot uniform, with biases of zero. The weights of
// layer i follow from the seed and first+i.
func (m *Model) Draw(seed uint64, first int) {
	for i, l := range m.Layers {
		area := 1
		in, out := model.Elements(l.In), model.Elements(l.Out)
		if l.Op != model.Dense {
			area, in, out = l.Kernel*l.Kernel, l.In[2], l.Out[2]
		}
		glorotUniform(l.Weight, in*area, out*area, rand.NewPCG(seed, uint64(first+i)))
		clear(l.Bias)
	}
}

// Size is the number of weights and biases.
func (m *Model) Size() int { return len(m.data) }

// Params returns all weights, always in the same order. Data is the model's own.
func (m *Model) Params() []Param { return m.ParamsOf(m.data) }

// ParamsOf names the parts of an array that is laid out like the weights.
func (m *Model) ParamsOf(data []float32) []Param {
	ps := make([]Param, 0, 2*len(m.Layers))
	for _, l := range m.Layers {
		var shape []int
		switch k := l.Kernel; l.Op {
		case model.Dense:
			shape = []int{model.Elements(l.In), model.Elements(l.Out)}
		case model.ConvTranspose:
			shape = []int{k, k, l.Out[2], l.In[2]}
		default:
			shape = []int{k, k, l.In[2], l.Out[2]}
		}
		ps = append(ps,
			Param{Name: l.Name + ".weight", Shape: shape, Data: l.WeightSpan.Of(data)},
			Param{Name: l.Name + ".bias", Shape: []int{l.BiasSpan.len()}, Data: l.BiasSpan.Of(data)})
	}
	return ps
}

func (l *Layer) isReLU() bool { return l.Target == model.ReLU }
