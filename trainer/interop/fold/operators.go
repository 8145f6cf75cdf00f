package fold

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
)

// matrix takes the value through a dense layer, whose weights are operand 1: [in][out], or turned
// [out][in].
func (c *call) matrix(turned bool, alpha float64) (*linear.Flow, error) {
	f, err := c.data(0)
	if err != nil {
		return nil, fmt.Errorf("%s is not what the weights are multiplied with from the right: %w", c.from, err)
	}
	w, err := c.constant(1)
	if err != nil {
		return nil, err
	}
	if w == nil || len(w.dims) != 2 {
		return nil, errors.New("its weights are not a matrix")
	}
	in, out := w.dims[0], w.dims[1]
	if turned {
		in, out = out, in
	}
	if len(f.Dims) < 1 || f.Dims[len(f.Dims)-1] != in || f.Len() != in || out < 1 {
		return nil, fmt.Errorf("weights of shape %v, and a source of shape %v: it must be a vector", w.dims, f.Dims)
	}
	values, err := w.floats()
	if err != nil {
		return nil, err
	}
	l := &linear.Layer{Op: model.Dense, In: [3]int{1, 1, in}, Out: [3]int{1, 1, out}, Weight: make([]float64, in*out), Bias: make([]float64, out)}
	for o := range out {
		for i := range in {
			at := i*out + o
			if turned {
				at = o*in + i
			}
			l.Weight[o*in+i] = alpha * values[at]
		}
	}
	return f.Through(l)
}

func gemm(c *call) (value, error) {
	if c.Int("transA", 0) != 0 {
		return value{}, errors.New("it transposes its source, the batch included")
	}
	if f, err := c.data(0); err == nil && len(f.Dims) != 1 {
		return value{}, fmt.Errorf("its source of shape %v is no vector", f.Dims)
	}
	f, err := c.matrix(c.Int("transB", 0) != 0, float64(c.Float("alpha", 1)))
	if err != nil {
		return value{}, err
	}
	b, err := c.constant(2)
	if err != nil || b == nil {
		return value{flow: f}, err
	}
	f, err = added(f, b, float64(c.Float("beta", 1)))
	return value{flow: f}, err
}

func matmul(c *call) (value, error) {
	f, err := c.matrix(false, 1)
	if err != nil {
		return value{}, err
	}
	// All dimensions but the last are those of the source
	source := c.operands[0].flow.Dims
	return value{flow: f.Shaped(append(slices.Clone(source[:len(source)-1]), f.Dims[0]))}, nil
}

// arithmetic is Add, Sub, Mul and Div of a value and a constant, or of two constants.
func arithmetic(c *call) (value, error) {
	if len(c.operands) != 2 || c.operands[0] == (value{}) || c.operands[1] == (value{}) {
		return value{}, errors.New("it does not have two operands")
	}
	a, b := c.operands[0], c.operands[1]
	switch {
	case a.array != nil && b.array != nil:
		r, err := combined(c.Op, a.array, b.array)
		return value{array: r}, err
	case a.flow != nil && b.flow != nil:
		return value{}, fmt.Errorf("both operands, %q and %q, depend on %s: two ways that join cannot be had", c.Inputs[0], c.Inputs[1], c.from)
	}
	f, x, turned := a.flow, b.array, false
	if f == nil {
		f, x, turned = b.flow, a.array, true
	}
	v, err := spread(f, x)
	if err != nil {
		return value{}, err
	}
	factor, shift := slices.Repeat([]float64{1}, len(v)), make([]float64, len(v))
	for i, x := range v {
		switch c.Op {
		case "Add":
			shift[i] = x
		case "Sub":
			if shift[i] = -x; turned {
				factor[i], shift[i] = -1, x
			}
		case "Mul":
			factor[i] = x
		case "Div":
			if turned {
				return value{}, errors.New("it divides by what depends on " + c.from)
			}
			if factor[i] = 1 / x; x == 0 {
				return value{}, errors.New("it divides by 0")
			}
		}
	}
	f, err = f.Scaled(factor, shift)
	return value{flow: f}, err
}

// combined computes with constants.
func combined(op string, a, b *array) (*array, error) {
	dims := a.dims
	if len(b.dims) > len(dims) || len(b.dims) == len(dims) && b.len() > a.len() {
		dims = b.dims
	}
	pa, err := broadcast(a.dims, dims)
	if err != nil {
		return nil, err
	}
	pb, err := broadcast(b.dims, dims)
	if err != nil {
		return nil, err
	}
	r := &array{dims: dims}
	if a.whole != nil && b.whole != nil {
		r.whole = []size{}
		for i := range pa {
			x, y := a.whole[pa[i]], b.whole[pb[i]]
			one := size{n: 1}
			switch {
			case op == "Mul" && y == one, op == "Div" && y == one:
				r.whole = append(r.whole, x)
			case op == "Mul" && x == one:
				r.whole = append(r.whole, y)
			case x.batch || y.batch:
				return nil, errBatch
			case max(x.n, -x.n, y.n, -y.n) > 1<<31:
				return nil, errors.New("numbers of it are too large")
			case op == "Add":
				r.whole = append(r.whole, size{n: x.n + y.n})
			case op == "Sub":
				r.whole = append(r.whole, size{n: x.n - y.n})
			case op == "Mul":
				r.whole = append(r.whole, size{n: x.n * y.n})
			case y.n == 0 || x.n < 0 || y.n < 0:
				return nil, errors.New("it divides by 0, or what is below 0")
			default:
				r.whole = append(r.whole, size{n: x.n / y.n})
			}
		}
		return r, nil
	}
	x, err := a.floats()
	if err != nil {
		return nil, err
	}
	y, err := b.floats()
	if err != nil {
		return nil, err
	}
	for i := range pa {
		v, w := x[pa[i]], y[pb[i]]
		switch op {
		case "Add":
			v += w
		case "Sub":
			v -= w
		case "Mul":
			v *= w
		case "Div":
			v /= w
		}
		r.float = append(r.float, v)
	}
	return r, nil
}

