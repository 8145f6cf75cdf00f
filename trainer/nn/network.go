package nn

import (
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// Network is a Model compiled for a backend: its weights packed, and the tables
// of its layers, which all goroutines share.
//
// Its tensors are numbered: 0 is the input, i+1 what layer i gives.
type Network struct {
	*Model
	Layouts []Layout // of the tensors

	backend  *sgemm.Backend
	convs    []*convLayer  // by layer; nil for a dense one
	dense    []*denseLayer // by layer; nil for a convolution
	segments []segment
}

// segment is a run of layers through which images go one at a time or together.
type segment struct {
	first, end int
	// One at a time: large convolutions, and a dense layer whose output they read. An image's
	// activations and their gradients fit the second-level cache, those of several do not.
	single bool
}

// NewNetwork compiles a model. Its dense layers and small convolutions take up to rows images at
// a time.
func NewNetwork(m *Model, b *sgemm.Backend, rows int) *Network {
	n := &Network{Model: m, backend: b, Layouts: layouts(m.Layers, m.In)}
	for i, l := range m.Layers {
		in, out := n.Layouts[l.source], n.Layouts[i+1]
		var conv *convLayer
		var dense *denseLayer
		if l.Op != model.Dense {
			if conv = newConv(b, l.Geometry(l.In), in, out, 1); !isLarge(conv, &l) {
				conv = newConv(b, l.Geometry(l.In), in, out, rows)
			}
		} else {
			dense = newDense(b, in, out, rows)
		}
		n.convs, n.dense = append(n.convs, conv), append(n.dense, dense)
	}
	large := func(i int) bool { return i < len(m.Layers) && n.convs[i] != nil && isLarge(n.convs[i], &m.Layers[i]) }
	for i := range m.Layers {
		single := large(i) || n.dense[i] != nil && large(i+1)
		last := len(n.segments) - 1
		if last < 0 || n.segments[last].single != single || single && n.dense[i] != nil {
			n.segments = append(n.segments, segment{i, i + 1, single})
		} else {
			n.segments[last].end++
		}
	}
	return n
}

// isLarge says that a convolution's pictures are what takes memory. Where it is the weights, images
// go through together, which fetches weights and their gradients once. One that needs scratch
// memory counts as large: a Pass has it for one image.
func isLarge(c *convLayer, l *Layer) bool {
	return c.Scratch(1) > 0 || 2*(c.large.Size()+c.small.Size()) > l.WeightSpan.len()
}

// layouts are those of the tensors.
func layouts(layers []Layer, in [3]int) []Layout {
	all := []Layout{layoutOf(model.Shape(in))}
	for _, l := range layers {
		all = append(all, layoutOf(model.Shape(l.Out)))
	}
	for i, l := range layers {
		if l.Op != model.Dense {
			in, out := borders(l.Geometry(l.In))
			a, b := &all[l.source].Border, &all[i+1].Border
			*a, *b = widest(*a, in), widest(*b, out)
		}
	}
	return all
}

// Kept is the number of floats that training keeps of every image of a batch, and that of the
// largest of the tensors that they are: activations before dense layers and gradients after them,
// with the borders that convolutions need.
func Kept(s model.Stack, in [3]int) (floats, largest int) {
	layers := describe("", s, in)
	tensors := layouts(layers, in)
	for i, l := range layers {
		if l.Op == model.Dense {
			for _, t := range []int{l.source, i + 1} {
				floats += tensors[t].Size()
				largest = max(largest, tensors[t].Size())
			}
		}
	}
	return floats, largest
}

// packing is a task in taking the weights of a layer as they are now.
type packing struct {
	net                *Network
	layer, part, parts int
	backward           bool
}

func (p packing) run() {
	w := p.net.Layers[p.layer].Weight
	if c := p.net.convs[p.layer]; c != nil {
		c.Pack(w, p.backward)
	} else {
		p.net.dense[p.layer].Pack(w, p.backward, p.part, p.parts)
	}
}

// packings are the tasks for all layers. With backward set, they are for a backward pass too, to
// the input if inputGradient is set.
func (n *Network) packings(backward, inputGradient bool) []packing {
	const size = 1 << 15 // weights of a task
	var ps []packing
	for i, l := range n.Layers {
		parts := 1
		if n.dense[i] != nil {
			parts = max(1, l.WeightSpan.len()/size)
		}
		for part := range parts {
			ps = append(ps, packing{n, i, part, parts, backward && (l.source > 0 || inputGradient)})
		}
	}
	return ps
}

// Pack takes the weights as they are now for passes forward.
func (n *Network) Pack(p *parallel.Pool) {
	ps := n.packings(false, false)
	p.Run(len(ps), func(_, task int) { ps[task].run() })
}

// GreyLevels are the values of pixels: pixel/255.
var GreyLevels = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()
