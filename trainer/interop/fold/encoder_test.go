package fold_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// heads adds the dense layers that give means and variances, as outputs of the graph.
func (m *maker) heads(in, latent int) []string {
	from, names := m.at, []string{}
	for range 2 {
		m.at = from
		names = append(names, m.gemm(in, latent).at)
	}
	m.Raw(12, onnxtest.Value(names[0]))
	m.at = names[1]
	return names
}

func newEncoder(dims ...int) *maker {
	return newMaker(13, append([]int{0}, dims...)...)
}

func down(p int64) attributes {
	return attributes{"strides": []int64{2, 2}, "pads": []int64{p, p, p, p}}
}

// encoders read pictures of 8 x 8 pixels, and give latent points of 3 dimensions.
var encoders = []struct {
	name     string
	channels int
	range255 [2]float64 // factor and offset of the decoder's pixels
	make     func() (m *maker, outputs []string)
	want     string
}{
	{"pytorch", 3, [2]float64{1, 0}, func() (*maker, []string) {
		m := newEncoder(3, 8, 8)
		m.conv(3, 5, 3, down(1)).norm(5).op("LeakyRelu", attributes{"alpha": float32(0.2)}).conv(5, 6, 3, down(1)).op("Relu", nil).norm(6)
		m.op("Flatten", nil).gemm(6*2*2, 7).op("Relu", nil)
		return m, m.heads(7, 3)
	}, "conv k3 s2 8x8x3 to 4x4x5, leaky_relu 0.2; conv k3 s2 4x4x5 to 2x2x6, relu; dense 2x2x6 to 1x1x7, relu; dense 1x1x7 to 1x1x6, latent"},
	{"keras", 1, [2]float64{255, 0}, func() (*maker, []string) {
		m := newEncoder(8, 8, 1)
		m.scalar("Div", 255).transpose(0, 3, 1, 2).conv(1, 5, 3, attributes{"strides": []int64{2, 2}, "auto_pad": "SAME_UPPER"}).op("Relu", nil)
		m.transpose(0, 2, 3, 1).reshape(-1, 80)
		return m, m.heads(80, 3)
	}, "conv k3 s2 8x8x1 to 4x4x5, relu; dense 4x4x5 to 1x1x6, latent"},
	{"vectors of tanh's range, one output", 1, [2]float64{2, -1}, func() (*maker, []string) {
		m := newEncoder(64)
		m.gemm(64, 9).op("Relu", nil).gemm(9, 5).gemm(5, 6)
		return m, []string{m.at}
	}, "dense 8x8x1 to 1x1x9, relu; dense 1x1x9 to 1x1x6, latent"},
	{"no padding, a last convolution, cut in two", 1, [2]float64{2, -1}, func() (*maker, []string) {
		m := newEncoder(1, 8, 8)
		m.conv(1, 4, 4, down(0)).op("Relu", nil).conv(4, 6, 3, nil)
		m.Node("half", "Slice", nil, m.at, m.Ints("s", 3), m.Ints("e", 6), m.Ints("ax", 1))
		m.op("Slice", nil, m.Ints("s0", 0), m.Ints("e0", 3), m.Ints("ax0", 1))
		m.Raw(12, onnxtest.Value(m.at))
		first := m.at
		m.at = "half"
		return m, []string{first, "half"}
	}, "conv k4 s2 8x8x1 to 3x3x4, relu; dense 3x3x4 to 1x1x6, latent"},
	{"the means alone", 1, [2]float64{1, 0}, func() (*maker, []string) {
		m := newEncoder(1, 8, 8)
		m.op("Flatten", nil).gemm(64, 3)
		return m, []string{m.at}
	}, "dense 8x8x1 to 1x1x6, latent"},
}

