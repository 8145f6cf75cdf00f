package classify

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// textbook is the network in float64, written from its definition, to hold the
// fast one against.
type textbook struct {
	m    *Model
	data []float64
}

func newTextbook(m *Model) *textbook {
	t := &textbook{m: m}
	for _, v := range m.data {
		t.data = append(t.data, float64(v))
	}
	return t
}

// logits of an image that is shifted down by dy and right by dx.
func (t *textbook) logits(pixels []byte, dy, dx int) []float64 {
	h, w, channels := t.m.Height, t.m.Width, t.m.Channels
	x := make([]float64, len(pixels))
	for i := range x {
		sy, sx := i/channels/w-dy, i/channels%w-dx
		if sy >= 0 && sy < h && sx >= 0 && sx < w {
			x[i] = float64(pixels[(sy*w+sx)*channels+i%channels]) / 255
		}
	}
	layers := t.m.net.Layers
	dense := len(layers) - 1
	of := func(i int) (w, b []float64) {
		ws, bs := layers[i].WeightSpan, layers[i].BiasSpan
		return t.data[ws.From:ws.To], t.data[bs.From:bs.To]
	}
	for i, l := range layers[:dense] {
		w, b := of(i)
		y := convolve(l.Geometry(l.In), x, w, b)
		for k, v := range y {
			y[k] = max(v, 0)
		}
		x = y
	}
	weight, bias := of(dense)
	y := slices.Clone(bias)
	for i, v := range x {
		for o := range y {
			y[o] += v * weight[i*len(y)+o]
		}
	}
	return y
}

