package vae

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/nn"
)

// limitEvery is after how many steps weights are brought back into their range.
const limitEvery = 8

// A weightLimit brings the weights of a layer of the decoder into the range of
// Options.WeightRange. (A penalty for the same is the range loss of Kundu and others, "R2 Loss:
// Range Restriction Loss for Model Compression and Quantization", 2023.)
type weightLimit struct {
	layer  *nn.Layer
	within float64   // root mean squares
	peaks  []float32 // of what the weights multiply, by channel; nil if all are alike
	most   []float64 // by channel of the output: of weights times peaks
}

func newWeightLimit(l *nn.Layer, within float64, peaks []float32) *weightLimit {
	return &weightLimit{l, within, peaks, make([]float64, l.Out[2])}
}

func (w *weightLimit) peak(in int) float32 {
	if w.peaks == nil {
		return 1
	}
	return w.peaks[in]
}

// apply changes the weights. What multiplies only zeros has no limit.
func (w *weightLimit) apply() {
	clear(w.most)
	for k, v := range w.layer.Weight {
		in, out := w.layer.Channels(k)
		x := float64(v * w.peak(in))
		w.most[out] += float64(x * x)
	}
	each := float64(len(w.layer.Weight) / len(w.most))
	for out, squares := range w.most {
		w.most[out] = w.within * math.Sqrt(squares/each)
	}
	for k, v := range w.layer.Weight {
		in, out := w.layer.Channels(k)
		if p := w.peak(in); p > 0 {
			most := float32(min(w.most[out]/float64(p), math.MaxFloat32))
			w.layer.Weight[k] = min(max(v, -most), most)
		}
	}
}
