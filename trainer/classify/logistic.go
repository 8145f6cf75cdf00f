package classify

import "math"

// logistic sets p to the probability of each class by itself. It may overwrite the logits.
func logistic(p, logits []float32) {
	for i, l := range logits {
		p[i] = float32(1 / (1 + math.Exp(-float64(l))))
	}
}

// balance has for each class what an image counts that is not of it and one that is: both kinds
// count the same together.
type balance [][2]float64

func newBalance(labels []byte, classes int) balance {
	b := make(balance, classes)
	for i, l := range labels {
		b[i%classes][l]++
	}
	for i, count := range b {
		for k, n := range count {
			b[i][k] = float64(len(labels)/classes) / (2 * max(n, 1))
		}
	}
	return b
}

// crossEntropy returns the mean of that of the labels of an image, in nats, and replaces the logits
// by scale times their gradient.
func (b balance) crossEntropy(logits []float32, labels []byte, scale float32) float64 {
	sum, n := 0.0, float64(len(logits))
	for i, logit := range logits {
		l, y := float64(logit), float64(labels[i])
		weight := b[i][labels[i]] / n
		// log(1 + exp(l)) - y l, of numbers of any size
		sum += weight * (max(l, 0) + math.Log1p(math.Exp(-math.Abs(l))) - y*l)
		logits[i] = scale * float32(weight*(1/(1+math.Exp(-l))-y))
	}
	return sum
}
