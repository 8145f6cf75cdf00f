package kernels

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// EnvRequire lists, separated by commas, the backends that a run of the tests must have exercised.
const envRequire = "VAE_EDGE_REQUIRE"

func TestRequiredBackends(t *testing.T) {
	required := os.Getenv(envRequire)
	if required == "" {
		t.Skipf("%s is not set", envRequire)
	}
	var have []string
	for _, b := range Backends() {
		have = append(have, b.String())
	}
	for _, name := range strings.Split(required, ",") {
		if !slices.Contains(have, name) {
			t.Errorf("%s asks for %s, this CPU and build have %v", envRequire, name, have)
		}
	}
}

// Ways to fill a layer.
type filling int

const (
	random filling = iota
	highest
	lowest
	mixed // activations and weights at their extremes, signs at random
	small // weights of which a few can be added in 16 bits
	brink // weights of which four just can be, and with the odd larger one just cannot
	eight // as brink, but of eight
	fillings
)

func (f filling) activations(r *rand.Rand, n int) []uint8 {
	a := make([]uint8, n)
	for i := range a {
		switch f {
		case random, small:
			a[i] = uint8(r.IntN(128))
		case mixed:
			a[i] = uint8(r.IntN(2) * 127)
		default:
			a[i] = 127
		}
	}
	return a
}

func (f filling) weights(r *rand.Rand, n int) []int8 {
	w := make([]int8, n)
	sign, odd := int8(1-2*r.IntN(2)), r.IntN(3)
	for i := range w {
		switch f {
		case random:
			w[i] = int8(r.IntN(255) - 127)
		case highest:
			w[i] = 127
		case lowest:
			w[i] = -127
		case mixed:
			w[i] = int8(r.IntN(2)*254 - 127)
		case small:
			w[i] = int8(r.IntN(121) - 60)
		case brink: // 64+65+64+65 = 258
			w[i] = sign * int8(64+i%2)
			if odd > 0 && r.IntN(40*odd) == 0 {
				w[i] += sign
			}
		case eight: // 8*32 = 256
			w[i] = sign * 32
			if odd > 0 && r.IntN(40*odd) == 0 {
				w[i] += 3 * sign
			}
		}
	}
	return w
}

// scales are such that the outputs of a layer with so many inputs vary, and that some fall on ties.
func scales(r *rand.Rand, n, inputs int, target float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(target / (3000 * math.Sqrt(float64(inputs))) * (0.5 + r.Float64()))
		if i%3 == 0 { // a power of two gives exact halves
			s[i] = float32(math.Exp2(math.Round(math.Log2(float64(s[i])))))
		}
	}
	return s
}

func biases(r *rand.Rand, n int) []int32 {
	b := make([]int32, n)
	for i := range b {
		b[i] = int32(r.IntN(20001) - 10000)
	}
	return b
}

// An allocator returns zeroed memory for something that is handed to assembly.
type allocator func(size int) []byte

func heap(size int) []byte { return make([]byte, size) }

// newMap is NewMap with the data elsewhere.
func (alloc allocator) newMap(s Shape, l Layout) *Map {
	m := NewMap(s.Height, s.Width, s.Channels, l)
	m.Data = relocated(alloc, m.Data)
	return m
}

// fromPicture returns a map of that layout with the picture inside.
func (alloc allocator) fromPicture(p picture, l Layout) *Map {
	m := alloc.newMap(p.Shape, l)
	for y := range p.Height {
		for x := range p.Width {
			copy(m.At(y, x), p.data[(y*p.Width+x)*p.Channels:])
		}
	}
	return m
}

// slopes are those of leaky ReLUs for every other layer, on one side or both.
func slopes(r *rand.Rand) (s Slopes) {
	some := func() float32 { return []float32{0.001, 0.01, 0.2, 0.3, r.Float32(), 0x1.fffffep-1}[r.IntN(6)] }
	switch r.IntN(6) {
	case 0:
		s.In = some()
	case 1:
		s.Out = some()
	case 2:
		s = Slopes{some(), some()}
	}
	return s
}

// A convCase is a convolution with its input and, from the textbook, its output.
type convCase struct {
	Geometry
	slopes Slopes
	in     picture
	weight []int8
	bias   []int32
	scale  []float32
	out    picture
	index  []uint16
	latent []int16
	table  [TableSize]uint8
	layout Layout // of the output map: as some other layer may want it
}

