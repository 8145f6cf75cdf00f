//go:build arm.6 && !purego

package kernels

import "golang.org/x/sys/cpu"

// ARMv6 multiplies two activations by two weights at once: SMLAD adds both products to a sum.
// UXTB16 takes the activations 0 and 2 of four, or 1 and 3; weights are 16 bits wide already.
//
// The kernels for NEON are those of arm64 with half as many registers: two pixels by four output
// channels, the lanes of whose sums run over source bytes until the tile is done.

const (
	wideARMv6 convKernel = iota
	lastARMv6
	blocksARMv6
	wideNEON32
	lastNEON32
	blocksNEON32
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideARMv6:
		convARMv6(args)
	case lastARMv6:
		convLastARMv6(args)
	case blocksARMv6:
		convBlocksARMv6(args)
	case wideNEON32:
		convNEON32(args)
	case lastNEON32:
		convLastNEON32(args)
	case blocksNEON32:
		convBlocksNEON32(args)
	}
}

// The dense kernels serve leaky ReLUs, too: a ReLU is one whose slope and zero point are 0.
const (
	singleARMv6 denseKernel = iota
	singleNEON32
)

func (k denseKernel) run(args *denseArgs) {
	if k == singleNEON32 {
		denseNEON32(args)
	} else {
		denseARMv6(args)
	}
}

// quadARMv6 is the source byte that weight i is for, of 16 at a time and so many channels: of every
// four bytes 0 and 2 come first, for each channel, and then 1 and 3.
func quadARMv6(i, channels int) (channel, source int) {
	quad, i := i/(4*channels), i%(4*channels)
	return i % (2 * channels) / 2, 4*quad + i/(2*channels) + i%2*2
}

func tileARMv6(k convKernel, pixels, channels int) *tile {
	return &tile{
		convKernel: k,
		pixels:     pixels, channels: channels, step: 16,
		place:  func(i int) (int, int) { return quadARMv6(i, channels) },
		lane:   inOrder,
		halves: true,
	}
}

var armv6 = newTiled("armv6", &engine{
	wide:   tileARMv6(wideARMv6, 1, 4),
	last:   tileARMv6(lastARMv6, 2, 1),
	blocks: tileARMv6(blocksARMv6, 1, gridPhases).inBlocks(blockByBlock),
	dense:  &denseTile{single: singleARMv6, leaky: singleARMv6, pair: singleARMv6, channels: 4, inputs: 2, lane: inOrder},
	budget: 30_000,
	spread: 1,
}, func(n int) int {
	limitARMv6(n)
	return n * 8 * 2
})

var neon32 = newTiled("neon32", &engine{
	wide: &tile{
		convKernel: wideNEON32,
		pixels:     2, channels: 4, step: 16,
		place: func(i int) (int, int) { return i / 16, i % 16 },
		lane:  inOrder,
		sum:   halvesSum,
	},
	last:   lastTile(lastNEON32, 4, 16, nil),
	blocks: blocksTile(blocksNEON32, 2, blockByBlock, halvesSum),
	dense:  &denseTile{single: singleNEON32, leaky: singleNEON32, pair: singleNEON32, channels: 16, inputs: 1, lane: inOrder},
	budget: 200_000,
	spread: 1,
}, func(n int) int {
	limitNEON32(n)
	return n * 8 * 16
})

// assembly lists the backends beyond generic that run on this CPU, the fastest last. A program
// built for ARMv6, as the tag arm.6 says, runs on no older CPU; but its floating point can be soft.
func assembly() (bs []*backend) {
	if cpu.ARM.HasVFP {
		bs = append(bs, armv6)
	}
	if cpu.ARM.HasNEON {
		bs = append(bs, neon32)
	}
	return bs
}

// The convolution kernels compute what convGeneric does: the last layer's store pixels, the others
// what args.store says.

//go:noescape
func convARMv6(args *convArgs)

//go:noescape
func convLastARMv6(args *convArgs)

//go:noescape
func convBlocksARMv6(args *convArgs)

//go:noescape
func convNEON32(args *convArgs)

//go:noescape
func convLastNEON32(args *convArgs)

//go:noescape
func convBlocksNEON32(args *convArgs)

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseARMv6(args *denseArgs)

//go:noescape
func denseNEON32(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitARMv6(n int)

//go:noescape
func limitNEON32(n int)
