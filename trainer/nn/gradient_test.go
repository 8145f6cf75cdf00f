package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// stacks are networks with every order of layers: what goes image by image and what takes a shard
// at once, at either end and between.
func stacks() map[string]struct {
	stack model.Stack
	in    [3]int
} {
	type stack = struct {
		stack model.Stack
		in    [3]int
	}
	dense := func(h, w, c int, to model.Target) model.Layer {
		return model.Layer{Op: model.Dense, Out: [3]int{h, w, c}, Target: to}
	}
	to := func(l model.Layer, target model.Target) model.Layer {
		l.Target = target
		return l
	}
	image, small := [3]int{5, 6, 2}, [3]int{3, 3, 9}
	down := model.Same(model.Conv, image, 3, 2, 9)
	flat := model.Same(model.Conv, small, 3, 1, 4)
	up := to(model.Same(model.ConvTranspose, small, 3, 2, 3), model.Pixels)
	leaky := func(l model.Layer, slope float32) model.Layer {
		l.Target, l.Slope = model.LeakyReLU, slope
		return l
	}
	same := model.Same(model.Conv, small, 3, 1, 9)
	return map[string]stack{
		"classifier":         {model.Stack{down, flat, dense(1, 1, 7, model.ReLU), dense(1, 1, 5, model.Classes)}, image},
		"encoder":            {model.Stack{down, dense(1, 1, 7, model.ReLU), dense(1, 1, 6, model.Latent)}, image},
		"decoder":            {model.Stack{dense(3, 3, 9, model.ReLU), up}, [3]int{1, 1, 4}},
		"two dense, then up": {model.Stack{dense(1, 1, 11, model.ReLU), dense(3, 3, 9, model.ReLU), up}, [3]int{1, 1, 4}},
		"all dense":          {model.Stack{dense(1, 1, 11, model.ReLU), dense(1, 1, 5, model.Classes)}, [3]int{1, 1, 4}},
		"convolutions alone": {model.Stack{down, to(flat, model.Pixels)}, image},
		"in the middle":      {model.Stack{down, dense(3, 3, 9, model.ReLU), up}, image},
		"dense to pixels":    {model.Stack{dense(1, 1, 11, model.ReLU), dense(2, 1, 6, model.ReLU), dense(4, 5, 3, model.Pixels)}, [3]int{1, 1, 4}},
		"leaky encoder":      {model.Stack{leaky(down, 0.3), leaky(flat, 0.01), leaky(dense(1, 1, 7, ""), 0.2), dense(1, 1, 6, model.Latent)}, image},
		"leaky decoder":      {model.Stack{leaky(dense(1, 1, 8, ""), 0.2), leaky(dense(3, 3, 9, ""), 0.3), leaky(same, 0.01), up}, [3]int{1, 1, 4}},
	}
}

// TestGradient holds the gradients of weights, of inputs and of what the objective has beside, and
// the outputs, against central differences and a plain pass forward, with every way of computing
// them.
func TestGradient(t *testing.T) {
	for name, s := range stacks() {
		t.Run(name, func(t *testing.T) { testGradient(t, s.stack, s.in) })
	}
}