func newConvCase(g Geometry, f filling, r *rand.Rand) *convCase {
	c := &convCase{
		Geometry: g,
		slopes:   slopes(r),
		in:       picture{g.In, f.activations(r, g.In.Elements()), 0},
		weight:   f.weights(r, g.Out.Channels*g.Kernel*g.Kernel*g.In.Channels),
		bias:     biases(r, g.Out.Channels),
		scale:    scales(r, g.Out.Channels, g.Kernel*g.Kernel*g.In.Channels, 100),
		out:      picture{Shape: g.Out},
		layout:   Layout{Border: r.IntN(3), Pitch: g.Out.Channels + r.IntN(9)},
	}
	c.in.zero, c.layout.Zero = textbookZero(c.slopes.In), textbookZero(c.slopes.Out)
	c.refer()
	for i := range c.table {
		c.table[i] = uint8(r.IntN(256))
	}
	return c
}

// refer computes what is right by the textbook.
func (c *convCase) refer() {
	c.out.data, c.index, c.latent = nil, nil, nil
	for n, a := range textbookConv(c.Geometry, c.in, c.weight, c.bias) {
		s := c.scale[n%len(c.scale)]
		c.out.data = append(c.out.data, textbookActivation(a, s, c.slopes.Out))
		c.index = append(c.index, textbookIndex(a, s))
		c.latent = append(c.latent, textbookLatent(a, s))
	}
}

// check holds a backend, in all of its output forms, to the textbook.
func (c *convCase) check(t *testing.T, b Backend, alloc allocator) {
	t.Helper()
	conv, err := b.NewLeakyConv(c.Geometry, c.slopes, c.weight, c.bias, c.scale)
	if err != nil {
		t.Fatalf("%+v: %v", c.Geometry, err)
	}
	// What lies outside the output must stay as it is.
	dst := alloc.newMap(c.Out, c.layout)
	conv.relocate(alloc, dst)
	src := alloc.fromPicture(c.in, conv.SourceLayout())
	before := slices.Clone(src.Data)
	conv.Run(Output{Map: dst}, src)
	if !bytes.Equal(dst.Data, allocator(heap).fromPicture(c.out, c.layout).Data) {
		t.Fatalf("%v, %+v, %+v: activations differ from the textbook's", b, c.Geometry, c.slopes)
	}
	pixels, indices, latent := alloc(len(c.index)), make([]uint16, len(c.index)), make([]int16, len(c.index))
	table := (*[TableSize]uint8)(alloc(TableSize))
	*table = c.table
	conv.Run(Output{Pixels: pixels, Table: table}, src)
	conv.Run(Output{Indices: indices}, src)
	conv.Run(Output{Latent: latent}, src)
	conv.checkScratch(alloc, src)
	for n, want := range c.index {
		if indices[n] != want || pixels[n] != c.table[want] {
			t.Fatalf("%v, %+v, %+v: output %d has index %d and pixel %d, want %d and %d", b, c.Geometry, c.slopes, n, indices[n], pixels[n], want, c.table[want])
		}
	}
	if !slices.Equal(latent, c.latent) {
		t.Fatalf("%v, %+v: latent numbers differ from the textbook's", b, c.Geometry)
	}
	if !bytes.Equal(src.Data, before) {
		t.Fatalf("%v, %+v: the source was written to", b, c.Geometry)
	}
}

// checkConv checks one convolution on every backend.
func checkConv(t *testing.T, g Geometry, f filling, r *rand.Rand) {
	t.Helper()
	c := newConvCase(g, f, r)
	for _, b := range Backends() {
		c.check(t, b, heap)
	}
}

// geometry returns a geometry with these parameters, whose output size follows from the input size.
func geometry(transposed bool, in Shape, out, kernel, stride int, e Edges) (Geometry, bool) {
	g := Geometry{Transposed: transposed, In: in, Out: Shape{Channels: out}, Kernel: kernel, Stride: stride, Edges: e}
	if transposed {
		g.Out.Height, g.Out.Width = (in.Height-1)*stride+kernel-e[Top]-e[Bottom], (in.Width-1)*stride+kernel-e[Left]-e[Right]
	} else {
		g.Out.Height, g.Out.Width = (in.Height+e[Top]+e[Bottom]-kernel+stride)/stride, (in.Width+e[Left]+e[Right]-kernel+stride)/stride
	}
	return g, g.Check() == nil
}

