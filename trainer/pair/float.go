// Package pair reads, writes and draws with a trained model: a float32 model with its concepts, and
// the int8 model that was made of it.
package pair

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/concept"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// floatFormat is what the metadata of a float32 file names.
const floatFormat = "vae-edge-float"

// MaxFile is the largest file that is read, in bytes.
const MaxFile = 1 << 30

// book is the preset whose description is of the first version.
const book = "book"

// The versions of a float32 file. The first says of a network only how large the book's is; others
// need the second.
const (
	bookVersion   = weights.Version
	layersVersion = "2"
)

// decoderVersion is that of the file of a decoder alone.
const decoderVersion = "3"

// ErrDecoderAlone is for a float32 model that has no encoder.
var ErrDecoderAlone = errors.New("this model is a decoder alone, imported or trained against a critic: there is no encoder to go with it")

// MarshalDecoder returns the file of a float32 decoder of which there is no encoder.
func MarshalDecoder(m *nn.Model) ([]byte, error) {
	n := model.Network{Image: m.Stack[len(m.Stack)-1].Out, Latent: m.In[2], Decoder: m.Stack}
	description, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	f := safetensors.File{
		Metadata: map[string]string{"format": floatFormat, "version": decoderVersion, "network": string(description)},
		Tensors:  weights.Tensors("", m.Params()),
	}
	return f.Marshal()
}

// UnmarshalDecoder reads the file of a float32 decoder of which there is no encoder.
func UnmarshalDecoder(data []byte) (*nn.Model, error) {
	f, err := weights.Parse(data, floatFormat, decoderVersion)
	if err != nil {
		return nil, err
	}
	var n model.Network
	if err := json.Unmarshal([]byte(f.Metadata["network"]), &n); err != nil {
		return nil, fmt.Errorf("description of the network: %w", plain.JSONError(err))
	}
	if again, err := json.Marshal(n); err != nil || string(again) != f.Metadata["network"] {
		return nil, errors.New("description of the network: it has unknown, repeated or unordered fields")
	}
	if err := n.Check(); err != nil {
		return nil, err
	}
	if len(n.Encoder) > 0 {
		return nil, errors.New("the network that it describes has an encoder")
	}
	if err := enough(n.Decoder.Weights(n.Point()), f); err != nil {
		return nil, err
	}
	m := nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
	if len(f.Tensors) != len(m.Params()) {
		return nil, fmt.Errorf("%d tensors, this network has %d", len(f.Tensors), len(m.Params()))
	}
	return m, weights.Fill(m.Params(), f, "")
}

// bookDescription is the JSON of the book's network in the metadata entry "network".
type bookDescription struct {
	Height   int      `json:"height"`
	Width    int      `json:"width"`
	Channels int      `json:"channels"`
	Latent   int      `json:"latent"`
	Hidden   int      `json:"hidden"`
	Loss     vae.Loss `json:"loss"`
	KLWeight float64  `json:"kl_weight"`
}

// layersDescription is that of any network.
type layersDescription struct {
	model.Network
	Loss     vae.Loss `json:"loss"`
	KLWeight float64  `json:"kl_weight"`
}

// describe returns the JSON of a network, and the version of the file that has it.
func describe(c vae.Config) (version string, description []byte, err error) {
	b := bookDescription{c.Image[0], c.Image[1], c.Image[2], c.Latent, 0, c.Loss, c.KLWeight}
	for _, l := range c.Encoder {
		if l.Op == model.Dense && l.Target == model.ReLU {
			b.Hidden = l.Out[2]
		}
	}
	if book, err := b.config(); err == nil && reflect.DeepEqual(book, c) {
		description, err = json.Marshal(b)
		return bookVersion, description, err
	}
	description, err = json.Marshal(layersDescription{c.Network, c.Loss, c.KLWeight})
	return layersVersion, description, err
}

// config is what the description stands for.
func (b bookDescription) config() (vae.Config, error) {
	n, err := model.Preset(book, [3]int{b.Height, b.Width, b.Channels}, b.Latent)
	if err != nil {
		return vae.Config{}, err
	}
	for i, l := range n.Encoder {
		if l.Op == model.Dense && l.Target == model.ReLU {
			n.Encoder[i].Out[2] = b.Hidden
		}
	}
	return vae.Config{Network: n, Loss: b.Loss, KLWeight: b.KLWeight}, nil
}

// parseDescription reads the description of a file's network, which must be as describe writes it.
func parseDescription(f *safetensors.File) (vae.Config, error) {
	c, err := readDescription(f)
	if err != nil {
		return c, err
	}
	if version, again, err := describe(c); err != nil || version != f.Metadata["version"] || string(again) != f.Metadata["network"] {
		return c, errors.New("description of the network: it has unknown, repeated or unordered fields")
	}
	return c, nil
}

func readDescription(f *safetensors.File) (vae.Config, error) {
	read := func(v any) error {
		if err := json.Unmarshal([]byte(f.Metadata["network"]), v); err != nil {
			return fmt.Errorf("description of the network: %w", plain.JSONError(err))
		}
		return nil
	}
	if f.Metadata["version"] == bookVersion {
		var b bookDescription
		if err := read(&b); err != nil {
			return vae.Config{}, err
		}
		return b.config()
	}
	var d layersDescription
	if err := read(&d); err != nil {
		return vae.Config{}, err
	}
	return vae.Config{Network: d.Network, Loss: d.Loss, KLWeight: d.KLWeight}, nil
}

