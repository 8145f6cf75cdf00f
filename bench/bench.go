// Package bench holds the benchmarks. `go test -bench ./bench` runs them from the root of the
// module, `go test -bench . ./bench` runs them here.
//
// Names are op=…/net=…/backend=…/batch=…, so that benchstat can group and compare them. net is
// digits or faces, of the built-in models mnist-2 and faces; op is
//
//	decode      a picture by Decode or, for a batch, by DecodeBatch on one thread or on threads=2
//	encode      a picture by the encoder, on one thread
//	dense       the layers of the decoder by themselves: its first,
//	convt       its first transposed convolution,
//	last        and its last, with the table look-up
//	requantize  a layer of as many outputs as convt has, with as little multiplication as a layer
//	            can have
//	limit       multiply-accumulates on registers alone, and op=limit/…/pairs with pairs of
//	            products that are added in 16 bits first
//	train       a training step, on all cores
//
// There is also
//
//	frame       a frame of a scene on a panel, op=frame/panel=…/hz=…/scene=…, or with every
//	            decode delayed to decode=1ms
//
// whose wire takes the time that it takes at that clock. %wire is the share of the time that the
// bytes sent need, commands included; %full is their share of a whole frame.
//
// An operation of several pictures (batch=16, batch=225) is a whole batch; layers by themselves
// take its pictures in groups, over the maps of one group, as DecodeBatch does.
//
// GMAC/s counts the multiply-accumulates of the network as written, those on the zeros around a
// picture included. %limit is their share of what the same core does on registers alone, see
// [sampler]. Over 100 is possible where a kernel needs fewer instructions than the limit's
// sequence: AVX2 and NEON add pairs of products in 16 bits where the weights allow it; %pairs is
// the share of what the core does with those, and can be over 100, too, because they add four where
// the weights allow that. x1thread is how many times faster two threads are than one.
package bench

