package keras

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
)

// Network folds the layers. logits says that what the model gives are logits, of which a sigmoid
// makes pixels; shape is the picture's where the model gives a vector, or zero. The error names the
// layer that stands in the way.
func (m *Model) Network(shape [3]int, logits bool) (*linear.Network, error) {
	f, err := m.Follow()
	if err != nil {
		return nil, err
	}
	if d := f.Dims; len(d) == 3 {
		if d[2] != 1 && d[2] != 3 {
			return nil, fmt.Errorf("keras: %w: it is of %d channels, want 1 or 3", linear.ErrShape, d[2])
		}
		if own := [3]int(d); shape != [3]int{} && shape != own {
			return nil, fmt.Errorf("keras: the model gives a picture of %v, not of %v", model.Shape(own), model.Shape(shape))
		}
		shape = [3]int(d)
		f = channelsFirst(f)
	}
	n, err := f.End(shape, logits)
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	return n, nil
}

// Follow takes the latent point through the layers, which need not end as a decoder does.
func (m *Model) Follow() (*linear.Flow, error) {
	unknown := []string{}
	for i := range m.Layers {
		if l := &m.Layers[i]; layers[l.Class] == nil {
			unknown = append(unknown, l.String()+reasons[l.Class])
		}
	}
	if len(unknown) > 0 {
		const most = 6
		if len(unknown) > most {
			unknown = append(unknown[:most], "and others")
		}
		return nil, fmt.Errorf("keras: the int8 arithmetic does not have: %s", strings.Join(unknown, ", "))
	}
	n, err := linear.Size(m.Point)
	if err != nil || n < 1 || n > linear.MaxLatent {
		return nil, fmt.Errorf("keras: a latent point of shape %v, of at most %d dimensions: is it the whole autoencoder, and not the decoder alone?", m.Point, linear.MaxLatent)
	}
	f := linear.Start(m.Point)
	var budget linear.Budget
	for i := range m.Layers {
		l := &m.Layers[i]
		c := &call{Model: m, Layer: l, config: config{Axis: json.RawMessage("-1")}}
		if err := json.Unmarshal(l.config, &c.config); err != nil {
			return nil, fmt.Errorf("keras: %v: %w", l, plain.JSONError(err))
		}
		after, err := layers[l.Class](c, f)
		if err == nil {
			after, err = c.activated(after)
		}
		if err == nil {
			err = budget.Add(after.Held())
		}
		if err != nil {
			return nil, fmt.Errorf("keras: %v: %w", l, err)
		}
		f = after.Named(f, l.String())
	}
	return f, nil
}

// A config is what a layer says of itself. What is not among it changes nothing once a model is
// trained, such as initializers; what can be had of it in one way only is looked at where it is
// read.
type config struct {
	Activation json.RawMessage `json:"activation"`
	UseBias    *bool           `json:"use_bias"` // true where it is missing

	Units         int             `json:"units"`
	Filters       int             `json:"filters"`
	KernelSize    pair            `json:"kernel_size"`
	Strides       pair            `json:"strides"`
	Dilation      pair            `json:"dilation_rate"`
	Padding       string          `json:"padding"`
	OutputPadding json.RawMessage `json:"output_padding"`
	DataFormat    string          `json:"data_format"`
	Groups        int             `json:"groups"`

	Size          pair   `json:"size"`
	Interpolation string `json:"interpolation"`

	TargetShape []*int `json:"target_shape"` // null is -1
	Dims        []int  `json:"dims"`

	Axis    json.RawMessage `json:"axis"`
	Epsilon *float64        `json:"epsilon"`
	Scale   json.RawMessage `json:"scale"` // a bool, of Rescaling a number
	Center  *bool           `json:"center"`
	Offset  json.RawMessage `json:"offset"`

	Alpha     *float64 `json:"alpha"`
	Slope     *float64 `json:"negative_slope"`
	MaxValue  *float64 `json:"max_value"`
	Threshold *float64 `json:"threshold"`
}

// A pair is numbers down and across, or one for both.
type pair []int

func (p *pair) UnmarshalJSON(data []byte) error {
	var one *int // null leaves the pair missing
	if json.Unmarshal(data, &one) == nil && one != nil {
		*p = pair{*one, *one}
		return nil
	}
	return json.Unmarshal(data, (*[]int)(p))
}

// within is the pair, 1 and 1 where it is missing, if both are 1 to most.
func (p pair) within(what string, most int) ([2]int, error) {
	if p == nil {
		return [2]int{1, 1}, nil
	}
	if len(p) != 2 || min(p[0], p[1]) < 1 || max(p[0], p[1]) > most {
		return [2]int{}, fmt.Errorf("%s %v: want two numbers of 1 to %d", what, []int(p), most)
	}
	return [2]int(p), nil
}

