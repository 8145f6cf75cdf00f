//go:build (arm64 || arm.6) && !purego

package kernels

// This file is what 64-bit and 32-bit Arm share.

// inBlocks makes t a tile for engine.blocks.
func (t *tile) inBlocks(entry func(i int) (block, phase int)) *tile {
	t.entry = entry
	return t
}

// blockByBlock is the order of the phases of one block after another.
func blockByBlock(i int) (block, phase int) { return i / 4, i % 4 }

// halvesSum: SMLAL2 adds, and so does 32-bit VMLAL, the upper half of 16 products to the lower.
func halvesSum(i int) int { return i/16*8 + i%8 }
