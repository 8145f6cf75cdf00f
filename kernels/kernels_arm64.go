//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// The NEON kernels multiply 16 consecutive activations of a pixel by 16 weights of one output
// channel, so that the lanes of a sum run over source bytes until the tile is done. SMULL and
// SMLAL2 add two products in 16 bits, for a pair of steps four.
//
// With the dot product a lane is an output channel, and SDOT broadcasts four activations of a pixel
// to all lanes.

const (
	wideNEON convKernel = iota
	lastNEON
	lastRunsNEON
	blocksNEON
	wideDot
	narrowDot
	lastDot
	lastRunsDot
	blocksDot
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideNEON:
		convNEON(args)
	case lastNEON:
		convLastNEON(args)
	case lastRunsNEON:
		convLastRunsNEON(args)
	case blocksNEON:
		convBlocksNEON(args)
	case wideDot:
		convWideDot(args)
	case narrowDot:
		convNarrowDot(args)
	case lastDot:
		convLastDot(args)
	case lastRunsDot:
		convLastRunsDot(args)
	case blocksDot:
		convBlocksDot(args)
	}
}

const (
	singleNEON denseKernel = iota
	leakyNEON
)

func (k denseKernel) run(args *denseArgs) {
	if k == leakyNEON {
		denseLeakyNEON(args)
	} else {
		denseNEON(args)
	}
}

// dotTile is a tile whose lanes are output channels, four to a vector.
func dotTile(k convKernel, pixels, vectors int) *tile {
	return &tile{
		convKernel: k,
		pixels:     pixels, channels: 4 * vectors, step: 16,
		place: func(i int) (channel, source int) {
			return i / 4 % (4 * vectors), i/(16*vectors)*4 + i%4
		},
		lane: inOrder,
	}
}

// inQuads says that a tile's sums are those of convNEON.
func (t *tile) inQuads() *tile {
	t.quads, t.biasLanes = true, 4
	return t
}

// ofLanes says in how many 16-bit lanes a tile of engine.lastRuns adds a step's products, in turn.
func (t *tile) ofLanes(n int) *tile {
	t.runTaps, t.runSum = 1, func(i int) int { return i % n }
	return t
}

// denseTileNEON has no denseKernel for two points.
var denseTileNEON = &denseTile{single: singleNEON, leaky: leakyNEON, pair: singleNEON, channels: 16, inputs: 2, apart: true, lane: inOrder}

var neon = newTiled("neon", &engine{
	wide: (&tile{
		convKernel: wideNEON,
		pixels:     4, channels: 4, step: 16,
		place: func(i int) (int, int) { return i / 16, i % 16 },
		lane:  inOrder,
		sum:   halvesSum,
	}).inQuads(),
	last:     lastTile(lastNEON, 8, 16, halvesSum),
	lastRuns: lastTile(lastRunsNEON, 8, 32, nil).inRuns(4, 3).ofLanes(8),
	blocks:   blocksTile(blocksNEON, 4, blockByBlock, halvesSum).inQuads(),
	dense:    denseTileNEON,
	budget:   400_000,
	spread:   1,
}, func(n int) int {
	limitNEON(n)
	return n * 12 * 16
}).inPairs(func(n int) int {
	limitPairsNEON(n)
	return n * 12 * 32
})

var neondot = newTiled("neondot", &engine{
	wide:     dotTile(wideDot, 6, 4),
	narrow:   dotTile(narrowDot, 8, 1),
	last:     lastTile(lastDot, 8, 16, nil),
	lastRuns: lastTile(lastRunsDot, 8, 32, nil).inRuns(4, 3),
	blocks:   dotTile(blocksDot, 8, 1).inBlocks(blockByBlock),
	dense:    denseTileNEON,
	budget:   1_000_000,
	spread:   1,
}, func(n int) int {
	limitDot(n)
	return n * 12 * 16
})

// assembly lists the backends beyond generic that run on this CPU, the fastest last. NEON is part
// of arm64.
func assembly() (bs []*backend) {
	bs = append(bs, neon)
	if cpuid.CPU.Supports(cpuid.ASIMDDP) {
		bs = append(bs, neondot)
	}
	return bs
}

// The convolution kernels compute what convGeneric does: the last layer's store pixels, the others
// what args.store says.

//go:noescape
func convNEON(args *convArgs)

//go:noescape
func convLastNEON(args *convArgs)

//go:noescape
func convLastRunsNEON(args *convArgs)

//go:noescape
func convBlocksNEON(args *convArgs)

//go:noescape
func convWideDot(args *convArgs)

//go:noescape
func convNarrowDot(args *convArgs)

//go:noescape
func convLastDot(args *convArgs)

//go:noescape
func convLastRunsDot(args *convArgs)

//go:noescape
func convBlocksDot(args *convArgs)

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseNEON(args *denseArgs)

//go:noescape
func denseLeakyNEON(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitNEON(n int)

//go:noescape
func limitPairsNEON(n int)

//go:noescape
func limitDot(n int)
