// Package linear puts the layers of a decoder or encoder together that another program has trained,
// whatever the format it came in: it follows a latent point, or a picture, through linear layers
// and activations, and has what is linear become a part of the layer before it or behind it, as far
// as that is exact. It computes in float64. What comes out are layers that package nn computes and
// the int8 arithmetic has.
package linear

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// An Activation is what becomes of a layer's sums.
type Activation string

// The activations. Each but None and Logits is positively homogeneous: a positive factor before it
// is one behind it.
const (
	None   Activation = "" // not yet
	ReLU   Activation = "relu"
	Leaky  Activation = "leaky_relu" // with a slope
	Logits Activation = "logits"     // the last layer's: a sigmoid makes pixels of them
	Latent Activation = "latent"     // the last of an encoder: means, then logarithms of variances
)

// source is the operation of the layer that a flow from a picture begins with: none. Its pixels
// are not negative, as what ReLU gives.
const source model.Op = "source"

// A Layer is linear, with an activation behind it. Maps are NHWC.
type Layer struct {
	Op      model.Op
	In, Out [3]int
	Kernel  int           // of convolutions; any, as the graph has them
	Stride  [2]int        // down and across
	Edges   kernels.Edges // as in model.Layer
	Weight  []float64     // [out][in] of dense layers, otherwise [out][ky][kx][in]
	Bias    []float64     // one for every channel, of a dense layer for every output
	To      Activation
	Slope   float64 // of Leaky
	From    []string
}

// apply computes what the layer gives for a source, without its bias and activation where they are
// not wanted.
func (l *Layer) apply(dst, src []float64, bias bool) {
	channels := len(l.Bias)
	for i := range dst {
		dst[i] = 0
		if bias {
			dst[i] = l.Bias[i%channels]
		}
	}
	if l.Op == model.Dense {
		for o := range dst {
			sum := 0.0
			for i, w := range l.Weight[o*len(src):][:len(src)] {
				sum += w * src[i]
			}
			dst[o] += sum
		}
		return
	}
	in, out, k := l.In[2], l.Out[2], l.Kernel
	// A pair is a pixel of the large side and one of the small, with the tap between them.
	pair := func(ky, kx, from, to int) {
		x := src[from*in:][:in]
		if !slices.ContainsFunc(x, func(v float64) bool { return v != 0 }) {
			return
		}
		for o := range out {
			sum := 0.0
			for i, w := range l.Weight[((o*k+ky)*k+kx)*in:][:in] {
				sum += w * x[i]
			}
			dst[to*out+o] += sum
		}
	}
	small, large := l.Out, l.In
	if l.Op == model.ConvTranspose {
		small, large = l.In, l.Out
	}
	for y := range small[0] {
		for x := range small[1] {
			for ky := range k {
				for kx := range k {
					ly, lx := y*l.Stride[0]+ky-l.Edges[kernels.Top], x*l.Stride[1]+kx-l.Edges[kernels.Left]
					if ly < 0 || lx < 0 || ly >= large[0] || lx >= large[1] {
						continue
					}
					from, to := ly*large[1]+lx, y*small[1]+x
					if l.Op == model.ConvTranspose {
						from, to = to, from
					}
					pair(ky, kx, from, to)
				}
			}
		}
	}
}

// activate applies the activation, but for that of logits, to sums.
func (l *Layer) activate(sums []float64) {
	for i, v := range sums {
		if v < 0 && l.To == ReLU {
			sums[i] = 0
		} else if v < 0 && l.To == Leaky {
			sums[i] = l.Slope * v
		}
	}
}

// outputs is what the layer gives for a source.
func (l *Layer) outputs(src []float64) []float64 {
	if l.Op == source {
		return src
	}
	sums := make([]float64, Elements(l.Out[:]))
	l.apply(sums, src, true)
	l.activate(sums)
	return sums
}

// scaled multiplies what the layer gives, channel by channel or, of a dense layer, output by
// output, and adds to it.
func (l *Layer) scaled(factor, shift []float64) *Layer {
	c := *l
	c.Weight, c.Bias = slices.Clone(l.Weight), slices.Clone(l.Bias)
	each := len(c.Weight) / len(c.Bias)
	for o := range c.Bias {
		for i := range each {
			c.Weight[o*each+i] *= factor[o]
		}
		c.Bias[o] = c.Bias[o]*factor[o] + shift[o]
	}
	return &c
}

// channel is the number of the channel, or of a dense layer the output, that element i of what the
// layer gives belongs to.
func (l *Layer) channel(i int) int {
	if l.Op == model.Dense {
		return i
	}
	return i % l.Out[2]
}

