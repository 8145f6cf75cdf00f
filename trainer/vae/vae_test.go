package vae

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

func TestCrossEntropy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var logits []float32
	var pixels []byte
	for _, p := range []byte{0, 1, 100, 254, 255} {
		for _, l := range []float32{0, 1e-30, 1e-3, 0.5, 3, 16, 17, 60, 88, 120, 800, 1e6} {
			logits = append(logits, l, -l)
			pixels = append(pixels, p, p)
		}
	}
	for range 2000 {
		logits = append(logits, float32(rng.NormFloat64()*8))
		pixels = append(pixels, byte(rng.IntN(256)))
	}
	grad := make([]float32, len(logits))
	sum, want := crossEntropy(grad, logits, pixels, 3), 0.0
	for i, l := range logits {
		x, p := float64(l), float64(pixels[i])/255
		// Exact but for rounding: log(1+exp(x)) - p*x.
		v := max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) - p*x
		want += v
		if got := crossEntropy(nil, logits[i:i+1], pixels[i:i+1], 0); !(math.Abs(got-v) <= 2e-7*(v+math.Abs(x))) {
			t.Errorf("logit %v, grey level %d: %v, want %v", l, pixels[i], got, v)
		}
		if g := 3 * (1/(1+math.Exp(-x)) - p); !(math.Abs(float64(grad[i])-g) <= 4e-7) {
			t.Errorf("logit %v, grey level %d: gradient %v, want %v", l, pixels[i], grad[i], g)
		}
	}
	if !(math.Abs(sum-want) <= 1e-7*want) {
		t.Errorf("sum is %v, want %v", sum, want)
	}
	if got := crossEntropy(nil, logits, pixels, 0); got != sum {
		t.Errorf("without gradient %v, with %v", got, sum)
	}
	for _, l := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if v := crossEntropy(nil, []float32{1, float32(l)}, []byte{1, 1}, 0); finite(v) {
			t.Errorf("cross-entropy of %v is %v", l, v)
		}
	}
}

// A product of thousands of terms, each of them 2, would overflow.
func TestCrossEntropyOfMany(t *testing.T) {
	const n = 1 << 13
	if got, want := crossEntropy(nil, make([]float32, n), make([]byte, n), 0), math.Ln2*n; math.IsNaN(got) || math.Abs(got-want) > 1e-7*want {
		t.Errorf("of %d logits 0: %v, want %v", n, got, want)
	}
}

func BenchmarkCrossEntropy(b *testing.B) {
	logits, grad, pixels := make([]float32, 784), make([]float32, 784), make([]byte, 784)
	for i := range logits {
		logits[i], pixels[i] = float32(i%32)-20, byte(i)
	}
	for b.Loop() {
		crossEntropy(grad, logits, pixels, 1)
	}
}

func TestNoise(t *testing.T) {
	const n = 100000
	var sum, squares, product, next float64
	for i := range n {
		a, b, c := float64(Noise(1, i, 0)), float64(Noise(1, i, 1)), float64(Noise(2, i, 0))
		sum += a
		squares += a * a
		product += a * b
		next += a * c
	}
	// Five standard errors.
	for what, v := range map[string]float64{
		"mean": sum / n, "variance - 1": (squares/n - 1) / math.Sqrt2,
		"correlation of dimensions": product / n, "correlation of seeds": next / n,
	} {
		if math.Abs(v) > 5/math.Sqrt(n) {
			t.Errorf("%s is %v", what, v)
		}
	}
	if Noise(1, 2, 3) != Noise(1, 2, 3) {
		t.Error("noise is not a function of its arguments")
	}
}

