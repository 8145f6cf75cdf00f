package onnxwrite

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/lcg"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// The environment of the tests that need foreign software: the folder whose node_modules have
// onnxruntime-node, and the models, where not the built-in ones are meant.
const (
	envRuntime = "VAE_EDGE_ONNXRUNTIME"
	envModels  = "VAE_EDGE_MODELS"
)

// models are those to be tested.
func models() []string {
	if names := strings.Fields(os.Getenv(envModels)); len(names) > 0 {
		return names
	}
	return pretrained.Names()
}

// points are n of them: extremes, and numbers within four units.
func points(latent, n int) []int16 {
	g := lcg.Generator(1)
	all := make([]int16, n*latent)
	for i := range all {
		switch i / latent {
		case 0:
			all[i] = math.MaxInt16
		case 1:
			all[i] = math.MinInt16
		case 2:
			all[i] = []int16{math.MinInt16, math.MaxInt16}[i%2]
		default:
			all[i] = int16(g.Between(-4*model.LatentSteps, 4*model.LatentSteps))
		}
	}
	return all
}

// run runs a file in onnxruntime-node.
func run(t *testing.T, file []byte, latent int, points, pixels any) {
	t.Helper()
	folder, err := filepath.Abs(os.Getenv(envRuntime))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	raw, err := binary.Append(nil, binary.LittleEndian, points)
	if err != nil {
		t.Fatal(err)
	}
	in, out, name := filepath.Join(dir, "points"), filepath.Join(dir, "pixels"), filepath.Join(dir, "model.onnx")
	for file, data := range map[string][]byte{in: raw, name: file} {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kind := "float32"
	if _, ok := points.([]int16); ok {
		kind = "int16"
	}
	c := exec.Command("node", filepath.Join("testdata", "run.js"), folder, name, kind, strconv.Itoa(latent), in, out)
	if log, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c, err, log)
	}
	if raw, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	if n, err := binary.Decode(raw, binary.LittleEndian, pixels); err != nil || n != len(raw) {
		t.Fatalf("%d of %d bytes read: %v", n, len(raw), err)
	}
}

// openInt8 opens a model, which may be a synthetic one with every sort of layer.
func openInt8(t *testing.T, name string) *model.Model {
	t.Helper()
	for _, m := range []*model.Model{model.Synthetic(), model.SyntheticDense(), model.SyntheticLeaky()} {
		if m.Name == name {
			return m
		}
	}
	m, err := decoder.Open(pair.Decoder(name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRuntimeExact: another runtime gives 4,000 pictures of each model, bit for bit.
func TestRuntimeExact(t *testing.T) {
	if os.Getenv(envRuntime) == "" {
		t.Skip(envRuntime + " names no folder with onnxruntime-node")
	}
	const n = 4000
	for _, name := range append(models(), "synthetic", "synthetic-dense", "synthetic-leaky") {
		t.Run(name, func(t *testing.T) {
			m := openInt8(t, name)
			file, err := Exact(m)
			if err != nil {
				t.Fatal(err)
			}
			d, err := decoder.New(m)
			if err != nil {
				t.Fatal(err)
			}
			at := points(m.Latent, n)
			want, got := make([]uint8, n*m.PictureSize()), make([]uint8, n*m.PictureSize())
			d.DecodeBatch(want, at, runtime.GOMAXPROCS(0))
			run(t, file, m.Latent, at, got)
			different := 0
			for i, p := range got {
				if p != want[i] {
					different++
				}
			}
			t.Logf("%d different pixels in %d pictures", different, n)
			if different > 0 {
				t.Errorf("%d different pixels", different)
			}
		})
	}
}

// floatDecoder opens a model's float decoder, or makes one of the layers of a synthetic model.
func floatDecoder(t *testing.T, name string) *nn.Model {
	t.Helper()
	if strings.HasPrefix(name, "synthetic") {
		n := openInt8(t, name).Network()
		m := nn.NewModel("decoder.", n.Decoder, n.Point(), nil)
		m.Draw(1, 0)
		return m
	}
	p, err := pair.Open(name)
	if errors.Is(err, pair.ErrDecoderAlone) {
		alone, _, err := pair.OpenAlone(name)
		if err != nil {
			t.Fatal(err)
		}
		return alone
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.Float.Decoder
}

// TestRuntimeFloat: another runtime gives the float decoder's brightnesses.
func TestRuntimeFloat(t *testing.T) {
	if os.Getenv(envRuntime) == "" {
		t.Skip(envRuntime + " names no folder with onnxruntime-node")
	}
	const n = 200
	for _, name := range append(models(), "synthetic", "synthetic-dense", "synthetic-leaky") {
		t.Run(name, func(t *testing.T) {
			m := floatDecoder(t, name)
			file, err := Float(m, name)
			if err != nil {
				t.Fatal(err)
			}
			latent, image := m.In[2], m.Layers[len(m.Layers)-1].Out
			size, area := model.Elements(image), image[0]*image[1]
			z := make([]float32, n*latent)
			for i, v := range points(latent, n+3)[3*latent:] {
				z[i] = float32(v) / model.LatentSteps
			}
			logits, got := make([]float32, n*size), make([]float32, n*size)
			nn.NewRunner(m, parallel.New(0), nil).Outputs(logits, z)
			run(t, file, latent, z, got)
			worst, least, most := 0.0, 1.0, 0.0
			for i, logit := range logits {
				picture, pixel, channel := i/size, i%size/image[2], i%image[2]
				drawn := 1 / (1 + math.Exp(-float64(logit)))
				worst = max(worst, math.Abs(drawn-float64(got[picture*size+channel*area+pixel])))
				least, most = min(least, drawn), max(most, drawn)
			}
			t.Logf("%.2g is the largest difference of brightness, of %.2g to %.2g", worst, least, most)
			if !(worst <= 1e-5) {
				t.Errorf("brightnesses differ by %g", worst)
			}
		})
	}
}
