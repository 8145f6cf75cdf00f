package fold_test

import (
	"math"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// What is not exact, or not in the format, is refused, by operator and name.
func TestRefused(t *testing.T) {
	maps := func(m *maker) *maker { return m.gemm(3, 4*4*4).op("Relu", nil).reshape(-1, 4, 4, 4) }
	end := func(m *maker) *maker { return m.conv(4, 1, 3, s1(1)).op("Sigmoid", nil) }
	for _, c := range []struct {
		name string
		make func(m *maker)
		want string
	}{
		{"two operators", func(m *maker) { m.gemm(3, 4).op("Elu", nil).gemm(4, 4).op("Selu", nil).op("Sigmoid", nil) }, `does not have: Elu "Elu_4" (train with ReLU`},
		{"attention", func(m *maker) { m.gemm(3, 4).op("Softmax", nil).op("Sigmoid", nil) }, `does not have: Softmax "Softmax_4"`},
		{"instance norm", func(m *maker) { maps(m).op("InstanceNormalization", nil, m.positive(4), m.positive(4)) }, "its factors depend on the picture"},
		{"SiLU", func(m *maker) {
			x := m.gemm(3, 4).at
			m.op("Sigmoid", nil)
			m.at = m.Node("silu", "Mul", nil, x, m.at)
		}, `Mul "silu": both operands, "Gemm_3" and "Sigmoid_4", depend on the latent point`},
		{"a skip connection", func(m *maker) {
			maps(m)
			x := m.at
			m.conv(4, 4, 3, s1(1))
			m.at = m.Node("skip", "Add", nil, x, m.at)
			end(m.op("Relu", nil))
		}, `Add "skip": both operands`},
		{"tanh in between", func(m *maker) { m.gemm(3, 4).op("Tanh", nil).gemm(4, 4).op("Sigmoid", nil) }, `Gemm "Gemm_7": a sigmoid or tanh before it`},
		{"ReLU6", func(m *maker) {
			m.gemm(3, 4).op("Clip", nil, m.Floats("low", []float32{0}), m.Floats("high", []float32{6}))
		}, `Clip "Clip_4": it keeps what lies between 0 and 6`},
		{"no activation", func(m *maker) { maps(m).conv(4, 4, 3, s1(1)); end(m) }, `Conv "Conv_12": there is no activation between it and Conv "Conv_9"`},
		{"no sigmoid", func(m *maker) { maps(m).conv(4, 1, 3, s1(1)) }, "does not end with a sigmoid or tanh"},
		{"after a sigmoid", func(m *maker) { end(maps(m)).op("Relu", nil) }, `Relu "Relu_11": a sigmoid or tanh before it`},
		{"pixels of another scale", func(m *maker) { end(maps(m)).scalar("Mul", 3) }, "the graph gives pixels from 0 to 3"},
		{"two channels", func(m *maker) { maps(m).conv(4, 2, 3, s1(1)).op("Sigmoid", nil) }, "no picture with one or three channels: its values have the shape [2 4 4]"},
		{"a vector that is no square", func(m *maker) { m.gemm(3, 4).op("Relu", nil).gemm(4, 6).op("Sigmoid", nil) }, "its values have the shape [6]"},
		{"bilinear", func(m *maker) {
			maps(m).op("Resize", attributes{"mode": "linear"}, "", m.Floats("s", []float32{1, 1, 2, 2}, 4))
		}, `Resize "Resize_7": its mode is "linear"`},
		{"three times", func(m *maker) {
			maps(m).conv(4, 4, 1, nil).op("Relu", nil).op("Resize", attributes{"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, "", m.Floats("s", []float32{1, 1, 3, 3}, 4))
		}, "only twice in both directions"},
		{"corners", func(m *maker) {
			maps(m).op("Resize", attributes{"mode": "nearest", "coordinate_transformation_mode": "align_corners", "nearest_mode": "floor"}, "", m.Floats("s", []float32{1, 1, 2, 2}, 4))
		}, "does not repeat every pixel"},
		{"leaky ReLU of many slopes", func(m *maker) { m.gemm(3, 4).op("PRelu", nil, m.positive(4)) }, "slopes of their own"},
		{"a slope below 0", func(m *maker) { m.gemm(3, 4).op("LeakyRelu", attributes{"alpha": float32(-1)}) }, "its slope is -1"},
		{"another input", func(m *maker) { m.Input("label", 0, 3); m.at = m.Node("sum", "Add", nil, "z", "label") }, `several inputs or outputs, or none: its inputs are "z", "label"`},
		{"pictures become one", func(m *maker) { m.gemm(3, 4).reshape(-1, 8) }, `Reshape "Reshape_5"`},
		{"a moved batch", func(m *maker) { m.transpose(1, 0) }, "the dimension of the batch"},
		{"a convolution of a transposed map", func(m *maker) { maps(m).conv(4, 4, 1, nil).op("Relu", nil).transpose(0, 1, 3, 2); end(m) }, "were reshaped, transposed or cut"},
		{"a kernel of 7", func(m *maker) { maps(m).conv(4, 1, 7, s1(3)).op("Sigmoid", nil) }, "kernel 7"},
		{"a stride of 3", func(m *maker) { maps(m).convT(4, 1, 3, attributes{"strides": []int64{3, 3}}).op("Sigmoid", nil) }, "stride 3"},
		{"two strides", func(m *maker) { maps(m).convT(4, 1, 3, attributes{"strides": []int64{2, 1}}).op("Sigmoid", nil) }, "its strides are 2 down and 1 across"},
		{"a crop that nobody places", func(m *maker) {
			maps(m).convT(4, 1, 3, attributes{"strides": []int64{2, 2}, "output_shape": []int64{8, 8}})
		}, "which side the odd one nobody says alike"},
		{"more than the kernel", func(m *maker) {
			maps(m).convT(4, 1, 3, attributes{"strides": []int64{2, 2}, "output_shape": []int64{12, 12}})
		}, "more than the kernel reaches"},
		{"dilation", func(m *maker) { maps(m).conv(4, 1, 3, attributes{"dilations": []int64{100, 100}}) }, "reaches over 201 rows"},
		{"not a number", func(m *maker) {
			maps(m).scalar("Mul", float32(math.NaN()))
			end(m)
		}, "not finite"},
		{"training", func(m *maker) {
			m.gemm(3, 4).op("BatchNormalization", attributes{"training_mode": 1}, m.positive(4), m.positive(4), m.positive(4), m.positive(4))
		}, "that of training"},
		{"training, by its outputs", func(m *maker) {
			m.gemm(3, 4)
			m.at = m.Nodes([]string{"norm", "mean", "variance"}, "BatchNormalization", nil, m.at, m.positive(4), m.positive(4), m.positive(4), m.positive(4))[0]
		}, "that of training"},
		{"1 dimension", func(m *maker) { m.gemm(3, 8).reshape(-1, 4, 2).op("Conv", nil, m.random(1, 4, 4, 1)) }, "only maps"},
		{"constant", func(m *maker) { m.at = m.Node("c", "Constant", attributes{"value_int": 1}) }, "does not depend on the latent point"},
	} {
		m := newMaker(13, 0, 3)
		c.make(m)
		g, err := onnx.Parse(m.File(m.at))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		n, err := fold.Graph(g, fold.Options{})
		if err == nil {
			_, err = n.Model()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}
	for _, opset := range []int64{6, 99} {
		g, err := onnx.Parse(onnxtest.New(opset, "z", 0, 3).File("z"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fold.Graph(g, fold.Options{}); err == nil || !strings.Contains(err.Error(), "operators of version") {
			t.Errorf("operators of version %d: error %v", opset, err)
		}
	}
}

// What the graph does not say, options do.
func TestOptions(t *testing.T) {
	m := newMaker(13, 0, 3)
	m.gemm(3, 4).op("Relu", nil)
	hidden := m.at
	m.gemm(4, 6)
	sums := m.at
	m.op("Sigmoid", nil)
	g, err := onnx.Parse(m.File(m.at))
	if err != nil {
		t.Fatal(err)
	}
	n, err := fold.Graph(g, fold.Options{Image: [3]int{2, 3, 1}})
	if err != nil || n.Image != [3]int{2, 3, 1} || n.Factor != 1 {
		t.Errorf("a picture of 2 x 3: %+v, error %v", n, err)
	}
	m = newMaker(13, 0, 3).gemm(3, 4).op("Relu", nil).gemm(4, 9).reshape(-1, 1, 9).op("Sigmoid", nil)
	row, err := onnx.Parse(m.File(m.at))
	if err != nil {
		t.Fatal(err)
	}
	if n, err = fold.Graph(row, fold.Options{}); err != nil || n.Image != [3]int{3, 3, 1} {
		t.Errorf("a vector of two dimensions: %+v, error %v", n, err)
	}
	if n, err = fold.Graph(g, fold.Options{Image: [3]int{3, 2, 1}, Output: sums, Logits: true}); err != nil || n.Factor != 0 || len(n.Layers) != 2 {
		t.Errorf("logits: %+v, error %v", n, err)
	}
	for _, o := range []fold.Options{
		{Image: [3]int{2, 2, 1}}, {Image: [3]int{1, 2, 3}}, {Image: [3]int{2, 3, 1}, Logits: true}, {Output: "nothing"}, {Input: "nothing"}, {Input: hidden, Image: [3]int{2, 3, 1}},
	} {
		if n, err := fold.Graph(g, o); err == nil {
			t.Errorf("options %+v: %+v", o, n)
		}
	}
}
