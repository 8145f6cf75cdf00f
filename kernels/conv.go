package kernels

import (
	"fmt"
	"slices"
)

// A Shape is a feature map's size in pixels and channels.
type Shape struct{ Height, Width, Channels int }

// Elements is the number of activations of the map.
func (s Shape) Elements() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.Height, s.Width, s.Channels) }

// A Geometry is the form of a convolution, plain or transposed.
//
// A plain convolution computes out[y][x] = sum over ky, kx of in[y*Stride+ky-top][x*Stride+kx-left]
// * w[ky][kx], where Edges are the rows and columns of zeros added around the source.
//
// A transposed convolution adds in[y][x] * w[ky][kx] to out[y*Stride+ky-top][x*Stride+kx-left],
// where Edges are the rows and columns cropped off the result. Keras's "same" for kernel 3 and
// stride 2 is top 0, bottom 1, left 0, right 1; PyTorch's padding=1, output_padding=1 is top 1,
// bottom 0, left 1, right 0.
type Geometry struct {
	Transposed bool
	In, Out    Shape
	Kernel     int   // 1..MaxKernel, square
	Stride     int   // 1..MaxStride
	Edges      Edges // each 0..Kernel-1
}

// Edges are numbers of rows or columns at the four edges of a map.
type Edges [4]int

// The edges, in the order that they have in files too.
const (
	Top = iota
	Bottom
	Left
	Right
)

// MaxKernel and MaxStride bound the geometry of a convolution, and so what the layers of a weights
// file may ask for.
const (
	MaxKernel = 5
	MaxStride = 2
)

// Check reports whether the geometry is one that the kernels compute and whether its shapes agree.
func (g Geometry) Check() error {
	if err := CheckKernel(g.Kernel, g.Stride); err != nil {
		return err
	}
	for _, e := range g.Edges {
		if e < 0 || e >= g.Kernel {
			return fmt.Errorf("kernels: edges %+v: each is 0..%d for kernel %d", g.Edges, g.Kernel-1, g.Kernel)
		}
	}
	if min(g.In.Height, g.In.Width, g.In.Channels, g.Out.Channels) < 1 {
		return fmt.Errorf("kernels: shapes %v to %v: every size must be at least 1", g.In, g.Out)
	}
	h, w := g.Size()
	if h < 1 || w < 1 || g.Out.Height != h || g.Out.Width != w {
		return fmt.Errorf("kernels: source %v gives %dx%d pixels, not %dx%d", g.In, h, w, g.Out.Height, g.Out.Width)
	}
	return nil
}

// CheckKernel reports whether a convolution can have that kernel and stride.
func CheckKernel(kernel, stride int) error {
	if kernel < 1 || kernel > MaxKernel || stride < 1 || stride > MaxStride {
		return fmt.Errorf("kernels: kernel %d with stride %d: kernels are 1..%d, strides 1..%d", kernel, stride, MaxKernel, MaxStride)
	}
	return nil
}

// Size is the height and width that the source gives; 0 or less where it is too small for the
// kernel.
func (g Geometry) Size() (height, width int) {
	size := func(n, before, after int) int {
		if g.Transposed {
			return (n-1)*g.Stride + g.Kernel - before - after
		}
		if n += before + after; n < g.Kernel {
			return 0
		}
		return (n-g.Kernel)/g.Stride + 1
	}
	return size(g.In.Height, g.Edges[Top], g.Edges[Bottom]), size(g.In.Width, g.Edges[Left], g.Edges[Right])
}

// A phase is a set of output pixels that read the source through the same taps: all pixels of a
// plain convolution, those of one residue of y and x modulo the stride of a transposed one
// (XNNPACK's subconvolution). Every output pixel is in one phase.
type phase struct {
	y0, x0     int // the first output pixel
	rows, cols int
	outStep    int // output pixels from one to the next
	inStep     int // source pixels from one to the next
	taps       []tap
	bias       []int32 // by output channel, less what the source's zero point adds
}

