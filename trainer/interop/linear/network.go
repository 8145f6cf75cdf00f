package linear

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// A Network is the list of layers that a graph comes to.
type Network struct {
	Latent int
	Image  [3]int // height, width, channels
	Layers []Layer
	// What the graph gives is Factor * sigmoid(logit) + Offset; where Factor is 0, the logits.
	Factor, Offset float64
	// Place is, for every element that the graph gives, its place in the picture.
	Place []int32
}

// ErrBare is for a graph that gives sums; ErrShape for one of which nobody says what a picture is.
var (
	ErrBare  = errors.New("the graph does not end with a sigmoid or tanh, which make pixels")
	ErrShape = errors.New("what the graph gives is no picture with one or three channels")
)

// End returns the network whose last value is a flow. logits says that it is no picture, but
// logits, of which a sigmoid makes one; shape is the picture's, where the value does not have it.
func (f *Flow) End(shape [3]int, logits bool) (*Network, error) {
	var err error
	switch {
	case !f.squashed && !logits:
		return nil, ErrBare
	case !f.squashed:
		if f, err = f.Activated(Logits, 0); err != nil {
			return nil, err
		}
	case logits:
		return nil, errors.New("the graph ends with a sigmoid or tanh: what it gives are no logits")
	}
	switch [2]float64{f.factor, f.offset} {
	case [2]float64{}, [2]float64{1, 0}, [2]float64{2, -1}, [2]float64{255, 0}:
	default:
		return nil, fmt.Errorf("the graph gives pixels from %v to %v, and only 0 to 1, -1 to 1 and 0 to 255 are known", f.offset, f.offset+f.factor)
	}
	n := &Network{Latent: Elements(f.done[0].In[:]), Factor: f.factor, Offset: f.offset}
	last := f.last()
	image, err := picture(f, shape)
	if err != nil {
		return nil, err
	}
	n.Image = image
	if last.Op == model.Dense {
		// The order of rows, columns and channels, of what is channels, rows and columns or not.
		n.Place = nhwc(f.Dims, image)
		rows := make([]int32, len(n.Place))
		for i, p := range f.place {
			rows[n.Place[i]] = p
		}
		last = last.rows(rows, image)
	} else {
		if last.Out != image || len(f.place) != Elements(image[:]) || f.grow != 1 {
			return nil, fmt.Errorf("the graph gives a picture of %v, and its last layer one of %v", model.Shape(image), model.Shape(last.Out))
		}
		n.Place = f.place
		if !permutation(n.Place) {
			return nil, errors.New("the graph gives some pixels twice")
		}
		for i, p := range nhwc(f.Dims, image) {
			if p != n.Place[i] {
				return nil, errors.New("pixels were moved behind the last layer")
			}
		}
	}
	for _, l := range f.done[:len(f.done)-1] {
		n.Layers = append(n.Layers, *l)
	}
	if n.Layers = append(n.Layers, *last); len(n.Layers) == 1 {
		if n.Layers, err = n.Layers[0].apart(); err != nil {
			return nil, err
		}
	}
	if err := finite(n.Layers); err != nil {
		return nil, err
	}
	return n, nil
}

// finite reports a weight that is none.
func finite(layers []Layer) error {
	for i := range layers {
		for _, values := range [][]float64{layers[i].Weight, layers[i].Bias} {
			for _, v := range values {
				if math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
					return fmt.Errorf("layer %d, %s, has a weight that is not finite: train it anew with a lower rate", i, layers[i].names())
				}
			}
		}
	}
	return nil
}

