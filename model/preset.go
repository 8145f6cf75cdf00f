package model

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/vae-edge/vae-edge/kernels"
)

//go:embed presets/book.json
var book string

// PresetNames are the names of the networks that [Preset] has.
func PresetNames() []string { return []string{"book"} }

// Preset returns a network that has a name, for pictures of that shape and so many latent dimensions.
//
//   - book: that of the chapter on variational autoencoders of Chollet's "Deep Learning with Python", for grey or colour pictures
//     whose sides are even.
func Preset(name string, image [3]int, latent int) (Network, error) {
	if name != "book" {
		return Network{}, fmt.Errorf("model: there is no network named %q", name)
	}
	return ParseNetwork([]byte(book), image, latent)
}

// HiddenUnits is the number of units of an encoder's dense layer that suits so many latent dimensions: the book's 32 for its 2, up to
// 256 for 32 and more, to which 32 would be a bottleneck.
func HiddenUnits(latent int) int { return min(max(8*latent, 32), 256) }

// draft is a network file.
type draft struct {
	Image   [3]int       `json:"image"`
	Latent  int          `json:"latent"`
	Encoder []draftLayer `json:"encoder"`
	Decoder []draftLayer `json:"decoder"`
}

type draftLayer struct {
	Op     Op             `json:"op"`
	Kernel int            `json:"kernel"`
	Stride int            `json:"stride"`
	Edges  *kernels.Edges `json:"edges"`
	Out    draftOut       `json:"out"`
	Target Target         `json:"to"`
}

// draftOut is the shape of a layer's outputs, or their number of channels alone.
type draftOut []int

func (o *draftOut) UnmarshalJSON(data []byte) error {
	var channels int
	if json.Unmarshal(data, &channels) == nil {
		*o = draftOut{channels}
		return nil
	}
	var shape []int
	if err := json.Unmarshal(data, &shape); err != nil || len(shape) != 3 {
		return fmt.Errorf("out is %s, want a number of channels or [height, width, channels]", data)
	}
	*o = shape
	return nil
}

// ParseNetwork reads a network file: the JSON of a [Network], of which may be left out what follows from the rest.
//
//   - image and latent, where they are given: {0, 0, 0} and 0 stand for what the file must say. What both say must agree.
//   - stride: 1.
//   - edges: those that Keras calls "same". A convolution then has a pixel for every stride pixels of its source, a transposed one
//     stride pixels for each.
//   - to: relu or, at the end of the encoder, latent, and of the decoder, pixels.
//   - out may be a number of channels; the sides follow, those of the decoder's dense layer from the layers after it. It may be left
//     out of the last layers, which have as many channels as means and logarithms of variances, or as a picture, and of the
//     encoder's dense layer before that, see [HiddenUnits].
//
// The network that it returns has been checked. Errors name the layer, from 0: encoder.2.
func ParseNetwork(data []byte, image [3]int, latent int) (Network, error) {
	n, err := parseNetwork(data, image, latent)
	if err != nil {
		return Network{}, fmt.Errorf("model: network: %w", err)
	}
	if err := n.Check(); err != nil {
		return Network{}, err
	}
	return n, nil
}

func parseNetwork(data []byte, image [3]int, latent int) (Network, error) {
	var d draft
	reader := json.NewDecoder(bytes.NewReader(data))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&d); err != nil {
		return Network{}, err
	}
	if _, err := reader.Token(); err != io.EOF {
		return Network{}, errors.New("there is something after its end")
	}
	switch {
	case len(d.Encoder) == 0 || len(d.Decoder) == 0:
		return Network{}, errors.New("it needs an encoder and a decoder: lists of layers")
	case image == [3]int{}:
		image = d.Image
	case d.Image != [3]int{} && d.Image != image:
		return Network{}, fmt.Errorf("it is for pictures of %v, these are %v", Shape(d.Image), Shape(image))
	}
	switch {
	case latent == 0:
		latent = d.Latent
	case d.Latent != 0 && d.Latent != latent:
		return Network{}, fmt.Errorf("it has %d latent dimensions, not %d", d.Latent, latent)
	}
	if latent == 0 {
		return Network{}, errors.New("latent is missing: say how many dimensions a latent point has")
	}
	n := Network{Image: image, Latent: latent}
	if err := checkShape(image); err != nil {
		return n, fmt.Errorf("pictures: %w", err)
	}
	if latent < 1 || latent > maxLatent {
		return n, fmt.Errorf("%d latent dimensions, want 1..%d", latent, maxLatent)
	}
	var err error
	if n.Encoder, err = d.encoder(image, latent); err != nil {
		return n, err
	}
	n.Decoder, err = d.decoder(image)
	return n, err
}

