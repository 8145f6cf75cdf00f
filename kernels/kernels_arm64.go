//go:build !purego

package kernels

// The NEON kernels multiply 16 consecutive activations of a pixel by 16 weights of one output channel, so that the lanes of a sum
// run over source bytes until the tile is done. SMULL and SMLAL2 add two products in 16 bits, for a pair of steps four.
// NEON is part of arm64: there is nothing to detect.

const (
	wideNEON convKernel = iota
	lastNEON
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideNEON:
		convNEON(args)
	case lastNEON:
		convLastNEON(args)
	}
}

func (k denseKernel) run(args *denseArgs) { denseNEON(args) }

func inOrder(i int) int { return i }

// halvesSum: SMLAL2 adds the upper half of 16 products to the lower.
func halvesSum(i int) int { return i/16*8 + i%8 }

var neon = newTiled("neon", &engine{
	wide: &tile{
		convKernel: wideNEON,
		pixels:     4, channels: 4, step: 16,
		place: func(i int) (int, int) { return i / 16, i % 16 },
		lane:  inOrder,
		sum:   halvesSum,
	},
	last: &tile{
		convKernel: lastNEON,
		pixels:     8, channels: 1, step: 16,
		place: func(i int) (int, int) { return 0, i },
		lane:  inOrder,
		sum:   halvesSum,
	},
	dense: &denseTile{
		channels: 16,
		inputs:   1,
		lane:     inOrder,
	},
	budget: 400_000,
}, func(n int) int {
	limitNEON(n)
	return n * 12 * 16
})

// assembly lists the backends beyond generic that run on this CPU, the fastest last.
func assembly() (bs []*backend) { return append(bs, neon) }

// The convolution kernels compute what convGeneric does: convNEON stores activations, or accumulators if args.raw is
// set, convLastNEON stores pixels.

//go:noescape
func convNEON(args *convArgs)

//go:noescape
func convLastNEON(args *convArgs)

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseNEON(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitNEON(n int)
