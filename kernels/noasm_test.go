//go:build (!amd64 && !arm64 && !arm.6 && !(js && simd128)) || purego

package kernels

// Without assembly there is nothing to move.
func (c *Conv) relocate(allocator, *Map)         {}
func (d *Dense) relocate(allocator)              {}
func (c *Conv) checkScratch(allocator, *Map)     {}
func (d *Dense) checkScratch(allocator, []int16) {}
