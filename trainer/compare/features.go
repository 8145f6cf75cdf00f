package compare

import (
	"slices"

	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// Features are those that a classifier has of pictures, one after another.
func Features(classifier *classify.Runner, pixels []byte) []float32 {
	f := make([]float32, len(pixels)/classifier.Pixels()*classifier.FeatureCount())
	classifier.Features(f, pixels)
	return f
}

// FeatureMoments are the moments of these.
func FeatureMoments(classifier *classify.Runner, pixels []byte, threads int) *Moments {
	return MomentsOf(Features(classifier, pixels), classifier.FeatureCount(), threads)
}

// Some are the pixels of so many images of a set, drawn at random but always the same, or of all.
// Sets have an order: the first of MNIST's are other people's than the last, and every second one
// is of another source.
func Some(s *dataset.Set, n int) (pixels []byte) {
	for _, i := range random.Permutation(1, 0, s.N)[:min(n, s.N)] {
		pixels = append(pixels, s.Image(i)...)
	}
	return pixels
}

// Histogram are the shares of pictures that a classifier reads as each class.
func Histogram(classifier *classify.Runner, pixels []byte) []float64 {
	shares := make([]float64, classifier.Classes())
	predictions := classifier.Predict(pixels)
	for _, p := range predictions {
		shares[p.Class]++
	}
	for i := range shares {
		shares[i] /= float64(len(predictions))
	}
	return shares
}

// Least and Most are the smallest and the largest of shares.
func Least(shares []float64) float64 { return slices.Min(shares) }
func Most(shares []float64) float64  { return slices.Max(shares) }

// Variety is how much pictures of so many bytes differ from each other: the mean absolute
// difference of the pixels of pairs that are drawn at random, always the same ones, in grey levels.
func Variety(pixels []byte, size int) float64 {
	const pairs, seed = 4000, 1
	n := len(pixels) / size
	if n < 2 {
		return 0
	}
	sum := 0.0
	for i := range pairs {
		a := int(random.Hash(seed, uint64(i), 0) % uint64(n))
		b := int(random.Hash(seed, uint64(i), 1) % uint64(n-1))
		if b >= a {
			b++
		}
		difference := 0
		for k, v := range pixels[a*size:][:size] {
			d := int(v) - int(pixels[b*size+k])
			difference += max(d, -d)
		}
		sum += float64(difference) / float64(size)
	}
	return sum / pairs
}
