package concept

import (
	"math"
	"slices"
)

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
	among, with := covariances(c, chosen, attributes)
	f := cholesky(among)
	direction := make([]float64, c.Dims)
	for d, b := range with {
		direction[d] = f.solve(b)[0]
	}
	return direction
}

// leastCosine is that of the angle between a balanced direction and the normal that reads it: a
// wider angle asks for moves that no code makes.
const leastCosine = 0.1

// balance gives a concept, which has the better of the two other directions, the balanced one to
// move along, and of that the part along the normal of the linear classifier to be read by. The
// threshold is half-way between the means of those with the attribute and those without. Where the
// classifier hardly sees the attribute along the balanced direction, or there is none, the concept
// keeps what it has.
func (c *Concept) balance(train Codes, of int, attributes []Attribute, covariance symmetric, normal []float64) {
	direction := balanced(train, of, attributes)
	there := scale(direction, covariance)
	along, square := dot(direction, normal), dot(normal, normal)
	if !there || !(along >= leastCosine*math.Sqrt(square*dot(direction, direction))) {
		c.Normal = slices.Clone(c.Direction)
		return
	}
	c.Direction, c.Method = direction, Balanced
	c.Normal = make([]float64, len(normal))
	for k, n := range normal {
		c.Normal[k] = float64(n * (along / square))
	}
	between := 0.0
	for _, with := range []bool{false, true} {
		between += dot(mean(train, attributes[of].Train, with), c.Normal) / 2
	}
	c.Threshold = between / dot(c.Normal, c.Normal)
}

// covariances returns the covariances of some attributes with each other and, by dimension, with
// codes, times the number of these.
func covariances(c Codes, chosen []int, attributes []Attribute) (among symmetric, with [][]float64) {
	n := float64(c.len())
	means := make([]float64, len(chosen))
	for j, k := range chosen {
		for _, has := range attributes[k].Train {
			if has {
				means[j] += 1 / n
			}
		}
	}
	among = newSymmetric(len(chosen))
	with = make([][]float64, c.Dims)
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
	return among, with
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
