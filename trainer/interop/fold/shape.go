package fold

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vae-edge/vae-edge/trainer/interop/linear"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
)

func dropout(c *call) (value, error) {
	training, err := c.floats(2, 1)
	if err == nil && training != nil && training[0] != 0 {
		err = errors.New("it is that of training: export the model for inference")
	}
	if err != nil {
		return value{}, err
	}
	return same(c)
}

func cast(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	to := onnx.Type(c.Int("to", 0))
	whole := to.Whole()
	switch {
	case to == onnx.Float16 || to == onnx.BFloat16:
		return v, fmt.Errorf("it rounds to %v: export the model in float32", to)
	case v.flow != nil && whole:
		return v, errors.New("it makes whole numbers of what depends on " + c.from)
	case v.flow != nil:
	case whole && v.array.whole == nil:
		r := &array{dims: v.array.dims, whole: []size{}}
		for _, x := range v.array.float {
			if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
				return v, fmt.Errorf("it makes a whole number of %v", x)
			}
			r.whole = append(r.whole, size{n: int64(x)})
		}
		return value{array: r}, nil
	case !whole && v.array.whole != nil && !slices.ContainsFunc(v.array.whole, func(s size) bool { return s.batch }):
		x, err := v.array.floats()
		return value{array: &array{dims: v.array.dims, float: x}}, err
	}
	return v, nil
}

func constantNode(c *call) (value, error) {
	for _, a := range c.Attributes {
		switch a.Name {
		case "value":
			if a.Tensor != nil {
				return value{array: constant(a.Tensor)}, nil
			}
		case "value_int":
			return value{array: &array{whole: []size{{n: a.Int}}}}, nil
		case "value_ints":
			return value{array: vector(a.Ints)}, nil
		case "value_float":
			return value{array: &array{float: []float64{float64(a.Float)}}}, nil
		case "value_floats":
			r := &array{dims: []int{len(a.Floats)}}
			for _, v := range a.Floats {
				r.float = append(r.float, float64(v))
			}
			return value{array: r}, nil
		}
	}
	return value{}, errors.New("its value is of a kind that is not read")
}

// maxMade is the most that ConstantOfShape makes, which shapes are made of.
const maxMade = 1 << 12

func constantOfShape(c *call) (value, error) {
	a, err := c.constant(0)
	if err == nil && a == nil {
		err = errors.New("its shape is missing")
	}
	if err != nil {
		return value{}, err
	}
	sizes, err := a.ints()
	if err != nil {
		return value{}, err
	}
	dims := make([]int, 0, len(sizes))
	for _, n := range sizes {
		dims = append(dims, int(min(max(n, -1), linear.MaxElements+1)))
	}
	n, err := linear.Size(dims)
	if err != nil {
		return value{}, err
	}
	if n > maxMade {
		return value{}, fmt.Errorf("it makes %d elements of nothing", n)
	}
	of := &array{dims: []int{1}, float: []float64{0}}
	if v := c.Attribute("value"); v != nil && v.Tensor != nil && v.Tensor.Len() == 1 {
		of = constant(v.Tensor)
	}
	return value{array: of.taken(dims, make([]int32, n))}, nil
}

func shapeOf(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	var whole []size
	if v.flow != nil {
		whole = append(whole, c.batch)
		v.array = &array{dims: v.flow.Dims}
	}
	for _, d := range v.array.dims {
		whole = append(whole, size{n: int64(d)})
	}
	n := int64(len(whole))
	from, to := c.Int("start", 0), c.Int("end", n)
	for _, at := range []*int64{&from, &to} {
		if *at < 0 {
			*at += n
		}
		*at = min(max(*at, 0), n)
	}
	whole = whole[from:max(from, to)]
	return value{array: &array{dims: []int{len(whole)}, whole: append([]size{}, whole...)}}, nil
}

