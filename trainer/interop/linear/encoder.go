package linear

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Picture is a picture of height, width and channels, whose elements a graph has in the shape dims
// and, of pixels from 0 to 1, as factor * pixel + offset.
func Picture(dims []int, image [3]int, factor, offset float64) (*Flow, error) {
	n := Elements(image[:])
	l := &Layer{Op: source, In: image, Out: image, To: ReLU, From: []string{"the picture"}}
	f := &Flow{Dims: dims, grow: 1, done: []*Layer{l}}
	grey, rows := image[2] == 1, squeezed(dims)
	switch {
	case Elements(dims) != n, grey && len(rows) > 1 && !slices.Equal(rows, squeezed(image[:])):
		return nil, fmt.Errorf("the encoder reads values of shape %v, and the decoder draws pictures of %v", dims, model.Shape(image))
	case grey, slices.Equal(dims, image[:]):
		f.place = count(n)
	case slices.Equal(dims, []int{image[2], image[0], image[1]}):
		f.place = mapPlaces(dims)
	default:
		return nil, fmt.Errorf("the encoder reads a colour picture as values of shape %v, in an order that nobody says: let it read channels, rows and columns", dims)
	}
	if factor != 1 || offset != 0 {
		f.after = &affine{slices.Repeat([]float64{factor}, n), slices.Repeat([]float64{offset}, n)}
	}
	return f, nil
}

// An Encoder is the layers from a picture to a latent point.
type Encoder struct {
	// The last gives the means and then the logarithms of the variances.
	Layers []Layer
	// Deviations says that the graph has the latter; they are 0 otherwise, as in an autoencoder
	// that is not variational.
	Deviations bool
}

// NewEncoder makes an encoder of so many latent dimensions of two flows of a graph, the means and
// the logarithms of the variances, or of one, which has both, the means first, or only the means.
func NewEncoder(flows []*Flow, latent int) (*Encoder, error) {
	if len(flows) == 1 && flows[0].Len() == 2*latent {
		f, all := flows[0], count(2*latent)
		flows = []*Flow{f.Moved([]int{latent}, all[:latent]), f.Moved([]int{latent}, all[latent:])}
	}
	mean, err := flows[0].head(latent)
	if err != nil {
		return nil, err
	}
	logVar := &Layer{Weight: make([]float64, len(mean.Weight)), Bias: make([]float64, latent)}
	if len(flows) > 1 {
		if logVar, err = flows[1].head(latent); err != nil {
			return nil, err
		}
		if !slices.Equal(flows[0].done, flows[1].done) {
			return nil, errors.New("means and variances are not dense layers of the same values")
		}
	}
	e := &Encoder{Deviations: len(flows) > 1}
	for _, l := range flows[0].done[1:] {
		e.Layers = append(e.Layers, *l)
	}
	mean.Out[2], mean.To = 2*latent, Latent
	mean.Weight, mean.Bias = append(mean.Weight, logVar.Weight...), append(mean.Bias, logVar.Bias...)
	e.Layers = append(e.Layers, *mean)
	return e, finite(e.Layers)
}

// head is the dense layer that gives a latent vector, without activation.
func (f *Flow) head(latent int) (*Layer, error) {
	switch {
	case f.Len() != latent:
		return nil, fmt.Errorf("the encoder gives %d values, and the decoder reads a point of %d: means and logarithms of variances are wanted, in one output or two", f.Len(), latent)
	case f.squashed || f.open == nil:
		return nil, errors.New("the encoder ends with an activation, and a latent point can lie anywhere")
	}
	l := f.open
	if l.Op == model.Conv && l.Out[0] == 1 && l.Out[1] == 1 {
		l = l.dense()
	}
	if l.Op != model.Dense {
		return nil, fmt.Errorf("the encoder gives a map of %v, and a latent point is a vector", model.Shape(l.Out))
	}
	return l.rows(f.place, [3]int{1, 1, latent}), nil
}

// dense is a convolution that gives a single pixel, as a dense layer.
func (l *Layer) dense() *Layer {
	in, k := l.In[2], l.Kernel
	c := *l
	c.Op, c.Kernel, c.Stride, c.Edges = model.Dense, 0, [2]int{}, kernels.Edges{}
	c.Weight = make([]float64, l.Out[2]*Elements(l.In[:]))
	for o := range l.Out[2] {
		for y := range l.In[0] {
			for x := range l.In[1] {
				ky, kx := y+l.Edges[kernels.Top], x+l.Edges[kernels.Left]
				if ky >= 0 && kx >= 0 && ky < k && kx < k {
					copy(c.Weight[((o*l.In[0]+y)*l.In[1]+x)*in:][:in], l.Weight[((o*k+ky)*k+kx)*in:][:in])
				}
			}
		}
	}
	return &c
}

// Heads computes in float64 the means and the logarithms of the variances of a picture, in NHWC
// order, of pixels from 0 to 1.
func (e *Encoder) Heads(picture []float64) []float64 {
	for i := range e.Layers {
		picture = e.Layers[i].outputs(picture)
	}
	return picture
}

// Stack is the layers in package model's terms. The error names the layer that stands in the way.
func (e *Encoder) Stack() (model.Stack, error) { return describe(e.Layers) }

// Fill sets the weights of a model with that stack.
func (e *Encoder) Fill(m *nn.Model) {
	n := len(e.Layers) - 1
	layers := e.Layers[:n:n]
	for i := range 2 { // each head is a layer of its own there
		l := e.Layers[n]
		l.Out[2] /= 2
		l.Weight, l.Bias = l.Weight[i*len(l.Weight)/2:][:len(l.Weight)/2], l.Bias[i*len(l.Bias)/2:][:len(l.Bias)/2]
		layers = append(layers, l)
	}
	fill(m, layers)
}
