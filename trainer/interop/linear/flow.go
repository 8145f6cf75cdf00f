package linear

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// A Flow is what has become of the latent point at some value of the graph: the layers so far, and
// how the value's elements stand in what the last of them gives. It does not change once made.
type Flow struct {
	Dims []int // of the value, for one picture
	// place is, for every element of the value, its place in what the last layer gives, which is in
	// NHWC order, or where grow is 2, in that map with every pixel repeated twice in both
	// directions
	place []int32
	grow  int

	done []*Layer // with their activations
	open *Layer   // linear until an activation comes; nil: the last of done is the last
	// What the elements that the last layer gives are multiplied by and what is added then; nil:
	// neither
	after *affine
	// Of logits, what the value is: factor * sigmoid(logit) + offset
	squashed       bool
	factor, offset float64
}

type affine struct{ factor, shift []float64 }

var errSquash = errors.New("a sigmoid or tanh before it, which is possible at the end only")

// Start is the latent point, as a dense layer that changes nothing.
func Start(dims []int) *Flow {
	n := Elements(dims)
	l := &Layer{Op: model.Dense, In: [3]int{1, 1, n}, Out: [3]int{1, 1, n}, Weight: make([]float64, n*n), Bias: make([]float64, n)}
	for i := range n {
		l.Weight[i*n+i] = 1
	}
	return &Flow{Dims: dims, place: count(n), grow: 1, open: l}
}

// Len is the number of elements for one picture.
func (f *Flow) Len() int { return len(f.place) }

// Held is how many numbers the value has in memory, without the layers before the last.
func (f *Flow) Held() int { return len(f.place) + len(f.last().Weight) }

// Values computes in float64 what the value is at a latent point, element by element.
func (f *Flow) Values(point []float64) []float64 {
	layers := f.done
	if f.open != nil {
		layers = append(slices.Clip(layers), f.open)
	}
	for _, l := range layers {
		point = l.outputs(point)
	}
	out, values := f.last().Out, make([]float64, len(f.place))
	for i, p := range f.place {
		if f.grow == 2 {
			pixel, c := int(p)/out[2], int(p)%out[2]
			y, x := pixel/(2*out[1])/2, pixel%(2*out[1])/2
			p = int32((y*out[1]+x)*out[2] + c)
		}
		v := point[p]
		if f.after != nil {
			v = v*f.after.factor[f.place[i]] + f.after.shift[f.place[i]]
		}
		if f.squashed {
			v = f.factor/(1+math.Exp(-v)) + f.offset
		}
		values[i] = v
	}
	return values
}

// Shaped is the flow with other dimensions, of as many elements in the same order.
func (f *Flow) Shaped(dims []int) *Flow {
	r := *f
	r.Dims = dims
	return &r
}

// Within says that the value is pixels already, and that none lies outside of these bounds.
func (f *Flow) Within(low, high float64) bool {
	return f.squashed && f.factor > 0 && low <= f.offset && high >= f.offset+f.factor
}

// Named notes that a node has made or changed the last layer of a flow that was another before it.
func (f *Flow) Named(before *Flow, node string) *Flow {
	r := *f
	switch {
	case f.open != nil && f.open != before.open:
		l := *f.open
		l.From = append(slices.Clip(l.From), node)
		r.open = &l
		return &r
	case f.open == nil && len(f.done) > len(before.done):
		l := *f.last()
		l.From = append(slices.Clip(l.From), node)
		r.done = append(slices.Clip(f.done[:len(f.done)-1]), &l)
		return &r
	}
	return f
}

func count(n int) []int32 {
	places := make([]int32, n)
	for i := range places {
		places[i] = int32(i)
	}
	return places
}

// last is the layer whose outputs the value is made of.
func (f *Flow) last() *Layer {
	if f.open != nil {
		return f.open
	}
	return f.done[len(f.done)-1]
}

// native is the shape of the map that place refers to.
func (f *Flow) native() [3]int {
	out := f.last().Out
	return [3]int{out[0] * f.grow, out[1] * f.grow, out[2]}
}

// Moved is the flow with its elements at other places of it.
func (f *Flow) Moved(dims []int, places []int32) *Flow {
	r := *f
	r.Dims = dims
	r.place = make([]int32, len(places))
	for i, p := range places {
		r.place[i] = f.place[p]
	}
	return &r
}

// Transposed is the flow with its dimensions in another order: dimension i of the result is
// dimension order[i].
func (f *Flow) Transposed(order ...int) *Flow { return f.Moved(Transposed(f.Dims, order)) }

