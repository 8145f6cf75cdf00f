package model

import (
	"errors"
	"fmt"

	"github.com/vae-edge/vae-edge/kernels"
)

// An Op is the operation of a layer.
type Op string

// The operations. A dense layer reads its source in NHWC order.
const (
	Dense         Op = "dense"
	Conv          Op = "conv"
	ConvTranspose Op = "conv_transpose"
)

// A Target is what becomes of a layer's sums: the activation function or, at the end of a stack,
// what the outputs are.
type Target string

// The targets. What they are in int8 is said in package kernels.
const (
	ReLU      Target = "relu"       // activations
	LeakyReLU Target = "leaky_relu" // activations, those below 0 multiplied by Slope
	Pixels    Target = "pixels"     // the last of a decoder: logits, by a sigmoid pixels
	Latent    Target = "latent"     // the last of an encoder: means, then logarithms of variances
	Classes   Target = "classes"    // the last of a classifier: logits; in float32 only
)

// A Layer describes one layer of a network. Its weights are elsewhere: an int8 model has an
// [Int8Layer].
type Layer struct {
	Op     Op  `json:"op"`
	Kernel int `json:"kernel,omitempty"` // convolutions only, 1..5
	Stride int `json:"stride,omitempty"` // convolutions only, 1 or 2
	// Edges are top, bottom, left, right: zeros added (conv) or outputs cropped (conv_transpose)
	Edges  *kernels.Edges `json:"edges,omitempty"`
	Out    [3]int         `json:"out"` // height, width, channels
	Target Target         `json:"to"`
	Slope  float32        `json:"slope,omitempty"` // above 0 and below 1, of LeakyReLU only
}

// Activates reports whether the layer gives activations, which another layer can read.
func (l *Layer) Activates() bool { return l.Target == ReLU || l.Target == LeakyReLU }

// Geometry is that of a convolution of a source of that shape or, for a dense layer of activations,
// of the one that computes it: from all of the source as one pixel to all of the result as one, see
// kernels.Map.Split.
func (l *Layer) Geometry(in [3]int) kernels.Geometry {
	if l.Op == Dense {
		pixel := func(s [3]int) kernels.Shape { return kernels.Shape{Height: 1, Width: 1, Channels: Elements(s)} }
		return kernels.Geometry{In: pixel(in), Out: pixel(l.Out), Kernel: 1, Stride: 1}
	}
	return kernels.Geometry{
		Transposed: l.Op == ConvTranspose,
		In:         Shape(in), Out: Shape(l.Out),
		Kernel: l.Kernel, Stride: l.Stride,
		Edges: *l.Edges,
	}
}

// MACs is the number of multiply-accumulates of the layer for a source of that shape.
func (l *Layer) MACs(in [3]int) int {
	pixels := in[0] * in[1]
	switch l.Op {
	case Dense:
		return Elements(l.Out) * Elements(in)
	case Conv:
		pixels = l.Out[0] * l.Out[1]
	}
	return pixels * l.Kernel * l.Kernel * in[2] * l.Out[2]
}

// check reports whether the layer can be computed from a source of that shape.
func (l *Layer) check(in [3]int) error {
	if l.Op != Dense && l.Op != Conv && l.Op != ConvTranspose {
		return fmt.Errorf("unknown operation %q", l.Op)
	}
	if err := checkShape(l.Out); err != nil {
		return err
	}
	switch {
	case l.Target == LeakyReLU && !(l.Slope > 0 && l.Slope < 1):
		return fmt.Errorf("the slope of %s is %v, want one above 0 and below 1", LeakyReLU, l.Slope)
	case l.Target != LeakyReLU && l.Slope != 0:
		return fmt.Errorf("a slope of %v to %s: only %s has one", l.Slope, l.Target, LeakyReLU)
	case l.Op == Dense && (l.Kernel != 0 || l.Stride != 0 || l.Edges != nil):
		return errors.New("a dense layer has no kernel, stride or edges")
	case l.Op == Dense:
		return nil
	case l.Edges == nil:
		return fmt.Errorf("a %s layer needs edges", l.Op)
	}
	return l.Geometry(in).Check()
}

// A Stack is layers, each of which reads what the one before it gives.
type Stack []Layer

// Names are the names of the layers within their stack: that of the operation, with a number from 1
// where there are several, such as conv2.
func (s Stack) Names() []string {
	count := map[Op]int{}
	for _, l := range s {
		if l.Target != Latent {
			count[l.Op]++
		}
	}
	names := make([]string, len(s))
	number := map[Op]int{}
	for i, l := range s {
		if l.Target == Latent {
			names[i] = "heads"
			continue
		}
		names[i] = string(l.Op)
		if number[l.Op]++; count[l.Op] > 1 {
			names[i] += fmt.Sprint(number[l.Op])
		}
	}
	return names
}

// MACs is the number of multiply-accumulates for a source of that shape, those on zeros around the
// maps included.
func (s Stack) MACs(in [3]int) int {
	total := 0
	for i := range s {
		total += s[i].MACs(in)
		in = s[i].Out
	}
	return total
}

// Weights is the number of weights and biases for a source of that shape: a bias for every output
// of a dense layer, and for every channel of a convolution.
func (s Stack) Weights(in [3]int) int {
	total := 0
	for i := range s {
		total += s[i].weights(in)
		in = s[i].Out
	}
	return total
}

func (l *Layer) weights(in [3]int) int {
	if l.Op == Dense {
		return (Elements(in) + 1) * Elements(l.Out)
	}
	return (l.Kernel*l.Kernel*in[2] + 1) * l.Out[2]
}

