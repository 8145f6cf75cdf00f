package sgemm

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkSgemm measures the layers of the default network, for a shard of eight
// images. %limit is the share of what a loop over registers alone reaches.
func BenchmarkSgemm(b *testing.B) {
	const images = 8
	for _, shape := range []struct {
		name    string
		size    int // of the square picture, 0 for dense layers
		k, taps int
		n       int
	}{
		{"conv64x64", 14, 64, 9, 64},
		{"conv32x64", 14, 32, 9, 64},
		{"phase4", 14, 64, 4, 32}, // of the transposed convolution
		{"phase1", 14, 64, 1, 32},
		{"im2col9x32", 28, 9, 1, 32},
		{"im2col32x9", 28, 32, 1, 9},
		{"dense12544x32", 0, 12544, 1, 32},
		{"dense32x12544", 0, 32, 1, 12544},
		{"dense2x12544", 0, 2, 1, 12544},
	} {
		var g Gemm
		g.K = shape.k
		for i := range images {
			if shape.size == 0 {
				g.AOff = append(g.AOff, int32(i*shape.k))
				g.COff = append(g.COff, int32(i*shape.n))
				continue
			}
			width := shape.size + 2 // with a border
			for y := range shape.size {
				for x := range shape.size {
					g.AOff = append(g.AOff, int32(((i*width+y+1)*width+x+1)*shape.k))
					g.COff = append(g.COff, int32(len(g.COff)*shape.n))
				}
			}
			for tap := range shape.taps {
				if i == 0 {
					g.Taps = append(g.Taps, int32(((tap/3-1)*width+tap%3-1)*shape.k))
				}
			}
		}
		if g.Taps == nil {
			g.Taps = []int32{0}
		}
		g.A = make([]float32, images*(shape.size+2)*(shape.size+2)*shape.k)
		g.C = make([]float32, len(g.COff)*shape.n)
		grad := make([]float32, shape.taps*shape.k*shape.n)
		macs := len(g.COff) * shape.taps * shape.k * shape.n

		for _, backend := range Backends() {
			g.B = backend.NewPacked(shape.taps*shape.k, shape.n)
			run := func(op string, f func()) {
				b.Run(fmt.Sprintf("op=%s/shape=%s/backend=%v", op, shape.name, backend), func(b *testing.B) {
					for b.Loop() {
						f()
					}
					rate := float64(macs) * float64(b.N) / b.Elapsed().Seconds()
					b.ReportMetric(rate/1e9, "GMAC/s")
					b.ReportMetric(100*rate/limit(backend), "%limit")
				})
			}
			run("gemm", func() { backend.Gemm(&g) })
			run("outer", func() {
				backend.Outer(grad, shape.n, g.A, g.AOff, g.Taps, shape.k, g.C, g.COff, shape.n)
			})
		}
	}
}

// limit returns how many multiply-accumulates a second the backend does among
// registers alone: the best of some short trials.
func limit(backend *Backend) float64 {
	best := 0.0
	for range 50 {
		start := time.Now()
		macs := backend.PeakLoop(2000)
		best = max(best, float64(macs)/time.Since(start).Seconds())
	}
	return best
}

func BenchmarkElementwise(b *testing.B) {
	const n = 1 << 19 // about the network's parameters
	w, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	e, s := make([]float64, n), make([]float64, n)
	random := make([]int32, n)
	for _, backend := range Backends() {
		for _, test := range []struct {
			op string
			do func()
		}{
			{"adam", func() { backend.Adam(w, g, m, v, 1e-3, 0.9, 0.999, 1e-7) }},
			{"rmsprop", func() { backend.RMSprop(w, g, v, 1e-3, 0.9, 1e-7) }},
			{"noise", func() { backend.Noise(w, random, g[:32], v[:32]) }},
			{"relubackward", func() { backend.ReLUBackward(w, g) }},
			{"add", func() { backend.Add(w, g) }},
			{"sigmoid", func() { backend.Sigmoid(e, s, w) }},
		} {
			b.Run(fmt.Sprintf("op=%s/backend=%v", test.op, backend), func(b *testing.B) {
				for b.Loop() {
					test.do()
				}
				b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
