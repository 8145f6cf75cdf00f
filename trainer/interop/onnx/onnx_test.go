package onnx_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// tensor is a TensorProto of that type and shape, with one more field.
func tensor(kind int64, dims []int64, field protowire.Number, value any) []byte {
	var t []byte
	for _, d := range dims {
		t = onnxtest.Number(t, 1, d)
	}
	t = onnxtest.Field(onnxtest.Number(t, 2, kind), 8, []byte("t"))
	switch v := value.(type) {
	case []byte:
		t = onnxtest.Field(t, field, v)
	case int:
		t = onnxtest.Number(t, field, int64(v))
	}
	return t
}

// Numbers are what they were written as, in every form that a file may have them in.
func TestTensors(t *testing.T) {
	floats := protowire.AppendFixed32(protowire.AppendFixed32(nil, math.Float32bits(1.5)), math.Float32bits(-2))
	whole := func(values ...int64) (b []byte) {
		for _, v := range values {
			b = protowire.AppendVarint(b, uint64(v))
		}
		return b
	}
	for _, c := range []struct {
		name string
		data []byte
		want []float64
	}{
		{"float32, raw", tensor(1, []int64{2}, 9, floats), []float64{1.5, -2}},
		{"float32, packed", tensor(1, []int64{1, 2}, 4, floats), []float64{1.5, -2}},
		{"float32, not packed", protowire.AppendFixed32(protowire.AppendTag(tensor(1, []int64{1}, 4, []byte{}), 4, protowire.Fixed32Type), math.Float32bits(3)), []float64{3}},
		{"float64", tensor(11, []int64{1}, 10, protowire.AppendFixed64(nil, math.Float64bits(0.1))), []float64{0.1}},
		{"float16", tensor(10, []int64{7}, 9, []byte{0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0x7c, 0, 0xfc, 0, 0x80}), []float64{1, -2, math.Ldexp(1, -24), 65504, math.Inf(1), math.Inf(-1), 0}},
		{"float16 of int32", tensor(10, []int64{1}, 5, whole(0x3c00)), []float64{1}},
		{"bfloat16", tensor(16, []int64{1}, 9, []byte{0xc0, 0x3f}), []float64{1.5}},
		{"int64, packed", tensor(7, []int64{3}, 7, whole(-1, 0, 1<<40)), []float64{-1, 0, 1 << 40}},
		{"int64, not packed", tensor(7, []int64{1}, 7, -5), []float64{-5}},
		{"int64, raw", tensor(7, []int64{1}, 9, []byte{0xfe, 255, 255, 255, 255, 255, 255, 255}), []float64{-2}},
		{"int32", tensor(6, []int64{2}, 5, whole(-7, 8)), []float64{-7, 8}},
		{"int8", tensor(3, []int64{1}, 9, []byte{0x80}), []float64{-128}},
		{"bool", tensor(9, []int64{2}, 5, whole(0, 1)), []float64{0, 1}},
		{"a number", tensor(1, nil, 9, floats[:4]), []float64{1.5}},
		{"nothing", tensor(1, []int64{3, 0}, 9, []byte{}), []float64{}},
	} {
		got, err := onnx.ParseTensor(c.data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if values := got.Floats(); !slices.Equal(values, c.want) {
			t.Errorf("%s: %v, want %v", c.name, values, c.want)
		}
		if got.Type.Whole() {
			for i, v := range got.Ints() {
				if float64(v) != c.want[i] {
					t.Errorf("%s: whole number %d is %d, want %v", c.name, i, v, c.want[i])
				}
			}
		}
	}
}

// What is not as it says, or lies elsewhere, is refused.
func TestTensorsRefused(t *testing.T) {
	eight := make([]byte, 8)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"too few", tensor(1, []int64{3}, 9, eight), `constant "t" says that it has 3 elements of float32, the shape [3], and it has 8 bytes`},
		{"too many", tensor(1, []int64{1}, 9, eight), "8 bytes"},
		{"half an element", tensor(1, []int64{2}, 9, eight[:7]), "7 bytes"},
		{"huge", tensor(1, []int64{1 << 31, 1 << 31, 1 << 31}, 9, eight), "8 bytes"},
		{"2 GB", tensor(1, []int64{1 << 14, 1 << 15}, 9, eight), "8 bytes"},
		{"huge and empty", tensor(1, []int64{1 << 30, 1 << 30, 0}, 9, nil), "0 bytes"},
		{"below 0", tensor(1, []int64{-1, -2}, 9, eight), "8 bytes"},
		{"elsewhere", tensor(1, []int64{2}, 14, 1), `the values of constant "t" are in another file: save the model as one file`},
		{"elsewhere, by a path", tensor(1, []int64{2}, 13, []byte{}), "in another file"},
		{"in parts", tensor(1, []int64{2}, 3, []byte{}), "in parts"},
		{"text", tensor(8, []int64{1}, 6, []byte("x")), "elements of type 8"},
		{"numbers that are none", tensor(1, []int64{2}, 4, eight[:5]), "damaged"},
		{"many dimensions", tensor(1, slices.Repeat([]int64{1}, 9), 9, eight[:4]), "more than 8 dimensions"},
		{"a group", []byte{1<<3 | 3}, "damaged"},
		{"cut", tensor(1, []int64{2}, 9, eight)[:12], "damaged"},
		{"a name that is none", onnxtest.Field(nil, 8, []byte{0xff}), "UTF-8"},
		{"a long name", onnxtest.Field(nil, 8, bytes.Repeat([]byte("x"), 5000)), "5000 bytes"},
	} {
		if _, err := onnx.ParseTensor(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}
}

