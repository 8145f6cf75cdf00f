package model_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
)

// The edges that Keras has, as TensorFlow.js computes them: what is cropped off a transposed
// convolution, and the zeros around a plain one, at the beginning and the end.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		op             model.Op
		side           int
		kernel, stride int
		before, after  int
		out            int
	}{
		{model.ConvTranspose, 7, 3, 2, 0, 1, 14},
		{model.ConvTranspose, 7, 3, 1, 1, 1, 7},
		{model.ConvTranspose, 7, 4, 2, 1, 1, 14},
		{model.ConvTranspose, 7, 5, 1, 2, 2, 7},
		{model.ConvTranspose, 7, 5, 2, 1, 2, 14},
		{model.ConvTranspose, 7, 2, 2, 0, 0, 14},
		{model.Conv, 28, 3, 1, 1, 1, 28},
		{model.Conv, 28, 3, 2, 0, 1, 14},
		{model.Conv, 27, 3, 2, 1, 1, 14},
		{model.Conv, 28, 4, 2, 1, 1, 14},
		{model.Conv, 28, 5, 2, 1, 2, 14},
		{model.Conv, 28, 2, 1, 0, 1, 28},
		{model.Conv, 5, 1, 2, 0, 0, 3},
	} {
		l := model.Same(c.op, [3]int{c.side, c.side, 3}, c.kernel, c.stride, 4)
		want := model.Layer{
			Op: c.op, Kernel: c.kernel, Stride: c.stride, Edges: &kernels.Edges{c.before, c.after, c.before, c.after},
			Out: [3]int{c.out, c.out, 4}, Target: model.ReLU,
		}
		if !reflect.DeepEqual(l, want) {
			t.Errorf("%s of %d, kernel %d, stride %d: edges %v to %v, want %v to %v", c.op, c.side, c.kernel, c.stride, *l.Edges, l.Out, *want.Edges, want.Out)
		}
	}
}