// A call is a layer that a value is taken through.
type call struct {
	*Model
	*Layer
	config
}

// layers are the classes that are known.
var layers = map[string]func(c *call, f *linear.Flow) (*linear.Flow, error){
	"InputLayer": same, "Dropout": same, "SpatialDropout2D": same, "GaussianNoise": same, "GaussianDropout": same, "AlphaDropout": same,
	"ActivityRegularization": same,
	"Activation":             same, // which comes behind all of them
	"Dense":                  dense, "Conv2D": convolution, "Conv2DTranspose": convolution, "Convolution2D": convolution, "Convolution2DTranspose": convolution,
	"UpSampling2D": enlarged, "BatchNormalization": normalized, "BatchNormalizationV1": normalized, "Rescaling": rescaled,
	"ReLU": relu, "LeakyReLU": leaky,
	"Flatten": flatten, "Reshape": reshape, "Permute": permute,
}

// reasons say why a class cannot be had, where that is not plain.
var reasons = map[string]string{
	"ELU": notHomogeneous, "PReLU": " (its channels have slopes of their own)", "Softmax": dependsOnPicture,
	"LayerNormalization": dependsOnPicture, "GroupNormalization": dependsOnPicture,
	"Functional": nested, "Model": nested, "Sequential": nested,
	"Add": joins, "Concatenate": joins, "Multiply": joins, "Average": joins, "Lambda": " (nobody says what it computes)",
}

const (
	notHomogeneous   = " (train with ReLU: that of a multiple is no multiple)"
	dependsOnPicture = " (its factors depend on the picture; those of BatchNormalization do not)"
	nested           = " (a model within the model: save the decoder alone)"
	joins            = " (two ways that join)"
)

func same(_ *call, f *linear.Flow) (*linear.Flow, error) { return f, nil }

// activated takes what a layer gives through the activation that it names.
func (c *call) activated(f *linear.Flow) (*linear.Flow, error) {
	if len(c.config.Activation) == 0 || string(c.config.Activation) == "null" {
		return f, nil
	}
	var name string
	if err := json.Unmarshal(c.config.Activation, &name); err != nil {
		return nil, errors.New("its activation is none of those with a name")
	}
	switch name {
	case "linear":
		return f, nil
	case "relu":
		return f.Activated(linear.ReLU, 0)
	case "sigmoid":
		return f.Squash(false)
	case "tanh":
		return f.Squash(true)
	case "elu", "selu", "gelu", "silu", "swish", "softplus", "softsign", "exponential", "mish":
		return nil, fmt.Errorf("the activation %q cannot be had%s", name, notHomogeneous)
	case "leaky_relu":
		return nil, errors.New(`the activation "leaky_relu" does not say its slope: use a layer LeakyReLU`)
	}
	return nil, fmt.Errorf("the activation %q cannot be had: relu, sigmoid and tanh are, and a layer LeakyReLU", name)
}

// biases are those of a layer, or zeros.
func (c *call) biases(n int) ([]float64, error) {
	if c.UseBias != nil && !*c.UseBias {
		return make([]float64, n), nil
	}
	return c.find(c.Layer, "bias", n)
}

func dense(c *call, f *linear.Flow) (*linear.Flow, error) {
	if d := f.Dims; d[len(d)-1] != f.Len() {
		return nil, fmt.Errorf("its source of shape %v is no vector: put a layer Flatten before it", d)
	}
	in, out := f.Len(), c.Units
	if _, err := linear.Size([]int{in, out}); err != nil || out < 1 {
		return nil, fmt.Errorf("%d units", out)
	}
	w, err := c.find(c.Layer, "kernel", in, out)
	if err != nil {
		return nil, err
	}
	l := &linear.Layer{Op: model.Dense, In: [3]int{1, 1, in}, Out: [3]int{1, 1, out}, Weight: make([]float64, in*out)}
	for i := range in {
		for o := range out {
			l.Weight[o*in+i] = w[i*out+o]
		}
	}
	if l.Bias, err = c.biases(out); err != nil {
		return nil, err
	}
	before := f.Dims
	if f, err = f.Through(l); err != nil {
		return nil, err
	}
	return f.Shaped(append(slices.Clone(before[:len(before)-1]), out)), nil
}

// maps reports what is not maps of height, width and channels.
func (c *call) maps(f *linear.Flow) error {
	if c.DataFormat != "" && c.DataFormat != "channels_last" {
		return fmt.Errorf("its data_format is %q: only channels_last is read", c.DataFormat)
	}
	if len(f.Dims) != 3 {
		return fmt.Errorf("its source has the shape %v: only maps of rows, columns and channels can be had", f.Dims)
	}
	return nil
}

