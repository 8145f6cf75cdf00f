package gan

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
)

// small describes networks that are quickly trained.
func small(t *testing.T, loss Loss) Config {
	t.Helper()
	c, err := Networks([3]int{8, 8, 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	c.Loss = loss
	for _, s := range []model.Stack{c.Decoder, c.Critic} {
		for i := range s[:len(s)-1] {
			s[i].Out[2] = 4 + i
		}
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// pictures are n random ones of so many pixels, bright in one half.
func pictures(n, size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	p := make([]byte, n*size)
	for i := range p {
		p[i] = byte(r.IntN(60))
		if i/4%2 == 0 {
			p[i] += 150
		}
	}
	return p
}

func newTrainer(t *testing.T, m *Model, threads int) *Trainer {
	t.Helper()
	o := Usual
	o.Batch, o.Threads, o.Seed, o.Schedule = 10, threads, 7, nn.Schedule{Peak: 1e-3, Warmup: 2, Total: 20}
	tr, err := NewTrainer(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// The gradients of both networks are those that differences of the losses have, that of the critic
// through the division by the spectral norms.
func TestGradients(t *testing.T) {
	for _, loss := range []Loss{LossHinge, LossLogistic} {
		m, err := New(small(t, loss), 5)
		if err != nil {
			t.Fatal(err)
		}
		o := Usual
		generic, err := sgemm.Select("generic")
		if err != nil {
			t.Fatal(err)
		}
		o.Batch, o.Threads, o.Seed, o.Backend, o.Schedule = 6, 1, 7, generic, nn.Schedule{Peak: 1e-3}
		tr, err := NewTrainer(m, o)
		if err != nil {
			t.Fatal(err)
		}
		tr.images, tr.indices, tr.criticNoise, tr.generatorNoise = pictures(6, 64), []int{3, 1, 4, 0, 5}, 11, 12
		of := func(g *nn.Gradient, pictures int) float64 {
			for range 40 {
				m.iterate()
			}
			m.divide()
			g.Compute(pictures)
			sum := 0.0
			for _, l := range tr.losses[:pictures] {
				sum += l / float64(len(tr.indices))
			}
			return sum
		}
		for _, c := range []struct {
			name     string
			gradient *nn.Gradient
			pictures int
			weights  []float32
			through  bool
		}{{"critic", tr.criticGradient, 10, m.critic, true}, {"generator", tr.drawGradient, 5, m.generator, false}} {
			of(c.gradient, c.pictures)
			c.gradient.Sum()
			values := slices.Clone(c.gradient.Values)
			if len(values) != len(c.weights) {
				t.Fatalf("%d values for the %d weights of the %s", len(values), len(c.weights), c.name)
			}
			if c.through {
				for _, n := range m.norms {
					n.through(n.span.Of(values), n.span.Of(m.divided))
				}
			}
			largest := 0.0
			for _, v := range values {
				largest = max(largest, math.Abs(float64(v)))
			}
			r, off := rand.New(rand.NewPCG(1, 2)), 0
			const tried = 150
			for range tried {
				i := r.IntN(len(c.weights))
				const step = 1e-3
				was := c.weights[i]
				c.weights[i] = was + step
				above := of(c.gradient, c.pictures)
				c.weights[i] = was - step
				below := of(c.gradient, c.pictures)
				c.weights[i] = was
				// A ReLU or a hinge may lie between
				if want := (above - below) / (2 * step); math.Abs(want-float64(values[i])) > 0.01*largest+2e-3 {
					off++
				}
			}
			of(c.gradient, c.pictures)
			if largest < 1e-3 || off > tried/20 {
				t.Errorf("%s, %s: %d of %d derivatives are not those of differences; the largest is %v", loss, c.name, off, tried, largest)
			}
		}
	}
}

// The norm is the largest singular value.
func TestNorm(t *testing.T) {
	m, err := New(small(t, LossHinge), 5)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		m.iterate()
	}
	m.divide()
	for i, n := range m.norms {
		w := n.span.Of(m.divided)
		r := rand.New(rand.NewPCG(1, 2))
		most := 0.0
		x := make([]float64, n.cols)
		for range 300 { // no vector becomes longer, and one does not become shorter
			for c := range x {
				x[c] = r.NormFloat64()
			}
			for range 30 {
				unit(x)
				y := make([]float64, n.rows)
				for k := range y {
					for c, v := range x {
						y[k] += v * float64(w[k*n.cols+c])
					}
				}
				most = max(most, unit(y))
				clear(x)
				for k, v := range y {
					for c := range x {
						x[c] += v * float64(w[k*n.cols+c])
					}
				}
			}
		}
		if math.Abs(most-gain) > 1e-3 {
			t.Errorf("layer %d: the largest singular value of the divided weights is %v", i, most)
		}
	}
}

func train(t *testing.T, tr *Trainer, steps int) {
	t.Helper()
	images := pictures(30, 64)
	for range steps {
		first := tr.StepNumber() % 3 * 10
		var batch []int
		for i := range 10 - tr.StepNumber()%2*3 { // not all are whole
			batch = append(batch, first+i)
		}
		if _, err := tr.Step(images, batch); err != nil {
			t.Fatal(err)
		}
	}
}

// The same seed gives the same weights with any number of threads, and a run that is resumed those
// of one that was not interrupted.
func TestSame(t *testing.T) {
	c := small(t, LossLogistic)
	var want []nn.Param
	for threads := 1; threads <= 3; threads++ {
		m, err := New(c, 5)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, m, threads)
		train(t, tr, 3)
		state := tr.State()
		if m, err = New(c, 6); err != nil { // another's weights
			t.Fatal(err)
		}
		tr = newTrainer(t, m, threads)
		if err := tr.Restore(state); err != nil {
			t.Fatal(err)
		}
		train(t, tr, 4)
		whole, err := New(c, 5)
		if err != nil {
			t.Fatal(err)
		}
		straight := newTrainer(t, whole, 1)
		train(t, straight, 7)
		if want == nil {
			want = straight.State()
		}
		for i, p := range tr.State() {
			if !slices.Equal(p.Data, want[i].Data) || p.Name != want[i].Name {
				t.Errorf("%d threads: %s is another", threads, p.Name)
			}
		}
	}
}

// A generator learns what its critic is shown.
func TestLearns(t *testing.T) {
	m, err := New(small(t, LossLogistic), 5)
	if err != nil {
		t.Fatal(err)
	}
	o := Usual
	o.Batch, o.Seed, o.Schedule, o.Averaging = 16, 7, nn.Schedule{Peak: 5e-3}, 0.9
	tr, err := NewTrainer(m, o)
	if err != nil {
		t.Fatal(err)
	}
	images := pictures(64, 64)
	for step := range 400 {
		var batch []int
		for i := range 16 {
			batch = append(batch, step%4*16+i)
		}
		if _, err := tr.Step(images, batch); err != nil {
			t.Fatal(err)
		}
	}
	logits := make([]float32, 64)
	nn.NewRunner(m.Average, tr.pool, nil).Outputs(logits, []float32{0.5, -1, 0.2})
	off := 0.0
	for i, l := range logits {
		want := 30.0 / 255
		if i/4%2 == 0 {
			want += 150. / 255
		}
		off += math.Abs(float64(sigmoid(l))-want) / 64
	}
	if !(off < 0.15) {
		t.Errorf("pixels are %.3f off", off)
	}
}

func TestRefuses(t *testing.T) {
	if _, err := Networks([3]int{30, 28, 1}, 4); err == nil || !strings.Contains(err.Error(), "multiples of 4") {
		t.Errorf("sides of 30: %v", err)
	}
	for _, c := range []struct {
		change func(c *Config)
		want   string
	}{
		{func(c *Config) { c.Loss = "wasserstein" }, `loss "wasserstein"`},
		{func(c *Config) { c.Critic = c.Critic[:2] }, "must end with a dense layer"},
		{func(c *Config) { c.Critic[0].Target, c.Critic[0].Slope = model.Pixels, 0 }, "a layer of the critic is to pixels"},
		{func(c *Config) { c.Decoder = nil }, "neither"},
		{func(c *Config) { c.Latent = 0 }, "latent dimensions"},
	} {
		config := small(t, LossHinge)
		c.change(&config)
		if _, err := New(config, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
	}
	m, err := New(small(t, LossHinge), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(o *Options){
		func(o *Options) { o.Batch = 0 }, func(o *Options) { o.CriticRate = 0 }, func(o *Options) { o.Averaging = 1 }, func(o *Options) { o.Schedule.Peak = 0 },
	} {
		o := Usual
		o.Schedule.Peak = 1e-3
		change(&o)
		if _, err := NewTrainer(m, o); err == nil {
			t.Errorf("options %+v are taken", o)
		}
	}
	tr := newTrainer(t, m, 1)
	for _, batch := range [][]int{nil, {30}, {-1}, make([]int, 11)} {
		if _, err := tr.Step(pictures(30, 64), batch); err == nil {
			t.Errorf("a step with images %v", batch)
		}
	}
	state := tr.State()
	for _, change := range []func(s []nn.Param) []nn.Param{
		func(s []nn.Param) []nn.Param { return s[1:] },
		func(s []nn.Param) []nn.Param { s[0].Data = []float32{0.5}; return s },
		func(s []nn.Param) []nn.Param { s[len(s)-1].Data = []float32{0}; return s },
	} {
		if err := tr.Restore(change(slices.Clone(state))); err == nil {
			t.Error("a damaged state is taken")
		}
	}
	m.critic[0] = float32(math.NaN())
	m.divide()
	if _, err := tr.Step(pictures(30, 64), []int{0}); !errors.Is(err, ErrDiverged) {
		t.Errorf("weights that are not numbers: %v", err)
	}
}
