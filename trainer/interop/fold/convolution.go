package fold

import (
	"errors"
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
)

// A window is what a convolution says of its kernel: down, then across.
type window struct {
	in, out        int // channels, of all groups
	groups         int
	size, dilation [2]int
	stride         [2]int
	source         [2]int
}

// window reads the attributes of a convolution. The weights' shape is [out, in/groups, …], of a
// transposed one [in, out/groups, …].
func (c *call) window(f *linear.Flow, w *array, transposed bool) (window, error) {
	r := window{stride: [2]int{1, 1}, dilation: [2]int{1, 1}}
	if w == nil || len(w.dims) != 4 || len(f.Dims) != 3 {
		return r, fmt.Errorf("its source has the shape %v: only maps of channels, rows and columns can be had", f.Dims)
	}
	groups := c.Int("group", 1)
	if groups < 1 || groups > int64(f.Dims[0]) || w.dims[0]%int(groups) != 0 || f.Dims[0]%int(groups) != 0 {
		return r, fmt.Errorf("%d groups of weights of shape %v", groups, w.dims)
	}
	r.groups = int(groups)
	if r.out, r.in = w.dims[0], w.dims[1]*r.groups; transposed {
		r.out, r.in = w.dims[1]*r.groups, w.dims[0]
	}
	if r.in != f.Dims[0] {
		return r, fmt.Errorf("weights of shape %v, and a source of %d channels", w.dims, f.Dims[0])
	}
	r.size, r.source = [2]int{w.dims[2], w.dims[3]}, [2]int{f.Dims[1], f.Dims[2]}
	strides, dilations := c.Ints("strides", 1, 1), c.Ints("dilations", 1, 1)
	kernel := c.Ints("kernel_shape", int64(r.size[0]), int64(r.size[1]))
	if len(strides) != 2 || len(dilations) != 2 || len(kernel) != 2 {
		return r, errors.New("its strides, dilations or kernel_shape do not have two numbers")
	}
	const most = 1 << 10
	for i := range 2 {
		if kernel[i] != int64(r.size[i]) {
			return r, fmt.Errorf("kernel_shape %v, and weights of shape %v", kernel, w.dims)
		}
		if min(strides[i], dilations[i], kernel[i]) < 1 || max(strides[i], dilations[i], kernel[i]) > most {
			return r, fmt.Errorf("strides %v, dilations %v, kernel %v: they are 1 to %d", strides, dilations, kernel, most)
		}
		r.dilation[i], r.stride[i] = int(dilations[i]), int(strides[i])
	}
	return r, nil
}

// pads are those of the attribute: top and bottom, left and right.
func (c *call) pads() (p [4]int, err error) {
	pads := c.Ints("pads", 0, 0, 0, 0) // top, left, bottom, right
	if len(pads) != 4 {
		return p, fmt.Errorf("pads %v: there should be four", pads)
	}
	for i, v := range pads {
		if v < 0 || v > 1<<10 {
			return p, fmt.Errorf("pads %v", pads)
		}
		p[i%2*2+i/2] = int(v)
	}
	return p, nil
}

// convolution makes the layer of one, and takes the value through it. weight is the weight of a
// channel given, of one of the source in its group, and of a tap.
func (c *call) convolution(f *linear.Flow, r window, pads [4]int, op model.Op, weight func(o, i, tap int) float64) (value, error) {
	taps := r.size[0] * r.size[1]
	if _, err := linear.Size([]int{r.out, taps, r.in}); err != nil {
		return value{}, err
	}
	w := make([]float64, r.out*taps*r.in)
	perOut, perIn := r.out/r.groups, r.in/r.groups
	for o := range r.out {
		g := o / perOut
		for t := range taps {
			for i := range perIn {
				w[(o*taps+t)*r.in+g*perIn+i] = weight(o, g*perIn+i, t)
			}
		}
	}
	l := &linear.Layer{Op: op, In: [3]int{r.source[0], r.source[1], r.in}, Stride: r.stride, Weight: w, Bias: make([]float64, r.out)}
	if err := l.Fit(r.size, r.dilation, pads); err != nil {
		return value{}, err
	}
	b, err := c.floats(2, r.out)
	if err != nil {
		return value{}, err
	}
	copy(l.Bias, b)
	f, err = f.Through(l)
	return value{flow: f}, err
}