// channelsFirst are maps of height, width and channels in the order of package linear.
func channelsFirst(f *linear.Flow) *linear.Flow { return f.Transposed(2, 0, 1) }

// channelsLast is what makes them height, width and channels again.
func channelsLast(f *linear.Flow) *linear.Flow { return f.Transposed(1, 2, 0) }

func convolution(c *call, f *linear.Flow) (*linear.Flow, error) {
	if err := c.maps(f); err != nil {
		return nil, err
	}
	transposed := strings.HasSuffix(c.Class, "Transpose")
	size, err := c.KernelSize.within("kernel_size", linear.MaxReach)
	if err != nil {
		return nil, err
	}
	strides, err := c.Strides.within("strides", linear.MaxReach)
	if err != nil {
		return nil, err
	}
	dilation, err := c.Dilation.within("dilation_rate", linear.MaxReach)
	if err != nil {
		return nil, err
	}
	switch {
	case c.KernelSize == nil:
		return nil, errors.New("its kernel_size is missing")
	case c.Groups > 1:
		return nil, fmt.Errorf("it has %d groups: only one is read", c.Groups)
	case transposed && dilation != [2]int{1, 1}:
		return nil, errors.New("it is transposed and dilated, of which programs do not make the same")
	case len(c.OutputPadding) > 0 && string(c.OutputPadding) != "null":
		return nil, errors.New("it has an output_padding, of which programs do not make the same: leave it out, and let padding say what is cropped")
	case c.Padding != "same" && c.Padding != "valid" && c.Padding != "":
		return nil, fmt.Errorf("its padding is %q, want same or valid", c.Padding)
	}
	in, out, taps := f.Dims[2], c.Filters, size[0]*size[1]
	if _, err := linear.Size([]int{taps, in, out}); err != nil || out < 1 {
		return nil, fmt.Errorf("%d filters", out)
	}
	l := &linear.Layer{Op: model.Conv, In: [3]int(f.Dims), Stride: strides}
	shape, stepIn, stepOut := []int{size[0], size[1], in, out}, out, 1
	if transposed {
		l.Op = model.ConvTranspose
		shape, stepIn, stepOut = []int{size[0], size[1], out, in}, 1, in
	}
	w, err := c.find(c.Layer, "kernel", shape...)
	if err != nil {
		return nil, err
	}
	l.Weight = make([]float64, len(w))
	for o := range out {
		for t := range taps {
			for i := range in {
				l.Weight[(o*taps+t)*in+i] = w[t*in*out+i*stepIn+o*stepOut]
			}
		}
	}
	if l.Bias, err = c.biases(out); err != nil {
		return nil, err
	}
	var edges [4]int
	for axis := range 2 {
		reach, stride := (size[axis]-1)*dilation[axis]+1, strides[axis]
		total := 0
		switch {
		case transposed && c.Padding == "same":
			total = reach - stride // what is left is stride for each of the source
		case transposed:
			total = min(reach-stride, 0) // as much at least
		case c.Padding == "same":
			n := f.Dims[axis]
			total = max((n+stride-1)/stride*stride-stride+reach-n, 0)
		}
		edges[2*axis] = max(total, 0) / 2
		edges[2*axis+1] = total - edges[2*axis]
	}
	if err := l.Fit(size, dilation, edges); err != nil {
		return nil, err
	}
	if f, err = channelsFirst(f).Through(l); err != nil {
		return nil, err
	}
	return channelsLast(f), nil
}

func enlarged(c *call, f *linear.Flow) (*linear.Flow, error) {
	if err := c.maps(f); err != nil {
		return nil, err
	}
	if c.Interpolation != "" && c.Interpolation != "nearest" {
		return nil, fmt.Errorf("its interpolation is %q: only nearest can be had", c.Interpolation)
	}
	by := [2]int{2, 2} // Keras's, where it is missing
	if c.Size != nil {
		var err error
		if by, err = c.Size.within("size", 1<<8); err != nil {
			return nil, err
		}
	}
	if by == [2]int{1, 1} {
		return f, nil
	}
	f, err := channelsFirst(f).Enlarged(by)
	if err != nil {
		return nil, err
	}
	return channelsLast(f), nil
}

