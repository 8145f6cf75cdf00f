package onnxwrite

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"google.golang.org/protobuf/encoding/protowire"
)

// The version of the operators, and of the file format that came with it.
const (
	opset     = 13
	irVersion = 7
)

// The numbers of ONNX's element types.
const (
	float32Type = 1
	uint8Type   = 2
	int16Type   = 5
	int32Type   = 6
	int64Type   = 7
	float64Type = 11
)

// A message is one of protocol buffers, in the making. What is written is onnx.proto's, whose field
// numbers stand in the calls.
type message []byte

func (m *message) bytes(field protowire.Number, value []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), value)
}

func (m *message) text(field protowire.Number, value string) { m.bytes(field, []byte(value)) }

func (m *message) int(field protowire.Number, value int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(value))
}

// A graph is a GraphProto in the making.
type graph struct {
	nodes, initializers, inputs, outputs []message

	prefix string // of the names of what is added now, such as "decoder.0"
	count  int
}

// An attribute is a node's: ints if there are any, a float if it is not 0, otherwise an int.
type attribute struct {
	name string
	i    int
	ints []int
	f    float32
}

// node adds an operator and returns the name of its result.
func (g *graph) node(op string, inputs []string, attributes ...attribute) string {
	g.count++
	result := fmt.Sprintf("%s/%s_%d", g.prefix, op, g.count)
	g.named(result, op, inputs, attributes...)
	return result
}

// named is node for a result that has a name.
func (g *graph) named(result, op string, inputs []string, attributes ...attribute) {
	var n message
	for _, i := range inputs {
		n.text(1, i)
	}
	n.text(2, result)
	n.text(3, result)
	n.text(4, op)
	for _, a := range attributes {
		const floatType, intType, intsType = 1, 2, 7
		var m message
		m.text(1, a.name)
		switch {
		case a.ints != nil:
			for _, i := range a.ints {
				m.int(8, i)
			}
			m.int(20, intsType)
		case a.f != 0:
			m = protowire.AppendFixed32(protowire.AppendTag(m, 2, protowire.Fixed32Type), math.Float32bits(a.f))
			m.int(20, floatType)
		default:
			m.int(3, a.i)
			m.int(20, intType)
		}
		n.bytes(5, m)
	}
	g.nodes = append(g.nodes, n)
}

type element interface {
	uint8 | float32 | float64 | int32 | int64
}

// constant adds an array and returns its name. Without a shape it is a single number.
func constant[E element](g *graph, name string, values []E, shape ...int) string {
	var t message
	for _, d := range shape {
		t.int(1, d)
	}
	t.int(2, map[reflect.Kind]int{
		reflect.Uint8: uint8Type, reflect.Float32: float32Type, reflect.Float64: float64Type, reflect.Int32: int32Type, reflect.Int64: int64Type,
	}[reflect.TypeFor[E]().Kind()])
	name = g.prefix + "." + name
	t.text(8, name)
	raw, _ := binary.Append(nil, binary.LittleEndian, values) // cannot fail for these types
	t.bytes(9, raw)
	g.initializers = append(g.initializers, t)
	return name
}

// value describes an input or output of the graph. Its first dimension is the number of pictures,
// which is any.
func value(name string, elements int, shape ...int) message {
	var dims, kind, m message
	var n message
	n.text(2, "N")
	dims.bytes(1, n)
	for _, d := range shape {
		var m message
		m.int(1, d)
		dims.bytes(1, m)
	}
	var tensor message
	tensor.int(1, elements)
	tensor.bytes(2, dims)
	kind.bytes(1, tensor)
	m.text(1, name)
	m.bytes(2, kind)
	return m
}

// marshal returns the ModelProto. Pairs of metadata are names and values.
func (g *graph) marshal(name, doc string, metadata ...[2]string) ([]byte, error) {
	var m, graph, version message
	for _, n := range g.nodes {
		graph.bytes(1, n)
	}
	graph.text(2, name)
	for _, t := range g.initializers {
		graph.bytes(5, t)
	}
	for _, v := range g.inputs {
		graph.bytes(11, v)
	}
	for _, v := range g.outputs {
		graph.bytes(12, v)
	}
	version.text(1, "")
	version.int(2, opset)
	m.int(1, irVersion)
	m.text(2, "vae-edge")
	m.text(6, doc)
	m.bytes(7, graph)
	m.bytes(8, version)
	for _, pair := range metadata {
		var p message
		p.text(1, pair[0])
		p.text(2, pair[1])
		m.bytes(14, p)
	}
	if len(m) > math.MaxInt32 {
		return nil, fmt.Errorf("onnxwrite: %d bytes, and a file of protocol buffers has at most 2 GB", len(m))
	}
	return m, nil
}
