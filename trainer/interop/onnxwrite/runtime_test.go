package onnxwrite

import (
	"encoding/binary"
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
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/vae"
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

// TestRuntimeExact: another runtime gives 4,000 pictures of each model, bit for bit.
func TestRuntimeExact(t *testing.T) {
	if os.Getenv(envRuntime) == "" {
		t.Skip(envRuntime + " names no folder with onnxruntime-node")
	}
	const n = 4000
	for _, name := range models() {
		t.Run(name, func(t *testing.T) {
			m, err := decoder.Open(name)
			if err != nil {
				t.Fatal(err)
			}
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

// TestRuntimeFloat: another runtime gives the float decoder's brightnesses.
func TestRuntimeFloat(t *testing.T) {
	if os.Getenv(envRuntime) == "" {
		t.Skip(envRuntime + " names no folder with onnxruntime-node")
	}
	const n = 200
	for _, name := range models() {
		t.Run(name, func(t *testing.T) {
			p, err := pair.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			m := p.Float
			file, err := Float(m.Decoder, name)
			if err != nil {
				t.Fatal(err)
			}
			z := make([]float32, n*m.Latent)
			for i, v := range points(m.Latent, n+3)[3*m.Latent:] {
				z[i] = float32(v) / model.LatentSteps
			}
			logits, got := make([]float32, n*m.Pixels()), make([]float32, n*m.Pixels())
			vae.NewRunner(m, 0, nil).DecodeLogits(logits, z)
			run(t, file, m.Latent, z, got)
			worst, size := 0.0, m.Image[0]*m.Image[1]
			for i, logit := range logits {
				picture, pixel, channel := i/m.Pixels(), i%m.Pixels()/m.Image[2], i%m.Image[2]
				drawn := 1 / (1 + math.Exp(-float64(logit)))
				worst = max(worst, math.Abs(drawn-float64(got[picture*m.Pixels()+channel*size+pixel])))
			}
			t.Logf("%.2g is the largest difference of brightness", worst)
			if !(worst <= 1e-5) {
				t.Errorf("brightnesses differ by %g", worst)
			}
		})
	}
}