// What is folded of an encoder gives what the graph gives.
func TestEncoders(t *testing.T) {
	for _, c := range encoders {
		t.Run(c.name, func(t *testing.T) {
			m, outputs := c.make()
			g, err := onnx.Parse(m.File(m.at))
			if err != nil {
				t.Fatal(err)
			}
			decoder := &linear.Network{Latent: 3, Image: [3]int{8, 8, c.channels}, Factor: c.range255[0], Offset: c.range255[1]}
			e, err := fold.Encoder(g, nil, decoder)
			if err != nil {
				t.Fatal(err)
			}
			layers := ""
			for _, l := range e.Layers {
				layers += "; " + l.String()
			}
			if layers = strings.TrimPrefix(layers, "; "); layers != c.want {
				t.Errorf("layers %s\nwant   %s", layers, c.want)
			}
			picture := make([]float64, 64*c.channels) // height, width, channels
			rng := rand.New(rand.NewPCG(3, 4))
			for i := range picture {
				picture[i] = rng.Float64()
			}
			in := onnxtest.Tensor{Dims: []int{1}, Values: make([]float64, len(picture))}
			for _, d := range g.Inputs[0].Dims[1:] {
				in.Dims = append(in.Dims, int(d.Size))
			}
			for i, v := range picture {
				to := i
				if c.channels == 3 {
					to = i%3*64 + i/3
				}
				in.Values[to] = v*decoder.Factor + decoder.Offset
			}
			var want []float64
			for _, name := range outputs {
				out, err := onnxtest.Eval(g, map[string]onnxtest.Tensor{"z": in}, name)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, out.Values...)
			}
			if has := len(want) == 6; e.Deviations != has {
				t.Errorf("deviations %v, want %v", e.Deviations, has)
			}
			want = append(want, make([]float64, 6-len(want))...)
			got := e.Heads(picture)
			for i, w := range want {
				if !(math.Abs(got[i]-w) < 1e-11) {
					t.Fatalf("%d: %v, want %v", i, got, want)
				}
			}
			// And so does the float32 model of it.
			stack, err := e.Stack()
			if err != nil {
				t.Fatal(err)
			}
			of := nn.NewModel("encoder.", stack, decoder.Image, nil)
			e.Fill(of)
			if n := model.Stack(stack).Weights(decoder.Image); of.Size() != n {
				t.Errorf("%d weights, want %d", of.Size(), n)
			}
			last := of.Layers[len(of.Layers)-1]
			for i, b := range last.Bias {
				if w := e.Layers[len(e.Layers)-1].Bias[3+i]; b != float32(w) {
					t.Errorf("bias %d of the variances is %v, want %v", i, b, w)
				}
			}
		})
	}
}

// A part of what is split is what a slice of it would be.
func TestSplit(t *testing.T) {
	m := newEncoder(1, 8, 8)
	m.op("Flatten", nil).gemm(64, 6)
	slice := func(name string, from, to int64) string {
		return m.Node(name, "Slice", nil, m.at, m.Ints(name+"s", from), m.Ints(name+"e", to), m.Ints(name+"a", 1))
	}
	first, second := slice("first", 0, 3), slice("second", 3, 6)
	parts := m.Nodes([]string{"part1", "part2"}, "Split", attributes{"axis": -1}, m.at)
	g, err := onnx.Parse(m.File(first))
	if err != nil {
		t.Fatal(err)
	}
	decoder := &linear.Network{Latent: 3, Image: [3]int{8, 8, 1}, Factor: 1}
	var heads [2][]float64
	for i, outputs := range [][]string{{first, second}, parts} {
		e, err := fold.Encoder(g, outputs, decoder)
		if err != nil {
			t.Fatal(err)
		}
		heads[i] = e.Heads(make([]float64, 64))
	}
	for i, v := range heads[0] {
		if v != heads[1][i] || v == 0 {
			t.Errorf("%v of slices, %v of parts", heads[0], heads[1])
		}
	}
}