// Transposed is the shape of a tensor whose dimensions are put in another order, dimension i being
// the one that was order[i], and the places that its elements had.
func Transposed(dims, order []int) (to []int, places []int32) {
	strides, n := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = n
		n *= dims[i]
	}
	for _, o := range order {
		to = append(to, dims[o])
	}
	places = make([]int32, 0, n)
	if n == 0 { // however large other dimensions are
		return to, places
	}
	var visit func(i, at int)
	visit = func(i, at int) {
		if i == len(order) {
			places = append(places, int32(at))
			return
		}
		for range to[i] {
			visit(i+1, at)
			at += strides[order[i]]
		}
	}
	visit(0, 0)
	return to, places
}

// Scaled multiplies the elements and adds to them.
func (f *Flow) Scaled(factor, shift []float64) (*Flow, error) {
	r := *f
	for i := range factor {
		if factor[i]-factor[i] != 0 || shift[i]-shift[i] != 0 {
			return nil, errors.New("it multiplies by or adds what is not finite")
		}
	}
	if f.squashed {
		for i := range factor {
			if factor[i] != factor[0] || shift[i] != shift[0] {
				return nil, errors.New("what comes after the sigmoid or tanh is not the same for all pixels")
			}
		}
		r.factor, r.offset = f.factor*factor[0], f.offset*factor[0]+shift[0]
		return &r, nil
	}
	l := f.last()
	// What an element is multiplied by, and what is added to it, its whole channel is.
	channels := f.nativeLen()
	if f.open != nil {
		channels = len(l.Bias)
	}
	a := affine{make([]float64, channels), make([]float64, channels)}
	seen := make([]bool, channels)
	for i := range a.factor {
		a.factor[i] = 1
	}
	for i, p := range f.place {
		c := int(p)
		if f.open != nil {
			c = l.channel(c)
		}
		if seen[c] && (a.factor[c] != factor[i] || a.shift[c] != shift[i]) {
			return nil, errors.New("it is not the same for all pixels of a channel, which only what a dense layer gives can be")
		}
		seen[c], a.factor[c], a.shift[c] = true, factor[i], shift[i]
	}
	if f.open != nil {
		r.open = l.scaled(a.factor, a.shift)
		return &r, nil
	}
	if f.after != nil {
		for i := range a.factor {
			a.shift[i] += a.factor[i] * f.after.shift[i]
			a.factor[i] *= f.after.factor[i]
		}
	}
	r.after = &a
	return &r, nil
}

// nativeLen is the number of elements of that map.
func (f *Flow) nativeLen() int { n := f.native(); return Elements(n[:]) }

// Activated closes the open layer.
func (f *Flow) Activated(to Activation, slope float64) (*Flow, error) {
	if f.squashed {
		return nil, errSquash
	}
	r := *f
	if f.open == nil {
		l := f.last()
		if to == Logits {
			return nil, errors.New("there is no layer between it and the activation before")
		}
		if l.To == ReLU && f.after == nil { // nothing negative is there to change
			return f, nil
		}
		return nil, errors.New("there is no layer between it and the activation before, and both together are none that is known")
	}
	l := *f.open
	l.To, l.Slope = to, slope
	r.open, r.done = nil, append(slices.Clip(f.done), &l)
	return &r, nil
}

// Leaky closes the open layer with leaky ReLU of any slope from 0, which is ReLU, to 1, which is
// nothing.
func (f *Flow) Leaky(slope float64) (*Flow, error) {
	switch {
	case slope == 0:
		return f.Activated(ReLU, 0)
	case slope == 1:
		return f, nil
	case slope > 0 && slope < 1:
		return f.Activated(Leaky, slope)
	}
	return nil, fmt.Errorf("its slope is %v, and must be 0 to 1", slope)
}

// Normalized is batch normalization with the statistics of training, of the channels that one axis
// of the value counts: scale * (x - mean) / sqrt(variance + epsilon) + shift.
func (f *Flow) Normalized(axis int, scale, shift, mean, variance []float64, epsilon float64) (*Flow, error) {
	each := Elements(f.Dims[axis+1:])
	factors, shifts := make([]float64, f.Len()), make([]float64, f.Len())
	for i := range factors {
		c := i / each % f.Dims[axis]
		if variance[c]+epsilon <= 0 {
			return nil, fmt.Errorf("the variance of channel %d is %v", c, variance[c])
		}
		factors[i] = scale[c] / math.Sqrt(variance[c]+epsilon)
		shifts[i] = shift[c] - mean[c]*factors[i]
	}
	return f.Scaled(factors, shifts)
}

