package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/trainer/interop/float16"
)

// A Type is that of a tensor's elements.
type Type int64

// The types that are read, as TensorProto.DataType numbers them.
const (
	Float32  Type = 1
	Uint8    Type = 2
	Int8     Type = 3
	Int32    Type = 6
	Int64    Type = 7
	Bool     Type = 9
	Float16  Type = 10
	Float64  Type = 11
	BFloat16 Type = 16
)

var types = map[Type]struct {
	name string
	size int
}{
	Float32: {"float32", 4}, Uint8: {"uint8", 1}, Int8: {"int8", 1}, Int32: {"int32", 4}, Int64: {"int64", 8},
	Bool: {"bool", 1}, Float16: {"float16", 2}, Float64: {"float64", 8}, BFloat16: {"bfloat16", 2},
}

func (t Type) String() string {
	if of, ok := types[t]; ok {
		return of.name
	}
	return fmt.Sprintf("type %d", int64(t))
}

// Whole says that elements are whole numbers.
func (t Type) Whole() bool {
	return t == Uint8 || t == Int8 || t == Int32 || t == Int64 || t == Bool
}

// A Tensor is constant values. Elements are in the order in which the last dimension changes
// fastest.
type Tensor struct {
	Name string
	Type Type
	Dims []int // none of a scalar
	data []byte
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// Floats returns the elements of a tensor of any type, exactly but for whole numbers beyond 2^53.
func (t *Tensor) Floats() []float64 {
	values := make([]float64, t.Len())
	for i := range values {
		values[i] = t.float(i)
	}
	return values
}

func (t *Tensor) float(i int) float64 {
	switch t.Type {
	case Float32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:])))
	case Float64:
		return math.Float64frombits(binary.LittleEndian.Uint64(t.data[8*i:]))
	case BFloat16:
		return float64(float16.Brain(binary.LittleEndian.Uint16(t.data[2*i:])))
	case Float16:
		return float64(float16.IEEE(binary.LittleEndian.Uint16(t.data[2*i:])))
	}
	return float64(t.int(i))
}

// Ints returns the elements of a tensor of whole numbers.
func (t *Tensor) Ints() []int64 {
	values := make([]int64, t.Len())
	for i := range values {
		values[i] = t.int(i)
	}
	return values
}

func (t *Tensor) int(i int) int64 {
	switch t.Type {
	case Uint8, Bool:
		return int64(t.data[i])
	case Int8:
		return int64(int8(t.data[i]))
	case Int32:
		return int64(int32(binary.LittleEndian.Uint32(t.data[4*i:])))
	case Int64:
		return int64(binary.LittleEndian.Uint64(t.data[8*i:]))
	}
	panic("onnx: " + t.Type.String() + " is not a type of whole numbers")
}
