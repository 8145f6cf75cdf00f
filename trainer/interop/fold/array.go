package fold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

// A size is a whole number of the shape chain, or the number of pictures of a batch, which nobody
// knows.
type size struct {
	n     int64
	batch bool
}

// An array is constant: numbers or, where whole, sizes.
type array struct {
	dims  []int
	float []float64
	whole []size
}

// constant reads a tensor of a file.
func constant(t *onnx.Tensor) *array {
	a := &array{dims: t.Dims}
	if !t.Type.Whole() {
		a.float = t.Floats()
		return a
	}
	a.whole = make([]size, 0, t.Len())
	for _, v := range t.Ints() {
		a.whole = append(a.whole, size{n: v})
	}
	return a
}

func vector(values []int64) *array {
	a := &array{dims: []int{len(values)}, whole: []size{}}
	for _, v := range values {
		a.whole = append(a.whole, size{n: v})
	}
	return a
}

func (a *array) len() int { return linear.Elements(a.dims) }

// floats are the numbers of a constant of any type.
func (a *array) floats() ([]float64, error) {
	if a.whole == nil {
		return a.float, nil
	}
	values := make([]float64, len(a.whole))
	for i, v := range a.whole {
		if v.batch {
			return nil, errBatch
		}
		values[i] = float64(v.n)
	}
	return values, nil
}

// ints are the whole numbers of a constant of these.
func (a *array) ints() ([]int64, error) {
	if a.whole == nil {
		return nil, fmt.Errorf("whole numbers are wanted, and these are none")
	}
	values := make([]int64, len(a.whole))
	for i, v := range a.whole {
		if v.batch {
			return nil, errBatch
		}
		values[i] = v.n
	}
	return values, nil
}

// shaped is the same array with other dims.
func (a *array) shaped(dims []int) *array { return &array{dims: dims, float: a.float, whole: a.whole} }

// taken is the array of elements that stand at places of another.
func (a *array) taken(dims []int, places []int32) *array {
	r := &array{dims: dims}
	if a.whole != nil {
		r.whole = make([]size, len(places))
		for i, p := range places {
			r.whole[i] = a.whole[p]
		}
		return r
	}
	r.float = make([]float64, len(places))
	for i, p := range places {
		r.float[i] = a.float[p]
	}
	return r
}

// transposed returns where the elements of a transposed tensor stand in the one before.
func transposed(dims, perm []int) (to []int, places []int32, err error) {
	if len(perm) != len(dims) {
		return nil, nil, fmt.Errorf("the permutation %v is not one of %d dimensions", perm, len(dims))
	}
	for i := range perm {
		if !slices.Contains(perm, i) {
			return nil, nil, fmt.Errorf("the permutation %v is none", perm)
		}
	}
	to, places = linear.Transposed(dims, perm)
	return to, places, nil
}

// strides are the distances between elements that are neighbours in a dimension.
func strides(dims []int) []int {
	s, n := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		s[i] = n
		n *= dims[i]
	}
	return s
}

// next goes on to the next index.
func next(index, dims []int) {
	for k := len(index) - 1; k >= 0; k-- {
		if index[k]++; index[k] < dims[k] {
			return
		}
		index[k] = 0
	}
}

// broadcast returns, for every element of dims, the place of the one of an array of shape from that
// meets it.
func broadcast(from, dims []int) ([]int32, error) {
	for len(from) > len(dims) && from[0] == 1 {
		from = from[1:]
	}
	steps := make([]int, len(dims))
	if len(from) > len(dims) {
		return nil, fmt.Errorf("a constant of shape %v does not suit one of %v", from, dims)
	}
	for i, s := range strides(from) {
		k := len(dims) - len(from) + i
		switch from[i] {
		case dims[k]:
			steps[k] = s
		case 1:
		default:
			return nil, fmt.Errorf("a constant of shape %v does not suit one of %v", from, dims)
		}
	}
	places := make([]int32, linear.Elements(dims))
	index := make([]int, len(dims))
	for i := range places {
		at := 0
		for k, s := range steps {
			at += index[k] * s
		}
		places[i] = int32(at)
		next(index, dims)
	}
	return places, nil
}

var errBatch = errors.New("it computes with the number of pictures")
