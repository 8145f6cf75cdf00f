//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

// The kernels for x86 broadcast four activations of a pixel to all lanes of a vector, each lane being an output channel. Without a
// dot product instruction, VPMADDUBSW and VPMADDWD add two products and then two sums.

func stepPlace(lane func(i int) int) func(i int) (channel, source int) {
	return func(i int) (int, int) { return lane(i / 4), i % 4 }
}

// packLanes is the order in which packing 32-bit lanes to bytes leaves them in memory, where a vector has that many groups of
// four lanes and vectors follow each other: packing works within the groups.
func packLanes(vectors, groups int) func(i int) int {
	return func(i int) int {
		vector, group, lane := i/(4*groups), i/4%groups, i%4
		return (group*vectors+vector)*4 + lane
	}
}

func inOrder(i int) int { return i }

// pairSum: VPMADDUBSW adds neighbours.
func pairSum(i int) int { return i / 2 }

const (
	wideAVX2 convKernel = iota
	narrowAVX2
	lastAVX2
	wideVNNI
	narrowVNNI
	lastVNNI
	lastQuadsVNNI
	wideVNNI512
	narrowVNNI512
	lastVNNI512
	lastPairsVNNI512
)

const (
	singleAVX2 denseKernel = iota
	pairAVX2
	singleVNNI512
	pairVNNI512
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideAVX2:
		convWideAVX2(args)
	case narrowAVX2:
		convNarrowAVX2(args)
	case lastAVX2:
		convLastAVX2(args)
	case wideVNNI:
		convWideVNNI(args)
	case narrowVNNI:
		convNarrowVNNI(args)
	case lastVNNI:
		convLastVNNI(args)
	case lastQuadsVNNI:
		convLastQuadsVNNI(args)
	case wideVNNI512:
		convWideVNNI512(args)
	case narrowVNNI512:
		convNarrowVNNI512(args)
	case lastVNNI512:
		convLastVNNI512(args)
	case lastPairsVNNI512:
		convLastPairsVNNI512(args)
	}
}

func (k denseKernel) run(args *denseArgs) {
	switch k {
	case singleAVX2:
		denseAVX2(args)
	case pairAVX2:
		densePairAVX2(args)
	case singleVNNI512:
		denseVNNI512(args)
	case pairVNNI512:
		densePairVNNI512(args)
	}
}

var avx2 = newTiled("avx2", &engine{
	wide: &tile{
		convKernel: wideAVX2,
		pixels:     2, channels: 32, step: 4,
		place: stepPlace(packLanes(4, 2)),
		lane:  packLanes(4, 2),
		sum:   pairSum,
	},
	narrow: &tile{
		convKernel: narrowAVX2,
		pixels:     8, channels: 8, step: 4,
		place: stepPlace(inOrder),
		lane:  inOrder,
		sum:   pairSum,
	},
	last: &tile{
		convKernel: lastAVX2,
		pixels:     8, channels: 1, step: 32,
		place: func(i int) (int, int) { return 0, i },
		lane:  inOrder,
		sum:   pairSum,
	},
	dense: &denseTile{
		single:   singleAVX2,
		pair:     pairAVX2,
		channels: 32,
		inputs:   2,
		lane:     packLanes(4, 2),
	},
	budget: 2_000_000,
}, func(n int) int {
	limitAVX2(n)
	return n * 12 * 32
})

// avxvnniNeeds is what the backend avxvnni needs besides AVX2. Only evex.go changes it.
var avxvnniNeeds = []cpuid.FeatureID{cpuid.AVXVNNI}

// AVX-VNNI: VPDPBUSD on 256 bits in the VEX encoding, without AVX-512.
var avxvnni = newTiled("avxvnni", &engine{
	wide: &tile{
		convKernel: wideVNNI,
		pixels:     3, channels: 32, step: 4,
		place: stepPlace(packLanes(4, 2)),
		lane:  packLanes(4, 2),
	},
	narrow: &tile{
		convKernel: narrowVNNI,
		pixels:     8, channels: 8, step: 4,
		place: stepPlace(inOrder),
		lane:  inOrder,
	},
	last: &tile{
		convKernel: lastVNNI,
		pixels:     8, channels: 1, step: 32,
		place: func(i int) (int, int) { return 0, i },
		lane:  inOrder,
	},
	lastRuns: &tile{
		convKernel: lastQuadsVNNI,
		pixels:     8, channels: 1, step: 32,
		neighbours: 4, rowTaps: 3,
		place: func(i int) (int, int) { return 0, i },
		lane:  inOrder,
	},
	dense: &denseTile{
		single:   singleAVX2,
		pair:     pairAVX2,
		channels: 32,
		inputs:   2,
		lane:     packLanes(4, 2),
	},
	budget: 4_000_000,
}, func(n int) int {
	limitVNNI(n)
	return n * 12 * 32
})

// AVX-512 VNNI: VPDPBUSD on 512 bits.
var avx512vnni = newTiled("avx512vnni", &engine{
	wide: &tile{
		convKernel: wideVNNI512,
		pixels:     7, channels: 32, step: 4,
		place: stepPlace(packLanes(2, 4)),
		lane:  packLanes(2, 4),
	},
	narrow: &tile{
		convKernel: narrowVNNI512,
		pixels:     8, channels: 8, step: 4,
		place: stepPlace(inOrder),
		lane:  inOrder,
	},
	last: &tile{
		convKernel: lastVNNI512,
		pixels:     8, channels: 1, step: 32,
		place: func(i int) (int, int) { return 0, i },
		lane:  inOrder,
	},
	lastRuns: &tile{
		convKernel: lastPairsVNNI512,
		pixels:     16, channels: 1, step: 32,
		neighbours: 2,
		place:      func(i int) (int, int) { return 0, i },
		lane:       inOrder,
	},
	dense: &denseTile{
		single:   singleVNNI512,
		pair:     pairVNNI512,
		channels: 32,
		inputs:   2,
		lane:     packLanes(2, 4),
	},
	budget: 4_000_000,
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

// The convolution kernels compute what convGeneric does: wide and narrow store activations, or accumulators if args.raw is set,
// last stores pixels.

//go:noescape
func convWideAVX2(args *convArgs)

//go:noescape
func convNarrowAVX2(args *convArgs)

//go:noescape
func convLastAVX2(args *convArgs)

//go:noescape
func convWideVNNI(args *convArgs)

//go:noescape
func convNarrowVNNI(args *convArgs)

//go:noescape
func convLastVNNI(args *convArgs)

//go:noescape
func convWideVNNI512(args *convArgs)

//go:noescape
func convNarrowVNNI512(args *convArgs)

//go:noescape
func convLastQuadsVNNI(args *convArgs)

//go:noescape
func convLastVNNI512(args *convArgs)

//go:noescape
func convLastPairsVNNI512(args *convArgs)

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseAVX2(args *denseArgs)

//go:noescape
func densePairAVX2(args *denseArgs)

//go:noescape
func denseVNNI512(args *denseArgs)

//go:noescape
func densePairVNNI512(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitAVX2(n int)

//go:noescape
func limitVNNI(n int)

//go:noescape
func limitVNNI512(n int)
