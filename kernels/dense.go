package kernels

import "fmt"

// A Dense is the decoder's first layer: a latent point to a feature map. It is safe for concurrent
// use.
type Dense struct {
	backend *backend
	inputs  int
	out     Shape
	weight  []int8 // [out][in]
	bias    []int32
	scale   []float32 // per channel
	rectifier
	tiled *tiledDense
}

// NewDense returns the layer with these weights, [out][in], one bias per output and one scale per
// channel. The slices are kept.
func (b Backend) NewDense(inputs int, out Shape, weight []int8, bias []int32, scale []float32) (*Dense, error) {
	return b.NewLeakyDense(inputs, out, 0, weight, bias, scale)
}

// NewLeakyDense is NewDense of a layer to a leaky ReLU of that slope.
func (b Backend) NewLeakyDense(inputs int, out Shape, slope float32, weight []int8, bias []int32, scale []float32) (*Dense, error) {
	if n := out.Elements(); inputs < 1 || n < 1 || len(weight) != n*inputs || len(bias) != n || len(scale) != out.Channels {
		return nil, fmt.Errorf("kernels: %d weights, %d biases and %d scales for %d inputs and %v outputs", len(weight), len(bias), len(scale), inputs, out)
	}
	if err := (Slopes{Out: slope}).CheckRange(weight, bias, scale, true); err != nil {
		return nil, err
	}
	d := &Dense{backend: b.backend, inputs: inputs, out: out, weight: weight, bias: bias, scale: scale, rectifier: newRectifier(slope)}
	b.packDense(d)
	return d, nil
}

// Run computes the layer for one latent point.
func (d *Dense) Run(dst *Map, x []int16) {
	checkMap(dst, d.out)
	if len(x) != d.inputs {
		panic(fmt.Sprintf("kernels: %d inputs, want %d", len(x), d.inputs))
	}
	d.backend.dense(d, dst, nil, x, nil, 0, d.out.Height)
}

// denseBytes is about how many bytes of weights and biases stay in the nearest cache while several
// points pass over them.
const denseBytes = 12 << 10

// RunBatch computes the layer for len(dst) latent points, which follow each other in x. It fetches
// the weights once for all.
func (d *Dense) RunBatch(dst []*Map, x []int16) {
	if len(x) != d.inputs*len(dst) {
		panic(fmt.Sprintf("kernels: %d inputs for %d maps, want %d for each", len(x), len(dst), d.inputs))
	}
	for _, m := range dst {
		checkMap(m, d.out)
	}
	// A weight takes one byte, a bias four
	rows := max(1, denseBytes/(d.out.Width*d.out.Channels*(d.inputs+4)))
	for y := 0; y < d.out.Height; y += rows {
		n := min(rows, d.out.Height-y)
		for i := 0; i < len(dst); i += 2 {
			point := x[i*d.inputs:]
			if i+1 == len(dst) {
				d.backend.dense(d, dst[i], nil, point, nil, y, n)
			} else {
				d.backend.dense(d, dst[i], dst[i+1], point[:d.inputs], point[d.inputs:][:d.inputs], y, n)
			}
		}
	}
}