func TestValidate(t *testing.T) {
	valid := digits(2)
	if err := valid.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"a picture of another size": func(c *Config) { c.Image[0] = 27 },
		"huge":                      func(c *Config) { c.Network = modeltest.Book(258, 2, 1, 2, 5) },
		"two channels":              func(c *Config) { c.Image[2] = 2 },
		"no latent":                 func(c *Config) { c.Latent = 0 },
		"no encoder":                func(c *Config) { c.Encoder = nil },
		"no decoder":                func(c *Config) { c.Decoder = nil },
		"no convolution":            func(c *Config) { c.Decoder = model.Stack{{Op: model.Dense, Out: c.Image, Target: model.Pixels}} },
		"no loss":                   func(c *Config) { c.Loss = "" },
		"negative KL":               func(c *Config) { c.KLWeight = -1 },
		"NaN KL":                    func(c *Config) { c.KLWeight = math.NaN() },
	} {
		c := digits(2)
		spoil(&c)
		if _, err := New(c, 1); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// digits is the configuration of the book's network for MNIST.
func digits(latent int) Config {
	return Config{Network: modeltest.Book(28, 28, 1, latent, model.HiddenUnits(latent)), Loss: LossELBO, KLWeight: 1}
}

func TestModel(t *testing.T) {
	m, err := New(digits(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	// The counts that Keras prints for the book's network.
	want := map[string]int{
		"encoder.conv1": 320, "encoder.conv2": 18496, "encoder.conv3": 36928, "encoder.conv4": 36928,
		"encoder.dense": 401440, "encoder.mean": 66, "encoder.log_var": 66,
		"decoder.dense": 37632, "decoder.conv_transpose": 18464, "decoder.conv": 289,
	}
	total := 0
	for _, l := range m.Network.Summary() {
		if l.Params != want[l.Name] {
			t.Errorf("%s has %d parameters, want %d", l.Name, l.Params, want[l.Name])
		}
		total += l.Params
	}
	params := m.Params()
	if len(params) != 20 || params[0].Name != "encoder.conv1.weight" || params[19].Name != "decoder.conv.bias" {
		t.Errorf("parameters are %d from %s to %s", len(params), params[0].Name, params[len(params)-1].Name)
	}
	for _, p := range params {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		if n != len(p.Data) {
			t.Errorf("%s of shape %v has %d weights", p.Name, p.Shape, len(p.Data))
		}
		total -= n
	}
	if total != 0 {
		t.Errorf("Summary has %d parameters more than Params", total)
	}
	if shape := params[16].Shape; !slices.Equal(shape, []int{3, 3, 32, 64}) {
		t.Errorf("shape of %s is %v", params[16].Name, shape)
	}
	again, _ := New(digits(2), 1)
	other, _ := New(digits(2), 2)
	if !slices.Equal(m.data, again.data) || slices.Equal(m.data, other.data) {
		t.Error("weights do not follow from the seed")
	}
}

func TestTrainingMACs(t *testing.T) {
	m, err := New(digits(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	forward := 784*9*32 + 196*9*32*64 + 2*196*9*64*64 + 12544*32 + 2*32*2 + 2*12544 + 196*9*64*32 + 784*9*32
	if got, want := m.TrainingMACs(), 3*forward-784*9*32; got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
}

func TestRunner(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			m := randomModel(c)
			images := randomImages(c, 2*nn.Block+3)
			n := len(images) / c.Pixels()
			r := NewRunner(m, 3, nil)
			b := newTextbook(m)

			mean, logVar := r.Encode(images)
			var wantMean, wantLogVar, wantLogits []float64
			for i, image := range cut(images, c.Pixels()) {
				a, b2 := b.encode(image)
				wantMean, wantLogVar = append(wantMean, a...), append(wantLogVar, b2...)
				var z []float64
				for _, v := range mean[i*c.Latent:][:c.Latent] {
					z = append(z, float64(v))
				}
				wantLogits = append(wantLogits, b.decode(0, z)...)
			}
			near(t, "mean", mean, wantMean)
			near(t, "log_var", logVar, wantLogVar)
			logits := make([]float32, n*c.Pixels())
			r.DecodeLogits(logits, mean)
			near(t, "logits", logits, wantLogits)

			z, _ := r.Latents(images, 5)
			var wantZ []float64
			for i := range z {
				wantZ = append(wantZ, wantMean[i]+c.Deviation(logVar[i])*float64(Noise(5, i/c.Latent, i%c.Latent)))
			}
			near(t, "latent points", z, wantZ)

			stats := r.Evaluate(images, 5)
			eps := func(i, d int) float32 { return Noise(5, i, d) }
			nearStats(t, stats, b.stats(cut(images, c.Pixels()), eps, true))
			if one := NewRunner(m, 1, nil).Evaluate(images, 5); fmt.Sprint(one) != fmt.Sprint(stats) {
				t.Errorf("one thread gives %v, three %v", one, stats)
			}
			// An image's noise does not depend on how many follow it.
			if part := r.Evaluate(images[:c.Pixels()], 5); math.Abs(part.Reconstruction-b.stats(cut(images, c.Pixels())[:1], eps, true).Reconstruction) > 1e-4 {
				t.Error("the noise of an image depends on the others")
			}

			// The weights are read anew.
			m.Decoder.Layers[len(m.Decoder.Layers)-1].Bias[0]++
			shifted := make([]float32, len(logits))
			r.DecodeLogits(shifted, mean)
			if math.Abs(float64(shifted[0]-logits[0]-1)) > 1e-5 {
				t.Errorf("a bias that is 1 larger changes the logit from %v to %v", logits[0], shifted[0])
			}
		})
	}
}

func TestActivations(t *testing.T) {
	for _, name := range []string{"colour", "deep"} {
		c := configs()[name]
		m := randomModel(c)
		images := randomImages(c, 21)
		n := len(images) / c.Pixels()
		r := NewRunner(m, 2, nil)
		encoded, decoded := make([][]float32, len(m.Encoder.Layers)), make([][]float32, len(m.Decoder.Layers))
		r.EncoderActivations(images, func(layer int, outputs []float32) { encoded[layer] = append(encoded[layer], outputs...) })
		mean, logVar := r.Encode(images)
		if heads := encoded[len(encoded)-2:]; !slices.Equal(heads[0], mean) || !slices.Equal(heads[1], logVar) {
			t.Errorf("%s: the last layers' outputs are not the means and log_vars", name)
		}
		r.Decoder().Activations(n, func(p *nn.Pass, i int) { copy(p.X(0, 0), mean[i*c.Latent:][:c.Latent]) },
			func(layer int, outputs []float32) { decoded[layer] = append(decoded[layer], outputs...) })
		logits := make([]float32, n*c.Pixels())
		r.DecodeLogits(logits, mean)
		if !slices.Equal(decoded[len(decoded)-1], logits) {
			t.Errorf("%s: the last layer's outputs are not the logits", name)
		}
		b := newTextbook(m)
		x, z := []float64{}, []float64{}
		for _, p := range images[(n-1)*c.Pixels():] {
			x = append(x, float64(p)/255)
		}
		for _, v := range mean[(n-1)*c.Latent:] {
			z = append(z, float64(v))
		}
		for i, l := range m.Encoder.Layers[:len(encoded)-2] {
			x = b.run(l, x)
			near(t, l.Name, encoded[i][(n-1)*len(x):], x)
		}
		for i, l := range m.Decoder.Layers {
			z = b.run(l, z)
			near(t, l.Name, decoded[i][(n-1)*len(z):], z)
		}
	}
}

func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= 2e-5*(1+math.Abs(want[i]))) {
			t.Fatalf("%s[%d] is %v, want %v", what, i, v, want[i])
		}
	}
}
