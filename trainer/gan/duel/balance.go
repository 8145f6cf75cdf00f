package duel

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// Classes that the generator draws too rarely are shown to the critic more often, and those that it
// draws too often more rarely: an epoch multiplies the share of a class by the root of how much is
// missing, as the classifier reads what is drawn.
const (
	mostShown = 2.0 // times as often as the class has images, and half as often at least
	balancing = 0.5
	rarest    = 0.01 // less cannot be told from nothing
)

// These keep its draws apart from others with the same seed.
const timesSeed, againSeed = 0x74696d6573, 0x616761696e

// balance returns how often images of each class are shown, as a multiple of how often there are
// any, after epochs in which the classes had such shares of what was drawn; nil where no classes
// are known.
func balance(done []Epoch, labels []byte) []float64 {
	if len(done) == 0 || len(done[0].Classes) == 0 {
		return nil
	}
	of := make([]float64, len(done[0].Classes))
	for _, l := range labels {
		if int(l) >= len(of) {
			return nil // they are no classes of the classifier's
		}
		of[l] += 1 / float64(len(labels))
	}
	weights := make([]float64, len(of))
	sum := 0.0
	for class, share := range of {
		w := 1.0
		for _, e := range done {
			w *= math.Pow(max(share, rarest)/max(e.Classes[class], rarest), balancing)
			w = min(max(w, 1/mostShown), mostShown)
		}
		weights[class] = w
		sum += share * w
	}
	for class := range weights {
		weights[class] /= sum
	}
	return weights
}

// order is that of the images of the epoch under way.
func (m *match) order() []int {
	epoch, n := len(m.Done), m.train.N
	order := random.Permutation(m.Seed, epoch, n)
	weights := balance(m.Done, m.train.Labels)
	if weights == nil {
		return order
	}
	var all []int
	for _, i := range order {
		times := weights[m.train.Labels[i]] + float64(random.Hash(m.Seed^timesSeed, uint64(epoch), uint64(i))>>11)/(1<<53)
		for range int(times) {
			all = append(all, i)
		}
	}
	for k, i := range random.Permutation(m.Seed^againSeed, epoch, len(all)) {
		if k < n {
			order[k] = all[i]
		}
	}
	return order
}
