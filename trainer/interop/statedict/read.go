package statedict

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/internal/plain"
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
	keras    bool
}

// Read returns the float model of a list of layers, JSON that [model.ParseNetwork] reads, and of
// arrays in the layouts of PyTorch or, where the list says "layout": "keras", of Keras. Without an
// encoder in the list only the decoder is returned, and m is nil.
//
// The arrays of a layer are called as Marshal calls them or, where the layer has a "name", by that
// and .weight and .bias; what programs put before a name does not matter. Those of Keras are called
// so with /kernel and /bias, of maps with the channels last: dense [in][out], conv
// [ky][kx][in][out], conv_transpose [ky][kx][out][in]. A layer may be without a bias.
//
// "loss" and "kl_weight" say what the model was trained with, elbo and 1 where they are missing:
// with the loss book the encoder's other half is read as logarithms of deviations.
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
	if found[1], err = d.find(n.Decoder, n.Point(), names[1], a); err != nil {
		return nil, nil, err
	}
	if alone {
		decoder = nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
		d.fill(decoder, found[1])
		return nil, decoder, nil
	}
	if found[0], err = d.find(n.Encoder, n.Image, names[0], a); err != nil {
		return nil, nil, err
	}
	if m, err = vae.Empty(vae.Config{Network: n, Loss: d.Loss, KLWeight: d.KLWeight}); err != nil {
		return nil, nil, err
	}
	d.fill(m.Encoder, found[0])
	d.fill(m.Decoder, found[1])
	return m, m.Decoder, nil
}

// describe reads the list of layers, and what they are called.
func describe(layers []byte) (d description, names [2][]string, err error) {
	var extra struct {
		Loss     vae.Loss `json:"loss"`
		KLWeight *float64 `json:"kl_weight"`
		Layout   string   `json:"layout"`
	}
	for _, to := range []any{&d, &extra} {
		if err := json.Unmarshal(layers, to); err != nil {
			return d, names, fmt.Errorf("list of layers: %w", plain.JSONError(err))
		}
	}
	if len(d.Decoder) == 0 {
		return d, names, errors.New("list of layers: it needs a decoder, a list of its layers")
	}
	if extra.Layout != "" && extra.Layout != "keras" && extra.Layout != "pytorch" {
		return d, names, fmt.Errorf("list of layers: layout is %q, want keras or pytorch", extra.Layout)
	}
	d.Loss, d.KLWeight, d.keras = extra.Loss, 1, extra.Layout == "keras"
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

// shape is that of a layer's weights, whose source has the shape in.
func (d *description) shape(l *model.Layer, in [3]int) []int {
	switch {
	case !d.keras:
		return nchw.Shape(l, in)
	case l.Op == model.Dense:
		return []int{model.Elements(in), model.Elements(l.Out)}
	case l.Op == model.ConvTranspose:
		return []int{l.Kernel, l.Kernel, l.Out[2], in[2]}
	}
	return []int{l.Kernel, l.Kernel, in[2], l.Out[2]}
}

// find returns the parameters of a stack, layer by layer.
func (d *description) find(s model.Stack, in [3]int, names []string, a arrays.Arrays) (all []parameters, err error) {
	for i := range s {
		l := &s[i]
		weights, biases := names[i]+".weight", names[i]+".bias"
		if d.keras {
			weights, biases = numbered(a, names[i]+"/kernel"), numbered(a, names[i]+"/bias")
		} else if len(a.Named(weights)) == 0 && len(a.Named(numbered(a, names[i]+"/kernel"))) > 0 {
			return nil, errors.New(`the arrays have the names of Keras: say "layout": "keras" in the list of layers`)
		}
		weight, err := a.Find(weights)
		if err != nil {
			return nil, err
		}
		if shape := d.shape(l, in); !slices.Equal(weight.Shape, shape) {
			return nil, fmt.Errorf("%s is of shape %v, the layer's is %v", weights, weight.Shape, shape)
		}
		outputs := l.Out[2]
		if l.Op == model.Dense {
			outputs = model.Elements(l.Out)
		}
		bias := arrays.Array{Shape: []int{outputs}, Data: make([]float32, outputs)}
		if len(a.Named(biases)) > 0 {
			if bias, err = a.Find(biases); err != nil {
				return nil, err
			}
		}
		if !slices.Equal(bias.Shape, []int{outputs}) {
			return nil, fmt.Errorf("%s is of shape %v, the layer's is [%d]", biases, bias.Shape, outputs)
		}
		for _, values := range [][]float32{weight.Data, bias.Data} {
			for _, v := range values {
				if v-v != 0 || math.Abs(float64(v)) > 1e30 {
					return nil, fmt.Errorf("%s has the number %v", names[i], v)
				}
			}
		}
		all = append(all, parameters{weight.Data, bias.Data})
		in = l.Out
	}
	return all, nil
}

// numbered is the name of an array, with the :0 that Keras before 3 puts behind it where there is
// one.
func numbered(a arrays.Arrays, name string) string {
	if len(a.Named(name)) == 0 && len(a.Named(name+":0")) > 0 {
		return name + ":0"
	}
	return name
}

// fill sets the weights of a stack.
func (d *description) fill(m *nn.Model, found []parameters) {
	at := 0
	for _, p := range found {
		// Of two heads each has layers of its own
		all := len(p.bias)
		for done := 0; done < all; at++ {
			l := &m.Layers[at]
			n, each := len(l.Bias), len(p.weight)/all
			bias := p.bias[done:][:n]
			if d.keras { // as those of package nn, but for the heads side by side
				for row := range each {
					copy(l.Weight[row*n:][:n], p.weight[row*all+done:])
				}
				copy(l.Bias, bias)
			} else {
				nchw.SetFloat(l, p.weight[done*each:][:n*each], bias)
			}
			done += n
		}
	}
}