// apart makes two layers of a dense one that is all there is: the int8 arithmetic takes a latent
// point to activations, and these alone to pixels. The first gives x and -x to ReLU, of which the
// second makes x again: relu(x) - relu(-x).
//
// Activations have 7 bits, which would be too coarse for a latent number. So there are copies of
// it, each a part of a step further, whose mean has as many more steps.
func (l *Layer) apart() ([]Layer, error) {
	const copies = 4
	const step = 4.0 / kernels.ActivationMax // a number of the prior is seldom above 4
	in := Elements(l.In[:])
	first := Layer{Op: model.Dense, In: l.In, Out: [3]int{2, copies, in}, To: ReLU, From: []string{"the latent point"}}
	inner := Elements(first.Out[:])
	if _, err := Size([]int{max(in, len(l.Bias)), inner}); err != nil {
		return nil, fmt.Errorf("one dense layer is all there is, and made two for the int8 arithmetic it is too large: %w", err)
	}
	first.Weight, first.Bias = make([]float64, inner*in), make([]float64, inner)
	second := *l
	second.In = first.Out
	second.Weight, second.Bias = make([]float64, len(l.Bias)*inner), slices.Clone(l.Bias)
	for k := range 2 * copies {
		sign, further := 1.0, float64(k%copies)/copies*step
		if k >= copies {
			sign = -1
		}
		for i := range in {
			at := k*in + i
			first.Weight[at*in+i], first.Bias[at] = sign, sign*further
			for o := range l.Bias {
				w := l.Weight[o*in+i] / copies * sign
				second.Weight[o*inner+at] = w
				second.Bias[o] -= w * sign * further / 2 // as much again from the other sign
			}
		}
	}
	return []Layer{first, second}, nil
}

func permutation(places []int32) bool {
	seen := make([]bool, len(places))
	for _, p := range places {
		if seen[p] {
			return false
		}
		seen[p] = true
	}
	return true
}

// picture is the shape of the picture: height, width and channels.
func picture(f *Flow, wanted [3]int) (image [3]int, err error) {
	var found [][3]int
	pixels := Elements(f.Dims)
	vector := len(squeezed(f.Dims)) <= 1
	colour := func(c int) bool { return c == 1 || c == 3 }
	switch {
	case vector:
		if side := int(math.Sqrt(float64(pixels))); side*side == pixels {
			found = append(found, [3]int{side, side, 1})
		}
	case len(f.Dims) == 3:
		if d := f.Dims; colour(d[0]) {
			found = append(found, [3]int{d[1], d[2], d[0]})
		}
		if d := f.Dims; colour(d[2]) {
			found = append(found, [3]int{d[0], d[1], d[2]})
		}
	case len(f.Dims) == 2:
		found = append(found, [3]int{f.Dims[0], f.Dims[1], 1})
	}
	if wanted != [3]int{} {
		if Elements(wanted[:]) != pixels {
			return image, fmt.Errorf("the graph gives %d values, and a picture of %v has %d", pixels, model.Shape(wanted), Elements(wanted[:]))
		}
		if vector {
			if wanted[2] != 1 {
				return image, errors.New("the graph gives a colour picture as a vector, in an order that nobody says: let it give channels, rows and columns")
			}
			return wanted, nil
		}
		for _, s := range found {
			if s == wanted {
				return wanted, nil
			}
		}
		return image, fmt.Errorf("the graph gives values of shape %v, not a picture of %v", f.Dims, model.Shape(wanted))
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return image, fmt.Errorf("%w: its values have the shape %v for a latent point", ErrShape, f.Dims)
	}
	return image, fmt.Errorf("the graph gives values of shape %v for a latent point, whose channels may be the first or the last: say the size of the picture", f.Dims)
}

// nhwc is where elements of a value of shape dims stand in an image.
func nhwc(dims []int, image [3]int) []int32 {
	if len(dims) == 3 && dims[0] == image[2] && dims[1] == image[0] && dims[2] == image[1] {
		return mapPlaces(dims)
	}
	return count(Elements(dims))
}

// Logits computes in float64 what the last layer gives at a latent point.
func (n *Network) Logits(point []float64) []float64 {
	for i := range n.Layers {
		point = n.Layers[i].outputs(point)
	}
	return point
}