// Squash ends the layers with a sigmoid, or with a tanh, which is 2*sigmoid(2x)-1.
func (f *Flow) Squash(tanh bool) (*Flow, error) {
	factor, offset := 1.0, 0.0
	if tanh {
		if f.open != nil && !f.squashed {
			n := len(f.place)
			var err error
			if f, err = f.Scaled(slices.Repeat([]float64{2}, n), make([]float64, n)); err != nil {
				return nil, err
			}
		}
		factor, offset = 2, -1
	}
	r, err := f.Activated(Logits, 0)
	if err != nil {
		return nil, err
	}
	r.squashed, r.factor, r.offset = true, factor, offset
	return r, nil
}

// Enlarged repeats every pixel in both directions.
func (f *Flow) Enlarged(by [2]int) (*Flow, error) {
	if len(f.Dims) != 3 {
		return nil, fmt.Errorf("it enlarges a value of shape %v, not maps", f.Dims)
	}
	if f.squashed {
		return nil, errSquash
	}
	dims := []int{f.Dims[0], f.Dims[1] * by[0], f.Dims[2] * by[1]}
	if _, err := Size(dims); err != nil {
		return nil, err
	}
	// What a dense layer gives is moved at will.
	if f.last().Op == model.Dense {
		places := make([]int32, 0, Elements(dims))
		for c := range dims[0] {
			for y := range dims[1] {
				for x := range dims[2] {
					places = append(places, int32((c*f.Dims[1]+y/by[0])*f.Dims[2]+x/by[1]))
				}
			}
		}
		return f.Moved(dims, places), nil
	}
	if by != [2]int{2, 2} {
		return nil, fmt.Errorf("it enlarges maps by %v: only twice in both directions is possible", by)
	}
	if f.open != nil {
		return nil, errors.New("there is no activation between it and the layer before")
	}
	if f.after != nil {
		return nil, errors.New("what is multiplied or added after the activation before it")
	}
	var err error
	if f, err = f.resized(); err != nil {
		return nil, err
	}
	if !f.maps() {
		return nil, errors.New("its source is not maps as the layer before gives them")
	}
	r := *f
	r.grow, r.Dims = 2, dims
	r.place = mapPlaces(dims)
	return &r, nil
}

// mapPlaces is where the elements of channels, rows and columns stand in NHWC order.
func mapPlaces(dims []int) []int32 {
	places := make([]int32, 0, Elements(dims))
	for c := range dims[0] {
		for y := range dims[1] {
			for x := range dims[2] {
				places = append(places, int32((y*dims[2]+x)*dims[0]+c))
			}
		}
	}
	return places
}

// maps says that the value is channels, rows and columns of just the map that the last layer gives.
func (f *Flow) maps() bool {
	n := f.native()
	return slices.Equal(f.Dims, []int{n[2], n[0], n[1]}) && slices.Equal(f.place, mapPlaces(f.Dims))
}

// resized makes a layer of an enlargement that no convolution has taken in: one that copies every
// pixel four times. Of what ReLU gives, ReLU changes nothing.
func (f *Flow) resized() (*Flow, error) {
	if f.grow == 1 {
		return f, nil
	}
	if f.last().To != ReLU {
		return nil, errors.New("maps are enlarged before it, which are not those of ReLU")
	}
	in := f.last().Out
	if _, err := Size([]int{in[2], 4, in[2]}); err != nil {
		return nil, err
	}
	l := &Layer{Op: model.ConvTranspose, In: in, Out: f.native(), Kernel: 2, Stride: [2]int{2, 2}, To: ReLU, From: []string{"the enlargement"}}
	l.Weight, l.Bias = make([]float64, in[2]*4*in[2]), make([]float64, in[2])
	for c := range in[2] {
		for k := range 4 {
			l.Weight[(c*4+k)*in[2]+c] = 1
		}
	}
	r := *f
	r.grow, r.done = 1, append(slices.Clip(f.done), l)
	return &r, nil
}

