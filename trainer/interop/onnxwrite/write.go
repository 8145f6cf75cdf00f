// Package onnxwrite writes decoders as ONNX files of ordinary operators: float ones, with the
// encoder in a file of its own, and int8 ones whose whole-number arithmetic is done in float32
// where that is exact, so that any runtime that computes float32 as IEEE 754 says gives the pixels
// of this module, bit for bit.
package onnxwrite

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/nchw"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// ErrInexact is wrapped by the error for an int8 decoder whose accumulators float32 cannot hold.
var ErrInexact = errors.New("float32 holds whole numbers below 2^24 only")

// The names of the inputs and outputs of graphs.
const (
	inputName   = "point"
	outputName  = "pixels"
	pictureName = "picture"
	meanName    = "mean"
	logVarName  = "log_var"
)

// Float returns the file of a float decoder. Its input "point" is float32 [N, latent], its output
// "pixels" float32 [N, channels, height, width], brightnesses from 0 to 1. The weights are the
// model's own numbers.
func Float(m *nn.Model, name string) ([]byte, error) {
	var g graph
	last := m.Layers[len(m.Layers)-1].Out
	g.inputs = append(g.inputs, value(inputName, float32Type, model.Elements(m.In)))
	g.outputs = append(g.outputs, value(outputName, float32Type, last[2], last[0], last[1]))
	if err := g.layers("decoder", m.Layers, inputName); err != nil {
		return nil, err
	}
	return g.marshal(name, "The float32 decoder of vae-edge's model "+name+": points of the latent space to pictures, brightnesses from 0 to 1.")
}

// Encoder returns the file of a float encoder. Its input "picture" is float32 [N, channels, height,
// width], brightnesses from 0 to 1, its outputs "mean" and "log_var" are float32 [N, latent]: of
// the normal distribution of latent points that a picture stands for, the means and the logarithms
// of the variances. deviations says that the model has the logarithms of standard deviations.
func Encoder(m *nn.Model, name string, deviations bool) ([]byte, error) {
	var g graph
	n := len(m.Layers)
	latent := m.Layers[n-1].Out[2]
	g.inputs = append(g.inputs, value(pictureName, float32Type, m.In[2], m.In[0], m.In[1]))
	g.outputs = append(g.outputs, value(meanName, float32Type, latent), value(logVarName, float32Type, latent))
	layers := slices.Clone(m.Layers)
	if deviations {
		for _, values := range []*[]float32{&layers[n-1].Weight, &layers[n-1].Bias} {
			*values = slices.Clone(*values)
			for i := range *values {
				(*values)[i] *= 2
			}
		}
	}
	if err := g.layers("encoder", layers, pictureName); err != nil {
		return nil, err
	}
	return g.marshal(name, "The float32 encoder of vae-edge's model "+name+": pictures, brightnesses from 0 to 1, to the means and the logarithms of the variances of latent points.")
}

// layers adds float layers.
func (g *graph) layers(stack string, layers []nn.Layer, at string) error {
	read := at // by both heads of an encoder
	for i := range layers {
		l := &layers[i]
		g.prefix = fmt.Sprintf("%s.%d", stack, i)
		weight, bias := nchw.Float(l)
		w := constant(g, "weight", weight, nchw.Shape(&l.Layer, l.In)...)
		b := constant(g, "bias", bias, len(bias))
		if l.Target == model.Latent {
			at = read
		}
		if err := g.sums(&l.Layer, i == 0 && at == inputName, &at, w, b); err != nil {
			return err
		}
		if l.Op == model.Dense && l.Activates() {
			g.reshape(l.Out, &at)
		}
		switch l.Target {
		case model.ReLU:
			at = g.node("Relu", []string{at})
		case model.LeakyReLU:
			at = g.node("LeakyRelu", []string{at}, attribute{name: "alpha", f: l.Slope})
		case model.Pixels:
			if l.Op == model.Dense {
				g.reshape(l.Out, &at)
			}
			g.named(outputName, "Sigmoid", []string{at})
		case model.Latent:
			name := meanName
			if i == len(layers)-1 {
				name = logVarName
			}
			g.named(name, "Identity", []string{at})
		default:
			return g.unknownTarget(&l.Layer)
		}
		if l.Target != model.Latent {
			read = at
		}
	}
	return nil
}