// A tap is one place of the kernel and the source pixel under it, relative to the output pixel's
// place in its phase.
type tap struct{ ky, kx, dy, dx int }

func (g Geometry) phases() []phase {
	if !g.Transposed {
		p := phase{rows: g.Out.Height, cols: g.Out.Width, outStep: 1, inStep: g.Stride}
		for ky := range g.Kernel {
			for kx := range g.Kernel {
				p.taps = append(p.taps, tap{ky, kx, ky - g.Edges[Top], kx - g.Edges[Left]})
			}
		}
		return []phase{p}
	}
	var phases []phase
	for y0 := range min(g.Stride, g.Out.Height) {
		for x0 := range min(g.Stride, g.Out.Width) {
			p := phase{y0: y0, x0: x0, outStep: g.Stride, inStep: 1}
			p.rows = (g.Out.Height - y0 + g.Stride - 1) / g.Stride
			p.cols = (g.Out.Width - x0 + g.Stride - 1) / g.Stride
			for ky := range g.Kernel {
				for kx := range g.Kernel {
					// Output y is source row (y+top-ky)/stride, where that is a whole number.
					y, x := y0+g.Edges[Top]-ky, x0+g.Edges[Left]-kx
					if y%g.Stride == 0 && x%g.Stride == 0 {
						p.taps = append(p.taps, tap{ky, kx, y / g.Stride, x / g.Stride})
					}
				}
			}
			phases = append(phases, p)
		}
	}
	return phases
}

// reach is how many pixels the taps of the phases look past the source's edges.
func (g Geometry) reach(phases []phase) int {
	reach := 0
	for _, p := range phases {
		for _, t := range p.taps {
			reach = max(reach, -t.dy, -t.dx,
				(p.rows-1)*p.inStep+t.dy-(g.In.Height-1), (p.cols-1)*p.inStep+t.dx-(g.In.Width-1))
		}
	}
	return reach
}

// A Conv is a convolution, plain or transposed, made for one backend. It is safe for concurrent
// use.
type Conv struct {
	Geometry
	backend *backend
	phases  []phase
	reach   int
	weight  []int8 // [out][ky][kx][in]
	scale   []float32
	rectifier
	source Layout
	tiled  *tiledConv
}

// NewConv returns the convolution with these weights, [out][ky][kx][in], and one bias and one scale
// per output channel. The slices are kept.
func (b Backend) NewConv(g Geometry, weight []int8, bias []int32, scale []float32) (*Conv, error) {
	return b.NewLeakyConv(g, Slopes{}, weight, bias, scale)
}

// NewLeakyConv is NewConv of a layer that reads or gives activations of leaky ReLUs. The bias is
// that of sums in which the source's zero point counts as 0.
func (b Backend) NewLeakyConv(g Geometry, s Slopes, weight []int8, bias []int32, scale []float32) (*Conv, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	if want := g.Out.Channels * g.Kernel * g.Kernel * g.In.Channels; len(weight) != want {
		return nil, fmt.Errorf("kernels: %d weights, want %d", len(weight), want)
	}
	if len(bias) != g.Out.Channels || len(scale) != g.Out.Channels {
		return nil, fmt.Errorf("kernels: %d biases and %d scales for %d channels", len(bias), len(scale), g.Out.Channels)
	}
	if err := s.CheckRange(weight, bias, scale, false); err != nil {
		return nil, err
	}
	c := &Conv{Geometry: g, backend: b.backend, phases: g.phases(), weight: weight, scale: scale, rectifier: newRectifier(s.Out)}
	zero := ZeroPoint(s.In)
	c.setBiases(bias, int32(zero))
	c.reach = g.reach(c.phases)
	c.source.Zero = zero
	if n := (Layout{Border: c.reach + 4, Pitch: g.In.Channels + 3}).bytes(g.In); n > maxMap {
		return nil, fmt.Errorf("kernels: a source map of %v with its border can take %d bytes, more than %d", g.In, n, maxMap)
	}
	b.packConv(c)
	return c, nil
}

