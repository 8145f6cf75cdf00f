package concept

import "math"

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

// independent is the covariance that codes, which have another, would have if no attribute came
// with or without another: what attributes leave unexplained, and what each by itself adds, its
// difference, as often as it is there.
func independent(c Codes, covariance symmetric, differences [][]float64, attributes []Attribute) symmetric {
	chosen := make([]int, len(attributes))
	for k := range chosen {
		chosen[k] = k
	}
	among, with := covariances(c, chosen, attributes)
	f := cholesky(among)
	left := newSymmetric(c.Dims)
	for d, b := range with {
		by := f.solve(b)
		for e := range left[d] {
			left[d][e] = covariance[d][e] - float64(dot(by, with[e])/float64(c.len()))
			for k, b := range differences {
				left[d][e] += float64(float64(b[d]*b[e]) * (among[k][k] / float64(c.len())))
			}
		}
	}
	return left
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

// leastAccuracy is the balanced accuracy, on training codes, from which on a linear classifier
// knows an attribute.
const leastAccuracy = 0.8

// normal returns the normal, of length 1, of a linear classifier of codes as they would be if no
// attribute came with or without another, whatever comes with it; nil if codes do not tell the
// attribute. The factors are those of the covariance of the codes and of the independent one.
func normal(c Codes, difference []float64, all, independent factor, has []bool) []float64 {
	n := independent.solve(difference)
	length := math.Sqrt(dot(n, n))
	if !(length > 0) || math.IsInf(length, 0) {
		return nil
	}
	for k := range n {
		n[k] /= length
	}
	told := all.solve(difference)
	if !(accuracy(c, told, threshold(c, told, has), has) >= leastAccuracy) {
		return nil
	}
	return n
}

// leastLength is what is left of a direction, as a share of its length.
const leastLength = 0.8

// apart returns a direction toward an attribute without its part along the normals of the other
// attributes that it can be combined with (Shen and others, "InterFaceGAN", 2020), or without as
// much of that part as leaves leastLength: where there are as many normals as dimensions, there
// would be nothing left.
func apart(direction []float64, normals [][]float64, of int, attributes []Attribute) []float64 {
	var others [][]float64
	for k, n := range normals {
		if k != of && n != nil && Combined(attributes[of].Train, attributes[k].Train) {
			others = append(others, n)
		}
	}
	if len(others) == 0 {
		return direction
	}
	among, along := newSymmetric(len(others)), make([]float64, len(others))
	for i, n := range others {
		along[i] = dot(n, direction)
		for j := range among[i] {
			among[i][j] = dot(n, others[j])
		}
	}
	part := make([]float64, len(direction))
	for i, x := range cholesky(among).solve(along) {
		for k, n := range others[i] {
			part[k] += float64(x * n)
		}
	}
	// What is left is at right angles to the part, so that without s of it the square of the length
	// is less by s (2 - s) of the part's
	s, most := 1.0, float64((1-leastLength*leastLength)*dot(direction, direction))
	if square := dot(part, part); square > most {
		s = 1 - math.Sqrt(1-most/square)
	}
	left := make([]float64, len(direction))
	for k, d := range direction {
		left[k] = d - float64(s*part[k])
	}
	return left
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
