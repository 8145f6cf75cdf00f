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
	f, err := follow(g, o)
	if err != nil {
		return nil, fmt.Errorf("fold: %w", err)
	}
	return f, nil
}

// oldest and newest are the versions of the operators whose meaning is known.
const oldest, newest = 7, 24

func follow(g *onnx.Graph, o Options) (*linear.Flow, error) {
	if g.Opset < oldest || g.Opset > newest {
		return nil, fmt.Errorf("the graph has operators of version %d, those of %d to %d are known: export it with one of these", g.Opset, oldest, newest)
	}
	input, output, err := ends(g, o)
	if err != nil {
		return nil, err
	}
	needed := needed(g, input.Name, output)
	if err := known(needed); err != nil {
		return nil, err
	}
	f := folder{graph: g, values: map[string]value{}, opset: g.Opset}
	if err := f.begin(input); err != nil {
		return nil, err
	}
	for _, n := range needed {
		if err := f.node(n); err != nil {
			return nil, fmt.Errorf("%v: %w", n, err)
		}
	}
	v, err := f.value(output)
	if err != nil {
		return nil, err
	}
	if v.flow == nil {
		return nil, fmt.Errorf("the output %q does not depend on the latent point", output)
	}
	return v.flow, nil
}

// ErrEnds is for a graph of which nobody says where the decoder begins and ends.
var ErrEnds = errors.New("the graph has several inputs or outputs, or none")

// ends are the values at which the decoder begins and ends.
func ends(g *onnx.Graph, o Options) (input onnx.Value, output string, err error) {
	names := func(values []onnx.Value) string {
		var names []string
		for _, v := range values {
			names = append(names, fmt.Sprintf("%q", v.Name))
		}
		return strings.Join(names, ", ")
	}
	switch {
	case o.Output != "":
		output = o.Output
	case len(g.Outputs) == 1:
		output = g.Outputs[0].Name
	default:
		return input, "", fmt.Errorf("%w: its outputs are %s", ErrEnds, names(g.Outputs))
	}
	if o.Input == "" {
		if len(g.Inputs) != 1 {
			return input, "", fmt.Errorf("%w: its inputs are %s", ErrEnds, names(g.Inputs))
		}
		return g.Inputs[0], output, nil
	}
	for _, values := range [][]onnx.Value{g.Inputs, g.Inner} {
		for _, v := range values {
			if v.Name == o.Input {
				return v, output, nil
			}
		}
	}
	return input, "", fmt.Errorf("there is no value %q whose shape the graph knows; its inputs are %s", o.Input, names(g.Inputs))
}

// needed are the nodes that an output depends on, but for those that give the input.
func needed(g *onnx.Graph, input, output string) []*onnx.Node {
	wanted := map[string]bool{output: true}
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
	for i, j := 0, len(nodes)-1; i < j; i, j = i+1, j-1 {
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
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
	isRandom         = " (export the decoder alone)"
)

// begin sets what the latent point is.
func (f *folder) begin(input onnx.Value) error {
	if !input.Shaped || len(input.Dims) < 2 {
		return fmt.Errorf("the latent point %q has the shape %s: it must be that of a batch of points, such as [batch, 2]", input.Name, shape(input))
	}
	if input.Type.Whole() {
		return fmt.Errorf("the latent point %q has elements of %v, and should have numbers that are not whole", input.Name, input.Type)
	}
	var dims []int
	for _, d := range input.Dims[1:] {
		if d.Size < 1 || d.Size > linear.MaxElements {
			return fmt.Errorf("the latent point %q has the shape %s: all but the first must be a number", input.Name, shape(input))
		}
		dims = append(dims, int(d.Size))
	}
	n, err := linear.Size(dims)
	if err != nil {
		return fmt.Errorf("the latent point %q: %w", input.Name, err)
	}
	if n > linear.MaxLatent {
		return fmt.Errorf("the latent point %q has %d dimensions, at most %d are possible: is it the whole autoencoder, and not the decoder alone?", input.Name, n, linear.MaxLatent)
	}
	f.batch = size{batch: true}
	if d := input.Dims[0]; d.Size > 0 {
		f.batch = size{n: d.Size}
	}
	f.values[input.Name] = value{flow: linear.Start(dims)}
	return nil
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
