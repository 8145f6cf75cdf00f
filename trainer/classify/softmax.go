package classify

import "math"

// softmax sets p to the probabilities of classes, and returns the logarithm
// of the sum that it divides by, above the largest logit. It may overwrite the logits.
func softmax(p, logits []float32) (largest, logSum float64) {
	largest = math.Inf(-1)
	for _, l := range logits {
		largest = max(largest, float64(l)) // NaN if one is
	}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l) - largest)
	}
	for i, l := range logits {
		p[i] = float32(math.Exp(float64(l)-largest) / sum)
	}
	return largest, math.Log(sum)
}

// crossEntropy returns that of a label under the logits of an image, in nats, and
// replaces the logits by scale times their gradient.
func crossEntropy(logits []float32, label byte, scale float32) float64 {
	l := float64(logits[label])
	largest, logSum := softmax(logits, logits)
	logits[label]--
	for i := range logits {
		logits[i] *= scale
	}
	return largest + logSum - l
}
