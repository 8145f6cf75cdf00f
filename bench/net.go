package bench

import (
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// A net is a network to measure: a decoder and its encoder in int8.
type net struct {
	name             string
	decoder, encoder *model.Model
}

// nets are the built-in digits and faces.
func nets(b *testing.B) []net {
	digits, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		b.Fatal(err)
	}
	its, err := encoder.Open(decoder.DefaultModel, digits)
	if err != nil {
		b.Fatal(err)
	}
	faces, err := decoder.Open("faces")
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := encoder.Open("faces", faces)
	if err != nil {
		b.Fatal(err)
	}
	return []net{{"digits", digits, its}, {"faces", faces, theirs}}
}

func (n net) encode(b *testing.B, backend kernels.Backend, _ int) {
	e, err := encoder.NewOn(n.encoder, backend)
	if err != nil {
		b.Fatal(err)
	}
	picture, code := make([]uint8, n.encoder.PictureSize()), make([]int16, n.encoder.Latent)
	for i := range picture {
		picture[i] = uint8(i * i >> 5)
	}
	measure(b, backend, e.MACs(), func() { e.Encode(code, picture) })
}
