package vae

import (
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Param is a named array of weights or of an optimiser's state.
type Param = nn.Param

// Model is the weights of a network.
type Model struct {
	Config
	layers []layer
	data   []float32 // all weights, in the order of Params
}

// layer is a layer with weights. Its place in a Model's list is one of the
// constants below.
type layer struct {
	name         string
	conv         nn.Conv // of a convolution; otherwise
	in, out      int     // of a dense layer
	weight, bias span    // in the model's data
}

const (
	conv1 = iota
	conv2
	conv3
	conv4
	hidden
	meanHead
	logVarHead
	expand // the decoder's dense layer
	up     // its transposed convolution
	output
	numLayers
)

// span is a range of weights.
type span struct{ from, to int }

func (s span) of(data []float32) []float32 { return data[s.from:s.to:s.to] }

func (l *layer) isConv() bool { return l.conv.Kernel > 0 }

// newModel returns a model of zeros.
func newModel(c Config) *Model {
	const narrow, wide = 32, 64 // filters
	h, w := c.Height/2, c.Width/2
	m := &Model{Config: c, layers: []layer{
		conv1:      {name: "encoder.conv1", conv: nn.SameConv(c.Height, c.Width, c.Channels, narrow, 3, 1)},
		conv2:      {name: "encoder.conv2", conv: nn.SameConv(c.Height, c.Width, narrow, wide, 3, 2)},
		conv3:      {name: "encoder.conv3", conv: nn.SameConv(h, w, wide, wide, 3, 1)},
		conv4:      {name: "encoder.conv4", conv: nn.SameConv(h, w, wide, wide, 3, 1)},
		hidden:     {name: "encoder.dense", in: h * w * wide, out: c.Hidden},
		meanHead:   {name: "encoder.mean", in: c.Hidden, out: c.Latent},
		logVarHead: {name: "encoder.log_var", in: c.Hidden, out: c.Latent},
		expand:     {name: "decoder.dense", in: c.Latent, out: h * w * wide},
		up:         {name: "decoder.conv_transpose", conv: nn.SameConvTranspose(h, w, wide, narrow, 3, 2)},
		output:     {name: "decoder.conv", conv: nn.SameConv(c.Height, c.Width, narrow, c.Channels, 3, 1)},
	}}
	size := 0
	take := func(n int) span {
		size += n
		return span{size - n, size}
	}
	for i := range m.layers {
		l := &m.layers[i]
		if l.isConv() {
			l.in, l.out = l.conv.In, l.conv.Out
			l.weight = take(l.conv.Weights())
		} else {
			l.weight = take(l.in * l.out)
		}
		l.bias = take(l.out)
	}
	m.data = make([]float32, size)
	return m
}

// New returns a model whose weights are drawn as Keras draws them: Glorot
// uniform, with biases of zero. The same seed gives the same weights.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := newModel(c)
	for i, l := range m.layers {
		area := 1
		if l.isConv() {
			area = l.conv.Kernel * l.conv.Kernel
		}
		nn.GlorotUniform(l.weight.of(m.data), l.in*area, l.out*area, rand.NewPCG(seed, uint64(i)))
	}
	return m, nil
}

// Params returns all weights, always in the same order. Data is the model's
// own: to write to it is to change the model, which no Trainer or Runner may
// be using at that time.
//
// A convolution's weights have the shape [ky, kx, in, out], a transposed one's
// [ky, kx, out, in], a dense layer's [in, out], as in Keras; the dense layers flatten a
// picture in the order row, column, channel.
func (m *Model) Params() []Param { return m.params(m.data) }

