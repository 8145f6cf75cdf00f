// Package importer makes an int8 model of a decoder that another program has trained. There need be
// no images: the int8 decoder learns to draw what the float one draws at points of the prior, and
// is measured at others.
package importer

import (
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/statedict"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A Source is a decoder as another program has left it.
type Source struct {
	Found   []string        // its operators that have weights or are activations, in a line each
	Network *linear.Network // that its graph was folded to; nil of arrays
	Float   *nn.Model
	Whole   *vae.Model // that Float is the decoder of; nil without an encoder
}

// ReadArrays reads a file of arrays, see package arrays, and the list of layers that they are for,
// see [statedict.Read].
func ReadArrays(name, layers string) (*Source, error) {
	list, err := regular.Read(layers, maxList)
	if err != nil {
		return nil, err
	}
	a, err := arrays.Read(name)
	if err != nil {
		return nil, err
	}
	s := &Source{}
	if s.Whole, s.Float, err = statedict.Read(list, a); err != nil {
		return nil, fmt.Errorf("%s, %s: %w", name, layers, err)
	}
	for _, array := range slices.Sorted(maps.Keys(a)) {
		s.Found = append(s.Found, fmt.Sprintf("%s %v", array, a[array].Shape))
	}
	return s, nil
}

// maxList is the largest list of layers, in bytes.
const maxList = 1 << 20

// Read reads an ONNX file and folds its graph, or a model.json with layers of Keras's.
func Read(name string, o fold.Options) (*Source, error) {
	if strings.EqualFold(filepath.Ext(name), ".json") {
		s := &Source{}
		var err error
		if s.Found, s.Network, err = readKeras(name, o); err == nil {
			s.Float, err = s.Network.Model()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return s, nil
	}
	data, err := regular.Read(name, pair.MaxFile)
	if err != nil {
		return nil, err
	}
	s, err := Parse(data, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// Parse is Read of what is in a file.
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

// Split makes two channels of ReLU of each of leaky ReLU, which is the same in float32 and nearer
// to it in int8, at up to four times the work.
func (s *Source) Split() (err error) {
	s.Network = s.Network.Split()
	s.Float, err = s.Network.Model()
	return err
}

// String is the layers as they were found and as they were folded.
func (s *Source) String() string {
	var b strings.Builder
	for _, line := range s.Found {
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

// Summary lists the layers that the graph came to, see model.Network.Summary.
func (s *Source) Summary() (lines []model.LayerInfo) {
	n := model.Network{Image: s.image(), Latent: s.Latent(), Decoder: s.Float.Stack}
	for _, l := range n.Summary() {
		if name, ok := strings.CutPrefix(l.Name, "decoder."); ok {
			l.Name = name
			lines = append(lines, l)
		}
	}
	return lines
}

// priorSeed keeps the points that a decoder is measured at apart from those that it learns at.
const priorSeed = 0x696d706f7274

// learningRate is a factor of the rates at which decoders learn that have been trained here.
// Others may be far wider: at full rate they come to be farther from the float decoder before they
// come nearer, and need more points than anybody has the patience for.
const learningRate = 0.2

// Quantize makes the int8 decoder, learnt at so many points of the prior. If it then is farther
// from the float one than it was with the scales alone that it has begun with, it stays what it
// was: after few points it may be.
func (s *Source) Quantize(name string, points int, o quantize.Options) (*model.Model, error) {
	if o.Rate == 0 {
		o.Rate = learningRate
	}
	of := func(points int) (*model.Model, float64, error) {
		q, err := quantize.Decoder(s.Float, name, &quantize.Prior{Latent: s.Latent(), Seed: o.Seed}, points, o)
		if err != nil {
			return nil, 0, err
		}
		score, err := s.Measure(q, compared, o.Threads, o.Seed^comparedSeed)
		if err != nil {
			return nil, 0, err
		}
		return q, score.PSNR, nil
	}
	first, before, err := of(0)
	if err != nil || points == 0 {
		return first, err
	}
	q, after, err := of(points)
	if err != nil || after >= before {
		return q, err
	}
	return first, nil
}

// compared is how many points decide that, which comparedSeed keeps apart from others.
const compared, comparedSeed = 256, 0x636f6d7061726564

// Write writes the weights to a folder, and the int8 encoder of a source that has one. Nobody gives
// images: it learns from those that the decoder draws, which are the model's own kind.
func (s *Source) Write(dir string, q *model.Model, threads int, seed uint64) error {
	var floats []byte
	var err error
	if s.Whole != nil {
		floats, err = pair.Marshal(s.Whole, nil)
	} else {
		floats, err = pair.MarshalDecoder(s.Float)
	}
	if err != nil {
		return err
	}
	ints, err := q.Marshal()
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, pair.FloatFile), floats); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, pair.Int8File), ints); err != nil {
		return err
	}
	file := filepath.Join(dir, encoder.File)
	if s.Whole == nil { // one that was there is of another decoder
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	d, err := decoder.New(q)
	if err != nil {
		return err
	}
	const points = 1000
	z, _, err := (&quantize.Prior{Latent: s.Latent(), Seed: seed ^ priorSeed}).Next(points)
	if err != nil {
		return err
	}
	fixed := q.FixedPoint(nil, pair.Widened(z)...)
	e, err := pair.NewEncoder(s.Whole, q, pair.DrawInt8(d)(fixed), threads)
	if err != nil {
		return err
	}
	_, err = pair.WriteEncoder(file, e)
	return err
}

// A Score compares an int8 decoder with the float one at points of the prior.
type Score struct {
	Points int `json:"points"`
	// PSNR is in dB, over the 8-bit pixels of all pictures together, 100 if they are equal; Worst
	// that of the picture that differs most
	PSNR  float64 `json:"int8_psnr_db"`
	Worst float64 `json:"int8_worst_psnr_db"`
	Most  int     `json:"largest_difference"` // in grey levels of 0 to 255
	// Flat says that pictures at different points hardly differ, as those of weights that have not
	// been trained, of which a PSNR says nothing.
	Flat bool `json:"flat"`

	shape                [3]int
	firstFloat, firstQ   []byte
	worstFloat, worstInt []byte
}

// Measure compares both at so many points.
func (s *Source) Measure(q *model.Model, points, threads int, seed uint64) (*Score, error) {
	d, err := decoder.New(q)
	if err != nil {
		return nil, err
	}
	runner := nn.NewRunner(s.Float, parallel.New(threads), nil)
	prior := &quantize.Prior{Latent: s.Latent(), Seed: seed ^ priorSeed}
	size := q.PictureSize()
	r := &Score{Points: points, Worst: math.Inf(1), shape: q.Image}
	draw := pair.DrawInt8(d)
	total := 0.0
	var low, high []byte
	for done := 0; done < points; {
		n := min(64, points-done)
		z, _, err := prior.Next(n)
		if err != nil {
			return nil, err
		}
		fixed := q.FixedPoint(nil, pair.Widened(z)...)
		logits := make([]float32, n*size)
		runner.Outputs(logits, z)
		want, got := make([]byte, n*size), draw(fixed)
		pair.Pixels(want, logits)
		for i := range n {
			a, b := want[i*size:][:size], got[i*size:][:size]
			squares := 0.0
			for k := range a {
				e := int(a[k]) - int(b[k])
				squares += float64(e * e)
				r.Most = max(r.Most, e, -e)
			}
			if psnr := decibels(squares, size); psnr < r.Worst {
				r.Worst, r.worstFloat, r.worstInt = psnr, slices.Clone(a), slices.Clone(b)
			}
			total += squares
			if low == nil {
				low, high = slices.Clone(a), slices.Clone(a)
			}
			for k, v := range a {
				low[k], high[k] = min(low[k], v), max(high[k], v)
			}
		}
		if len(r.firstFloat) < shown*size {
			r.firstFloat, r.firstQ = append(r.firstFloat, want...), append(r.firstQ, got...)
		}
		done += n
	}
	r.PSNR = decibels(total, size*points)
	r.Flat = true
	for k := range low {
		r.Flat = r.Flat && high[k]-low[k] < 16
	}
	return r, nil
}

// decibels is the PSNR of so many pixels; 100 if they are equal.
func decibels(squares float64, pixels int) float64 {
	if squares == 0 {
		return 100
	}
	return min(100, 10*math.Log10(255*255*float64(pixels)/squares))
}

// shown pictures are on a sheet, besides the worst.
const shown, columns = 23, 8

// Sheet draws pictures of both, one below the other, the one that differs most first.
func (s *Score) Sheet() image.Image {
	size := s.shape[0] * s.shape[1] * s.shape[2]
	n := min(shown, len(s.firstFloat)/size)
	row := func(name string, worst, first []byte) picture.Row {
		return picture.Row{Name: name, Images: picture.Of(slices.Concat(worst, first[:n*size]), s.shape)}
	}
	return picture.Reconstructions([]picture.Row{row("float32", s.worstFloat, s.firstFloat), row("int8", s.worstInt, s.firstQ)}, min(columns, n+1), nil)
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