// arranged makes the value maps of its own channels, rows and columns, as a convolution reads them.
// What a dense layer gives is put in the order that is wanted, and what nobody reads is left out.
// dims are three.
func (f *Flow) arranged() (*Flow, error) {
	if f.maps() {
		return f, nil
	}
	l := f.last()
	if l.Op != model.Dense || f.grow != 1 {
		return nil, errors.New("its source is not maps as the layer before gives them: they were reshaped, transposed or cut")
	}
	r := *f
	r.place = mapPlaces(f.Dims)
	rows := make([]int32, len(f.place))
	for i, p := range f.place {
		rows[r.place[i]] = p
	}
	c := l.rows(rows, [3]int{f.Dims[1], f.Dims[2], f.Dims[0]})
	if f.open != nil {
		r.open = c
		return &r, nil
	}
	r.done = append(slices.Clip(f.done[:len(f.done)-1]), c)
	if f.after != nil {
		a := affine{}
		for _, p := range rows {
			a.factor, a.shift = append(a.factor, f.after.factor[p]), append(a.shift, f.after.shift[p])
		}
		r.after = &a
	}
	return &r, nil
}

// rows is a dense layer with these of its outputs, in this order.
func (l *Layer) rows(rows []int32, out [3]int) *Layer {
	c := *l
	n := len(l.Weight) / len(l.Bias)
	c.Out, c.Weight, c.Bias = out, make([]float64, 0, len(rows)*n), make([]float64, 0, len(rows))
	for _, p := range rows {
		c.Weight = append(c.Weight, l.Weight[int(p)*n:][:n]...)
		c.Bias = append(c.Bias, l.Bias[p])
	}
	return &c
}

// maxWork is the most multiplications that putting two layers together may take.
const maxWork = 1 << 34

// Through takes the value through a linear layer. A convolution's reads its channels, rows and
// columns; a dense one the elements in their order.
func (f *Flow) Through(l *Layer) (*Flow, error) {
	if f.squashed {
		return nil, errSquash
	}
	var err error
	if l.Op != model.Dense {
		if f.grow == 2 && f.maps() && l.grows() {
			r := *f
			r.grow = 1
			return r.behind(l.grown())
		}
		if f, err = f.resized(); err != nil {
			return nil, err
		}
		if f, err = f.arranged(); err != nil {
			return nil, err
		}
	} else {
		if f, err = f.resized(); err != nil {
			return nil, err
		}
		// The weights in the order in which the layer before gives its outputs.
		n, source := f.nativeLen(), len(f.place)
		if _, err := Size([]int{n, len(l.Bias)}); err != nil {
			return nil, err
		}
		c := *l
		c.In = f.native()
		c.Weight = make([]float64, n*len(l.Bias))
		for o := range l.Bias {
			for i, p := range f.place {
				c.Weight[o*n+int(p)] += l.Weight[o*source+i]
			}
		}
		l = &c
	}
	return f.behind(l)
}

// behind adds a layer that reads just what the last one gives.
func (f *Flow) behind(l *Layer) (*Flow, error) {
	r := &Flow{grow: 1, done: f.done}
	if l.Op == model.Dense {
		r.Dims = []int{l.Out[2]}
		r.place = count(l.Out[2])
	} else {
		r.Dims = []int{l.Out[2], l.Out[0], l.Out[1]}
		r.place = mapPlaces(r.Dims)
	}
	switch {
	case f.open == nil:
		c, before, err := l.reading(f.last(), f.after)
		if err != nil {
			return nil, err
		}
		r.open, r.done = c, append(slices.Clip(f.done[:len(f.done)-1]), before)
		return r, nil
	case f.open.Op == model.Dense:
		work := float64(Elements(f.open.In[:])+1) * float64(len(l.Weight))
		if l.Op != model.Dense {
			work *= float64(min(l.In[0]*l.In[1], l.Out[0]*l.Out[1]))
		}
		outputs := Elements(l.Out[:])
		if work > maxWork || outputs*Elements(f.open.In[:]) > MaxElements {
			return nil, fmt.Errorf("there is no activation between it and %s, and both as one dense layer would be too large", f.open.names())
		}
		r.open = f.open.with(l)
		return r, nil
	case l.Op != model.Dense && l.Kernel == 1 && l.Stride == [2]int{1, 1} && l.Edges == (kernels.Edges{}):
		if _, err := Size([]int{len(f.open.Weight) / len(f.open.Bias), len(l.Bias)}); err != nil {
			return nil, err
		}
		r.open = f.open.mixed(l)
		return r, nil
	}
	return nil, fmt.Errorf("there is no activation between it and %s", f.open.names())
}

