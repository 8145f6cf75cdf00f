// Package latent makes latent points, quantiles of the normal distribution, random draws from it
// and of classes, smooth walks and paths at an even pace, and planes, and moves points that are
// codes of pictures.
//
// Everything is integer arithmetic on a committed table, because the functions of package math
// differ in the last bits between CPUs and a single step of a latent coordinate can change a pixel.
// Coordinates are int16 fixed-point numbers of a stated number of steps a unit, as
// model.Model.LatentSteps has them.
package latent

import "math"

//go:generate go run gen.go

// quantile returns the normal quantile at p/2^32 in 1/65,536 units: the inverse of the normal
// distribution function, linearly interpolated in a table whose error is below 1e-5 between the 1 %
// and 99 % quantiles. The ends of the table stand at +-4.
func quantile(p uint32) int64 {
	d := int64(p) - 1<<31
	sign := int64(1)
	if d < 0 {
		d, sign = -d, -1
	}
	const cell = 1 << 21 // 2^31 over the table's 1,024 cells
	i, rest := d/cell, d%cell
	v := int64(table[i])
	if rest > 0 {
		v += (int64(table[i+1]) - v) * rest / cell
	}
	return sign * v
}

// fixed rounds v/65536 units to steps, halves away from zero.
func fixed(v int64, steps int) int16 {
	v *= int64(steps)
	if v < 0 {
		return clamp((v - 1<<15) / (1 << 16))
	}
	return clamp((v + 1<<15) / (1 << 16))
}

func clamp(v int64) int16 { return int16(min(max(v, math.MinInt16), math.MaxInt16)) }

// Quantiles fills dst with the quantiles of the normal distribution at len(dst) probabilities
// evenly spaced from 0.05 to 0.95, ascending: the coordinates of a manifold's rows and columns
// (Chollet, listing 8-28). A single one is the median.
func Quantiles(dst []int16, steps int) {
	n := uint64(len(dst))
	for i := range dst {
		p := uint64(1) << 31
		if n > 1 {
			p = (5*(n-1) + 90*uint64(i)) << 32 / (100 * (n - 1))
		}
		dst[i] = fixed(quantile(uint32(p)), steps)
	}
}

// A Rand draws from the standard normal distribution. The same seed gives the same draws on every
// CPU and in every version.
type Rand struct{ state uint64 }

// NewRand returns a generator for the seed.
func NewRand(seed uint64) *Rand { return &Rand{seed} }

// NewStream returns the generator of the k-th of many draws with one seed.
func NewStream(seed, k uint64) *Rand {
	// The multiplier differs from the generator's own increment, so the streams do not overlap.
	return NewRand(seed + k*0xd1342543de82ef95)
}

// next is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
// 2014).
func (r *Rand) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Normal fills dst with independent standard normal coordinates, none beyond +-4 units.
func (r *Rand) Normal(dst []int16, steps int) {
	for i := range dst {
		dst[i] = fixed(quantile(uint32(r.next()>>32)), steps)
	}
}

// LegSteps is the resolution of time on a walk: the number of moments from one way point to the
// next.
const LegSteps = 1 << legStepsBits

const legStepsBits = 10

// A Walk is an endless smooth path through random points of a distribution. It is a pure function
// of seed and time, so any moment can be asked for at any time. It must not be used by two
// goroutines at once.
type Walk struct {
	seed  uint64
	prior Prior
	rand  Rand
	leg   uint64
	ways  [4][]int16 // way points leg-1 .. leg+2
}

// NewWalk returns the walk of the seed through points of a distribution of dims dimensions.
func NewWalk(seed uint64, dims int, prior Prior) *Walk {
	w := &Walk{seed: seed, prior: prior, leg: math.MaxUint64}
	for i := range w.ways {
		w.ways[i] = make([]int16, dims)
	}
	return w
}

// At fills dst with the point at time t, in 1/1024 of a leg: a Catmull-Rom spline through the way
// points.
func (w *Walk) At(dst []int16, t uint64) {
	if leg := t / LegSteps; leg != w.leg {
		w.leg = leg
		for i := range w.ways {
			w.rand = Rand{w.seed}
			w.rand = Rand{w.rand.next() + (leg+uint64(i))*0xd1342543de82ef95}
			w.rand.next()
			w.prior.Draw(w.ways[i], &w.rand)
		}
	}
	u := int64(t % LegSteps)
	for i := range dst {
		dst[i] = spline(w.ways[0][i], w.ways[1][i], w.ways[2][i], w.ways[3][i], u, legStepsBits)
	}
}
