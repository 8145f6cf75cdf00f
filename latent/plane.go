package latent

import (
	"math/bits"
	"slices"
)

// A Plane is a plane in a latent space: a centre, and two directions at right angles to each other,
// of a length of one unit in 1/AxisUnit.
type Plane struct {
	Center []int16 // in latent steps
	Axes   [2][]int16
}

// AxisUnit is the length of a direction of a [Plane].
const AxisUnit = 1 << axisUnitBits

const axisUnitBits = 14

// NewPlane returns the plane of the first two coordinates of a latent space of dims dimensions, if
// it has two.
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

// PrincipalPlane returns the plane of the first two principal axes of points of at least two
// dimensions, through their mean: the plane in which they are farthest apart. Of a direction the
// largest coordinate is positive.
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
	// axisRounds is how often an axis is improved: enough where the next one's variance is smaller
	// by a few per cent.
	axisRounds = 200
)

// principalAxis returns the direction in which centred points are farthest apart, among those at
// right angles to others: by power iteration, in integers, so that it is the same on every CPU
// however far it has come.
func principalAxis(points, others [][]int64) []int64 {
	dims := len(points[0])
	var axis []int64
	var most uint64
	for _, x := range points { // begins with the farthest point
		v := slices.Clone(x)
		if length := straighten(v, others); length > most {
			axis, most = v, length
		}
	}
	if axis == nil { // there is no such point, so that any direction will do
		for k := 0; axis == nil; k++ {
			v := make([]int64, dims)
			v[k] = axisOne
			if straighten(v, others) > axisOne/2 {
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
		if straighten(next, others) == 0 {
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

// straighten makes v perpendicular to axes and axisOne long, and returns how long it was then. A
// vector of which nothing but rounding errors would be left becomes zero.
func straighten(v []int64, axes [][]int64) (length uint64) {
	halved := fit(v, 24) // so that sums of squares fit
	whole := norm(v)
	for i := range 2 { // the second time without what rounding has left
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

// fit halves or doubles values until the largest has so many bits, and returns how often it has
// halved, or less than zero.
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

// At fills dst, of the plane's dimensions, with the point at (x, y) of the plane, in latent steps
// from its centre.
func (p Plane) At(dst []int16, x, y int16) {
	for k, c := range p.Center {
		v := int64(x)*int64(p.Axes[0][k]) + int64(y)*int64(p.Axes[1][k])
		dst[k] = clamp(int64(c) + (v+AxisUnit/2)>>axisUnitBits)
	}
}
