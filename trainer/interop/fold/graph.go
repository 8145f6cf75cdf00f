// Package fold makes a list of layers of a graph: of a decoder that another program has trained,
// one that the int8 arithmetic here can compute.
//
// It follows the latent point through the graph. Whatever is linear becomes a part of the layer
// before it, or of the one behind it, as far as that is exact: batch normalization, factors and
// sums, a dense layer without activation before a transposed convolution, a transposed convolution
// of a single pixel, the repetition of pixels before a convolution, reshaping and transposing, and
// what exporters compute of shapes. It computes in float64. What is left is refused, by operator
// and name.
package fold

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

// Options say what the graph does not.
type Options struct {
	// Input is the value that is the latent point; empty is the graph's only input. Output is the
	// one that is the picture.
	Input, Output string
	// Logits says that what the graph gives is logits, of which a sigmoid makes pixels.
	Logits bool
	// Image is the shape of the picture, height, width and channels, where the graph gives a
	// vector.
	Image [3]int
}

// Graph folds a graph. The error names the operators that stand in the way.
func Graph(g *onnx.Graph, o Options) (*linear.Network, error) {
	f, err := Follow(g, o)
	if err != nil {
		return nil, err
	}
	n, err := f.End(o.Image, o.Logits)
	if err != nil {
		return nil, fmt.Errorf("fold: %w", err)
	}
	return n, nil
}

// Follow takes the latent point through a graph, which need not end as a decoder does.
func Follow(g *onnx.Graph, o Options) (*linear.Flow, error) {
	var outputs []string
	if o.Output != "" {
		outputs = []string{o.Output}
	}
	flows, err := follow(g, o.Input, outputs, 1, latentPoint)
	if err != nil {
		return nil, fmt.Errorf("fold: %w", err)
	}
	return flows[0], nil
}

// oldest and newest are the versions of the operators whose meaning is known.
const oldest, newest = 7, 24

// follow takes the input through a graph to outputs, or to those that the graph has, at most so
// many. An empty input is the graph's only one.
func follow(g *onnx.Graph, in string, outputs []string, most int, from beginning) ([]*linear.Flow, error) {
	if g.Opset < oldest || g.Opset > newest {
		return nil, fmt.Errorf("the graph has operators of version %d, those of %d to %d are known: export it with one of these", g.Opset, oldest, newest)
	}
	input, outputs, err := ends(g, in, outputs, most, from.ends)
	if err != nil {
		return nil, err
	}
	nodes := needed(g, input.Name, outputs)
	if err := known(nodes); err != nil {
		return nil, err
	}
	f := folder{graph: g, values: map[string]value{}, opset: g.Opset, from: from}
	if err := f.begin(input); err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if err := f.node(n); err != nil {
			return nil, fmt.Errorf("%v: %w", n, err)
		}
	}
	var flows []*linear.Flow
	for _, output := range outputs {
		v, err := f.value(output)
		if err != nil {
			return nil, err
		}
		if v.flow == nil {
			return nil, fmt.Errorf("the output %q does not depend on %s", output, from.name)
		}
		flows = append(flows, v.flow)
	}
	return flows, nil
}

// ErrEnds is for a graph of a decoder of which nobody says where it begins and ends,
// ErrEncoderEnds for that of an encoder.
var (
	ErrEnds        = errors.New("the graph has several inputs or outputs, or none")
	ErrEncoderEnds = errors.New("the graph has several inputs, or not one output or two")
)

// ends are the values at which what is folded begins and ends. The error is several where the graph
// has more of them, or fewer, and nobody has chosen.
func ends(g *onnx.Graph, in string, out []string, most int, several error) (input onnx.Value, outputs []string, err error) {
	names := func(values []onnx.Value) string {
		var names []string
		for _, v := range values {
			names = append(names, fmt.Sprintf("%q", v.Name))
		}
		return strings.Join(names, ", ")
	}
	if outputs = out; len(out) == 0 {
		for _, v := range g.Outputs {
			outputs = append(outputs, v.Name)
		}
	}
	if len(outputs) < 1 || len(outputs) > most {
		return input, nil, fmt.Errorf("%w: its outputs are %s", several, names(g.Outputs))
	}
	if in == "" {
		if len(g.Inputs) != 1 {
			return input, nil, fmt.Errorf("%w: its inputs are %s", several, names(g.Inputs))
		}
		return g.Inputs[0], outputs, nil
	}
	for _, values := range [][]onnx.Value{g.Inputs, g.Inner} {
		for _, v := range values {
			if v.Name == in {
				return v, outputs, nil
			}
		}
	}
	return input, nil, fmt.Errorf("there is no value %q whose shape the graph knows; its inputs are %s", in, names(g.Inputs))
}

// needed are the nodes that outputs depend on, but for those that give the input.
func needed(g *onnx.Graph, input string, outputs []string) []*onnx.Node {
	wanted := map[string]bool{}
	for _, name := range outputs {
		wanted[name] = true
	}
	var nodes []*onnx.Node
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		for _, name := range n.Outputs {
			if wanted[name] && name != input && name != "" {
				nodes = append(nodes, n)
				for _, in := range n.Inputs {
					wanted[in] = true
				}
				break
			}
		}
	}
	slices.Reverse(nodes)
	return nodes
}

