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
)

func (k convKernel) run(args *convArgs) {
	switch k {
	case wideAVX2:
		convWideAVX2(args)
	case narrowAVX2:
		convNarrowAVX2(args)
	case lastAVX2:
		convLastAVX2(args)
	}
}

func (k denseKernel) run(args *denseArgs) { denseAVX2(args) }

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
		channels: 32,
		inputs:   2,
		lane:     packLanes(4, 2),
	},
	budget: 2_000_000,
}, func(n int) int {
	limitAVX2(n)
	return n * 12 * 32
})

// assembly lists the backends beyond generic that run on this CPU, the fastest last.
func assembly() (bs []*backend) {
	if cpuid.CPU.Supports(cpuid.AVX2) {
		bs = append(bs, avx2)
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

// The dense kernels compute what denseGeneric does.

//go:noescape
func denseAVX2(args *denseArgs)

// The limit loops are limitGeneric's, on as many accumulators as keep the multipliers busy.

//go:noescape
func limitAVX2(n int)