func TestConv(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	cases := 0
	for _, transposed := range []bool{false, true} {
		for kernel := 1; kernel <= MaxKernel; kernel++ {
			for stride := 1; stride <= MaxStride; stride++ {
				for n := range 12 {
					edge := func() int { return r.IntN(kernel) }
					in := Shape{1 + r.IntN(9), 1 + r.IntN(9), 1 + r.IntN(70)}
					g, ok := geometry(transposed, in, 1+r.IntN(70), kernel, stride, Edges{edge(), edge(), edge(), edge()})
					if !ok {
						// The kernel is larger than the source, or everything is cropped off
						continue
					}
					cases++
					checkConv(t, g, filling(n%int(fillings)), r)
				}
			}
		}
	}
	if cases < 150 {
		t.Fatalf("only %d geometries were valid", cases)
	}
}

// Every number of source and output channels, on the forms of the default decoder's two
// convolutions and of a decoder for faces.
func TestConvChannels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for channels := 1; channels <= 70; channels++ {
		for i, out := range []int{channels, 1 + r.IntN(4)} {
			in := []int{1 + r.IntN(70), channels}[i]
			up, _ := geometry(true, Shape{2, 3, in}, out, 3, 2, Edges{0, 1, 0, 1})
			same, _ := geometry(false, Shape{3, 5 + channels%2, channels}, out, 3, 1, Edges{1, 1, 1, 1})
			double, _ := geometry(true, Shape{2, 2 + channels%3, in}, out, 4, 2, Edges{1, 1, 1, 1})
			for _, g := range []Geometry{up, same, double} {
				checkConv(t, g, filling((channels+i)%int(fillings)), r)
			}
		}
	}
}

// Maps of every width, so that tiles end everywhere.
func TestConvPixels(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for width := 1; width <= 50; width++ {
		for _, c := range []struct{ in, out int }{{6, 1}, {6, 33}, {29 + width%4, 1}} {
			g, _ := geometry(false, Shape{1 + width%3, width, c.in}, c.out, 1, 1, Edges{})
			checkConv(t, g, random, r)
		}
		// Few output channels may have a kernel for runs of pixels
		for kernel := 2; kernel <= MaxKernel; kernel++ {
			for stride := 1; stride <= MaxStride; stride++ {
				edges := Edges{kernel / 2, kernel / 2, kernel / 2, (kernel - 1) / 2}
				g, ok := geometry(width%7 == 0, Shape{1 + r.IntN(5), width, 29 + r.IntN(4)}, 1+r.IntN(4), kernel, stride, edges)
				if ok {
					checkConv(t, g, filling(r.IntN(int(fillings))), r)
				}
			}
			// or one for all phases of a transposed convolution
			edge := func() int { return r.IntN(kernel) }
			g, ok := geometry(true, Shape{1 + r.IntN(4), width, 1 + r.IntN(40)}, 1+r.IntN(4), kernel, 2, Edges{edge(), edge(), edge(), edge()})
			if ok {
				checkConv(t, g, filling(r.IntN(int(fillings))), r)
			}
		}
	}
}

// One output channel of a kernel of 3 may have a kernel for several rows at once.
func TestConvRows(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for width := 12; width <= 44; width++ {
		for height := 1; height <= 5; height++ {
			edge := func() int { return r.IntN(3) }
			edges := Edges{edge(), edge(), edge(), edge()}
			g, ok := geometry((width+height)%2 == 0, Shape{height, width, 29 + r.IntN(4)}, 1, 3, 1, edges)
			if ok {
				checkConv(t, g, filling(r.IntN(int(fillings))), r)
			}
		}
	}
}

// A denseCase is a dense layer with its input and, from the textbook, its output.
type denseCase struct {
	slope  float32
	x      []int16
	weight []int8
	bias   []int32
	scale  []float32
	out    picture
	layout Layout
}

func newDenseCase(inputs int, out Shape, f filling, r *rand.Rand) *denseCase {
	c := &denseCase{
		slope:  slopes(r).Out,
		weight: f.weights(r, out.Elements()*inputs),
		bias:   biases(r, out.Elements()),
		scale:  scales(r, out.Channels, inputs, 0.4),
		out:    picture{Shape: out},
		layout: Layout{Border: r.IntN(3), Pitch: out.Channels + r.IntN(9)},
	}
	c.layout.Zero = textbookZero(c.slope)
	var wide []int64
	for range inputs {
		x := int16(r.IntN(1<<16) - 1<<15)
		switch f {
		case highest:
			x = math.MaxInt16
		case lowest, mixed:
			x = math.MinInt16
		}
		c.x, wide = append(c.x, x), append(wide, int64(x))
	}
	for n, a := range textbookDense(wide, c.weight, c.bias) {
		c.out.data = append(c.out.data, textbookActivation(a, c.scale[n%len(c.scale)], c.slope))
	}
	return c
}