// with is a dense layer and, without anything between, another layer: one dense layer.
func (l *Layer) with(next *Layer) *Layer {
	in, middle, outputs := Elements(l.In[:]), Elements(l.Out[:]), Elements(next.Out[:])
	c := &Layer{Op: model.Dense, In: l.In, Out: next.Out, From: slices.Concat(l.From, next.From)}
	c.Weight, c.Bias = make([]float64, outputs*in), make([]float64, outputs)
	next.apply(c.Bias, l.Bias, true)
	column, sums := make([]float64, middle), make([]float64, outputs)
	for i := range in {
		for m := range middle {
			column[m] = l.Weight[m*in+i]
		}
		next.apply(sums, column, false)
		for o, v := range sums {
			c.Weight[o*in+i] = v
		}
	}
	return c
}

// mixed is a convolution and, without anything between, one of kernel 1: one convolution.
func (l *Layer) mixed(next *Layer) *Layer {
	c := *l
	c.Out[2] = next.Out[2]
	c.From = slices.Concat(l.From, next.From)
	each, middle := len(l.Weight)/len(l.Bias), len(l.Bias)
	c.Weight, c.Bias = make([]float64, each*next.Out[2]), slices.Clone(next.Bias)
	for o := range next.Out[2] {
		for m, w := range next.Weight[o*middle:][:middle] {
			for i := range each {
				c.Weight[o*each+i] += w * l.Weight[m*each+i]
			}
			c.Bias[o] += w * l.Bias[m]
		}
	}
	return &c
}

// reading is a layer that reads what another gives after factors and shifts, and that other. A
// shift becomes a channel that is 1 everywhere, because zeros are what a convolution finds around
// its source.
func (l *Layer) reading(before *Layer, a *affine) (after, first *Layer, err error) {
	if a == nil {
		return l, before, nil
	}
	c := *l
	c.Weight, c.Bias = slices.Clone(l.Weight), slices.Clone(l.Bias)
	in := l.In[2]
	if l.Op == model.Dense {
		in = Elements(l.In[:])
		for o := range c.Bias {
			for i := range in {
				c.Bias[o] += c.Weight[o*in+i] * a.shift[i]
				c.Weight[o*in+i] *= a.factor[i]
			}
		}
		return &c, before, nil
	}
	constant := false
	for i := range a.factor {
		if a.factor[i] != a.factor[i%in] || a.shift[i] != a.shift[i%in] {
			return nil, nil, errors.New("what is multiplied or added before it is not the same for all pixels of a channel")
		}
		constant = constant || a.shift[i] != 0
	}
	// Without zeros around its source, every output has all of a shift.
	whole := l.Op == model.Conv && max(l.Edges[0], l.Edges[1], l.Edges[2], l.Edges[3]) <= 0
	if whole {
		constant = false
	}
	wide := in
	if constant {
		wide++
	}
	c.In[2] = wide
	c.Weight = make([]float64, len(l.Weight)/in*wide)
	for row := range len(l.Weight) / in {
		for i := range in {
			w := l.Weight[row*in+i]
			c.Weight[row*wide+i] = w * a.factor[i]
			if whole {
				c.Bias[row/(l.Kernel*l.Kernel)] += w * a.shift[i]
			}
			if constant {
				c.Weight[row*wide+in] += w * a.shift[i]
			}
		}
	}
	if !constant {
		return &c, before, nil
	}
	if before.Op == source {
		return nil, nil, errors.New("pixels are shifted before a convolution, which pads with zeros: train it on pixels from 0 to 1")
	}
	return &c, before.one(), nil
}

// one is the layer with a channel more, which is 1 everywhere.
func (l *Layer) one() *Layer {
	c := *l
	c.Out[2]++
	n := len(l.Weight) / len(l.Bias)
	if l.Op != model.Dense {
		c.Weight = append(slices.Clip(l.Weight), make([]float64, n)...)
		c.Bias = append(slices.Clip(l.Bias), 1)
		return &c
	}
	c.Weight, c.Bias = nil, nil
	for p := range l.Out[0] * l.Out[1] {
		c.Weight = append(append(c.Weight, l.Weight[p*l.Out[2]*n:][:l.Out[2]*n]...), make([]float64, n)...)
		c.Bias = append(append(c.Bias, l.Bias[p*l.Out[2]:][:l.Out[2]]...), 1)
	}
	return &c
}

func (l *Layer) names() string {
	if len(l.From) == 0 {
		return "the latent point"
	}
	return l.From[len(l.From)-1]
}
