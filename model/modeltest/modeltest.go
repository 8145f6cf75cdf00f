// Package modeltest has small networks for tests.
package modeltest

import "github.com/vae-edge/vae-edge/model"

// Book is the book's network for pictures of that height, width and number of channels, with so
// many latent dimensions and units of the encoder's dense layer.
func Book(height, width, channels, latent, hidden int) model.Network {
	n, err := model.Preset("book", [3]int{height, width, channels}, latent)
	if err != nil {
		panic(err)
	}
	n.Encoder[4].Out[2] = hidden
	return n
}

// Deep is a network for colour pictures of 8 x 12 that has what the book's has not: two halvings by
// kernels of 4 with edges as PyTorch has them and of 5, two dense layers before the heads, wide
// layers with three channels out.
func Deep() model.Network {
	return parse(`{
		"image": [8, 12, 3], "latent": 4,
		"encoder": [
			{"op": "conv", "kernel": 4, "stride": 2, "edges": [1, 1, 1, 1], "out": 9},
			{"op": "conv", "kernel": 5, "stride": 2, "out": 10},
			{"op": "dense", "out": 12},
			{"op": "dense", "out": 7},
			{"op": "dense"}
		],
		"decoder": [
			{"op": "dense", "out": 11},
			{"op": "conv_transpose", "kernel": 4, "stride": 2, "edges": [1, 1, 1, 1], "out": 9},
			{"op": "conv", "kernel": 2, "out": 10},
			{"op": "conv_transpose", "kernel": 3, "stride": 2, "edges": [1, 0, 1, 0]}
		]
	}`)
}

// Foreign is a network for grey pictures of 8 x 8 as others have them: dense layers before and
// after convolutions, and to pixels, and leaky ReLUs.
func Foreign() model.Network {
	return parse(`{
		"image": [8, 8, 1], "latent": 4,
		"encoder": [
			{"op": "conv", "kernel": 3, "stride": 2, "out": 9, "to": "leaky_relu", "slope": 0.01},
			{"op": "dense", "out": 12, "to": "leaky_relu", "slope": 0.3},
			{"op": "dense"}
		],
		"decoder": [
			{"op": "dense", "out": 20, "to": "leaky_relu", "slope": 0.2},
			{"op": "dense", "out": [2, 3, 11]},
			{"op": "conv_transpose", "kernel": 4, "stride": 2, "out": 9, "to": "leaky_relu", "slope": 0.01},
			{"op": "dense"}
		]
	}`)
}

// Colour64 is a network for colour pictures of 64 x 64: four halvings by kernels of 4, 64 latent
// dimensions, and back. Its maps have so many channels at 32 x 32 pixels, and twice and four times
// as many at fewer.
func Colour64(channels int) model.Network {
	n := model.Network{Image: [3]int{64, 64, 3}, Latent: 64}
	in := n.Image
	conv := func(s *model.Stack, op model.Op, channels int) {
		*s = append(*s, model.Same(op, in, 4, 2, channels))
		in = (*s)[len(*s)-1].Out
	}
	dense := func(s *model.Stack, out [3]int, to model.Target) {
		*s = append(*s, model.Layer{Op: model.Dense, Out: out, Target: to})
		in = out
	}
	for _, times := range []int{1, 2, 4, 4} {
		conv(&n.Encoder, model.Conv, times*channels)
	}
	small := in
	dense(&n.Encoder, [3]int{1, 1, model.HiddenUnits(n.Latent)}, model.ReLU)
	dense(&n.Encoder, [3]int{1, 1, 2 * n.Latent}, model.Latent)
	dense(&n.Decoder, small, model.ReLU)
	for _, c := range []int{4 * channels, 2 * channels, channels, n.Image[2]} {
		conv(&n.Decoder, model.ConvTranspose, c)
	}
	n.Decoder[len(n.Decoder)-1].Target = model.Pixels
	if err := n.Check(); err != nil {
		panic(err)
	}
	return n
}

func parse(text string) model.Network {
	n, err := model.ParseNetwork([]byte(text), [3]int{}, 0)
	if err != nil {
		panic(err)
	}
	return n
}