// The book's network is that of the built-in models, and its size follows the pictures.
func TestPreset(t *testing.T) {
	n, err := model.Preset("book", [3]int{28, 28, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"image":[28,28,1],"latent":2,` +
		`"encoder":[{"op":"conv","kernel":3,"stride":1,"edges":[1,1,1,1],"out":[28,28,32],"to":"relu"},` +
		`{"op":"conv","kernel":3,"stride":2,"edges":[0,1,0,1],"out":[14,14,64],"to":"relu"},` +
		`{"op":"conv","kernel":3,"stride":1,"edges":[1,1,1,1],"out":[14,14,64],"to":"relu"},` +
		`{"op":"conv","kernel":3,"stride":1,"edges":[1,1,1,1],"out":[14,14,64],"to":"relu"},` +
		`{"op":"dense","out":[1,1,32],"to":"relu"},{"op":"dense","out":[1,1,4],"to":"latent"}],` +
		`"decoder":[{"op":"dense","out":[14,14,64],"to":"relu"},` +
		`{"op":"conv_transpose","kernel":3,"stride":2,"edges":[0,1,0,1],"out":[28,28,32],"to":"relu"},` +
		`{"op":"conv","kernel":3,"stride":1,"edges":[1,1,1,1],"out":[28,28,1],"to":"pixels"}]}`
	if got, err := json.Marshal(n); err != nil || string(got) != want {
		t.Errorf("%s, error %v, want %s", got, err, want)
	}
	if n.Decoder.MACs(n.Point()) != 25088+196*9*64*32+784*9*32 || n.Encoder.Weights(n.Image)+n.Decoder.Weights(n.Point()) != 550629 {
		t.Errorf("%d multiply-accumulates, %d weights", n.Decoder.MACs(n.Point()), n.Encoder.Weights(n.Image)+n.Decoder.Weights(n.Point()))
	}
	for _, name := range model.PresetNames() {
		if _, err := model.Preset(name, [3]int{64, 64, 3}, 64); err != nil {
			t.Error(err)
		}
	}
	if n, err = model.Preset("book", [3]int{30, 64, 3}, 16); err != nil || n.Decoder[0].Out != [3]int{15, 32, 64} || n.Encoder[4].Out[2] != 128 {
		t.Errorf("for pictures of 30x64x3: %+v, error %v", n, err)
	}
	if _, err := model.Preset("novel", [3]int{28, 28, 1}, 2); err == nil || !strings.Contains(err.Error(), `no network named "novel"`) {
		t.Errorf("a network that there is not: error %v", err)
	}
}

const small = `{"image": [8, 8, 1], "latent": 3,
	"encoder": [{"op": "conv", "kernel": 4, "stride": 2, "out": 5}, {"op": "dense"}],
	"decoder": [{"op": "dense", "out": 6}, {"op": "conv_transpose", "kernel": 4, "stride": 2}]}`

// What a file leaves out follows from the rest; what it says whole comes back as it was.
func TestParseNetwork(t *testing.T) {
	for _, n := range []model.Network{modeltest.Deep(), modeltest.Colour64(8), modeltest.Foreign(), modeltest.Book(28, 28, 1, 2, 32)} {
		text, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range [][3]int{{}, n.Image} {
			if again, err := model.ParseNetwork(text, image, 0); err != nil || !reflect.DeepEqual(again, n) {
				t.Errorf("%s comes back as %+v, error %v", text, again, err)
			}
		}
	}
	// The sides of the decoder's dense layer, from the end.
	n, err := model.ParseNetwork([]byte(`{"encoder": [{"op": "dense", "out": 7}, {"op": "dense"}], "decoder": [
		{"op": "dense", "out": 9},
		{"op": "conv_transpose", "kernel": 4, "stride": 2, "edges": [1, 1, 0, 0], "out": 8},
		{"op": "conv", "kernel": 3, "edges": [0, 0, 0, 0], "out": 8},
		{"op": "conv_transpose", "kernel": 5, "stride": 2, "edges": [2, 2, 2, 1]}
	]}`), [3]int{11, 12, 3}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if n.Latent != 5 || n.Decoder[0].Out != [3]int{4, 3, 9} || n.Encoder[1].Out[2] != 10 {
		t.Errorf("%+v", n)
	}
}

// Sides of dense layers follow from what reads them, and a decoder may be of nothing else.
func TestParseNetworkDense(t *testing.T) {
	n, err := model.ParseNetwork([]byte(`{"encoder": [{"op": "dense"}], "decoder": [
		{"op": "dense", "out": 40, "to": "leaky_relu", "slope": 0.2}, {"op": "dense", "out": 9},
		{"op": "conv_transpose", "kernel": 4, "stride": 2, "out": 8},
		{"op": "dense"}
	]}`), [3]int{4, 6, 3}, 5)
	if err == nil || !strings.Contains(err.Error(), "decoder.1") || !strings.Contains(err.Error(), "write out as [height, width, channels]") {
		t.Errorf("sides that follow from nothing: %+v, error %v", n, err)
	}
	n, err = model.ParseNetwork([]byte(`{"encoder": [{"op": "dense"}], "decoder": [
		{"op": "dense", "out": 40, "to": "leaky_relu", "slope": 0.2},
		{"op": "dense", "out": [2, 3, 9]},
		{"op": "conv_transpose", "kernel": 4, "stride": 2, "out": 8},
		{"op": "dense"}
	]}`), [3]int{4, 6, 3}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if n.Decoder[0].Out != [3]int{1, 1, 40} || n.Decoder[2].Out != [3]int{4, 6, 8} || n.Decoder[3].Out != n.Image {
		t.Errorf("%+v", n)
	}
	if got, want := n.Decoder.MACs(n.Point()), 5*40+40*54+16*6*9*8+192*72; got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
	if n, err = model.ParseNetwork([]byte(`{"encoder": [{"op": "dense"}], "decoder": [{"op": "dense", "out": 40}, {"op": "dense"}]}`), [3]int{28, 28, 1}, 2); err != nil || n.Decoder[1].Out != n.Image {
		t.Errorf("%+v, error %v", n, err)
	}
}

func TestParseNetworkRefuses(t *testing.T) {
	replace := func(pairs ...string) string {
		text := strings.NewReplacer(pairs...).Replace(small)
		if text == small {
			t.Fatalf("nothing to replace: %q", pairs)
		}
		return text
	}
	if _, err := model.ParseNetwork([]byte(small), [3]int{}, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"", "it is empty"},
		{"{", "it ends in the middle"},
		{"{\n,}", "line 2 is not JSON"},
		{"[]", "an array where an object should be"},
		{replace(`"encoder"`, `"latent": 3, "latent": 3, "encoder"`), "it says latent twice"},
		{replace(`"encoder"`, `"Encoder"`), `unknown field "Encoder": write "encoder"`},
		{replace(`{"op": "dense"}`, `{"op": "dense", "out": 6, "out": 6}`), "encoder.1: it says out twice"},
		{replace(`{"op": "dense"}`, `{"out": 6}`), "encoder.1: op is missing"},
		{replace(`{"op": "dense"}`, `null`), "encoder.1: op is missing"},
		{replace(`[{"op": "dense", "out": 6}, `, `[{"op": "conv", "kernel": 1, "out": 6}, `), "decoder.0, conv: a decoder begins with a dense layer"},
		{small + "{}", "something after its end"},
		{replace(`"out": 5`, `"filters": 5`), `encoder.0: unknown field "filters"`},
		{replace(`"out": 5`, `"out": "5"`), "encoder.0: out is a string, want whole numbers"},
		{replace(`"kernel": 4, "stride": 2}`, `"kernel": "4"}`), "decoder.1: kernel is a string, want a whole number"},
		{replace(`{"op": "dense"}`, `7`), "encoder.1: a number where an object should be"},
		{replace(`"out": 5`, `"out": [4, 5]`), "encoder.0: out is [4 5], want a number of channels or [height, width, channels]"},
		{replace(`"out": 5`, `"edges": [1, 1], "out": 5`), "encoder.0: edges are [1 1], want [top, bottom, left, right]"},
		{replace(`"out": 5`, `"edges": [1, 1, 1, 1, 9], "out": 5`), "encoder.0: edges are [1 1 1 1 9]"},
		{replace(`[8, 8, 1]`, `[8, 8]`), "image is [8 8], want [height, width, channels]"},
		{replace(`[8, 8, 1]`, `[8, 8, 1, 9]`), "image is [8 8 1 9]"},
		{replace(`"out": 5`, `"out": [5, 5, 5]`), "encoder.0, conv of 8x8x1: kernels: source 8x8x1 gives 4x4 pixels, not 5x5"},
		{replace(`"out": 5`, `"out": 0`), "encoder.0, conv of 8x8x1: shape 4x4x0"},
		{replace(`, "out": 5`, ``), "encoder.0, conv: out is missing"},
		{replace(`"kernel": 4, "stride": 2, "out"`, `"kernel": 6, "stride": 2, "out"`), "encoder.0, conv: kernels: kernel 6"},
		{replace(`"kernel": 4, "stride": 2, "out"`, `"stride": 2, "out"`), "encoder.0, conv: kernels: kernel 0 with stride 2"},
		{replace(`"conv"`, `"pool"`), `encoder.0, pool of 8x8x1: unknown operation "pool"`},
		{replace(`"conv"`, `"dense"`), "encoder.0, dense of 8x8x1: a dense layer has no kernel"},
		{replace(`[{"op": "dense", "out": 6}, `, `[`), "decoder.0"},
		{replace(`"latent": 3,`, ``), "latent is missing"},
		{replace(`"latent": 3`, `"latent": 1025`), "1025 latent dimensions"},
		{replace(`"latent": 3`, `"latent": -1`), "-1 latent dimensions"},
		{replace(`[8, 8, 1]`, `[8, 8, 2]`), "2 channels"},
		{replace(`[8, 8, 1]`, `[8, 9, 1]`), "decoder.1 makes pixels by the 2, and a side of 9 is no multiple"},
		{replace(`"image": [8, 8, 1],`, ``), "image is missing"},
		{replace(`"stride": 2}`, `"stride": 2, "to": "relu"}`), "decoder.1 is conv_transpose to relu"},
		{replace(`{"op": "dense"}`, `{"op": "dense", "to": "classes"}`), "encoder.1 is dense of 1x1x6 to classes"},
		{replace(`{"op": "dense"}`, `{"op": "dense", "out": 5}`), "encoder.1, the last, is dense of 1x1x5, want a dense layer of 1x1x6"},
		{replace(`[{"op": "conv", "kernel": 4, "stride": 2, "out": 5}, {"op": "dense"}]`, `[]`), "it needs an encoder and a decoder"},
		{replace(`{"op": "dense", "out": 6}`, `{"op": "dense", "out": 6}`+strings.Repeat(`, {"op": "conv", "kernel": 1, "out": 1}`, 32)), "34 of the decoder, at most 32"},
		{replace(`"kernel": 4, "stride": 2}`, `"kernel": 1, "stride": 2}`), "decoder.1, conv_transpose: kernel 1 is smaller than stride 2"},
		{replace(`"kernel": 4, "stride": 2}`, `"kernel": 3, "stride": 3}`), "decoder.1, conv_transpose: kernels: kernel 3 with stride 3"},
		{replace(`, {"op": "conv_transpose", "kernel": 4, "stride": 2}`, ``), "decoder.0"},
		{replace(`"out": 6}`, `"out": 6}, {"op": "conv", "kernel": 3, "stride": 2, "out": 4}`), "decoder.1 leaves its sides open"},
		{replace(`"out": 6}`, `"out": 6, "to": "leaky_relu"}`), "decoder.0, dense of 1x1x3: the slope of leaky_relu is 0"},
		{replace(`"out": 6}`, `"out": 6, "to": "leaky_relu", "slope": 1}`), "the slope of leaky_relu is 1, want one above 0 and below 1"},
		{replace(`"out": 6}`, `"out": 6, "to": "leaky_relu", "slope": -0.1}`), "the slope of leaky_relu is -0.1"},
		{replace(`"out": 6}`, `"out": [512, 512, 8]}, {"op": "dense", "out": [64, 64, 64]}`), "decoder.1, dense of 512x512x8 to 64x64x64: more than 1073741824 weights"},
		{replace(`"out": 6}`, `"out": 6, "slope": 0.1}`), "a slope of 0.1 to relu: only leaky_relu has one"},
	} {
		_, err := model.ParseNetwork([]byte(c.text), [3]int{}, 0)
		if err == nil || !strings.HasPrefix(err.Error(), "model: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nerror %v does not say %q", c.text, err, c.want)
		}
	}
	for _, c := range []struct {
		image  [3]int
		latent int
		want   string
	}{
		{[3]int{28, 28, 1}, 0, "it is for pictures of 8x8x1, these are 28x28x1"},
		{[3]int{8, 8, 1}, 4, "it has 3 latent dimensions, not 4"},
	} {
		if _, err := model.ParseNetwork([]byte(small), c.image, c.latent); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
	}
}

// The summary has the lines and the counts that Keras prints.
func TestSummary(t *testing.T) {
	n := modeltest.Deep()
	var got strings.Builder
	for _, l := range n.Summary() {
		fmt.Fprintln(&got, l.Name, l.Kind, l.Output, l.Params)
	}
	const want = `encoder.input Input [8 12 3] 0
