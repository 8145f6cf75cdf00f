// Package kernels is the integer arithmetic of vae-edge's inference: dense layers, plain and
// transposed convolutions, requantization and the last layer's table look-up. A dense layer of
// activations, of an encoder or a decoder, is a convolution of a map of one pixel, see [Map.Split].
//
// # The promise
//
// Every [Backend] computes the same bits for the same input, on every CPU. The plain Go code in
// generic.go is the specification; a backend in assembly is a faster way to the same numbers and is
// tested against it.
//
// # Backends
//
//	generic     plain Go, the specification: everywhere, and alone with the build tag purego
//	avx2        x86 with AVX2
//	avxvnni     x86 with AVX-VNNI, on 256 bits
//	avx512vnni  x86 with AVX-512 F, BW, VL and VNNI
//	neon        every arm64 (Cortex-A53, A72)
//	neondot     arm64 with the dot product instructions (Cortex-A76)
//	simd128     WebAssembly with vectors, in a browser or node, with the build tag simd128 and a
//	            host as in host_wasm.js
//	armv6       32-bit Arm from ARMv6 with VFP on (ARM1176)
//	neon32      32-bit Arm with NEON (Cortex-A7)
//
// Operators pack their weights for their backend when they are made.
//
// # The arithmetic
//
//   - Activations are 7-bit unsigned numbers 0..127. Those of a ReLU have the zero point 0, those
//     of a leaky ReLU the [ZeroPoint] of its slope: they stand for their distance from it. Pixels
//     enter as [PixelTo7Bit].
//   - Weights are symmetric int8 numbers -127..127.
//   - Latent points are int16 fixed-point numbers.
//   - An accumulator is int32: acc = bias + sum of (input-zero)*weight, zero being the zero point
//     of what is read, which stands outside a map, too. It is computed as the sum of input*weight
//     with borders of zero points, to a bias less the sum of zero*weight; every phase of a
//     transposed convolution has such a bias of its own, by its taps. [Slopes.CheckRange] proves
//     from the weights that nothing of that can overflow, so the order of the sum does not matter.
//   - Requantization multiplies by one float32 scale per output channel and rounds to nearest, ties
//     to even: one exact-or-rounded conversion, one IEEE 754 multiplication, one rounding, each of
//     which every CPU has as a single instruction. Nothing is added in floating point, so no
//     compiler can fuse anything. CheckRange proves that the product stays below 2^30 in magnitude,
//     where the conversions of all CPUs agree.
//   - A layer's output is one of Activation: clamp(round(acc*scale), 0, 127), which is the ReLU
//     too; activation of a leaky ReLU: clamp(round(acc*s)+zero, 0, 127), where s is scale or, for
//     acc below 0, the float32 product of slope and scale; table index:
//     clamp(round(acc*scale)+2048, 0, 4095), a logit of +-16 in 4,096 steps, looked up in a table
//     of pixels; latent: clamp(round(acc*scale), -32768, 32767).
//
// Seven bits rather than eight, because a pair of products is then at most 2*127*127 = 32,258 in
// magnitude and fits int16: VPMADDUBSW never saturates, SMULL and SMLAL2 followed by SADALP are
// exact, and VPDPBUSD and SDOT, one of which reads unsigned and one signed bytes, agree.
//
// # Layout
//
// Feature maps are NHWC, see [Map]. Weights of a convolution, plain or transposed, are
// [out][ky][kx][in]; those of a dense layer are [out][in], where out and in run over a map's
// elements in NHWC order.
package kernels

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// A Backend is one implementation of the arithmetic. It is a value: several can be used side by
// side and concurrently.
type Backend struct{ *backend }

type backend struct {
	name string
	// packConv and packDense prepare a new operator; packConv sets its source layout.
	packConv  func(c *Conv)
	packDense func(d *Dense)
	// conv and dense compute accumulators and requantize them.
	// They are given operators whose arguments have been checked.
	conv func(c *Conv, dst Output, src *Map)
	// dense computes the rows from y on of dst for the point x and, if x2 is not nil, of dst2 for
	// x2.
	dense func(d *Dense, dst, dst2 *Map, x, x2 []int16, y, rows int)
	// peak repeats the multiply-accumulate sequence n times and returns how many of them that was.
	peak func(n int) int
	// peakPairs does so with products that are added in 16 bits first; nil where none are.
	peakPairs func(n int) int
	// engine is the assembly, where there is any.
	engine *engine
}

