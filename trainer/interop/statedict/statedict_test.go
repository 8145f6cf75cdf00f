package statedict

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// TestNames: tensors have the names and the shapes that PyTorch gives its own.
func TestNames(t *testing.T) {
	n, err := model.Preset("book", [3]int{8, 8, 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	m, err := vae.New(vae.Config{Network: n, Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	data, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(data)
	if err != nil || f.Metadata["format"] != "pt" || len(f.Tensors) != 2*(6+3) {
		t.Fatalf("%v, %v, %d tensors", err, f.Metadata, len(f.Tensors))
	}
	for name, shape := range map[string][]int{
		"encoder.0.weight": {32, 1, 3, 3},
		"encoder.4.weight": {32, 4 * 4 * 64},
		"encoder.5.weight": {2 * 3, 32},
		"encoder.5.bias":   {2 * 3},
		"decoder.0.weight": {4 * 4 * 64, 3},
		"decoder.1.weight": {64, 32, 3, 3},
		"decoder.2.weight": {1, 32, 3, 3},
		"decoder.2.bias":   {1},
	} {
		if tensor, ok := f.Tensor(name); !ok || !reflect.DeepEqual(tensor.Shape, shape) {
			t.Errorf("%s has the shape %v, want %v", name, tensor.Shape, shape)
		}
	}
	text, err := Layers(n)
	var again model.Network
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil || !reflect.DeepEqual(again, n) {
		t.Errorf("%v, %+v, want %+v", err, again, n)
	}
}