func (c *denseCase) check(t *testing.T, b Backend, alloc allocator) {
	t.Helper()
	d, err := b.NewLeakyDense(len(c.x), c.out.Shape, c.slope, c.weight, c.bias, c.scale)
	if err != nil {
		t.Fatal(err)
	}
	d.relocate(alloc)
	want := allocator(heap).fromPicture(c.out, c.layout).Data
	dst := alloc.newMap(c.out.Shape, c.layout)
	x := relocated(alloc, c.x)
	d.Run(dst, x)
	if !bytes.Equal(dst.Data, want) {
		t.Fatalf("%v, %d inputs to %v: differs from the textbook", b, len(c.x), c.out.Shape)
	}
	d.checkScratch(alloc, x)

	// TestDenseBatch has points that differ.
	several := []*Map{alloc.newMap(c.out.Shape, c.layout), alloc.newMap(c.out.Shape, c.layout), alloc.newMap(c.out.Shape, c.layout)}
	d.RunBatch(several, relocated(alloc, slices.Concat(c.x, c.x, c.x)))
	for _, m := range several {
		if !bytes.Equal(m.Data, want) {
			t.Fatalf("%v, %d inputs to %v: in a batch, it differs from the textbook", b, len(c.x), c.out.Shape)
		}
	}
}

func TestDense(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		c := newDenseCase(1+r.IntN(40), Shape{1 + r.IntN(5), 1 + r.IntN(5), 1 + n%70}, filling(n%int(fillings)), r)
		for _, b := range Backends() {
			c.check(t, b, heap)
		}
	}
}

// Few inputs may have a kernel of their own.
func TestDenseShort(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	for n := range 60 {
		c := newDenseCase(1+n%3, Shape{1 + r.IntN(5), 1 + r.IntN(5), 64 * (1 + n%2)}, filling(n%int(fillings)), r)
		for _, b := range Backends() {
			c.check(t, b, heap)
		}
	}
}

func TestDenseBatch(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for n := range 20 {
		channels := 1 + 8*r.IntN(9)
		if n%4 == 0 {
			channels = 64 + n%8*16
		}
		c := newDenseCase(1+n%5, Shape{1 + r.IntN(30), 1 + r.IntN(9), channels}, random, r)
		for _, b := range Backends() {
			d, err := b.NewLeakyDense(len(c.x), c.out.Shape, c.slope, c.weight, c.bias, c.scale)
			if err != nil {
				t.Fatal(err)
			}
			var maps []*Map
			var points, want []uint8
			x := []int16{}
			for k := range 1 + n%5 {
				point := slices.Clone(c.x)
				point[0] += int16(k)
				x = append(x, point...)
				m := NewMap(c.out.Height, c.out.Width, c.out.Channels, Layout{k / 3, c.out.Channels + k/3, 0})
				d.Run(m, point)
				want = m.Packed(want)
				maps = append(maps, NewMap(c.out.Height, c.out.Width, c.out.Channels, m.Layout))
			}
			d.RunBatch(maps, x)
			for _, m := range maps {
				points = m.Packed(points)
			}
			if !bytes.Equal(points, want) {
				t.Fatalf("%v: %d points to %v at once differ from one by one", b, len(maps), c.out.Shape)
			}
		}
	}
}

// relocated returns a copy of s in memory of the allocator.
func relocated[T any](alloc allocator, s []T) []T {
	if len(s) == 0 {
		return s
	}
	var zero T
	to := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(alloc(len(s)*int(unsafe.Sizeof(zero)))))), len(s))
	// 32-bit Arm loads several words at once, and floating-point numbers, from whole addresses
	// only. Go's are, and those of packed weights; bytes of maps can start anywhere.
	if _, bytes := any(zero).(uint8); !bytes && runtime.GOARCH == "arm" && uintptr(unsafe.Pointer(&to[0]))%4 != 0 {
		return slices.Clone(s)
	}
	copy(to, s)
	return to
}