// String returns the backend's name, for example "generic".
func (b Backend) String() string { return b.name }

// PeakLoop repeats the backend's multiply-accumulate instructions n times on registers alone and
// returns the number of multiply-accumulates that makes: timed, it is the limit of what the core
// can do with them.
func (b Backend) PeakLoop(n int) int { return b.peak(n) }

// PeakPairsLoop is PeakLoop with the products of two steps added in 16 bits before they are in 32,
// as a backend without a dot product does where the weights allow it: the limit then. Of others it
// does nothing and returns 0.
func (b Backend) PeakPairsLoop(n int) int {
	if b.peakPairs == nil {
		return 0
	}
	return b.peakPairs(n)
}

// EnvBackend names the environment variable that forces a backend for the whole process.
const EnvBackend = "VAE_EDGE_BACKEND"

// Backends lists the backends that run on this CPU, "generic" first and the fastest last.
func Backends() []Backend {
	all := []Backend{{&generic}}
	for _, b := range assembly() {
		all = append(all, Backend{b})
	}
	return all
}

// Best returns the fastest backend that runs on this CPU.
func Best() Backend {
	all := Backends()
	return all[len(all)-1]
}

// Select returns the backend of that name. An empty name stands for the one that the environment
// variable VAE_EDGE_BACKEND names or, where it is not set, for [Best].
func Select(name string) (Backend, error) {
	from := ""
	if name == "" {
		if name = os.Getenv(EnvBackend); name == "" {
			return Best(), nil
		}
		from = " from " + EnvBackend
	}
	var names []string
	for _, b := range Backends() {
		if b.name == name {
			return b, nil
		}
		names = append(names, b.name)
	}
	return Backend{}, fmt.Errorf("kernels: no backend %q%s on this CPU: there is %s", name, from, strings.Join(names, ", "))
}

const (
	// ActivationMax is the largest activation.
	ActivationMax = 127
	// TableSize is the number of logits that the last layer tells apart.
	TableSize = 4096
	// LogitSteps is the number of table entries that a logit of 1 spans: entry i stands for the
	// logit (i-2048)/128.
	LogitSteps = 128

	tableZero = TableSize / 2
	// A latent number's largest magnitude, for CheckRange.
	latentMax = 1 << 15
	// Products of accumulator and scale stay below this.
	productLimit = 1 << 30
	// The smallest normal float32: some vector units flush smaller numbers to zero.
	minScale = 0x1p-126
	// Maps are smaller than this, so that offsets fit int32.
	maxMap = math.MaxInt32
)

// PixelTo7Bit returns the activation for an 8-bit pixel: round(p*127/255). There are no ties.
func PixelTo7Bit(p uint8) uint8 { return uint8((int(p)*ActivationMax + 127) / 255) }

// CheckRange reports whether the weights of a layer keep the arithmetic exact: no weight is -128,
// no accumulator can leave int32 whatever the input, every scale is a finite positive normal
// number, and no product of accumulator and scale can reach 2^30. There is one bias per output, and
// output n has the n%len(scale)th scale. The input is a latent point when latent is set, otherwise
// activations.
func CheckRange(weight []int8, bias []int32, scale []float32, latent bool) error {
	return Slopes{}.CheckRange(weight, bias, scale, latent)
}

