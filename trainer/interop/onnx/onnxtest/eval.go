package onnxtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

// A Tensor is numbers of any kind.
type Tensor struct {
	Dims   []int
	Values []float64
}

// Of is a constant's numbers.
func Of(t *onnx.Tensor) Tensor { return Tensor{t.Dims, t.Floats()} }

func zeros(dims ...int) Tensor { return Tensor{dims, make([]float64, volume(dims))} }

func volume(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// at is the place of an index.
func at(dims, index []int) int {
	p := 0
	for i, d := range dims {
		p = p*d + index[i]
	}
	return p
}

// each calls f for every index.
func each(dims []int, f func(index []int)) {
	index := make([]int, len(dims))
	for range volume(dims) {
		f(index)
		for k := len(dims) - 1; k >= 0; k-- {
			if index[k]++; index[k] < dims[k] {
				break
			}
			index[k] = 0
		}
	}
}

// Eval computes what a graph gives, in float64, for the operators that package fold knows: with
// loops over the definitions, and without any care for time. Of inputs it knows by name. It panics
// where a graph is not valid.
func Eval(g *onnx.Graph, inputs map[string]Tensor, output string) (t Tensor, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("onnxtest: %v", r)
		}
	}()
	known := map[string]Tensor{}
	for name, v := range inputs {
		known[name] = v
	}
	get := func(name string) *Tensor {
		if t, ok := known[name]; ok {
			return &t
		}
		if c := g.Constant(name); c != nil {
			t := Of(c)
			return &t
		}
		return nil
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		var in []*Tensor
		for _, name := range n.Inputs {
			in = append(in, get(name))
		}
		r, err := node(n, g.Opset, in)
		if err != nil {
			return t, fmt.Errorf("%v: %w", n, err)
		}
		known[n.Outputs[0]] = r
	}
	r := get(output)
	if r == nil {
		return t, fmt.Errorf("there is no %q", output)
	}
	return *r, nil
}