func gather(c *call) (value, error) {
	a, err := c.constant(0)
	if err != nil {
		return value{}, err
	}
	b, err := c.constant(1)
	if err != nil {
		return value{}, err
	}
	if a == nil || b == nil || len(a.dims) != 1 || c.Int("axis", 0) > 0 {
		return value{}, errors.New("it takes elements of something else than a vector")
	}
	at, err := b.ints()
	if err != nil {
		return value{}, err
	}
	places := make([]int32, 0, len(at))
	for _, i := range at {
		p, err := axis(i, a.len())
		if err != nil {
			return value{}, err
		}
		places = append(places, int32(p))
	}
	return value{array: a.taken(b.dims, places)}, nil
}

// slice takes a part of constants, or crops maps.
func slice(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	from, err := c.ints(1, "starts")
	if err != nil {
		return v, err
	}
	to, err := c.ints(2, "ends")
	if err != nil {
		return v, err
	}
	axes, err := c.ints(3, "axes")
	if err != nil {
		return v, err
	}
	steps, err := c.ints(4, "")
	if err != nil {
		return v, err
	}
	var dims []int
	if v.flow != nil {
		dims = append([]int{1}, v.flow.Dims...)
	} else {
		dims = slices.Clone(v.array.dims)
	}
	if axes == nil {
		for i := range from {
			axes = append(axes, int64(i))
		}
	}
	if len(to) != len(from) || len(axes) != len(from) || steps != nil && len(steps) != len(from) {
		return v, errors.New("its operands do not have the same number of elements")
	}
	whole, first := slices.Clone(dims), make([]int, len(dims))
	for i := range from {
		k, err := axis(axes[i], len(dims))
		if err != nil {
			return v, err
		}
		if steps != nil && steps[i] != 1 {
			return v, fmt.Errorf("it takes every %d. element", steps[i])
		}
		n := int64(whole[k])
		a, b := from[i], to[i]
		if a < 0 {
			a += n
		}
		if b < 0 {
			b += n
		}
		a, b = min(max(a, 0), n), min(max(b, 0), n)
		if v.flow != nil && k == 0 {
			if a != 0 || to[i] < math.MaxInt32 {
				return v, errBatch
			}
			continue
		}
		first[k], dims[k] = int(a), int(max(b-a, 0))
	}
	return cut(v, whole, first, dims)
}

// cut takes dims elements of a value of shape whole, from the element first on.
func cut(v value, whole, first, dims []int) (value, error) {
	strides := strides(whole)
	places := make([]int32, linear.Elements(dims))
	index := make([]int, len(dims))
	for i := range places {
		at := 0
		for k := range index {
			at += (first[k] + index[k]) * strides[k]
		}
		places[i] = int32(at)
		next(index, dims)
	}
	if v.flow == nil {
		return value{array: v.array.taken(dims, places)}, nil
	}
	if len(places) == 0 {
		return v, errors.New("it leaves nothing")
	}
	return value{flow: v.flow.Moved(dims[1:], places)}, nil
}

// split cuts what depends on the input into parts, such as means and variances.
func split(c *call) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	whole := append([]int{1}, f.Dims...)
	along := int64(0)
	if a := c.Attribute("axis"); a != nil {
		along = a.Int
	}
	k, err := axis(along, len(whole))
	if err != nil {
		return value{}, err
	}
	if k == 0 {
		return value{}, errBatch
	}
	sizes, err := c.ints(1, "split")
	if err != nil {
		return value{}, err
	}
	n := len(c.Outputs)
	if sizes == nil { // equal ones, and of what does not divide the last is smaller
		each := (whole[k] + n - 1) / max(n, 1)
		for i := range n {
			sizes = append(sizes, int64(min(each, whole[k]-i*each)))
		}
	}
	total := int64(0)
	for _, s := range sizes {
		if s < 1 || s > int64(whole[k]) {
			return value{}, fmt.Errorf("it cuts a part of %d of %d", s, whole[k])
		}
		total += s
	}
	if len(sizes) != n || n == 0 || total != int64(whole[k]) {
		return value{}, fmt.Errorf("it cuts %d into %v, for %d outputs", whole[k], sizes, n)
	}
	first := make([]int, len(whole))
	var parts []value
	for _, s := range sizes {
		dims := slices.Clone(whole)
		dims[k] = int(s)
		part, err := cut(value{flow: f}, whole, first, dims)
		if err != nil {
			return part, err
		}
		parts = append(parts, part)
		first[k] += int(s)
	}
	c.more = parts[1:]
	return parts[0], nil
}

