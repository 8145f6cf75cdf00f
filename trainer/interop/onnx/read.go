package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Limits on what a file may have, far above what a decoder for a small board has. They keep what
// the parts of a file take in memory to a small multiple of its size.
const (
	maxNodes      = 1 << 14
	maxValues     = 1 << 14 // constants, inputs, and what is said of other values
	maxOperands   = 1 << 10
	maxAttributes = 1 << 6
	maxName       = 1 << 12
	maxDims       = 8
)

// Parse reads an ONNX file. Constants keep parts of data, which must not change.
func Parse(data []byte) (*Graph, error) {
	m := model{opset: map[string]int64{}}
	if err := fields(data, m.field); err != nil {
		if len(m.graph) == 0 {
			return nil, fmt.Errorf("onnx: this is not an ONNX file: %w", err)
		}
		return nil, fmt.Errorf("onnx: %w", err)
	}
	if len(m.graph) == 0 {
		return nil, errors.New("onnx: this is not an ONNX file, or there is no graph in it")
	}
	opset, ok := m.opset[""]
	if !ok {
		if opset, ok = m.opset["ai.onnx"]; !ok {
			return nil, errors.New("onnx: the file does not say which version of the operators it has, the opset")
		}
	}
	g := &Graph{Opset: opset, constants: map[string]*Tensor{}}
	for _, part := range m.graph { // parts of a message that is there several times are one
		if err := fields(part, g.field); err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
	}
	// Files of the first versions list constants as inputs, too
	inputs := g.Inputs[:0:0]
	for _, v := range g.Inputs {
		if g.constants[v.Name] == nil {
			inputs = append(inputs, v)
		}
	}
	g.Inputs = inputs
	if err := g.sorted(); err != nil {
		return nil, err
	}
	return g, nil
}

// ParseTensor reads a tensor that is a file of its own, as those of ONNX's tests are.
func ParseTensor(data []byte) (*Tensor, error) {
	t, err := parseTensor(data)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return t, nil
}

// A field is one of a message: a number, or bytes.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64
	bytes  []byte
}

