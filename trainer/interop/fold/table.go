package fold

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

// A beginning is what a graph is followed from: what it is called, a shape it may have, what to do
// where another input is found, the error for a graph of several ends, and how its flow begins,
// with dims for one of a batch.
type beginning struct {
	name, shape, cure string
	ends              error
	flow              func(dims []int) (*linear.Flow, error)
}

// A folder takes the nodes of a graph in their order.
type folder struct {
	graph  *onnx.Graph
	opset  int64
	batch  size
	values map[string]value
	from   beginning
	budget linear.Budget
}

// keep has a value stand for a name.
func (f *folder) keep(name string, v value) error {
	f.values[name] = v
	switch {
	case v.flow != nil:
		return f.budget.Add(v.flow.Held())
	case v.array != nil:
		return f.budget.Add(v.array.len())
	}
	return nil
}

func (f *folder) value(name string) (value, error) {
	if v, ok := f.values[name]; ok {
		return v, nil
	}
	if t := f.graph.Constant(name); t != nil {
		v := value{array: constant(t)}
		f.values[name] = v
		return v, nil
	}
	return value{}, fmt.Errorf("%q is another input of the graph than %s: %s", name, f.from.name, f.from.cure)
}

// operators are those that are known.
var operators map[string]func(c *call) (value, error)

func init() { // some of them look at the table
	operators = map[string]func(c *call) (value, error){
		"Identity": same, "Dropout": dropout, "Cast": cast, "Constant": constantNode, "ConstantOfShape": constantOfShape,
		"Shape": shapeOf, "Gather": gather, "Slice": slice, "Split": split, "Concat": concat, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
		"Reshape": reshape, "Flatten": flatten, "Transpose": transpose,
		"Gemm": gemm, "MatMul": matmul, "Conv": conv, "ConvTranspose": convTranspose,
		"BatchNormalization": batchNorm, "Add": arithmetic, "Sub": arithmetic, "Mul": arithmetic, "Div": arithmetic, "Neg": negative, "Sqrt": root,
		"Relu": relu, "LeakyRelu": leaky, "PRelu": prelu, "Clip": clip, "Max": maximum, "Sigmoid": sigmoid, "Tanh": tanh,
		"Resize": resize, "Upsample": resize,
	}
}

func (f *folder) node(n *onnx.Node) error {
	c := &call{Node: n, opset: f.opset, batch: f.batch, from: f.from.name}
	for _, name := range n.Inputs {
		var v value
		if name != "" {
			var err error
			if v, err = f.value(name); err != nil {
				return err
			}
		}
		c.operands = append(c.operands, v)
	}
	v, err := operators[n.Op](c)
	if err != nil {
		return err
	}
	for _, operand := range c.operands {
		if v.flow != nil && operand.flow != nil {
			v.flow = v.flow.Named(operand.flow, n.String())
			break
		}
	}
	for i, v := range append([]value{v}, c.more...) {
		if i < len(n.Outputs) {
			if err := f.keep(n.Outputs[i], v); err != nil {
				return err
			}
		}
	}
	return nil
}
