package model

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
)

var (
	//go:embed presets/book.json
	book string
	//go:embed presets/faces.json
	faces string
)

// PresetNames are the names of the networks that [Preset] has.
func PresetNames() []string { return []string{"book", "faces"} }

// Preset returns a network that has a name, for pictures of that shape and so many latent
// dimensions.
//
//   - book: that of the chapter on variational autoencoders of Chollet's "Deep Learning with
//     Python", for grey or colour pictures whose sides are even.
//   - faces: four halvings, and four doublings with 19.5 million multiply-accumulates for 64 x 64
//     pixels in colour and 64 dimensions. Sides are multiples of 16.
func Preset(name string, image [3]int, latent int) (Network, error) {
	switch name {
	case "book":
		return ParseNetwork([]byte(book), image, latent)
	case "faces":
		return ParseNetwork([]byte(faces), image, latent)
	}
	return Network{}, fmt.Errorf("model: there is no network named %q", name)
}

// ErrNoLatent is wrapped by the error for a network of which nobody says how many dimensions a
// latent point has.
var ErrNoLatent = errors.New("latent is missing: say how many dimensions a latent point has")

// HiddenUnits is the number of units of an encoder's dense layer that suits so many latent
// dimensions: the book's 32 for its 2, up to 256 for 32 and more, to which 32 would be a
// bottleneck.
func HiddenUnits(latent int) int { return min(max(8*latent, 32), 256) }

// draft is a network file.
type draft struct {
	Image   sizes             `json:"image"`
	Latent  int               `json:"latent"`
	Encoder []json.RawMessage `json:"encoder"`
	Decoder []json.RawMessage `json:"decoder"`
}

type draftLayer struct {
	Op     Op      `json:"op"`
	Kernel int     `json:"kernel"`
	Stride int     `json:"stride"`
	Edges  sizes   `json:"edges"`
	Out    sizes   `json:"out"`
	Target Target  `json:"to"`
	Slope  float32 `json:"slope"`
}

// sizes are numbers in brackets, or one alone.
type sizes []int

func (s *sizes) UnmarshalJSON(data []byte) error {
	var one int
	if json.Unmarshal(data, &one) == nil {
		*s = sizes{one}
		return nil
	}
	var several []int
	err := json.Unmarshal(data, &several)
	*s = several
	return err
}

// readJSON reads the whole of a JSON value, of which every field must be known.
func readJSON(data []byte, v any) error {
	// Some editors begin with such a mark
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var syntax *json.SyntaxError
	switch {
	case err == io.EOF:
		return errors.New("it is empty")
	case err == io.ErrUnexpectedEOF:
		return errors.New("it ends in the middle")
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d is not JSON: %w", line, err)
	case err != nil:
		return errors.New(strings.TrimPrefix(plain.JSONError(err).Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is something after its end")
	}
	return checkKeys(data)
}

// checkKeys reports keys of an object that encoding/json would take for others, or of which it
// would take the last.
func checkKeys(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key := t.(string)
		if key != strings.ToLower(key) {
			return fmt.Errorf("unknown field %q: write %q", key, strings.ToLower(key))
		}
		if seen[key] {
			return fmt.Errorf("it says %s twice", key)
		}
		seen[key] = true
		if err := d.Decode(new(json.RawMessage)); err != nil {
			return err
		}
	}
	return nil
}

// readLayers reads the layers of a stack.
func readLayers(name string, raw []json.RawMessage) ([]draftLayer, error) {
	layers := make([]draftLayer, len(raw))
	for i, data := range raw {
		l := &layers[i]
		err := readJSON(data, l)
		switch {
		case err != nil:
		case l.Op == "":
			err = fmt.Errorf("op is missing: say %s, %s or %s", Dense, Conv, ConvTranspose)
		case l.Edges != nil && len(l.Edges) != 4:
			err = fmt.Errorf("edges are %v, want [top, bottom, left, right]", l.Edges)
		case l.Out != nil && len(l.Out) != 1 && len(l.Out) != 3:
			err = fmt.Errorf("out is %v, want a number of channels or [height, width, channels]", l.Out)
		}
		if err != nil {
			return nil, fmt.Errorf("%s.%d: %w", name, i, err)
		}
	}
	return layers, nil
}

// ParseNetwork reads a network file: the JSON of a [Network], of which may be left out what follows
// from the rest.
//
//   - image and latent, where they are given: {0, 0, 0} and 0 stand for what the file must say.
//     What both say must agree.
//   - stride: 1.
//   - edges: those that Keras calls "same". A convolution then has a pixel for every stride pixels
//     of its source, a transposed one stride pixels for each.
//   - to: relu or, at the end of the encoder, latent, and of the decoder, pixels.
//   - out may be a number of channels; the sides follow, those of a dense layer of the decoder from
//     the layers after it: a dense layer before another has one pixel. It may be left out of the
//     last layers, which have as many channels as means and logarithms of variances, or as a
//     picture, and of the encoder's dense layer before that, see [HiddenUnits].
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
	if err := readJSON(data, &d); err != nil {
		return Network{}, err
	}
	if d.Image != nil && len(d.Image) != 3 {
		return Network{}, fmt.Errorf("image is %v, want [height, width, channels]", d.Image)
	}
	if len(d.Encoder) > maxLayers || len(d.Decoder) > maxLayers {
		return Network{}, fmt.Errorf("%d layers of the encoder and %d of the decoder, at most %d each", len(d.Encoder), len(d.Decoder), maxLayers)
	}
	encoder, err := readLayers("encoder", d.Encoder)
	if err != nil {
		return Network{}, err
	}
	decoder, err := readLayers("decoder", d.Decoder)
	if err != nil {
		return Network{}, err
	}
	switch {
	case len(d.Encoder) == 0 || len(d.Decoder) == 0:
		return Network{}, errors.New("it needs an encoder and a decoder: lists of layers")
	case image == [3]int{} && d.Image == nil:
		return Network{}, errors.New("image is missing: say what height, width and channels pictures have")
	case image == [3]int{}:
		image = [3]int(d.Image)
	case d.Image != nil && [3]int(d.Image) != image:
		return Network{}, fmt.Errorf("it is for pictures of %v, these are %v", Shape([3]int(d.Image)), Shape(image))
	}
	switch {
	case latent == 0:
		latent = d.Latent
	case d.Latent != 0 && d.Latent != latent:
		return Network{}, fmt.Errorf("it has %d latent dimensions, not %d", d.Latent, latent)
	}
	if latent == 0 {
		return Network{}, ErrNoLatent
	}
	n := Network{Image: image, Latent: latent}
	if err := checkShape(image); err != nil {
		return n, fmt.Errorf("pictures: %w", err)
	}
	if latent < 1 || latent > maxLatent {
		return n, fmt.Errorf("%d latent dimensions, want 1..%d", latent, maxLatent)
	}
	if n.Encoder, err = completeEncoder(encoder, image, latent); err != nil {
		return n, err
	}
	n.Decoder, err = completeDecoder(decoder, image)
	return n, err
}