// fields calls f for the fields of a message, in their order.
func fields(data []byte, f func(field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("its wire format is damaged: %w", protowire.ParseError(n))
		}
		data = data[n:]
		x := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.value, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(data)
			x.value = uint64(v)
		case protowire.Fixed64Type:
			x.value, n = protowire.ConsumeFixed64(data)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(data)
		default: // groups, which ONNX has none of
			return fmt.Errorf("its wire format is damaged: a field of type %d", kind)
		}
		if n < 0 {
			return fmt.Errorf("its wire format is damaged: %w", protowire.ParseError(n))
		}
		data = data[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// message reports a field that should be bytes and is a number.
func (x field) message() ([]byte, error) {
	if x.kind != protowire.BytesType {
		return nil, fmt.Errorf("its wire format is damaged: field %d is of type %d, not bytes", x.number, x.kind)
	}
	return x.bytes, nil
}

func (x field) text() (string, error) {
	b, err := x.message()
	switch {
	case err != nil:
		return "", err
	case len(b) > maxName:
		return "", fmt.Errorf("a name of %d bytes, at most %d", len(b), maxName)
	case !utf8.Valid(b):
		return "", errors.New("a name is not UTF-8")
	}
	return string(b), nil
}

func (x field) number64() (int64, error) {
	if x.kind != protowire.VarintType {
		return 0, fmt.Errorf("its wire format is damaged: field %d is of type %d, not a number", x.number, x.kind)
	}
	return int64(x.value), nil
}

// ints appends whole numbers, which are packed or not.
func (x field) ints(to []int64) ([]int64, error) {
	if x.kind == protowire.VarintType {
		return append(to, int64(x.value)), nil
	}
	b, err := x.message()
	for len(b) > 0 && err == nil {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, fmt.Errorf("its wire format is damaged: %w", protowire.ParseError(n))
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, err
}

// fixed appends the bytes of numbers of size bytes each, which are packed or not.
func (x field) fixed(to []byte, size int) ([]byte, error) {
	switch {
	case x.kind == protowire.BytesType && len(x.bytes)%size == 0:
		return append(to, x.bytes...), nil
	case x.kind == protowire.Fixed32Type && size == 4:
		return binary.LittleEndian.AppendUint32(to, uint32(x.value)), nil
	case x.kind == protowire.Fixed64Type && size == 8:
		return binary.LittleEndian.AppendUint64(to, x.value), nil
	}
	return nil, fmt.Errorf("its wire format is damaged: field %d is not numbers of %d bytes", x.number, size)
}

// A model is what is read of the message around the graph.
type model struct {
	opset map[string]int64
	graph [][]byte
}

func (m *model) field(x field) (err error) {
	switch x.number {
	case 7:
		var b []byte
		if b, err = x.message(); err == nil {
			m.graph = append(m.graph, b)
		}
	case 8:
		var b []byte
		if b, err = x.message(); err != nil {
			return err
		}
		domain, version := "", int64(0)
		err = fields(b, func(x field) (err error) {
			switch x.number {
			case 1:
				domain, err = x.text()
			case 2:
				version, err = x.number64()
			}
			return err
		})
		if m.opset[domain] = version; len(m.opset) > maxAttributes {
			return errors.New("it has too many domains of operators")
		}
	}
	return err
}

func (g *Graph) field(x field) error {
	switch x.number {
	case 1, 5, 11, 12, 13, 15: // the messages that are read, and sparse constants
	default:
		return nil
	}
	b, err := x.message()
	if err != nil {
		return err
	}
	switch x.number {
	case 1:
		if len(g.Nodes) == maxNodes {
			return fmt.Errorf("it has more than %d nodes", maxNodes)
		}
		n, err := parseNode(b)
		if err != nil {
			return fmt.Errorf("%v: %w", n, err)
		}
		g.Nodes = append(g.Nodes, *n)
	case 5:
		t, err := parseTensor(b)
		if err != nil {
			return err
		}
		if len(g.constants) == maxValues {
			return fmt.Errorf("it has more than %d constants", maxValues)
		}
		if g.constants[t.Name] != nil {
			return fmt.Errorf("two constants have the name %q", t.Name)
		}
		g.constants[t.Name] = t
	case 11, 12, 13:
		to := map[int]*[]Value{11: &g.Inputs, 12: &g.Outputs, 13: &g.Inner}[int(x.number)]
		if len(*to) == maxValues {
			return fmt.Errorf("it has more than %d inputs, outputs or values between", maxValues)
		}
		v, err := parseValue(b)
		if err != nil {
			return fmt.Errorf("value %q: %w", v.Name, err)
		}
		*to = append(*to, v)
	case 15:
		return errors.New("it has sparse constants, which are not read: save it with dense ones")
	}
	return nil
}

func parseNode(b []byte) (*Node, error) {
	n := &Node{}
	err := fields(b, func(x field) (err error) {
		switch x.number {
		case 1, 2:
			to := &n.Inputs
			if x.number == 2 {
				to = &n.Outputs
			}
			name, err := x.text()
			if *to = append(*to, name); len(*to) > maxOperands {
				return fmt.Errorf("it has more than %d operands", maxOperands)
			}
			return err
		case 3:
			n.Name, err = x.text()
		case 4:
			n.Op, err = x.text()
		case 5:
			b, err := x.message()
			if err != nil {
				return err
			}
			if len(n.Attributes) == maxAttributes {
				return fmt.Errorf("it has more than %d attributes", maxAttributes)
			}
			a, err := parseAttribute(b)
			if err != nil {
				return fmt.Errorf("attribute %q: %w", a.Name, err)
			}
			if n.Attribute(a.Name) != nil {
				return fmt.Errorf("attribute %q is there twice", a.Name)
			}
			n.Attributes = append(n.Attributes, a)
		case 7:
			n.Domain, err = x.text()
		}
		return err
	})
	return n, err
}

func parseAttribute(b []byte) (a Attribute, err error) {
	var floats []byte
	err = fields(b, func(x field) (err error) {
		switch x.number {
		case 1:
			a.Name, err = x.text()
		case 2:
			if x.kind != protowire.Fixed32Type {
				return errors.New("its wire format is damaged: a number that is none")
			}
			a.Float = math.Float32frombits(uint32(x.value))
		case 3:
			a.Int, err = x.number64()
		case 4:
			a.Text, err = x.text()
		case 5:
			var b []byte
			if b, err = x.message(); err == nil {
				a.Tensor, err = parseTensor(b)
			}
		case 7:
			floats, err = x.fixed(floats, 4)
		case 8:
			a.Ints, err = x.ints(a.Ints)
		case 20:
			var kind int64
			kind, err = x.number64()
			a.Kind = Kind(kind)
		case 21:
			return errors.New("it refers to one of a function, and functions are not read: inline them")
		}
		return err
	})
	for ; len(floats) > 0; floats = floats[4:] {
		a.Floats = append(a.Floats, math.Float32frombits(binary.LittleEndian.Uint32(floats)))
	}
	return a, err
}

func parseValue(b []byte) (v Value, err error) {
	// ValueInfoProto has a TypeProto, which has its Tensor, which has a TensorShapeProto.
	inner := func(x field, f func(field) error) error {
		b, err := x.message()
		if err != nil {
			return err
		}
		return fields(b, f)
	}
	err = fields(b, func(x field) (err error) {
		switch x.number {
		case 1:
			v.Name, err = x.text()
		case 2:
			return inner(x, func(x field) error {
				if x.number != 1 { // a sequence or the like
					return nil
				}
				return inner(x, func(x field) error {
					switch x.number {
					case 1:
						kind, err := x.number64()
						v.Type = Type(kind)
						return err
					case 2:
						v.Shaped = true
						return inner(x, func(x field) error {
							if x.number != 1 {
								return nil
							}
							if len(v.Dims) == maxDims {
								return fmt.Errorf("it has more than %d dimensions", maxDims)
							}
							var d Dim
							err := inner(x, func(x field) (err error) {
								switch x.number {
								case 1:
									d.Size, err = x.number64()
								case 2:
									d.Name, err = x.text()
								}
								return err
							})
							v.Dims = append(v.Dims, d)
							return err
						})
					}
					return nil
				})
			})
		}
		return err
	})
	return v, err
}

func parseTensor(b []byte) (*Tensor, error) {
	t := &Tensor{}
	var dims, whole []int64
	var raw, floats, doubles []byte
	elsewhere, isRaw, segment := false, false, false
	err := fields(b, func(x field) (err error) {
		var v int64
		switch x.number {
		case 1:
			if dims, err = x.ints(dims); len(dims) > maxDims {
				return fmt.Errorf("it has more than %d dimensions", maxDims)
			}
		case 2:
			v, err = x.number64()
			t.Type = Type(v)
		case 3:
			segment = true
		case 4:
			floats, err = x.fixed(floats, 4)
		case 5, 7:
			whole, err = x.ints(whole)
		case 8:
			t.Name, err = x.text()
		case 9:
			raw, err = x.message()
			isRaw = true
		case 10:
			doubles, err = x.fixed(doubles, 8)
		case 13:
			elsewhere = true
		case 14:
			v, err = x.number64()
			elsewhere = elsewhere || v != 0
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("constant %q: %w", t.Name, err)
	}
	of, ok := types[t.Type]
	switch {
	case elsewhere:
		return nil, fmt.Errorf("the values of constant %q are in another file: save the model as one file", t.Name)
	case segment:
		return nil, fmt.Errorf("constant %q is in parts, which are not read: save it whole", t.Name)
	case !ok:
		return nil, fmt.Errorf("constant %q has elements of %v, which are not read", t.Name, t.Type)
	}
	switch {
	case isRaw:
		t.data = raw
	case t.Type == Float32:
		t.data = floats
	case t.Type == Float64:
		t.data = doubles
	default:
		for _, v := range whole {
			for i := range of.size {
				t.data = append(t.data, byte(v>>(8*i)))
			}
		}
	}
	n := int64(1)
	for _, d := range dims {
		if d < 0 || d > math.MaxInt32 || n > math.MaxInt32 {
			return nil, fmt.Errorf("constant %q says that it has the shape %v, and it has %d bytes", t.Name, dims, len(t.data))
		}
		n *= d
		t.Dims = append(t.Dims, int(d))
	}
	if n != int64(len(t.data)/of.size) || len(t.data)%of.size != 0 {
		return nil, fmt.Errorf("constant %q says that it has %d elements of %v, the shape %v, and it has %d bytes", t.Name, n, t.Type, dims, len(t.data))
	}
	return t, nil
}