func (d *draft) encoder(in [3]int, latent int) (s Stack, err error) {
	last := len(d.Encoder) - 1
	for i, of := range d.Encoder {
		l := of.layer(i == last, Latent)
		switch {
		case of.Op == Dense && i == last && len(of.Out) == 0:
			l.Out = [3]int{1, 1, 2 * latent}
		case of.Op == Dense && len(of.Out) == 0:
			l.Out = [3]int{1, 1, HiddenUnits(latent)}
		case of.Op == Dense && len(of.Out) == 1:
			l.Out = [3]int{1, 1, of.Out[0]}
		default:
			err = of.complete(&l, in)
		}
		if err != nil {
			return s, fmt.Errorf("encoder.%d, %s: %w", i, l.Op, err)
		}
		s, in = append(s, l), l.Out
	}
	return s, nil
}

func (d *draft) decoder(image [3]int) (s Stack, err error) {
	in, last := [3]int{}, len(d.Decoder)-1
	for i, of := range d.Decoder {
		l := of.layer(i == last, Pixels)
		if i == last && len(of.Out) == 0 {
			of.Out = draftOut{image[2]}
		}
		if of.Op == Dense && len(of.Out) == 1 {
			l.Out[2] = of.Out[0]
			l.Out[0], l.Out[1], err = sourceOf(d.Decoder[i+1:], i+1, image)
		} else {
			err = of.complete(&l, in)
		}
		if err != nil {
			return s, fmt.Errorf("decoder.%d, %s: %w", i, l.Op, err)
		}
		s, in = append(s, l), l.Out
	}
	return s, nil
}

// layer is what the draft says of a layer, and what follows from nothing else.
func (of *draftLayer) layer(last bool, target Target) Layer {
	l := Layer{Op: of.Op, Kernel: of.Kernel, Stride: of.Stride, Edges: of.Edges, Target: of.Target}
	if l.Stride == 0 && l.Op != Dense {
		l.Stride = 1
	}
	if l.Target == "" {
		l.Target = ReLU
		if last {
			l.Target = target
		}
	}
	return l
}

// complete fills in the edges and the outputs of a layer.
func (of *draftLayer) complete(l *Layer, in [3]int) error {
	if len(of.Out) == 0 {
		return errors.New("out is missing: say how many channels it has")
	}
	if len(of.Out) == 3 {
		l.Out = [3]int(of.Out)
	}
	if l.Op != Conv && l.Op != ConvTranspose {
		return nil
	}
	if l.Kernel < 1 || l.Stride < 1 {
		return fmt.Errorf("kernel %d with stride %d: both must be 1 or more", l.Kernel, l.Stride)
	}
	if l.Edges == nil {
		l.Edges = new(kernels.Edges)
		l.Edges[kernels.Top], l.Edges[kernels.Bottom] = sameEdges(l, in[0])
		l.Edges[kernels.Left], l.Edges[kernels.Right] = sameEdges(l, in[1])
	}
	if len(of.Out) == 1 {
		l.Out[2] = of.Out[0]
		l.Out[0], l.Out[1] = l.Geometry(in).Size()
	}
	return nil
}

// sameEdges are the edges at the beginning and the end of n pixels that Keras calls "same": of an odd number the odd one goes to the
// end.
func sameEdges(l *Layer, n int) (before, after int) {
	total := l.Kernel - l.Stride
	if l.Op == Conv {
		total = max(((n+l.Stride-1)/l.Stride-1)*l.Stride+l.Kernel-n, 0)
	}
	before = max(total, 0) / 2
	return before, total - before
}

// Same is a convolution of a source of that shape, to relu, with the edges that Keras calls "same".
func Same(op Op, in [3]int, kernel, stride, channels int) Layer {
	l := Layer{Op: op, Kernel: kernel, Stride: stride, Target: ReLU}
	of := draftLayer{Out: draftOut{channels}}
	if err := of.complete(&l, in); err != nil {
		panic(err)
	}
	return l
}

// sourceOf is the height and width of the source from which layers, the first of them number i of the decoder, make a picture.
func sourceOf(layers []draftLayer, i int, image [3]int) (height, width int, err error) {
	sides := [2]int{image[0], image[1]}
	for k := len(layers) - 1; k >= 0; k-- {
		of := &layers[k]
		l := of.layer(false, ReLU)
		switch {
		case len(of.Out) == 3:
			sides = [2]int{of.Out[0], of.Out[1]}
		case l.Op == Dense:
			return 0, 0, fmt.Errorf("its sides follow from no layer: write out as [height, width, channels]")
		}
		for side := range sides {
			n, before, after := sides[side], 0, 0
			if l.Edges != nil {
				before, after = l.Edges[2*side], l.Edges[2*side+1]
			} else {
				before, after = sameEdges(&l, n)
			}
			switch {
			case l.Op == ConvTranspose:
				n += before + after - l.Kernel
				if n%l.Stride != 0 {
					return 0, 0, fmt.Errorf("decoder.%d makes pixels by the %d, and a side of %d is no multiple of that: crop or pad the pictures", i+k, l.Stride, sides[side])
				}
				sides[side] = n/l.Stride + 1
			case l.Op == Conv && l.Stride == 1:
				sides[side] = n + l.Kernel - 1 - before - after
			default:
				return 0, 0, fmt.Errorf("decoder.%d leaves its sides open: write out as [height, width, channels]", i+k)
			}
		}
	}
	return sides[0], sides[1], nil
}
