package concept

// balanced returns what an attribute adds to a code, all else being equal: its coefficient where
// codes are fitted by the attribute and by others at once, by least squares. An attribute that
// often comes with another, as high cheekbones with a smile, does not bring it along. (White,
// "Sampling Generative Networks", 2016, takes as many images of each combination, which for many
// attributes there are not.)
//
// Of the others count those of which all four combinations with it are there: what excludes an
// attribute, or follows from it, cannot be told from it.
func balanced(c Codes, of int, attributes []Attribute) []float64 {
	chosen := []int{of}
	for k := range attributes {
		if k != of && Combined(attributes[of].Train, attributes[k].Train) {
			chosen = append(chosen, k)
		}
	}
	// Attributes less their means, and the covariances with each other and with the codes
	n := float64(c.len())
	means := make([]float64, len(chosen))
	for j, k := range chosen {
		for _, has := range attributes[k].Train {
			if has {
				means[j] += 1 / n
			}
		}
	}
	among := newSymmetric(len(chosen))
	with := make([][]float64, c.Dims) // by dimension, then attribute
	for d := range with {
		with[d] = make([]float64, len(chosen))
	}
	center := Mean(c)
	x := make([]float64, len(chosen))
	for i := range c.len() {
		for j, k := range chosen {
			x[j] = -means[j]
			if attributes[k].Train[i] {
				x[j]++
			}
		}
		for j, row := range among {
			for l := range row {
				row[l] += float64(x[j] * x[l])
			}
		}
		for d, v := range c.at(i) {
			z := float64(v) - center[d]
			for j, a := range x {
				with[d][j] += float64(a * z)
			}
		}
	}
	f := cholesky(among)
	direction := make([]float64, c.Dims)
	for d, b := range with {
		direction[d] = f.solve(b)[0]
	}
	return direction
}

// leastShare is the share of the images of a combination of two attributes that there would be if
// neither said anything of the other.
const leastShare = 0.05

// Combined says that there are enough images of every combination of two attributes: where it is
// false, one of them follows from the other or excludes it, or nearly so.
func Combined(a, b []bool) bool {
	var count [2][2]float64
	for i := range a {
		count[index(a[i])][index(b[i])]++
	}
	n := float64(len(a))
	for i := range 2 {
		for j := range 2 {
			independent := (count[i][0] + count[i][1]) * (count[0][j] + count[1][j]) / n
			if count[i][j] == 0 || count[i][j] < leastShare*independent {
				return false
			}
		}
	}
	return true
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
		for j := codes[i].position; i < len(codes) && codes[i].position == j; i++ {
			here[index(codes[i].has)]++
		}
		before += here[1] * (without + here[0]/2)
		with, without = with+here[1], without+here[0]
	}
	return before / (with * without) // NaN if there are none of the one or of the other
}
