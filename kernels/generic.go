package kernels

import "math"

// This file is the specification: what these functions return is right by definition, on every CPU.

var generic = backend{
	name:      "generic",
	packConv:  func(c *Conv) { c.source.Border, c.source.Pitch = c.reach, c.In.Channels },
	conv:      convGeneric,
	packDense: func(*Dense) {},
	dense:     denseGeneric,
	peak:      limitGeneric,
}

// scaled is round(acc*scale), ties to even. The conversions forbid any fusing or excess precision.
func scaled(acc int32, scale float32) int32 {
	return int32(math.RoundToEven(float64(float32(float32(acc) * scale))))
}

// Requantize returns the activation for an accumulator.
func Requantize(acc int32, scale float32) uint8 {
	return uint8(min(max(scaled(acc, scale), 0), ActivationMax))
}

// RequantizeLeaky returns the activation of a leaky ReLU of that slope for an accumulator: one
// rounding or another, then the zero point is added, as an integer.
func RequantizeLeaky(acc int32, scale, slope float32) uint8 {
	if acc < 0 {
		scale = below(slope, scale)
	}
	return uint8(min(max(scaled(acc, scale)+int32(ZeroPoint(slope)), 0), ActivationMax))
}

// TableIndex returns the place in the table of pixels for an accumulator of the last layer.
func TableIndex(acc int32, scale float32) uint16 {
	return uint16(min(max(scaled(acc, scale)+tableZero, 0), TableSize-1))
}

// RequantizeLatent returns the fixed-point latent number for an accumulator.
func RequantizeLatent(acc int32, scale float32) int16 {
	return int16(min(max(scaled(acc, scale), math.MinInt16), math.MaxInt16))
}

// dot returns the sum of the products of len(w) activations and weights.
func dot(a []uint8, w []int8) (sum int32) {
	a = a[:len(w)]
	for len(w) >= 8 && len(a) >= 8 {
		x, y := (*[8]uint8)(a), (*[8]int8)(w)
		sum += int32(x[0])*int32(y[0]) + int32(x[1])*int32(y[1]) + int32(x[2])*int32(y[2]) + int32(x[3])*int32(y[3]) +
			int32(x[4])*int32(y[4]) + int32(x[5])*int32(y[5]) + int32(x[6])*int32(y[6]) + int32(x[7])*int32(y[7])
		a, w = a[8:], w[8:]
	}
	for i, v := range w {
		sum += int32(a[i]) * int32(v)
	}
	return sum
}

// limitGeneric adds 64 products a turn, as a pixel of 64 channels does.
func limitGeneric(n int) int {
	a, w := [64]uint8{1, 2, 3}, [64]int8{1, -1, 1}
	sum := int32(0)
	for range n {
		sum += dot(a[:], w[:])
	}
	a[0] = uint8(sum) // lest the loop go
	return len(a) * n
}

// denseGeneric computes dst[n] = Requantize(bias[n] + sum over i of x[i]*weight[n][i]), n running
// over dst in NHWC order, for the rows from y on. If x2 is not nil, it does the same for dst2 and
// x2.
func denseGeneric(d *Dense, dst, dst2 *Map, x, x2 []int16, y, rows int) {
	if x2 != nil {
		denseGeneric(d, dst2, nil, x2, nil, y, rows)
	}
	n := y * dst.Width * dst.Channels
	for py := y; py < y+rows; py++ {
		for px := range dst.Width {
			out := dst.At(py, px)
			for c := range out {
				acc := d.bias[n]
				for i, w := range d.weight[n*len(x) : (n+1)*len(x)] {
					acc += int32(x[i]) * int32(w)
				}
				out[c] = d.rectifier.activation(acc, d.scale[c])
				n++
			}
		}
	}
}

// convGeneric computes every output pixel of every phase as the phase's bias and the sum over its
// taps of source pixel times weight.
func convGeneric(c *Conv, dst Output, src *Map) {
	for _, p := range c.phases {
		for j := range p.rows {
			for i := range p.cols {
				y, x := p.y0+j*p.outStep, p.x0+i*p.outStep
				for o := range c.Out.Channels {
					acc := p.bias[o]
					for _, t := range p.taps {
						at := src.offset(j*p.inStep+t.dy, i*p.inStep+t.dx)
						acc += dot(src.Data[at:at+c.In.Channels], c.kernel(o, t))
					}
					dst.store(c, y, x, o, acc)
				}
			}
		}
	}
}
