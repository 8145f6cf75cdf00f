package statedict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// written are the files of a model with random weights.
func written(t testing.TB, n model.Network) (m *vae.Model, layers []byte, a arrays.Arrays) {
	t.Helper()
	m, err := vae.New(vae.Config{Network: n, Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() { // biases, too
		for i := range p.Data {
			p.Data[i] += float32(i%7) / 16
		}
	}
	data, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = arrays.Parse(data); err != nil {
		t.Fatal(err)
	}
	if layers, err = Layers(n); err != nil {
		t.Fatal(err)
	}
	return m, layers, a
}

// TestRead: what Marshal writes is read as it was.
func TestRead(t *testing.T) {
	for name, n := range map[string]model.Network{"book": modeltest.Book(8, 12, 1, 2, 8), "colour": modeltest.Colour64(3), "deep": modeltest.Deep()} {
		t.Run(name, func(t *testing.T) {
			m, layers, a := written(t, n)
			got, decoder, err := Read(layers, a)
			if err != nil {
				t.Fatal(err)
			}
			if decoder != got.Decoder {
				t.Error("the decoder is another")
			}
			for i, p := range m.Params() {
				if q := got.Params()[i]; q.Name != p.Name || !slices.Equal(q.Data, p.Data) {
					t.Errorf("%s differs", p.Name)
				}
			}
		})
	}
}

// edited is a list of layers changed by f.
func edited(t *testing.T, layers []byte, f func(d map[string]any)) []byte {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(layers, &d); err != nil {
		t.Fatal(err)
	}
	f(d)
	layers, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return layers
}

func TestReadNamed(t *testing.T) {
	m, layers, a := written(t, modeltest.Book(8, 8, 1, 2, 8))
	layer := func(d map[string]any, half string, i int) map[string]any {
		return d[half].([]any)[i].(map[string]any)
	}
	// A decoder alone, under names of its own
	b := arrays.Arrays{}
	for name, v := range a {
		if rest, ok := strings.CutPrefix(name, "decoder.0."); ok {
			name = "fc." + rest
		}
		b["module."+name] = v
	}
	got, decoder, err := Read(edited(t, layers, func(d map[string]any) {
		delete(d, "encoder")
		layer(d, "decoder", 0)["name"] = "fc"
	}), b)
	if err != nil {
		t.Fatal(err)
	}
	if got != nil || !slices.Equal(decoder.Layers[0].Weight, m.Decoder.Layers[0].Weight) || !slices.Equal(decoder.Layers[2].Bias, m.Decoder.Layers[2].Bias) {
		t.Error("the decoder alone is another")
	}
	// No bias, another loss
	delete(a, "decoder.1.bias")
	got, _, err = Read(edited(t, layers, func(d map[string]any) { d["loss"], d["kl_weight"] = "book", 0.5 }), a)
	if err != nil || got.Loss != vae.LossBook || got.KLWeight != 0.5 || slices.Max(got.Decoder.Layers[1].Bias) != 0 {
		t.Errorf("%v, error %v", got.Config, err)
	}

	for name, c := range map[string]struct {
		layers []byte
		change func(a arrays.Arrays)
		want   string
	}{
		"nothing":          {[]byte("{}"), nil, "it needs a decoder"},
		"no JSON":          {[]byte("x"), nil, "list of layers: invalid character"},
		"a missing weight": {layers, func(a arrays.Arrays) { delete(a, "encoder.2.weight") }, `there is no array "encoder.2.weight"`},
		"a wrong shape":    {layers, func(a arrays.Arrays) { a["encoder.0.weight"] = a["encoder.1.weight"] }, "encoder.0.weight is of shape"},
		"a wrong bias":     {layers, func(a arrays.Arrays) { a["encoder.0.bias"] = a["encoder.0.weight"] }, "encoder.0.bias is of shape"},
		"an infinity":      {layers, func(a arrays.Arrays) { a["decoder.0.bias"].Data[3] = 1e38 }, "decoder.0 has the number 1e+38"},
		"two biases": {layers, func(a arrays.Arrays) {
			a["x.decoder.1.bias"], a["y.decoder.1.bias"] = arrays.Array{}, arrays.Array{}
		}, `"decoder.1.bias" may be any of`},
		"a number for a name": {edited(t, layers, func(d map[string]any) { layer(d, "encoder", 1)["name"] = 3 }), nil, "encoder.1: its name is 3"},
		"an unknown loss":     {edited(t, layers, func(d map[string]any) { d["loss"] = "hinge" }), nil, `loss "hinge"`},
		"an unknown word":     {edited(t, layers, func(d map[string]any) { layer(d, "encoder", 1)["dilation"] = 2 }), nil, "dilation"},
	} {
		_, layersNow, a := written(t, modeltest.Book(8, 8, 1, 2, 8))
		if !bytes.Equal(layersNow, layers) {
			t.Fatal("not the same")
		}
		delete(a, "decoder.1.bias")
		if c.change != nil {
			c.change(a)
		}
		if _, _, err := Read(c.layers, a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	_, layers, a := written(f, modeltest.Book(4, 4, 1, 2, 8))
	f.Add(layers)
	f.Fuzz(func(_ *testing.T, layers []byte) { Read(layers, a) })
}

// TestReadKeras: arrays in Keras's layouts, the two heads side by side, are read as they were.
func TestReadKeras(t *testing.T) {
	n := modeltest.Colour64(3)
	m, layers, _ := written(t, n)
	a := arrays.Arrays{}
	for half, of := range map[string]*nn.Model{"encoder": m.Encoder, "decoder": m.Decoder} {
		at, in := 0, of.In
		for i, l := range of.Stack {
			name := fmt.Sprintf("%s.%d", half, i)
			whole := of.Layers[at]
			if out := l.Out[2]; whole.Out[2] < out { // the heads
				means, deviations := whole, of.Layers[at+1]
				rows := len(means.Weight) / len(means.Bias)
				whole.Weight, whole.Bias = nil, slices.Concat(means.Bias, deviations.Bias)
				for r := range rows {
					whole.Weight = append(append(whole.Weight, means.Weight[r*out/2:][:out/2]...), deviations.Weight[r*out/2:][:out/2]...)
				}
				at++
			}
			at++
			shape := []int{l.Kernel, l.Kernel, in[2], l.Out[2]}
			switch l.Op {
			case model.Dense:
				shape = []int{model.Elements(in), model.Elements(l.Out)}
			case model.ConvTranspose:
				shape[2], shape[3] = shape[3], shape[2]
			}
			a[name+"/kernel:0"] = arrays.Array{Shape: shape, Data: whole.Weight}
			a["vae/"+name+"/bias"] = arrays.Array{Shape: []int{len(whole.Bias)}, Data: whole.Bias}
			in = l.Out
		}
	}
	got, _, err := Read(edited(t, layers, func(d map[string]any) { d["layout"] = "keras" }), a)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params() {
		if q := got.Params()[i]; q.Name != p.Name || !slices.Equal(q.Data, p.Data) {
			t.Errorf("%s differs", p.Name)
		}
	}
}
