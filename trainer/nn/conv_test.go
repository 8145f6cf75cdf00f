package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// conv is a convolution of height x width pixels and in channels to out, or a transposed one.
func conv(transposed bool, height, width, in, out, kernel, stride int, edges kernels.Edges) kernels.Geometry {
	g := kernels.Geometry{
		Transposed: transposed, In: kernels.Shape{Height: height, Width: width, Channels: in}, Out: kernels.Shape{Channels: out},
		Kernel: kernel, Stride: stride, Edges: edges,
	}
	g.Out.Height, g.Out.Width = g.Size()
	return g
}

// sameConv has the edges that Keras calls "same"; those of a transposed one are below 0 where the
// stride is larger than the kernel.
func sameConv(transposed bool, height, width, in, out, kernel, stride int) kernels.Geometry {
	op := model.Conv
	if transposed {
		op = model.ConvTranspose
	}
	l := model.Same(op, [3]int{height, width, in}, kernel, stride, out)
	return l.Geometry([3]int{height, width, in})
}

// vector is the layout of n floats.
func vector(n int) Layout { return Layout{Height: 1, Width: 1, Channels: n} }

// connections calls f with the indices of input, output and weight of every
// product of a layer over n pictures without borders, as its definition has it.
func connections(c kernels.Geometry, n int, f func(x, y, w int)) {
	h, w := c.Out.Height, c.Out.Width
	smallHeight, smallWidth := h, w
	if c.Transposed {
		smallHeight, smallWidth = c.In.Height, c.In.Width
	}
	for i := range n {
		for sy := range smallHeight {
			for sx := range smallWidth {
				for k := range c.Kernel * c.Kernel {
					iy, ix := sy*c.Stride+k/c.Kernel-c.Edges[kernels.Top], sx*c.Stride+k%c.Kernel-c.Edges[kernels.Left]
					oy, ox := sy, sx
					if c.Transposed {
						iy, ix, oy, ox = oy, ox, iy, ix
					}
					if iy < 0 || iy >= c.In.Height || ix < 0 || ix >= c.In.Width || oy < 0 || oy >= h || ox < 0 || ox >= w {
						continue
					}
					for ci := range c.In.Channels {
						for co := range c.Out.Channels {
							weight := (k*c.In.Channels+ci)*c.Out.Channels + co
							if c.Transposed {
								weight = (k*c.Out.Channels+co)*c.In.Channels + ci
							}
							f(((i*c.In.Height+iy)*c.In.Width+ix)*c.In.Channels+ci, ((i*h+oy)*w+ox)*c.Out.Channels+co, weight)
						}
					}
				}
			}
		}
	}
}

// convs are shapes that reach every path: both directions, narrow and wide,
// strides with and without a remainder, strides beyond the kernel.
func convs() []kernels.Geometry {
	var cs []kernels.Geometry
	for _, channels := range [][2]int{{1, 9}, {3, 8}, {9, 1}, {9, 3}, {8, 11}, {2, 2}} {
		for kernel := 1; kernel <= 5; kernel++ {
			for stride := 1; stride <= 3; stride++ {
				for _, size := range [][2]int{{6, 4}, {5, 7}} {
					cs = append(cs,
						sameConv(false, size[0], size[1], channels[0], channels[1], kernel, stride),
						sameConv(true, size[0], size[1], channels[0], channels[1], kernel, stride))
				}
			}
		}
	}
	return append(cs,
		conv(false, 6, 7, 8, 9, 3, 1, kernels.Edges{}),              // no padding
		conv(false, 6, 7, 8, 2, 4, 1, kernels.Edges{3, 1, 0, 2}),    // uneven padding
		conv(false, 7, 6, 8, 9, 3, 2, kernels.Edges{1, 1, 1, 1}),    // as PyTorch pads
		conv(true, 3, 4, 8, 9, 3, 2, kernels.Edges{1, 0, 1, 0}),     // PyTorch, output_padding 1
		conv(true, 3, 4, 8, 9, 5, 2, kernels.Edges{0, 3, 2, 1}),     // uneven crop
		conv(true, 1, 1, 8, 9, 3, 2, kernels.Edges{0, 1, 0, 1}),     // one pixel
		conv(true, 2, 2, 64, 32, 3, 2, kernels.Edges{0, -2, 0, -1}), // grown
		conv(true, 2, 2, 9, 3, 4, 2, kernels.Edges{0, -2, 0, -1}),   // grown, in blocks
		conv(true, 3, 4, 8, 3, 4, 2, kernels.Edges{0, 3, 2, 1}),     // blocks cropped unevenly
		conv(true, 1, 1, 8, 3, 4, 2, kernels.Edges{1, 1, 1, 1}),     // blocks of one pixel
		conv(true, 3, 4, 8, 2, 6, 3, kernels.Edges{2, 1, 0, -1}))    // blocks of nine pixels
}

