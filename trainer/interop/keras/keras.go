// Package keras reads models of Keras's layers as TensorFlow.js and its converter write them, a
// model.json with files of weights beside it, and makes a list of layers of them that the int8
// arithmetic can compute.
//
// Maps are height x width x channels, a dense layer's weights [in][out], those of convolutions
// [down][across][in][out] and of transposed ones [down][across][out][in]. Of a padding "same" the
// odd row or column is at the end.
package keras

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
)

// ErrNoModel is for JSON that is something else.
var ErrNoModel = errors.New("keras: not a model of TensorFlow.js: it needs modelTopology and weightsManifest")

// A Model is layers, each of which reads what the one before it gives.
type Model struct {
	Point   []int // of a latent point
	Layers  []Layer
	weights arrays.Arrays
	names   []name // of weights
}

// A name is that of an array, and what it is without a number behind it.
type name struct{ whole, base string }

// A Layer is of a class of Keras's, with its configuration.
type Layer struct {
	Class, Name string
	config      json.RawMessage
}

// String names the layer as errors do.
func (l *Layer) String() string { return fmt.Sprintf("%s %q", l.Class, l.Name) }

// Line says what the layer is, for people.
func (l *Layer) Line() string {
	line := l.String()
	var c map[string]any
	if json.Unmarshal(l.config, &c) != nil {
		return line
	}
	for _, what := range []string{"units", "filters", "kernel_size", "strides", "padding", "target_shape", "activation", "alpha", "negative_slope"} {
		if v, ok := c[what]; ok && v != nil && v != "linear" {
			line += fmt.Sprintf(", %s %v", what, v)
		}
	}
	return line
}

// maxLayers is the most layers of a model.
const maxLayers = 1000

