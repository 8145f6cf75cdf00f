package linear

import "fmt"

// MaxElements is the most that a layer's weights, or a map of a picture, may have; MaxReach is the
// largest kernel, of which those of the format are a part; MaxLatent is the most dimensions of a
// latent point. No number of a file is believed beyond them.
const (
	MaxElements = 1 << 24
	MaxReach    = 16
	MaxLatent   = 1024
)

// Elements is the number of elements of a tensor of that shape.
func Elements(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
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