// Check reports whether the layers chain, beginning with a source of that shape. Errors call layer
// N by name.N.
func (s Stack) Check(name string, in [3]int) error {
	if len(s) > maxLayers {
		return fmt.Errorf("model: the %s has %d layers, at most %d", name, len(s), maxLayers)
	}
	activations := 0
	for i := range s {
		if err := s[i].check(in); err != nil {
			return fmt.Errorf("model: %s.%d, %s of %v: %w", name, i, s[i].Op, Shape(in), err)
		}
		if inputs, outputs := Elements(in), Elements(s[i].Out); s[i].Op == Dense && int64(inputs)*int64(outputs) > maxWeights {
			return fmt.Errorf("model: %s.%d, dense of %v to %v: more than %d weights", name, i, Shape(in), Shape(s[i].Out), maxWeights)
		}
		in = s[i].Out
		if activations += Elements(in); activations > maxActivations {
			return fmt.Errorf("model: %s.%d: more than %d activations", name, i, maxActivations)
		}
	}
	return nil
}

// A Network describes a variational autoencoder, or one half of it: pictures, latent points and the
// layers between them. Its JSON is what float32 weights files and the trainer's network files have;
// int8 files have the same in another order.
type Network struct {
	Image   [3]int `json:"image"`  // height, width and channels (1 or 3) of a picture
	Latent  int    `json:"latent"` // dimensions of a latent point
	Encoder Stack  `json:"encoder,omitempty"`
	Decoder Stack  `json:"decoder,omitempty"`
}

// Pixels is the number of values of a picture: height * width * channels.
func (n *Network) Pixels() int { return Elements(n.Image) }

// Point is the shape of a latent point, the source of a decoder.
func (n *Network) Point() [3]int { return [3]int{1, 1, n.Latent} }

// Check reports whether the network, of which one half may be missing, is one that can be computed
// in int8.
func (n *Network) Check() error {
	if n.Latent < 1 || n.Latent > maxLatent {
		return fmt.Errorf("model: %d latent dimensions, want 1..%d", n.Latent, maxLatent)
	}
	if c := n.Image[2]; c != 1 && c != 3 {
		return fmt.Errorf("model: pictures have %d channels, want 1 or 3", c)
	}
	if err := checkShape(n.Image); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if len(n.Decoder)+len(n.Encoder) == 0 {
		return errors.New("model: neither decoder nor encoder has a layer")
	}
	if err := n.Decoder.Check("decoder", n.Point()); err != nil {
		return err
	}
	if err := n.Encoder.Check("encoder", n.Image); err != nil {
		return err
	}
	if err := n.checkDecoder(); err != nil {
		return err
	}
	return n.checkEncoder()
}

// decoderForm is what a decoder is.
const decoderForm = "a decoder is a dense layer of the latent point, then dense layers and convolutions, all to relu or leaky_relu but the last, which is to pixels"

// checkDecoder: a dense layer, then more of them and convolutions, the last of which gives the
// picture.
func (n *Network) checkDecoder() error {
	last := len(n.Decoder) - 1
	if last < 0 {
		return nil
	}
	if last == 0 {
		return errors.New("model: decoder.0 is all there is, and a latent point becomes pixels by way of activations only: " + decoderForm)
	}
	for i, l := range n.Decoder {
		target := l.Activates()
		if i == last {
			target = l.Target == Pixels
		}
		if i == 0 && l.Op != Dense || !target {
			return fmt.Errorf("model: decoder.%d is %s to %s: %s", i, l.Op, l.Target, decoderForm)
		}
	}
	if n.Decoder[last].Out != n.Image {
		return fmt.Errorf("model: decoder.%d gives %v, not a picture of %v", last, Shape(n.Decoder[last].Out), Shape(n.Image))
	}
	return nil
}

// checkEncoder: convolutions, then dense layers, the last of which gives means and logarithms of
// variances.
func (n *Network) checkEncoder() error {
	dense := false
	for i, l := range n.Encoder {
		target := l.Activates()
		if i == len(n.Encoder)-1 {
			target = l.Target == Latent
			if l.Op != Dense || l.Out != [3]int{1, 1, 2 * n.Latent} {
				return fmt.Errorf("model: encoder.%d, the last, is %s of %v, want a dense layer of 1x1x%d", i, l.Op, Shape(l.Out), 2*n.Latent)
			}
		}
		flat := l.Out[0] == 1 && l.Out[1] == 1
		if dense && l.Op != Dense || l.Op == Dense && !flat || !target {
			return fmt.Errorf("model: encoder.%d is %s of %v to %s: an encoder is convolutions, then dense layers of 1x1 pixels, all to relu or leaky_relu but the last, which is dense to latent", i, l.Op, Shape(l.Out), l.Target)
		}
		dense = l.Op == Dense
	}
	return nil
}

// Limits on what a file may ask for. They are far above what a microcomputer could decode in a
// second and keep what a hostile file can make a reader allocate small.
const (
	maxLatent      = 1024
	maxLayers      = 32
	maxSide        = 1024
	maxChannels    = 1024
	maxActivations = 1 << 23 // over all layers of a stack
	maxWeights     = 1 << 30 // of a dense layer
)

// Elements is the number of values of that shape.
func Elements(s [3]int) int { return s[0] * s[1] * s[2] }

// Shape is that of package kernels.
func Shape(s [3]int) kernels.Shape { return kernels.Shape{Height: s[0], Width: s[1], Channels: s[2]} }

func checkShape(s [3]int) error {
	if min(s[0], s[1], s[2]) < 1 || max(s[0], s[1]) > maxSide || s[2] > maxChannels {
		return fmt.Errorf("shape %v: sides are 1..%d, channels 1..%d", Shape(s), maxSide, maxChannels)
	}
	return nil
}
