//go:build (!amd64 && !arm64) || purego

package kernels

// Without assembly there is nothing to move.
func (c *Conv) relocate(allocator)  {}
func (d *Dense) relocate(allocator) {}