func weightsOf(c kernels.Geometry) int { return c.Kernel * c.Kernel * c.In.Channels * c.Out.Channels }

func TestConv(t *testing.T) {
	for _, b := range sgemm.Backends() {
		for _, c := range convs() {
			t.Run(fmt.Sprintf("%v/%v", b, c), func(t *testing.T) { testConv(t, b, c) })
		}
	}
}

func testConv(t *testing.T, b *sgemm.Backend, c kernels.Geometry) {
	const made, n = 3, 2 // a layer for three pictures runs two
	rng := rand.New(rand.NewPCG(1, 2))
	in, out := layoutOf(c.In), layoutOf(c.Out)
	in.Border, out.Border = borders(c)
	in.Border[kernels.Right]++ // wider than needed
	out.Border[kernels.Top]++
	l := newConv(b, c, in, out, made)

	x, x64 := randomPictures(rng, in, made)
	dy, dy64 := randomPictures(rng, out, made)
	weights, weights64 := randomFloats(rng, weightsOf(c))
	bias, bias64 := randomFloats(rng, c.Out.Channels)
	scratch := make([]float32, l.Scratch(n))

	forward := func() []float64 {
		y := make([]float64, n*out.Len())
		for i := range y {
			y[i] = bias64[i%c.Out.Channels]
		}
		connections(c, n, func(i, o, k int) { y[o] += x64[i] * weights64[k] })
		return y
	}
	y := make([]float32, made*out.Size())
	l.Pack(weights, false)
	l.Forward(y, x, bias, false, n, scratch)
	want := forward()
	near(t, "y", inside(t, out, y, n), want)

	l.Forward(y, x, bias, true, n, scratch)
	for i, v := range want {
		want[i] = max(v, 0)
	}
	near(t, "relu(y)", inside(t, out, y, n), want)
	for _, v := range y[n*out.Size():] {
		if v != 0 {
			t.Fatal("the third picture was written")
		}
	}

	// The gradient of the inner product of the outputs with dy.
	dx64, gw, gb := make([]float64, n*in.Len()), make([]float64, len(weights)), make([]float64, c.Out.Channels)
	connections(c, n, func(i, o, k int) {
		dx64[i] += dy64[o] * weights64[k]
		gw[k] += dy64[o] * x64[i]
	})
	for o := range n * out.Len() {
		gb[o%c.Out.Channels] += dy64[o]
	}
	objective := func() float64 {
		sum := 0.0
		for i, v := range forward() {
			sum += v * dy64[i]
		}
		return sum
	}
	differences(t, "x", x64, dx64, objective)
	differences(t, "weights", weights64, gw, objective)
	differences(t, "bias", bias64, gb, objective)

	l.Pack(weights, true)
	dx := make([]float32, made*in.Size())
	dw, dw64 := randomFloats(rng, weightsOf(c)) // gradients are added
	db, db64 := randomFloats(rng, c.Out.Channels)
	l.Backward(dx, dw, db, dy, x, n, scratch)
	near(t, "dx", inside(t, in, dx, n), dx64)
	add(dw64, gw)
	near(t, "dw", dw, dw64)
	add(db64, gb)
	near(t, "db", db, db64)

	l.Backward(nil, dw, db, dy, x, n, scratch) // the first layer needs no dx
	add(dw64, gw)
	near(t, "second dw", dw, dw64)
}