// Marshal returns the file of a float32 model: its weights under the names that vae gives them
// and, where there are any, its concepts, as the int8 file has them but in float32: lengths along a
// direction are in standard deviations, all else in units.
func Marshal(m *vae.Model, concepts []concept.Concept) ([]byte, error) {
	version, description, err := describe(m.Config)
	if err != nil {
		return nil, err
	}
	f := safetensors.File{
		Metadata: map[string]string{"format": floatFormat, "version": version, "network": string(description)},
		Tensors:  weights.Tensors("", m.Params()),
	}
	if n := len(concepts); n > 0 {
		var names []string
		for _, c := range concepts {
			names = append(names, c.Name)
		}
		description, err := json.Marshal(names)
		if err != nil {
			return nil, err
		}
		f.Metadata["concepts"] = string(description)
		f.Tensors = append(f.Tensors, weights.Tensors("", conceptParams(concepts, m.Latent))...)
	}
	return f.Marshal()
}

// Unmarshal reads the file of a float32 model.
func Unmarshal(data []byte) (*vae.Model, []concept.Concept, error) {
	f, err := weights.Parse(data, floatFormat, bookVersion, layersVersion, decoderVersion)
	if err != nil {
		return nil, nil, err
	}
	if f.Metadata["version"] == decoderVersion {
		return nil, nil, ErrDecoderAlone
	}
	c, err := parseDescription(f)
	if err != nil {
		return nil, nil, err
	}
	m, err := newModel(c, f)
	if err != nil {
		return nil, nil, err
	}
	if err := weights.Fill(m.Params(), f, ""); err != nil {
		return nil, nil, err
	}
	concepts, err := parseConcepts(f, m.Latent)
	if err != nil {
		return nil, nil, err
	}
	want := len(m.Params())
	if concepts != nil {
		want += len(conceptParams(concepts, m.Latent))
	}
	if len(f.Tensors) != want {
		return nil, nil, fmt.Errorf("%d tensors, this network has %d", len(f.Tensors), want)
	}
	return m, concepts, nil
}

// conceptParams are the tensors of concepts, in arrays of their own.
func conceptParams(concepts []concept.Concept, dims int) []nn.Param {
	n := len(concepts)
	var mean, direction, normal, threshold []float32
	narrowed := func(to []float32, values ...float64) []float32 {
		for _, v := range values {
			to = append(to, float32(v))
		}
		return to
	}
	for _, c := range concepts {
		mean, direction = narrowed(mean, c.Mean...), narrowed(direction, c.Direction...)
		normal, threshold = narrowed(normal, c.Normal...), narrowed(threshold, c.Threshold)
	}
	params := []nn.Param{
		{Name: "concepts.mean", Shape: []int{n, dims}, Data: mean},
		{Name: "concepts.direction", Shape: []int{n, dims}, Data: direction},
		{Name: "concepts.threshold", Shape: []int{n}, Data: threshold},
	}
	if len(normal) > 0 {
		params = append(params, nn.Param{Name: "concepts.normal", Shape: []int{n, dims}, Data: normal})
	}
	return params
}

// parseConcepts reads what the file of a float32 model has of its concepts, if there are any.
func parseConcepts(f *safetensors.File, dims int) ([]concept.Concept, error) {
	description, ok := f.Metadata["concepts"]
	if !ok {
		return nil, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(description), &names); err != nil {
		return nil, fmt.Errorf("names of the concepts: %w", plain.JSONError(err))
	}
	if len(names) == 0 {
		return nil, errors.New("names of the concepts: there are none")
	}
	if err := model.CheckConceptNames(names); err != nil {
		return nil, err
	}
	// Before memory is taken for what is only claimed.
	if t, ok := f.Tensor("concepts.mean"); !ok || len(t.Data) != 4*len(names)*dims {
		return nil, fmt.Errorf("%d concepts of %d dimensions are not what tensor \"concepts.mean\" has", len(names), dims)
	}
	_, read := f.Tensor("concepts.normal")
	concepts := make([]concept.Concept, len(names))
	for i := range concepts {
		concepts[i] = concept.Concept{Name: names[i], Mean: make([]float64, dims), Direction: make([]float64, dims)}
		if read {
			concepts[i].Normal = make([]float64, dims)
		}
	}
	params := conceptParams(concepts, dims)
	if err := weights.Fill(params, f, ""); err != nil {
		return nil, err
	}
	for i := range concepts {
		c := &concepts[i]
		c.Mean, c.Direction = Widened(params[0].Data[i*dims:][:dims]), Widened(params[1].Data[i*dims:][:dims])
		c.Threshold = float64(params[2].Data[i])
		if read {
			c.Normal = Widened(params[3].Data[i*dims:][:dims])
		}
	}
	return concepts, nil
}

// newModel makes the model that a file describes, after a look whether the file is large enough for
// the weights that it claims.
func newModel(c vae.Config, f *safetensors.File) (*vae.Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := enough(c.Weights(), f); err != nil {
		return nil, err
	}
	return vae.Empty(c)
}

// enough reports a file that does not have so many weights.
func enough(weights int, f *safetensors.File) error {
	claimed, total := 4*weights, 0
	for _, t := range f.Tensors {
		total += len(t.Data)
	}
	if claimed > total {
		return fmt.Errorf("the network that it describes needs %d bytes of weights, there are %d", claimed, total)
	}
	return nil
}

// Widened returns values as float64.
func Widened(values []float32) []float64 {
	w := make([]float64, len(values))
	for i, v := range values {
		w[i] = float64(v)
	}
	return w
}
