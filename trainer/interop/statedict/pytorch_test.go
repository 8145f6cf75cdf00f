package statedict

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// The environment of the test that needs PyTorch: the Python that has it, and the models, where not
// the built-in ones are meant.
const (
	envPython = "VAE_EDGE_PYTORCH"
	envModels = "VAE_EDGE_MODELS"
)

// leaky is a network of layers that no built-in model has, with weights that are drawn.
const leaky = "synthetic-leaky"

func open(t *testing.T, name string) *vae.Model {
	t.Helper()
	if name == leaky {
		m, err := vae.New(vae.Config{Network: model.SyntheticLeaky().Network(), Loss: vae.LossELBO, KLWeight: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	p, err := pair.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return p.Float
}

// TestPyTorch: what PyTorch loads encodes and draws as the model does.
func TestPyTorch(t *testing.T) {
	python := os.Getenv(envPython)
	if python == "" {
		t.Skip(envPython + " names no Python with PyTorch")
	}
	names := pretrained.Names()
	if given := strings.Fields(os.Getenv(envModels)); len(given) > 0 {
		names = given
	}
	for _, name := range append(names, leaky) {
		t.Run(name, func(t *testing.T) {
			m := open(t, name)
			dir := t.TempDir()
			write := func(name string, data []byte, err error) {
				t.Helper()
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			weights, err := Marshal(m)
			write("model.safetensors", weights, err)
			layers, err := Layers(m.Network)
			write("model.json", layers, err)
			// run runs one half of the model on n inputs.
			run := func(half string, in []float32, size int) []float32 {
				raw, err := binary.Append(nil, binary.LittleEndian, in)
				write("in", raw, err)
				c := exec.Command(python, filepath.Join("testdata", "load.py"), filepath.Join(dir, "model.safetensors"), half, filepath.Join(dir, "in"), filepath.Join(dir, "out"))
				if log, err := c.CombinedOutput(); err != nil {
					t.Fatalf("%v: %v\n%s", c, err, log)
				}
				out := make([]float32, size)
				raw, err = os.ReadFile(filepath.Join(dir, "out"))
				if err != nil {
					t.Fatal(err)
				}
				if n, err := binary.Decode(raw, binary.LittleEndian, out); err != nil || n != len(raw) {
					t.Fatalf("%d of %d bytes read: %v", n, len(raw), err)
				}
				return out
			}
			// plane is where a picture has pixel i of ours, whose channels are the last.
			plane := func(i int) int {
				size, pixels := m.Image[0]*m.Image[1], m.Pixels()
				return i/pixels*pixels + i%m.Image[2]*size + i%pixels/m.Image[2]
			}
			const n = 200
			runner := vae.NewRunner(m, 0, nil)
			g := lcg.Generator(1)

			z, logits := make([]float32, n*m.Latent), make([]float32, n*m.Pixels())
			for i := range z {
				z[i] = float32(g.Between(-4096, 4096)) / 1024
			}
			runner.DecodeLogits(logits, z)
			worst := 0.0
			for i, got := 0, run("decoder", z, len(logits)); i < len(logits); i++ {
				worst = max(worst, math.Abs(1/(1+math.Exp(-float64(logits[i])))-float64(got[plane(i)])))
			}
			t.Logf("%.2g is the largest difference of brightness", worst)
			if !(worst <= 1e-5) {
				t.Errorf("brightnesses differ by %g", worst)
			}

			images, levels := make([]byte, n*m.Pixels()), make([]float32, n*m.Pixels())
			for i := range images {
				images[i] = byte(g.Between(0, 255))
				levels[plane(i)] = float32(images[i]) / 255
			}
			mean, logVar := runner.Encode(images)
			worst = 0
			for i, got := 0, run("encoder", levels, 2*len(mean)); i < len(mean); i++ {
				image, dim := i/m.Latent, i%m.Latent
				for k, want := range []float32{mean[i], logVar[i]} {
					v := got[image*2*m.Latent+k*m.Latent+dim]
					worst = max(worst, math.Abs(float64(v-want))/max(1, math.Abs(float64(want))))
				}
			}
			t.Logf("%.2g is the largest difference of a mean or logarithm of a variance, relative to what is above 1", worst)
			if !(worst <= 1e-4) {
				t.Errorf("codes differ by %g", worst)
			}
		})
	}
}
