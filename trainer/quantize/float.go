package quantize

import "github.com/vae-edge/vae-edge/trainer/vae"

// floatLayer is a layer with its weights in the order of the int8 file, [out][ky][kx][in] or [out][in].
type floatLayer struct {
	*vae.DecoderLayer
	inputs       int // of one output
	weight, bias []float32
}

func newFloatLayer(d *vae.DecoderLayer) *floatLayer {
	f := &floatLayer{DecoderLayer: d, bias: d.Bias, weight: make([]float32, len(d.Weight))}
	if d.Kind == "dense" { // [in][out]
		f.inputs = d.In[0] * d.In[1] * d.In[2]
		for i := range f.inputs {
			for o := range f.bias {
				f.weight[o*f.inputs+i] = d.Weight[i*len(f.bias)+o]
			}
		}
		return f
	}
	in, out := d.In[2], d.Out[2]
	f.inputs = d.Kernel * d.Kernel * in
	for k := range d.Kernel * d.Kernel {
		for i := range in {
			for o := range out {
				at := (k*in+i)*out + o // conv: [ky][kx][in][out]
				if d.Kind == "conv_transpose" {
					at = (k*out+o)*in + i
				}
				f.weight[o*f.inputs+k*in+i] = d.Weight[at]
			}
		}
	}
	return f
}

// run computes the layer without its ReLU.
func (f *floatLayer) run(in []float32) []float32 {
	out := make([]float32, f.Out[0]*f.Out[1]*f.Out[2])
	if f.Kind == "dense" {
		for o := range out {
			out[o] = f.bias[o] + dot(in, f.weight[o*f.inputs:(o+1)*f.inputs])
		}
		return out
	}
	channels := f.In[2]
	type tap struct{ at, from int } // in a row of weights, in the source
	var taps []tap
	for y := range f.Out[0] {
		for x := range f.Out[1] {
			taps = taps[:0]
			for ky := range f.Kernel {
				iy, ok := f.source(y, ky, f.Crop[0], f.In[0])
				if !ok {
					continue
				}
				for kx := range f.Kernel {
					if ix, ok := f.source(x, kx, f.Crop[2], f.In[1]); ok {
						taps = append(taps, tap{(ky*f.Kernel + kx) * channels, (iy*f.In[1] + ix) * channels})
					}
				}
			}
			for o := range f.Out[2] {
				sum := f.bias[o]
				row := f.weight[o*f.inputs : (o+1)*f.inputs]
				for _, t := range taps {
					sum += dot(in[t.from:t.from+channels], row[t.at:t.at+channels])
				}
				out[(y*f.Out[1]+x)*f.Out[2]+o] = sum
			}
		}
	}
	return out
}

// source is the row or column of the source that tap k of output n reads, if there is one.
func (f *floatLayer) source(n, k, edge, size int) (int, bool) {
	if f.Kind == "conv" {
		n = n*f.Stride + k - edge
	} else {
		n += edge - k
		if n < 0 || n%f.Stride != 0 {
			return 0, false
		}
		n /= f.Stride
	}
	return n, n >= 0 && n < size
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	a = a[:len(b)]
	for len(b) >= 4 && len(a) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range b {
		s0 += a[i] * v
	}
	return s0 + s1 + s2 + s3
}
