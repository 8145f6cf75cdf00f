// Package nchw has weights in the layouts of PyTorch and ONNX, whose maps are channels x height x
// width, where those of this module are height x width x channels:
//
//	dense           [out][in], both running over a map's elements in CHW order
//	conv            [out][in][ky][kx]
//	conv_transpose  [in][out][ky][kx]
//
// The kernels themselves are not turned: in all of them a convolution is a cross-correlation, and a
// transposed one its adjoint, as [kernels.Geometry] says.
package nchw

import (
	"slices"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Shape is that of a layer's weights, whose source has the shape in.
func Shape(l *model.Layer, in [3]int) []int {
	switch l.Op {
	case model.Dense:
		return []int{model.Elements(l.Out), model.Elements(in)}
	case model.ConvTranspose:
		return []int{in[2], l.Out[2], l.Kernel, l.Kernel}
	}
	return []int{l.Out[2], in[2], l.Kernel, l.Kernel}
}

// Float returns the weights and biases of a float layer.
func Float(l *nn.Layer) (weight, bias []float32) {
	shape, order := ours(l)
	if l.Op == model.Dense {
		return permuted(l.Weight, shape, order...), CHW(l.Bias, l.Out)
	}
	return permuted(l.Weight, shape, order...), slices.Clone(l.Bias)
}

// SetFloat sets the weights and biases of a float layer to those that Float would return.
func SetFloat(l *nn.Layer, weight, bias []float32) {
	shape, order := ours(l)
	for i, at := range permuted(numbered(len(l.Weight)), shape, order...) {
		l.Weight[at] = weight[i]
	}
	from := numbered(len(l.Bias))
	if l.Op == model.Dense {
		from = CHW(from, l.Out)
	}
	for i, at := range from {
		l.Bias[at] = bias[i]
	}
}

// numbered are the numbers from 0 to n-1.
func numbered(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// ours is the shape of a float layer's weights in this module, and which of its dimensions those of
// the other layout are.
func ours(l *nn.Layer) (shape, order []int) {
	if l.Op == model.Dense {
		i, o := l.In, l.Out
		return []int{i[0], i[1], i[2], o[0], o[1], o[2]}, []int{5, 3, 4, 2, 0, 1}
	}
	// [ky][kx][in][out], of a transposed one [ky][kx][out][in]
	c := []int{l.Kernel, l.Kernel, l.In[2], l.Out[2]}
	if l.Op == model.ConvTranspose {
		c[2], c[3] = c[3], c[2]
	}
	return c, []int{3, 2, 0, 1}
}

// Int8 returns the weights and biases of an int8 layer, whose source has the shape in.
func Int8(l *model.Int8Layer, in [3]int) (weight []int8, bias []int32) {
	if l.Op == model.Dense {
		o := l.Out
		return permuted(l.Weight, []int{o[0], o[1], o[2], in[0], in[1], in[2]}, 2, 0, 1, 5, 3, 4), CHW(l.Bias, o)
	}
	order := []int{0, 3, 1, 2}
	if l.Op == model.ConvTranspose {
		order = []int{3, 0, 1, 2}
	}
	return permuted(l.Weight, []int{l.Out[2], l.Kernel, l.Kernel, in[2]}, order...), slices.Clone(l.Bias)
}

// CHW returns the elements of a map of that shape, channels first.
func CHW[E any](values []E, shape [3]int) []E { return permuted(values, shape[:], 2, 0, 1) }

// permuted returns the elements of a row-major array of that shape with its dimensions in another
// order: dimension i of the result is dimension order[i] of the array.
func permuted[E any](values []E, shape []int, order ...int) []E {
	strides, n := make([]int, len(shape)), 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	if n != len(values) {
		panic("nchw: a layer's weights are not as many as its shape says")
	}
	result := make([]E, 0, n)
	var visit func(i, at int)
	visit = func(i, at int) {
		if i == len(order) {
			result = append(result, values[at])
			return
		}
		for range shape[order[i]] {
			visit(i+1, at)
			at += strides[order[i]]
		}
	}
	visit(0, 0)
	return result
}