func testGradient(t *testing.T, stack model.Stack, in [3]int) {
	const batch, images, extra = 11, 7, 3
	m := NewModel("", stack, in, nil)
	m.Draw(1, 0)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, l := range m.Layers {
		for i := range l.Weight {
			l.Weight[i] /= 4
		}
		for i := range l.Bias { // half of the ReLUs are dead, and none is near to where it changes
			l.Bias[i] = float32(i%2*6 - 3)
		}
	}
	inputs, _ := randomFloats(rng, images*model.Elements(in))
	heads := 1
	if stack[len(stack)-1].Target == model.Latent {
		heads = 2
	}
	outputs := model.Elements(stack[len(stack)-1].Out)
	// The objective is the inner product of the outputs with these
	weights, _ := randomFloats(rng, images*outputs)

	plain := NewNetwork(m, sgemm.Best(), Block)
	forward := func() []float64 {
		plain.Pack(parallel.New(1))
		p := plain.NewPass(images)
		var y []float64
		load(p, inputs, 0)
		p.Run(images, func(i int) { load1(p, inputs, i, i) }, func(i int) {
			for h := heads; h > 0; h-- {
				out := p.Output() + 1 - h
				l := p.Layouts[out]
				one := make([]float32, l.Len())
				l.Inside(one, p.X(out, i), 1)
				for _, v := range one {
					y = append(y, float64(v))
				}
			}
		}, false)
		return y
	}
	objective := func() float64 {
		sum := 0.0
		for i, v := range forward() {
			sum += v * float64(weights[i])
		}
		return sum
	}
	wantOutputs := forward()

	var first []float32
	for _, o := range []GradientOptions{
		{Shard: 1}, {Shard: 1, DenseInLanes: true}, {Shard: 3}, {Shard: 3, DenseInLanes: true},
		{Shard: 3, Fused: []bool{true}}, {Shard: 3, Fused: []bool{true}, DenseInLanes: true}, {Shard: batch, Fused: []bool{true}},
	} {
		fused := o.Fused != nil
		if !fused {
			o.Fused = []bool{false}
		}
		o.Batch, o.InputGradient, o.Extra, o.Backend = batch, []bool{true}, extra, sgemm.Best()
		what := fmt.Sprintf("shards of %d, fused %t, dense in lanes %t", o.Shard, fused, o.DenseInLanes)
		var threads1 []float32
		for _, threads := range []int{1, 3} {
			o.Pool = parallel.New(threads)
			dInputs := make([]float32, len(inputs))
			got := make([]float64, images*outputs)
			shard := func(w *Worker, from, count int) {
				p := w.Passes[0]
				set := func(i int) {
					at := (from + i) * outputs
					for h := heads; h > 0; h-- {
						out := p.Output() + 1 - h
						l := p.Layouts[out]
						n := l.Len()
						one := make([]float32, n)
						l.Inside(one, p.X(out, i), 1)
						for k, v := range one {
							got[at+k] = float64(v)
						}
						for y := range l.Height {
							row := l.Row(p.D(out, i), 0, y)
							copy(row, weights[at+y*len(row):])
						}
						at += n
					}
					w.Extra[1] += float32(from + i)
				}
				read := func(i int) {
					l := p.Layouts[0]
					l.Inside(dInputs[(from+i)*l.Len():], p.D(0, i), 1)
				}
				load(p, inputs, from)
				if fused {
					p.Run(count, func(i int) { load1(p, inputs, from+i, i) }, set, true)
				} else {
					p.Run(count, func(i int) { load1(p, inputs, from+i, i) }, nil, false)
					for i := range count {
						set(i)
					}
					p.Backward(count)
				}
				for i := range count {
					read(i)
				}
			}
			g := NewGradient([]*Network{NewNetwork(m, o.Backend, batch)}, o, shard)
			for range 2 { // nothing is left of the first
				g.Compute(images)
				g.Sum()
			}
			near(t, what+": outputs", narrowed(got), wantOutputs)
			if beside := g.Values[m.Size():]; !slices.Equal(beside, []float32{0, images * (images - 1) / 2, 0}) {
				t.Errorf("%s: beside the weights' there is the gradient %v", what, beside)
			}
			values := slices.Concat(g.Values[:m.Size()], dInputs)
			if threads1 == nil {
				threads1 = values
			}
			if !slices.Equal(values, threads1) {
				t.Errorf("%s: %d threads give another gradient than 1", what, threads)
			}
			if first == nil {
				first = values
				for k := 0; k < len(values); k += 1 + len(values)/97 { // some of them
					x := &inputs[max(k-m.Size(), 0)]
					if k < m.Size() {
						x = &m.data[k]
					}
					const h = 1e-2
					at := *x
					*x = at + h
					above := objective()
					*x = at - h
					slope := (above - objective()) / (2 * h)
					*x = at
					if math.Abs(slope-float64(values[k])) > 1e-3*(1+math.Abs(slope)) {
						t.Errorf("%s: gradient %d is %v, differences %v", what, k, values[k], slope)
					}
				}
			}
			for k, v := range values {
				if math.Abs(float64(v-first[k])) > 1e-5*(1+math.Abs(float64(v))) {
					t.Fatalf("%s: gradient %d is %v, %v another way", what, k, v, first[k])
				}
			}
		}
	}
}

// load sets the inputs of a pass that takes them together, from number first on.
func load(p *Pass, inputs []float32, first int) {
	if p.convs[0] == nil {
		copy(p.X(0, 0), inputs[first*p.Layouts[0].Len():])
	}
}

// load1 sets image i of a pass that begins with a convolution to an input.
func load1(p *Pass, inputs []float32, input, i int) {
	if l := p.Layouts[0]; p.convs[0] != nil {
		for y := range l.Height {
			row := l.Row(p.X(0, i), 0, y)
			copy(row, inputs[input*l.Len()+y*len(row):])
		}
	}
}

func narrowed(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// A frozen network has no gradient of weights, and that of its inputs is the same.
func TestFrozen(t *testing.T) {
	for name, s := range stacks() {
		m := NewModel("", s.stack, s.in, nil)
		m.Draw(1, 0)
		inputs, _ := randomFloats(rand.New(rand.NewPCG(1, 2)), 5*model.Elements(s.in))
		var want []float32
		for _, frozen := range []bool{false, true} {
			o := GradientOptions{Batch: 5, Shard: 2, Pool: parallel.New(2), Backend: sgemm.Best(), Fused: []bool{true}, InputGradient: []bool{true}, Frozen: []bool{frozen}}
			got := make([]float32, len(inputs))
			g := NewGradient([]*Network{NewNetwork(m, o.Backend, 5)}, o, func(w *Worker, first, count int) {
				p := w.Passes[0]
				p.Run(count, func(i int) { load1(p, inputs, first+i, i) }, func(i int) {
					for out := p.Output(); out > 0 && (out == p.Output() || p.Layers[out].source == p.Layers[out-1].source); out-- {
						l := p.Layouts[out]
						for y := range l.Height {
							row := l.Row(p.D(out, i), 0, y)
							for k := range row {
								row[k] = float32(k%3) - 1
							}
						}
					}
				}, true)
				l := p.Layouts[0]
				for i := range count {
					l.Inside(got[(first+i)*l.Len():], p.D(0, i), 1)
				}
			})
			g.Compute(5)
			g.Sum()
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: the gradient of inputs is another", name)
			}
			if size := map[bool]int{false: m.Size()}[frozen]; len(g.Values) != size {
				t.Errorf("%s, frozen %t: %d values, want %d", name, frozen, len(g.Values), size)
			}
		}
	}
}
