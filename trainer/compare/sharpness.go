package compare

import "math"

// Sharpness is how steep the edges of pictures of a shape (height, width, channels) are: the root
// of the sum of squared differences of pixels beside and below each other, by that of squared
// pixels, over all pictures together. Blur makes it less, and thinner strokes make it more.
func Sharpness(pixels []byte, shape [3]int) float64 {
	row := shape[1] * shape[2]
	size := shape[0] * row
	steps, squares := 0, 0
	for ; len(pixels) >= size; pixels = pixels[size:] {
		for i, v := range pixels[:size] {
			squares += int(v) * int(v)
			if i%row >= shape[2] {
				d := int(v) - int(pixels[i-shape[2]])
				steps += d * d
			}
			if i >= row {
				d := int(v) - int(pixels[i-row])
				steps += d * d
			}
		}
	}
	if squares == 0 {
		return 0
	}
	return math.Sqrt(float64(steps) / float64(squares))
}