import (
	"fmt"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// All runs every benchmark.
func All(b *testing.B) {
	all := nets(b)
	for _, backend := range kernels.Backends() {
		b.Run(fmt.Sprintf("op=limit/backend=%v", backend), func(b *testing.B) { limit(b, backend.PeakLoop) })
		if backend.PeakPairsLoop(1) > 0 {
			b.Run(fmt.Sprintf("op=limit/backend=%v/pairs", backend), func(b *testing.B) { limit(b, backend.PeakPairsLoop) })
		}
		for _, n := range all {
			n.all(b, backend)
		}
	}
	frames(b, all[0].decoder)
	for _, backend := range sgemm.Backends() {
		for _, n := range all {
			b.Run(fmt.Sprintf("op=train/net=%s/backend=%v", n.name, backend), func(b *testing.B) { train(b, n.name, backend) })
		}
	}
}

// all are the benchmarks of a network's int8 form.
func (n net) all(b *testing.B, backend kernels.Backend) {
	batches := []int{1, 16, 225}
	if backend.String() == "generic" { // slow, and nothing in it depends on the batch
		batches = batches[:1]
	}
	on := func(run func(*testing.B, *model.Model, kernels.Backend, int)) func(*testing.B, kernels.Backend, int) {
		return func(b *testing.B, backend kernels.Backend, batch int) { run(b, n.decoder, backend, batch) }
	}
	for _, op := range []struct {
		name string
		run  func(*testing.B, kernels.Backend, int)
	}{
		{"decode", on(decode)}, {"encode", n.encode}, {"dense", on(dense)}, {"convt", on(convTranspose)}, {"last", on(last)}, {"requantize", on(requantize)},
	} {
		for _, batch := range batches {
			if op.name == "encode" && batch > 1 {
				continue // an encoder takes one picture at a time
			}
			b.Run(fmt.Sprintf("op=%s/net=%s/backend=%v/batch=%d", op.name, n.name, backend, batch), func(b *testing.B) { op.run(b, backend, batch) })
		}
	}
	if batch := batches[len(batches)-1]; batch > 1 {
		b.Run(fmt.Sprintf("op=decode/net=%s/backend=%v/batch=%d/threads=2", n.name, backend, batch), func(b *testing.B) { twoThreads(b, n.decoder, backend, batch) })
	}
}

// limitTurns is the length of a call of a limit loop, some tens of microseconds: assembly cannot be
// preempted.
const limitTurns = 4096

func limit(b *testing.B, loop func(n int) int) {
	macs := 0
	for b.Loop() {
		macs = loop(limitTurns)
	}
	b.ReportMetric(float64(macs)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GMAC/s")
}

// measure times run, which does so many multiply-accumulates, beside the backend's limit.
func measure(b *testing.B, backend kernels.Backend, macs int, run func()) {
	b.ReportAllocs()
	limits := []func() int{func() int { return backend.PeakLoop(limitTurns) }}
	pairs := backend.PeakPairsLoop(1) > 0
	if pairs {
		limits = append(limits, func() int { return backend.PeakPairsLoop(limitTurns) })
	}
	s := newSampler(run, limits...)
	for b.Loop() {
		run()
		s.next(b)
	}
	rate := float64(macs) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(rate, "GMAC/s")
	b.ReportMetric(100*float64(macs)*s.ratio(0), "%limit")
	if pairs {
		b.ReportMetric(100*float64(macs)*s.ratio(1), "%pairs")
	}
}

// points are varied latent points, one after another.
func points(m *model.Model, n int) []int16 {
	p := make([]int16, n*m.Latent)
	for i := range p {
		p[i] = int16((i*7919)%8192 - 4096)
	}
	return p
}

func decode(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	d := newDecoder(b, m, backend)
	pictures, p := make([]uint8, batch*m.PictureSize()), points(m, batch)
	if batch == 1 {
		measure(b, backend, m.MACs(), func() { d.Decode(pictures, p) })
		return
	}
	measure(b, backend, batch*m.MACs(), func() { d.DecodeBatch(pictures, p, 1) })
}

func newDecoder(b *testing.B, m *model.Model, backend kernels.Backend) *decoder.Decoder {
	d, err := decoder.NewOn(m, backend)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// twoThreads compares a batch on two threads with the same batch on one.
func twoThreads(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	d := newDecoder(b, m, backend)
	pictures, p := make([]uint8, batch*m.PictureSize()), points(m, batch)
	run := func() { d.DecodeBatch(pictures, p, 2) }
	b.ReportAllocs()
	s := newSampler(run, func() int {
		d.DecodeBatch(pictures, p, 1)
		return 1
	})
	for b.Loop() {
		run()
		s.next(b)
	}
	b.ReportMetric(float64(batch*m.MACs())*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GMAC/s")
	b.ReportMetric(s.ratio(0), "x1thread")
}

func shape(s [3]int) kernels.Shape { return kernels.Shape{Height: s[0], Width: s[1], Channels: s[2]} }

// newMaps returns the maps of a group of pictures.
func newMaps(s kernels.Shape, l kernels.Layout) (maps [decoder.BatchGroup]*kernels.Map) {
	for i := range maps {
		maps[i] = kernels.NewMap(s.Height, s.Width, s.Channels, l)
	}
	return maps
}

func dense(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	l := m.Decoder[0]
	d, err := backend.NewLeakyDense(m.Latent, shape(l.Out), l.Slope, l.Weight, l.Bias, l.Scale)
	if err != nil {
		b.Fatal(err)
	}
	maps, p := newMaps(shape(l.Out), kernels.Layout{Pitch: l.Out[2]}), points(m, batch)
	if batch == 1 {
		measure(b, backend, len(l.Weight), func() { d.Run(maps[0], p) })
		return
	}
	measure(b, backend, batch*len(l.Weight), func() {
		for i := 0; i < batch; i += len(maps) {
			n := min(len(maps), batch-i)
			d.RunBatch(maps[:n], p[i*m.Latent:][:n*m.Latent])
		}
	})
}

// A convolution is a layer to measure, with sources of varied activations.
type convolution struct {
	*kernels.Conv
	src  [decoder.BatchGroup]*kernels.Map
	macs int
}

func newConvolution(b *testing.B, backend kernels.Backend, s kernels.Slopes, l *model.Int8Layer, in [3]int) *convolution {
	g := l.Geometry(in)
	conv, err := backend.NewLeakyConv(g, s, l.Weight, l.Bias, l.Scale)
	if err != nil {
		b.Fatal(err)
	}
	c := &convolution{conv, newMaps(g.In, conv.SourceLayout()), l.MACs(in)}
	for i, src := range c.src {
		for y := range src.Height {
			for x := range src.Width {
				for k := range src.At(y, x) {
					src.At(y, x)[k] = uint8((y*31 + x*17 + k*7 + i) % 128)
				}
			}
		}
	}
	return c
}

// toMaps measures a layer that gives activations.
func (c *convolution) toMaps(b *testing.B, backend kernels.Backend, batch int) {
	dst := newMaps(c.Out, kernels.Layout{Pitch: c.Out.Channels})
	measure(b, backend, batch*c.macs, func() {
		for i := range batch {
			k := i % len(dst)
			c.Run(kernels.Output{Map: dst[k]}, c.src[k])
		}
	})
}

// firstTransposed returns the decoder's first transposed convolution to activations, its slopes and
// the shape of its source. It skips the benchmark if the decoder has none.
func firstTransposed(b *testing.B, m *model.Model) (s kernels.Slopes, l *model.Int8Layer, in [3]int) {
	in = [3]int{1, 1, m.Latent}
	for i := range m.Decoder {
		if l = &m.Decoder[i]; l.Op == model.ConvTranspose && l.Activates() {
			return model.Slopes(m.Decoder, i), l, in
		}
		in = l.Out
	}
	b.Skipf("model %s has no transposed convolution to activations", m.Name)
	return s, nil, in
}

func convTranspose(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	s, l, in := firstTransposed(b, m)
	newConvolution(b, backend, s, l, in).toMaps(b, backend, batch)
}

func last(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	i := len(m.Decoder) - 1
	c := newConvolution(b, backend, model.Slopes(m.Decoder, i), &m.Decoder[i], m.Decoder[i-1].Out)
	pictures, size := make([]uint8, batch*m.PictureSize()), m.PictureSize()
	measure(b, backend, batch*c.macs, func() {
		for i := range batch {
			c.Run(kernels.Output{Pixels: pictures[i*size:][:size], Table: m.Table}, c.src[i%len(c.src)])
		}
	})
}

// requantize is what is left of the transposed convolution when its sums are as short as they can
// be: kernels requantize the accumulators that they have in registers, so there is no
// requantization without a layer. This one has one tap and four source channels, one instruction of
// VPDPBUSD for eight or sixteen outputs. Gelem/s counts outputs.
func requantize(b *testing.B, m *model.Model, backend kernels.Backend, batch int) {
	slopes, transposed, _ := firstTransposed(b, m)
	out := transposed.Out
	in := [3]int{out[0], out[1], 4}
	l := &model.Int8Layer{
		Layer:  model.Layer{Op: model.Conv, Kernel: 1, Stride: 1, Edges: new(kernels.Edges), Out: out, Target: model.ReLU},
		Weight: make([]int8, out[2]*in[2]), Bias: make([]int32, out[2]), Scale: transposed.Scale,
	}
	for i := range l.Weight {
		l.Weight[i] = int8(i*37%255 - 127)
	}
	c := newConvolution(b, backend, kernels.Slopes{Out: slopes.Out}, l, in)
	c.toMaps(b, backend, batch)
	b.ReportMetric(float64(batch*c.Out.Elements())*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "Gelem/s")
}