// Exact returns the file of an int8 decoder. Its input "point" is int16 [N, latent], fixed-point
// numbers of LatentSteps to a unit, its output "pixels" uint8 [N, height, width, channels]: the
// numbers that package decoder takes and gives.
//
// Sums are of whole numbers and exact in any order while they stay below 2^24 in magnitude, which
// is proved from the weights for every layer. A dense layer for which it does not hold computes in
// float64; for a convolution, which runtimes have in float32 alone, the error wraps [ErrInexact].
// Activations stand for themselves: those of a leaky ReLU are below 0, too, where package kernels
// has them from 0 on and a zero point. Of its two scales, the larger product is the one that the
// accumulator's sign asks for, because the slope is below 1.
//
// Each accumulator is cast to int32 and back, lest a runtime fold the scale that follows into the
// weights, which would round elsewhere; that cast back is also the one rounding to float32 that the
// arithmetic of package kernels has there.
func Exact(m *model.Model) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if len(m.Decoder) == 0 {
		return nil, fmt.Errorf("onnxwrite: the file of model %s has an encoder alone", m.Name)
	}
	var g graph
	g.inputs = append(g.inputs, value(inputName, int16Type, m.Latent))
	g.outputs = append(g.outputs, value(outputName, uint8Type, m.Image[:]...))
	at := inputName
	in := [3]int{1, 1, m.Latent}
	for i := range m.Decoder {
		l := &m.Decoder[i]
		g.prefix = fmt.Sprintf("decoder.%d", i)
		zero := float32(kernels.ZeroPoint(model.Slopes(m.Decoder, i).In))
		if err := g.accumulators(l, in, i, int64(max(zero, kernels.ActivationMax-zero)), &at); err != nil {
			return nil, err
		}
		scaled := g.scaled("scale", l, l.Scale, at)
		if l.Target == model.LeakyReLU {
			below := make([]float32, len(l.Scale))
			for k, v := range l.Scale {
				below[k] = v * l.Slope
			}
			scaled = g.node("Max", []string{scaled, g.scaled("below", l, below, at)})
		}
		at = g.node("Round", []string{scaled}) // to even
		switch l.Target {
		case model.ReLU:
			at = g.clip(at, 0, kernels.ActivationMax)
		case model.LeakyReLU:
			zero := float32(kernels.ZeroPoint(l.Slope))
			at = g.clip(at, -zero, kernels.ActivationMax-zero)
		case model.Pixels:
			const half = kernels.TableSize / 2
			index := g.node("Cast", []string{g.clip(at, -half, half-1)}, attribute{name: "to", i: int32Type})
			index = g.node("Add", []string{index, constant(&g, "half", []int32{half})})
			pixels := g.node("Gather", []string{constant(&g, "table", m.Table[:], len(m.Table)), index})
			g.named(outputName, "Transpose", []string{pixels}, attribute{name: "perm", ints: []int{0, 2, 3, 1}})
		default:
			return nil, g.unknownTarget(&l.Layer)
		}
		in = l.Out
	}
	doc := fmt.Sprintf("The int8 decoder of vae-edge's model %s, exact to the bit: fixed-point latent points, %d steps to a unit, to pixels, height x width x channels.", m.Name, m.LatentSteps)
	return g.marshal(m.Name, doc, [2]string{"latent_steps", strconv.Itoa(m.LatentSteps)})
}

// accumulators adds what computes an int8 layer's, in float32 maps.
// What it reads is at most largest in magnitude, or, of the first layer, a latent point.
func (g *graph) accumulators(l *model.Int8Layer, in [3]int, i int, largest int64, at *string) error {
	if i == 0 {
		largest = 1 << 15
	}
	most := bound(l, in, largest)
	sums := float32Type
	if most >= 1<<24 {
		if l.Op != model.Dense {
			return fmt.Errorf("onnxwrite: %s: an accumulator can reach %d: %w", g.layerName(&l.Layer), most, ErrInexact)
		}
		sums = float64Type
	}
	if i == 0 || sums != float32Type {
		*at = g.node("Cast", []string{*at}, attribute{name: "to", i: sums})
	}
	weight, bias := nchw.Int8(l, in)
	shape := nchw.Shape(&l.Layer, in)
	var w, b string
	if sums == float32Type {
		w, b = constant(g, "weight", widened[float32](weight), shape...), constant(g, "bias", widened[float32](bias), len(bias))
	} else {
		w, b = constant(g, "weight", widened[float64](weight), shape...), constant(g, "bias", widened[float64](bias), len(bias))
	}
	if err := g.sums(&l.Layer, i == 0, at, w, b); err != nil {
		return err
	}
	*at = g.node("Cast", []string{*at}, attribute{name: "to", i: int32Type})
	*at = g.node("Cast", []string{*at}, attribute{name: "to", i: float32Type})
	if l.Op == model.Dense {
		g.reshape(l.Out, at)
	}
	return nil
}

