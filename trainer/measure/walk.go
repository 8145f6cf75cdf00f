package measure

import (
	"math"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/classify"
)

// Evenness is by how much pictures of so many bytes change from each to the next and from the last
// to the first, in grey levels a byte.
func Evenness(pixels []byte, size int) (least, mean, most float64) {
	n := len(pixels) / size
	least = math.Inf(1)
	for i := range n {
		change := float64(latent.Change(pixels[i*size:][:size], pixels[(i+1)%n*size:][:size])) / float64(size)
		least, mean, most = min(least, change), mean+change/float64(n), max(most, change)
	}
	return least, mean, most
}

// Sure is the share of pictures whose class has a probability of at least a half.
func Sure(classifier *classify.Runner, pixels []byte) float64 {
	predictions := classifier.Predict(pixels)
	n := 0
	for _, p := range predictions {
		if p.Probability >= 0.5 {
			n++
		}
	}
	return float64(n) / float64(len(predictions))
}