func normalized(c *call, f *linear.Flow) (*linear.Flow, error) {
	axes := pair{}
	if err := json.Unmarshal(c.Axis, &axes); err != nil {
		return nil, fmt.Errorf("axis: %w", plain.JSONError(err))
	}
	if len(axes) == 2 && string(c.Axis)[0] != '[' { // one number
		axes = axes[:1]
	}
	last := len(f.Dims) - 1
	if len(axes) != 1 || axes[0] != -1 && axes[0] != last+1 {
		return nil, fmt.Errorf("it is by the axis %s: only that of the channels, the last, can be had", c.Axis)
	}
	n := f.Dims[last]
	scale := slices.Repeat([]float64{1}, n)
	shift := make([]float64, n)
	var err error
	scaled := true
	if len(c.Scale) > 0 {
		if err := json.Unmarshal(c.Scale, &scaled); err != nil {
			return nil, fmt.Errorf("scale: %w", plain.JSONError(err))
		}
	}
	if scaled {
		if scale, err = c.find(c.Layer, "gamma", n); err != nil {
			return nil, err
		}
	}
	if c.Center == nil || *c.Center {
		if shift, err = c.find(c.Layer, "beta", n); err != nil {
			return nil, err
		}
	}
	mean, err := c.find(c.Layer, "moving_mean", n)
	if err != nil {
		return nil, err
	}
	variance, err := c.find(c.Layer, "moving_variance", n)
	if err != nil {
		return nil, err
	}
	epsilon := 1e-3
	if c.Epsilon != nil {
		epsilon = *c.Epsilon
	}
	return f.Normalized(last, scale, shift, mean, variance, epsilon)
}

func rescaled(c *call, f *linear.Flow) (*linear.Flow, error) {
	scale, offset := 1.0, 0.0
	for _, v := range []struct {
		data json.RawMessage
		to   *float64
	}{{c.Scale, &scale}, {c.Offset, &offset}} {
		if len(v.data) == 0 {
			continue
		}
		if err := json.Unmarshal(v.data, v.to); err != nil {
			return nil, errors.New("its scale or offset is not one number")
		}
	}
	n := f.Len()
	return f.Scaled(slices.Repeat([]float64{scale}, n), slices.Repeat([]float64{offset}, n))
}

func relu(c *call, f *linear.Flow) (*linear.Flow, error) {
	if c.MaxValue != nil && !math.IsInf(*c.MaxValue, 1) || c.Threshold != nil && *c.Threshold != 0 {
		return nil, errors.New("it has a max_value or a threshold, which cannot be had")
	}
	slope := 0.0
	if c.Slope != nil {
		slope = *c.Slope
	}
	return f.Leaky(slope)
}

func leaky(c *call, f *linear.Flow) (*linear.Flow, error) {
	slope := 0.3
	switch {
	case c.Alpha != nil && c.Slope != nil && *c.Alpha != *c.Slope:
		return nil, errors.New("it has two slopes")
	case c.Alpha != nil:
		slope = *c.Alpha
	case c.Slope != nil:
		slope = *c.Slope
	}
	return f.Leaky(slope)
}

func flatten(c *call, f *linear.Flow) (*linear.Flow, error) {
	if c.DataFormat == "channels_first" && len(f.Dims) > 1 {
		return nil, errors.New("its data_format is channels_first: only channels_last is read")
	}
	return f.Shaped([]int{f.Len()}), nil
}

func reshape(c *call, f *linear.Flow) (*linear.Flow, error) {
	const most = 8
	known, open := 1, -1
	if n := len(c.TargetShape); n < 1 || n > most {
		return nil, fmt.Errorf("its target_shape has %d dimensions", n)
	}
	dims := make([]int, len(c.TargetShape))
	for i, d := range c.TargetShape {
		if dims[i] = -1; d != nil {
			dims[i] = *d
		}
	}
	wrong := fmt.Errorf("its target_shape is %v, of a source of %v", dims, f.Dims)
	for i, d := range dims {
		switch {
		case d == -1 && open < 0:
			open = i
		case d < 1 || d > f.Len():
			return nil, wrong
		default:
			if known *= d; known > f.Len() {
				return nil, wrong
			}
		}
	}
	if open >= 0 {
		dims[open] = f.Len() / known
		known *= dims[open]
	}
	if known != f.Len() {
		return nil, wrong
	}
	return f.Shaped(dims), nil
}

func permute(c *call, f *linear.Flow) (*linear.Flow, error) {
	order := make([]int, len(f.Dims))
	seen := map[int]bool{}
	for i, d := range c.Dims {
		if len(c.Dims) != len(order) || d < 1 || d > len(order) || seen[d] {
			return nil, fmt.Errorf("its dims are %v, of a source of %v", c.Dims, f.Dims)
		}
		order[i], seen[d] = d-1, true
	}
	if len(seen) != len(order) {
		return nil, fmt.Errorf("its dims are %v, of a source of %v", c.Dims, f.Dims)
	}
	return f.Transposed(order...), nil
}
