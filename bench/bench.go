// Package bench holds the benchmarks. `go test -bench ./bench` runs them from the root of the module, `go test -bench . ./bench`
// runs them here.
//
// Names are op=…/backend=…/batch=…, so that benchstat can group and compare them. GMAC/s counts the multiply-accumulates of the
// network as written, those on the zeros around a picture included.
package bench

import (
	"fmt"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
)

// All runs every benchmark.
func All(b *testing.B) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		b.Fatal(err)
	}
	for _, backend := range kernels.Backends() {
		name := func(op string) string { return fmt.Sprintf("op=%s/backend=%v/batch=1", op, backend) }
		b.Run(name("decode"), func(b *testing.B) { decode(b, m, backend) })
		b.Run(name("dense"), func(b *testing.B) { dense(b, m, backend) })
		b.Run(name("convt"), func(b *testing.B) { convTranspose(b, m, backend) })
		b.Run(name("last"), func(b *testing.B) { last(b, m, backend) })
	}
}

// measure times run, which does so many multiply-accumulates.
func measure(b *testing.B, macs int, run func()) {
	b.ReportAllocs()
	run() // caches warm, pages touched
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(macs)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GMAC/s")
}

func decode(b *testing.B, m *decoder.Model, backend kernels.Backend) {
	d, err := decoder.NewOn(m, backend)
	if err != nil {
		b.Fatal(err)
	}
	picture := make([]uint8, m.PictureSize())
	point := m.FixedPoint(nil, make([]float64, m.Latent)...)
	measure(b, m.MACs(), func() { d.Decode(picture, point) })
}

func shape(s [3]int) kernels.Shape { return kernels.Shape{Height: s[0], Width: s[1], Channels: s[2]} }

func dense(b *testing.B, m *decoder.Model, backend kernels.Backend) {
	l := m.Decoder[0]
	d, err := backend.NewDense(m.Latent, shape(l.Out), l.Weight, l.Bias, l.Scale)
	if err != nil {
		b.Fatal(err)
	}
	dst := kernels.NewMap(l.Out[0], l.Out[1], l.Out[2], kernels.Layout{Pitch: l.Out[2]})
	point := make([]int16, m.Latent)
	measure(b, len(l.Weight), func() { d.Run(dst, point) })
}

// convolution makes layer i of the decoder, a source for it with varied activations, and counts its multiply-accumulates.
func convolution(b *testing.B, m *decoder.Model, backend kernels.Backend, i int) (c *kernels.Conv, src *kernels.Map, macs int) {
	l, in := m.Decoder[i], m.Decoder[i-1].Out
	g := kernels.Geometry{
		Transposed: l.Op == decoder.ConvTranspose,
		In:         shape(in), Out: shape(l.Out), Kernel: l.Kernel, Stride: l.Stride,
		Edges: kernels.Edges{Top: l.Edges[0], Bottom: l.Edges[1], Left: l.Edges[2], Right: l.Edges[3]},
	}
	c, err := backend.NewConv(g, l.Weight, l.Bias, l.Scale)
	if err != nil {
		b.Fatal(err)
	}
	src = kernels.NewMap(in[0], in[1], in[2], c.SourceLayout())
	for y := range in[0] {
		for x := range in[1] {
			for k := range src.At(y, x) {
				src.At(y, x)[k] = uint8((y*31 + x*17 + k*7) % 128)
			}
		}
	}
	return c, src, l.MACs(in)
}

func convTranspose(b *testing.B, m *decoder.Model, backend kernels.Backend) {
	c, src, macs := convolution(b, m, backend, 1)
	dst := kernels.Output{Map: kernels.NewMap(c.Out.Height, c.Out.Width, c.Out.Channels, kernels.Layout{Pitch: c.Out.Channels})}
	measure(b, macs, func() { c.Run(dst, src) })
}

// last is the layer of one output channel and its table look-up.
func last(b *testing.B, m *decoder.Model, backend kernels.Backend) {
	c, src, macs := convolution(b, m, backend, len(m.Decoder)-1)
	dst := kernels.Output{Pixels: make([]uint8, c.Out.Elements()), Table: m.Table}
	measure(b, macs, func() { c.Run(dst, src) })
}