// Split returns the network with two channels of ReLU, x and -x, in the place of each of leaky
// ReLU, which is the same: leaky(x) is relu(x) - slope*relu(-x).
func (n *Network) Split() *Network {
	r := *n
	r.Layers = split(n.Layers)
	return &r
}

// Model returns the layers as a model in float32, if they are ones that it can have. The error
// names the layer that stands in the way, and the nodes that it was made of.
func (n *Network) Model() (*nn.Model, error) {
	stack, err := describe(n.Layers)
	if err != nil {
		return nil, err
	}
	of := model.Network{Image: n.Image, Latent: n.Latent, Decoder: stack}
	if err := of.Check(); err != nil {
		return nil, fmt.Errorf("linear: %w", err)
	}
	m := nn.NewModel("decoder.", stack, of.Point(), nil)
	fill(m, n.Layers)
	return m, nil
}

// describe is layers in package model's terms.
func describe(layers []Layer) (stack model.Stack, err error) {
	for i := range layers {
		l, err := layers[i].described()
		if err != nil {
			return nil, fmt.Errorf("linear: layer %d, %s: %w", i, layers[i].names(), err)
		}
		stack = append(stack, l)
	}
	return stack, nil
}

// fill sets the weights of a model to those of its layers.
func fill(m *nn.Model, layers []Layer) {
	for i, l := range layers {
		to := m.Layers[i]
		in, out := l.In[2], l.Out[2]
		if l.Op == model.Dense {
			in, out = Elements(l.In[:]), Elements(l.Out[:])
		}
		taps := len(l.Weight) / in / out
		for o := range out {
			for t := range taps {
				for k := range in {
					w := float32(l.Weight[(o*taps+t)*in+k])
					if l.Op == model.ConvTranspose {
						to.Weight[(t*out+o)*in+k] = w
					} else {
						to.Weight[(t*in+k)*out+o] = w
					}
				}
			}
		}
		for o, b := range l.Bias {
			to.Bias[o] = float32(b)
		}
	}
}

// described is the layer in package model's terms.
func (l *Layer) described() (model.Layer, error) {
	r := model.Layer{Op: l.Op, Out: l.Out}
	if l.Op != model.Dense {
		edges := l.Edges
		if l.Stride[0] != l.Stride[1] {
			return r, fmt.Errorf("its strides are %d down and %d across: both must be the same", l.Stride[0], l.Stride[1])
		}
		r.Kernel, r.Stride, r.Edges = l.Kernel, l.Stride[0], &edges
	}
	switch l.To {
	case ReLU:
		r.Target = model.ReLU
	case Leaky:
		r.Target, r.Slope = model.LeakyReLU, float32(l.Slope)
	case Logits:
		r.Target = model.Pixels
	case Latent:
		r.Target = model.Latent
	default:
		return r, fmt.Errorf("its activation is %q", l.To)
	}
	return r, nil
}

func split(layers []Layer) []Layer {
	r := slices.Clone(layers)
	for i := range r {
		if r[i].To != Leaky {
			continue
		}
		l, next := r[i], r[i+1]
		l.To = ReLU
		channels := l.Out[2]
		groups := len(l.Bias) / channels // pixels of what a dense layer gives
		each := len(l.Weight) / len(l.Bias)
		l.Out[2] *= 2
		l.Weight, l.Bias = nil, nil
		for g := range groups {
			for _, sign := range []float64{1, -1} {
				for c := range channels {
					for _, w := range r[i].Weight[(g*channels+c)*each:][:each] {
						l.Weight = append(l.Weight, sign*w)
					}
					l.Bias = append(l.Bias, sign*r[i].Bias[g*channels+c])
				}
			}
		}
		next.In[2] *= 2
		next.Weight = nil
		for row := range len(r[i+1].Weight) / channels {
			w := r[i+1].Weight[row*channels:][:channels]
			next.Weight = append(next.Weight, w...)
			for _, v := range w {
				next.Weight = append(next.Weight, -r[i].Slope*v)
			}
		}
		r[i], r[i+1] = l, next
	}
	return r
}
