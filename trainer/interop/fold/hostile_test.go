package fold_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx"
	"github.com/vae-edge/vae-edge/trainer/interop/onnx/onnxtest"
)

// large takes the latent point through transposed convolutions of few weights, each of which gives
// maps 16 times as wide and as high, and through ReLU.
func (m *maker) large(times int) *maker {
	for range times {
		m.convT(1, 1, 16, attributes{"strides": []int64{16, 16}}).op("Relu", nil)
	}
	return m
}

// Small files that ask for much, and layers that give nothing, are refused before memory is taken
// for them.
func TestHostile(t *testing.T) {
	const wide = 1 << 17
	zeros := func(m *maker, dims ...int) string {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return m.Floats(m.name("w"), make([]float32, n), dims...)
	}
	for _, c := range []struct {
		name string
		make func(m *maker)
		want string
	}{
		{"no channels", func(m *maker) { m.large(1).op("Conv", nil, zeros(m, 0, 1, 1, 1)).norm(0) }, `Conv "Conv_`},
		{"a dense layer of a part of a large map", func(m *maker) {
			m.large(3).op("Slice", nil, m.Ints("from", 0, 0), m.Ints("to", 1, 1), m.Ints("axes", 2, 3)).op("Flatten", nil)
			m.op("Gemm", nil, zeros(m, 1, wide))
		}, `Gemm "Gemm_`},
		{"many channels between two convolutions", func(m *maker) {
			m.large(1).op("Conv", nil, zeros(m, 4096, 1, 1, 1)).op("Relu", nil)
			m.op("Conv", nil, zeros(m, 1, 4096, 16, 16))
			m.op("Conv", nil, zeros(m, wide, 1, 1, 1))
		}, `Conv "Conv_`},
		{"an enlargement of many channels", func(m *maker) {
			m.large(1).op("Conv", nil, zeros(m, 1, 1, 16, 16)).op("Relu", nil).op("Conv", nil, zeros(m, wide, 1, 1, 1)).op("Relu", nil)
			m.twice().op("Flatten", nil).op("Gemm", nil, zeros(m, 4*wide, 1))
		}, `Gemm "Gemm_`},
		{"a large constant of nothing", func(m *maker) {
			m.Raw(5, onnxtest.Field(onnxtest.Number(onnxtest.Number(onnxtest.Number(nil, 1, 1<<31-1), 1, 0), 2, 1), 8, []byte("none")))
			z := m.at
			m.at = "none"
			m.transpose(0, 1)
			m.at = m.Node("sum", "Add", nil, z, m.at)
		}, `Add "sum"`},
		{"many large values", func(m *maker) {
			m.large(3)
			for range 99 {
				m.reshape(-1, 1, 4096, 4096)
			}
		}, `: with it, values and weights have more than`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMaker(13, 0, 1, 1, 1)
			c.make(m)
			g, err := onnx.Parse(m.File(m.at))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err = fold.Graph(g, fold.Options{})
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 500 {
				t.Errorf("%d MB were taken", mb)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}