func TestEncoderRefused(t *testing.T) {
	convolution := func(m *maker) *maker { return m.conv(1, 2, 3, down(1)).op("Relu", nil).op("Flatten", nil) }
	for _, c := range []struct {
		name   string
		image  [3]int
		offset float64
		make   func() *maker
		want   string
	}{
		{"zeros that are grey", [3]int{8, 8, 1}, -1, func() *maker { return convolution(newEncoder(1, 8, 8)).gemm(32, 3) }, "train it on pixels from 0 to 1"},
		{"an activation", [3]int{8, 8, 1}, 0, func() *maker { return convolution(newEncoder(1, 8, 8)).gemm(32, 3).op("Relu", nil) }, "ends with an activation"},
		{"another size", [3]int{28, 28, 1}, 0, func() *maker { return convolution(newEncoder(1, 8, 8)).gemm(32, 3) }, "reads values of shape [1 8 8], and the decoder draws pictures of 28x28x1"},
		{"rows for columns", [3]int{4, 16, 1}, 0, func() *maker { return newEncoder(1, 16, 4).op("Flatten", nil).gemm(64, 3) }, "reads values of shape [1 16 4], and the decoder draws pictures of 4x16x1"},
		{"colours in a vector", [3]int{8, 8, 3}, 0, func() *maker { return newEncoder(192).gemm(192, 3) }, "in an order that nobody says"},
		{"another latent space", [3]int{8, 8, 1}, 0, func() *maker { return convolution(newEncoder(1, 8, 8)).gemm(32, 5) }, "gives 5 values, and the decoder reads a point of 3"},
		{"a map", [3]int{8, 8, 1}, 0, func() *maker { return newEncoder(1, 8, 8).conv(1, 3, 3, nil).op("Relu", nil).conv(3, 3, 3, down(0)) }, "the encoder gives 12 values"},
		{"a sampled point", [3]int{8, 8, 1}, 0, func() *maker {
			m := convolution(newEncoder(1, 8, 8)).gemm(32, 3)
			return m.op("RandomNormalLike", nil)
		}, "it is random: export what is without it"},
		{"layers of different values", [3]int{8, 8, 1}, 0, func() *maker {
			m := convolution(newEncoder(1, 8, 8))
			from := m.at
			m.gemm(32, 3)
			m.Raw(12, onnxtest.Value(m.at))
			m.at = from
			return m.gemm(32, 4).op("Relu", nil).gemm(4, 3)
		}, "not dense layers of the same values"},
		{"three outputs", [3]int{8, 8, 1}, 0, func() *maker {
			m := convolution(newEncoder(1, 8, 8))
			from := m.heads(32, 3)
			m.Raw(12, onnxtest.Value(m.Node("third", "Identity", nil, from[0])))
			return m
		}, "or not one output or two"},
	} {
		m := c.make()
		g, err := onnx.Parse(m.File(m.at))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		_, err = fold.Encoder(g, nil, &linear.Network{Latent: 3, Image: c.image, Factor: 1 - c.offset, Offset: c.offset})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// Whatever is in a file: what is folded as an encoder gives what the graph gives.
func FuzzEncoder(f *testing.F) {
	for _, c := range encoders {
		m, _ := c.make()
		f.Add(m.File(m.at), c.channels == 3, c.range255[0] == 2)
	}
	f.Fuzz(func(t *testing.T, data []byte, colour, tanh bool) {
		g, err := onnx.Parse(data)
		if err != nil || len(data) > 1<<15 || len(g.Nodes) > 40 {
			return
		}
		decoder := &linear.Network{Latent: 3, Image: [3]int{8, 8, 1}, Factor: 1}
		if colour {
			decoder.Image[2] = 3
		}
		if tanh {
			decoder.Factor, decoder.Offset = 2, -1
		}
		e, err := fold.Encoder(g, nil, decoder)
		if err != nil || len(g.Inputs) != 1 {
			return
		}
		picture := make([]float64, linear.Elements(decoder.Image[:]))
		in := onnxtest.Tensor{Dims: []int{1}, Values: make([]float64, len(picture))}
		for _, d := range g.Inputs[0].Dims[1:] {
			in.Dims = append(in.Dims, int(d.Size))
		}
		channelsFirst := colour && len(in.Dims) == 4 && in.Dims[1] == 3 && in.Dims[3] != 3
		for i := range picture {
			picture[i] = float64(i%7) / 7
			to := i
			if channelsFirst {
				to = i%3*64 + i/3
			}
			in.Values[to] = picture[i]*decoder.Factor + decoder.Offset
		}
		got, at := e.Heads(picture), 0
		for _, output := range g.Outputs {
			want, err := onnxtest.Eval(g, map[string]onnxtest.Tensor{g.Inputs[0].Name: in}, output.Name)
			if err != nil {
				return
			}
			for _, w := range want.Values {
				if math.Abs(w) < 1e6 && !(math.Abs(got[at]-w) <= 1e-9*max(1, math.Abs(w))) {
					t.Fatalf("value %d is %v, want %v", at, got[at], w)
				}
				at++
			}
		}
	})
}
