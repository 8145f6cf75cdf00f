package kernels

import (
	"math"
	"math/big"
)

// This file holds the kernels to an independent implementation, written from the definitions and
// not from the code: convolutions scatter or gather over plain arrays in int64, numbers are rounded
// in exact rational arithmetic.

// picture is a map without border or padding. What counts is how far activations are from the zero
// point.
type picture struct {
	Shape
	data []uint8
	zero uint8
}

func (p picture) at(y, x, c int) int64 {
	if y < 0 || x < 0 || y >= p.Height || x >= p.Width {
		return 0
	}
	return int64(p.data[(y*p.Width+x)*p.Channels+c]) - int64(p.zero)
}

// textbookConv returns the accumulators of a convolution in NHWC order.
func textbookConv(g Geometry, in picture, weight []int8, bias []int32) []int64 {
	w := func(o, ky, kx, i int) int64 {
		return int64(weight[((o*g.Kernel+ky)*g.Kernel+kx)*g.In.Channels+i])
	}
	out := make([]int64, g.Out.Elements())
	at := func(y, x, o int) *int64 { return &out[(y*g.Out.Width+x)*g.Out.Channels+o] }
	for y := range g.Out.Height {
		for x := range g.Out.Width {
			for o := range g.Out.Channels {
				*at(y, x, o) = int64(bias[o])
			}
		}
	}
	if g.Transposed {
		for y := range in.Height {
			for x := range in.Width {
				for ky := range g.Kernel {
					for kx := range g.Kernel {
						oy, ox := y*g.Stride+ky-g.Edges[Top], x*g.Stride+kx-g.Edges[Left]
						if oy < 0 || ox < 0 || oy >= g.Out.Height || ox >= g.Out.Width {
							continue
						}
						for o := range g.Out.Channels {
							for i := range in.Channels {
								*at(oy, ox, o) += in.at(y, x, i) * w(o, ky, kx, i)
							}
						}
					}
				}
			}
		}
		return out
	}
	for y := range g.Out.Height {
		for x := range g.Out.Width {
			for o := range g.Out.Channels {
				for ky := range g.Kernel {
					for kx := range g.Kernel {
						for i := range in.Channels {
							*at(y, x, o) += in.at(y*g.Stride+ky-g.Edges[Top], x*g.Stride+kx-g.Edges[Left], i) * w(o, ky, kx, i)
						}
					}
				}
			}
		}
	}
	return out
}

// textbookDense returns the accumulators of a dense layer.
func textbookDense(x []int64, weight []int8, bias []int32) []int64 {
	out := make([]int64, len(bias))
	for n := range out {
		out[n] = int64(bias[n])
		for i, v := range x {
			out[n] += v * int64(weight[n*len(x)+i])
		}
	}
	return out
}

// textbookScaled rounds acc to float32, multiplies exactly, rounds the product to float32 and then
// to an integer, each time to nearest with ties to even. The product of two float32 numbers is
// exact in float64.
func textbookScaled(acc int64, scale float32) int64 {
	return int64(math.RoundToEven(float64(float32(float64(float32(acc)) * float64(scale)))))
}

// bigScaled is textbookScaled in rational arithmetic.
func bigScaled(acc int64, scale float32) int64 {
	single := func(x *big.Float) *big.Float { return new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).Set(x) }
	a := single(new(big.Float).SetPrec(200).SetInt64(acc))
	product := single(new(big.Float).SetPrec(200).Mul(a, big.NewFloat(float64(scale))))
	twice, _ := new(big.Float).SetPrec(200).Mul(product, big.NewFloat(2)).Rat(nil)
	if twice == nil {
		return 0
	}
	// round half to even: floor(x + 1/2), less one where x + 1/2 is an odd integer
	half := new(big.Rat).Add(new(big.Rat).Quo(twice, big.NewRat(2, 1)), big.NewRat(1, 2))
	floor := new(big.Int).Div(half.Num(), half.Denom())
	if half.IsInt() && floor.Bit(0) == 1 {
		floor.Sub(floor, big.NewInt(1))
	}
	return floor.Int64()
}

func limit(v, low, high int64) int64 { return min(max(v, low), high) }

// textbookZero is round(127a/(1+a)) in rational arithmetic.
func textbookZero(slope float32) uint8 {
	a := new(big.Rat)
	a.SetFloat64(float64(slope))
	z := new(big.Rat).Quo(new(big.Rat).Mul(big.NewRat(127, 1), a), new(big.Rat).Add(big.NewRat(1, 1), a))
	f, _ := z.Float64()
	return uint8(math.RoundToEven(f))
}

// textbookActivation is that of a ReLU, whose slope is 0, or of a leaky one. The product of slope
// and scale is exact in float64, too.
func textbookActivation(acc int64, scale, slope float32) uint8 {
	if acc < 0 {
		scale = float32(float64(scale) * float64(slope))
	}
	return uint8(limit(textbookScaled(acc, scale)+int64(textbookZero(slope)), 0, 127))
}

func textbookIndex(acc int64, scale float32) uint16 {
	return uint16(limit(textbookScaled(acc, scale)+2048, 0, 4095))
}

func textbookLatent(acc int64, scale float32) int16 {
	return int16(limit(textbookScaled(acc, scale), math.MinInt16, math.MaxInt16))
}
