package keras

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
)

type object = map[string]any

// A written model is one of small random numbers, as TensorFlow.js would have written it.
type written struct {
	class    string
	layers   []any
	manifest []object
	data     []byte
	files    map[string][]byte // where they are not weights.bin alone
}

func sequential(point int) *written {
	w := &written{class: "Sequential", files: map[string][]byte{}}
	w.layers = append(w.layers, object{"class_name": "InputLayer", "config": object{"name": "z", "batch_input_shape": []any{nil, point}}})
	return w
}

// add adds a layer, and arrays of it by name and shape.
func (w *written) add(class, name string, config object, arrays ...any) *written {
	if config == nil {
		config = object{}
	}
	config["name"] = name
	w.layers = append(w.layers, object{"class_name": class, "config": config})
	for i := 0; i < len(arrays); i += 2 {
		shape := arrays[i+1].([]int)
		w.manifest = append(w.manifest, object{"name": name + "/" + arrays[i].(string), "shape": shape, "dtype": "float32"})
		for k := range linear.Elements(shape) {
			v := float32((k*37+len(w.data))%23)/23 - 0.45
			if strings.HasSuffix(arrays[i].(string), "variance") {
				v += 1
			}
			w.data = binary.LittleEndian.AppendUint32(w.data, math.Float32bits(v))
		}
	}
	return w
}

// topology is the model's.
func (w *written) topology() object {
	return object{"class_name": w.class, "config": object{"name": "decoder", "layers": w.layers}}
}

func (w *written) parse(topology any) (*Model, error) {
	data, err := json.Marshal(object{
		"format": "layers-model", "modelTopology": topology,
		"weightsManifest": []any{object{"paths": []string{"weights.bin"}, "weights": w.manifest}},
	})
	if err != nil {
		return nil, err
	}
	return Parse(data, func(string) ([]byte, error) { return w.data, nil })
}

func floats(t *testing.T, name string) (values []float64) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "tfjs", name))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(data) / 4 {
		values = append(values, float64(math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))))
	}
	return values
}

// equal holds a model to values.
func equal(t *testing.T, m *Model, z, want []float64) {
	t.Helper()
	f, err := m.Follow()
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for point := range slices.Chunk(z, linear.Elements(m.Point)) {
		got = append(got, f.Values(point)...)
	}
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) < 2e-6) {
			t.Fatalf("value %d is %v, want %v", i, got[i], w)
		}
	}
}

// fixture is a model that TensorFlow.js has written, with random weights, see .ci/interop.
func fixture(t testing.TB) (data, weights []byte) {
	t.Helper()
	for name, to := range map[string]*[]byte{"model.json": &data, "weights.bin": &weights} {
		var err error
		if *to, err = os.ReadFile(filepath.Join("testdata", "tfjs", name)); err != nil {
			t.Fatal(err)
		}
	}
	return data, weights
}