// Parse reads a model.json. read gives what is in a file beside it.
func Parse(data []byte, read func(file string) ([]byte, error)) (*Model, error) {
	var file struct {
		Format   string          `json:"format"`
		Topology json.RawMessage `json:"modelTopology"`
		Manifest json.RawMessage `json:"weightsManifest"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("keras: not a model of TensorFlow.js: %w", plain.JSONError(err))
	}
	switch {
	case file.Format == "graph-model":
		return nil, errors.New("keras: a graph model, whose layers are operators of TensorFlow: convert the Keras model to a layers model, or to ONNX")
	case len(file.Topology) == 0 || len(file.Manifest) == 0:
		return nil, ErrNoModel
	}
	m, err := topology(file.Topology)
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	if m.weights, err = arrays.ParseManifest(file.Manifest, read); err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	for _, whole := range slices.Sorted(maps.Keys(m.weights)) {
		m.names = append(m.names, name{whole, numbered.ReplaceAllString(whole, "")})
	}
	return m, nil
}

// A node is a layer as the list of a model has it.
type node struct {
	Class   string            `json:"class_name"`
	Name    string            `json:"name"`
	Config  json.RawMessage   `json:"config"`
	Inbound []json.RawMessage `json:"inbound_nodes"` // of every call of the layer
}

// topology reads the layers, in the order in which they are computed.
func topology(data json.RawMessage) (*Model, error) {
	var t struct {
		node
		Inner *node `json:"model_config"` // as the converter writes it
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("modelTopology: %w", plain.JSONError(err))
	}
	if t.Inner != nil {
		t.node = *t.Inner
	}
	var c struct {
		Layers  []node          `json:"layers"`
		Inputs  json.RawMessage `json:"input_layers"`
		Outputs json.RawMessage `json:"output_layers"`
	}
	var err error
	if t.Class == "Sequential" && len(t.Config) > 0 && t.Config[0] == '[' { // as it was before 2.2
		err = json.Unmarshal(t.Config, &c.Layers)
	} else {
		err = json.Unmarshal(t.Config, &c)
	}
	if err != nil {
		return nil, fmt.Errorf("modelTopology: %w", plain.JSONError(err))
	}
	if len(c.Layers) == 0 || len(c.Layers) > maxLayers {
		return nil, fmt.Errorf("modelTopology: %d layers, want 1 to %d", len(c.Layers), maxLayers)
	}
	for i := range c.Layers {
		n := &c.Layers[i]
		if n.Name == "" {
			var named struct {
				Name string `json:"name"`
			}
			if err := json.Unmarshal(n.Config, &named); err != nil {
				return nil, fmt.Errorf("modelTopology: layer %d: %w", i, plain.JSONError(err))
			}
			n.Name = named.Name
		}
	}
	switch t.Class {
	case "Sequential":
	case "Model", "Functional":
		if c.Layers, err = chain(c.Layers, c.Inputs, c.Outputs); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("modelTopology: a model of class %q: make it of tf.keras.Sequential or tf.keras.Model with inputs and outputs", t.Class)
	}
	m := &Model{}
	for i, n := range c.Layers {
		l := Layer{n.Class, n.Name, n.Config}
		if slices.ContainsFunc(m.Layers, func(o Layer) bool { return o.Name == l.Name }) {
			return nil, fmt.Errorf("two layers have the name %q", l.Name)
		}
		if i == 0 {
			if m.Point, err = l.input(); err != nil {
				return nil, fmt.Errorf("%v: %w", &l, err)
			}
		}
		m.Layers = append(m.Layers, l)
	}
	return m, nil
}

// input is the shape of what the first layer reads.
func (l *Layer) input() (dims []int, err error) {
	var c struct {
		Old []*int `json:"batch_input_shape"`
		New []*int `json:"batch_shape"`
	}
	if err := json.Unmarshal(l.config, &c); err != nil {
		return nil, plain.JSONError(err)
	}
	shape := c.Old
	if shape == nil {
		shape = c.New
	}
	if len(shape) < 2 {
		return nil, errors.New("it does not say which shape its input has: build the model before it is saved")
	}
	for _, d := range shape[1:] {
		if d == nil {
			return nil, errors.New("its input has a dimension of any size: say how many dimensions a latent point has")
		}
		dims = append(dims, *d)
	}
	return dims, nil
}

// chain follows the layers of a model from its output to its input.
func chain(layers []node, inputs, outputs json.RawMessage) ([]node, error) {
	ends := func(what string, data json.RawMessage) (string, error) {
		names, err := references(data)
		if err != nil {
			return "", err
		}
		if len(names) != 1 {
			return "", fmt.Errorf("modelTopology: its %s are %q, want one: save the decoder alone", what, names)
		}
		return names[0], nil
	}
	first, err := ends("inputs", inputs)
	if err != nil {
		return nil, err
	}
	name, err := ends("outputs", outputs)
	if err != nil {
		return nil, err
	}
	byName := map[string]*node{}
	for i := range layers {
		if byName[layers[i].Name] != nil {
			return nil, fmt.Errorf("two layers have the name %q", layers[i].Name)
		}
		byName[layers[i].Name] = &layers[i]
	}
	var found []node
	for range layers {
		n := byName[name]
		if n == nil {
			return nil, fmt.Errorf("modelTopology: there is no layer %q", name)
		}
		found = append(found, *n)
		if name == first {
			slices.Reverse(found)
			return found, nil
		}
		of := Layer{Class: n.Class, Name: n.Name}
		if len(n.Inbound) != 1 {
			return nil, fmt.Errorf("%v: it is called %d times, and should be once", &of, len(n.Inbound))
		}
		from, err := references(n.Inbound[0])
		if err != nil {
			return nil, fmt.Errorf("%v: %w", &of, err)
		}
		if len(from) != 1 {
			return nil, fmt.Errorf("%v: it reads %d values, %q: two ways that join cannot be had", &of, len(from), from)
		}
		name = from[0]
	}
	return nil, errors.New("modelTopology: the layers have a cycle")
}

// references are the names of the layers that a value of the topology tells of: a layer's name with
// two numbers is one, in lists or, by Keras 3, in arguments.
func references(data json.RawMessage) (names []string, err error) {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, fmt.Errorf("modelTopology: %w", plain.JSONError(err))
	}
	var visit func(v any) error
	visit = func(v any) error {
		switch v := v.(type) {
		case []any:
			if len(v) > 0 {
				if name, ok := v[0].(string); ok {
					if len(v) < 3 || v[1] != 0.0 || v[2] != 0.0 {
						return fmt.Errorf("modelTopology: %v is not the only result of a layer", v)
					}
					if len(v) > 3 { // what is given to the layer besides
						if more, ok := v[3].(map[string]any); !ok || len(more) > 0 || len(v) > 4 {
							return fmt.Errorf("modelTopology: %q is read with arguments", name)
						}
					}
					names = append(names, name)
					return nil
				}
			}
			for _, x := range v {
				if err := visit(x); err != nil {
					return err
				}
			}
		case map[string]any:
			for _, key := range []string{"args", "kwargs", "config", "keras_history"} {
				if err := visit(v[key]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err = visit(v)
	return names, err
}

// numbered is what is put behind a name that was there already.
var numbered = regexp.MustCompile(`(_\d+)?(:0)?$`)

// find is the array of a layer that it calls so; the shape is what it must have.
func (m *Model) find(l *Layer, what string, shape ...int) ([]float64, error) {
	var found []string
	for _, n := range m.names {
		if rest, ok := strings.CutSuffix(n.base, l.Name+"/"+what); ok && (rest == "" || strings.HasSuffix(rest, "/")) {
			found = append(found, n.whole)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("its %s is not among the arrays", what)
	case 1:
	default:
		return nil, fmt.Errorf("its %s may be any of %q", what, found)
	}
	a := m.weights[found[0]]
	if !slices.Equal(a.Shape, shape) {
		return nil, fmt.Errorf("its %s is of shape %v, and should be %v", what, a.Shape, shape)
	}
	values := make([]float64, len(a.Data))
	for i, v := range a.Data {
		values[i] = float64(v)
	}
	return values, nil
}
