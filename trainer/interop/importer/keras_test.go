package importer_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/importer"
)

type object = map[string]any

// One decoder, as TensorFlow.js writes it and as arrays with a list of layers, is the same.
func TestKeras(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	encode := func(v any) []byte {
		t.Helper()
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var (
		data     []byte
		manifest []any
		tensors  []safetensors.Tensor
	)
	for _, a := range []struct {
		name  string
		shape []int
	}{
		{"fc/kernel", []int{2, 3 * 2 * 4}}, {"fc/bias", []int{3 * 2 * 4}}, {"up/kernel", []int{3, 3, 5, 4}}, {"up/bias", []int{5}}, {"out/kernel", []int{3, 3, 3, 5}},
	} {
		var values []float32
		for range size(a.shape) {
			v := float32(len(data)%101)/101 - 0.5
			values = append(values, v)
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		manifest = append(manifest, object{"name": "decoder/" + a.name, "shape": a.shape, "dtype": "float32"})
		name := a.name
		if strings.HasSuffix(name, "bias") {
			name += ":0"
		}
		tensors = append(tensors, safetensors.New(name, values, a.shape...))
	}
	layer := func(class string, config object) object { return object{"class_name": class, "config": config} }
	file := write("model.json", encode(object{
		"format": "layers-model",
		"modelTopology": object{"class_name": "Sequential", "config": object{"layers": []any{
			layer("Dense", object{"name": "fc", "units": 24, "activation": "relu", "batch_input_shape": []any{nil, 2}}),
			layer("Reshape", object{"name": "maps", "target_shape": []int{3, 2, 4}}),
			layer("Conv2DTranspose", object{"name": "up", "filters": 5, "kernel_size": []int{3, 3}, "strides": []int{2, 2}, "padding": "same", "activation": "relu"}),
			layer("Conv2DTranspose", object{"name": "out", "filters": 3, "kernel_size": []int{3, 3}, "padding": "same", "use_bias": false, "activation": "sigmoid"}),
		}}},
		"weightsManifest": []any{object{"paths": []string{"weights.bin"}, "weights": manifest}},
	}))
	write("weights.bin", data)
	want, err := importer.Open(importer.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(want.String(), `Conv2DTranspose "up", filters 5, kernel_size [3 3], strides [2 2], padding same, activation relu`) {
		t.Errorf("it says %s", want)
	}
	if _, err := importer.Open(importer.Options{File: file, Graph: fold.Options{Output: "up"}}); err == nil || !strings.Contains(err.Error(), "model.json: the layers of Keras have one input") {
		t.Errorf("an output: %v", err)
	}

	packed, err := (&safetensors.File{Tensors: tensors}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	list := object{"layout": "keras", "image": []int{6, 4, 3}, "latent": 2, "decoder": []any{
		object{"name": "fc", "op": "dense", "out": 4}, object{"name": "up", "op": "conv_transpose", "kernel": 3, "stride": 2, "out": 5},
		object{"name": "out", "op": "conv_transpose", "kernel": 3},
	}}
	packedFile := write("weights.safetensors", packed)
	got, err := importer.Open(importer.Options{File: packedFile, Layers: write("layers.json", encode(list))})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range want.Float.Layers {
		g := got.Float.Layers[i]
		if !slices.Equal(g.Weight, l.Weight) || !slices.Equal(g.Bias, l.Bias) || l.Edges != nil && *g.Edges != *l.Edges {
			t.Errorf("layer %d differs", i)
		}
	}
	for layout, message := range map[string]string{"": `say "layout": "keras"`, "pytorch": `say "layout": "keras"`, "caffe": `layout is "caffe", want keras or pytorch`} {
		list["layout"] = layout
		if _, err := importer.Open(importer.Options{File: packedFile, Layers: write("layers.json", encode(list))}); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("layout %q: %v", layout, err)
		}
	}
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
