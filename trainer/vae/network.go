package vae

import (
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Tensors are named by the layer whose output they are; these two have none.
const (
	input = numLayers + iota // pixels as grey levels 0 to 1
	point                    // points of the latent space
	numTensors
)

// inputs are the tensors that layers read.
var inputs = [numLayers]int{
	conv1: input, conv2: conv1, conv3: conv2, conv4: conv3,
	hidden: conv4, meanHead: hidden, logVarHead: hidden,
	expand: point, up: expand, output: up,
}

// isReLU says that a tensor is the output of a ReLU.
var isReLU = [numTensors]bool{conv1: true, conv2: true, conv3: true, conv4: true, hidden: true, expand: true, up: true}

// network runs a Model: its weights packed for a backend, and the tables
// of its layers, which all goroutines share.
type network struct {
	*Model
	backend *sgemm.Backend
	layouts [numTensors]nn.Layout
	convs   [numLayers]*nn.ConvLayer
	dense   [numLayers]*nn.DenseLayer
}

// chunk is the number of images that the convolutions take at a time. An
// image's activations and their gradients fit the second-level cache, those of several do
// not.
const chunk = 1

// newNetwork makes a network whose dense layers take up to rows images at a time.
func newNetwork(m *Model, b *sgemm.Backend, rows int) *network {
	n := &network{Model: m, backend: b}
	set := func(i, h, w, c int) { n.layouts[i] = nn.Layout{Height: h, Width: w, Channels: c} }
	set(input, m.Height, m.Width, m.Channels)
	set(point, 1, 1, m.Latent)
	for i, l := range m.layers {
		switch {
		case l.isConv():
			h, w := l.conv.Output()
			set(i, h, w, l.out)
		case i == expand:
			set(i, m.Height/2, m.Width/2, m.layers[up].in)
		default:
			set(i, 1, 1, l.out)
		}
	}
	for i, l := range m.layers {
		if l.isConv() {
			in, out := l.conv.Borders()
			a, b := &n.layouts[inputs[i]].Border, &n.layouts[i].Border
			*a, *b = a.Max(in), b.Max(out)
		}
	}
	for i, l := range m.layers {
		in, out := n.layouts[inputs[i]], n.layouts[i]
		if l.isConv() {
			n.convs[i] = nn.NewConv(b, l.conv, in, out, chunk)
		} else {
			n.dense[i] = nn.NewDense(b, in, out, rows)
		}
	}
	return n
}

// packing is a task in taking the weights of a layer as they are now.
type packing struct{ layer, part, parts int }

// packings are the tasks for the layers first to last.
func (n *network) packings(first, last int) []packing {
	const size = 1 << 15 // weights of a task
	var ps []packing
	for i := first; i <= last; i++ {
		parts := 1
		if w := n.Model.layers[i].weight; n.dense[i] != nil {
			parts = max(1, (w.to-w.from)/size)
		}
		for part := range parts {
			ps = append(ps, packing{i, part, parts})
		}
	}
	return ps
}

func (n *network) pack(p packing, backward bool) {
	w := n.Model.layers[p.layer].weight.of(n.data)
	if c := n.convs[p.layer]; c != nil {
		c.Pack(w, backward)
	} else {
		n.dense[p.layer].Pack(w, backward, p.part, p.parts)
	}
}

// tensors hold pictures with the borders of their layouts. Which of them there
// are and for how many images is for the owner to know.
type tensors [numTensors][]float32

// make makes tensors for so many images.
func (n *network) make(t *tensors, images int, which ...int) {
	for _, i := range which {
		t[i] = make([]float32, images*n.layouts[i].Size())
	}
}

// from returns t with some of its tensors beginning at a later image.
func (n *network) from(t *tensors, first int, which ...int) tensors {
	v := *t
	for _, i := range which {
		v[i] = v[i][first*n.layouts[i].Size():]
	}
	return v
}

// scratch is the scratch memory for a goroutine.
func (n *network) scratch() []float32 {
	size := 0
	for _, c := range n.convs {
		if c != nil {
			size = max(size, c.Scratch(chunk))
		}
	}
	return make([]float32, size)
}

// load sets an image from its pixels.
func (n *network) load(t *tensors, i int, pixels []byte) {
	l := n.layouts[input]
	for y := range l.Height {
		row := l.Row(t[input], i, y)
		p := pixels[y*len(row):][:len(row)]
		for x := range row {
			row[x] = greyLevels[p[x]]
		}
	}
}

// forward computes a layer's outputs for count images.
func (n *network) forward(i int, x *tensors, count int, relu bool, scratch []float32) {
	bias := n.Model.layers[i].bias.of(n.data)
	if c := n.convs[i]; c != nil {
		c.Forward(x[i], x[inputs[i]], bias, relu, count, scratch)
	} else {
		n.dense[i].Forward(x[i], x[inputs[i]], bias, relu, count)
	}
}

// encodeConvs runs the encoder's convolutions on count images.
func (n *network) encodeConvs(x *tensors, count int, scratch []float32) {
	for i := conv1; i <= conv4; i++ {
		n.forward(i, x, count, isReLU[i], scratch)
	}
}

// encodeDense runs the rest of it, to mean and log_var.
func (n *network) encodeDense(x *tensors, count int) {
	for i := hidden; i <= logVarHead; i++ {
		n.forward(i, x, count, isReLU[i], nil)
	}
}

// decode computes the logits of count latent points. After a layer it calls after, if that is not nil.
func (n *network) decode(x *tensors, count int, scratch []float32, after func(layer int)) {
	for i := expand; i <= output; i++ {
		n.forward(i, x, count, isReLU[i], scratch)
		if after != nil {
			after(i)
		}
	}
}

// backwardConv adds the gradient of a convolution's weights to dw and db. Unless its
// input is the image, it sets the input's gradient, through the ReLU that made it.
func (n *network) backwardConv(i int, dw, db []float32, x, d *tensors, count int, scratch []float32) {
	in := inputs[i]
	n.convs[i].Backward(d[in], dw, db, d[i], x[in], count, scratch)
	n.backwardReLU(in, x, d, count)
}

// backwardReLU takes the gradient of a ReLU's outputs to that of its inputs.
func (n *network) backwardReLU(i int, x, d *tensors, count int) {
	if isReLU[i] {
		size := count * n.layouts[i].Size()
		n.backend.ReLUBackward(d[i][:size], x[i][:size])
	}
}

// crossEntropy of image i under the logits. It sets the logits of grad, unless
// it is nil, to scale times their gradient.
func (n *network) crossEntropy(grad, t *tensors, i int, pixels []byte, scale float32) float64 {
	l := n.layouts[output]
	sum := 0.0
	var g []float32
	for y := range l.Height {
		row := l.Row(t[output], i, y)
		if grad != nil {
			g = l.Row(grad[output], i, y)
		}
		sum += crossEntropy(g, row, pixels[y*len(row):][:len(row)], scale)
	}
	return sum
}
