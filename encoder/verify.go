package encoder

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// SyntheticGolden is the hash that every backend on every CPU must give for model.Synthetic.
const SyntheticGolden = "6136bec86a4288e1b1900c20b3385a2d57c72ecbce247b5d0362724175dd3b03"

// syntheticLeakyGolden is that of model.SyntheticLeaky.
const syntheticLeakyGolden = "721b18bf80bb18d6445a660dc6e6b3bc7f2c8e2f7ce2a6b5f32030c217b4c918"

// verifyPictures is the number of pictures that a hash covers.
const verifyPictures = 16

// Hash encodes 16 stated pictures on the backend and returns the SHA-256 of their means and
// logarithms of variances, one picture after another, as little-endian int16, in lower-case
// hexadecimal. The pictures come from the generator of package lcg seeded with 1; of the pixels of
// picture i, about i in 15 are noise and the others 0.
func Hash(m *model.Model, b kernels.Backend) (string, error) {
	e, err := NewOn(m, b)
	if err != nil {
		return "", err
	}
	g := lcg.Generator(1)
	picture := make([]uint8, m.PictureSize())
	sum := sha256.New()
	for i := range verifyPictures {
		for k := range picture {
			picture[k] = 0
			if g.Next(verifyPictures-1) < i {
				picture[k] = uint8(g.Next(256))
			}
		}
		e.run(m.Latent, picture)
		if err := binary.Write(sum, binary.LittleEndian, e.heads); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Golden returns the committed hash of the encoder of a built-in model, or of a synthetic one of
// package model.
func Golden(name string) (string, bool) {
	switch name {
	case "synthetic":
		return SyntheticGolden, true
	case "synthetic-leaky":
		return syntheticLeakyGolden, true
	}
	return pretrained.Golden(name)
}