func conv(c *call) (value, error) {
	f, w, err := c.source()
	if err != nil {
		return value{}, err
	}
	r, err := c.window(f, w, false)
	if err != nil {
		return value{}, err
	}
	pads, err := c.pads()
	if err != nil {
		return value{}, err
	}
	for axis := range 2 {
		whole := (r.size[axis]-1)*r.dilation[axis] + 1
		given := (r.source[axis] + r.stride[axis] - 1) / r.stride[axis]
		total := max((given-1)*r.stride[axis]+whole-r.source[axis], 0)
		switch auto := c.Text("auto_pad", "NOTSET"); auto {
		case "NOTSET":
		case "VALID":
			pads[2*axis], pads[2*axis+1] = 0, 0
		case "SAME_UPPER":
			pads[2*axis], pads[2*axis+1] = total/2, total-total/2
		case "SAME_LOWER":
			pads[2*axis], pads[2*axis+1] = total-total/2, total/2
		default:
			return value{}, fmt.Errorf("auto_pad %q is not known", auto)
		}
	}
	values, err := w.floats()
	if err != nil {
		return value{}, err
	}
	perIn, taps := r.in/r.groups, r.size[0]*r.size[1]
	return c.convolution(f, r, pads, model.Conv, func(o, i, tap int) float64 { return values[(o*perIn+i%perIn)*taps+tap] })
}

// source is the value that a convolution reads, and its weights.
func (c *call) source() (*linear.Flow, *array, error) {
	f, err := c.data(0)
	if err != nil {
		return nil, nil, err
	}
	w, err := c.constant(1)
	return f, w, err
}

func convTranspose(c *call) (value, error) {
	f, w, err := c.source()
	if err != nil {
		return value{}, err
	}
	r, err := c.window(f, w, true)
	if err != nil {
		return value{}, err
	}
	crops, err := c.crops(r)
	if err != nil {
		return value{}, err
	}
	values, err := w.floats()
	if err != nil {
		return value{}, err
	}
	perOut, taps := r.out/r.groups, r.size[0]*r.size[1]
	return c.convolution(f, r, crops, model.ConvTranspose, func(o, i, tap int) float64 { return values[(i*perOut+o%perOut)*taps+tap] })
}

// crops are the rows and columns that are cropped off what a transposed convolution gives; below 0
// where it becomes larger.
func (c *call) crops(r window) (crops [4]int, err error) {
	more := c.Ints("output_padding", 0, 0)
	if len(more) != 2 || min(more[0], more[1]) < 0 || max(more[0], more[1]) > 1<<10 {
		return crops, fmt.Errorf("output_padding %v", more)
	}
	auto := c.Text("auto_pad", "NOTSET")
	wanted := c.Ints("output_shape")
	if len(wanted) == 4 { // some name batch and channels, too
		wanted = wanted[2:]
	}
	if wanted != nil && len(wanted) != 2 {
		return crops, fmt.Errorf("output_shape %v: there should be two numbers", wanted)
	}
	if crops, err = c.pads(); err != nil {
		return crops, err
	}
	for axis := range 2 {
		whole := (r.size[axis]-1)*r.dilation[axis] + 1
		full := r.stride[axis]*(r.source[axis]-1) + int(more[axis]) + whole
		total := 0
		switch {
		case wanted != nil:
			if wanted[axis] < 1 || wanted[axis] > 1<<16 {
				return crops, fmt.Errorf("output_shape %v", wanted)
			}
			total = full - int(wanted[axis])
		case auto == "SAME_UPPER" || auto == "SAME_LOWER":
			total = full - r.stride[axis]*r.source[axis]
		case auto == "NOTSET" || auto == "VALID":
			if auto == "VALID" {
				crops[2*axis], crops[2*axis+1] = 0, 0
			}
			crops[2*axis+1] -= int(more[axis])
			continue
		default:
			return crops, fmt.Errorf("auto_pad %q is not known", auto)
		}
		switch {
		case total < 0:
			return crops, fmt.Errorf("it is to give more than the kernel reaches, %d rows or columns, and where they are added nobody says", -total)
		case total%2 == 0:
			crops[2*axis], crops[2*axis+1] = total/2, total/2
		case auto == "SAME_UPPER" && c.opset >= 11:
			crops[2*axis], crops[2*axis+1] = total/2, total-total/2
		case auto == "SAME_LOWER" && c.opset >= 11:
			crops[2*axis], crops[2*axis+1] = total-total/2, total/2
		default:
			return crops, fmt.Errorf("%d rows or columns are to be cropped, and on which side the odd one nobody says alike: export it with pads", total)
		}
		crops[2*axis+1] -= int(more[axis])
	}
	return crops, nil
}