// known reports operators that are not known, all of them.
func known(nodes []*onnx.Node) error {
	const most = 6
	var names []string
	seen := map[string]bool{}
	for _, n := range nodes {
		if _, ok := operators[n.Op]; ok && (n.Domain == "" || n.Domain == "ai.onnx") {
			continue
		}
		if key := n.Domain + "." + n.Op; !seen[key] {
			seen[key] = true
			names = append(names, n.String()+reasons[n.Op])
		}
	}
	if len(names) == 0 {
		return nil
	}
	if len(names) > most {
		names = append(names[:most], "and others")
	}
	return errors.New("the int8 arithmetic does not have: " + strings.Join(names, ", "))
}

// reasons say why an operator cannot be had, where that is not plain.
var reasons = map[string]string{
	"Elu": notHomogeneous, "Selu": notHomogeneous, "Celu": notHomogeneous, "Gelu": notHomogeneous, "HardSwish": notHomogeneous,
	"Mish": notHomogeneous, "Swish": notHomogeneous, "Softplus": notHomogeneous, "Softsign": notHomogeneous, "Erf": notHomogeneous,
	"InstanceNormalization": dependsOnPicture, "LayerNormalization": dependsOnPicture, "GroupNormalization": dependsOnPicture,
	"RandomNormal": isRandom, "RandomNormalLike": isRandom, "RandomUniform": isRandom, "RandomUniformLike": isRandom,
}

const (
	notHomogeneous   = " (train with ReLU: that of a multiple is no multiple)"
	dependsOnPicture = " (its factors depend on the picture; those of BatchNormalization do not)"
	isRandom         = " (it is random: export what is without it)"
)

// begin sets what the input is.
func (f *folder) begin(input onnx.Value) error {
	name := fmt.Sprintf("%s %q", f.from.name, input.Name)
	if !input.Shaped || len(input.Dims) < 2 {
		return fmt.Errorf("%s has the shape %s: it must be that of a batch, such as %s", name, shape(input), f.from.shape)
	}
	if input.Type.Whole() {
		return fmt.Errorf("%s has elements of %v, and should have numbers that are not whole", name, input.Type)
	}
	var dims []int
	for _, d := range input.Dims[1:] {
		if d.Size < 1 || d.Size > linear.MaxElements {
			return fmt.Errorf("%s has the shape %s: all but the first must be a number", name, shape(input))
		}
		dims = append(dims, int(d.Size))
	}
	if _, err := linear.Size(dims); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	flow, err := f.from.flow(dims)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.batch = size{batch: true}
	if d := input.Dims[0]; d.Size > 0 {
		f.batch = size{n: d.Size}
	}
	f.values[input.Name] = value{flow: flow}
	return nil
}

// latentPoint is where a decoder begins.
var latentPoint = beginning{"the latent point", "[batch, 2]", "export the decoder alone", ErrEnds, func(dims []int) (*linear.Flow, error) {
	if n := linear.Elements(dims); n > linear.MaxLatent {
		return nil, fmt.Errorf("it has %d dimensions, at most %d are possible: is it the whole autoencoder, and not the decoder alone?", n, linear.MaxLatent)
	}
	return linear.Start(dims), nil
}}

// Encoder folds the graph of the encoder that belongs to a decoder: from pictures as the decoder
// draws them to the means and the logarithms of the variances, the two outputs or two halves of
// one, or to the means alone. outputs names them, if the graph has others.
func Encoder(g *onnx.Graph, outputs []string, decoder *linear.Network) (*linear.Encoder, error) {
	if len(outputs) == 2 && outputs[0] == outputs[1] {
		return nil, fmt.Errorf("fold: the encoder: the means and the logarithms of the variances are two values, not %q twice", outputs[0])
	}
	factor, offset := decoder.Factor, decoder.Offset
	if factor == 0 { // logits
		factor = 1
	}
	flows, err := follow(g, "", outputs, 2, beginning{"the picture", "[batch, 1, 28, 28]", "export the encoder alone", ErrEncoderEnds, func(dims []int) (*linear.Flow, error) {
		return linear.Picture(dims, decoder.Image, factor, offset)
	}})
	if err != nil {
		return nil, fmt.Errorf("fold: the encoder: %w", err)
	}
	e, err := linear.NewEncoder(flows, decoder.Latent)
	if err != nil {
		return nil, fmt.Errorf("fold: %w", err)
	}
	return e, nil
}

func shape(v onnx.Value) string {
	if !v.Shaped {
		return "that nobody says"
	}
	var s []string
	for _, d := range v.Dims {
		switch {
		case d.Name != "":
			s = append(s, d.Name)
		case d.Size > 0:
			s = append(s, fmt.Sprint(d.Size))
		default:
			s = append(s, "?")
		}
	}
	return "[" + strings.Join(s, ", ") + "]"
}