func completeEncoder(layers []draftLayer, in [3]int, latent int) (s Stack, err error) {
	last := len(layers) - 1
	for i, of := range layers {
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

func completeDecoder(layers []draftLayer, image [3]int) (s Stack, err error) {
	if op := layers[0].Op; op != Dense {
		return s, fmt.Errorf("decoder.0, %s: a decoder begins with a dense layer", op)
	}
	in, last := [3]int{}, len(layers)-1
	for i, of := range layers {
		l := of.layer(i == last, Pixels)
		if i == last && len(of.Out) == 0 {
			of.Out = sizes{image[2]}
		}
		switch {
		case of.Op == Dense && len(of.Out) == 1 && i < last && layers[i+1].Op == Dense:
			l.Out = [3]int{1, 1, of.Out[0]}
		case of.Op == Dense && len(of.Out) == 1:
			l.Out[2] = of.Out[0]
			l.Out[0], l.Out[1], err = sourceOf(layers[i+1:], i+1, image)
		default:
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
	l := Layer{Op: of.Op, Kernel: of.Kernel, Stride: of.Stride, Target: of.Target, Slope: of.Slope}
	if of.Edges != nil {
		l.Edges = new(kernels.Edges)
		copy(l.Edges[:], of.Edges)
	}
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

// check reports what nothing else can be made to follow from.
func (of *draftLayer) check() error {
	if of.Op != Conv && of.Op != ConvTranspose {
		return nil
	}
	if err := kernels.CheckKernel(of.Kernel, cmp.Or(of.Stride, 1)); err != nil {
		return err
	}
	if of.Op == ConvTranspose && of.Edges == nil && of.Kernel < of.Stride {
		return fmt.Errorf("kernel %d is smaller than stride %d, and nothing would be drawn between: make it larger", of.Kernel, of.Stride)
	}
	return nil
}

// complete fills in the edges and the outputs of a layer.
func (of *draftLayer) complete(l *Layer, in [3]int) error {
	if err := of.check(); err != nil {
		return err
	}
	if len(of.Out) == 0 {
		return errors.New("out is missing: say how many channels it has")
	}
	if len(of.Out) == 3 {
		l.Out = [3]int(of.Out)
	}
	if l.Op != Conv && l.Op != ConvTranspose {
		return nil
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

// sameEdges are the edges at the beginning and the end of n pixels that Keras calls "same": of an
// odd number the odd one goes to the end.
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
	of := draftLayer{Out: sizes{channels}}
	if err := of.complete(&l, in); err != nil {
		panic(err)
	}
	return l
}

// sourceOf is the height and width of the source from which layers, the first of them number i of
// the decoder, make a picture.
func sourceOf(layers []draftLayer, i int, image [3]int) (height, width int, err error) {
	sides := [2]int{image[0], image[1]}
	for k := len(layers) - 1; k >= 0; k-- {
		of := &layers[k]
		l := of.layer(false, ReLU)
		if err := of.check(); err != nil {
			return 0, 0, fmt.Errorf("its sides follow from decoder.%d, %s: %w", i+k, of.Op, err)
		}
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
