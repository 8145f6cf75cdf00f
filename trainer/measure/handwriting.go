package measure

import "math"

// A handwriting is what of the writing of a digit is the writer's and not the digit's.
type handwriting struct {
	// Of the strokes' ink, in pixels to the right a pixel down: the covariance of both over the
	// variance of the second
	slant  float64
	stroke float64 // width in pixels
}

// measureHandwriting measures an image of that height, width and number of channels, whose mean
// counts, 0 being the ground. Of one without ink, or with all of it in a row, what there is no
// measure of is 0.
func measureHandwriting(pixels []byte, shape [3]int) handwriting {
	height, width, channels := shape[0], shape[1], shape[2]
	at := func(y, x int) float64 {
		if y < 0 || x < 0 || y >= height || x >= width {
			return 0
		}
		sum := 0
		for _, v := range pixels[(y*width+x)*channels:][:channels] {
			sum += int(v)
		}
		return float64(sum) / float64(channels)
	}
	var ink, sumX, sumY, edges float64
	for y := -1; y < height; y++ {
		for x := -1; x < width; x++ {
			a, b, c, d := at(y, x), at(y, x+1), at(y+1, x), at(y+1, x+1)
			ink += a
			sumX += a * float64(x)
			sumY += a * float64(y)
			edges += math.Hypot((b+d-a-c)/2, (c+d-a-b)/2) // the gradient where four pixels meet
		}
	}
	var h handwriting
	if ink == 0 {
		return h
	}
	// A stroke of a width has so much ink a length and two edges, whose gradient adds up to one
	// across each.
	h.stroke = 2 * ink / edges
	meanX, meanY := sumX/ink, sumY/ink
	var xy, yy float64
	for y := range height {
		for x := range width {
			a, dy := at(y, x), float64(y)-meanY
			xy += a * (float64(x) - meanX) * dy
			yy += a * dy * dy
		}
	}
	if yy > 0 {
		h.slant = xy / yy
	}
	return h
}

// compareFigures returns the means of two series and their correlation, which is 0 where one does
// not vary.
func compareFigures(a, b []float64) (meanA, meanB, correlation float64) {
	n := float64(len(a))
	for i := range a {
		meanA += a[i] / n
		meanB += b[i] / n
	}
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - meanA) * (b[i] - meanB)
		aa += (a[i] - meanA) * (a[i] - meanA)
		bb += (b[i] - meanB) * (b[i] - meanB)
	}
	if aa > 0 && bb > 0 {
		correlation = ab / math.Sqrt(aa*bb)
	}
	return meanA, meanB, correlation
}
