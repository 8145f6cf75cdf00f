// Package arrays reads named arrays of numbers from the files of other programs: safetensors,
// NumPy's .npz and PyTorch's .pt. It takes files as they are found, unlike package
// model/safetensors, which reads but one form of each.
//
// Nothing is allocated because a file claims it: an array has its bytes in the file, or in what was
// unpacked of it, before it becomes numbers.
package arrays

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/interop/float16"
)

// An Array has the elements of a tensor, the last index running fastest. What other floating-point
// types hold is rounded to float32.
type Array struct {
	Shape []int
	Data  []float32
}

// Arrays are arrays by name. Those of whole numbers, such as counters, are not among them.
type Arrays map[string]Array

// Find returns the array of that name, or the only one that is [Arrays.Named] so.
func (a Arrays) Find(name string) (Array, error) {
	if found, ok := a[name]; ok {
		return found, nil
	}
	switch names := a.Named(name); len(names) {
	case 0:
		return Array{}, fmt.Errorf("there is no array %q among %s", name, plain.List(slices.Sorted(maps.Keys(a))))
	case 1:
		return a[names[0]], nil
	default:
		return Array{}, fmt.Errorf("%q may be any of %s", name, plain.List(names))
	}
}

// Named are the arrays of that name and those whose names end with it after a dot or a slash:
// programs put module. or state_dict. before it.
func (a Arrays) Named(name string) (names []string) {
	for _, full := range slices.Sorted(maps.Keys(a)) {
		rest, ok := strings.CutSuffix(full, name)
		if ok && (rest == "" || strings.HasSuffix(rest, ".") || strings.HasSuffix(rest, "/")) {
			names = append(names, full)
		}
	}
	return names
}

const (
	// MaxFile is the largest file that is read, and the most that is unpacked of one, in bytes.
	MaxFile   = 1 << 30
	maxArrays = 1 << 16 // of a file
	maxRank   = 8
	maxName   = 1 << 12 // bytes
)

// A kind is a type of elements.
type kind struct {
	size  int
	value func(b []byte) float32 // nil: whole numbers
}

var (
	float32s  = kind{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	float64s  = kind{8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}
	float16s  = kind{2, func(b []byte) float32 { return float16.IEEE(binary.LittleEndian.Uint16(b)) }}
	bfloat16s = kind{2, func(b []byte) float32 { return float16.Brain(binary.LittleEndian.Uint16(b)) }}
	bytes1    = kind{1, nil}
	bytes2    = kind{2, nil}
	bytes4    = kind{4, nil}
	bytes8    = kind{8, nil}
)

// elements is the number of elements of a shape, if it is one that MaxFile bytes can hold.
func elements(shape []int, size int) (int, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("an array of %d dimensions", len(shape))
	}
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > MaxFile/size/d {
			return 0, fmt.Errorf("an array of shape %v is none, or too large", shape)
		}
		n *= d
	}
	return n, nil
}

// checkSize reports data that do not have the elements of a shape.
func checkSize(k kind, shape []int, data []byte) error {
	n, err := elements(shape, k.size)
	if err == nil && len(data) != n*k.size {
		err = fmt.Errorf("shape %v needs %d bytes, it has %d", shape, n*k.size, len(data))
	}
	return err
}

// add adds an array whose elements lie one after the other in data, all of it.
func (a Arrays) add(name string, k kind, shape []int, data []byte) error {
	if err := checkSize(k, shape, data); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if _, twice := a[name]; twice {
		return fmt.Errorf("%q is there twice", name)
	}
	if k.value == nil {
		return nil
	}
	to := Array{slices.Clone(shape), make([]float32, len(data)/k.size)}
	for i := range to.Data {
		to.Data[i] = k.value(data[i*k.size:])
	}
	a[name] = to
	return nil
}
