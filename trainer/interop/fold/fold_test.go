package fold_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// A maker adds layers with weights from a generator to a file.
type maker struct {
	*onnxtest.Builder
	rng *rand.Rand
	n   int
	at  string // the value that the next layer reads
}

func newMaker(opset int64, dims ...int) *maker {
	return &maker{onnxtest.New(opset, "z", dims...), rand.New(rand.NewPCG(1, uint64(opset))), 0, "z"}
}

func (m *maker) name(of string) string {
	m.n++
	return fmt.Sprintf("%s_%d", of, m.n)
}

func (m *maker) random(scale float64, dims ...int) string {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(scale * m.rng.NormFloat64())
	}
	return m.Floats(m.name("w"), values, dims...)
}

func (m *maker) positive(n int) string {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(0.2 + m.rng.Float64())
	}
	return m.Floats(m.name("var"), values, n)
}

func (m *maker) op(op string, a onnxtest.Attributes, others ...string) *maker {
	m.at = m.Node(m.name(op), op, a, append([]string{m.at}, others...)...)
	return m
}

func (m *maker) gemm(in, out int) *maker {
	return m.op("Gemm", onnxtest.Attributes{"transB": 1}, m.random(1/math.Sqrt(float64(in)), out, in), m.random(0.3, out))
}

func (m *maker) convT(in, out, k int, a onnxtest.Attributes) *maker {
	return m.op("ConvTranspose", a, m.random(1/math.Sqrt(float64(in*k)), in, out, k, k), m.random(0.3, out))
}

func (m *maker) conv(in, out, k int, a onnxtest.Attributes) *maker {
	return m.op("Conv", a, m.random(1/math.Sqrt(float64(in*k)), out, in, k, k), m.random(0.3, out))
}

func (m *maker) norm(n int) *maker {
	return m.op("BatchNormalization", onnxtest.Attributes{"epsilon": float32(1e-3)}, m.positive(n), m.random(0.5, n), m.random(0.5, n), m.positive(n))
}

func (m *maker) reshape(dims ...int64) *maker {
	return m.op("Reshape", nil, m.Ints(m.name("shape"), dims...))
}

func (m *maker) scalar(op string, v float32) *maker {
	return m.op(op, nil, m.Floats(m.name("c"), []float32{v}))
}

func (m *maker) transpose(perm ...int64) *maker {
	return m.op("Transpose", onnxtest.Attributes{"perm": perm})
}