func negative(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	if v.flow == nil {
		r, err := combined("Sub", &array{float: []float64{0}}, v.array)
		return value{array: r}, err
	}
	n := v.flow.Len()
	f, err := v.flow.Scaled(slices.Repeat([]float64{-1}, n), make([]float64, n))
	return value{flow: f}, err
}

func root(c *call) (value, error) {
	a, err := c.constant(0)
	if err == nil && (a == nil || a.whole != nil) {
		err = errors.New("it is not of constant numbers")
	}
	if err != nil {
		return value{}, err
	}
	r := &array{dims: a.dims}
	for _, v := range a.float {
		r.float = append(r.float, math.Sqrt(v))
	}
	return value{array: r}, nil
}

func batchNorm(c *call) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	// Before version 14 outputs for statistics said it
	if c.Int("training_mode", 0) != 0 || c.opset < 14 && len(c.Outputs) > 1 {
		return value{}, errors.New("it is that of training: export the model for inference")
	}
	if len(f.Dims) == 0 || c.Int("spatial", 1) != 1 {
		return value{}, errors.New("it is not one by channels")
	}
	n := f.Dims[0]
	var p [4][]float64 // scale, bias, mean, variance
	for i := range p {
		if p[i], err = c.floats(1+i, n); err != nil {
			return value{}, err
		}
		if p[i] == nil {
			return value{}, fmt.Errorf("operand %d is missing", 1+i)
		}
	}
	f, err = f.Normalized(0, p[0], p[1], p[2], p[3], float64(c.Float("epsilon", 1e-5)))
	return value{flow: f}, err
}

// activation takes operand 0 through an activation.
func (c *call) activation(to linear.Activation, slope float64) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	f, err = f.Activated(to, slope)
	return value{flow: f}, err
}

func relu(c *call) (value, error) { return c.activation(linear.ReLU, 0) }

func (c *call) slope(a float64) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	f, err = f.Leaky(a)
	return value{flow: f}, err
}

func leaky(c *call) (value, error) { return c.slope(float64(c.Float("alpha", 0.01))) }

func prelu(c *call) (value, error) {
	a, err := c.constant(1)
	if err != nil {
		return value{}, err
	}
	if a == nil || a.whole != nil || len(a.float) == 0 {
		return value{}, errors.New("its slope is missing")
	}
	for _, v := range a.float {
		if v != a.float[0] {
			return value{}, errors.New("its channels have slopes of their own")
		}
	}
	return c.slope(a.float[0])
}

// between keeps what lies between two numbers: ReLU, or what keeps pixels as they are.
func (c *call) between(low, high float64) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	switch {
	case low == math.Inf(-1) && high == math.Inf(1):
		return value{flow: f}, nil
	case f.Within(low, high):
		return value{flow: f}, nil
	case low == 0 && high == math.Inf(1):
		return c.activation(linear.ReLU, 0)
	}
	return value{}, fmt.Errorf("it keeps what lies between %v and %v: only ReLU, from 0, is possible, and what keeps pixels as a sigmoid or tanh gives them", low, high)
}

func clip(c *call) (value, error) {
	low, err := c.scalar(1, "min", math.Inf(-1))
	if err != nil {
		return value{}, err
	}
	high, err := c.scalar(2, "max", math.Inf(1))
	if err != nil {
		return value{}, err
	}
	// Older files have the largest numbers that there are for what has no end
	if low <= -math.MaxFloat32 {
		low = math.Inf(-1)
	}
	if high >= math.MaxFloat32 {
		high = math.Inf(1)
	}
	return c.between(low, high)
}

func maximum(c *call) (value, error) {
	if len(c.operands) == 2 && c.operands[0].flow == nil {
		c.operands[0], c.operands[1] = c.operands[1], c.operands[0]
	}
	v, err := c.floats(1, 1)
	if err == nil && (len(c.operands) != 2 || v == nil) {
		err = errors.New("it is not that of a value and a number")
	}
	if err != nil {
		return value{}, err
	}
	return c.between(v[0], math.Inf(1))
}

func sigmoid(c *call) (value, error) { return c.squash(false) }
func tanh(c *call) (value, error)    { return c.squash(true) }

func (c *call) squash(tanh bool) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	f, err = f.Squash(tanh)
	return value{flow: f}, err
}
