package measure

import (
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/pca"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Fidelity is how like the test images are what is drawn of their codes: by both decoders at the
// means of the float encoder, and by principal components of as many dimensions.
type Fidelity struct {
	Float Likeness `json:"float"`
	Int8  Likeness `json:"int8"`
	// PCA is nil where there are too few training images for as many components
	PCA        *Likeness       `json:"pca,omitempty"`
	Components *pca.Components `json:"-"` // those that PCA is of
}

// componentImages bounds the training images that components are found in: more make little
// difference.
const componentImages = 10_000

// Faithful measures a pair of models.
func Faithful(m *vae.Model, r *vae.Runner, d *decoder.Decoder, train, test *dataset.Set, threads int) *Fidelity {
	mean, _ := r.Encode(test.Images)
	points := d.Model().FixedPoint(nil, pair.Widened(mean)...)
	like := func(drawn []byte) Likeness { return Alike(test.Images, drawn, test.Shape(), threads) }
	all := func(draw pair.Draw) (pixels []byte) {
		const block = 500 // pictures, which bounds the memory for logits
		for k := range slices.Chunk(points, block*m.Latent) {
			pixels = append(pixels, draw(k)...)
		}
		return pixels
	}
	f := &Fidelity{Float: like(all(pair.DrawFloat(r, m))), Int8: like(all(pair.DrawInt8(d)))}
	if learnt := train.First(componentImages); learnt.N > m.Latent && m.Pixels() > m.Latent {
		f.Components = pca.Fit(learnt.Images, m.Pixels(), m.Latent, threads)
		l := like(f.Components.Reconstruct(test.Images))
		f.PCA = &l
	}
	return f
}