// A dense layer of activations: a map that some layer writes is the only pixel of the one that a
// convolution reads. The sums are long.
func TestLongDense(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := range 40 {
		f := filling(n % int(fillings))
		in := Shape{1 + r.IntN(9), 1 + r.IntN(9), 1 + r.IntN(70)}
		g, _ := geometry(false, Shape{1, 1, in.Elements()}, 1+r.IntN(70), 1, 1, Edges{})
		c := newConvCase(g, f, r)
		if n%2 == 0 { // for latent numbers that vary
			for i := range c.scale {
				c.scale[i] *= 300
			}
			c.refer()
		}
		wide := make([]int64, len(c.in.data))
		for i, a := range c.in.data {
			wide[i] = int64(a) - int64(c.in.zero)
		}
		if a := textbookDense(wide, c.weight, c.bias); !slices.Equal(a, textbookConv(g, c.in, c.weight, c.bias)) {
			t.Fatalf("%v: a dense layer is another thing than a convolution of a pixel", in)
		}
		for _, b := range Backends() {
			c.check(t, b, heap)
			conv, err := b.NewLeakyConv(g, c.slopes, c.weight, c.bias, c.scale)
			if err != nil {
				t.Fatal(err)
			}
			src := NewMap(1, 1, g.In.Channels, conv.SourceLayout())
			written := src.Split(in)
			for y := range in.Height {
				for x := range in.Width {
					copy(written.At(y, x), c.in.data[(y*in.Width+x)*in.Channels:])
				}
			}
			latent := make([]int16, g.Out.Channels)
			conv.Run(Output{Latent: latent}, src)
			if !slices.Equal(latent, c.latent) {
				t.Fatalf("%v, %v to %d: latent numbers differ from the textbook's", b, in, g.Out.Channels)
			}
		}
	}
}

func TestRequantize(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	check := func(acc int32, scale float32) {
		a := int64(acc)
		if got, want := textbookScaled(a, scale), bigScaled(a, scale); got != want {
			t.Fatalf("textbookScaled(%d, %g) = %d, want %d", acc, scale, got, want)
		}
		if got, want := Requantize(acc, scale), textbookActivation(a, scale, 0); got != want {
			t.Fatalf("Requantize(%d, %g) = %d, want %d", acc, scale, got, want)
		}
		for _, slope := range []float32{0x1p-20, 0.01, 0.2, 0.3, 0x1.fffffep-1} {
			if got, want := RequantizeLeaky(acc, scale, slope), textbookActivation(a, scale, slope); got != want {
				t.Fatalf("RequantizeLeaky(%d, %g, %g) = %d, want %d", acc, scale, slope, got, want)
			}
		}
		if got, want := TableIndex(acc, scale), textbookIndex(a, scale); got != want {
			t.Fatalf("TableIndex(%d, %g) = %d, want %d", acc, scale, got, want)
		}
		if got, want := RequantizeLatent(acc, scale), textbookLatent(a, scale); got != want {
			t.Fatalf("RequantizeLatent(%d, %g) = %d, want %d", acc, scale, got, want)
		}
	}
	for _, acc := range []int32{0, 1, -1, 1<<24 + 1, -(1<<24 + 1), 1<<24 + 3, math.MaxInt32, -math.MaxInt32} {
		for _, scale := range []float32{minScale, 0x1p-31, 0x1p-2, 0.1, 0.49} {
			if math.Abs(float64(acc))*float64(scale) < productLimit {
				check(acc, scale)
			}
		}
	}
	for k := int32(-600); k <= 600; k++ { // halves
		check(k, 0.5)
		check(k, 0.25)
		check(k<<10, 0x1p-11)
	}
	for range 20_000 {
		acc := int32(r.Uint32()) >> r.IntN(31)
		check(acc, float32(math.Exp2(-31+r.Float64()*28)))
	}
}

// The table's bounds: a pixel is 0 at 7 bits only where it is nearest, and white stays white.
func TestPixelTo7Bit(t *testing.T) {
	for p := range 256 {
		want := int(math.Round(float64(p) * 127 / 255))
		if got := int(PixelTo7Bit(uint8(p))); got != want {
			t.Errorf("pixel %d becomes %d, want %d", p, got, want)
		}
	}
}

func TestZeroPoint(t *testing.T) {
	for slope, want := range map[float32]uint8{0: 0, 0.001: 0, 0.01: 1, 0.1: 12, 0.2: 21, 0.3: 29, 0.5: 42, 0x1.fffffep-1: 63} {
		if got := ZeroPoint(slope); got != want {
			t.Errorf("the zero point for %v is %d, want %d", slope, got, want)
		}
	}
	r := rand.New(rand.NewPCG(31, 32))
	for range 10_000 {
		if slope := r.Float32(); ZeroPoint(slope) != textbookZero(slope) {
			t.Errorf("the zero point for %v is %d, want %d", slope, ZeroPoint(slope), textbookZero(slope))
		}
	}
}