func node(n *onnx.Node, opset int64, in []*Tensor) (Tensor, error) {
	operand := func(i int) *Tensor {
		if i < len(in) {
			return in[i]
		}
		return nil
	}
	ints := func(i int, attribute string) []int64 {
		t := operand(i)
		if t == nil {
			return n.Ints(attribute)
		}
		var r []int64
		for _, v := range t.Values {
			r = append(r, int64(v))
		}
		return r
	}
	number := func(i int, attribute string, standard float64) float64 {
		if t := operand(i); t != nil {
			return t.Values[0]
		}
		return float64(n.Float(attribute, float32(standard)))
	}
	unary := func(f func(float64) float64) (Tensor, error) {
		r := Tensor{in[0].Dims, slices.Clone(in[0].Values)}
		for i, v := range r.Values {
			r.Values[i] = f(v)
		}
		return r, nil
	}
	switch n.Op {
	case "Cast":
		if to := onnx.Type(n.Int("to", 0)); to != onnx.Float32 && to != onnx.Float64 && to != onnx.Int64 && to != onnx.Int32 {
			break // rounds
		}
		return *in[0], nil
	case "Identity", "Dropout":
		return *in[0], nil
	case "Constant":
		for _, a := range n.Attributes {
			switch {
			case a.Tensor != nil:
				return Of(a.Tensor), nil
			case a.Name == "value_int":
				return Tensor{nil, []float64{float64(a.Int)}}, nil
			case a.Name == "value_float":
				return Tensor{nil, []float64{float64(a.Float)}}, nil
			case a.Name == "value_ints":
				r := zeros(len(a.Ints))
				for i, v := range a.Ints {
					r.Values[i] = float64(v)
				}
				return r, nil
			}
		}
	case "Shape":
		d := in[0].Dims
		clamp := func(v int64) int {
			if v < 0 {
				v += int64(len(d))
			}
			return int(min(max(v, 0), int64(len(d))))
		}
		from, to := clamp(n.Int("start", 0)), clamp(n.Int("end", 99))
		r := zeros(max(to-from, 0))
		for i := range r.Values {
			r.Values[i] = float64(d[from+i])
		}
		return r, nil
	case "Gather":
		if len(in[0].Dims) != 1 {
			break
		}
		r := zeros(in[1].Dims...)
		for i, v := range in[1].Values {
			if v < 0 {
				v += float64(in[0].Dims[0])
			}
			r.Values[i] = in[0].Values[int(v)]
		}
		return r, nil
	case "Concat":
		var r Tensor
		for _, t := range in {
			if len(t.Dims) != 1 {
				return r, fmt.Errorf("of %v", t.Dims)
			}
			r.Values = append(r.Values, t.Values...)
		}
		r.Dims = []int{len(r.Values)}
		return r, nil
	case "Slice":
		return sliced(*in[0], ints(1, "starts"), ints(2, "ends"), ints(3, "axes"), ints(4, "")), nil
	case "Squeeze":
		axes := ints(1, "axes")
		r := Tensor{nil, in[0].Values}
		for k, d := range in[0].Dims {
			drop := axes == nil && d == 1
			for _, a := range axes {
				drop = drop || int(a) == k || int(a)+len(in[0].Dims) == k
			}
			if !drop {
				r.Dims = append(r.Dims, d)
			}
		}
		return r, nil
	case "Unsqueeze":
		axes := ints(1, "axes")
		r := Tensor{slices.Clone(in[0].Dims), in[0].Values}
		for i, a := range axes {
			if a < 0 {
				axes[i] += int64(len(in[0].Dims) + len(axes))
			}
		}
		slices.Sort(axes)
		for _, a := range axes {
			r.Dims = slices.Insert(r.Dims, int(a), 1)
		}
		return r, nil
	case "Reshape":
		return reshaped(*in[0], ints(1, "shape"), n.Int("allowzero", 0) == 0), nil
	case "Flatten":
		a := int(n.Int("axis", 1))
		if a < 0 {
			a += len(in[0].Dims)
		}
		return Tensor{[]int{volume(in[0].Dims[:a]), volume(in[0].Dims[a:])}, in[0].Values}, nil
	case "Transpose":
		d := in[0].Dims
		var perm []int
		for _, p := range n.Ints("perm") {
			perm = append(perm, int(p))
		}
		if perm == nil {
			for i := range d {
				perm = append(perm, len(d)-1-i)
			}
		}
		var to []int
		for _, p := range perm {
			to = append(to, d[p])
		}
		r := zeros(to...)
		from := make([]int, len(d))
		each(to, func(index []int) {
			for k, p := range perm {
				from[p] = index[k]
			}
			r.Values[at(to, index)] = in[0].Values[at(d, from)]
		})
		return r, nil
	case "Gemm":
		return gemm(n, in[0], in[1], operand(2)), nil
	case "MatMul":
		a, b := in[0], in[1]
		if len(b.Dims) != 2 {
			break
		}
		rows, k, cols := volume(a.Dims[:len(a.Dims)-1]), b.Dims[0], b.Dims[1]
		r := zeros(append(slices.Clone(a.Dims[:len(a.Dims)-1]), cols)...)
		for i := range rows {
			for j := range cols {
				for m := range k {
					r.Values[i*cols+j] += a.Values[i*k+m] * b.Values[m*cols+j]
				}
			}
		}
		return r, nil
	case "Conv", "ConvTranspose":
		return convolved(n, in[0], in[1], operand(2))
	case "BatchNormalization":
		if n.Int("training_mode", 0) != 0 {
			break
		}
		r := Tensor{in[0].Dims, slices.Clone(in[0].Values)}
		epsilon := float64(n.Float("epsilon", 1e-5))
		inner := volume(in[0].Dims[2:])
		for i, v := range r.Values {
			c := i / inner % in[0].Dims[1]
			r.Values[i] = (v-in[3].Values[c])/math.Sqrt(in[4].Values[c]+epsilon)*in[1].Values[c] + in[2].Values[c]
		}
		return r, nil
	case "Add", "Sub", "Mul", "Div", "Max", "PRelu":
		if len(in) != 2 {
			break
		}
		f := map[string]func(a, b float64) float64{
			"Add": func(a, b float64) float64 { return a + b }, "Sub": func(a, b float64) float64 { return a - b },
			"Mul": func(a, b float64) float64 { return a * b }, "Div": func(a, b float64) float64 { return a / b },
			"Max": math.Max,
			"PRelu": func(a, b float64) float64 {
				if a < 0 {
					return a * b
				}
				return a
			},
		}[n.Op]
		return both(in[0], in[1], f), nil
	case "Neg":
		return unary(func(v float64) float64 { return -v })
	case "Sqrt":
		return unary(math.Sqrt)
	case "Relu":
		return unary(func(v float64) float64 { return math.Max(v, 0) })
	case "LeakyRelu":
		a := float64(n.Float("alpha", 0.01))
		return unary(func(v float64) float64 {
			if v < 0 {
				return a * v
			}
			return v
		})
	case "Sigmoid":
		return unary(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	case "Tanh":
		return unary(math.Tanh)
	case "Clip":
		low, high := number(1, "min", math.Inf(-1)), number(2, "max", math.Inf(1))
		return unary(func(v float64) float64 { return math.Min(math.Max(v, low), high) })
	case "Resize", "Upsample":
		return resized(n, opset, in)
	}
	return Tensor{}, fmt.Errorf("not among the operators that are computed")
}

func gemm(n *onnx.Node, a, b, c *Tensor) Tensor {
	ta, tb := n.Int("transA", 0) != 0, n.Int("transB", 0) != 0
	rows, k, cols := a.Dims[0], a.Dims[1], b.Dims[1]
	if ta {
		rows, k = k, rows
	}
	if tb {
		cols = b.Dims[0]
	}
	r := zeros(rows, cols)
	for i := range rows {
		for j := range cols {
			sum := 0.0
			for m := range k {
				x, y := i*k+m, m*cols+j
				if ta {
					x = m*rows + i
				}
				if tb {
					y = j*k + m
				}
				sum += a.Values[x] * b.Values[y]
			}
			r.Values[i*cols+j] = float64(n.Float("alpha", 1)) * sum
		}
	}
	if c == nil {
		return r
	}
	beta := float64(n.Float("beta", 1))
	return both(&r, c, func(a, b float64) float64 { return a + beta*b })
}

// both computes with two tensors whose shapes are made to agree.
func both(a, b *Tensor, f func(a, b float64) float64) Tensor {
	rank := max(len(a.Dims), len(b.Dims))
	wide := func(d []int) []int { return append(slices.Repeat([]int{1}, rank-len(d)), d...) }
	da, db := wide(a.Dims), wide(b.Dims)
	dims := make([]int, rank)
	for k := range dims {
		dims[k] = max(da[k], db[k])
	}
	r := zeros(dims...)
	place := func(d, index []int) int {
		p := 0
		for k := range d {
			p = p*d[k] + index[k]%d[k]
		}
		return p
	}
	each(dims, func(index []int) {
		r.Values[at(dims, index)] = f(a.Values[place(da, index)], b.Values[place(db, index)])
	})
	return r
}

func reshaped(t Tensor, shape []int64, keep bool) Tensor {
	r, known, unknown := Tensor{nil, t.Values}, 1, -1
	for i, s := range shape {
		d := int(s)
		if d == 0 && keep {
			d = t.Dims[i]
		}
		if r.Dims = append(r.Dims, d); d < 0 {
			unknown = i
		} else {
			known *= d
		}
	}
	if unknown >= 0 {
		r.Dims[unknown] = len(t.Values) / known
	}
	if volume(r.Dims) != len(t.Values) {
		panic(fmt.Sprintf("%v of %v", shape, t.Dims))
	}
	return r
}

func sliced(t Tensor, from, to, axes, steps []int64) Tensor {
	dims, first := slices.Clone(t.Dims), make([]int, len(t.Dims))
	for i := range from {
		k := i
		if axes != nil {
			k = (int(axes[i]) + len(dims)) % len(dims)
		}
		if steps != nil && steps[i] != 1 {
			panic("steps")
		}
		clamp := func(v int64) int {
			if v < 0 {
				v += int64(t.Dims[k])
			}
			return int(min(max(v, 0), int64(t.Dims[k])))
		}
		first[k] = clamp(from[i])
		dims[k] = max(clamp(to[i])-first[k], 0)
	}
	r, index2 := zeros(dims...), make([]int, len(dims))
	each(dims, func(index []int) {
		for k := range index {
			index2[k] = index[k] + first[k]
		}
		r.Values[at(dims, index)] = t.Values[at(t.Dims, index2)]
	})
	return r
}

// convolved is Conv and ConvTranspose of any number of dimensions.
func convolved(n *onnx.Node, x, w, bias *Tensor) (Tensor, error) {
	rank := len(x.Dims) - 2
	transposed := n.Op == "ConvTranspose"
	ones := slices.Repeat([]int64{1}, rank)
	strides, dilations := n.Ints("strides", ones...), n.Ints("dilations", ones...)
	pads, more := n.Ints("pads", make([]int64, 2*rank)...), n.Ints("output_padding", make([]int64, rank)...)
	pads = slices.Clone(pads)
	auto, wanted := n.Text("auto_pad", "NOTSET"), n.Ints("output_shape")
	if len(wanted) > rank {
		wanted = wanted[2:]
	}
	group := int(n.Int("group", 1))
	dims := []int{x.Dims[0], w.Dims[0]}
	if transposed {
		dims[1] = w.Dims[1] * group
	}
	for k := range rank {
		in, s, reach := int64(x.Dims[2+k]), strides[k], (int64(w.Dims[2+k])-1)*dilations[k]+1
		var out int64
		total := int64(-1)
		switch {
		case transposed && wanted != nil:
			out = wanted[k]
			total = s*(in-1) + more[k] + reach - out
		case transposed && (auto == "SAME_UPPER" || auto == "SAME_LOWER"):
			out = in * s
			total = s*(in-1) + more[k] + reach - out
		case auto == "SAME_UPPER" || auto == "SAME_LOWER":
			out = (in + s - 1) / s
			total = max((out-1)*s+reach-in, 0)
		case transposed:
			out = s*(in-1) + more[k] + reach - pads[k] - pads[rank+k]
		default:
			out = (in+pads[k]+pads[rank+k]-reach)/s + 1
		}
		if total >= 0 {
			small, large := total/2, total-total/2
			if pads[k], pads[rank+k] = small, large; auto != "SAME_UPPER" {
				pads[k], pads[rank+k] = large, small
			}
		}
		dims = append(dims, int(out))
	}
	r := zeros(dims...)
	// Every tap between a place of the source and one of the result.
	small, large := r.Dims, x.Dims
	if transposed {
		small, large = x.Dims, r.Dims
	}
	kernel := w.Dims[2:]
	big := make([]int, rank)
	perIn, perOut := x.Dims[1]/group, dims[1]/group
	each(small[2:], func(p []int) {
		each(kernel, func(tap []int) {
			for k := range rank {
				big[k] = p[k]*int(strides[k]) + tap[k]*int(dilations[k]) - int(pads[k])
				if big[k] < 0 || big[k] >= large[2+k] {
					return
				}
			}
			source, result := big, p
			if transposed {
				source, result = p, big
			}
			for b := range dims[0] {
				for o := range dims[1] {
					g := o / perOut
					to := (b*dims[1]+o)*volume(dims[2:]) + at(dims[2:], result)
					for i := range perIn {
						from := (b*x.Dims[1]+g*perIn+i)*volume(x.Dims[2:]) + at(x.Dims[2:], source)
						weight := (o*perIn+i)*volume(kernel) + at(kernel, tap)
						if transposed {
							weight = ((g*perIn+i)*perOut+o%perOut)*volume(kernel) + at(kernel, tap)
						}
						r.Values[to] += x.Values[from] * w.Values[weight]
					}
				}
			}
		})
	})
	if bias != nil {
		each(dims, func(index []int) { r.Values[at(dims, index)] += bias.Values[index[1]] })
	}
	return r, nil
}

// resized is Resize and Upsample by the nearest pixel.
func resized(n *onnx.Node, opset int64, in []*Tensor) (Tensor, error) {
	if n.Text("mode", "nearest") != "nearest" {
		return Tensor{}, fmt.Errorf("mode %q", n.Text("mode", ""))
	}
	operand, coordinate, rounding := 2, n.Text("coordinate_transformation_mode", "half_pixel"), n.Text("nearest_mode", "round_prefer_floor")
	if n.Op == "Upsample" || opset < 11 {
		operand, coordinate, rounding = 1, "asymmetric", "floor"
	}
	x := in[0]
	dims, scales := make([]int, len(x.Dims)), make([]float64, len(x.Dims))
	for k, d := range x.Dims {
		if operand < len(in) && in[operand] != nil && len(in[operand].Values) > 0 {
			scales[k] = in[operand].Values[k]
			dims[k] = int(float64(d) * scales[k])
		} else {
			dims[k] = int(in[3].Values[k])
			scales[k] = float64(dims[k]) / float64(d)
		}
	}
	round := map[string]func(v float64) float64{
		"floor": math.Floor, "ceil": math.Ceil,
		"round_prefer_floor": func(v float64) float64 { return math.Ceil(v - 0.5) },
		"round_prefer_ceil":  func(v float64) float64 { return math.Floor(v + 0.5) },
	}[rounding]
	var of func(v, scale, size, to float64) float64
	switch coordinate {
	case "asymmetric":
		of = func(v, scale, _, _ float64) float64 { return v / scale }
	case "half_pixel":
		of = func(v, scale, _, _ float64) float64 { return (v+0.5)/scale - 0.5 }
	case "align_corners":
		of = func(v, _, size, to float64) float64 { return v * (size - 1) / max(to-1, 1) }
	}
	if round == nil || of == nil {
		return Tensor{}, fmt.Errorf("coordinates %q", coordinate)
	}
	r, from := zeros(dims...), make([]int, len(dims))
	each(dims, func(index []int) {
		for k, d := range x.Dims {
			v := round(of(float64(index[k]), scales[k], float64(d), float64(dims[k])))
			from[k] = min(max(int(v), 0), d-1)
		}
		r.Values[at(dims, index)] = x.Values[at(x.Dims, from)]
	})
	return r, nil
}
