package nn

import (
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// borders are those that the layouts of a convolution's input and output need at least: for
// the pictures that it reads, and in a backward pass the gradients.
func borders(c kernels.Geometry) (in, out kernels.Edges) {
	large, small := sides(c)
	var l, s kernels.Edges
	for i, n := range [2][2]int{{large.Height, small.Height}, {large.Width, small.Width}} {
		pad := c.Edges[2*i]
		l[2*i] = pad
		l[2*i+1] = max((n[1]-1)*c.Stride+c.Kernel-pad-n[0], 0)
		for y := range n[0] {
			// The small picture's rows that row y of the large one belongs to.
			if p := (y + pad) % c.Stride; p < c.Kernel {
				last := (y + pad) / c.Stride
				first := last - (c.Kernel-1-p)/c.Stride
				s[2*i] = max(s[2*i], -first)
				s[2*i+1] = max(s[2*i+1], last-(n[1]-1))
			}
		}
	}
	if c.Transposed {
		return s, l
	}
	return l, s
}

// sides are the layouts without borders of the picture that a convolution
// reads, which is the one that a transposed convolution writes, and of the other.
func sides(c kernels.Geometry) (large, small Layout) {
	in, out := layoutOf(c.In), layoutOf(c.Out)
	if c.Transposed {
		return out, in
	}
	return in, out
}

// convLayer runs a convolution over up to so many pictures at a time. Its weights are in Keras'
// order: [Kernel][Kernel][In][Out] for a convolution, [Kernel][Kernel][Out][In] for a transposed
// one. Any stride and edges will do, whatever the int8 kernels have; bottom and right edges of a
// transposed one below 0 add pixels.
type convLayer struct {
	kernels.Geometry

	backend      *sgemm.Backend
	images       int
	large, small Layout

	// The convolution's rows, one for every pixel of every small picture: where
	// its neighbourhood begins in the large picture and where it lies itself.
	gatherLarge, gatherSmall []int32
	gatherTaps               []int32 // the rows of a neighbourhood, Kernel pixels each
	gatherWeights            *sgemm.Packed

	phases []phase // of the transposed convolution
	blocks *blocks // or all of them at once, see inBlocks; else nil

	out, zeros []int32 // every pixel of the outputs; as many zeros

	// Of a narrow convolution: the places of matrix rows of Kernel*Kernel*Out
	// floats, one for every input pixel, and the weights [In][tap][Out].
	columns []int32
	turned  []float32
}

// phase is the part of a transposed convolution that writes the pixels of the large
// picture whose coordinates have the same remainders by the stride.
type phase struct {
	large, small []int32 // a row for every such pixel, as in convLayer
	taps         []int32
	run          int   // floats at every tap
	kernel       []int // which elements ky*Kernel+kx of the kernel, in the order of weights
	weights      *sgemm.Packed
}

// blocks are all phases of a transposed convolution at once: a block is Stride x Stride pixels, one
// of each phase, which read the same neighbourhood of the small picture. A block's pixels are one
// row of a product, which fills vectors where a pixel has few channels.
type blocks struct {
	small   []int32   // where the neighbourhoods begin
	large   []int32   // where the pixels lie, block by block, -1 where there is none
	columns []int32   // where the rows of products lie
	turned  []float32 // the weights [phase][large channel][tap][small channel]
	weights *sgemm.Packed
}

// newConv makes the tables of c for up to images pictures at a time. The
// layouts must have the sizes that c gives and at least its borders.
func newConv(b *sgemm.Backend, c kernels.Geometry, in, out Layout, images int) *convLayer {
	if c.Kernel < 1 || c.Stride < 1 || c.In.Channels < 1 || c.Out.Channels < 1 {
		panic(fmt.Sprintf("nn: convolution %+v: sizes must be positive", c))
	}
	l := &convLayer{Geometry: c, backend: b, images: images, large: in, small: out}
	if c.Transposed {
		l.large, l.small = out, in
	}
	large, small := sides(c)
	needIn, needOut := borders(c)
	if widest(in.Border, needIn) != in.Border || widest(out.Border, needOut) != out.Border {
		panic(fmt.Sprintf("nn: convolution %+v needs borders %v and %v, not %v and %v", c, needIn, needOut, in.Border, out.Border))
	}
	large.Border, small.Border = l.large.Border, l.small.Border
	if large != l.large || small != l.small || large.Len() < 1 || small.Len() < 1 {
		panic(fmt.Sprintf("nn: convolution %+v between layouts %+v and %+v", c, in, out))
	}

	s, k := c.Stride, c.Kernel
	for i := range images {
		for y := range small.Height {
			for x := range small.Width {
				l.gatherLarge = append(l.gatherLarge, int32(i*large.Size()+large.Offset(y*s-c.Edges[kernels.Top], x*s-c.Edges[kernels.Left])))
				l.gatherSmall = append(l.gatherSmall, int32(i*small.Size()+small.Offset(y, x)))
			}
		}
	}
	for ky := range k {
		l.gatherTaps = append(l.gatherTaps, int32(ky*large.rowStride()))
	}
	for py := range s {
		for px := range s {
			l.phases = append(l.phases, l.newPhase(py, px, images))
		}
	}
	if l.inBlocks() {
		l.blocks = l.newBlocks(images)
	}
	l.out = l.gatherSmall
	if c.Transposed {
		l.out = nil
		for _, p := range l.phases {
			l.out = append(l.out, p.large...)
		}
		slices.Sort(l.out) // picture by picture
	}
	l.zeros = make([]int32, len(l.out))
	if l.isNarrow() {
		l.turned = make([]float32, k*k*c.In.Channels*c.Out.Channels)
		l.gatherWeights = b.NewPacked(c.In.Channels, k*k*c.Out.Channels)
		for i := range images * c.In.Height * c.In.Width {
			l.columns = append(l.columns, int32(i*k*k*c.Out.Channels))
		}
	} else {
		l.gatherWeights = b.NewPacked(k*k*large.Channels, small.Channels)
	}
	return l
}

func (l *convLayer) newPhase(py, px, images int) phase {
	s, k, pad := l.Stride, l.Kernel, l.Edges
	var p phase
	// Elements of the kernel whose coordinates have remainders py and px, from
	// the last to the first: so they meet pixels of the small picture in order.
	var kys, kxs []int
	for i := k - 1; i >= 0; i-- {
		if i%s == py {
			kys = append(kys, i)
		}
		if i%s == px {
			kxs = append(kxs, i)
		}
	}
	if len(kys) == 0 || len(kxs) == 0 {
		kys, kxs = nil, nil // the stride is larger than the kernel: nothing but the bias
		p.taps = []int32{0}
	}
	for i, ky := range kys {
		p.taps = append(p.taps, int32(i*l.small.rowStride()))
		for _, kx := range kxs {
			p.kernel = append(p.kernel, ky*k+kx)
		}
	}
	p.run = len(kxs) * l.small.Channels
	if !l.inBlocks() {
		p.weights = l.backend.NewPacked(len(p.kernel)*l.small.Channels, l.large.Channels)
	}
	first := func(p, pad int) int { return ((p-pad)%s + s) % s }
	for i := range images {
		for y := first(py, pad[kernels.Top]); y < l.large.Height; y += s {
			for x := first(px, pad[kernels.Left]); x < l.large.Width; x += s {
				p.large = append(p.large, int32(i*l.large.Size()+l.large.Offset(y, x)))
				sy, sx := 0, 0
				if len(kys) > 0 {
					sy = (y+pad[kernels.Top])/s - (len(kys) - 1)
					sx = (x+pad[kernels.Left])/s - (len(kxs) - 1)
				}
				p.small = append(p.small, int32(i*l.small.Size()+l.small.Offset(sy, sx)))
			}
		}
	}
	return p
}

// newBlocks makes the blocks of a convolution whose stride divides the side of its kernel.
func (l *convLayer) newBlocks(images int) *blocks {
	s, taps := l.Stride, l.Kernel/l.Stride
	b := &blocks{}
	top, left := l.Edges[kernels.Top], l.Edges[kernels.Left]
	for i := range images {
		// The first and the last ones that have a pixel
		for by := top / s; by <= (l.large.Height-1+top)/s; by++ {
			for bx := left / s; bx <= (l.large.Width-1+left)/s; bx++ {
				b.columns = append(b.columns, int32(len(b.small)*s*s*l.large.Channels))
				b.small = append(b.small, int32(i*l.small.Size()+l.small.Offset(by-taps+1, bx-taps+1)))
				for p := range s * s {
					y, x := by*s+p/s-top, bx*s+p%s-left
					at := int32(-1)
					if y >= 0 && y < l.large.Height && x >= 0 && x < l.large.Width {
						at = int32(i*l.large.Size() + l.large.Offset(y, x))
					}
					b.large = append(b.large, at)
				}
			}
		}
	}
	rows, cols := taps*taps*l.small.Channels, s*s*l.large.Channels
	b.turned = make([]float32, rows*cols)
	b.weights = l.backend.NewPacked(rows, cols)
	return b
}

// narrow is the number of channels from which on a pixel fills a vector.
const narrow = 8

// isNarrow says that the layer has too few output channels to fill a vector with
// them. Instead every input pixel is multiplied by the weights of all taps at
// once, and the outputs are sums of those products.
func (l *convLayer) isNarrow() bool {
	return !l.Transposed && l.Stride == 1 && l.Out.Channels < narrow
}

// inBlocks says that all phases of the large picture are computed at once, see blocks: one of them
// would have too few channels to fill a vector.
func (l *convLayer) inBlocks() bool {
	return l.large.Channels < narrow && l.Stride > 1 && l.Kernel%l.Stride == 0
}

// Scratch is the number of floats of scratch memory that a pass over n pictures
// needs.
func (l *convLayer) Scratch(n int) int {
	if l.blocks != nil {
		return (1 + n*len(l.blocks.small)/l.images) * len(l.phases) * l.large.Channels
	}
	if !l.isNarrow() {
		return 0
	}
	return max(n*l.In.Height*l.In.Width*l.Kernel*l.Kernel*l.Out.Channels, l.Kernel*l.Kernel*l.In.Channels*l.Out.Channels)
}

// Pack takes the weights w for the passes to come: for Forward, and if backward
// is set, for Backward too.
func (l *convLayer) Pack(w []float32, backward bool) {
	if l.Transposed || backward {
		l.packScatter(w)
	}
	if !l.Transposed || backward {
		l.packGather(w)
	}
}

func (l *convLayer) packGather(w []float32) {
	if !l.isNarrow() {
		l.gatherWeights.Pack(w, l.small.Channels, 1)
		return
	}
	cl, cs, kk := l.large.Channels, l.small.Channels, l.Kernel*l.Kernel
	for t := range kk {
		for c := range cl {
			copy(l.turned[(c*kk+t)*cs:][:cs], w[(t*cl+c)*cs:])
		}
	}
	l.gatherWeights.Pack(l.turned, kk*cs, 1)
}

func (l *convLayer) packScatter(w []float32) {
	cl, cs := l.large.Channels, l.small.Channels
	if b := l.blocks; b != nil {
		for n, p := range l.phases {
			for i, k := range p.kernel {
				for o := range cl {
					copy(b.turned[(n*cl+o)*b.weights.Rows+i*cs:][:cs], w[(k*cl+o)*cs:])
				}
			}
		}
		b.weights.Pack(b.turned, 1, b.weights.Rows)
		return
	}
	for _, p := range l.phases {
		for i, k := range p.kernel {
			p.weights.PackRows(i*cs, cs, w[k*cl*cs:], 1, cs)
		}
	}
}

// Forward computes the outputs y of n pictures x.
func (l *convLayer) Forward(y, x, bias []float32, relu bool, n int, scratch []float32) {
	switch {
	case l.Transposed:
		l.scatter(y, x, bias, relu, n, scratch)
	case l.isNarrow():
		l.forwardNarrow(y, x, bias, relu, n, scratch)
	default:
		l.gather(y, x, bias, relu, n)
	}
}

// Backward takes n pictures x and the gradient dy of their outputs, with a
// border of zeros. It adds the gradients of weights and biases to dw and db,
// unless these are nil, and, unless dx is nil, sets dx to the gradient of x.
func (l *convLayer) Backward(dx, dw, db, dy, x []float32, n int, scratch []float32) {
	switch {
	case dw == nil:
	case l.Transposed:
		l.outer(dw, dy, x, n)
	case l.isNarrow():
		l.outerNarrow(dw, dy, x, n, scratch)
	default:
		l.outer(dw, x, dy, n)
	}
	if db != nil {
		l.sumPixels(db, dy, n)
	}
	if dx == nil {
		return
	}
	if l.Transposed {
		l.gather(dx, dy, nil, false, n)
	} else {
		l.scatter(dx, dy, nil, false, n, scratch)
	}
}

// sumPixels adds the gradient of the biases.
func (l *convLayer) sumPixels(db, dy []float32, n int) {
	if !l.isNarrow() {
		rows := n * (len(l.out) / l.images)
		l.backend.Outer(db, l.Out.Channels, one, l.zeros[:rows], nil, 1, dy, l.out[:rows], l.Out.Channels)
		return
	}
	for i := range n {
		for y := range l.small.Height {
			row := l.small.Row(dy, i, y)
			for c := range l.Out.Channels {
				var sum float32
				for x := c; x < len(row); x += l.Out.Channels {
					sum += row[x]
				}
				db[c] += sum
			}
		}
	}
}

// one is the left matrix of a product that only sums.
var one = []float32{1}

// gather is the convolution: each pixel of the small picture collects its
// neighbourhood in the large one.
func (l *convLayer) gather(small, large, bias []float32, relu bool, n int) {
	rows := n * l.small.Height * l.small.Width
	l.backend.Gemm(&sgemm.Gemm{
		A: large, AOff: l.gatherLarge[:rows], Taps: l.gatherTaps, K: l.Kernel * l.large.Channels,
		B: l.gatherWeights,
		C: small, COff: l.gatherSmall[:rows],
		Bias: bias, ReLU: relu,
	})
}

// scatter is the transposed convolution.
func (l *convLayer) scatter(large, small, bias []float32, relu bool, n int, scratch []float32) {
	if l.blocks != nil {
		l.scatterBlocks(large, small, bias, relu, n, scratch)
		return
	}
	for i := range l.phases {
		p := &l.phases[i]
		rows := n * (len(p.large) / l.images)
		l.backend.Gemm(&sgemm.Gemm{
			A: small, AOff: p.small[:rows], Taps: p.taps, K: p.run,
			B: p.weights,
			C: large, COff: p.large[:rows],
			Bias: bias, ReLU: relu,
		})
	}
}

// scatterBlocks is scatter by blocks: it computes them in scratch and copies their pixels to large.
func (l *convLayer) scatterBlocks(large, small, bias []float32, relu bool, n int, scratch []float32) {
	b, channels := l.blocks, l.large.Channels
	cols := len(l.phases) * channels
	rows := n * len(b.small) / l.images
	biases := scratch[:cols]
	products := scratch[cols:][:rows*cols]
	clear(biases)
	if bias != nil {
		for p := range l.phases {
			copy(biases[p*channels:], bias[:channels])
		}
	}
	l.backend.Gemm(&sgemm.Gemm{
		A: small, AOff: b.small[:rows], Taps: l.phases[0].taps, K: l.phases[0].run,
		B: b.weights,
		C: products, COff: b.columns[:rows],
		Bias: biases, ReLU: relu,
	})
	for i, at := range b.large[:rows*len(l.phases)] {
		if at >= 0 {
			for c, v := range products[i*channels:][:channels] {
				large[int(at)+c] = v
			}
		}
	}
}

// outer adds the gradient of the weights.
func (l *convLayer) outer(dw, large, small []float32, n int) {
	rows := n * l.small.Height * l.small.Width
	cl, cs := l.large.Channels, l.small.Channels
	l.backend.Outer(dw, cs, large, l.gatherLarge[:rows], l.gatherTaps, l.Kernel*cl, small, l.gatherSmall[:rows], cs)
}

// forwardNarrow computes the products of input pixels and taps, then sums them.
func (l *convLayer) forwardNarrow(y, x, bias []float32, relu bool, n int, scratch []float32) {
	k, out := l.Kernel, l.Out.Channels
	pixel := k * k * out // products of an input pixel
	rows := n * l.In.Height * l.In.Width
	l.backend.Gemm(&sgemm.Gemm{
		A: x, AOff: l.phases[0].large[:rows], K: l.In.Channels,
		B: l.gatherWeights,
		C: scratch, COff: l.columns[:rows],
	})
	for i := range n {
		for oy := range l.small.Height {
			sums := l.small.Row(y, i, oy)
			for j := range sums {
				sums[j] = bias[j%out]
			}
			for ky := range k {
				iy := oy + ky - l.Edges[kernels.Top]
				if iy < 0 || iy >= l.In.Height {
					continue
				}
				row := scratch[(i*l.In.Height+iy)*l.In.Width*pixel:][:l.In.Width*pixel]
				for kx := range k {
					// The first output pixel whose tap lies inside the picture
					first := max(l.Edges[kernels.Left]-kx, 0)
					end := min(l.In.Width+l.Edges[kernels.Left]-kx, l.small.Width)
					for c := range out {
						at := (first+kx-l.Edges[kernels.Left])*pixel + (ky*k+kx)*out + c
						for j := first*out + c; j < end*out; j += out {
							sums[j] += row[at]
							at += pixel
						}
					}
				}
			}
			if relu {
				for j, v := range sums {
					sums[j] = max(v, 0)
				}
			}
		}
	}
}

// outerNarrow adds the gradient of a narrow layer's weights: of the two factors the
// one with more channels is the right one.
func (l *convLayer) outerNarrow(dw, dy, x []float32, n int, scratch []float32) {
	p := &l.phases[0] // of all taps, from last to first
	rows := n * l.In.Height * l.In.Width
	products := scratch[:l.Kernel*l.Kernel*l.In.Channels*l.Out.Channels]
	clear(products)
	l.backend.Outer(products, l.In.Channels, dy, p.small[:rows], p.taps, p.run, x, p.large[:rows], l.In.Channels)
	for t := range p.kernel {
		for o := range l.Out.Channels {
			for c, v := range products[(t*l.Out.Channels+o)*l.In.Channels:][:l.In.Channels] {
				dw[(p.kernel[t]*l.In.Channels+c)*l.Out.Channels+o] += v
			}
		}
	}
}
