package vae

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
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
		if got := CrossEntropy(logits[i:i+1], pixels[i:i+1]); !(math.Abs(got-v) <= 2e-7*(v+math.Abs(x))) {
			t.Errorf("logit %v, grey level %d: %v, want %v", l, pixels[i], got, v)
		}
		if g := 3 * (1/(1+math.Exp(-x)) - p); !(math.Abs(float64(grad[i])-g) <= 4e-7) {
			t.Errorf("logit %v, grey level %d: gradient %v, want %v", l, pixels[i], grad[i], g)
		}
	}
	if !(math.Abs(sum-want) <= 1e-7*want) {
		t.Errorf("sum is %v, want %v", sum, want)
	}
	if got := CrossEntropy(logits, pixels); got != sum {
		t.Errorf("without gradient %v, with %v", got, sum)
	}
	for _, l := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if v := CrossEntropy([]float32{1, float32(l)}, []byte{1, 1}); finite(v) {
			t.Errorf("cross-entropy of %v is %v", l, v)
		}
	}
}

func TestExpNeg(t *testing.T) {
	for x := 0.0; x < 700; x += 0.01 + x/1000 {
		if got, want := expNeg(x), math.Exp(-x); math.Abs(got-want) > 1e-8*want {
			t.Fatalf("expNeg(%v) = %v, want %v", x, got, want)
		}
	}
	if v := expNeg(math.Inf(1)); v > 1e-300 {
		t.Errorf("expNeg(Inf) = %v", v)
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
	for _, latent := range []int{1, 2, 16, 64} {
		if err := DefaultConfig(latent).Validate(); err != nil {
			t.Error(err)
		}
	}
	if a, b := DefaultHidden(2), DefaultHidden(16); a != 32 || b != 128 {
		t.Errorf("default hidden units are %d and %d", a, b)
	}
	for name, spoil := range map[string]func(c *Config){
		"odd height":   func(c *Config) { c.Height = 27 },
		"odd width":    func(c *Config) { c.Width = 27 },
		"no height":    func(c *Config) { c.Height = 0 },
		"huge":         func(c *Config) { c.Width = 1 << 20 },
		"two channels": func(c *Config) { c.Channels = 2 },
		"no latent":    func(c *Config) { c.Latent = 0 },
		"no hidden":    func(c *Config) { c.Hidden = 0 },
		"no loss":      func(c *Config) { c.Loss = "" },
		"negative KL":  func(c *Config) { c.KLWeight = -1 },
		"NaN KL":       func(c *Config) { c.KLWeight = math.NaN() },
	} {
		c := DefaultConfig(2)
		spoil(&c)
		if _, err := New(c, 1); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestModel(t *testing.T) {
	m, err := New(DefaultConfig(2), 1)
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
	for _, l := range m.Summary() {
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
	if shape := params[2*up].Shape; !slices.Equal(shape, []int{3, 3, 32, 64}) {
		t.Errorf("shape of %s is %v", params[2*up].Name, shape)
	}
	again, _ := New(DefaultConfig(2), 1)
	other, _ := New(DefaultConfig(2), 2)
	if !slices.Equal(m.data, again.data) || slices.Equal(m.data, other.data) {
		t.Error("weights do not follow from the seed")
	}
}

func TestTrainingMACs(t *testing.T) {
	m, err := New(DefaultConfig(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	forward := 784*9*32 + 196*9*32*64 + 2*196*9*64*64 + 12544*32 + 2*32*2 + 2*12544 + 196*9*64*32 + 784*9*32
	if got, want := m.TrainingMACs(), 3*forward-784*9*32; got != want {
		t.Errorf("%d multiply-accumulates, want %d", got, want)
	}
}

func TestDecoderLayers(t *testing.T) {
	c := configs()["colour"]
	m := randomModel(c)
	ds := m.DecoderLayers()
	var kinds []string
	for i, d := range ds {
		kinds = append(kinds, d.Kind)
		if i > 0 && d.In != ds[i-1].Out {
			t.Errorf("%s takes %v, but is given %v", d.Name, d.In, ds[i-1].Out)
		}
		if d.ReLU != (i < 2) {
			t.Errorf("%s: ReLU is %v", d.Name, d.ReLU)
		}
	}
	if !slices.Equal(kinds, []string{"dense", "conv_transpose", "conv"}) {
		t.Errorf("kinds are %v", kinds)
	}
	if ds[0].In != [3]int{1, 1, 3} || ds[2].Out != [3]int{4, 6, 3} {
		t.Errorf("from %v to %v", ds[0].In, ds[2].Out)
	}
	if ds[1].Crop != [4]int{0, 1, 0, 1} || ds[2].Crop != [4]int{1, 1, 1, 1} {
		t.Errorf("crops are %v and %v", ds[1].Crop, ds[2].Crop)
	}
	if &ds[1].Weight[0] != &m.Params()[2*up].Data[0] || len(ds[1].Bias) != 32 {
		t.Error("weights of conv_transpose are not the model's")
	}
}

func TestRunner(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			m := randomModel(c)
			images := randomImages(c, 2*block+3)
			n := len(images) / c.Pixels()
			r := NewRunner(m, 3, nil)
			b := newTextbook(m)

			mean, logVar := make([]float32, n*c.Latent), make([]float32, n*c.Latent)
			r.Encode(mean, logVar, images)
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

			z := make([]float32, len(mean))
			r.Latents(z, mean, logVar, images, 5)
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
			m.Params()[2*output+1].Data[0]++
			shifted := make([]float32, len(logits))
			r.DecodeLogits(shifted, mean)
			if math.Abs(float64(shifted[0]-logits[0]-1)) > 1e-5 {
				t.Errorf("a bias that is 1 larger changes the logit from %v to %v", logits[0], shifted[0])
			}
		})
	}
}

func TestDecoderActivations(t *testing.T) {
	c := configs()["colour"]
	m := randomModel(c)
	r := NewRunner(m, 2, nil)
	z := make([]float32, 37*c.Latent)
	for i := range z {
		z[i] = Noise(1, i, 0)
	}
	ds := m.DecoderLayers()
	var outputs [3][]float32
	r.DecoderActivations(z, func(layer, n int, pre, post []float32) {
		size := ds[layer].Out[0] * ds[layer].Out[1] * ds[layer].Out[2]
		if len(pre) != n*size || len(post) != n*size {
			t.Fatalf("layer %d: %d and %d outputs for %d points", layer, len(pre), len(post), n)
		}
		for i, v := range pre {
			if ds[layer].ReLU {
				v = max(v, 0)
			}
			if post[i] != v {
				t.Fatalf("layer %d: %v becomes %v", layer, pre[i], post[i])
			}
		}
		outputs[layer] = append(outputs[layer], post...)
	})
	logits := make([]float32, 37*c.Pixels())
	r.DecodeLogits(logits, z)
	if !slices.Equal(outputs[2], logits) {
		t.Error("the last layer's outputs are not the logits")
	}
	b := newTextbook(m)
	var point []float64
	for _, v := range z[36*c.Latent:] {
		point = append(point, float64(v))
	}
	want := b.run(expand, point, true)
	near(t, "dense layer", outputs[0][36*len(want):], want)
	want = b.run(up, want, true)
	near(t, "transposed convolution", outputs[1][36*len(want):], want)
}

func TestEncoderActivations(t *testing.T) {
	c := configs()["colour"]
	m := randomModel(c)
	images := randomImages(c, 21)
	n := len(images) / c.Pixels()
	ls := m.EncoderLayers()
	for i, l := range ls {
		read := ls[max(i-1, 0)].Out
		switch i {
		case 0:
			read = [3]int{c.Height, c.Width, c.Channels}
		case len(ls) - 1: // reads what the one before it does
			read = ls[i-2].Out
		}
		if l.In != read || l.ReLU != (i < 5) || (l.Kind == "conv") != (i < 4) {
			t.Errorf("%s is %s of %v, want it of %v; ReLU is %v", l.Name, l.Kind, l.In, read, l.ReLU)
		}
	}
	if ls[1].Stride != 2 || ls[1].Crop != [4]int{0, 1, 0, 1} || &ls[1].Weight[0] != &m.Params()[2].Data[0] {
		t.Errorf("the second convolution has stride %d and zeros %v around its input", ls[1].Stride, ls[1].Crop)
	}
	r := NewRunner(m, 2, nil)
	outputs := make([][]float32, len(ls))
	r.EncoderActivations(images, func(layer, n int, pre, post []float32) {
		for i, v := range pre {
			if ls[layer].ReLU {
				v = max(v, 0)
			}
			if post[i] != v {
				t.Fatalf("layer %d: %v becomes %v", layer, pre[i], post[i])
			}
		}
		outputs[layer] = append(outputs[layer], post...)
	})
	for i, l := range ls {
		if want := n * l.Out[0] * l.Out[1] * l.Out[2]; len(outputs[i]) != want {
			t.Errorf("%s has %d outputs, want %d", l.Name, len(outputs[i]), want)
		}
	}
	mean, logVar := make([]float32, n*c.Latent), make([]float32, n*c.Latent)
	r.Encode(mean, logVar, images)
	var wantMean, wantLogVar []float64
	for i := range mean {
		wantMean, wantLogVar = append(wantMean, float64(mean[i])), append(wantLogVar, float64(logVar[i]))
	}
	near(t, "means", outputs[5], wantMean)
	near(t, "log_vars", outputs[6], wantLogVar)
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