// bound is the largest magnitude that an accumulator of the layer can have, and any sum of some of
// its terms, where what it reads is at most largest in magnitude. An output of a transposed
// convolution with a stride sums over the places of the kernel that its row and column meet alone,
// see kernels.Geometry.
func bound(l *model.Int8Layer, in [3]int, largest int64) (most int64) {
	magnitude := func(v int64) int64 { return max(v, -v) }
	kernel, stride := max(l.Kernel, 1), 1
	if l.Op == model.ConvTranspose {
		stride = l.Stride
	}
	each := len(l.Weight) / len(l.Bias)
	inputs := each / (kernel * kernel)
	sums := make([]int64, stride*stride)
	for o, b := range l.Bias {
		clear(sums)
		for k, w := range l.Weight[o*each:][:each] {
			ky, kx := k/inputs/kernel, k/inputs%kernel
			sums[ky%stride*stride+kx%stride] += magnitude(int64(w)) * largest
		}
		for _, sum := range sums {
			most = max(most, magnitude(int64(b))+sum)
		}
	}
	return most
}

func widened[F float32 | float64, E int8 | int32](values []E) []F {
	result := make([]F, len(values))
	for i, v := range values {
		result[i] = F(v)
	}
	return result
}

// sums adds the multiplications of a layer, which reads maps or else rows.
func (g *graph) sums(l *model.Layer, rows bool, at *string, weight, bias string) error {
	if l.Op == model.Dense && !rows {
		*at = g.node("Flatten", []string{*at}, attribute{name: "axis", i: 1})
	}
	inputs := []string{*at, weight, bias}
	if l.Op == model.Dense {
		*at = g.node("Gemm", inputs, attribute{name: "transB", i: 1})
		return nil
	}
	op, ok := map[model.Op]string{model.Conv: "Conv", model.ConvTranspose: "ConvTranspose"}[l.Op]
	if !ok {
		return fmt.Errorf("onnxwrite: %s: there is no ONNX for the operation %s", g.prefix, l.Op)
	}
	e := l.Edges
	*at = g.node(op, inputs,
		attribute{name: "kernel_shape", ints: []int{l.Kernel, l.Kernel}},
		attribute{name: "strides", ints: []int{l.Stride, l.Stride}},
		attribute{name: "pads", ints: []int{e[kernels.Top], e[kernels.Left], e[kernels.Bottom], e[kernels.Right]}})
	return nil
}

// scaled adds the multiplication of a layer's accumulators by scales: one for each channel or, of a
// dense layer that reads activations, for each output.
func (g *graph) scaled(name string, l *model.Int8Layer, scales []float32, at string) string {
	shape := []int{1, l.Out[2], 1, 1}
	if len(scales) != l.Out[2] {
		scales, shape = nchw.CHW(scales, l.Out), []int{1, l.Out[2], l.Out[0], l.Out[1]}
	}
	return g.node("Mul", []string{at, constant(g, name, scales, shape...)})
}

// reshape makes maps of rows.
func (g *graph) reshape(out [3]int, at *string) {
	shape := constant(g, "shape", []int64{-1, int64(out[2]), int64(out[0]), int64(out[1])}, 4)
	*at = g.node("Reshape", []string{*at, shape})
}

func (g *graph) clip(at string, least, most float32) string {
	return g.node("Clip", []string{at, constant(g, "least", []float32{least}), constant(g, "most", []float32{most})})
}

// layerName names a layer of those that are added now, as errors do.
func (g *graph) layerName(l *model.Layer) string {
	return fmt.Sprintf("%s, %s to %s", g.prefix, l.Op, l.Target)
}

func (g *graph) unknownTarget(l *model.Layer) error {
	return fmt.Errorf("onnxwrite: %s: there is no ONNX for this target", g.layerName(l))
}
