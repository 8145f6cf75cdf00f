package quantize_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/quantize"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// bars returns n pictures of a bright bar on a dark ground, at a random place, upright or across.
func bars(c vae.Config, n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	images := make([]byte, n*c.Pixels())
	for i := range n {
		image := images[i*c.Pixels():][:c.Pixels()]
		upright, at := rng.IntN(2) == 0, rng.IntN(6)
		for y := range c.Image[0] {
			for x := range c.Image[1] {
				d := y - at
				if upright {
					d = x - at
				}
				for ch := range c.Image[2] {
					v := 10 * rng.IntN(3)
					if d == 0 || d == 1 {
						v = 200 + 20*ch
					}
					image[(y*c.Image[1]+x)*c.Image[2]+ch] = byte(v)
				}
			}
		}
	}
	return images
}

// trained returns a model that has learnt some of the images.
func trained(t *testing.T, c vae.Config, images []byte, steps int) *vae.Model {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	const batch = 16
	n := len(images) / c.Pixels()
	tr, err := vae.NewTrainer(m, vae.Options{Batch: batch, Threads: 2, Schedule: nn.Schedule{Peak: 3e-3, Total: max(steps, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		order := random.Permutation(1, step, n)
		if _, err := tr.Step(images, order[:batch]); err != nil {
			t.Fatal(err)
		}
	}
	m.Standardize(vae.NewRunner(m, 2, nil), images)
	return m
}

// A config is a network that tests train for so many steps.
type config struct {
	name  string
	steps int
	vae.Config
}

// learnt are the models of the configs that have learnt, which several tests take. They must not be
// changed.
var learnt = map[string]*vae.Model{}

// trained returns 48 images and a model that has learnt from them.
func (c config) trained(t *testing.T) (*vae.Model, []byte) {
	t.Helper()
	images := bars(c.Config, 48)
	if learnt[c.name] == nil {
		learnt[c.name] = trained(t, c.Config, images, c.steps)
	}
	return learnt[c.name], images
}

var configs = []config{
	{"trained", 200, vae.Config{Network: modeltest.Book(8, 8, 1, 2, 8), Loss: vae.LossELBO, KLWeight: 1}},
	{"book", 200, vae.Config{Network: modeltest.Book(8, 8, 1, 2, 8), Loss: vae.LossBook, KLWeight: 1}},
	{"colour", 200, vae.Config{Network: modeltest.Book(6, 10, 3, 5, 8), Loss: vae.LossELBO, KLWeight: 1}},
	{"classical", 200, vae.Config{Network: modeltest.Book(8, 8, 1, 3, 8), Loss: vae.LossELBO}},
	{"deep", 200, vae.Config{Network: modeltest.Deep(), Loss: vae.LossELBO, KLWeight: 1}},
	{"untrained", 0, vae.Config{Network: modeltest.Book(8, 8, 1, 2, 8), Loss: vae.LossELBO, KLWeight: 1}},
}

// turns takes images in turn, n in all, of so many.
func turns(n, images int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i % images
	}
	return order
}

// However a decoder is quantized: what comes out is a valid weights file, the same for any number
// of threads, draws nearly the same pictures and leaves the float model as it was.
func TestQuantize(t *testing.T) {
	configs := configs
	if testing.Short() {
		configs = configs[:1] // threads are the same with all
	} else if !gate.All() {
		configs = configs[:2]
	}
	for _, c := range configs {
		t.Run(c.name, func(t *testing.T) {
			m, images := c.trained(t)
			before := weights(m)
			q, err := quantize.Quantize(m, "a-name", images, quantize.Options{Order: turns(900, 48), Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Check(); err != nil {
				t.Fatal(err)
			}
			if q.Name != "a-name" || q.Latent != c.Latent || q.Image != c.Image {
				t.Errorf("%q of %v from %d dimensions", q.Name, q.Image, q.Latent)
			}
			if agreement := quantize.Agreement(q, m.Decoder); agreement < 0.9 {
				t.Errorf("its weights agree by %.3f", agreement)
			}
			if !bytes.Equal(weights(m), before) {
				t.Error("the float model has changed")
			}
			file, err := q.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := model.Parse(file); err != nil {
				t.Errorf("the weights file cannot be read: %v", err)
			}
			again, err := quantize.Quantize(m, "a-name", images, quantize.Options{Order: turns(900, 48), Threads: 3})
			if err != nil {
				t.Fatal(err)
			}
			if other, err := again.Marshal(); err != nil || !bytes.Equal(other, file) {
				t.Errorf("3 threads make another file than 1, error %v", err)
			}
			s, err := quantize.Evaluate(m, q, images, 1, 2)
			if err != nil {
				t.Fatal(err)
			}
			// In nats for a picture of MNIST's size it must be below 0.1. One that has not been
			// trained learns more than rounding from the images.
			if limit := 0.1 * float64(c.Pixels()) / 784; s.CostNats > limit || c.steps > 0 && s.PSNR < 38 {
				t.Errorf("it costs %.4f nats, at most %.4f are right; PSNR %.1f dB", s.CostNats, limit, s.PSNR)
			}
		})
	}
}

// One picture is enough, be it black or white, and so is one image to learn from. (A step learns
// more of one picture than rounding costs.)
func TestQuantizeBounds(t *testing.T) {
	for _, latent := range []int{1, 512} {
		c := vae.Config{Network: modeltest.Book(4, 4, 1, latent, 8), Loss: vae.LossELBO, KLWeight: 1}
		m, err := vae.New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, grey := range []byte{0, 255} {
			q, err := quantize.Quantize(m, "m", bytes.Repeat([]byte{grey}, c.Pixels()), quantize.Options{})
			if err != nil {
				t.Fatalf("%d dimensions, grey level %d: %v", latent, grey, err)
			}
			s, err := quantize.Evaluate(m, q, bars(c, 50), 1, 2)
			if err != nil || !(math.Abs(s.CostNats) < 4) {
				t.Errorf("%d dimensions, grey level %d: it costs %v nats, error %v", latent, grey, s.CostNats, err)
			}
		}
	}
}

// rectified is a network with ReLUs for leaky ones.
func rectified(n model.Network) model.Network {
	for _, s := range []model.Stack{n.Encoder, n.Decoder} {
		for i := range s {
			if s[i].Target == model.LeakyReLU {
				s[i].Target, s[i].Slope = model.ReLU, 0
			}
		}
	}
	return n
}

// A decoder of which there is no encoder learns at points of the prior, and so many dimensions that
// a sum of int8 weights would leave int32 at full precision are no obstacle.
func TestDecoderAlone(t *testing.T) {
	for _, c := range []struct {
		network model.Network
		latent  int
		psnr    float64
	}{{modeltest.Deep(), 4, 45}, {modeltest.Book(4, 4, 1, 2, 8), 1024, 26}, {rectified(modeltest.Foreign()), 4, 45}, {modeltest.Foreign(), 4, 45}} {
		in := [3]int{1, 1, c.latent}
		m := nn.NewModel("", c.network.Decoder, in, nil)
		m.Draw(3, 0)
		learn := func(points, threads int) *model.Model {
			q, err := quantize.Decoder(m, "alone", &quantize.Prior{Latent: c.latent, Seed: 1}, points, quantize.Options{Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		var files [2][]byte
		for i, threads := range []int{1, 3} {
			var err error
			if files[i], err = learn(200, threads).Marshal(); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0], files[1]) {
			t.Errorf("%d dimensions: 3 threads give another decoder than 1", c.latent)
		}
		q := learn(2000, 2)
		other := nn.NewModel("", c.network.Decoder, in, nil)
		other.Draw(4, 0)
		if own, others := quantize.Agreement(q, m), quantize.Agreement(q, other); own < 0.9 || others > 0.6 {
			t.Errorf("%d dimensions: its weights agree with their own by %.3f, with others by %.3f", c.latent, own, others)
		}
		if psnr := priorPSNR(t, m, q); !(psnr >= c.psnr) {
			t.Errorf("%d dimensions: PSNR %.1f dB, want %.1f", c.latent, psnr, c.psnr)
		} else {
			t.Logf("%d dimensions: PSNR %.1f dB", c.latent, psnr)
		}
	}
}

// priorPSNR is the PSNR of a decoder's int8 form at points of the prior that it has not seen.
func priorPSNR(t *testing.T, m *nn.Model, q *model.Model) float64 {
	t.Helper()
	latent := m.In[2]
	const n = 100
	z, images, err := (&quantize.Prior{Latent: latent, Seed: 2}).Next(n)
	if err != nil || images != nil || len(z) != n*latent {
		t.Fatalf("%d coordinates and %d pixels of %d points, error %v", len(z), len(images), n, err)
	}
	logits := make([]float32, n*q.PictureSize())
	nn.NewRunner(m, parallel.New(0), nil).Outputs(logits, z)
	d, err := decoder.New(q)
	if err != nil {
		t.Fatal(err)
	}
	picture, squares := make([]uint8, q.PictureSize()), 0.0
	for i := range n {
		var point []int16
		for _, v := range z[i*latent:][:latent] {
			point = q.FixedPoint(point, float64(v))
		}
		d.Decode(picture, point)
		for k, v := range picture {
			want := math.Round(255 / (1 + math.Exp(-float64(logits[i*len(picture)+k]))))
			squares += (float64(v) - want) * (float64(v) - want)
		}
	}
	return 10 * math.Log10(255*255*float64(len(logits))/squares)
}

// A decoder that the board cannot run is refused before it teaches anything, and so is a source of
// other points.
func TestDecoderRefuses(t *testing.T) {
	dense := func(h, w, c int, to model.Target) model.Layer {
		return model.Layer{Op: model.Dense, Out: [3]int{h, w, c}, Target: to}
	}
	conv := model.Same(model.Conv, [3]int{4, 4, 3}, 3, 1, 2)
	conv.Target = model.Pixels
	good := modeltest.Book(4, 4, 1, 2, 8).Decoder
	for _, c := range []struct {
		name   string
		stack  model.Stack
		latent int
		want   string
	}{
		{"m", nil, 2, "0 channels"},
		{"m", model.Stack{dense(4, 4, 1, model.Pixels)}, 2, "decoder.0 is all there is"},
		{"m", model.Stack{dense(1, 1, 5, model.Classes), dense(4, 4, 1, model.Pixels)}, 2, "decoder.0 is dense to classes"},
		{"m", model.Stack{{Op: model.Dense, Out: [3]int{1, 1, 5}, Target: model.LeakyReLU, Slope: 1}, dense(4, 4, 1, model.Pixels)}, 2, "the slope of leaky_relu is 1"},
		{"m", model.Stack{dense(4, 4, 3, model.ReLU), conv}, 2, "2 channels"},
		{"No Name!", good, 2, "is not 1 to 64"},
		{"m", good, 3, "300 coordinates of 100 points, want 200"},
	} {
		in := [3]int{1, 1, 2}
		q, err := quantize.Decoder(nn.NewModel("", c.stack, in, nil), c.name, &quantize.Prior{Latent: c.latent}, 100, quantize.Options{
			Progress: func(int) bool { t.Errorf("%s: a step was made", c.want); return false },
		})
		if q != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
	}
}

// weights returns all weights of a model, to compare.
func weights(m *vae.Model) []byte {
	var b bytes.Buffer
	for _, p := range m.Params() {
		for _, v := range p.Data {
			bits := math.Float32bits(v)
			b.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
		}
	}
	return b.Bytes()
}

// Evaluate against the definitions of what it measures, image by image.
func TestEvaluate(t *testing.T) {
	const n, seed = 530, 7 // more than it takes at a time
	for _, c := range configs[1 : 4-gate.Step(2)] {
		t.Run(c.name, func(t *testing.T) {
			images := bars(c.Config, n)
			m := trained(t, c.Config, images, c.steps)
			q, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(50, n)})
			if err != nil {
				t.Fatal(err)
			}
			// A decoder that is visibly worse, so that a cost near 0 does not hide anything.
			last := &q.Decoder[len(q.Decoder)-1]
			for i := range last.Bias {
				last.Bias[i] += 12000
			}
			got, err := quantize.Evaluate(m, q, images, seed, 1)
			if err != nil {
				t.Fatal(err)
			}
			r := vae.NewRunner(m, 2, nil)
			stats := r.Evaluate(images, seed)
			z, mean := r.Latents(images, seed)
			logits := make([]float32, n*c.Pixels())
			r.DecodeLogits(logits, mean)
			d, err := decoder.New(q)
			if err != nil {
				t.Fatal(err)
			}
			var bce, squares float64
			pixels, indices := make([]uint8, c.Pixels()), make([]uint16, c.Pixels())
			for i := range n {
				of := func(x []float32) []int16 {
					var values []float64
					for _, v := range x[i*c.Latent:][:c.Latent] {
						values = append(values, float64(v))
					}
					return q.FixedPoint(nil, values...)
				}
				d.DecodeIndices(indices, of(z))
				d.Decode(pixels, of(mean))
				for k := range pixels {
					x := float64(images[i*c.Pixels()+k]) / 255
					p := 1 / (1 + math.Exp(-(float64(indices[k])-kernels.TableSize/2)/kernels.LogitSteps))
					bce -= x*math.Log(p) + (1-x)*math.Log(1-p)
					difference := float64(pixels[k]) - math.Round(255/(1+math.Exp(-float64(logits[i*c.Pixels()+k]))))
					squares += difference * difference
				}
			}
			for _, f := range []struct {
				name      string
				got, want float64
			}{
				{"float -ELBO", got.FloatNegELBO, stats.NegELBO},
				{"reconstruction", got.FloatBCE, stats.Reconstruction},
				{"KL", got.KL, stats.KL},
				{"book's loss", got.BookLoss, stats.BookLoss},
				{"int8 -ELBO", got.Int8NegELBO, bce/n + stats.KL},
				{"cost", got.CostNats, bce/n - stats.Reconstruction},
				{"PSNR", got.PSNR, 10 * math.Log10(255*255*float64(n*c.Pixels())/squares)},
			} {
				if !(math.Abs(f.got-f.want) <= 1e-6*max(1, math.Abs(f.want))) {
					t.Errorf("%s %v, want %v", f.name, f.got, f.want)
				}
			}
			if got.Images != n {
				t.Errorf("%d images, want %d", got.Images, n)
			}
			if got.CostNats < 0.01 {
				t.Errorf("the worse decoder costs %v nats: it shows nothing", got.CostNats)
			}
			if other, err := quantize.Evaluate(m, q, images, seed, 3); err != nil || other != got {
				t.Errorf("3 threads: %+v, error %v, want %+v", other, err, got)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	c := configs[0].Config
	images := bars(c, 20)
	m := trained(t, c, images, 0)
	q, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(100, 20)})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, images[:63], images[:65]} {
		if _, err := quantize.Quantize(m, "m", bad, quantize.Options{Order: turns(100, 20)}); err == nil || !strings.Contains(err.Error(), "no whole number of pictures") {
			t.Errorf("Quantize with %d bytes of images: error %v", len(bad), err)
		}
		if _, err := quantize.Evaluate(m, q, bad, 1, 1); err == nil || !strings.Contains(err.Error(), "no whole number of pictures") {
			t.Errorf("Evaluate with %d bytes of images: error %v", len(bad), err)
		}
	}
	for _, order := range [][]int{{20}, {0, -1}} {
		if _, err := quantize.Quantize(m, "m", images, quantize.Options{Order: order}); err == nil || !strings.Contains(err.Error(), "of 20") {
			t.Errorf("Quantize of images %v of 20: error %v", order, err)
		}
	}
	if _, err := quantize.Quantize(m, "No Name!", images, quantize.Options{Order: turns(100, 20)}); err == nil {
		t.Error("a name that no file can have was taken")
	}
	larger := c
	larger.Network = modeltest.Book(8, 8, 1, 3, 8)
	other, err := vae.New(larger, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quantize.Evaluate(other, q, images, 1, 1); err == nil || !strings.Contains(err.Error(), "from 2 dimensions, the float one 64 from 3") {
		t.Errorf("Evaluate of a pair that does not belong together: error %v", err)
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e30} {
		m := trained(t, c, images, 0)
		for _, p := range m.Params() {
			if strings.HasPrefix(p.Name, "encoder.mean") {
				for i := range p.Data {
					p.Data[i] = bad
				}
			}
		}
		if _, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(100, 20)}); err == nil {
			t.Errorf("a model whose weights are %v was quantized", bad)
		}
	}
	// The encoder is in order, the decoder is not.
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e30} {
		for _, name := range []string{"decoder.dense.weight", "decoder.conv_transpose.bias", "decoder.conv.weight"} {
			m := trained(t, c, images, 0)
			for _, p := range m.Params() {
				if p.Name == name {
					p.Data[3] = bad
				}
			}
			q, err := quantize.Quantize(m, "m", images, quantize.Options{Order: turns(100, 20)})
			if err == nil {
				err = q.Check()
			}
			if bad == bad && !math.IsInf(float64(bad), 0) {
				continue // it may be clipped, and must not panic
			}
			if err == nil || !strings.Contains(err.Error(), "the cross-entropy is NaN at step 1 of 4") {
				t.Errorf("%s of %v: error %v", name, bad, err)
			}
		}
	}
}
