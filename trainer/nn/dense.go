package nn

import (
	"fmt"

	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// denseLayer multiplies the inside of a picture, flattened row by row, by
// weights [In][Out], and gives a picture that is filled row by row.
//
// Its weights are many and each is used once for a picture, so their gradient
// is better taken over a whole batch than over a few pictures: it has a
// method of its own, and is cut in pieces for several goroutines.
type denseLayer struct {
	In, Out int

	backend         *sgemm.Backend
	in, out         runs
	weights         []*sgemm.Packed // In x out.length, one for every run of outputs
	backwardWeights []*sgemm.Packed // Out x in.length, one for every run of inputs
	zeros           []int32
}

// runs are those of floats that make up the inside of pictures.
type runs struct {
	count, length int
	taps          []int32   // where each begins, from the first
	rows          [][]int32 // for every run, its places in all pictures
}

func newRuns(l Layout, images int) runs {
	var s runs
	s.count, s.length = l.runs()
	for j := range s.count {
		rows := make([]int32, images)
		for i := range rows {
			rows[i] = int32(i*l.Size() + l.Offset(j, 0))
		}
		s.taps = append(s.taps, int32(j*l.rowStride()))
		s.rows = append(s.rows, rows)
	}
	return s
}

// newDense makes a layer for up to images pictures at a time.
func newDense(b *sgemm.Backend, in, out Layout, images int) *denseLayer {
	if in.Len() < 1 || out.Len() < 1 {
		panic(fmt.Sprintf("nn: dense layer between layouts %+v and %+v", in, out))
	}
	d := &denseLayer{
		In: in.Len(), Out: out.Len(),
		backend: b,
		in:      newRuns(in, images), out: newRuns(out, images),
		zeros: make([]int32, images),
	}
	for range d.out.count {
		d.weights = append(d.weights, b.NewPacked(d.In, d.out.length))
	}
	for range d.in.count {
		d.backwardWeights = append(d.backwardWeights, b.NewPacked(d.Out, d.in.length))
	}
	return d
}

// Pack takes a part of the weights w for the passes to come: for Forward, and
// if backward is set, for Backward too. All parts of so many make the whole.
func (d *denseLayer) Pack(w []float32, backward bool, part, parts int) {
	first, end := part*d.In/parts, (part+1)*d.In/parts
	for j, p := range d.weights {
		p.PackRows(first, end-first, w[first*d.Out+j*d.out.length:], d.Out, 1)
	}
	if backward {
		for j := part; j < len(d.backwardWeights); j += parts {
			d.backwardWeights[j].Pack(w[j*d.in.length*d.Out:], 1, d.Out)
		}
	}
}

// Forward computes the outputs y of n pictures x.
func (d *denseLayer) Forward(y, x, bias []float32, relu bool, n int) {
	for j, p := range d.weights {
		d.backend.Gemm(&sgemm.Gemm{
			A: x, AOff: d.in.rows[0][:n], Taps: d.in.taps, K: d.in.length,
			B: p,
			C: y, COff: d.out.rows[j][:n],
			Bias: bias[j*d.out.length:][:d.out.length], ReLU: relu,
		})
	}
}

// Backward sets dx to the gradient of n pictures, dy being that of their
// outputs, or adds it to dx.
func (d *denseLayer) Backward(dx, dy []float32, add bool, n int) {
	for j, p := range d.backwardWeights {
		d.backend.Gemm(&sgemm.Gemm{
			A: dy, AOff: d.out.rows[0][:n], Taps: d.out.taps, K: d.out.length,
			B: p,
			C: dx, COff: d.in.rows[j][:n],
			Accumulate: add,
		})
	}
}

// Pieces is the number of pieces of the gradient of weights.
func (d *denseLayer) Pieces() int { return d.in.count * d.out.count }

// BackwardWeights adds one piece of the gradients of weights and biases over n pictures to dw and
// db. No two pieces touch the same elements.
func (d *denseLayer) BackwardWeights(dw, db, dy, x []float32, n, piece int) {
	i, j := piece/d.out.count, piece%d.out.count
	d.backend.Outer(dw[i*d.in.length*d.Out+j*d.out.length:], d.Out,
		x, d.in.rows[i][:n], nil, d.in.length,
		dy, d.out.rows[j][:n], d.out.length)
	if i == 0 {
		d.backend.Outer(db[j*d.out.length:][:d.out.length], d.out.length, one, d.zeros[:n], nil, 1,
			dy, d.out.rows[j][:n], d.out.length)
	}
}

// Clear sets the elements of a piece to 0.
func (d *denseLayer) Clear(dw, db []float32, piece int) {
	i, j := piece/d.out.count, piece%d.out.count
	dw = dw[i*d.in.length*d.Out+j*d.out.length:]
	for k := range d.in.length {
		clear(dw[k*d.Out:][:d.out.length])
	}
	if i == 0 {
		clear(db[j*d.out.length:][:d.out.length])
	}
}
