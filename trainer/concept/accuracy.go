package concept

import "math"

// threshold is the position along a direction at which most images are told apart, those with the
// attribute counting as much as those without it: half-way between the two codes that it separates.
func threshold(c Codes, direction []float64, has []bool) float64 {
	codes := along(c, direction, has)
	with := 0
	for _, code := range codes {
		if code.has {
			with++
		}
	}
	without := len(codes) - with
	best, at := math.MinInt, 0.0
	right := 0 // less a constant, times with and without, which keeps it a whole number
	for i, code := range codes {
		if code.has {
			right -= without
		} else {
			right += with
		}
		next := code.position
		if i+1 < len(codes) {
			next = codes[i+1].position
		}
		if right > best && (next > code.position || i+1 == len(codes)) {
			best, at = right, code.position+(next-code.position)/2
		}
	}
	return at
}

// accuracy is that of Concept.Accuracy.
func accuracy(c Codes, direction []float64, threshold float64, has []bool) float64 {
	return BalancedAccuracy(has, func(i int) bool { return Position(c.at(i), direction) > threshold })
}

// BalancedAccuracy is the mean of two shares: of the images that have an attribute, and of those
// that have it not, which answers are right for. It is not a number where there are none of the one
// or of the other.
func BalancedAccuracy(has []bool, answer func(image int) bool) float64 {
	var right, all [2]int
	for i, h := range has {
		group := 0
		if h {
			group = 1
		}
		all[group]++
		if answer(i) == h {
			right[group]++
		}
	}
	if all[0] == 0 || all[1] == 0 {
		return math.NaN()
	}
	return (float64(right[0])/float64(all[0]) + float64(right[1])/float64(all[1])) / 2
}

func index(has bool) int {
	if has {
		return 1
	}
	return 0
}

// auc is the area under the receiver operating characteristic of the positions along a direction:
// how often an image with an attribute lies further along than one without. It is 0.5 for a guess.
func auc(c Codes, direction []float64, has []bool) float64 {
	codes := along(c, direction, has)
	var with, without, before float64
	for i := 0; i < len(codes); {
		var here [2]float64 // at one position: half of them counts as further along
		for j := codes[i].position; ; {
			here[index(codes[i].has)]++
			if i++; i == len(codes) || codes[i].position != j {
				break
			}
		}
		before += here[1] * (without + here[0]/2)
		with, without = with+here[1], without+here[0]
	}
	return before / (with * without) // NaN if there are none of the one or of the other
}
