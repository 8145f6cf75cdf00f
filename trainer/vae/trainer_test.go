package vae

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

var constant = nn.Schedule{Peak: 1e-3}

func newTrainer(t testing.TB, m *Model, o Options) *Trainer {
	t.Helper()
	if o.Schedule.Peak == 0 {
		o.Schedule = constant
	}
	tr, err := NewTrainer(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestGradient holds the objective and its gradient with respect to every array of weights against
// central differences of the textbook network, with quantization noise and without.
func TestGradient(t *testing.T) {
	networks := configs()
	networks["noisy"], networks["noisy book"] = networks["elbo"], networks["book"]
	if gate.All() {
		colour64 := networks["elbo"]
		colour64.Network = modeltest.Colour64(2)
		networks["64x64x3, four halvings, 64 latent dimensions"] = colour64
	}
	for name, c := range networks {
		t.Run(name, func(t *testing.T) {
			m := randomModel(c)
			noisy := strings.HasPrefix(name, "noisy")
			if noisy { // far enough above 0 for the noise to be kept there nowhere
				for _, l := range m.Decoder.Layers[:2] {
					for i := range l.Weight {
						l.Weight[i] *= 0.1
					}
					for i := range l.Bias {
						l.Bias[i]++
					}
				}
			}
			book := newTextbook(m)
			images := randomImages(c, 4)
			indices := []int{2, 0, 3}
			const seed = 9
			o := Options{Batch: 9, Seed: seed} // shards of 2
			if noisy {
				o.QuantizationNoise = DefaultQuantizationNoise
			}
			tr := newTrainer(t, m, o)
			for _, r := range tr.noises {
				for c := range r.peaks {
					r.peaks[c] = 2
				}
			}
			var batch [][]byte
			for _, i := range indices {
				batch = append(batch, cut(images, c.Pixels())[i])
			}
			eps := func(i, d int) float32 { return Noise(stepSeed(seed, 1), i, d) }
			if c.Loss == LossSigma { // as if the steps before had been like this one
				tr.variance[0] = float32(book.stats(batch, eps, false).MSE + leastVariance)
			}
			got, err := tr.Step(images, indices)
			if err != nil {
				t.Fatal(err)
			}

			if noisy {
				if exact := book.stats(batch, eps, false); math.Abs(got.Reconstruction-exact.Reconstruction) < 4e-5*exact.Reconstruction {
					t.Errorf("a reconstruction of %v is the one without noise", got.Reconstruction)
				}
				book.noise = tr.noise
			}
			nearStats(t, got, book.stats(batch, eps, false))

			gradient := m.paramsOf(tr.gradient.Values)
			rng := rand.New(rand.NewPCG(5, 6))
			for i, p := range gradient {
				x := book.params[&m.Params()[i].Data[0]]
				// Along a direction in which every weight moves, and along one weight.
				every, single := make([]float64, len(x)), make([]float64, len(x))
				for i := range every {
					every[i] = float64(rng.IntN(2)*2 - 1)
				}
				single[rng.IntN(len(single))] = 1
				norm := 0.0
				for _, g := range p.Data {
					norm += float64(g) * float64(g)
				}
				for _, direction := range [][]float64{every, single} {
					// The objective is thousands of nats, so a smaller step is lost in the rounding
					// of float64; a larger one crosses the corners of the ReLU.
					const h = 1e-5
					at := slices.Clone(x)
					objective := func(by float64) float64 {
						for i, v := range direction {
							x[i] = at[i] + by*v
						}
						return book.stats(batch, eps, false).Objective
					}
					above, below := objective(h), objective(-h)
					copy(x, at)
					slope, dot := (above-below)/(2*h), 0.0
					for i, v := range direction {
						dot += v * float64(p.Data[i])
					}
					if tolerance := 1e-5*math.Sqrt(norm*float64(len(x))) + 1e-6; !(math.Abs(slope-dot) <= tolerance) {
						t.Errorf("%s: gradient %v, differences %v, tolerance %v", p.Name, dot, slope, tolerance)
					}
				}
			}
		})
	}
}

// noise adds the noise of the step being made to what a layer makes of an image of the batch.
func (t *Trainer) noise(image, layer int, x []float64) {
	l := t.gradient.Workers[0].Passes[1].Layouts[layer+1]
	l.Border = kernels.Edges{}
	// What it does to ones, which are far enough from 0.
	ones := slices.Repeat([]float32{1}, len(x))
	t.noises[layer].add(t.options.Backend, 0, l, ones, image, 1)
	for i, one := range ones {
		if x[i] > 0 {
			x[i] += float64(one) - 1
		}
	}
}

func nearStats(t *testing.T, got, want Stats) {
	t.Helper()
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-5*(1+math.Abs(want))) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if got.Images != want.Images || len(got.KLPerDim) != len(want.KLPerDim) {
		t.Errorf("stats of %d images in %d dimensions", got.Images, len(got.KLPerDim))
	}
	near("Objective", got.Objective, want.Objective)
	near("NegELBO", got.NegELBO, want.NegELBO)
	near("Reconstruction", got.Reconstruction, want.Reconstruction)
	near("KL", got.KL, want.KL)
	near("BookLoss", got.BookLoss, want.BookLoss)
	near("BCE", got.BCE, want.BCE)
	near("MSE", got.MSE, want.MSE)
	for d, v := range got.KLPerDim {
		near(fmt.Sprintf("KLPerDim[%d]", d), v, want.KLPerDim[d])
	}
}

// weightBytes are the bytes of all weights.
func weightBytes(t testing.TB, m *Model) []byte {
	var b bytes.Buffer
	for _, p := range m.Params() {
		if err := binary.Write(&b, binary.LittleEndian, p.Data); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// train makes steps 1 to n and returns the weights.
func train(t *testing.T, tr *Trainer, images []byte, n int) []byte {
	t.Helper()
	size := tr.m.Pixels()
	for tr.StepNumber() < n {
		order := random.Permutation(7, tr.StepNumber(), len(images)/size)
		if tr.StepNumber()%2 == 1 {
			order = order[:len(order)-5] // the last batch of an epoch is smaller
		}
		if _, err := tr.Step(images, order); err != nil {
			t.Fatal(err)
		}
	}
	return weightBytes(t, tr.m)
}

func TestThreadsDoNotMatter(t *testing.T) {
	c := configs()["elbo"]
	c.Network = modeltest.Book(2, 4, 1, 2, 5)
	images := randomImages(c, 160) // 20 shards, more than there are lanes
	for _, b := range sgemm.Backends() {
		var want []byte
		for _, threads := range []int{1, 2, 3} {
			m, err := New(c, 5)
			if err != nil {
				t.Fatal(err)
			}
			tr := newTrainer(t, m, Options{Batch: 160, Threads: threads, Seed: 6, Backend: b, QuantizationNoise: 3, WeightRange: 1.5})
			got := train(t, tr, images, limitEvery)
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%v: %d threads give other weights than 1", b, threads)
			}
		}
	}
}

// Adam's first step moves every weight by the learning rate; the encoder's dense layer has a lower
// one.
func TestMirror(t *testing.T) {
	got := make([]byte, 12)
	mirror(got, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, [3]int{2, 3, 2})
	if want := []byte{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8}; !bytes.Equal(got, want) {
		t.Fatalf("mirrored: %v, want %v", got, want)
	}

	c := configs()["elbo"]
	m, o := randomModel(c), Options{Batch: 16, Seed: 3}
	images := randomImages(c, o.Batch)
	indices := random.Permutation(1, 0, o.Batch)
	mirrored, count := slices.Clone(images), 0
	for i, n := range indices {
		if random.Hash(stepSeed(o.Seed, 1), uint64(i), mirroring)&1 != 0 {
			mirror(mirrored[n*c.Pixels():], images[n*c.Pixels():][:c.Pixels()], c.Image)
			count++
		}
	}
	if count == 0 || count == o.Batch {
		t.Fatalf("%d of %d mirrored", count, o.Batch)
	}
	want := randomModel(c)
	if _, err := newTrainer(t, want, o).Step(mirrored, indices); err != nil {
		t.Fatal(err)
	}
	o.Mirror = true
	if _, err := newTrainer(t, m, o).Step(images, indices); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.data, want.data) {
		t.Error("a step with mirroring is not that of the images that it mirrors")
	}
}

func TestHiddenRate(t *testing.T) {
	c := configs()["elbo"]
	m := randomModel(c)
	var before [][]float32
	for _, p := range m.Params() {
		before = append(before, slices.Clone(p.Data))
	}
	const rate = 1e-3
	tr := newTrainer(t, m, Options{Batch: 20, Schedule: nn.Schedule{Peak: rate}})
	train(t, tr, randomImages(c, 20), 1)
	for i, p := range m.Params() {
		want := rate
		if strings.HasPrefix(p.Name, "encoder.dense.") {
			want *= 0.2
		}
		largest := 0.0
		for k, w := range p.Data {
			largest = max(largest, math.Abs(float64(w-before[i][k])))
		}
		if !(math.Abs(largest-want) <= 0.02*want) {
			t.Errorf("%s moved by %g, want %g", p.Name, largest, want)
		}
	}
}

func TestRestore(t *testing.T) {
	c := configs()["book"]
	images := randomImages(c, 20)
	for _, optimizer := range []nn.Optimizer{nn.DefaultAdam, nn.DefaultRMSprop} {
		if optimizer == nn.DefaultRMSprop { // and another loss, whose variance is kept, too
			c.Loss, c.KLWeight = LossSigma, 1
		}
		o := Options{Batch: 20, Seed: 6, QuantizationNoise: 3, WeightRange: 1.5, Optimizer: optimizer, Schedule: nn.Schedule{Peak: 1e-3, Warmup: 2, Total: 20}}
		uninterrupted := randomModel(c)
		want := train(t, newTrainer(t, uninterrupted, o), images, 2*limitEvery+1)

		first, second := randomModel(c), randomModel(c)
		tr := newTrainer(t, first, o)
		train(t, tr, images, 4)
		state := tr.State()
		for i, p := range first.Params() {
			copy(second.Params()[i].Data, p.Data)
		}
		train(t, tr, images, 5) // State is a copy
		tr = newTrainer(t, second, o)
		slices.Reverse(state)
		if err := tr.Restore(state); err != nil {
			t.Fatal(err)
		}
		if tr.StepNumber() != 4 {
			t.Errorf("restored to step %d, want 4", tr.StepNumber())
		}
		if got := train(t, tr, images, 2*limitEvery+1); !bytes.Equal(got, want) {
			t.Errorf("%s: resuming gives other weights than an uninterrupted run", optimizer.Name())
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	c := configs()["elbo"]
	tr := newTrainer(t, randomModel(c), Options{Batch: 4, QuantizationNoise: DefaultQuantizationNoise})
	state := func() []nn.Param { return tr.State() }
	other := newTrainer(t, randomModel(c), Options{Batch: 4, QuantizationNoise: DefaultQuantizationNoise, Optimizer: nn.DefaultRMSprop})
	exact := newTrainer(t, randomModel(c), Options{Batch: 4})
	c.Network = modeltest.Book(4, 6, 1, 2, 6)
	larger := newTrainer(t, randomModel(c), Options{Batch: 4, QuantizationNoise: DefaultQuantizationNoise})
	halfStep, negative, short, below, noNumber := state(), state(), state(), state(), state()
	below[len(below)-1].Data[0] = -1
	noNumber[len(noNumber)-1].Data[0] = float32(math.NaN())
	halfStep[0].Data[0] = 1.5
	negative[0].Data[0] = -1
	short[3].Data = short[3].Data[1:]
	for name, s := range map[string][]nn.Param{
		"nothing":         nil,
		"RMSprop's":       other.State(),
		"of more units":   larger.State(),
		"without noise":   exact.State(),
		"of a peak of -1": below,
		"of no peak":      noNumber,
		"of half a step":  halfStep,
		"of step -1":      negative,
		"cut":             short,
		"with more in it": append(state(), nn.Param{Name: "more"}),
	} {
		if err := tr.Restore(s); err == nil || !strings.HasPrefix(err.Error(), "vae: checkpoint") {
			t.Errorf("a state %s: error %v", name, err)
		}
	}
}

func TestNotFinite(t *testing.T) {
	c := configs()["elbo"]
	images := randomImages(c, 4)
	indices := []int{0, 1, 2, 3}
	for _, test := range []struct {
		what  string
		spoil func(m *Model)
	}{
		{"loss", func(m *Model) { m.Params()[0].Data[3] = float32(math.NaN()) }},
		{"loss", func(m *Model) { m.Params()[19].Data[0] = float32(math.Inf(1)) }},
		// The NaN that x86 makes has a sign.
		{"loss", func(m *Model) { m.Decoder.Layers[0].Bias[0] = math.Float32frombits(0xffc00000) }},
		{"loss", func(m *Model) { m.Decoder.Layers[1].Bias[0] = math.Float32frombits(0xffc00000) }},
		{"gradient", func(m *Model) { m.KLWeight = 1e300 }},
	} {
		m, other := randomModel(c), randomModel(c)
		o := Options{Batch: 4, QuantizationNoise: DefaultQuantizationNoise, Schedule: nn.Schedule{Peak: 0.001}}
		tr := newTrainer(t, m, o)
		steps := func(tr *Trainer, n int) []byte {
			for range n {
				if _, err := tr.Step(images, indices); err != nil {
					t.Fatal(err)
				}
			}
			return weightBytes(t, tr.m)
		}
		steps(tr, 2)
		healthy := slices.Clone(m.data)
		test.spoil(m)
		before := weightBytes(t, m)
		_, err := tr.Step(images, indices)
		if want := "vae: training diverged: the " + test.what + " is not finite at step 3, learning rate 0.001"; !errors.Is(err, ErrDiverged) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if !bytes.Equal(weightBytes(t, m), before) || tr.StepNumber() != 2 {
			t.Errorf("not finite %s: the step was made", test.what)
		}
		// Nothing is left of it.
		copy(m.data, healthy)
		m.KLWeight = c.KLWeight
		if got := steps(tr, 2); !bytes.Equal(got, steps(newTrainer(t, other, o), 4)) {
			t.Errorf("not finite %s: what comes after differs", test.what)
		}
	}
}

func TestClassicalAutoencoder(t *testing.T) {
	for _, loss := range []Loss{LossELBO, LossBook} {
		c := configs()["classical"]
		c.Loss = loss
		m := randomModel(c)
		images := randomImages(c, 16)
		logVars := func() []float32 {
			_, l := m.heads()
			return append(slices.Clone(l.Weight), l.Bias...)
		}
		before := logVars()
		first := newTrainer(t, m, Options{Batch: 16, Seed: 1})
		second := newTrainer(t, randomModel(c), Options{Batch: 16, Seed: 2})
		if a, b := train(t, first, images, 10), train(t, second, images, 10); !bytes.Equal(a, b) {
			t.Errorf("%s: there is noise", loss)
		}
		if !slices.Equal(before, logVars()) {
			t.Errorf("%s: log_var was trained", loss)
		}
	}
}

func TestTrainingLearns(t *testing.T) {
	for _, loss := range []Loss{LossELBO, LossBook} {
		c := configs()["elbo"]
		c.Loss = loss
		m, err := New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		images := randomImages(c, 64)
		r := NewRunner(m, 0, nil)
		before := r.Evaluate(images, 1)
		tr := newTrainer(t, m, Options{Batch: 16, Seed: 1, Schedule: nn.Schedule{Peak: 3e-3, Warmup: 4, Total: 80}})
		for epoch := range 20 {
			order := random.Permutation(1, epoch, 64)
			for i := 0; i < 64; i += 16 {
				if _, err := tr.Step(images, order[i:i+16]); err != nil {
					t.Fatal(err)
				}
			}
		}
		after := r.Evaluate(images, 1)
		t.Logf("%s: %v to %v", loss, before.Objective, after.Objective)
		if !(after.Objective < 0.85*before.Objective) {
			t.Errorf("%s: objective went from %v to %v", loss, before.Objective, after.Objective)
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	c := configs()["elbo"]
	images := randomImages(c, 16)
	tr := newTrainer(t, randomModel(c), Options{Batch: 16, Threads: 2, QuantizationNoise: DefaultQuantizationNoise, WeightRange: 2})
	indices := random.Permutation(1, 1, 16)
	// A goroutine and its arguments for each of five phases, and for the limit of weights.
	if n := testing.AllocsPerRun(20, func() {
		if _, err := tr.Step(images, indices); err != nil {
			t.Fatal(err)
		}
	}); n > 10 {
		t.Errorf("a step allocates %v times", n)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	c := configs()["elbo"]
	m := randomModel(c)
	for _, o := range []Options{
		{Schedule: constant},
		{Batch: 1 << 20, Schedule: constant},
		{Batch: 8},
		{Batch: 8, Schedule: nn.Schedule{Peak: 1, Warmup: 4, Total: 2}},
		{Batch: 8, Schedule: constant, QuantizationNoise: -1},
		{Batch: 8, Schedule: constant, QuantizationNoise: math.NaN()},
		{Batch: 8, Schedule: constant, QuantizationNoise: 128},
		{Batch: 8, Schedule: constant, WeightRange: 2},
		{Batch: 8, Schedule: constant, QuantizationNoise: 1, WeightRange: 1},
		{Batch: 8, Schedule: constant, QuantizationNoise: 1, WeightRange: math.NaN()},
		{Batch: 8, Schedule: constant, QuantizationNoise: 1, WeightRange: math.Inf(1)},
	} {
		if _, err := NewTrainer(m, o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	leaky := Config{Network: modeltest.Foreign(), Loss: LossELBO, KLWeight: 1}
	if _, err := NewTrainer(randomModel(leaky), Options{Batch: 8, Schedule: constant, QuantizationNoise: 1}); err == nil || !strings.Contains(err.Error(), "leaky ReLU") {
		t.Errorf("noise in a leaky ReLU: %v", err)
	}
	// A border of the map after the dense layer makes it more than its pixels.
	wide, err := model.ParseNetwork([]byte(`{"image": [8, 8, 1], "latent": 2, "encoder": [{"op": "dense"}], "decoder": [
		{"op": "dense", "out": [4, 4, 1024]}, {"op": "conv_transpose", "kernel": 5, "stride": 1, "edges": [0, 0, 0, 0], "out": 1}
	]}`), [3]int{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	large, err := New(Config{Network: wide, Loss: LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewTrainer(large, Options{Batch: 1 << 14, Schedule: constant}); err == nil || !strings.Contains(err.Error(), "keeps 147456 floats of each, at most 14563 fit") {
		t.Errorf("a batch whose offsets do not fit 32 bits: error %v", err)
	}
	tr := newTrainer(t, m, Options{Batch: 2})
	for _, indices := range [][]int{{}, {0, 1, 2}, {4}, {-1}} {
		if _, err := tr.Step(make([]byte, 4*c.Pixels()), indices); err == nil {
			t.Errorf("indices %v are accepted", indices)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	m, err := New(digits(2), 1)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 64
	images := randomImages(m.Config, batch)
	tr := newTrainer(b, m, Options{Batch: batch, QuantizationNoise: DefaultQuantizationNoise})
	indices := random.Permutation(1, 1, batch)
	for b.Loop() {
		if _, err := tr.Step(images, indices); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}
