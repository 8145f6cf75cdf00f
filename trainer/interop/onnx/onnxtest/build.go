// Package onnxtest writes small ONNX files for tests, and computes what a graph gives, slowly and
// by the letter of the operators' definitions.
package onnxtest

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Builder writes an ONNX file, node by node. Its fields are for tests of what is unusual.
type Builder struct {
	Opset int64
	graph []byte
}

// New returns a builder of a graph with one input of that shape; a size of 0 is the number of
// pictures, which is not known.
func New(opset int64, input string, dims ...int) *Builder {
	b := &Builder{Opset: opset}
	b.Input(input, dims...)
	return b
}

// Field appends bytes to a message.
func Field(to []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

// Number appends a number to a message.
func Number(to []byte, number protowire.Number, value int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, number, protowire.VarintType), uint64(value))
}

// Value is a ValueInfoProto.
func Value(name string, dims ...int) []byte {
	var shape []byte
	for _, d := range dims {
		dim := Number(nil, 1, int64(d))
		if d == 0 {
			dim = Field(nil, 2, []byte("batch"))
		}
		shape = Field(shape, 1, dim)
	}
	tensor := Field(Number(nil, 1, 1), 2, shape)
	return Field(Field(nil, 1, []byte(name)), 2, Field(nil, 1, tensor))
}

// Input adds an input of the graph.
func (b *Builder) Input(name string, dims ...int) { b.graph = Field(b.graph, 11, Value(name, dims...)) }

// Floats adds a constant and returns its name.
func (b *Builder) Floats(name string, values []float32, dims ...int) string {
	t := header(name, 1, dims)
	var raw []byte
	for _, v := range values {
		raw = protowire.AppendFixed32(raw, math.Float32bits(v))
	}
	b.graph = Field(b.graph, 5, Field(t, 9, raw))
	return name
}

// Ints adds a constant vector of whole numbers and returns its name.
func (b *Builder) Ints(name string, values ...int64) string {
	t := header(name, 7, []int{len(values)})
	for _, v := range values {
		t = Number(t, 7, v)
	}
	b.graph = Field(b.graph, 5, t)
	return name
}

func header(name string, kind int64, dims []int) []byte {
	var t []byte
	for _, d := range dims {
		t = Number(t, 1, int64(d))
	}
	return Field(Number(t, 2, kind), 8, []byte(name))
}

// Attributes of a node: int64, float32, string or []int64.
type Attributes map[string]any

// Node adds a node with one output, which has the name of the node, and returns that.
func (b *Builder) Node(name, op string, attributes Attributes, inputs ...string) string {
	return b.Nodes([]string{name}, op, attributes, inputs...)[0]
}

// Nodes is Node of several outputs, of which the first has the name of the node.
func (b *Builder) Nodes(outputs []string, op string, attributes Attributes, inputs ...string) []string {
	var n []byte
	for _, in := range inputs {
		n = Field(n, 1, []byte(in))
	}
	for _, out := range outputs {
		n = Field(n, 2, []byte(out))
	}
	n = Field(Field(n, 3, []byte(outputs[0])), 4, []byte(op))
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		v := attributes[key]
		a := Field(nil, 1, []byte(key))
		kind := int64(2)
		switch v := v.(type) {
		case int64:
			a = Number(a, 3, v)
		case int:
			a = Number(a, 3, int64(v))
		case float32:
			kind = 1
			a = protowire.AppendFixed32(protowire.AppendTag(a, 2, protowire.Fixed32Type), math.Float32bits(v))
		case string:
			kind = 3
			a = Field(a, 4, []byte(v))
		case []int64:
			kind = 7
			for _, i := range v {
				a = Number(a, 8, i)
			}
		}
		n = Field(n, 5, Number(a, 20, kind))
	}
	b.graph = Field(b.graph, 1, n)
	return outputs
}

// Raw adds a field of the graph as it is.
func (b *Builder) Raw(number protowire.Number, value []byte) { b.graph = Field(b.graph, number, value) }

// File returns the file of the graph, which has that output.
func (b *Builder) File(output string) []byte {
	graph := Field(b.graph, 12, Value(output))
	opset := Number(nil, 2, b.Opset)
	file := Field(Number(nil, 1, 8), 2, []byte("onnxtest"))
	return Field(Field(file, 7, graph), 8, opset)
}

// Decoder is the file of a decoder of two latent dimensions and 8 x 8 pixels, with weights from a
// generator and more operators before the last, a sigmoid.
func Decoder(more ...string) []byte { return decoder("Relu", more...) }

// LeakyDecoder is Decoder with leaky ReLU.
func LeakyDecoder() []byte { return decoder("LeakyRelu") }

func decoder(activation string, more ...string) []byte {
	b := New(13, "z", 0, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(name string, dims ...int) string {
		values := make([]float32, volume(dims))
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
		return b.Floats(name, values, dims...)
	}
	at := b.Node("dense", "Gemm", Attributes{"transB": 1}, "z", random("dense.weight", 4*4*4, 2), random("dense.bias", 64))
	at = b.Node("relu", activation, nil, at)
	at = b.Node("maps", "Reshape", nil, at, b.Ints("shape", -1, 4, 4, 4))
	at = b.Node("up", "ConvTranspose", Attributes{"strides": []int64{2, 2}, "pads": []int64{1, 1, 1, 1}}, at, random("up.weight", 4, 1, 4, 4))
	for _, op := range more {
		at = b.Node("other", op, nil, at)
	}
	return b.File(b.Node("pixels", "Sigmoid", nil, at))
}
