package compare

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/classify"
)

// order is the share of points, of so many dimensions, whose class is the one with the nearest
// mean: the means are those of the first half of the points, the share is that of the second.
func order(z []float32, dims int, predictions []classify.Prediction, classes int) float64 {
	half := len(predictions) / 2
	means, count := make([][]float64, classes), make([]float64, classes)
	for c := range means {
		means[c] = make([]float64, dims)
	}
	for i, p := range predictions[:half] {
		count[p.Class]++
		for d, v := range z[i*dims:][:dims] {
			means[p.Class][d] += float64(v)
		}
	}
	right := 0
	for i, p := range predictions[half:] {
		best, nearest := -1, math.Inf(1)
		for c, mean := range means {
			distance := 0.0
			for d, v := range z[(half+i)*dims:][:dims] {
				off := float64(v) - mean[d]/count[c]
				distance += off * off
			}
			if distance < nearest { // false for a class without points
				best, nearest = c, distance
			}
		}
		if best == p.Class {
			right++
		}
	}
	return float64(right) / float64(max(len(predictions)-half, 1))
}
