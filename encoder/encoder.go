// Package encoder turns pictures into latent points with int8 weights, bit for bit the same on
// every CPU, so that a board edits pictures without a trainer:
//
//	m, err := decoder.Open("mnist-16")
//	if err != nil { … }
//	em, err := encoder.Open("mnist-16", m)
//	if err != nil { … }
//	e, err := encoder.New(em)
//	if err != nil { … }
//	code := make([]int16, em.Latent)
//	e.Encode(code, picture) // 28*28 grey levels, see package digit
//
// Its arithmetic is that of package kernels, its weights file that of package model.
package encoder

import (
	"fmt"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// An Encoder turns pictures into latent points. Its memory is made by [New]; encoding allocates
// nothing. It must not be used by two goroutines at once.
type Encoder struct {
	model  *model.Model
	layers []*kernels.Conv
	in     []*kernels.Map // in[i] is the source of layers[i]
	// out[i] is where what comes before layers[i], the picture or a layer, is written: in[i], or
	// its pixel split up
	out   []*kernels.Map
	heads []int16
}

// New returns an encoder of the model on the backend that kernels.Select("") gives: the fastest of
// this CPU unless the environment variable VAE_EDGE_BACKEND names another.
func New(m *model.Model) (*Encoder, error) {
	b, err := kernels.Select("")
	if err != nil {
		return nil, err
	}
	return NewOn(m, b)
}

// NewOn returns an encoder of the model on that backend. The latent points are the same on all of
// them.
func NewOn(m *model.Model, b kernels.Backend) (*Encoder, error) {
	if err := m.CheckForm(); err != nil { // the operators check their weights themselves
		return nil, err
	}
	if len(m.Encoder) == 0 {
		return nil, fmt.Errorf("encoder: the file of model %s has no encoder: see encoder.Open", m.Name)
	}
	e := &Encoder{model: m, heads: make([]int16, 2*m.Latent)}
	shape := m.Image
	for i := range m.Encoder {
		l := &m.Encoder[i]
		c, err := b.NewLeakyConv(l.Geometry(shape), model.Slopes(m.Encoder, i), l.Weight, l.Bias, l.Scale)
		if err != nil {
			return nil, fmt.Errorf("encoder: encoder.%d: %w", i, err)
		}
		in := kernels.NewMap(c.In.Height, c.In.Width, c.In.Channels, c.SourceLayout())
		out := in
		if l.Op == model.Dense {
			out = in.Split(kernels.Shape{Height: shape[0], Width: shape[1], Channels: shape[2]})
		}
		e.layers, e.in, e.out = append(e.layers, c), append(e.in, in), append(e.out, out)
		shape = l.Out
	}
	return e, nil
}

// Model returns the encoder's model.
func (e *Encoder) Model() *model.Model { return e.model }

// Encode computes the code of a picture: of PictureSize pixels, height x width x channels, 0 being
// the background, the mean of its latent point in Model().Latent fixed-point coordinates. It panics
// when the lengths are not those.
func (e *Encoder) Encode(code []int16, picture []uint8) {
	e.run(len(code), picture)
	copy(code, e.heads)
}

// Posterior computes the logarithm of the variance of a picture's latent point besides, in latent
// steps too.
func (e *Encoder) Posterior(mean, logVar []int16, picture []uint8) {
	if len(logVar) != len(mean) {
		panic(fmt.Sprintf("encoder: %d means and %d variances", len(mean), len(logVar)))
	}
	e.run(len(mean), picture)
	copy(mean, e.heads)
	copy(logVar, e.heads[len(mean):])
}

// run leaves means and logarithms of variances in e.heads.
func (e *Encoder) run(n int, picture []uint8) {
	if m := e.model; n != m.Latent || len(picture) != m.PictureSize() {
		panic(fmt.Sprintf("encoder: %d coordinates of %d pixels, model %s has %d and %d", n, len(picture), m.Name, m.Latent, m.PictureSize()))
	}
	to := e.out[0]
	for y := range to.Height {
		for x := range to.Width {
			pixel := to.At(y, x)
			for c := range pixel {
				pixel[c] = kernels.PixelTo7Bit(picture[c])
			}
			picture = picture[len(pixel):]
		}
	}
	last := len(e.layers) - 1
	for i, l := range e.layers[:last] {
		l.Run(kernels.Output{Map: e.out[i+1]}, e.in[i])
	}
	e.layers[last].Run(kernels.Output{Latent: e.heads}, e.in[last])
}

// MACs is the number of multiply-accumulates of one encoded picture, those on zeros around the maps
// included.
func (e *Encoder) MACs() int {
	total, in := 0, e.model.Image
	for i := range e.model.Encoder {
		l := &e.model.Encoder[i]
		total += l.MACs(in)
		in = l.Out
	}
	return total
}
