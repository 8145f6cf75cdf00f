package statedict

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/interop/nchw"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A description is what Read needs to know beside the arrays.
type description struct {
	Image    []int            `json:"image,omitempty"`
	Latent   int              `json:"latent,omitempty"`
	Encoder  []map[string]any `json:"encoder,omitempty"`
	Decoder  []map[string]any `json:"decoder"`
	Loss     vae.Loss         `json:"-"`
	KLWeight float64          `json:"-"`
}

// Read returns the float model of a list of layers, JSON that [model.ParseNetwork] reads, and of
// arrays in the layouts of PyTorch. Without an encoder in the list only the decoder is returned,
// and m is nil.
//
// The arrays of a layer are called as Marshal calls them or, where the layer has a "name", by that
// and .weight and .bias; what programs put before a name does not matter. A layer may be without a
// bias. "loss" and "kl_weight" say what the model was trained with, elbo and 1 where they are
// missing: with the loss book the encoder's other half is read as logarithms of deviations.
func Read(layers []byte, a arrays.Arrays) (m *vae.Model, decoder *nn.Model, err error) {
	d, names, err := describe(layers)
	if err != nil {
		return nil, nil, err
	}
	alone := len(d.Encoder) == 0
	if alone { // any will do
		d.Encoder = []map[string]any{{"op": string(model.Dense)}}
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, nil, err
	}
	n, err := model.ParseNetwork(plain, [3]int{}, 0)
	if err != nil {
		return nil, nil, err
	}
	// Before memory is taken for what the list claims
	found := [2][]parameters{}
	if found[1], err = find(n.Decoder, n.Point(), names[1], a); err != nil {
		return nil, nil, err
	}
	if alone {
		decoder = nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
		fill(decoder, found[1])
		return nil, decoder, nil
	}
	if found[0], err = find(n.Encoder, n.Image, names[0], a); err != nil {
		return nil, nil, err
	}
	if m, err = vae.Empty(vae.Config{Network: n, Loss: d.Loss, KLWeight: d.KLWeight}); err != nil {
		return nil, nil, err
	}
	fill(m.Encoder, found[0])
	fill(m.Decoder, found[1])
	return m, m.Decoder, nil
}

// describe reads the list of layers, and what they are called.
func describe(layers []byte) (d description, names [2][]string, err error) {
	var extra struct {
		Loss     vae.Loss `json:"loss"`
		KLWeight *float64 `json:"kl_weight"`
	}
	if err := errors.Join(json.Unmarshal(layers, &d), json.Unmarshal(layers, &extra)); err != nil {
		return d, names, fmt.Errorf("list of layers: %w", err)
	}
	d.Loss, d.KLWeight = extra.Loss, 1
	if d.Loss == "" {
		d.Loss = vae.LossELBO
	}
	if extra.KLWeight != nil {
		d.KLWeight = *extra.KLWeight
	}
	for i, half := range []struct {
		name   string
		layers []map[string]any
	}{{"encoder", d.Encoder}, {"decoder", d.Decoder}} {
		for k, l := range half.layers {
			name := fmt.Sprintf("%s.%d", half.name, k)
			if said, ok := l["name"]; ok {
				if name, ok = said.(string); !ok || name == "" {
					return d, names, fmt.Errorf("%s.%d: its name is %v, want a text", half.name, k, said)
				}
				delete(l, "name")
			}
			names[i] = append(names[i], name)
		}
	}
	return d, names, nil
}

// parameters are those of a layer.
type parameters struct{ weight, bias []float32 }

// find returns the parameters of a stack, layer by layer.
func find(s model.Stack, in [3]int, names []string, a arrays.Arrays) (all []parameters, err error) {
	for i := range s {
		l, name := &s[i], names[i]
		weight, err := a.Find(name + ".weight")
		if err != nil {
			return nil, err
		}
		if shape := nchw.Shape(l, in); !slices.Equal(weight.Shape, shape) {
			return nil, fmt.Errorf("%s.weight is of shape %v, the layer's is %v", name, weight.Shape, shape)
		}
		outputs := l.Out[2]
		if l.Op == model.Dense {
			outputs = model.Elements(l.Out)
		}
		bias := arrays.Array{Shape: []int{outputs}, Data: make([]float32, outputs)}
		if len(a.Named(name+".bias")) > 0 {
			if bias, err = a.Find(name + ".bias"); err != nil {
				return nil, err
			}
		}
		if !slices.Equal(bias.Shape, []int{outputs}) {
			return nil, fmt.Errorf("%s.bias is of shape %v, the layer's is [%d]", name, bias.Shape, outputs)
		}
		for _, values := range [][]float32{weight.Data, bias.Data} {
			for _, v := range values {
				if v-v != 0 || math.Abs(float64(v)) > 1e30 {
					return nil, fmt.Errorf("%s has the number %v", name, v)
				}
			}
		}
		all = append(all, parameters{weight.Data, bias.Data})
		in = l.Out
	}
	return all, nil
}

// fill sets the weights of a stack.
func fill(m *nn.Model, found []parameters) {
	at := 0
	for _, p := range found {
		// Of two heads each has layers of its own
		for len(p.bias) > 0 {
			l := &m.Layers[at]
			w, b := len(l.Weight), len(l.Bias)
			nchw.SetFloat(l, p.weight[:w], p.bias[:b])
			p.weight, p.bias = p.weight[w:], p.bias[b:]
			at++
		}
	}
}