func concat(c *call) (value, error) {
	r := &array{dims: []int{0}}
	for i := range c.operands {
		a, err := c.constant(i)
		if err != nil {
			return value{}, err
		}
		if a == nil || len(a.dims) != 1 || i > 0 && (a.whole == nil) != (r.whole == nil) {
			return value{}, errors.New("it joins something else than vectors of one kind")
		}
		if r.dims[0] += a.dims[0]; r.dims[0] > linear.MaxElements {
			return value{}, fmt.Errorf("it has more than %d elements", linear.MaxElements)
		}
		r.float = append(r.float, a.float...)
		if i == 0 && a.whole != nil {
			r.whole = []size{}
		}
		r.whole = append(r.whole, a.whole...)
	}
	return value{array: r}, nil
}

func squeeze(c *call) (value, error) {
	axes, err := c.ints(1, "axes")
	if err != nil {
		return value{}, err
	}
	return c.ranked(func(dims []int) ([]int, error) {
		drop := map[int]bool{}
		for _, a := range axes {
			k, err := axis(a, len(dims))
			if err != nil {
				return nil, err
			}
			if dims[k] != 1 {
				return nil, fmt.Errorf("it drops axis %d of %v", k, dims)
			}
			drop[k] = true
		}
		var r []int
		for k, d := range dims {
			if !drop[k] && !(len(axes) == 0 && d == 1) {
				r = append(r, d)
			}
		}
		return r, nil
	})
}

func unsqueeze(c *call) (value, error) {
	axes, err := c.ints(1, "axes")
	if err != nil {
		return value{}, err
	}
	return c.ranked(func(dims []int) ([]int, error) {
		rank := len(dims) + len(axes)
		if rank > 8 {
			return nil, fmt.Errorf("it has %d dimensions", rank)
		}
		ones := map[int]bool{}
		for _, a := range axes {
			k, err := axis(a, rank)
			if err != nil {
				return nil, err
			}
			if ones[k] {
				return nil, fmt.Errorf("axis %d is there twice", k)
			}
			ones[k] = true
		}
		r, at := make([]int, rank), 0
		for k := range r {
			if r[k] = 1; !ones[k] {
				r[k] = dims[at]
				at++
			}
		}
		return r, nil
	})
}

// anyBatch stands for the number of pictures among dimensions. It is no size that may be.
const anyBatch = -2

// ranked gives operand 0 other dimensions with the same elements.
func (c *call) ranked(to func(dims []int) ([]int, error)) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	if v.flow == nil {
		dims, err := to(v.array.dims)
		return value{array: v.array.shaped(dims)}, err
	}
	dims, err := to(append([]int{anyBatch}, v.flow.Dims...))
	if err != nil {
		return v, err
	}
	if len(dims) == 0 || dims[0] != anyBatch || linear.Elements(dims[1:]) != linear.Elements(v.flow.Dims) {
		return v, errors.New("it moves the dimension of the batch, which must stay the first")
	}
	return value{flow: v.flow.Shaped(dims[1:])}, nil
}