func TestDense(t *testing.T) {
	layouts := []Layout{
		vector(1),
		vector(17),
		{Height: 3, Width: 2, Channels: 5},
		{Height: 3, Width: 2, Channels: 5, Border: kernels.Edges{1, 0, 2, 1}},
	}
	for _, b := range sgemm.Backends() {
		for i, in := range layouts {
			for j, out := range layouts {
				t.Run(fmt.Sprintf("%v/%d-%d", b, i, j), func(t *testing.T) { testDense(t, b, in, out) })
			}
		}
	}
}

func testDense(t *testing.T, b *sgemm.Backend, in, out Layout) {
	const made, n = 4, 3
	rng := rand.New(rand.NewPCG(3, 4))
	l := newDense(b, in, out, made)
	x, x64 := randomPictures(rng, in, made)
	dy, dy64 := randomPictures(rng, out, made)
	weights, weights64 := randomFloats(rng, in.Len()*out.Len())
	bias, bias64 := randomFloats(rng, out.Len())

	forward := func() []float64 {
		y := make([]float64, n*out.Len())
		for i := range y {
			o := i % out.Len()
			y[i] = bias64[o]
			for k := range in.Len() {
				y[i] += x64[i/out.Len()*in.Len()+k] * weights64[k*out.Len()+o]
			}
		}
		return y
	}
	y := make([]float32, made*out.Size())
	for part := range 3 {
		l.Pack(weights, true, part, 3)
	}
	l.Forward(y, x, bias, false, n)
	want := forward()
	near(t, "y", inside(t, out, y, n), want)
	l.Forward(y, x, bias, true, n)
	for i, v := range want {
		want[i] = max(v, 0)
	}
	near(t, "relu(y)", inside(t, out, y, n), want)

	dx64, gw, gb := make([]float64, n*in.Len()), make([]float64, len(weights)), make([]float64, len(bias))
	for i := range n {
		for o := range out.Len() {
			d := dy64[i*out.Len()+o]
			gb[o] += d
			for k := range in.Len() {
				dx64[i*in.Len()+k] += d * weights64[k*out.Len()+o]
				gw[k*out.Len()+o] += d * x64[i*in.Len()+k]
			}
		}
	}
	objective := func() float64 {
		sum := 0.0
		for i, v := range forward() {
			sum += v * dy64[i]
		}
		return sum
	}
	differences(t, "x", x64, dx64, objective)
	differences(t, "weights", weights64, gw, objective)
	differences(t, "bias", bias64, gb, objective)

	dx := make([]float32, made*in.Size())
	l.Backward(dx, dy, false, n)
	near(t, "dx", inside(t, in, dx, n), dx64)
	l.Backward(dx, dy, true, n)
	add(dx64, dx64)
	near(t, "twice dx", inside(t, in, dx, n), dx64)

	dw, _ := randomFloats(rng, len(weights))
	db, _ := randomFloats(rng, len(bias))
	for piece := range l.Pieces() {
		l.Clear(dw, db, piece)
		l.BackwardWeights(dw, db, dy, x, n, piece)
	}
	near(t, "dw", dw, gw)
	near(t, "db", db, gb)
	for piece := range l.Pieces() { // gradients are added
		l.BackwardWeights(dw, db, dy, x, n, piece)
	}
	add(gw, gw)
	near(t, "twice dw", dw, gw)
	add(gb, gb)
	near(t, "twice db", db, gb)
}

// differences holds a few elements of the gradient g of f against central
// differences, which are exact but for rounding as f is linear in each of x.
func differences(t *testing.T, what string, x, g []float64, f func() float64) {
	t.Helper()
	const h = 1e-3
	for i := 0; i < len(g); i += len(g)/4 + 1 {
		v := x[i]
		x[i] = v + h
		above := f()
		x[i] = v - h
		slope := (above - f()) / (2 * h)
		x[i] = v
		if !(math.Abs(slope-g[i]) <= 1e-8) {
			t.Fatalf("gradient of %s[%d] is %v, differences give %v", what, i, g[i], slope)
		}
	}
}