// Fit makes the kernel of a convolution square and without gaps, and its edges such as the format
// has them, where zeros in the kernel do that, and sets what follows: Kernel, Edges and Out.
// Weights are [out][down][across][in] of such a size and dilation, down and across; edges are those
// at the start and the end, down, then across.
//
// A row more at the end of a kernel of zeros makes what a transposed convolution gives a row
// larger, which is what an edge of -1 asks for: of its bias alone.
func (l *Layer) Fit(size, dilation [2]int, edges [4]int) error {
	in, out := l.In[2], len(l.Bias)
	if out < 1 {
		return errors.New("it gives no channels")
	}
	kernel := 1
	for axis := range 2 {
		whole := (size[axis]-1)*dilation[axis] + 1
		if l.Op == model.ConvTranspose {
			whole += max(0, -edges[2*axis+1])
		}
		kernel = max(kernel, whole)
	}
	if kernel > MaxReach {
		return fmt.Errorf("its kernel reaches over %d rows or columns, at most %d are possible", kernel, MaxReach)
	}
	if _, err := Size([]int{out, kernel * kernel, in}); err != nil {
		return err
	}
	square := make([]float64, out*kernel*kernel*in)
	for o := range out {
		for y := range size[0] {
			for x := range size[1] {
				copy(square[((o*kernel+y*dilation[0])*kernel+x*dilation[1])*in:][:in], l.Weight[((o*size[0]+y)*size[1]+x)*in:][:in])
			}
		}
	}
	for axis := range 2 {
		// Zeros at the end: a transposed convolution gives as many more, which are cropped; a plain
		// one needs as many more of zeros around its source.
		edges[2*axis+1] += kernel - (size[axis]-1)*dilation[axis] - 1
	}
	l.Weight, l.Kernel, l.Edges = square, kernel, edges
	if min(edges[0], edges[1], edges[2], edges[3]) < 0 {
		return fmt.Errorf("its output is cropped by %v rows and columns: negative ones cannot be had", edges)
	}
	l.Out[2] = out
	for axis := range 2 {
		g := kernels.Geometry{Transposed: l.Op == model.ConvTranspose, In: model.Shape(l.In), Kernel: kernel, Stride: l.Stride[axis], Edges: l.Edges}
		var sides [2]int
		if sides[0], sides[1] = g.Size(); sides[axis] < 1 {
			return fmt.Errorf("its source of %v is too small for it", model.Shape(l.In))
		}
		l.Out[axis] = sides[axis]
	}
	_, err := Size(l.Out[:])
	return err
}

// grows says that the layer and the repetition of every pixel before it are one layer that the
// format has, see grown.
func (l *Layer) grows() bool {
	e := l.Edges
	return l.Op == model.Conv && l.Stride == [2]int{1, 1} && l.Kernel < kernels.MaxKernel && min(e[0], e[1], e[2], e[3]) >= 0 && max(e[0], e[1], e[2], e[3]) < l.Kernel
}

// grown is the transposed convolution that does what repeating every pixel of the source twice in
// both directions and then the layer does, a plain convolution with stride 1 of any kernel.
//
// A pixel i of the source is pixels 2i and 2i+1 of the repeated one, which reach what is given
// through taps that lie one apart: the new kernel is the turned one added to itself one further.
func (l *Layer) grown() *Layer {
	k, in := l.Kernel, l.In[2]
	g := *l
	g.Op, g.Kernel, g.Stride = model.ConvTranspose, k+1, [2]int{2, 2}
	g.In = [3]int{l.In[0] / 2, l.In[1] / 2, in}
	for i := range g.Edges {
		g.Edges[i] = k - 1 - l.Edges[i]
	}
	g.Weight = make([]float64, l.Out[2]*(k+1)*(k+1)*in)
	for o := range l.Out[2] {
		for ky := range k {
			for kx := range k {
				from := l.Weight[((o*k+ky)*k+kx)*in:][:in]
				for dy := range 2 {
					for dx := range 2 {
						to := g.Weight[((o*(k+1)+k-1-ky+dy)*(k+1)+k-1-kx+dx)*in:][:in]
						for i, w := range from {
							to[i] += w
						}
					}
				}
			}
		}
	}
	return &g
}

// String describes the layer in a line.
func (l *Layer) String() string {
	s := string(l.Op)
	if l.Op != model.Dense {
		s += fmt.Sprintf(" k%d s%d", l.Kernel, l.Stride[0])
		if l.Stride[1] != l.Stride[0] {
			s += fmt.Sprintf("x%d", l.Stride[1])
		}
	}
	to := string(l.To)
	if l.To == Leaky {
		to += fmt.Sprintf(" %g", float32(l.Slope))
	}
	return fmt.Sprintf("%s %v to %v, %s", s, model.Shape(l.In), model.Shape(l.Out), to)
}
