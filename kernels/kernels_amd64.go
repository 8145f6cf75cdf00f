//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// The kernels for x86 broadcast four activations of a pixel to all lanes of a vector, each lane
// being an output channel. Without a dot product instruction, VPMADDUBSW and VPMADDWD add two
// products and then two sums.

// channelTile is a tile whose lanes are output channels, in that order.
func channelTile(k convKernel, pixels, channels int, lane, sum func(i int) int) *tile {
	return &tile{
		convKernel: k,
		pixels:     pixels, channels: channels, step: 4,
		place: func(i int) (channel, source int) { return lane(i / 4), i % 4 },
		lane:  lane,
		sum:   sum,
	}
}

// inQuads says that a tile's kernel adds four steps in 16 bits, too.
func (t *tile) inQuads() *tile {
	t.quads = true
	return t
}

// inTaps says that a tile of engine.lastRuns adds as many taps in 16 bits.
func (t *tile) inTaps(n int) *tile {
	t.runTaps, t.runSum = n, pairSum
	return t
}

// packLanes is the order in which packing 32-bit lanes to bytes leaves them in memory, where a
// vector has that many groups of four lanes and vectors follow each other: packing works within the
// groups.
func packLanes(vectors, groups int) func(i int) int {
	return func(i int) int {
		vector, group, lane := i/(4*groups), i/4%groups, i%4
		return (group*vectors+vector)*4 + lane
	}
}

// pairSum: VPMADDUBSW adds neighbours.
func pairSum(i int) int { return i / 2 }

// halves is the order of blocks and phases that packing leaves of two vectors, one of the phases 0
// and 1 of four blocks and one of the phases 2 and 3.
func halves(i int) (block, phase int) { return i % 4, i/4%2*2 + i/8 }

const (
	wideAVX2 convKernel = iota
	narrowAVX2
	lastAVX2
	lastQuadsAVX2
	blocksAVX2
	wideVNNI
	narrowVNNI
	lastVNNI
	lastQuadsVNNI
	blocksVNNI
	wideVNNI512
	wide8VNNI512
	narrowVNNI512
	lastVNNI512
	lastPairsVNNI512
	lastRowsVNNI512
	blocksVNNI512
	coloursVNNI512
)

const (
	singleAVX2 denseKernel = iota
	leakyAVX2
	pairAVX2
	singleVNNI512
	leakyVNNI512
	pairVNNI512
	shortVNNI512
	shortPairVNNI512
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideAVX2:
		convWideAVX2(args)
	case narrowAVX2:
		convNarrowAVX2(args)
	case lastAVX2:
		convLastAVX2(args)
	case lastQuadsAVX2:
		convLastQuadsAVX2(args)
	case blocksAVX2:
		convBlocksAVX2(args)
	case wideVNNI:
		convWideVNNI(args)
	case narrowVNNI:
		convNarrowVNNI(args)
	case lastVNNI:
		convLastVNNI(args)
	case lastQuadsVNNI:
		convLastQuadsVNNI(args)
	case blocksVNNI:
		convBlocksVNNI(args)
	case wideVNNI512:
		convWideVNNI512(args)
	case wide8VNNI512:
		convWide8VNNI512(args)
	case narrowVNNI512:
		convNarrowVNNI512(args)
	case lastVNNI512:
		convLastVNNI512(args)
	case lastPairsVNNI512:
		convLastPairsVNNI512(args)
	case lastRowsVNNI512:
		convLastRowsVNNI512(args)
	case blocksVNNI512:
		convBlocksVNNI512(args)
	case coloursVNNI512:
		convColoursVNNI512(args)
	}
}

func (k denseKernel) run(args *denseArgs) {
	switch k {
	case singleAVX2:
		denseAVX2(args)
	case leakyAVX2:
		denseLeakyAVX2(args)
	case pairAVX2:
		densePairAVX2(args)
	case singleVNNI512:
		denseVNNI512(args)
	case leakyVNNI512:
		denseLeakyVNNI512(args)
	case pairVNNI512:
		densePairVNNI512(args)
	case shortVNNI512:
		denseShortVNNI512(args)
	case shortPairVNNI512:
		denseShortPairVNNI512(args)
	}
}

var denseTileAVX2 = &denseTile{
	single:   singleAVX2,
	leaky:    leakyAVX2,
	pair:     pairAVX2,
	channels: 32,
	inputs:   2,
	lane:     packLanes(4, 2),
}

var avx2 = newTiled("avx2", &engine{
	wide:     channelTile(wideAVX2, 2, 32, packLanes(4, 2), pairSum).inQuads(),
	narrow:   channelTile(narrowAVX2, 8, 8, inOrder, pairSum),
	last:     lastTile(lastAVX2, 8, 32, pairSum),
	lastRuns: lastTile(lastQuadsAVX2, 8, 32, nil).inRuns(4, 3).inTaps(2),
	blocks:   blocksTile(blocksAVX2, 4, halves, pairSum),
	dense:    denseTileAVX2,
	budget:   2_000_000,
	spread:   4,
}, func(n int) int {
	limitAVX2(n)
	return n * 12 * 32
}).inPairs(func(n int) int {
	limitPairsAVX2(n)
	return n * 12 * 64
})