// A leaky ReLU's zero point takes from the range of the bias, and its slope from that of the scale.
func TestCheckRangeLeaky(t *testing.T) {
	w := func(n int, v int8) []int8 { return slices.Repeat([]int8{v}, n) }
	for _, c := range []struct {
		slopes Slopes
		weight []int8
		bias   int32
		scale  float32
		want   string // part of the error; empty for none
	}{
		{Slopes{0.3, 0.2}, w(8, 127), 5, 0.001, ""},
		{Slopes{In: 0.3}, w(1, 1), math.MaxInt32 - 127 - 29, 0.25, ""},
		{Slopes{In: 0.3}, w(1, 1), math.MaxInt32 - 127 - 28, 0.25, "leave int32"},
		{Slopes{In: 0.3}, w(1, -1), -(math.MaxInt32 - 127 - 28), 0.25, "leave int32"},
		{Slopes{Out: 0.3}, w(1, 1), math.MaxInt32 - 127, 0.25, ""},
		{Slopes{Out: 0.5}, w(1, 1), 0, 0x1p-125, ""},
		{Slopes{Out: 0.5}, w(1, 1), 0, 0x1p-126, "not a normal number"},
		{Slopes{In: 1}, w(1, 1), 0, 1, "slope of 1"},
		{Slopes{Out: -0.1}, w(1, 1), 0, 1, "slope of -0.1"},
		{Slopes{Out: float32(math.NaN())}, w(1, 1), 0, 1, "slope of NaN"},
	} {
		err := c.slopes.CheckRange(c.weight, []int32{c.bias}, []float32{c.scale}, false)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c, err, c.want)
		}
	}
}

