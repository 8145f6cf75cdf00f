package decoder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// SyntheticGolden is the hash that every backend on every CPU must give for model.Synthetic.
const SyntheticGolden = "55a66ecda4b80315123955004f853cf76c6679f0f99592ee581a1616df7855d5"

// Those of model.SyntheticDense and of model.SyntheticLeaky.
const (
	syntheticLeakyGolden = "3380edc6b67d7dec2a9b4c03902ed22182daa238a5b0298e40a45a7ac0e52b2e"
	syntheticDenseGolden = "695c619d45db7c48816f3fc06094e3fa31e9ca4654603bd77f7d621187b090df"
)

// VerifyPoints is the number of latent points that [Hash] decodes: eight of a model that takes more
// than largeModel multiply-accumulates a picture, so that generic code on a small board is done in
// seconds.
func VerifyPoints(m *model.Model) int {
	const largeModel = 10_000_000
	if m.MACs() > largeModel {
		return 8
	}
	return 64
}

// Hash decodes stated latent points on the backend and returns the SHA-256 of their pixels, one
// picture after another, in lower-case hexadecimal. They are 64 points or, of a model that takes
// more than 10 million multiply-accumulates a picture, the first eight of these. The first four
// have every coordinate at zero or at an extreme of int16; the coordinates of the others come from
// the generator x = 1664525 x + 1013904223 mod 2^32 seeded with 1, within +-4 units.
func Hash(m *model.Model, b kernels.Backend) (string, error) {
	d, err := NewOn(m, b)
	if err != nil {
		return "", err
	}
	picture := make([]uint8, m.PictureSize())
	sum := sha256.New()
	for point := range statedPoints(m, VerifyPoints(m)) {
		d.Decode(picture, point)
		sum.Write(picture)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// statedPoints yields the first n points that [Hash] decodes, each of them valid until the next.
func statedPoints(m *model.Model, n int) iter.Seq[[]int16] {
	return func(yield func([]int16) bool) {
		g := lcg.Generator(1)
		point := make([]int16, m.Latent)
		for i := range n {
			for k := range point {
				switch i {
				case 0:
					point[k] = 0
				case 1:
					point[k] = math.MaxInt16
				case 2:
					point[k] = math.MinInt16
				case 3:
					point[k] = []int16{math.MinInt16, math.MaxInt16}[k%2]
				default:
					point[k] = int16(g.Between(-4*model.LatentSteps, 4*model.LatentSteps))
				}
			}
			if !yield(point) {
				return
			}
		}
	}
}

// ErrWrongPixels is wrapped by the error for a decoder whose pixels are not those of generic code.
var ErrWrongPixels = errors.New("other pixels than generic code gives")

// SelfCheck decodes the first eight of the points that [Hash] stands for, extremes among them, and
// returns an error that wraps [ErrWrongPixels] if generic code has other pixels. It takes as long
// as eight pictures on the slowest backend, and uses the decoder.
func (d *Decoder) SelfCheck() error {
	generic, err := NewOn(d.model, kernels.Backends()[0])
	if err != nil {
		return err
	}
	got, want := make([]uint8, d.model.PictureSize()), make([]uint8, d.model.PictureSize())
	i := 0
	for point := range statedPoints(d.model, 8) {
		d.Decode(got, point)
		generic.Decode(want, point)
		if !bytes.Equal(got, want) {
			return fmt.Errorf("decoder: model %s: point %d has %w", d.model.Name, i, ErrWrongPixels)
		}
		i++
	}
	return nil
}

// Golden returns the committed hash of a built-in model, or of a synthetic one of package model.
func Golden(name string) (string, bool) {
	switch name {
	case "synthetic":
		return SyntheticGolden, true
	case "synthetic-dense":
		return syntheticDenseGolden, true
	case "synthetic-leaky":
		return syntheticLeakyGolden, true
	}
	return pretrained.Golden(name)
}