// CheckRange is the function of that name for a layer that reads or gives activations of leaky
// ReLUs. An accumulator is one whose bias has lost what the source's zero point adds, too, and a
// scale one for what is below 0, too.
func (slopes Slopes) CheckRange(weight []int8, bias []int32, scale []float32, latent bool) error {
	if err := slopes.check(); err != nil {
		return err
	}
	if len(bias) == 0 || len(scale) == 0 || len(weight) == 0 || len(weight)%len(bias) != 0 || len(bias)%len(scale) != 0 {
		return fmt.Errorf("kernels: %d weights, %d biases and %d scales do not belong together", len(weight), len(bias), len(scale))
	}
	for c, s := range scale {
		if !(s >= minScale && s <= math.MaxFloat32) {
			return fmt.Errorf("kernels: scale %v of channel %d is not a finite positive normal number", s, c)
		}
		if slopes.Out > 0 && !(below(slopes.Out, s) >= minScale) {
			return fmt.Errorf("kernels: scale %v of channel %d times the slope %v is not a normal number", s, c, slopes.Out)
		}
	}
	// The zero point's part may come off the bias before anything is added.
	largest := int64(ActivationMax) + int64(ZeroPoint(slopes.In))
	if latent {
		largest = latentMax
	}
	inputs := len(weight) / len(bias)
	for n, b := range bias {
		bound := int64(b)
		if bound < 0 {
			bound = -bound
		}
		sum := int64(0)
		for i, w := range weight[n*inputs : (n+1)*inputs] {
			if w == -128 {
				return fmt.Errorf("kernels: weight %d of output %d is -128, the range is -127..127", i, n)
			}
			sum += int64(max(w, -w))
		}
		bound += sum * largest
		if bound > math.MaxInt32 {
			return fmt.Errorf("kernels: the accumulator of output %d can reach %d and leave int32", n, bound)
		}
		if s := scale[n%len(scale)]; float64(bound)*float64(s) >= productLimit {
			return fmt.Errorf("kernels: output %d: an accumulator of %d times a scale of %g can reach 2^30", n, bound, s)
		}
	}
	return nil
}

// A Layout is how a map's pixels lie in memory.
type Layout struct {
	Border int   // pixels around the picture, on every side
	Pitch  int   // bytes from one pixel to the next
	Zero   uint8 // what the border and the bytes past the channels are: the zero point
}

// A Map is a feature map: Height x Width pixels of Channels activations each, NHWC, with a border
// of zero points. Only the inside is ever written, so the border stays as it is.
type Map struct {
	Height, Width, Channels int
	Layout
	Data []uint8 // (Height+2*Border) * (Width+2*Border) * Pitch bytes
}

// NewMap returns a map of zero points.
func NewMap(height, width, channels int, l Layout) *Map {
	if height <= 0 || width <= 0 || channels <= 0 || l.Border < 0 || l.Pitch < channels {
		panic(fmt.Sprintf("kernels: a map of %dx%dx%d cannot have the layout %+v", height, width, channels, l))
	}
	m := &Map{height, width, channels, l, make([]uint8, (height+2*l.Border)*(width+2*l.Border)*l.Pitch)}
	if l.Zero != 0 {
		for i := range m.Data {
			m.Data[i] = l.Zero
		}
	}
	return m
}

// bytes is the size of a map of that shape.
func (l Layout) bytes(s Shape) int {
	return (s.Height + 2*l.Border) * (s.Width + 2*l.Border) * l.Pitch
}

// offset is where pixel (y, x) starts in Data; it may lie in the border.
func (m *Map) offset(y, x int) int {
	return ((y+m.Border)*(m.Width+2*m.Border) + x + m.Border) * m.Pitch
}

// At returns the channels of pixel (y, x).
func (m *Map) At(y, x int) []uint8 {
	at := m.offset(y, x)
	return m.Data[at : at+m.Channels : at+m.Channels]
}

// Split returns the activations of a map's only pixel as a map of that shape, NHWC, without a
// border, in the same memory. What a layer writes to it a convolution of the pixel with a kernel of
// 1 reads: a dense layer of all of it, with weights [out][in].
func (m *Map) Split(s Shape) *Map {
	if m.Height != 1 || m.Width != 1 || m.Channels != s.Elements() {
		panic(fmt.Sprintf("kernels: a map of %dx%dx%d is no single pixel of %v", m.Height, m.Width, m.Channels, s))
	}
	return &Map{s.Height, s.Width, s.Channels, Layout{Pitch: s.Channels, Zero: m.Zero}, m.At(0, 0)}
}

// Packed appends the map's activations to dst without border and padding.
func (m *Map) Packed(dst []uint8) []uint8 {
	for y := range m.Height {
		for x := range m.Width {
			dst = append(dst, m.At(y, x)...)
		}
	}
	return dst
}
