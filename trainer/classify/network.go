package classify

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// network runs a Model: its weights packed for a backend, and the tables of
// its layers, which all goroutines share.
type network struct {
	*Model
	backend *sgemm.Backend
	layouts [numLayers + 1]nn.Layout
	convs   [dense]*nn.ConvLayer
	dense   *nn.DenseLayer
}

// newNetwork makes a network whose dense layer takes up to rows images at a
// time. The convolutions take one, whose activations and their gradients fit a cache.
func newNetwork(m *Model, b *sgemm.Backend, rows int) *network {
	n := &network{Model: m, backend: b}
	n.layouts[0] = nn.Layout{Height: m.Height, Width: m.Width, Channels: m.Channels}
	n.layouts[logits] = nn.Vector(m.Classes)
	for i, c := range m.convs {
		h, w := c.Output()
		in, out := c.Borders()
		n.layouts[i].Border = n.layouts[i].Border.Max(in)
		n.layouts[i+1] = nn.Layout{Height: h, Width: w, Channels: c.Out, Border: out}
	}
	for i, c := range m.convs {
		n.convs[i] = nn.NewConv(b, c, n.layouts[i], n.layouts[i+1], 1)
	}
	n.dense = nn.NewDense(b, n.layouts[dense], n.layouts[logits], rows)
	return n
}

// pack takes the weights of a layer as they are now.
func (n *network) pack(layer int, backward bool) {
	w := n.spans[layer].weights(n.data)
	if layer < dense {
		n.convs[layer].Pack(w, backward)
	} else {
		n.dense.Pack(w, backward, 0, 1)
	}
}

// tensors hold pictures with the borders of their layouts: the pixels, then
// the output of every layer, or gradients of these.
type tensors [numLayers + 1][]float32

// make makes the tensors first to last for so many images.
func (n *network) make(t *tensors, images, first, last int) {
	for i := first; i <= last; i++ {
		t[i] = make([]float32, images*n.layouts[i].Size())
	}
}

// from returns t with the tensors first to last beginning at a later image.
func (n *network) from(t *tensors, image, first, last int) tensors {
	v := *t
	for i := first; i <= last; i++ {
		v[i] = v[i][image*n.layouts[i].Size():]
	}
	return v
}

// load sets an image to grey levels, shifted down by dy pixels and right by dx.
// What comes in from outside is background, 0.
func (n *network) load(t *tensors, pixels []byte, dy, dx int) {
	l := n.layouts[0]
	size := l.Width * l.Channels
	first, end := max(dx, 0)*l.Channels, (l.Width+min(dx, 0))*l.Channels
	for y := range l.Height {
		row := l.Row(t[0], 0, y)
		if y-dy < 0 || y-dy >= l.Height || first >= end {
			clear(row)
			continue
		}
		clear(row[:first])
		clear(row[end:])
		from := pixels[(y-dy)*size:][:size]
		for i, p := range from[first-dx*l.Channels:][:end-first] {
			row[first+i] = float32(p) / 255
		}
	}
}

// forwardConvs runs the convolutions on an image.
func (n *network) forwardConvs(x *tensors) {
	for i, c := range n.convs {
		c.Forward(x[i+1], x[i], n.spans[i].biases(n.data), true, 1, nil)
	}
}

// forwardDense computes the logits of count images.
func (n *network) forwardDense(x *tensors, count int) {
	n.dense.Forward(x[logits], x[dense], n.spans[dense].biases(n.data), false, count)
}

// softmax sets p to the probabilities of classes, and returns the logarithm
// of the sum that it divides by, above the largest logit. It may overwrite the logits.
func softmax(p, logits []float32) (largest, logSum float64) {
	largest = math.Inf(-1)
	for _, l := range logits {
		largest = max(largest, float64(l)) // NaN if one is
	}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l) - largest)
	}
	for i, l := range logits {
		p[i] = float32(math.Exp(float64(l)-largest) / sum)
	}
	return largest, math.Log(sum)
}

// crossEntropy returns that of a label under the logits of an image, in nats, and
// replaces the logits by scale times their gradient.
func crossEntropy(logits []float32, label byte, scale float32) float64 {
	l := float64(logits[label])
	largest, logSum := softmax(logits, logits)
	logits[label]--
	for i := range logits {
		logits[i] *= scale
	}
	return largest + logSum - l
}
