package bench

import (
	"math"
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

// nets are the built-in digits, and the preset for faces with weights that are made up.
func nets(b *testing.B) []net {
	digits, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		b.Fatal(err)
	}
	its, err := encoder.Open(decoder.DefaultModel, digits)
	if err != nil {
		b.Fatal(err)
	}
	network, err := model.Preset("faces", [3]int{64, 64, 3}, 64)
	if err != nil {
		b.Fatal(err)
	}
	faces := &model.Model{Name: "faces", Latent: network.Latent, LatentSteps: model.LatentSteps, Image: network.Image, Table: digits.Table}
	alone := *faces
	faces.Decoder = madeUp(network.Decoder, network.Point())
	alone.Table, alone.DecoderSum = nil, faces.DecoderDigest()
	alone.Encoder = madeUp(network.Encoder, network.Image)
	for _, m := range []*model.Model{faces, &alone} {
		if err := m.Check(); err != nil {
			b.Fatal(err)
		}
	}
	return []net{{"digits", digits, its}, {"faces", faces, &alone}}
}

// madeUp are layers with weights whose sizes are spread as those of trained ones, around 0 and up
// to 127: on AVX2 and NEON it depends on them how many products are added before they are widened.
func madeUp(stack model.Stack, in [3]int) []model.Int8Layer {
	var layers []model.Int8Layer
	state := uint32(1)
	next := func() int {
		state = state*1664525 + 1013904223
		return int(state >> 24)
	}
	for _, l := range stack {
		taps := l.Kernel * l.Kernel * in[2]
		if l.Op == model.Dense {
			taps = model.Elements(in)
		}
		outs := l.Out[2]
		if l.Op == model.Dense {
			outs = model.Elements(l.Out)
		}
		q := model.Int8Layer{Layer: l, Weight: make([]int8, outs*taps), Bias: make([]int32, outs), Scale: make([]float32, l.Out[2])}
		for i := range q.Weight {
			q.Weight[i] = int8((next()+next()+next()+next()-510)*127/510/2 + next()%3 - 1)
		}
		for i := range q.Scale {
			q.Scale[i] = float32(1 / (40 * math.Sqrt(float64(taps))))
		}
		layers = append(layers, q)
		in = l.Out
	}
	return layers
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