// resize is Resize and Upsample: what repeats every pixel.
func resize(c *call) (value, error) {
	f, err := c.data(0)
	if err != nil {
		return value{}, err
	}
	if mode := c.Text("mode", "nearest"); mode != "nearest" {
		return value{}, fmt.Errorf("its mode is %q: only nearest can be had", mode)
	}
	if c.Attribute("axes") != nil || c.Text("keep_aspect_ratio_policy", "stretch") != "stretch" || len(f.Dims) != 3 {
		return value{}, errors.New("it is not of rows and columns as a whole")
	}
	at := 2 // of the operand with the factors
	if c.Op == "Upsample" || c.opset < 11 {
		at = 1
	}
	a, err := c.constant(at)
	if err != nil {
		return value{}, err
	}
	var scales []float64
	if s := c.Attribute("scales"); s != nil {
		for _, v := range s.Floats {
			scales = append(scales, float64(v))
		}
	} else if a != nil {
		if scales, err = a.floats(); err != nil {
			return value{}, err
		}
	}
	if len(scales) == 0 {
		sizes, err := c.constant(3)
		if err != nil {
			return value{}, err
		}
		if sizes == nil || len(sizes.whole) != 4 || sizes.whole[0] != c.batch && sizes.whole[0] != (size{n: 1}) {
			return value{}, errors.New("it says neither by how much nor to which size it enlarges")
		}
		scales = []float64{1}
		for i, s := range sizes.whole[1:] {
			if s.batch {
				return value{}, errBatch
			}
			scales = append(scales, float64(s.n)/float64(f.Dims[i]))
		}
	}
	if len(scales) != 4 || scales[0] != 1 || scales[1] != 1 {
		return value{}, fmt.Errorf("its factors are %v: those of rows and columns alone can be had", scales)
	}
	var by [2]int
	for axis := range 2 {
		s := scales[2+axis]
		if s < 1 || s > 1<<8 || s != math.Trunc(s) {
			return value{}, fmt.Errorf("its factors are %v: whole ones alone can be had", scales)
		}
		by[axis] = int(s)
		if _, err := linear.Size([]int{f.Dims[0], f.Dims[1] * by[0], f.Dims[2] * max(by[1], 1)}); err != nil {
			return value{}, err
		}
		for x := range f.Dims[1+axis] * by[axis] {
			if got, err := c.nearest(x, f.Dims[1+axis], s); err != nil {
				return value{}, err
			} else if got != x/by[axis] {
				return value{}, errors.New("it does not repeat every pixel as often as any other: export it with the coordinates asymmetric and the mode floor")
			}
		}
	}
	if by == [2]int{1, 1} {
		return value{flow: f}, nil
	}
	f, err = f.Enlarged(by)
	return value{flow: f}, err
}

// nearest is the pixel of a source of n that pixel x of what is s times as large is a copy of.
func (c *call) nearest(x, n int, s float64) (int, error) {
	coordinate, mode := c.Text("coordinate_transformation_mode", "half_pixel"), c.Text("nearest_mode", "round_prefer_floor")
	if c.Op == "Upsample" || c.opset < 11 {
		coordinate, mode = "asymmetric", "floor"
	}
	at := float64(x) / s
	switch coordinate {
	case "asymmetric":
	case "half_pixel", "half_pixel_symmetric":
		at = (float64(x)+0.5)/s - 0.5
	case "pytorch_half_pixel":
		if at = (float64(x)+0.5)/s - 0.5; float64(n)*s <= 1 {
			at = 0
		}
	case "align_corners":
		if at = 0; float64(n)*s > 1 {
			at = float64(x) * float64(n-1) / (float64(n)*s - 1)
		}
	default:
		return 0, fmt.Errorf("its coordinates are %q, which are not known", coordinate)
	}
	switch mode {
	case "floor":
		at = math.Floor(at)
	case "ceil":
		at = math.Ceil(at)
	case "round_prefer_floor":
		at = math.Ceil(at - 0.5)
	case "round_prefer_ceil":
		at = math.Floor(at + 0.5)
	default:
		return 0, fmt.Errorf("its nearest_mode is %q, which is not known", mode)
	}
	return min(max(int(at), 0), n-1), nil
}
