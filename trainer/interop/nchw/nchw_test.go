package nchw

import (
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// count returns n numbers, each another.
func count[E int8 | int32 | float32](n int) []E {
	all := make([]E, n)
	for i := range all {
		all[i] = E(i)
	}
	return all
}

// place is where an array of that shape has an element.
func place(shape []int, at ...int) (n int) {
	for i, s := range shape {
		n = n*s + at[i]
	}
	return n
}

// TestDense: rows and columns run over maps with the channels first.
func TestDense(t *testing.T) {
	in, out := [3]int{2, 1, 3}, [3]int{1, 3, 2}
	l := model.Layer{Op: model.Dense, Out: out}
	f := nn.Layer{Layer: l, In: in, Weight: count[float32](36), Bias: count[float32](6)}
	q := model.Int8Layer{Layer: l, Weight: count[int8](36), Bias: count[int32](6)}
	fw, fb := Float(&f)
	qw, qb := Int8(&q, in)
	if s := Shape(&l, in); !slices.Equal(s, []int{6, 6}) {
		t.Errorf("shape %v", s)
	}
	for y := range out[0] {
		for x := range out[1] {
			for c := range out[2] {
				ours, theirs := place(out[:], y, x, c), place([]int{out[2], out[0], out[1]}, c, y, x)
				if fb[theirs] != f.Bias[ours] || qb[theirs] != q.Bias[ours] {
					t.Errorf("bias of %d, %d, %d", y, x, c)
				}
				for sy := range in[0] {
					for sc := range in[2] {
						from, to := place(in[:], sy, 0, sc), place([]int{in[2], in[0], in[1]}, sc, sy, 0)
						if fw[theirs*6+to] != f.Weight[from*6+ours] || qw[theirs*6+to] != q.Weight[ours*6+from] {
							t.Errorf("weight of output %d, %d, %d and input %d, %d", y, x, c, sy, sc)
						}
					}
				}
			}
		}
	}
}

// TestConv: input and output channels come first, and kernels stay as they are.
func TestConv(t *testing.T) {
	const k, in, out = 3, 2, 4
	for _, op := range []model.Op{model.Conv, model.ConvTranspose} {
		l := model.Layer{Op: op, Kernel: k, Stride: 1, Edges: &kernels.Edges{}, Out: [3]int{1, 1, out}}
		f := nn.Layer{Layer: l, In: [3]int{1, 1, in}, Weight: count[float32](k * k * in * out), Bias: count[float32](out)}
		q := model.Int8Layer{Layer: l, Weight: count[int8](k * k * in * out), Bias: count[int32](out)}
		fw, fb := Float(&f)
		qw, qb := Int8(&q, f.In)
		if !slices.Equal(fb, f.Bias) || !slices.Equal(qb, q.Bias) {
			t.Errorf("%s: biases %v, %v", op, fb, qb)
		}
		shape := Shape(&l, f.In)
		for y := range k {
			for x := range k {
				for i := range in {
					for o := range out {
						theirs, ours := place(shape, o, i, y, x), f.Weight[place([]int{k, k, in, out}, y, x, i, o)]
						if op == model.ConvTranspose {
							theirs, ours = place(shape, i, o, y, x), f.Weight[place([]int{k, k, out, in}, y, x, o, i)]
						}
						if fw[theirs] != ours || qw[theirs] != q.Weight[place([]int{out, k, k, in}, o, y, x, i)] {
							t.Errorf("%s: weight %d, %d from %d to %d", op, y, x, i, o)
						}
					}
				}
			}
		}
	}
}