func convolve(c kernels.Geometry, x, w, b []float64) []float64 {
	h, width := c.Out.Height, c.Out.Width
	var y []float64
	for oy := range h {
		for ox := range width {
			for o := range c.Out.Channels {
				sum := b[o]
				for k := range c.Kernel * c.Kernel {
					iy, ix := oy*c.Stride+k/c.Kernel-c.Edges[kernels.Top], ox*c.Stride+k%c.Kernel-c.Edges[kernels.Left]
					if iy < 0 || iy >= c.In.Height || ix < 0 || ix >= c.In.Width {
						continue
					}
					for i := range c.In.Channels {
						sum += x[(iy*c.In.Width+ix)*c.In.Channels+i] * w[(k*c.In.Channels+i)*c.Out.Channels+o]
					}
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

func (t *textbook) probabilities(pixels []byte, dy, dx int) []float64 {
	logits := t.logits(pixels, dy, dx)
	if !t.m.Independent {
		return probabilities(logits)
	}
	for i, l := range logits {
		logits[i] = 1 / (1 + math.Exp(-l))
	}
	return logits
}

func probabilities(logits []float64) []float64 {
	p, sum := make([]float64, len(logits)), 0.0
	for i, l := range logits {
		p[i] = math.Exp(l)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

var configs = []Config{
	{Height: 4, Width: 4, Channels: 1, Classes: 2},
	{Height: 10, Width: 6, Channels: 1, Classes: 10},
	{Height: 8, Width: 9, Channels: 3, Classes: 47},
	{Height: 9, Width: 8, Channels: 3, Classes: 5, Independent: true},
}

// randomModel is a model with biases other than zero.
func randomModel(t testing.TB, c Config) *Model {
	t.Helper()
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, l := range m.net.Layers {
		for i := range l.Bias {
			l.Bias[i] = rng.Float32()*0.4 - 0.2
		}
	}
	return m
}

// independent returns the labels of classes that do not exclude each other: of each, that the
// number of an image's own is that of the class or one more.
func independent(labels []byte, classes int) (all []byte) {
	for _, l := range labels {
		for class := range classes {
			has := byte(0)
			if int(l) == class || int(l) == class+1 {
				has = 1
			}
			all = append(all, has)
		}
	}
	return all
}

func split(images []byte, size int) [][]byte { return slices.Collect(slices.Chunk(images, size)) }

// blots are images of a class each: a blot whose place and size say which.
func blots(c Config, n int) (images, labels []byte) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		class := i % c.Classes
		labels = append(labels, byte(class))
		angle := 2 * math.Pi * float64(class) / float64(c.Classes)
		cy, cx := float64(c.Height)/2*(1+0.6*math.Sin(angle)), float64(c.Width)/2*(1+0.6*math.Cos(angle))
		for k := range c.Pixels() {
			y, x := k/c.Channels/c.Width, k/c.Channels%c.Width
			d := math.Hypot(float64(y)-cy, float64(x)-cx) / (1 + float64(c.Height)/6)
			images = append(images, byte(min(255, 200*math.Exp(-d*d)+float64(rng.IntN(50)))))
		}
	}
	return images, labels
}

func TestProbabilities(t *testing.T) {
	for _, c := range configs {
		m := randomModel(t, c)
		book := newTextbook(m)
		const n = 2*nn.Block + 3
		images, labels := blots(c, n)
		r := NewRunner(m, 2, nil)
		p := make([]float32, n*c.Classes)
		r.Probabilities(p, images)
		right := 0
		for i, prediction := range r.Predict(images) {
			want := book.probabilities(images[i*c.Pixels():][:c.Pixels()], 0, 0)
			for class, v := range p[i*c.Classes:][:c.Classes] {
				if !(math.Abs(float64(v)-want[class]) <= 1e-5) {
					t.Fatalf("%+v: image %d is of class %d by %v, want %v", c, i, class, v, want[class])
				}
			}
			best := slices.Index(want, slices.Max(want))
			if prediction.Class != best || prediction.Probability != p[i*c.Classes+best] {
				t.Errorf("%+v: image %d is %+v, want class %d by %v", c, i, prediction, best, want[best])
			}
			if best == int(labels[i]) {
				right++
			}
		}
		if got, want := r.Accuracy(images, labels), float64(right)/n; got != want {
			t.Errorf("%+v: accuracy %v, want %v", c, got, want)
		}
		one := make([]float32, len(p))
		NewRunner(m, 1, nil).Probabilities(one, images)
		if !slices.Equal(one, p) {
			t.Errorf("%+v: one thread gives other probabilities than two", c)
		}
	}
}

// balancedLoss is the mean cross-entropy of the labels of an image, where images of a class count
// as much as the others altogether.
func balancedLoss(p []float64, labels []byte, index int) (sum float64) {
	n := len(labels) / len(p)
	for class, v := range p {
		of := 0
		for i := range n {
			of += int(labels[i*len(p)+class])
		}
		if labels[index*len(p)+class] == 1 {
			sum -= math.Log(v) * float64(n) / float64(2*of)
		} else {
			sum -= math.Log(1-v) * float64(n) / float64(2*(n-of))
		}
	}
	return sum / float64(len(p))
}

// TestGradient holds the loss of a step and its gradient with respect to every
// array of weights against central differences of the textbook network.
func TestGradient(t *testing.T) {
	for _, c := range configs {
		m := randomModel(t, c)
		book := newTextbook(m)
		images, labels := blots(c, 40)
		if c.Independent {
			labels = independent(labels, c.Classes)
		}
		tr := newTrainer(m, split(images, c.Pixels()), labels, Options{Batch: 40, Shift: 2, Seed: 9})
		indices := []int{2, 0, 31}
		for i := 3; i < 21; i++ { // more than there are lanes
			indices = append(indices, i)
		}
		got, err := tr.makeStep(indices, 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		shifts := map[[2]int]bool{}
		loss := func() float64 {
			sum := 0.0
			for i, index := range indices {
				dy, dx := tr.shift(i)
				shifts[[2]int{dy, dx}] = true
				p := book.probabilities(images[index*c.Pixels():][:c.Pixels()], dy, dx)
				if c.Independent {
					sum += balancedLoss(p, labels, index) / float64(len(indices))
				} else {
					sum -= math.Log(p[labels[index]]) / float64(len(indices))
				}
			}
			return sum
		}
		if want := loss(); !(math.Abs(got-want) <= 1e-5*want) {
			t.Errorf("%+v: loss %v, want %v", c, got, want)
		}
		if len(shifts) < 8 {
			t.Errorf("%d images have no more than %d shifts", len(indices), len(shifts))
		}
		rng := rand.New(rand.NewPCG(5, 6))
		for i, l := range m.net.Layers {
			for _, part := range []nn.Span{l.WeightSpan, l.BiasSpan} {
				x, g := book.data[part.From:part.To], part.Of(tr.gradient.Values)
				// Along a direction in which every weight moves, and along one weight.
				every, single := make([]float64, len(x)), make([]float64, len(x))
				for i := range every {
					every[i] = float64(rng.IntN(2)*2 - 1)
				}
				single[rng.IntN(len(single))] = 1
				norm := 0.0
				for _, v := range g {
					norm += float64(v) * float64(v)
				}
				for _, direction := range [][]float64{every, single} {
					const h = 1e-7
					move := func(by float64) float64 {
						for i, v := range direction {
							x[i] += by * v
						}
						return loss()
					}
					above := move(h)
					below := move(-2 * h)
					move(h)
					slope, dot := (above-below)/(2*h), 0.0
					for i, v := range direction {
						dot += v * float64(g[i])
					}
					if tolerance := 1e-5*math.Sqrt(norm*float64(len(x))) + 1e-6; !(math.Abs(slope-dot) <= tolerance) {
						t.Errorf("%+v, layer %d: gradient %v, differences %v, tolerance %v", c, i, dot, slope, tolerance)
					}
				}
			}
		}
	}
}

var quick = Options{Epochs: 3, Batch: 20, LearningRate: 3e-3, Shift: 1, Seed: 6}

func TestThreadsDoNotMatter(t *testing.T) {
	c := configs[1]
	images, labels := blots(c, 75) // the last batch is smaller than the number of lanes
	for _, b := range sgemm.Backends() {
		var want []byte
		for _, threads := range []int{1, 2, 3} {
			m := randomModel(t, c)
			o := quick
			o.Threads, o.Backend = threads, b
			if err := Train(m, images, labels, o); err != nil {
				t.Fatal(err)
			}
			got, err := m.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%v: %d threads give other weights than 1", b, threads)
			}
		}
	}
}

func TestTrainingLearns(t *testing.T) {
	for _, c := range configs[:2] {
		m, err := New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		images, labels := blots(c, 200)
		o := quick
		o.Epochs, o.Shift = 20, 0
		var losses []float64
		o.Progress = func(step, steps int, loss float64) error {
			if step != len(losses)+1 || steps != 200 {
				t.Fatalf("step %d of %d after %d", step, steps, len(losses))
			}
			losses = append(losses, loss)
			return nil
		}
		before := NewRunner(m, 0, nil).Accuracy(images, labels)
		if err := Train(m, images, labels, o); err != nil {
			t.Fatal(err)
		}
		if after := NewRunner(m, 0, nil).Accuracy(images, labels); after < 0.97 || before > 0.7 {
			t.Errorf("%+v: accuracy went from %v to %v", c, before, after)
		}
		if last := losses[len(losses)-1]; !(last < 0.5*losses[0]) {
			t.Errorf("%+v: loss went from %v to %v", c, losses[0], last)
		}
	}
}

// TestRareClasses: of independent classes, one that few images are of is read as well as others.
func TestRareClasses(t *testing.T) {
	c := Config{Height: 10, Width: 6, Channels: 1, Classes: 2, Independent: true}
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	of := c
	of.Classes = 20
	images, labels := blots(of, 400)
	var has []byte
	for _, l := range labels { // the first class has every twentieth image, the second half of them
		has = append(has, 1-min(l, 1), l/10)
	}
	o := quick
	o.Epochs, o.Shift = 20, 0
	if err := Train(m, images, has, o); err != nil {
		t.Fatal(err)
	}
	p := make([]float32, len(has))
	NewRunner(m, 0, nil).Probabilities(p, images)
	var right, all [2][2]int
	for i, v := range p {
		class, label := i%2, has[i]
		all[class][label]++
		if (v > 0.5) == (label == 1) {
			right[class][label]++
		}
	}
	for class := range right {
		for label, n := range right[class] {
			if share := float64(n) / float64(all[class][label]); share < 0.85 {
				t.Errorf("of the images with label %d of class %d, %.2f are read right", label, class, share)
			}
		}
	}
}

func TestTrainIsRefused(t *testing.T) {
	c := configs[1]
	images, labels := blots(c, 20)
	for name, spoil := range map[string]func(m *Model, images, labels *[]byte, o *Options){
		"epochs":        func(_ *Model, _, _ *[]byte, o *Options) { o.Epochs = 0 },
		"batch":         func(_ *Model, _, _ *[]byte, o *Options) { o.Batch = 0 },
		"shift":         func(_ *Model, _, _ *[]byte, o *Options) { o.Shift = -1 },
		"learning rate": func(_ *Model, _, _ *[]byte, o *Options) { o.LearningRate = 0 },
		"for 0 labels":  func(_ *Model, images, labels *[]byte, _ *Options) { *images, *labels = nil, nil },
		"for 19 labels": func(_ *Model, _, labels *[]byte, _ *Options) { *labels = (*labels)[1:] },
		"label 4 is 10": func(_ *Model, _, labels *[]byte, _ *Options) { *labels = slices.Clone(*labels); (*labels)[4] = 10 },
		"enough": func(_ *Model, _, _ *[]byte, o *Options) {
			o.Progress = func(int, int, float64) error { return errors.New("enough") }
		},
		"is not finite at step 1, learn": func(m *Model, _, _ *[]byte, _ *Options) { m.data[3] = float32(math.NaN()) },
	} {
		m := randomModel(t, c)
		images, labels, o := images, labels, quick
		spoil(m, &images, &labels, &o)
		before := slices.Clone(m.data)
		if err := Train(m, images, labels, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not say %q", err, name)
		}
		if name != "enough" && fmt.Sprint(m.data) != fmt.Sprint(before) {
			t.Errorf("%s: the weights were changed", name)
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	c := configs[1]
	images, labels := blots(c, 20)
	tr := newTrainer(randomModel(t, c), split(images, c.Pixels()), labels, Options{Batch: 20, Threads: 2})
	indices := random.Permutation(1, 1, 20)
	// A goroutine and its arguments for each of five phases.
	if n := testing.AllocsPerRun(20, func() {
		if _, err := tr.makeStep(indices, 1e-3); err != nil {
			t.Fatal(err)
		}
	}); n > 10 {
		t.Errorf("a step allocates %v times", n)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{
		{Height: 3, Width: 28, Channels: 1, Classes: 10},
		{Height: 28, Width: 257, Channels: 1, Classes: 10},
		{Height: 28, Width: 28, Channels: 2, Classes: 10},
		{Height: 28, Width: 28, Channels: 1, Classes: 1},
		{Height: 28, Width: 28, Channels: 1, Classes: 257},
	} {
		if _, err := New(c, 1); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func TestFile(t *testing.T) {
	for _, c := range configs {
		m := randomModel(t, c)
		data, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Unmarshal(data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Config != c || !slices.Equal(got.data, m.data) {
			t.Errorf("%+v is read as %+v, or with other weights", c, got.Config)
		}
	}
}

func TestFileIsRefused(t *testing.T) {
	m := randomModel(t, configs[1])
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	replace := func(key, old, new string) func(f *safetensors.File) {
		return func(f *safetensors.File) { f.Metadata[key] = strings.Replace(f.Metadata[key], old, new, 1) }
	}
	for _, c := range []struct {
		want   string
		change func(f *safetensors.File)
	}{
		{`format "vae-edge-float"`, replace("format", "classifier", "float")},
		{`version "2"`, replace("version", "1", "2")},
		{"description of the network", replace("network", "}", "")},
		{"must be 2 to 256", replace("network", `"classes":10`, `"classes":1`)},
		{"has the shape", replace("network", `"classes":10`, `"classes":11`)},
		{"has the shape", replace("network", `"classes":10`, `"classes":9`)},
		{"bytes of weights, there are", replace("network", `"channels":1`, `"channels":3`)},
		{"bytes of weights, there are", replace("network", `"height":10,"width":6`, `"height":256,"width":256`)},
		{"is missing", func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }},
		{"9 tensors", func(f *safetensors.File) { f.Tensors = append(f.Tensors, safetensors.New("more", []float32{1}, 1)) }},
		{"4 entries of metadata", func(f *safetensors.File) { f.Metadata["more"] = "1" }},
		{"not finite", func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "dense.bias" })
			f.Tensors[i].Data[2], f.Tensors[i].Data[3] = 0xc0, 0x7f
		}},
	} {
		f, err := safetensors.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		c.change(f)
		changed, err := f.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = Unmarshal(changed)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.HasPrefix(err.Error(), "classify: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 8*uint64(len(changed)) {
			t.Errorf("%s: took %d bytes for a file of %d", c.want, n, len(changed))
		}
	}
	for _, i := range []int{0, 100, len(data) / 2, len(data) - 1} {
		flipped := slices.Clone(data)
		flipped[i] ^= 4
		if _, err := Unmarshal(flipped); err == nil {
			t.Errorf("byte %d may be another", i)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	c := Config{Height: 28, Width: 28, Channels: 1, Classes: 10}
	const batch = 64
	images, labels := blots(c, batch)
	tr := newTrainer(randomModel(b, c), split(images, c.Pixels()), labels, Options{Batch: batch, Shift: 2})
	indices := random.Permutation(1, 1, batch)
	for b.Loop() {
		if _, err := tr.makeStep(indices, 1e-3); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}

// FuzzUnmarshal lies in the description of a classifier, the checksum being right.
func FuzzUnmarshal(f *testing.F) {
	m, err := New(Config{Height: 8, Width: 8, Channels: 1, Classes: 10}, 1)
	if err != nil {
		f.Fatal(err)
	}
	data, err := m.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	file, err := safetensors.Parse(data)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata["network"])
	f.Add(strings.ReplaceAll(file.Metadata["network"], "8", "8000000"))
	f.Fuzz(func(t *testing.T, description string) {
		file.Metadata["network"] = description
		data, err := file.Marshal()
		if err != nil {
			return
		}
		if m, err := Unmarshal(data); err == nil && len(m.Params()) != len(file.Tensors) {
			t.Errorf("accepted %q", description)
		}
	})
}

// Features are what the last layer makes logits of.
func TestFeatures(t *testing.T) {
	m, err := New(Config{Height: 8, Width: 12, Channels: 1, Classes: 3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	const images = 20
	pixels := make([]byte, images*m.Pixels())
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range pixels {
		pixels[i] = byte(rng.IntN(256))
	}
	r := NewRunner(m, 3, nil)
	n := r.FeatureCount()
	f, want := make([]float32, images*n), make([]float32, images*3)
	r.Features(f, pixels)
	r.Probabilities(want, pixels)
	last := m.net.Layers[len(m.net.Layers)-1]
	for i := range images {
		logits, got := make([]float32, 3), make([]float32, 3)
		for class := range logits {
			logits[class] = last.Bias[class]
			for k, v := range f[i*n:][:n] {
				logits[class] += v * last.Weight[k*3+class]
			}
		}
		softmax(got, logits)
		for class, p := range got {
			if math.Abs(float64(p-want[i*3+class])) > 1e-5 {
				t.Errorf("image %d: by its features class %d has the probability %v, want %v", i, class, p, want[i*3+class])
			}
		}
	}
}