// A graph is read as it was written.
func TestParse(t *testing.T) {
	b := onnxtest.New(13, "z", 0, 4)
	b.Input("w", 4, 2) // as files of the first versions list constants
	at := b.Node("dense", "Gemm", onnxtest.Attributes{"transB": 1, "alpha": float32(0.5), "auto_pad": "VALID", "pads": []int64{1, -2}}, "z", b.Floats("w", make([]float32, 8), 2, 4))
	g, err := onnx.Parse(b.File(at))
	if err != nil {
		t.Fatal(err)
	}
	if g.Opset != 13 || len(g.Nodes) != 1 || len(g.Inputs) != 1 || g.Inputs[0].Name != "z" || fmt.Sprint(g.Inputs[0].Dims) != "[{0 batch} {4 }]" || g.Outputs[0].Name != "dense" {
		t.Errorf("graph %+v", g)
	}
	n := &g.Nodes[0]
	if n.Int("transB", 0) != 1 || n.Int("transA", 7) != 7 || n.Float("alpha", 1) != 0.5 || n.Float("beta", 2) != 2 || n.Text("auto_pad", "") != "VALID" || !slices.Equal(n.Ints("pads"), []int64{1, -2}) || n.Ints("strides", 3)[0] != 3 {
		t.Errorf("attributes %+v", n.Attributes)
	}
	if w := g.Constant("w"); w == nil || w.Len() != 8 || g.Constant("z") != nil {
		t.Errorf("constant %v", w)
	}
	if got := n.String(); got != `Gemm "dense"` {
		t.Errorf("the node is called %s", got)
	}
}

// Files that are none, and graphs that are none.
func TestParseRefused(t *testing.T) {
	graph := func(change func(b *onnxtest.Builder)) []byte {
		b := onnxtest.New(13, "z", 0, 4)
		change(b)
		return b.File("out")
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not an ONNX file"},
		{"text", []byte("hello, this is text"), "not an ONNX file"},
		{"no graph", onnxtest.Number(nil, 1, 8), "not an ONNX file"},
		{"no opset", onnxtest.Field(nil, 7, nil), "opset"},
		{"no such output", graph(func(*onnxtest.Builder) {}), `the output "out" is given by no node`},
		{"a cycle", graph(func(b *onnxtest.Builder) { b.Node("a", "Relu", nil, "b"); b.Node("b", "Relu", nil, "a") }), `Relu "a" reads "b", which is given later: the graph has a cycle`},
		{"of itself", graph(func(b *onnxtest.Builder) { b.Node("out", "Relu", nil, "out") }), "cycle"},
		{"of nothing", graph(func(b *onnxtest.Builder) { b.Node("out", "Relu", nil, "y") }), `reads "y", which nothing gives`},
		{"twice", graph(func(b *onnxtest.Builder) { b.Node("out", "Relu", nil, "z"); b.Node("out", "Relu", nil, "z") }), `"out" is given already`},
		{"a constant again", graph(func(b *onnxtest.Builder) { b.Floats("out", nil, 0); b.Node("out", "Relu", nil, "z") }), `"out" is given already`},
		{"an input again", graph(func(b *onnxtest.Builder) { b.Input("z", 0, 4) }), `two inputs have the name "z"`},
		{"two constants", graph(func(b *onnxtest.Builder) { b.Floats("c", nil, 0); b.Floats("c", nil, 0) }), `two constants have the name "c"`},
		{"sparse", graph(func(b *onnxtest.Builder) { b.Raw(15, nil) }), "sparse"},
		{"of a function", graph(func(b *onnxtest.Builder) { b.Raw(1, onnxtest.Field(nil, 5, onnxtest.Field(nil, 21, []byte("x")))) }), "function"},
		{"many nodes", graph(func(b *onnxtest.Builder) {
			for range 1<<14 + 1 {
				b.Raw(1, nil)
			}
		}), "more than 16384 nodes"},
	} {
		if _, err := onnx.Parse(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.name, err, c.want)
		}
	}
}

// Whatever is in a file, reading it takes memory of a small multiple of its size.
func FuzzParse(f *testing.F) {
	f.Add(onnxtest.Decoder())
	b := onnxtest.New(11, "z", 2, 3, 1, 1)
	f.Add(b.File(b.Node("n", "Clip", onnxtest.Attributes{"min": float32(0)}, "z")))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := onnx.Parse(data)
		if err != nil {
			return
		}
		given := map[string]bool{}
		for i := range g.Nodes {
			n := &g.Nodes[i]
			for _, name := range n.Inputs {
				if name != "" && !given[name] && g.Constant(name) == nil && !slices.ContainsFunc(g.Inputs, func(v onnx.Value) bool { return v.Name == name }) {
					t.Fatalf("%v reads %q, which is not given before", n, name)
				}
				if c := g.Constant(name); c != nil && len(c.Floats()) > len(data) {
					t.Fatalf("constant %q has %d elements, the file %d bytes", name, c.Len(), len(data))
				}
			}
			for _, name := range n.Outputs {
				given[name] = true
			}
		}
	})
}
