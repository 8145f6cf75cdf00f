// Package statedict writes float models as PyTorch keeps its own: a state_dict in a safetensors
// file, and the list of layers that it is for, as JSON.
//
// Layer N of the encoder and of the decoder is "encoder.N.weight", "encoder.N.bias" and so on, as a
// torch.nn.ModuleList of them names its layers, in the layouts of package nchw: those of Linear,
// Conv2d and ConvTranspose2d. The encoder's two heads are one Linear, the means first.
package statedict

import (
	"encoding/json"
	"fmt"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/interop/nchw"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Marshal returns the safetensors file of a float model.
func Marshal(m *vae.Model) ([]byte, error) {
	f := &safetensors.File{Metadata: map[string]string{"format": "pt"}}
	f.Tensors = append(tensors("encoder", m.Encoder), tensors("decoder", m.Decoder)...)
	return f.Marshal()
}

// tensors are a stack's weights and biases.
func tensors(name string, m *nn.Model) (all []safetensors.Tensor) {
	n := 0
	for i, l := range m.Stack {
		// Of two heads each has layers of its own.
		var weight, bias []float32
		out := 0
		for ; out < l.Out[2]; n++ {
			w, b := nchw.Float(&m.Layers[n])
			weight, bias = append(weight, w...), append(bias, b...)
			out += m.Layers[n].Out[2]
		}
		shape := nchw.Shape(&l, m.Layers[n-1].In)
		all = append(all,
			safetensors.New(fmt.Sprintf("%s.%d.weight", name, i), weight, shape...),
			safetensors.New(fmt.Sprintf("%s.%d.bias", name, i), bias, len(bias)))
	}
	return all
}

// Layers returns the JSON of a network: its pictures, its latent dimensions and all layers, of
// which nothing is left out. Fields are those of [model.Network].
func Layers(n model.Network) ([]byte, error) {
	data, err := json.MarshalIndent(n, "", "  ")
	return append(data, '\n'), err
}
