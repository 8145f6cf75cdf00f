package fold_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// same reports that a graph and what is folded of it do not give the same. folded says that it was
// not refused.
func same(t *testing.T, g *onnx.Graph) (folded bool) {
	t.Helper()
	flow, err := fold.Follow(g, fold.Options{})
	if err != nil || flow.Len() > 5000 {
		return false
	}
	dims, size := []int{1}, 1
	for _, d := range g.Inputs[0].Dims[1:] {
		dims = append(dims, int(d.Size))
		size *= int(d.Size)
	}
	if b := g.Inputs[0].Dims[0].Size; size > 32 || b > 1 {
		return false
	}
	z, rng := make([]float64, size), rand.New(rand.NewPCG(1, 2))
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	want, err := onnxtest.Eval(g, map[string]onnxtest.Tensor{g.Inputs[0].Name: {Dims: dims, Values: z}}, g.Outputs[0].Name)
	if err != nil {
		return true
	}
	near := func(what string, i int, got, w float64) {
		if math.Abs(w) < 1e6 && !(math.Abs(got-w) <= 1e-9*max(1, math.Abs(w))) {
			t.Fatalf("%s: element %d of %v is %v, want %v", what, i, want.Dims, got, w)
		}
	}
	if !finite(g) { // refused at the end; until then it gives anything
		return false
	}
	got := flow.Values(z)
	if len(got) != len(want.Values) {
		t.Fatalf("%d values, want %d of shape %v", len(got), len(want.Values), want.Dims)
	}
	for i, w := range want.Values {
		near("as it was followed", i, got[i], w)
	}
	n, err := flow.End([3]int{}, false)
	if err != nil {
		return true
	}
	for _, form := range []*struct {
		name   string
		logits []float64
	}{{"layers", n.Logits(z)}, {"two channels for leaky ReLU", n.Split().Logits(z)}} {
		for i, w := range want.Values {
			near(form.name, i, n.Factor/(1+math.Exp(-form.logits[n.Place[i]]))+n.Offset, w)
		}
	}
	_, _ = n.Model()
	return true
}

// finite reports whether all numbers of a graph are.
func finite(g *onnx.Graph) bool {
	for i := range g.Nodes {
		for _, name := range g.Nodes[i].Inputs {
			if c := g.Constant(name); c != nil && !c.Type.Whole() {
				for _, v := range c.Floats() {
					if v-v != 0 {
						return false
					}
				}
			}
		}
	}
	return true
}

// Whatever is in a file: what is folded gives what the graph gives.
func FuzzFile(f *testing.F) {
	f.Add(onnxtest.Decoder())
	for _, c := range graphs {
		m := c.make()
		f.Add(m.File(m.at))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := onnx.Parse(data); err == nil && len(data) < 1<<15 && len(g.Nodes) < 40 {
			same(t, g)
		}
	})
}

// build makes a graph by what bytes say.
func build(program []byte) *maker {
	take := func(n int) int {
		if len(program) == 0 {
			return 0
		}
		v := int(program[0]) % n
		program = program[1:]
		return v
	}
	m := newMaker([]int64{11, 13, 15}[take(3)], 0, 2)
	dims := []int{2}
	if take(2) == 1 {
		m = newMaker(m.Opset, 0, 2, 1, 1)
		dims = []int{2, 1, 1}
	}
	small := func(p, o int) attributes {
		s := int64(1 + take(2))
		a := attributes{"strides": []int64{s, s}}
		if p > 0 {
			a["pads"] = []int64{int64(take(p)), int64(take(p)), int64(take(p)), int64(take(p))}
		}
		if o > 0 && s == 2 {
			a["output_padding"] = []int64{int64(take(o)), int64(take(o))}
		}
		return a
	}
	for range 14 {
		if len(program) == 0 || m.n > 60 {
			break
		}
		size := 1
		for _, d := range dims {
			size *= d
		}
		maps := len(dims) == 3
		switch op := take(16); {
		case op == 0 && len(dims) == 1:
			c, h, w := 1+take(3), 1+take(3), 1+take(3)
			m.gemm(size, c*h*w)
			if dims = []int{c * h * w}; take(4) > 0 {
				m.reshape(-1, int64(c), int64(h), int64(w))
				dims = []int{c, h, w}
			}
		case op < 4 && maps:
			k, out := 1+take(5), 1+take(3)
			a := small(k, 2)
			s, pads := int(a["strides"].([]int64)[0]), a["pads"].([]int64)
			more, _ := a["output_padding"].([]int64)
			if more == nil {
				more = []int64{0, 0}
			}
			h := (dims[1]-1)*s + k - int(pads[0]+pads[2]-more[0])
			w := (dims[2]-1)*s + k - int(pads[1]+pads[3]-more[1])
			if h < 1 || w < 1 || h*w > 300 {
				continue
			}
			m.convT(dims[0], out, k, a)
			dims = []int{out, h, w}
		case op < 6 && maps:
			k, out := 1+take(5), 1+take(3)
			a := small(k, 0)
			s, pads := int(a["strides"].([]int64)[0]), a["pads"].([]int64)
			h, w := dims[1]+int(pads[0]+pads[2])-k, dims[2]+int(pads[1]+pads[3])-k
			if h < 0 || w < 0 {
				continue
			}
			m.conv(dims[0], out, k, a)
			dims = []int{out, h/s + 1, w/s + 1}
		case op == 6:
			m.norm(dims[0])
		case op < 9:
			m.op("Relu", nil)
		case op == 9:
			m.op("LeakyRelu", attributes{"alpha": float32(0.25)})
		case op == 10 && maps && size < 100:
			m.twice()
			dims = []int{dims[0], 2 * dims[1], 2 * dims[2]}
		case op == 11 && maps:
			m.transpose(0, 2, 3, 1).transpose(0, 3, 1, 2)
		case op == 12 && maps:
			m.transpose(0, 2, 1, 3)
			dims = []int{dims[1], dims[0], dims[2]}
		case op == 13:
			m.op("Flatten", nil)
			dims = []int{size}
		case op == 14:
			m.scalar([]string{"Add", "Sub", "Mul", "Div"}[take(4)], float32(1+take(5))/2)
		case op == 15 && maps:
			from := take(dims[1])
			m.op("Slice", nil, m.Ints(m.name("from"), int64(from)), m.Ints(m.name("to"), 99), m.Ints(m.name("axes"), 2))
			dims = []int{dims[0], dims[1] - from, dims[2]}
		}
	}
	return m.op([]string{"Sigmoid", "Tanh"}[take(2)], nil)
}

// Whatever operators stand one behind the other: what is folded gives what the graph gives.
func FuzzGraph(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		program := make([]byte, 40)
		for i := range program {
			program[i] = byte(rng.IntN(256))
		}
		f.Add(program)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 200 {
			return
		}
		m := build(program)
		g, err := onnx.Parse(m.File(m.at))
		if err != nil {
			t.Fatal(err)
		}
		same(t, g)
	})
}

// Graphs that are made at random are not all refused.
func TestRandomGraphs(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	folded := 0
	const n = 300
	for range n {
		program := make([]byte, 30)
		for i := range program {
			program[i] = byte(rng.IntN(256))
		}
		m := build(program)
		g, err := onnx.Parse(m.File(m.at))
		if err != nil {
			t.Fatal(err)
		}
		if same(t, g) {
			folded++
		}
	}
	t.Logf("%d of %d graphs are folded", folded, n)
	if folded < n/5 {
		t.Errorf("only %d of %d graphs are folded", folded, n)
	}
}
