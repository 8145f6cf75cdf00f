package fold

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

// A value is what a name of the graph stands for: a flow, or what is constant.
type value struct {
	flow  *linear.Flow
	array *array
}

// A call is a node with the values of its operands.
type call struct {
	*onnx.Node
	opset    int64
	batch    size
	from     string  // what the graph is followed from
	operands []value // neither flow nor array: left out
	more     []value // of outputs after the first
}

// data is operand i, which is to be a flow.
func (c *call) data(i int) (*linear.Flow, error) {
	if i < len(c.operands) && c.operands[i].flow != nil {
		return c.operands[i].flow, nil
	}
	return nil, fmt.Errorf("operand %d is constant, and should depend on %s", i, c.from)
}

// constant is operand i, which is to be constant; nil if it is left out.
func (c *call) constant(i int) (*array, error) {
	if i >= len(c.operands) || c.operands[i] == (value{}) {
		return nil, nil
	}
	if c.operands[i].array == nil {
		return nil, fmt.Errorf("operand %d, %q, depends on %s, and must be constant", i, c.Inputs[i], c.from)
	}
	return c.operands[i].array, nil
}

// floats are the numbers of operand i, which is to be constant and of that many; nil if it is left
// out.
func (c *call) floats(i, n int) ([]float64, error) {
	a, err := c.constant(i)
	if a == nil || err != nil {
		return nil, err
	}
	values, err := a.floats()
	if err == nil && len(values) != n {
		err = fmt.Errorf("operand %d, %q, has %d elements, and there should be %d", i, c.Inputs[i], len(values), n)
	}
	return values, err
}

// ints are the whole numbers of an operand or, of older versions, of an attribute; nil if there is
// neither.
func (c *call) ints(i int, attribute string) ([]int64, error) {
	if a, err := c.constant(i); err != nil {
		return nil, err
	} else if a != nil {
		return a.ints()
	}
	return c.Ints(attribute), nil
}

// scalar is a number of an operand or, of older versions, an attribute.
func (c *call) scalar(i int, attribute string, standard float64) (float64, error) {
	if a := c.Attribute(attribute); a != nil {
		return float64(a.Float), nil
	}
	v, err := c.floats(i, 1)
	if v == nil || err != nil {
		return standard, err
	}
	return v[0], nil
}

// axis reads an axis of so many dimensions.
func axis(a int64, rank int) (int, error) {
	if a < 0 {
		a += int64(rank)
	}
	if a < 0 || a >= int64(rank) {
		return 0, fmt.Errorf("axis %d of %d dimensions", a, rank)
	}
	return int(a), nil
}

// same is operand 0.
func same(c *call) (value, error) {
	if len(c.operands) == 0 {
		return value{}, errors.New("it has no operand")
	}
	return c.operands[0], nil
}

// spread are the numbers of a constant for every element of a flow.
func spread(f *linear.Flow, a *array) ([]float64, error) {
	values, err := a.floats()
	if err != nil {
		return nil, err
	}
	places, err := broadcast(a.dims, append([]int{1}, f.Dims...))
	if err != nil {
		return nil, err
	}
	r := make([]float64, len(places))
	for i, p := range places {
		r[i] = values[p]
	}
	return r, nil
}

func added(f *linear.Flow, a *array, factor float64) (*linear.Flow, error) {
	shift, err := spread(f, a)
	if err != nil {
		return nil, err
	}
	for i := range shift {
		shift[i] *= factor
	}
	return f.Scaled(slices.Repeat([]float64{1}, len(shift)), shift)
}
