package latent

import (
	"math/bits"
	"slices"
)

// A Plane is a plane in latent space: a centre and two orthogonal unit vectors, in 1/AxisUnit.
type Plane struct {
	Center []int16 // in latent steps
	Axes   [2][]int16
}

// AxisUnit is the length of an axis of a [Plane].
const AxisUnit = 1 << axisUnitBits

const axisUnitBits = 14

// NewPlane returns the plane of the first two of dims coordinates, if there are two.
func NewPlane(dims int) Plane {
	p := Plane{Center: make([]int16, dims)}
	for i := range p.Axes {
		p.Axes[i] = make([]int16, dims)
		if i < dims {
			p.Axes[i][i] = AxisUnit
		}
	}
	return p
}

// PrincipalPlane returns the plane through the mean of points, of two dimensions or more, along
// their first two principal axes: the plane that spreads them most. An axis's largest coordinate is
// positive.
func PrincipalPlane(points [][]int16) Plane {
	dims, n := len(points[0]), int64(len(points))
	p := NewPlane(dims)
	centred := make([][]int64, len(points))
	for i := range centred {
		centred[i] = make([]int64, dims)
	}
	for k := range dims {
		var sum int64
		for _, x := range points {
			sum += int64(x[k])
		}
		mean, _ := floorDiv(2*sum+n, 2*n) // rounded
		p.Center[k] = int16(mean)
		for i, x := range points {
			centred[i][k] = int64(x[k]) - mean
		}
	}
	var axes [][]int64
	for i := range p.Axes {
		a := principalAxis(centred, axes)
		axes = append(axes, a)
		for k, v := range a {
			p.Axes[i][k] = clamp((v + axisOne/AxisUnit/2) >> (axisBits - axisUnitBits))
		}
	}
	return p
}

const (
	axisBits = 20
	axisOne  = 1 << axisBits // the length of an axis while it is sought
	// axisRounds is the most iterations: enough if the next axis has a few per cent less variance.
	axisRounds = 200
)

// principalAxis returns the direction, orthogonal to others, that spreads centred points most: by
// power iteration in integers, the same on every CPU whether it converges or not.
func principalAxis(points, others [][]int64) []int64 {
	dims := len(points[0])
	var axis []int64
	var most uint64
	for _, x := range points { // begins with the farthest point
		v := slices.Clone(x)
		if length := orthogonalize(v, others); length > most {
			axis, most = v, length
		}
	}
	if axis == nil { // no point is off the others, so any direction will do
		for k := 0; axis == nil; k++ {
			v := make([]int64, dims)
			v[k] = axisOne
			if orthogonalize(v, others) > axisOne/2 {
				axis = v
			}
		}
	}
	along := make([]int64, len(points))
	for range axisRounds {
		for i, x := range points {
			along[i] = 0
			for k, v := range x {
				along[i] += v * axis[k]
			}
		}
		fit(along, 20)
		next := make([]int64, dims)
		for i, x := range points {
			for k, v := range x {
				next[k] += v * along[i]
			}
		}
		if orthogonalize(next, others) == 0 {
			break
		}
		still := true
		for k, v := range next {
			still = still && v-axis[k] <= 1 && axis[k]-v <= 1
		}
		axis = next
		if still {
			break
		}
	}
	largest := int64(0)
	for _, v := range axis {
		if max(v, -v) > max(largest, -largest) {
			largest = v
		}
	}
	if largest < 0 {
		for k := range axis {
			axis[k] = -axis[k]
		}
	}
	return axis
}

// orthogonalize makes v orthogonal to axes, returns its length, and scales it to axisOne. A vector
// that would be nothing but rounding errors becomes zero.
func orthogonalize(v []int64, axes [][]int64) (length uint64) {
	halved := fit(v, 24) // so that sums of squares fit
	whole := norm(v)
	for i := range 2 { // the second time removes rounding errors
		for _, a := range axes {
			var along int64
			for k, x := range v {
				along += x * a[k]
			}
			along >>= axisBits
			for k := range v {
				v[k] -= along * a[k] >> axisBits
			}
		}
		n := norm(v)
		if n <= whole>>10 {
			clear(v)
			return 0
		}
		for k := range v {
			v[k], _ = floorDiv(v[k]*axisOne, int64(n))
		}
		if i == 0 {
			length, whole = n, 0
		}
	}
	if halved < 0 {
		return length >> -halved
	}
	return length << halved
}

func norm(v []int64) uint64 {
	var square uint64
	for _, x := range v {
		square += uint64(x * x)
	}
	return root(square)
}

// fit halves or doubles values until the largest has that many bits, and returns how often it
// halved them, negative if it doubled.
func fit(values []int64, most int) (halved int) {
	var largest int64
	for _, v := range values {
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return 0
	}
	halved = bits.Len64(uint64(largest)) - most
	for i := range values {
		if halved > 0 {
			values[i] >>= halved
		} else {
			values[i] <<= -halved
		}
	}
	return halved
}

// At fills dst with the point at (x, y) of the plane, in latent steps from its centre.
func (p Plane) At(dst []int16, x, y int16) {
	for k, c := range p.Center {
		v := int64(x)*int64(p.Axes[0][k]) + int64(y)*int64(p.Axes[1][k])
		dst[k] = clamp(int64(c) + (v+AxisUnit/2)>>axisUnitBits)
	}
}

// Coordinates returns where a point is seen from in front of the plane, in latent steps from its
// centre: At of them is the point of the plane that is nearest.
func (p Plane) Coordinates(point []int16) (x, y int16) {
	var sum [2]int64
	for i, axis := range p.Axes {
		for k, a := range axis {
			sum[i] += int64(a) * int64(int(point[k])-int(p.Center[k]))
		}
	}
	return clamp((sum[0] + AxisUnit/2) >> axisUnitBits), clamp((sum[1] + AxisUnit/2) >> axisUnitBits)
}