func randomFloats(rng *rand.Rand, n int) ([]float32, []float64) {
	a, b := make([]float32, n), make([]float64, n)
	for i := range a {
		a[i] = rng.Float32()*2 - 1
		b[i] = float64(a[i])
	}
	return a, b
}

// randomPictures returns n pictures with a border of zeros, and without one.
func randomPictures(rng *rand.Rand, l Layout, n int) ([]float32, []float64) {
	a, b := make([]float32, n*l.Size()), make([]float64, 0, n*l.Len())
	for i := range n {
		for y := range l.Height {
			r, r64 := randomFloats(rng, l.Width*l.Channels)
			copy(l.Row(a, i, y), r)
			b = append(b, r64...)
		}
	}
	return a, b
}

// inside returns n pictures without their border, which must be zero.
func inside(t *testing.T, l Layout, pictures []float32, n int) []float32 {
	t.Helper()
	a := make([]float32, n*l.Len())
	l.Inside(a, pictures, n)
	rest := append([]float32(nil), pictures...)
	for i := range n {
		for y := range l.Height {
			clear(l.Row(rest, i, y))
		}
	}
	for i, v := range rest[:n*l.Size()] {
		if v != 0 {
			t.Fatalf("element %d of the border became %v", i, v)
		}
	}
	return a
}

func add(dst, src []float64) {
	for i, v := range src {
		dst[i] += v
	}
}

// near compares with a bound that suits sums of up to a few thousand products
// of numbers below 1.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= 2e-5) {
			t.Fatalf("%s[%d] = %v, want %v", what, i, v, want[i])
		}
	}
}

func TestConvPanics(t *testing.T) {
	c := sameConv(false, 4, 4, 8, 8, 3, 1)
	in, out := Layout{Height: 4, Width: 4, Channels: 8}, Layout{Height: 4, Width: 4, Channels: 8}
	in.Border, out.Border = borders(c)
	for name, f := range map[string]func(){
		"no border":    func() { newConv(sgemm.Best(), c, Layout{Height: 4, Width: 4, Channels: 8}, out, 1) },
		"wrong size":   func() { in := in; in.Width++; newConv(sgemm.Best(), c, in, out, 1) },
		"zero kernel":  func() { c := c; c.Kernel = 0; newConv(sgemm.Best(), c, in, out, 1) },
		"empty output": func() { newDense(sgemm.Best(), in, Layout{}, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func TestLayersDoNotAllocate(t *testing.T) {
	b := sgemm.Best()
	c := sameConv(false, 8, 8, 9, 1, 3, 1)
	in, out := Layout{Height: 8, Width: 8, Channels: 9}, Layout{Height: 8, Width: 8, Channels: 1}
	in.Border, out.Border = borders(c)
	conv := newConv(b, c, in, out, 1)
	up := newConv(b, sameConv(true, 8, 8, 9, 9, 3, 2), in, Layout{Height: 16, Width: 16, Channels: 9, Border: kernels.Edges{1, 1, 1, 1}}, 1)
	blocks := newConv(b, sameConv(true, 8, 8, 9, 3, 4, 2), in, Layout{Height: 16, Width: 16, Channels: 3, Border: kernels.Edges{1, 1, 1, 1}}, 1)
	dense := newDense(b, in, vector(5), 1)
	x, dx, y := make([]float32, in.Size()), make([]float32, in.Size()), make([]float32, 18*18*9)
	w, bias := make([]float32, 1000), make([]float32, 9)
	scratch := make([]float32, max(conv.Scratch(1), blocks.Scratch(1)))
	if n := testing.AllocsPerRun(10, func() {
		conv.Pack(w, true)
		conv.Forward(y, x, bias[:1], true, 1, scratch)
		conv.Backward(dx, w, bias, y, x, 1, scratch)
		up.Pack(w, true)
		up.Forward(y, x, bias, true, 1, nil)
		up.Backward(dx, w, bias, y, x, 1, nil)
		blocks.Pack(w, true)
		blocks.Forward(y, x, bias[:3], true, 1, scratch)
		blocks.Backward(dx, w, bias[:3], y, x, 1, scratch)
		dense.Forward(y, x, bias[:5], true, 1)
		dense.Backward(dx, y, true, 1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
