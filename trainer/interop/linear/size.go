package linear

import (
	"fmt"
	"slices"
)

// MaxElements is the most that a layer's weights, or a map of a picture, may have; MaxReach is the
// largest kernel, of which those of the format are a part; MaxLatent is the most dimensions of a
// latent point. No number of a file is believed beyond them.
const (
	MaxElements = 1 << 24
	MaxReach    = 16
	MaxLatent   = 1024
)

// maxHeld is the most numbers that all values of a graph may have in memory, see [Budget].
const maxHeld = 1 << 27

// A Budget keeps account of the numbers that the values of a graph have in memory, which a small
// file may ask for many of. The zero value is that of a graph of which nothing has been computed.
type Budget struct{ held int }

// Add reports values that are too many.
func (b *Budget) Add(numbers int) error {
	if b.held += numbers; b.held > maxHeld {
		return fmt.Errorf("with it, values and weights have more than %d numbers: is it the decoder alone?", maxHeld)
	}
	return nil
}

// Elements is the number of elements of a tensor of that shape.
func Elements(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// squeezed is a shape without the dimensions of one element.
func squeezed(dims []int) []int {
	return slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d == 1 })
}

// Size is the number of elements of a shape that is only claimed: at most MaxElements.
func Size(dims []int) (int, error) {
	n := 1
	for _, d := range dims {
		if d < 0 || d > MaxElements || n*d > MaxElements {
			return 0, fmt.Errorf("a tensor of shape %v would have more than %d elements, or none", dims, MaxElements)
		}
		n *= d
	}
	return n, nil
}
