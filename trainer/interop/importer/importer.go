// Package importer makes an int8 model of a decoder that another program has trained. There need be
// no images: the int8 decoder learns to draw what the float one draws at points of the prior, and
// is measured at others.
package importer

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A Source is a decoder as another program has left it.
type Source struct {
	// Operators that have weights or are activations, in a line each; those of the encoder if it
	// came in a file of its own.
	Found, FoundEncoder []string
	Network             *linear.Network // that its graph was folded to; nil of arrays
	Float               *nn.Model
	Whole               *vae.Model // that Float is the decoder of; nil without an encoder
	BrightGround        bool       // of the pictures that it is of, see [model.Model.BrightGround]

	encoder *linear.Encoder // of ONNX; nil without
	places  places          // where int8 learns and is measured; nil: at points of the prior
	images  []byte          // that the int8 encoder learns from; nil: those that are drawn
}

// places are latent points: those that an int8 decoder learns at, and those it is measured at,
// which are others.
type places interface {
	learn(seed uint64, threads int) (quantize.Source, error)
	held(seed uint64, threads int) (quantize.Source, error)
	most() int // held points, before they come again
	String() string
}

// Parse reads an ONNX file and folds its graph.
func Parse(data []byte, o fold.Options) (*Source, error) {
	g, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	s := &Source{Found: found(g)}
	if s.Network, err = fold.Graph(g, o); err != nil {
		return nil, err
	}
	s.Float, err = s.Network.Model()
	return s, err
}

// String is the layers as they were found and as they were folded.
func (s *Source) String() string {
	var b strings.Builder
	for _, line := range s.Found {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	for i, line := range s.FoundEncoder {
		if i == 0 {
			fmt.Fprintln(&b, "\nand of the encoder:")
		}
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "\nas it is computed, of %d latent dimensions:\n", s.Latent())
	total := 0
	row := func(name, kind, output string, params int) {
		fmt.Fprintf(&b, "  %-22s %-16s %-15s %10s\n", name, kind, output, plain.Comma(params))
		total += params
	}
	for _, l := range s.Summary() {
		row(l.Name, l.Kind, plain.Shape(l.Output...), l.Params)
	}
	row("total", "", "", total)
	return b.String()
}

// found lists the nodes of a graph, but for those that only compute shapes.
func found(g *onnx.Graph) (lines []string) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		switch n.Op {
		case "Constant", "Shape", "Gather", "Unsqueeze", "Squeeze", "Concat", "Slice", "Cast", "Identity", "ConstantOfShape":
			continue
		}
		line := n.String()
		for _, name := range n.Inputs {
			if t := g.Constant(name); t != nil && len(t.Dims) > 1 && !t.Type.Whole() {
				line += fmt.Sprintf(", weights %v", t.Dims)
			}
		}
		for _, a := range n.Attributes {
			switch {
			case slices.Contains([]string{"strides", "pads", "output_padding", "output_shape"}, a.Name):
				line += fmt.Sprintf(", %s %v", a.Name, a.Ints)
			case a.Name == "auto_pad" && a.Text != "NOTSET":
				line += ", auto_pad " + a.Text
			case a.Name == "alpha" && n.Op == "LeakyRelu":
				line += fmt.Sprintf(", slope %g", a.Float)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Latent is the number of dimensions of a latent point.
func (s *Source) Latent() int { return s.Float.In[2] }

// image is the shape of a picture.
func (s *Source) image() [3]int { return s.Float.Stack[len(s.Float.Stack)-1].Out }

// Summary lists the layers that the graphs came to, see model.Network.Summary: the decoder's or, of
// an autoencoder, all.
func (s *Source) Summary() (lines []model.LayerInfo) {
	if s.Whole != nil {
		return s.Whole.Network.Summary()
	}
	n := model.Network{Image: s.image(), Latent: s.Latent(), Decoder: s.Float.Stack}
	for _, l := range n.Summary() {
		if name, ok := strings.CutPrefix(l.Name, "decoder."); ok {
			l.Name = name
			lines = append(lines, l)
		}
	}
	return lines
}

var notOfNames = regexp.MustCompile(`[^a-z0-9]+`)

// NameOf is a name for the model of a file.
func NameOf(file string) string {
	base := filepath.Base(file)
	base = strings.ToLower(strings.TrimSuffix(base, filepath.Ext(base)))
	name := strings.Trim(notOfNames.ReplaceAllString(base, "-"), "-")
	name = name[:min(len(name), 64)]
	if model.CheckName(name) != nil {
		return "imported"
	}
	return name
}