// What TensorFlow.js has written gives what it predicts: dense, batch normalization, ReLU, a
// transposed convolution, leaky ReLU, sigmoid.
func TestTensorFlowJS(t *testing.T) {
	data, weights := fixture(t)
	m, err := Parse(data, func(file string) ([]byte, error) {
		if file != "weights.bin" {
			return nil, fs.ErrNotExist
		}
		return weights, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, m, floats(t, "z.f32"), floats(t, "out.f32"))
	n, err := m.Network([3]int{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if n.Image != [3]int{4, 3, 1} || len(n.Layers) != 3 || n.Layers[1].To != linear.Leaky {
		t.Errorf("%v of %v", n.Layers, n.Image)
	}
	if got := m.Layers[0].Line(); got != `Dense "dense_Dense40", units 60` {
		t.Errorf("a layer is %s", got)
	}
}

// The same as Keras 2 and its converter, Keras 3 and older ones write it.
func TestForms(t *testing.T) {
	data, weights := fixture(t)
	var file struct {
		Topology struct {
			Config struct{ Layers []object }
		} `json:"modelTopology"`
		Manifest []struct {
			Weights []object
		} `json:"weightsManifest"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, w := range file.Manifest[0].Weights { // a model within another, a name that was there
		w["name"] = strings.Replace("decoder/"+w["name"].(string), "/bias", "/bias_1", 1)
	}
	// Half of them in a group of their own, the first of two files
	all := file.Manifest[0].Weights
	first := 0
	for _, w := range all[:4] {
		n := 4
		for _, d := range w["shape"].([]any) {
			n *= int(d.(float64))
		}
		first += n
	}
	files := map[string][]byte{"group1-shard1of2.bin": weights[:5], "group1-shard2of2.bin": weights[5:first], "group2": weights[first:]}
	manifest := []any{
		object{"paths": []string{"group1-shard1of2.bin", "group1-shard2of2.bin"}, "weights": all[:4]},
		object{"paths": []string{"group2"}, "weights": all[4:]},
	}
	sequence := file.Topology.Config.Layers
	// functional is the graph with nodes that read as they say; layers are in another order.
	functional := func(node func(from string) any, inputs, outputs any) any {
		layers := []any{object{"class_name": "Add", "name": "another", "config": object{}, "inbound_nodes": []any{}}}
		before := "z"
		for _, l := range sequence {
			name := l["config"].(object)["name"].(string)
			layers = append(layers, object{"class_name": l["class_name"], "name": name, "config": l["config"], "inbound_nodes": []any{node(before)}})
			before = name
		}
		slices.Reverse(layers)
		layers = append(layers, object{"class_name": "InputLayer", "name": "z", "config": object{"batch_shape": []any{nil, 3}}, "inbound_nodes": []any{}})
		return object{"class_name": "Functional", "config": object{"layers": layers, "input_layers": inputs, "output_layers": outputs}}
	}
	last := sequence[len(sequence)-1]["config"].(object)["name"]
	for name, topology := range map[string]any{
		"a list":      object{"class_name": "Sequential", "config": sequence},
		"a converter": object{"keras_version": "2.15.0", "model_config": object{"class_name": "Sequential", "config": object{"layers": sequence}}},
		"Keras 2": functional(func(from string) any { return []any{[]any{from, 0, 0, object{}}} },
			[]any{[]any{"z", 0, 0}}, []any{[]any{last, 0, 0}}),
		"Keras 3": functional(func(from string) any {
			tensor := object{"class_name": "__keras_tensor__", "config": object{"shape": []any{nil, 3}, "keras_history": []any{from, 0, 0}}}
			return object{"args": []any{tensor}, "kwargs": object{"training": false}}
		}, []any{"z", 0, 0}, []any{last, 0, 0}),
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(object{"modelTopology": topology, "weightsManifest": manifest})
			if err != nil {
				t.Fatal(err)
			}
			m, err := Parse(data, func(file string) ([]byte, error) { return files[file], nil })
			if err != nil {
				t.Fatal(err)
			}
			equal(t, m, floats(t, "z.f32"), floats(t, "out.f32"))
		})
	}
}

// A transposed convolution with padding "same" and kernel 3 and stride 2 gives nothing of the last
// row and column; what it gives by hand.
func TestSame(t *testing.T) {
	w := sequential(1).add("Reshape", "maps", object{"target_shape": []int{1, 1, 1}}).
		add("Conv2DTranspose", "up", object{"filters": 1, "kernel_size": []int{3, 3}, "strides": []int{2, 2}, "padding": "same", "use_bias": false}, "kernel", []int{3, 3, 1, 1})
	m, err := w.parse(w.topology())
	if err != nil {
		t.Fatal(err)
	}
	kernel := m.weights["up/kernel"].Data
	want := []float64{float64(kernel[0]), float64(kernel[1]), float64(kernel[3]), float64(kernel[4])}
	equal(t, m, []float64{1}, want)
}

// A picture as a vector, and one of colours, whose channels are the last.
func TestPictures(t *testing.T) {
	w := sequential(2).add("Dense", "a", object{"units": 8, "activation": "relu"}, "kernel", []int{2, 8}, "bias", []int{8}).
		add("Dense", "b", object{"units": 12, "activation": "sigmoid"}, "kernel", []int{8, 12}, "bias", []int{12})
	m, err := w.parse(w.topology())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Network([3]int{}, false); err == nil || !strings.Contains(err.Error(), "is no picture") {
		t.Errorf("12 values: %v", err)
	}
	if n, err := m.Network([3]int{3, 4, 1}, false); err != nil || n.Image != [3]int{3, 4, 1} {
		t.Errorf("error %v", err)
	}
	w.add("Reshape", "c", object{"target_shape": []int{2, 2, 3}})
	if m, err = w.parse(w.topology()); err != nil {
		t.Fatal(err)
	}
	n, err := m.Network([3]int{}, false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Follow()
	if err != nil {
		t.Fatal(err)
	}
	z := []float64{0.3, -2}
	for i, v := range n.Logits(z) { // the picture's order is that of the values
		if got, want := 1/(1+math.Exp(-v)), f.Values(z)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
	if _, err := m.Network([3]int{2, 3, 2}, false); err == nil || !strings.Contains(err.Error(), "gives a picture of 2x2x3, not of 2x3x2") {
		t.Errorf("another size: %v", err)
	}
}

// Whatever nobody can be sure of is refused, by the layer's name.
func TestRefused(t *testing.T) {
	conv := func(config object) *written {
		w := sequential(4).add("Reshape", "maps", object{"target_shape": []int{2, 2, 1}})
		c := object{"filters": 1, "kernel_size": []int{3, 3}, "strides": []int{2, 2}, "padding": "same"}
		for k, v := range config {
			c[k] = v
		}
		return w.add("Conv2DTranspose", "up", c, "kernel", []int{3, 3, 1, 1}, "bias", []int{1}).add("Activation", "end", object{"activation": "sigmoid"})
	}
	layer := func(class string, config object) *written { return sequential(4).add(class, "l", config) }
	for name, c := range map[string]struct {
		w    *written
		want string
	}{
		"output_padding":    {conv(object{"output_padding": []int{1, 1}}), `Conv2DTranspose "up": it has an output_padding`},
		"channels first":    {conv(object{"data_format": "channels_first"}), `Conv2DTranspose "up": its data_format is "channels_first"`},
		"dilation":          {conv(object{"dilation_rate": []int{2, 2}}), `"up": it is transposed and dilated`},
		"padding":           {conv(object{"padding": "causal"}), `its padding is "causal"`},
		"groups":            {conv(object{"groups": 2}), "2 groups"},
		"a kernel of 7":     {conv(object{"kernel_size": 7}), "its kernel is of shape [3 3 1 1], and should be [7 7 1 1]"},
		"a kernel of 2^40":  {conv(object{"kernel_size": 1 << 40}), "kernel_size"},
		"no kernel_size":    {conv(object{"kernel_size": nil}), "its kernel_size is missing"},
		"filters":           {conv(object{"filters": 1 << 40}), "filters"},
		"an unknown layer":  {layer("SeparableConv2D", nil), `the int8 arithmetic does not have: SeparableConv2D "l"`},
		"a model within":    {layer("Functional", nil), `Functional "l" (a model within the model: save the decoder alone)`},
		"softmax":           {layer("Activation", object{"activation": "softmax"}), `the activation "softmax" cannot be had`},
		"elu":               {layer("Activation", object{"activation": "elu"}), "that of a multiple is no multiple"},
		"an object":         {layer("Activation", object{"activation": object{}}), "its activation is none of those with a name"},
		"leaky":             {layer("LeakyReLU", object{"alpha": 1.5}), "its slope is 1.5"},
		"relu6":             {layer("ReLU", object{"max_value": 6}), "a max_value"},
		"reshape":           {layer("Reshape", object{"target_shape": []int{3, -1}}), "its target_shape is [3 -1], of a source of [4]"},
		"reshape to none":   {layer("Reshape", object{"target_shape": []int{0, -1}}), "its target_shape is [0 -1]"},
		"permute":           {layer("Permute", object{"dims": []int{2}}), "its dims are [2]"},
		"no kernel":         {layer("Dense", object{"units": 3}), `Dense "l": its kernel is not among the arrays`},
		"units":             {layer("Dense", object{"units": -1}), "-1 units"},
		"dense of maps":     {layer("Reshape", object{"target_shape": []int{2, 2}}).add("Dense", "d", object{"units": 2}), "is no vector"},
		"an axis":           {layer("BatchNormalization", object{"axis": 0}), "it is by the axis 0"},
		"two inputs":        {layer("Dense", object{"units": []int{1}}), "units is an array, want a whole number"},
		"a latent point":    {sequential(1<<30).add("Flatten", "l", nil), "is it the whole autoencoder"},
		"bilinear":          {layer("Reshape", object{"target_shape": []int{2, 2, 1}}).add("UpSampling2D", "u", object{"interpolation": "bilinear"}), `its interpolation is "bilinear"`},
		"no activation end": {layer("Flatten", nil), "does not end with a sigmoid or tanh"},
	} {
		c.w.manifest = append(c.w.manifest, object{"name": "x", "shape": []int{}, "dtype": "float32"})
		c.w.data = append(c.w.data, 0, 0, 0, 0)
		m, err := c.w.parse(c.w.topology())
		if err == nil {
			_, err = m.Network([3]int{}, false)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "keras: ") {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	m, err := conv(nil).parse(conv(nil).topology())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Network([3]int{}, true); err == nil || !strings.Contains(err.Error(), "are no logits") {
		t.Errorf("logits of a sigmoid: %v", err)
	}

	one := object{"name": "x", "shape": []int{1}, "dtype": "float32"}
	with := func(key string, v any) object {
		return object{"name": "x", "shape": []int{1}, "dtype": "float32", key: v}
	}
	for name, c := range map[string]struct {
		topology any
		paths    []string
		weight   object
		want     string
	}{
		"uint8":       {nil, nil, with("quantization", object{"dtype": "uint8", "min": 0, "scale": 1}), `"x" is quantized to uint8: convert the model without quantization`},
		"strings":     {nil, nil, with("dtype", "string"), `elements of type "string"`},
		"a lie":       {nil, nil, with("shape", []int{1 << 20, 200}), "needs 838860800 bytes, and 4 are left"},
		"a large lie": {nil, nil, with("shape", []int{1 << 40, 1 << 40}), "is none, or too large"},
		"less":        {nil, nil, with("shape", []int{0}), "4 bytes more than the arrays"},
		"above":       {nil, []string{"../w"}, one, `"../w" is no file beside the model's`},
		"elsewhere":   {nil, []string{`C:\w`}, one, `is no file beside the model's`},
		"twice":       {nil, []string{"w", "w"}, one, `"w" is there twice`},
		"no layers":   {object{"class_name": "Sequential", "config": object{}}, nil, one, "0 layers"},
		"a subclass":  {object{"class_name": "VAE", "config": object{"layers": []any{object{"name": "x"}}}}, nil, one, `a model of class "VAE"`},
		"no shape":    {object{"class_name": "Sequential", "config": object{"layers": []any{object{"name": "x", "config": object{}}}}}, nil, one, "does not say which shape its input has"},
		"any size": {object{"class_name": "Sequential", "config": object{"layers": []any{object{"name": "x", "config": object{"batch_shape": []any{nil, nil}}}}}}, nil, one,
			"a dimension of any size"},
		"two outputs": {object{"class_name": "Model", "config": object{"layers": []any{object{"name": "x"}},
			"input_layers": []any{[]any{"x", 0, 0}}, "output_layers": []any{[]any{"x", 0, 0}, []any{"x", 0, 0}}}}, nil, one, "save the decoder alone"},
		"a cycle": {object{"class_name": "Model", "config": object{"layers": []any{object{"name": "x", "inbound_nodes": []any{[]any{[]any{"x", 0, 0}}}}},
			"input_layers": []any{[]any{"z", 0, 0}}, "output_layers": []any{[]any{"x", 0, 0}}}}, nil, one, "the layers have a cycle"},
		"two ways": {object{"class_name": "Model", "config": object{"layers": []any{object{"name": "x", "class_name": "Add", "inbound_nodes": []any{[]any{[]any{"z", 0, 0}, []any{"z", 0, 0}}}}},
			"input_layers": []any{[]any{"z", 0, 0}}, "output_layers": []any{[]any{"x", 0, 0}}}}, nil, one, `Add "x": it reads 2 values`},
	} {
		if c.topology == nil {
			c.topology = layer("Flatten", nil).topology()
		}
		if c.paths == nil {
			c.paths = []string{"w"}
		}
		data, err := json.Marshal(object{"modelTopology": c.topology, "weightsManifest": []any{object{"paths": c.paths, "weights": []any{c.weight}}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(data, func(string) ([]byte, error) { return make([]byte, 4), nil })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	for data, want := range map[string]string{
		"":                          "not a model of TensorFlow.js",
		"{}":                        "it needs modelTopology and weightsManifest",
		`{"format": "graph-model"}`: "a graph model",
	} {
		if _, err := Parse([]byte(data), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", data, err, want)
		}
	}
}

// FuzzParse: whatever is in the files, it ends, and what it gives has the sizes that it says.
func FuzzParse(f *testing.F) {
	data, weights := fixture(f)
	f.Add(data, weights)
	for _, w := range []*written{
		sequential(3).add("Dense", "a", object{"units": 4}, "kernel", []int{3, 4}, "bias", []int{4}).add("Reshape", "m", object{"target_shape": []int{2, 2, 1}}).
			add("UpSampling2D", "u", nil).add("Permute", "p", object{"dims": []int{2, 1, 3}}).add("Rescaling", "r", object{"scale": 2.5, "offset": 1}).
			add("LeakyReLU", "l", nil).add("Conv2D", "c", object{"filters": 1, "kernel_size": 2, "padding": "same", "activation": "tanh"}, "kernel", []int{2, 2, 1, 1}, "bias", []int{1}),
	} {
		data, err := json.Marshal(object{"modelTopology": w.topology(), "weightsManifest": []any{object{"paths": []string{"w"}, "weights": w.manifest}}})
		if err != nil {
			f.Fatal(err)
		}
		if m, err := w.parse(w.topology()); err != nil {
			f.Fatal(err)
		} else if _, err := m.Network([3]int{}, false); err != nil {
			f.Fatal(err)
		}
		f.Add(data, w.data)
	}
	f.Fuzz(func(t *testing.T, data, weights []byte) {
		if len(data) > 1<<15 || len(weights) > 1<<15 {
			return
		}
		m, err := Parse(data, func(string) ([]byte, error) { return weights, nil })
		if err != nil || len(m.Layers) > 20 {
			return
		}
		for i := range m.Layers {
			_ = m.Layers[i].Line()
		}
		flow, err := m.Follow()
		if err != nil {
			return
		}
		if flow.Len() != linear.Elements(flow.Dims) {
			t.Fatal(fmt.Sprint(flow.Len(), " values of shape ", flow.Dims))
		}
		if n, err := m.Network([3]int{}, true); err == nil && flow.Len() < 5000 && n.Latent < 32 {
			n.Logits(make([]float64, n.Latent))
			_, _ = n.Model()
		}
	})
}
