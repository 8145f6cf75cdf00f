//go:build (!amd64 && !arm64) || purego

package sgemm

// detect returns the assembly backends that run here: none.
func detect() []*Backend { return nil }

func (b *Backend) gemm(g *Gemm, taps []int32) { gemmGeneric(g, taps) }

func (b *Backend) outer(c []float32, ldc int, a []float32, aOff, taps []int32, rows int, d []float32, dOff []int32, cols int) {
	outerGeneric(c, ldc, a, aOff, taps, rows, d, dOff, cols)
}

func (b *Backend) reluBackward(dx, y []float32) { reluBackwardGeneric(dx, y) }

func (b *Backend) noise(x []float32, random []int32, scale, peak []float32) {
	noiseGeneric(x, random, scale, peak)
}

func (b *Backend) add(dst, src []float32) { addGeneric(dst, src) }

func (b *Backend) sigmoid(e, s []float64, x []float32) { sigmoidGeneric(e, s, x) }

func (b *Backend) adam(w, g, m, v []float32, lr, beta1, beta2, eps float32) {
	adamGeneric(w, g, m, v, lr, beta1, beta2, eps)
}

func (b *Backend) rmsprop(w, g, v []float32, lr, rho, eps float32) {
	rmspropGeneric(w, g, v, lr, rho, eps)
}

func (b *Backend) peak(n int) int { return peakGeneric(n) }