func TestCheckRange(t *testing.T) {
	w := func(n int, v int8) []int8 { return slices.Repeat([]int8{v}, n) }
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		weight []int8
		bias   []int32
		scale  []float32
		latent bool
		want   string // part of the error; empty for none
	}{
		{"ordinary", w(8, 127), []int32{5, -5}, []float32{0.001}, false, ""},
		{"-128", w(8, -128), []int32{0}, []float32{1}, false, "-128"},
		{"no weights", nil, []int32{0}, []float32{1}, false, "belong together"},
		{"uneven", w(7, 1), []int32{0, 0}, []float32{1}, false, "belong together"},
		{"scales", w(6, 1), []int32{0, 0, 0}, []float32{1, 1}, false, "belong together"},
		{"zero scale", w(1, 1), []int32{0}, []float32{0}, false, "scale"},
		{"negative scale", w(1, 1), []int32{0}, []float32{-1}, false, "scale"},
		{"NaN scale", w(1, 1), []int32{0}, []float32{nan}, false, "scale"},
		{"infinite scale", w(1, 1), []int32{0}, []float32{inf}, false, "scale"},
		{"subnormal scale", w(1, 1), []int32{0}, []float32{0x1p-127}, false, "scale"},
		{"smallest scale", w(1, 1), []int32{0}, []float32{0x1p-126}, false, ""},
		{"largest bias", w(1, 0), []int32{math.MaxInt32}, []float32{0.25}, false, ""},
		{"bias -2^31", w(1, 0), []int32{math.MinInt32}, []float32{0.25}, false, "leave int32"},
		{"bias and a weight", w(1, 1), []int32{math.MaxInt32 - 126}, []float32{0.25}, false, "leave int32"},
		{"bias and a weight fit", w(1, 1), []int32{math.MaxInt32 - 127}, []float32{0.25}, false, ""},
		{"latent inputs", w(520, 127), []int32{0}, []float32{0.25}, true, "leave int32"},
		{"activations", w(520, 127), []int32{0}, []float32{0.25}, false, ""},
		{"product", w(1, 0), []int32{1 << 20}, []float32{1 << 10}, false, "2^30"},
		{"product fits", w(1, 0), []int32{1<<20 - 1}, []float32{1 << 10}, false, ""},
	} {
		err := CheckRange(c.weight, c.bias, c.scale, c.latent)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestGeometryRefused(t *testing.T) {
	good, ok := geometry(true, Shape{4, 4, 8}, 8, 3, 2, Edges{0, 1, 0, 1})
	if !ok || good.Out != (Shape{8, 8, 8}) {
		t.Fatalf("Keras's same gives %v, %t", good.Out, ok)
	}
	for name, change := range map[string]func(*Geometry){
		"kernel 0":        func(g *Geometry) { g.Kernel = 0 },
		"kernel 6":        func(g *Geometry) { g.Kernel = 6 },
		"stride 0":        func(g *Geometry) { g.Stride = 0 },
		"stride 3":        func(g *Geometry) { g.Stride = 3 },
		"negative edge":   func(g *Geometry) { g.Edges[Left] = -1 },
		"edge of kernel":  func(g *Geometry) { g.Edges[Bottom] = 3 },
		"other height":    func(g *Geometry) { g.Out.Height++ },
		"other width":     func(g *Geometry) { g.Out.Width-- },
		"no channels in":  func(g *Geometry) { g.In.Channels = 0 },
		"no channels out": func(g *Geometry) { g.Out.Channels = 0 },
		"no source":       func(g *Geometry) { g.In.Height = 0 },
		"plain, too small": func(g *Geometry) {
			*g = Geometry{In: Shape{2, 2, 1}, Out: Shape{1, 1, 1}, Kernel: 5, Stride: 1}
		},
	} {
		g := good
		if change(&g); g.Check() == nil {
			t.Errorf("%s: %+v was accepted", name, g)
		}
	}
}

func TestSelect(t *testing.T) {
	for _, b := range Backends() {
		t.Setenv(EnvBackend, b.String())
		if got, err := Select(""); err != nil || got != b {
			t.Errorf("%s=%v selects %v, %v", EnvBackend, b, got, err)
		}
	}
	t.Setenv(EnvBackend, "")
	if got, err := Select(""); err != nil || got != Best() {
		t.Errorf("the default is %v, %v; want %v", got, err, Best())
	}
	_, err := Select("abacus")
	if err == nil || !strings.Contains(err.Error(), "abacus") || !strings.Contains(err.Error(), "generic") {
		t.Errorf("an unknown backend gives %v, want an error that lists what there is", err)
	}
}

func TestMisusePanics(t *testing.T) {
	g, _ := geometry(false, Shape{4, 4, 2}, 3, 3, 1, Edges{1, 1, 1, 1})
	c, err := Best().NewConv(g, make([]int8, 54), make([]int32, 3), []float32{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	src := NewMap(4, 4, 2, c.SourceLayout())
	wrong := c.SourceLayout()
	wrong.Pitch++
	cut := NewMap(4, 4, 3, Layout{Pitch: 3})
	cut.Data = cut.Data[:47]
	for name, run := range map[string]func(){
		"layout":     func() { c.Run(Output{Pixels: make([]uint8, 48), Table: new([TableSize]uint8)}, NewMap(4, 4, 2, wrong)) },
		"source":     func() { c.Run(Output{Indices: make([]uint16, 48)}, NewMap(4, 4, 3, c.SourceLayout())) },
		"output":     func() { c.Run(Output{Map: NewMap(4, 3, 3, Layout{Pitch: 3})}, src) },
		"cut output": func() { c.Run(Output{Map: cut}, src) },
		"pixels":     func() { c.Run(Output{Pixels: make([]uint8, 47), Table: new([TableSize]uint8)}, src) },
		"no table":   func() { c.Run(Output{Pixels: make([]uint8, 48)}, src) },
		"indices":    func() { c.Run(Output{Indices: make([]uint16, 49)}, src) },
		"latent":     func() { c.Run(Output{Latent: make([]int16, 47)}, src) },
		"split":      func() { NewMap(1, 1, 6, Layout{Pitch: 6}).Split(Shape{1, 2, 4}) },
		"none":       func() { c.Run(Output{}, src) },
		"two":        func() { c.Run(Output{Map: NewMap(4, 4, 3, Layout{Pitch: 3}), Indices: make([]uint16, 48)}, src) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			run()
		}()
	}
}

// FuzzConv holds random convolutions to the textbook on every backend.
func FuzzConv(f *testing.F) {
	f.Add(uint64(1), true, uint8(3), uint8(2), uint8(64), uint8(32), uint8(14), uint8(14))
	f.Add(uint64(2), false, uint8(3), uint8(1), uint8(32), uint8(1), uint8(28), uint8(28))
	f.Add(uint64(3), true, uint8(5), uint8(2), uint8(70), uint8(3), uint8(1), uint8(2))
	f.Add(uint64(4), true, uint8(3), uint8(1), uint8(31), uint8(2), uint8(7), uint8(9))
	f.Add(uint64(5), true, uint8(2), uint8(1), uint8(19), uint8(0), uint8(4), uint8(6))
	f.Add(uint64(6), false, uint8(2), uint8(0), uint8(31), uint8(0), uint8(5), uint8(13))
	f.Add(uint64(7), true, uint8(2), uint8(0), uint8(30), uint8(0), uint8(4), uint8(14))
	f.Fuzz(func(t *testing.T, seed uint64, transposed bool, kernel, stride, in, out, height, width uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		k := 1 + int(kernel)%MaxKernel
		edge := func() int { return r.IntN(k) }
		g, ok := geometry(transposed, Shape{1 + int(height)%20, 1 + int(width)%20, 1 + int(in)%80}, 1+int(out)%80, k, 1+int(stride)%MaxStride,
			Edges{edge(), edge(), edge(), edge()})
		if !ok {
			t.Skip()
		}
		checkConv(t, g, filling(r.IntN(int(fillings))), r)
	})
}

// FuzzDense holds random dense layers to the textbook on every backend.
func FuzzDense(f *testing.F) {
	f.Add(uint64(1), uint8(1), uint8(13), uint8(13), uint8(63))
	f.Add(uint64(2), uint8(15), uint8(2), uint8(0), uint8(32))
	f.Add(uint64(3), uint8(0), uint8(0), uint8(3), uint8(0))
	f.Add(uint64(4), uint8(0), uint8(4), uint8(5), uint8(63))
	f.Fuzz(func(t *testing.T, seed uint64, inputs, height, width, channels uint8) {
		r := rand.New(rand.NewPCG(seed, 0))
		out := Shape{1 + int(height)%16, 1 + int(width)%16, 1 + int(channels)%80}
		c := newDenseCase(1+int(inputs)%40, out, filling(r.IntN(int(fillings))), r)
		for _, b := range Backends() {
			c.check(t, b, heap)
		}
	})
}

// FuzzRequantize holds the requantization of any accumulators to the textbook on every backend:
// layers whose weights are zero pass their biases on.
func FuzzRequantize(f *testing.F) {
	f.Add(int32(0), int32(1), int32(-1), int32(1<<24+1), float32(0.5))
	f.Add(int32(math.MaxInt32), int32(-math.MaxInt32), int32(1<<24+3), int32(255), float32(0.25))
	f.Add(int32(5), int32(-7), int32(127<<10), int32(1<<30), float32(0x1p-11))
	f.Add(int32(2047), int32(2048), int32(-2048), int32(-2049), float32(1))
	f.Fuzz(func(t *testing.T, a, b, c, d int32, scale float32) {
		bias := []int32{a, b, c, d}
		var scales []float32
		for range bias {
			scales = append(scales, scale)
		}
		zero := make([]int8, 16)
		if CheckRange(zero[:4], bias, scales, false) != nil {
			t.Skip()
		}
		for _, backend := range Backends() {
			dense, err := backend.NewDense(1, Shape{1, 1, 4}, zero[:4], bias, scales)
			if err != nil {
				t.Fatal(err)
			}
			g, _ := geometry(false, Shape{1, 1, 4}, 4, 1, 1, Edges{})
			conv, err := backend.NewConv(g, zero, bias, scales)
			if err != nil {
				t.Fatal(err)
			}
			m, n := NewMap(1, 1, 4, Layout{Pitch: 4}), NewMap(1, 1, 4, Layout{Pitch: 4})
			dense.Run(m, []int16{0})
			src := NewMap(1, 1, 4, conv.SourceLayout())
			conv.Run(Output{Map: n}, src)
			table := new([TableSize]uint8)
			for i := range table {
				table[i] = uint8(i ^ i>>8)
			}
			pixels := make([]uint8, 4)
			conv.Run(Output{Pixels: pixels, Table: table}, src)
			for i, acc := range bias {
				want, index := textbookActivation(int64(acc), scale, 0), textbookIndex(int64(acc), scale)
				if m.Data[i] != want || n.Data[i] != want || pixels[i] != table[index] {
					t.Errorf("%v: %d*%g is %d, %d and pixel %d, want %d and pixel %d", backend, acc, scale, m.Data[i], n.Data[i], pixels[i], want, table[index])
				}
			}
			for _, slope := range []float32{0.01, 0.3} {
				s := Slopes{Out: slope}
				if s.CheckRange(zero[:4], bias, scales, false) != nil {
					continue
				}
				if dense, err = backend.NewLeakyDense(1, Shape{1, 1, 4}, slope, zero[:4], bias, scales); err != nil {
					t.Fatal(err)
				}
				if conv, err = backend.NewLeakyConv(g, s, zero, bias, scales); err != nil {
					t.Fatal(err)
				}
				dense.Run(m, []int16{0})
				conv.Run(Output{Map: n}, src)
				for i, acc := range bias {
					if want := textbookActivation(int64(acc), scale, slope); m.Data[i] != want || n.Data[i] != want {
						t.Errorf("%v: %d*%g is %d and %d with slope %v, want %d", backend, acc, scale, m.Data[i], n.Data[i], slope, want)
					}
				}
			}
		}
	})
}

func ExampleSelect() {
	b, err := Select("generic")
	fmt.Println(b, err)
	// Output: generic <nil>
}
