package cgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// compile writes a program, compiles it, or another main file with it, and returns the path of what
// it became. Without a compiler the test is skipped.
func compile(t *testing.T, m *model.Model, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip(err)
	}
	p, err := Decoder(m)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range p.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(flags) == 0 {
		flags = []string{"vae_golden.c", "vae_decoder.c"}
	}
	c := exec.Command(cc, append([]string{"-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-I.", "-o", "golden"}, flags...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c, err, out)
	}
	return filepath.Join(dir, "golden")
}

// TestGolden: the C of built-in models, and of synthetic ones with every sort of layer, prints
// their golden hashes.
func TestGolden(t *testing.T) {
	models := []*model.Model{model.Synthetic(), model.SyntheticDense(), model.SyntheticLeaky()}
	for _, name := range pretrained.Names() {
		m, err := decoder.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	for _, m := range models {
		name := m.Name
		t.Run(name, func(t *testing.T) {
			if name != "mnist-2" && os.Getenv("VAE_EDGE_LONG") == "" {
				t.Skip("long")
			}
			golden, _ := decoder.Golden(name)
			out, err := exec.Command(compile(t, m)).Output()
			if err != nil || strings.TrimSpace(string(out)) != name+" "+golden {
				t.Errorf("%v, %s; want %s", err, out, golden)
			}
		})
	}
}

// scaledProgram is testdata/scaled.c, compiled.
func scaledProgram(t *testing.T) string {
	t.Helper()
	name, err := filepath.Abs(filepath.Join("testdata", "scaled.c"))
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, model.Synthetic(), name, "-lm")
}

// TestScaled: requantization in integers gives what the specification does in float32, at random
// and where the product is next to a tie.
func TestScaled(t *testing.T) {
	program := scaledProgram(t)
	random := rand.New(rand.NewPCG(1, 2))
	var cases bytes.Buffer
	n := 0
	add := func(acc int64, scale float32) {
		if acc < -math.MaxInt32 || acc > math.MaxInt32 || math.Abs(float64(acc))*float64(scale) >= 1<<30 {
			return // see kernels.CheckRange
		}
		for _, acc := range []int32{int32(acc), -int32(acc)} {
			b := binary.NativeEndian.AppendUint32(nil, uint32(acc))
			b = binary.NativeEndian.AppendUint32(b, math.Float32bits(scale))
			cases.Write(binary.NativeEndian.AppendUint32(b, uint32(int32(kernels.RequantizeLatent(acc, scale)))))
			n++
		}
	}
	// bits has a number of any length up to so many bits.
	bits := func(most int) int64 { return int64(random.Uint64() >> (64 - 1 - random.IntN(most))) }
	for _, acc := range []int64{0, 1, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<25 + 2, 1<<25 + 6, 1<<31 - 1, 1<<31 - 64, 1<<31 - 65} {
		for exponent := -126; exponent < 128; exponent++ {
			for _, mantissa := range []float64{1, 1 + 0x1p-23, 1.5, 2 - 0x1p-23} {
				add(acc, float32(math.Ldexp(mantissa, exponent)))
			}
		}
	}
	for range 60_000 {
		scale := math.Float32frombits(uint32(random.IntN(150)+1)<<23 | random.Uint32()&0x7fffff)
		add(bits(31), scale)
		// So that products are small numbers, which is where clamps do not hide a difference
		acc := bits(31) + 1
		scale = float32(math.Ldexp(1+random.Float64(), random.IntN(17)-2) / float64(acc))
		add(acc, scale)
		// The accumulators around the one whose product is half an integer, and that scale exactly
		half := float64(random.IntN(4096)) + 0.5
		scale = float32(half / float64(acc))
		near := int64(half / float64(scale))
		for d := int64(-2); d <= 2; d++ {
			add(near+d, scale)
		}
	}
	c := exec.Command(program)
	c.Stdin = &cases
	out, err := c.Output()
	if err != nil || strings.TrimSpace(string(out)) != fmt.Sprint(n, " cases") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestScaledEverywhere takes all accumulators with some scales: those of a model, and others that
// make many ties and two roundings in the same direction.
func TestScaledEverywhere(t *testing.T) {
	if os.Getenv("VAE_EDGE_LONG") == "" {
		t.Skip("long")
	}
	program := scaledProgram(t)
	m, err := decoder.Open("mnist-2")
	if err != nil {
		t.Fatal(err)
	}
	scales := []float32{0x1.fffffep-2, 0x1.555556p-20}
	for _, l := range m.Decoder {
		scales = append(scales, l.Scale[0])
	}
	var done sync.WaitGroup
	for _, s := range scales {
		done.Go(func() {
			if out, err := exec.Command(program, fmt.Sprint(math.Float32bits(s))).Output(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	done.Wait()
}

// TestRefused: what there is no C for is refused by the layer's name.
func TestRefused(t *testing.T) {
	l := model.Int8Layer{Layer: model.Layer{Op: model.Dense, Out: [3]int{1, 1, 4}, Target: model.ReLU}}
	for _, c := range []struct {
		i      int
		op     model.Op
		target model.Target
	}{
		{0, model.Conv, model.ReLU}, {1, "attention", model.ReLU}, {0, model.Dense, "gelu"}, {0, model.Dense, model.Latent},
	} {
		l.Op, l.Target = c.op, c.target
		if _, err := initializer(&l, [3]int{1, 1, 4}, c.i); err == nil {
			t.Errorf("layer %d, %s to %s, is written", c.i, c.op, c.target)
		}
	}
	if _, err := Decoder(&model.Model{Name: "none"}); err == nil {
		t.Error("nothing is written")
	}
}