// avxvnniNeeds is what the backend avxvnni needs besides AVX2. Only evex.go changes it.
var avxvnniNeeds = []cpuid.FeatureID{cpuid.AVXVNNI}

// AVX-VNNI: VPDPBUSD on 256 bits in the VEX encoding, without AVX-512.
var avxvnni = newTiled("avxvnni", &engine{
	wide:     channelTile(wideVNNI, 3, 32, packLanes(4, 2), nil),
	narrow:   channelTile(narrowVNNI, 8, 8, inOrder, nil),
	last:     lastTile(lastVNNI, 8, 32, nil),
	lastRuns: lastTile(lastQuadsVNNI, 8, 32, nil).inRuns(4, 3),
	blocks:   blocksTile(blocksVNNI, 4, halves, nil),
	dense:    denseTileAVX2,
	budget:   4_000_000,
	spread:   4,
}, func(n int) int {
	limitVNNI(n)
	return n * 12 * 32
})

// AVX-512 VNNI: VPDPBUSD on 512 bits.
var avx512vnni = newTiled("avx512vnni", &engine{
	wide:     channelTile(wideVNNI512, 7, 32, packLanes(2, 4), nil),
	wider:    channelTile(wide8VNNI512, 8, 32, packLanes(2, 4), nil),
	narrow:   channelTile(narrowVNNI512, 8, 8, inOrder, nil),
	last:     lastTile(lastVNNI512, 8, 32, nil),
	lastRuns: lastTile(lastPairsVNNI512, 16, 32, nil).inRuns(2, 0),
	lastRows: &tile{convKernel: lastRowsVNNI512, pixels: 2 * 14, channels: 1, step: (14 + 2) * 32, rows: 2},
	blocks:   blocksTile(blocksVNNI512, 8, func(i int) (int, int) { return i % 8, i / 8 }, nil),
	colours:  blocksTile(coloursVNNI512, 4, func(i int) (int, int) { return i % 4, i / 4 }, nil).ofColours(),
	dense: &denseTile{
		single:   singleVNNI512,
		leaky:    leakyVNNI512,
		pair:     pairVNNI512,
		channels: 32,
		inputs:   2,
		lane:     packLanes(2, 4),
	},
	short: &denseTile{
		single:   shortVNNI512,
		pair:     shortPairVNNI512,
		channels: 64,
		inputs:   2,
		short:    true,
		lane:     packLanes(4, 4),
	},
	budget: 4_000_000,
	spread: 4,
}, func(n int) int {
	limitVNNI512(n)
	return n * 12 * 64
})

// assembly lists the backends beyond generic that run on this CPU, the fastest last.
func assembly() (bs []*backend) {
	if cpuid.CPU.Supports(cpuid.AVX2) {
		bs = append(bs, avx2)
		if cpuid.CPU.Supports(avxvnniNeeds...) {
			bs = append(bs, avxvnni)
		}
	}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI) {
		bs = append(bs, avx512vnni)
	}
	return bs
}

// The convolution kernels compute what convGeneric does: wide and narrow store what args.store
// says, last stores pixels.

//go:noescape
func convWideAVX2(args *convArgs)

//go:noescape
func convNarrowAVX2(args *convArgs)

//go:noescape
func convLastAVX2(args *convArgs)

//go:noescape
func convLastQuadsAVX2(args *convArgs)

//go:noescape
func convBlocksAVX2(args *convArgs)

//go:noescape
func convWideVNNI(args *convArgs)

//go:noescape
func convNarrowVNNI(args *convArgs)

//go:noescape
func convLastVNNI(args *convArgs)

//go:noescape
func convWideVNNI512(args *convArgs)

//go:noescape
func convWide8VNNI512(args *convArgs)

//go:noescape
func convNarrowVNNI512(args *convArgs)

//go:noescape
func convLastQuadsVNNI(args *convArgs)

//go:noescape
func convBlocksVNNI(args *convArgs)

//go:noescape
func convLastVNNI512(args *convArgs)

//go:noescape
func convLastPairsVNNI512(args *convArgs)

//go:noescape
func convLastRowsVNNI512(args *convArgs)

//go:noescape
func convBlocksVNNI512(args *convArgs)

//go:noescape
func convColoursVNNI512(args *convArgs)

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseAVX2(args *denseArgs)

//go:noescape
func denseLeakyAVX2(args *denseArgs)

//go:noescape
func densePairAVX2(args *denseArgs)

//go:noescape
func denseVNNI512(args *denseArgs)

//go:noescape
func denseLeakyVNNI512(args *denseArgs)

//go:noescape
func densePairVNNI512(args *denseArgs)

//go:noescape
func denseShortVNNI512(args *denseArgs)

//go:noescape
func denseShortPairVNNI512(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitAVX2(n int)

//go:noescape
func limitPairsAVX2(n int)

//go:noescape
func limitVNNI(n int)

//go:noescape
func limitVNNI512(n int)

// ofColours makes t a tile for engine.colours.
func (t *tile) ofColours() *tile {
	t.channels *= colourChannels
	return t
}