// setBiases gives every phase its biases: from those of the layer is taken what the taps of the
// phase add where all of the source is the zero point.
func (c *Conv) setBiases(bias []int32, zero int32) {
	for i := range c.phases {
		p := &c.phases[i]
		if p.bias = bias; zero == 0 {
			continue
		}
		p.bias = slices.Clone(bias)
		for o := range p.bias {
			for _, t := range p.taps {
				for _, w := range c.kernel(o, t) {
					p.bias[o] -= zero * int32(w)
				}
			}
		}
	}
}

// SourceLayout is the layout that this operator's source map must have.
func (c *Conv) SourceLayout() Layout { return c.source }

// kernel returns the weights of one output channel at one tap, one per source channel.
func (c *Conv) kernel(out int, t tap) []int8 {
	at := ((out*c.Kernel+t.ky)*c.Kernel + t.kx) * c.In.Channels
	return c.weight[at : at+c.In.Channels]
}

// An Output is where a convolution leaves its results; one of the fields is set.
type Output struct {
	Map     *Map              // activations
	Pixels  []uint8           // the last layer's pixels, NHWC, looked up in Table
	Table   *[TableSize]uint8 // goes with Pixels
	Indices []uint16          // places in the table, for scoring
	Latent  []int16           // the encoder's last layer's fixed-point numbers, NHWC
}

// store writes output channel o of pixel (y, x).
func (out *Output) store(c *Conv, y, x, o int, acc int32) {
	at := (y*c.Out.Width+x)*c.Out.Channels + o
	switch {
	case out.Map != nil:
		out.Map.Data[out.Map.offset(y, x)+o] = c.rectifier.activation(acc, c.scale[o])
	case out.Pixels != nil:
		out.Pixels[at] = out.Table[TableIndex(acc, c.scale[o])]
	case out.Indices != nil:
		out.Indices[at] = TableIndex(acc, c.scale[o])
	default:
		out.Latent[at] = RequantizeLatent(acc, c.scale[o])
	}
}

// Run computes the layer. The source must have the layout that SourceLayout asks for.
func (c *Conv) Run(dst Output, src *Map) {
	checkMap(src, c.In)
	if src.Layout != c.source {
		panic(fmt.Sprintf("kernels: source map has the layout %+v, want %+v", src.Layout, c.source))
	}
	given := 0
	for _, has := range []bool{dst.Map != nil, dst.Pixels != nil, dst.Indices != nil, dst.Latent != nil} {
		if has {
			given++
		}
	}
	switch n := c.Out.Elements(); {
	case given != 1:
		panic("kernels: a convolution has exactly one output")
	case dst.Map != nil:
		checkMap(dst.Map, c.Out)
	case dst.Pixels != nil && (len(dst.Pixels) != n || dst.Table == nil):
		panic(fmt.Sprintf("kernels: %d pixels (table: %t), want %d and a table", len(dst.Pixels), dst.Table != nil, n))
	case dst.Indices != nil && len(dst.Indices) != n:
		panic(fmt.Sprintf("kernels: %d indices, want %d", len(dst.Indices), n))
	case dst.Latent != nil && len(dst.Latent) != n:
		panic(fmt.Sprintf("kernels: %d latent numbers, want %d", len(dst.Latent), n))
	}
	c.backend.conv(c, dst, src)
}

func checkMap(m *Map, s Shape) {
	if m.Height != s.Height || m.Width != s.Width || m.Channels != s.Channels {
		panic(fmt.Sprintf("kernels: map of %dx%dx%d, want %v", m.Height, m.Width, m.Channels, s))
	}
	if len(m.Data) != m.bytes(s) || len(m.Data) > maxMap || m.Border < 0 || m.Pitch < m.Channels {
		panic(fmt.Sprintf("kernels: %d bytes do not fit the layout %+v", len(m.Data), m.Layout))
	}
}