// params names the parts of an array that is laid out like the weights.
func (m *Model) params(data []float32) []Param {
	ps := make([]Param, 0, 2*len(m.layers))
	for _, l := range m.layers {
		shape := []int{l.in, l.out}
		if k := l.conv.Kernel; l.conv.Transposed {
			shape = []int{k, k, l.out, l.in}
		} else if l.isConv() {
			shape = []int{k, k, l.in, l.out}
		}
		ps = append(ps,
			Param{Name: l.name + ".weight", Shape: shape, Data: l.weight.of(data)},
			Param{Name: l.name + ".bias", Shape: []int{l.out}, Data: l.bias.of(data)})
	}
	return ps
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
	h, w := m.Height/2, m.Width/2
	wide := m.layers[conv4].out
	with := func(i int, kind string, output ...int) LayerInfo {
		l := m.layers[i]
		return LayerInfo{l.name, kind, output, l.bias.to - l.weight.from}
	}
	return []LayerInfo{
		{"encoder.input", "Input", []int{m.Height, m.Width, m.Channels}, 0},
		with(conv1, "Conv2D", m.Height, m.Width, m.layers[conv1].out),
		with(conv2, "Conv2D", h, w, wide),
		with(conv3, "Conv2D", h, w, wide),
		with(conv4, "Conv2D", h, w, wide),
		{"encoder.flatten", "Flatten", []int{h * w * wide}, 0},
		with(hidden, "Dense", m.Hidden),
		with(meanHead, "Dense", m.Latent),
		with(logVarHead, "Dense", m.Latent),
		{"sampling", "Sampling", []int{m.Latent}, 0},
		with(expand, "Dense", h*w*wide),
		{"decoder.reshape", "Reshape", []int{h, w, wide}, 0},
		with(up, "Conv2DTranspose", m.Height, m.Width, m.layers[up].out),
		with(output, "Conv2D", m.Height, m.Width, m.Channels),
	}
}

// TrainingMACs is the number of multiply-accumulates of a training step for
// one image: forward, and backward to weights and to what a layer read, which for the
// first layer nobody needs. Those with the zeros around a picture count.
func (m *Model) TrainingMACs() int {
	total := 0
	for i, l := range m.layers {
		macs := l.weight.to - l.weight.from
		if l.isConv() {
			h, w := l.conv.Output()
			if l.conv.Transposed {
				h, w = l.conv.Height, l.conv.Width
			}
			macs *= h * w
		}
		if total += 3 * macs; i == conv1 {
			total -= macs
		}
	}
	return total
}

// A Layer is one with weights, as an exporter needs it.
type Layer struct {
	Name           string
	Kind           string // "dense", "conv_transpose" or "conv"
	Kernel, Stride int    // 0 for a dense layer
	// Crop is what is cut off a transposed convolution's full output at the
	// top, bottom, left and right, and the zeros put around a convolution's input.
	Crop         [4]int
	In, Out      [3]int    // height, width and channels of a picture
	ReLU         bool      // otherwise the outputs are logits, means or log_vars
	Weight, Bias []float32 // the model's own, in the order that Params states
}

// DecoderLayers lists the decoder from the latent point to the logits.
func (m *Model) DecoderLayers() []Layer { return m.exported(expand, output) }

// EncoderLayers lists the encoder from the image to its two last layers, both
// of which read the one before them: the means' and the log_vars'.
func (m *Model) EncoderLayers() []Layer { return m.exported(conv1, logVarHead) }

func (m *Model) exported(first, last int) []Layer {
	shapes := map[int][3]int{input: {m.Height, m.Width, m.Channels}, point: {1, 1, m.Latent}}
	var ds []Layer
	for i := first; i <= last; i++ {
		l := &m.layers[i]
		d := Layer{
			Name: l.name, Kind: "dense",
			Kernel: l.conv.Kernel, Stride: l.conv.Stride, Crop: l.conv.Pad,
			In: shapes[inputs[i]], Out: [3]int{1, 1, l.out},
			ReLU:   isReLU[i],
			Weight: l.weight.of(m.data), Bias: l.bias.of(m.data),
		}
		switch {
		case l.isConv():
			d.Kind = "conv"
			if l.conv.Transposed {
				d.Kind = "conv_transpose"
			}
			h, w := l.conv.Output()
			d.Out = [3]int{h, w, l.out}
		case i == expand:
			d.Out = [3]int{m.Height / 2, m.Width / 2, m.layers[up].in}
		}
		ds = append(ds, d)
		shapes[i] = d.Out
	}
	return ds
}
