package latent

import "math"

// Position returns how far a code lies from the origin along a direction, in lengths of it, steps
// to a length: the coordinate whose unit is the direction. The direction, of the code's dimensions,
// must not be zero. What does not fit is the nearest int16.
func Position(code, direction []int16, steps int) int16 {
	var along, square int64
	for i, d := range direction {
		along += int64(code[i]) * int64(d)
		square += int64(d) * int64(d)
	}
	// The whole lengths first: along times steps may not fit.
	whole, rest := floorDiv(along, square)
	if whole < math.MinInt16 || whole > math.MaxInt16 {
		return clamp(whole)
	}
	part, _ := floorDiv(rest*int64(steps)+square/2, square)
	return clamp(whole*int64(steps) + part)
}

// floorDiv returns the quotient rounded down and what is left, which is not negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient, rest = quotient-1, rest+b
	}
	return quotient, rest
}

// Along sets dst, which may be the code, to the code moved along a direction by amount/steps
// lengths of it. An amount is less than 2^31.
func Along(dst, code, direction []int16, amount, steps int) {
	for i, d := range direction {
		move, _ := floorDiv(2*int64(amount)*int64(d)+int64(steps), 2*int64(steps)) // rounded
		dst[i] = clamp(int64(code[i]) + move)
	}
}

// Steer returns by how much a code moves along a direction, in the unit of the positions, to
// come nearer to a property: those that have it are at the position with on average, those that
// have it not at without, and the code at position. [Whole] takes the code to with, if it is not
// there yet; every further Whole goes as far again as the two are apart.
func Steer(position, without, with int16, amount int) int {
	apart := int64(with) - int64(without)
	missing := int64(with) - int64(position)
	if (missing < 0) != (apart < 0) {
		missing = 0 // it is beyond
	}
	move := missing*int64(min(amount, Whole)) + apart*int64(max(amount-Whole, 0))
	whole, _ := floorDiv(move+Whole/2, Whole)
	return int(min(max(whole, -1<<30), 1<<30))
}

// Nearest returns which of several points is nearest to a code, the first of equally near ones.
func Nearest(code []int16, points [][]int16) int {
	best, least := 0, int64(math.MaxInt64)
	for i, p := range points {
		var square int64
		for k, x := range p {
			d := int64(code[k]) - int64(x)
			square += d * d
		}
		if square < least {
			best, least = i, square
		}
	}
	return best
}

// Whole is the amount of an edit that is not less than all of it.
const Whole = 1 << 16

// Toward sets dst, which may be the code, to the code moved toward one of several classes that
// exclude each other, by amount/[Whole] of the way. from and to say which of the means of the
// classes' codes are those of its own class and of the other.
//
// What makes a code differ from others of its class, the hand that wrote the digit, say, goes
// along: the end of the way is to's mean plus what the code has beyond from's. But a code that is
// far from the mean of its class would end beyond the border of its new class, so that of it is
// reduced, all coordinates alike, until the end is no more than half-way to where another mean
// becomes the nearest.
func Toward(dst, code []int16, means [][]int16, from, to int, amount int) {
	target, own := means[to], means[from]
	keep := kept(code, own, means, to, 2) // half-way to the border
	for k, x := range code {
		end := int64(target[k])*Whole + keep*(int64(x)-int64(own[k]))
		move := end - int64(x)*Whole
		dst[k] = clamp(int64(x) + (move*int64(amount)+1<<31)>>32) // rounded
	}
}

// kept is how much of what a code has beyond the mean own, in 1/Whole, may be added to the mean of
// a class for the sum to be no more than 1/part of the way to where another mean becomes the
// nearest.
func kept(code, own []int16, means [][]int16, class int, part int64) int64 {
	target := means[class]
	keep := int64(Whole)
	for i, other := range means {
		var along, square int64 // of what is kept, along the way to the other mean
		for k, t := range target {
			d := int64(other[k]) - int64(t)
			along += d * (int64(code[k]) - int64(own[k]))
			square += d * d
		}
		// The border is half-way to the other mean.
		if i != class && 2*part*along > square {
			keep = min(keep, square*Whole/(2*part*along))
		}
	}
	return keep
}