func reshape(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	a := vector(c.Ints("shape"))
	if len(c.operands) > 1 {
		if a, err = c.constant(1); err != nil {
			return v, err
		}
	}
	if a == nil || a.whole == nil || len(a.whole) > 8 {
		return v, errors.New("its shape is not that of a tensor")
	}
	keep := c.Int("allowzero", 0) == 0
	if v.flow == nil {
		dims, err := reshaped(v.array.dims, a.whole, keep)
		return value{array: v.array.shaped(dims)}, err
	}
	// The first dimension is to stay that of the batch.
	if len(a.whole) == 0 {
		return v, errors.New("its shape is that of a single number")
	}
	first := a.whole[0]
	switch {
	case first == c.batch, first.n == 0 && !first.batch && keep, first == size{n: -1}:
	default:
		return v, fmt.Errorf("it makes one picture of several, or several of one: the first dimension must stay that of the batch, and becomes %d", first.n)
	}
	rest := slices.Clone(a.whole[1:])
	if keep { // 0 stands for the dimension of the source at this place
		for i, s := range rest {
			if s == (size{}) {
				if i >= len(v.flow.Dims) {
					return v, errors.New("its shape has a 0 where its source has no dimension")
				}
				rest[i].n = int64(v.flow.Dims[i])
			}
		}
	}
	if first == (size{n: -1}) && slices.Contains(rest, size{n: -1}) {
		return v, errors.New("its shape has -1 twice")
	}
	dims, err := reshaped(v.flow.Dims, rest, false)
	if err != nil {
		return v, err
	}
	return value{flow: v.flow.Shaped(dims)}, nil
}

// reshaped are the dimensions that a shape stands for, for a source of these.
func reshaped(dims []int, shape []size, keep bool) ([]int, error) {
	total := linear.Elements(dims)
	r, unknown, known := make([]int, len(shape)), -1, 1
	for i, s := range shape {
		switch {
		case s.batch:
			return nil, errBatch
		case s.n == 0 && keep && i < len(dims):
			r[i] = dims[i]
		case s.n == -1 && unknown < 0:
			unknown = i
			continue
		case s.n < 0 || s.n > int64(total):
			return nil, fmt.Errorf("it makes %v of %v", s.n, dims)
		default:
			r[i] = int(s.n)
		}
		if known *= r[i]; known > total {
			return nil, fmt.Errorf("it makes more than %d elements of %v", total, dims)
		}
	}
	if unknown >= 0 {
		if known == 0 || total%known != 0 {
			return nil, fmt.Errorf("the elements of %v are no multiple of %d", dims, known)
		}
		r[unknown] = total / known
		known = total
	}
	if known != total {
		return nil, fmt.Errorf("it makes %v of %v, which has other elements: one picture must not become several", r, dims)
	}
	return r, nil
}

func flatten(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	if v.flow == nil {
		return v, errors.New("its source is constant")
	}
	if a := c.Int("axis", 1); a != 1 && a != -int64(len(v.flow.Dims)) {
		return v, fmt.Errorf("axis %d: the first dimension must stay that of the batch", a)
	}
	return value{flow: v.flow.Shaped([]int{linear.Elements(v.flow.Dims)})}, nil
}

func transpose(c *call) (value, error) {
	v, err := same(c)
	if err != nil {
		return v, err
	}
	rank := 0
	if v.flow != nil {
		rank = len(v.flow.Dims) + 1
	} else {
		rank = len(v.array.dims)
	}
	var perm []int
	for _, p := range c.Ints("perm") {
		perm = append(perm, int(min(max(p, -1), 99)))
	}
	if c.Attribute("perm") == nil {
		for i := range rank {
			perm = append(perm, rank-1-i)
		}
	}
	if v.flow == nil {
		dims, places, err := transposed(v.array.dims, perm)
		if err != nil {
			return v, err
		}
		return value{array: v.array.taken(dims, places)}, nil
	}
	if len(perm) != rank || perm[0] != 0 {
		return v, errors.New("it moves the dimension of the batch, which must stay the first")
	}
	for i := range perm {
		perm[i]--
	}
	dims, places, err := transposed(v.flow.Dims, perm[1:])
	if err != nil {
		return v, err
	}
	return value{flow: v.flow.Moved(dims, places)}, nil
}