// twice is a Resize to twice as many rows and columns.
func (m *maker) twice() *maker {
	return m.op("Resize", onnxtest.Attributes{"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, "", m.Floats(m.name("scales"), []float32{1, 1, 2, 2}, 4))
}

type attributes = onnxtest.Attributes

func s2(p, more int64) attributes {
	return attributes{"strides": []int64{2, 2}, "pads": []int64{p, p, p, p}, "output_padding": []int64{more, more}}
}

func s1(p int64) attributes { return attributes{"pads": []int64{p, p, p, p}} }

// dynamic is the chain of a shape of which the number of pictures is not known.
func (m *maker) dynamic(dims ...int64) *maker {
	source := m.at
	m.at = m.Node(m.name("shape"), "Shape", nil, source)
	zero := m.Raw0()
	m.op("Gather", attributes{"axis": 0}, zero)
	m.op("Unsqueeze", nil, m.Ints(m.name("axes"), 0))
	shape := m.Node(m.name("concat"), "Concat", attributes{"axis": 0}, m.at, m.Ints(m.name("rest"), dims...))
	m.at = source
	return m.op("Reshape", nil, shape)
}

// Raw0 is a constant that is a single 0.
func (m *maker) Raw0() string {
	name := m.name("zero")
	return m.Node(name, "Constant", attributes{"value_int": 0})
}

var graphs = []struct {
	name string
	make func() *maker
	want string // of the layers
}{
	{"keras", func() *maker { // as tf2onnx writes it
		m := newMaker(13, 0, 2)
		m.op("MatMul", nil, m.random(1, 2, 4*4*6)).op("Add", nil, m.random(0.3, 96)).op("Relu", nil)
		m.dynamic(4, 4, 6).transpose(0, 3, 1, 2)
		m.convT(6, 5, 3, attributes{"strides": []int64{2, 2}, "auto_pad": "SAME_UPPER", "output_shape": []int64{8, 8}}).op("Relu", nil)
		m.convT(5, 1, 3, s1(1)).transpose(0, 2, 3, 1)
		return m.op("Sigmoid", nil)
	}, "dense 1x1x2 to 4x4x6, relu; conv_transpose k3 s2 4x4x6 to 8x8x5, relu; conv_transpose k3 s1 8x8x5 to 8x8x1, logits"},
	{"dcgan", func() *maker {
		m := newMaker(11, 0, 5, 1, 1)
		m.convT(5, 6, 4, nil).norm(6).op("Relu", nil)
		m.convT(6, 5, 4, s2(1, 0)).norm(5).op("Relu", nil)
		m.op("ConvTranspose", s2(1, 0), m.random(0.3, 5, 3, 4, 4))
		return m.op("Tanh", nil)
	}, "dense 1x1x5 to 4x4x6, relu; conv_transpose k4 s2 4x4x6 to 8x8x5, relu; conv_transpose k4 s2 8x8x5 to 16x16x3, logits"},
	{"pythae", func() *maker { // a Linear without activation
		m := newMaker(13, 0, 3)
		m.gemm(3, 6*4*4).reshape(-1, 6, 4, 4)
		m.convT(6, 5, 3, s2(1, 0)).norm(5).op("Relu", nil)
		m.convT(5, 4, 3, s2(1, 1)).norm(4).op("Relu", nil)
		return m.convT(4, 1, 3, s2(1, 1)).op("Sigmoid", nil)
	}, "dense 1x1x3 to 7x7x5, relu; conv_transpose k3 s2 7x7x5 to 14x14x4, relu; conv_transpose k3 s2 14x14x4 to 28x28x1, logits"},
	{"vanilla", func() *maker {
		m := newMaker(14, 0, 4)
		m.gemm(4, 6*2*2).reshape(0, 6, 2, 2)
		m.convT(6, 5, 3, s2(1, 1)).norm(5).op("LeakyRelu", nil)
		m.convT(5, 4, 3, s2(1, 1)).norm(4).op("LeakyRelu", nil)
		return m.conv(4, 3, 3, s1(1)).op("Tanh", nil)
	}, "dense 1x1x4 to 4x4x5, leaky_relu 0.01; conv_transpose k3 s2 4x4x5 to 8x8x4, leaky_relu 0.01; conv k3 s1 8x8x4 to 8x8x3, logits"},
	{"examples", func() *maker {
		m := newMaker(9, 7, 3)
		return m.gemm(3, 10).op("Relu", nil).gemm(10, 36).op("Sigmoid", nil)
	}, "dense 1x1x3 to 1x1x10, relu; dense 1x1x10 to 6x6x1, logits"},
	{"one layer", func() *maker { // of which the int8 arithmetic needs two
		return newMaker(13, 0, 5).gemm(5, 3*4*4).reshape(-1, 3, 4, 4).op("Tanh", nil)
	}, "dense 1x1x5 to 2x4x5, relu; dense 2x4x5 to 4x4x3, logits"},
	{"resize", func() *maker {
		m := newMaker(13, 0, 3)
		m.gemm(3, 5*4*4).op("Relu", nil).reshape(-1, 5, 4, 4)
		m.conv(5, 4, 3, s1(1)).op("Relu", nil).twice().conv(4, 4, 3, s1(1)).norm(4).op("Relu", nil)
		m.twice().conv(4, 3, 5, s1(2)) // larger than the format has with it
		return m.op("Sigmoid", nil)
	}, "dense 1x1x3 to 4x4x5, relu; conv k3 s1 4x4x5 to 4x4x4, relu; conv_transpose k4 s2 4x4x4 to 8x8x4, relu; conv_transpose k2 s2 8x8x4 to 16x16x4, relu; conv k5 s1 16x16x4 to 16x16x3, logits"},
	{"resize kernels", func() *maker { // of which edges are not even, and what a dense layer gives
		m := newMaker(13, 0, 3)
		m.gemm(3, 5*2*2).reshape(-1, 5, 2, 2).twice().op("LeakyRelu", attributes{"alpha": float32(0.3)})
		m.conv(5, 4, 1, nil).op("Relu", nil).twice().conv(4, 4, 4, attributes{"pads": []int64{1, 2, 2, 1}}).op("Relu", nil)
		m.twice().conv(4, 3, 1, nil)
		return m.op("Sigmoid", nil)
	}, "dense 1x1x3 to 4x4x5, leaky_relu 0.3; conv k1 s1 4x4x5 to 4x4x4, relu; conv_transpose k5 s2 4x4x4 to 8x8x4, relu; conv_transpose k2 s2 8x8x4 to 16x16x3, logits"},
	{"after activations", func() *maker { // batch normalization behind ReLU, factors of pixels
		m := newMaker(15, 0, 3)
		m.scalar("Mul", 1.5).scalar("Sub", 0.25).gemm(3, 4*4*4).op("Relu", nil).reshape(-1, 4, 4, 4).norm(4)
		m.convT(4, 5, 3, s2(1, 1)).op("Relu", nil).norm(5)
		m.conv(5, 4, 3, s1(1)).op("Relu", nil).norm(4).scalar("Div", 3).op("Neg", nil)
		m.conv(4, 3, 3, s1(1)).op("Tanh", nil).scalar("Mul", 0.5).scalar("Add", 0.5)
		return m.op("Clip", nil, m.Floats("low", []float32{0}), m.Floats("high", []float32{1}))
	}, "dense 1x1x3 to 4x4x5, relu; conv_transpose k3 s2 4x4x5 to 8x8x6, relu; conv k3 s1 8x8x6 to 8x8x5, relu; conv k3 s1 8x8x5 to 8x8x3, logits"},
	{"odd convolutions", func() *maker { // groups, dilation, output_padding beyond pads
		m := newMaker(13, 0, 3)
		m.gemm(3, 4*5*5).op("Relu", nil).reshape(-1, 4, 5, 5)
		m.op("Conv", attributes{"group": 2, "dilations": []int64{2, 1}, "pads": []int64{2, 1, 2, 1}}, m.random(0.5, 6, 2, 3, 3), m.random(0.3, 6)).op("Relu", nil)
		m.op("ConvTranspose", attributes{"group": 3, "strides": []int64{2, 2}, "output_padding": []int64{1, 1}}, m.random(0.5, 6, 2, 2, 3), m.random(0.3, 6)).op("Relu", nil)
		m.op("Conv", s1(1), m.random(0.5, 4, 6, 3, 3)).conv(4, 1, 1, nil)
		return m.op("Sigmoid", nil)
	}, "dense 1x1x3 to 5x5x4, relu; conv k5 s1 5x5x4 to 5x5x6, relu; conv_transpose k4 s2 5x5x6 to 11x12x6, relu; conv k3 s1 11x12x6 to 11x12x1, logits"},
}

// Whatever is folded gives what the graph gives, to the precision of float64.
func TestGraphs(t *testing.T) {
	for _, c := range graphs {
		t.Run(c.name, func(t *testing.T) {
			m := c.make()
			g, err := onnx.Parse(m.File(m.at))
			if err != nil {
				t.Fatal(err)
			}
			n, err := fold.Graph(g, fold.Options{})
			if err != nil {
				t.Fatal(err)
			}
			layers := ""
			for i, l := range n.Layers {
				if i > 0 {
					layers += "; "
				}
				layers += l.String()
			}
			if layers != c.want {
				t.Errorf("layers %s\nwant   %s", layers, c.want)
			}
			rng := rand.New(rand.NewPCG(3, 4))
			dims := []int{2}
			for _, d := range g.Inputs[0].Dims[1:] {
				dims = append(dims, int(d.Size))
			}
			if d := g.Inputs[0].Dims[0].Size; d > 0 {
				dims[0] = int(d)
			}
			z := make([]float64, dims[0]*n.Latent)
			for i := range z {
				z[i] = rng.NormFloat64()
			}
			want, err := onnxtest.Eval(g, map[string]onnxtest.Tensor{"z": {Dims: dims, Values: z}}, m.at)
			if err != nil {
				t.Fatal(err)
			}
			size := len(n.Place)
			if len(want.Values) != dims[0]*size {
				t.Fatalf("%d values of shape %v, want %d for each of %d", len(want.Values), want.Dims, size, dims[0])
			}
			for i := range dims[0] {
				logits := n.Logits(z[i*n.Latent:][:n.Latent])
				for k, p := range n.Place {
					got := n.Factor/(1+math.Exp(-logits[p])) + n.Offset
					if w := want.Values[i*size+k]; !(math.Abs(got-w) < 1e-12) {
						t.Fatalf("picture %d, element %d: %v, want %v", i, k, got, w)
					}
				}
			}
			if _, err := n.Model(); err != nil {
				t.Errorf("it is no model: %v", err)
			}
		})
	}
}
