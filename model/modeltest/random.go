package modeltest

import (
	"math/rand/v2"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// Random is a network that follows from the seed: any stack that Check accepts, of maps of at most
// so many pixels a side and so many channels. Every kernel, stride and edge occurs, in both
// directions, in either half.
func Random(seed uint64, side, channels int) model.Network {
	r := random{rand.New(rand.NewPCG(seed, 77)), side, channels}
	for {
		if n := r.network(); n.Check() == nil {
			return n
		}
	}
}

type random struct {
	*rand.Rand
	side, channels int
}

// network may not be a valid one.
func (r *random) network() model.Network {
	n := model.Network{Latent: 1 + r.IntN(6)}
	in := r.dense(&n.Decoder, 1+r.IntN(r.channels))
	for range r.IntN(4) {
		if r.IntN(5) == 0 {
			in = r.dense(&n.Decoder, 1+r.IntN(r.channels))
		} else {
			in = r.conv(&n.Decoder, in, 1+r.IntN(r.channels))
		}
	}
	if channels := 1 + 2*r.IntN(2); r.IntN(4) == 0 {
		n.Image = r.dense(&n.Decoder, channels)
	} else {
		n.Image = r.conv(&n.Decoder, in, channels)
	}
	n.Decoder[len(n.Decoder)-1].Target = model.Pixels

	in = n.Image
	for range r.IntN(5) {
		in = r.conv(&n.Encoder, in, 1+r.IntN(r.channels))
	}
	for range r.IntN(3) {
		n.Encoder = append(n.Encoder, model.Layer{Op: model.Dense, Out: [3]int{1, 1, 1 + r.IntN(20)}, Target: model.ReLU})
	}
	n.Encoder = append(n.Encoder, model.Layer{Op: model.Dense, Out: [3]int{1, 1, 2 * n.Latent}, Target: model.Latent})
	for _, s := range []model.Stack{n.Encoder, n.Decoder} {
		for i := range s {
			if s[i].Activates() && r.IntN(3) == 0 {
				s[i].Target, s[i].Slope = model.LeakyReLU, []float32{0.001, 0.01, 0.2, 0.3, 0.9}[r.IntN(5)]
			}
		}
	}
	return n
}

// dense appends a dense layer and returns the shape of what it gives.
func (r *random) dense(s *model.Stack, channels int) [3]int {
	out := [3]int{1 + r.IntN(6), 1 + r.IntN(6), channels}
	*s = append(*s, model.Layer{Op: model.Dense, Out: out, Target: model.ReLU})
	return out
}

// conv appends a convolution, plain or transposed, and returns the shape of what it gives; one that
// is too large or of nothing spoils the network.
func (r *random) conv(s *model.Stack, in [3]int, channels int) (out [3]int) {
	op := model.Conv
	if r.IntN(2) == 0 {
		op = model.ConvTranspose
	}
	kernel := 1 + r.IntN(kernels.MaxKernel)
	l := model.Layer{Op: op, Kernel: kernel, Stride: 1 + r.IntN(kernels.MaxStride), Edges: new(kernels.Edges), Target: model.ReLU}
	for i := range l.Edges {
		l.Edges[i] = r.IntN(kernel)
	}
	l.Out[2] = channels
	l.Out[0], l.Out[1] = l.Geometry(in).Size()
	if max(l.Out[0], l.Out[1]) > r.side {
		l.Out = [3]int{}
	}
	*s = append(*s, l)
	return l.Out
}
