package latent

import "math/bits"

// Classes draws codes of classes that exclude each other, such as those of the ten digits.
type Classes struct {
	means  [][]int16
	spread []int16 // standard deviation of a class's codes in every coordinate, in latent steps
	steps  int
}

// NewClasses returns the classes whose codes have these means, which it keeps, where the codes of
// all together have about the standard normal distribution, steps to a unit.
//
// A coordinate's variance over all codes is then one, of which a part is that of the means and what
// is left that within a class. How far apart codes of a class are is thus known without having seen
// any.
func NewClasses(means [][]int16, steps int) *Classes {
	c := &Classes{means: means, steps: steps, spread: make([]int16, len(means[0]))}
	n := int64(len(means))
	for i := range c.spread {
		var sum, squares int64
		for _, m := range means {
			sum += int64(m[i])
			squares += int64(m[i]) * int64(m[i])
		}
		within := int64(steps)*int64(steps) - (n*squares-sum*sum)/(n*n)
		// Where the codes are not as supposed there may be nothing left.
		least := int64(steps) * int64(steps) / leastVariance
		c.spread[i] = clamp(int64(root(uint64(max(within, least)))))
	}
	return c
}

const (
	// leastVariance is the reciprocal of the least variance within a class, in square units.
	leastVariance = 16
	// Codes are drawn with half the spread that they have, as good hands write, and of the way to
	// where another class's mean becomes the nearest go no more than 1/drawPart.
	drawSpread = 2
	drawPart   = 3
)

// Draw fills dst with a random code of a class: near its mean, and nearer to it by far than to that
// of any other.
func (c *Classes) Draw(dst []int16, r *Rand, class int) {
	r.Normal(dst, c.steps)
	for i, m := range c.means[class] {
		dst[i] = clamp(int64(m) + int64(dst[i])*int64(c.spread[i])/(drawSpread*int64(c.steps)))
	}
	mean := c.means[class]
	keep := kept(dst, mean, c.means, class, drawPart)
	for i, m := range mean {
		dst[i] = clamp(int64(m) + (int64(dst[i])-int64(m))*keep/Whole)
	}
}

// root is the integer square root, rounded down.
func root(v uint64) uint64 {
	if v == 0 {
		return 0
	}
	x := uint64(1) << ((bits.Len64(v) + 1) / 2)
	for {
		y := (x + v/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}
