package gan

import "math"

// criticLoss returns the critic's loss for a picture that it gives the number c, one of the data
// set or a drawn one, and its derivative by c.
func (l Loss) criticLoss(c float64, drawn bool) (loss, slope float64) {
	sign := -1.0
	if drawn {
		sign = 1
	}
	if l == LossLogistic {
		loss, slope = softplus(sign * c)
		return loss, sign * slope
	}
	if loss = 1 + float64(sign*c); loss <= 0 {
		return 0, 0
	}
	return loss, sign
}

// generatorLoss returns the generator's loss for a picture that the critic gives the number c, and
// its derivative by c.
func (l Loss) generatorLoss(c float64) (loss, slope float64) {
	if l == LossLogistic {
		loss, slope = softplus(-c)
		return loss, -slope
	}
	return -c, -1
}

// softplus returns log(1 + exp(x)), of x of any size, and its derivative.
func softplus(x float64) (y, slope float64) {
	e := math.Exp(-math.Abs(x))
	slope = 1 / (1 + e)
	if x < 0 {
		slope *= e
	}
	return max(x, 0) + math.Log1p(e), slope
}

// sigmoid is the brightness of a pixel, 0 to 1, for a logit.
func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