encoder.conv1 Conv2D [4 6 9] 441
encoder.conv2 Conv2D [2 3 10] 2260
encoder.flatten Flatten [60] 0
encoder.dense1 Dense [12] 732
encoder.dense2 Dense [7] 91
encoder.mean Dense [4] 32
encoder.log_var Dense [4] 32
sampling Sampling [4] 0
decoder.dense Dense [66] 330
decoder.reshape Reshape [2 3 11] 0
decoder.conv_transpose1 Conv2DTranspose [4 6 9] 1593
decoder.conv Conv2D [4 6 10] 370
decoder.conv_transpose2 Conv2DTranspose [8 12 3] 273
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
}

// Whatever a network file says: it is refused, or what it stands for can be computed and says the
// same when it is written whole.
func FuzzParseNetwork(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(strings.ReplaceAll(small, "4", "5")))
	f.Add([]byte(strings.ReplaceAll(small, "8", "1000000000")))
	f.Add([]byte(strings.ReplaceAll(small, `"stride": 2`, `"stride": -2, "edges": [9, -9, 1, 1]`)))
	for _, n := range []model.Network{modeltest.Deep(), modeltest.Colour64(8), modeltest.Foreign()} {
		text, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := model.ParseNetwork(text, [3]int{}, 0)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "model: ") {
				t.Errorf("error %v", err)
			}
			return
		}
		if err := n.Check(); err != nil {
			t.Fatal(err)
		}
		whole, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := model.ParseNetwork(whole, [3]int{}, 0); err != nil || !reflect.DeepEqual(again, n) {
			t.Errorf("%s comes back as %+v, error %v", whole, again, err)
		}
		params := 0
		for _, l := range n.Summary() {
			params += l.Params
		}
		if want := n.Encoder.Weights(n.Image) + n.Decoder.Weights(n.Point()); params != want {
			t.Errorf("%s: the summary has %d weights, want %d", whole, params, want)
		}
	})
}
