package quantize

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/modeltest"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/sgemm"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// testStudent returns a calibrated student of a random decoder with lively biases, latent points
// and targets.
func testStudent(t *testing.T, channels, points int) (s *student, m *vae.Model, z, targets []float32) {
	t.Helper()
	return testStudentOf(t, modeltest.Book(6, 8, channels, 3, 4), points)
}

// testStudentOf is testStudent with another network.
func testStudentOf(t *testing.T, n model.Network, points int) (s *student, m *vae.Model, z, targets []float32) {
	t.Helper()
	m, err := vae.New(vae.Config{Network: n, Loss: vae.LossELBO, KLWeight: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range m.Params() {
		for i := range p.Data {
			if len(p.Shape) == 1 {
				p.Data[i] = 0.2 * float32(r.NormFloat64())
			}
		}
	}
	for range points * m.Latent {
		z = append(z, float32(r.NormFloat64()))
	}
	for range points * m.Pixels() {
		targets = append(targets, r.Float32())
	}
	s = newStudent(m.Decoder, parallel.New(2), sgemm.Best(), points)
	s.calibrate(nn.NewRunner(m.Decoder, parallel.New(1), nil), z)
	return s, m, z, targets
}

func TestRound(t *testing.T) {
	for _, c := range []struct{ x, s, limit, rounded, slope float32 }{
		{0, 2, 127, 0, 0},
		{2.5, 2, 127, 2, -0.5},
		{3.5, 2, 127, 4, 0.5},
		{3, 2, 127, 4, 1}, // a tie goes to the even step
		{-1, 2, 127, 0, 1},
		{253, 2, 127, 252, -1},
		{254, 2, 127, 254, 0},
		{255, 2, 127, 254, 254},
		{-300, 2, 127, -254, -254},
	} {
		if rounded, slope := round(c.x, c.s, c.limit); rounded != c.rounded || slope != c.slope {
			t.Errorf("%v in steps of %v: %v with slope %v, want %v and %v", c.x, c.s, rounded, slope, c.rounded, c.slope)
		}
	}
}

// What the student computes in float32 is what the decoder that it exports computes in integers,
// before and after it has learnt.
func TestStudentIsInt8(t *testing.T) {
	const points = 40
	for _, n := range []model.Network{modeltest.Book(6, 8, 1, 3, 4), modeltest.Book(6, 8, 3, 3, 4), modeltest.Foreign()} {
		channels := n.Image[2]
		s, m, z, targets := testStudentOf(t, n, points)
		for _, when := range []string{"calibrated", "trained"} {
			q, err := s.export("m") // takes the parameters too
			if err != nil {
				t.Fatal(err)
			}
			d, err := decoder.New(q)
			if err != nil {
				t.Fatal(err)
			}
			s.net.Pack(s.pool)
			p := s.gradient.Workers[0].Passes[0]
			indices, other := make([]uint16, m.Pixels()), 0
			layout := p.Layouts[p.Output()]
			for i := range points {
				var point []int16
				for j, v := range z[i*m.Latent:][:m.Latent] {
					point = q.FixedPoint(point, float64(v))
					p.X(0, 0)[j] = float32(point[j]) / model.LatentSteps
				}
				d.DecodeIndices(indices, point)
				logits := make([]float32, m.Pixels())
				p.Run(1, nil, func(int) { layout.Inside(logits, p.X(p.Output(), 0), 1) }, false)
				for k, l := range logits {
					want := math.RoundToEven(float64(l)*kernels.LogitSteps) + kernels.TableSize/2
					if math.Abs(want-float64(indices[k])) > 1 {
						other++ // a sum of floats that fell on the other side of a tie
					}
				}
			}
			if most := points * m.Pixels() / 500; other > most {
				t.Errorf("%d channels, %s: %d of %d logits differ, at most %d should", channels, when, other, points*m.Pixels(), most)
			}
			for range 20 {
				s.learn(z, targets, weightRate, scaleRate)
			}
		}
	}
}

// A gradient passes where the rounded activation follows the ReLU's input, and the rest of it moves
// the scale.
func TestActivationGradient(t *testing.T) {
	scale := []float32{2, 0.5}
	x := []float32{3.2, 0, 0, 100, 0.1, 0.3}
	slope := make([]float32, len(x))
	roundActivations(x, slope, scale)
	for i, want := range []float32{4, 0, 0, 63.5, 0, 0.5} {
		if x[i] != want {
			t.Errorf("activation %d is %v, want %v", i, x[i], want)
		}
	}
	d, sum := []float32{1, 2, 3, 4, 5, 6}, make([]float32, 2)
	scaleGradient(sum, d, slope, scale)
	for i, want := range []float32{1, 0, 0, 0, 5, 6} {
		if d[i] != want {
			t.Errorf("gradient %d is %v, want %v", i, d[i], want)
		}
	}
	// In steps of 2, 3.2 is rounded up by 0.8 and 0.1 down; in steps of 0.5, 0.3 is rounded up by
	// 0.2, and the clipped one is 127 steps.
	for c, want := range []float32{1*0.8 - 5*0.1, 6*0.2 + 4*63.5} {
		if !(math.Abs(float64(sum[c]-want)) <= 1e-4) {
			t.Errorf("gradient of scale %d is %v, want %v", c, sum[c], want)
		}
	}
}

// The same of a leaky ReLU, on either side of 0, with a zero point of 21 steps.
func TestLeakyGradient(t *testing.T) {
	const slope = 0.2
	l := newGrid(nn.Layer{Layer: model.Layer{Op: model.Conv, Out: [3]int{1, 1, 2}, Target: model.LeakyReLU, Slope: slope}}, nil, true)
	l.scale = []float32{2, 0.5}
	x := []float32{3.2, 0, -3.2, 60, 0.1, -0.3, -0.1, 0.1, -100, -10.4}
	slopes := make([]float32, len(x))
	l.roundLeaky(x, slopes)
	for i, want := range []float32{4, 0, -4, 53, 0, -0.5, 0, 0, -42, -10.5} {
		if x[i] != want {
			t.Errorf("activation %d is %v, want %v", i, x[i], want)
		}
	}
	d, sum := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, make([]float32, 2)
	l.leakyGradient(sum, d, x, slopes)
	for i, want := range []float32{1, 2 * slope, 3 * slope, 0, 5, 6 * slope, 7 * slope, 8, 0, 10 * slope} {
		if d[i] != want {
			t.Errorf("gradient %d is %v, want %v", i, d[i], want)
		}
	}
	for c, want := range []float32{1*0.8 - 3*0.8 - 5*0.1 + 7*0.1 - 9*42, 4*53 - 6*0.2 - 8*0.1 - 10*0.1} {
		if !(math.Abs(float64(sum[c]-want)) <= 1e-4) {
			t.Errorf("gradient of scale %d is %v, want %v", c, sum[c], want)
		}
	}
}

// Where all weights of a layer are clipped nothing is rounded, so the gradient of their scales is
// that of a smooth function.
func TestWeightScaleGradient(t *testing.T) {
	s, _, z, targets := testStudent(t, 1, 5)
	last := s.layers[len(s.layers)-1]
	scale := &last.logWeightScale.Of(s.params)[0]
	for i := range last.weight.Of(s.params) {
		last.weight.Of(s.params)[i] *= 1e6
	}
	loss := func() float64 { return s.learn(z, targets, 0, 0) }
	loss()
	got := float64(last.logWeightScale.Of(s.gradient.Values)[0])
	for _, v := range last.weight.Of(s.gradient.Values) {
		if v != 0 {
			t.Fatalf("a clipped weight has the gradient %v", v)
		}
	}
	const h = 1e-2
	at := *scale
	*scale = at + h
	up := loss()
	*scale = at - h
	want := (up - loss()) / (2 * h)
	if !(math.Abs(want) >= 1e-5 && math.Abs(got-want) <= 0.02*math.Abs(want)) {
		t.Errorf("gradient %g, want %g", got, want)
	}
}

// The student comes nearer to what it is to draw, with coarse scales too.
func TestLearn(t *testing.T) {
	s, _, z, targets := testStudent(t, 1, 30)
	for i := s.scales; i < len(s.params); i++ {
		s.params[i] += 1.5
	}
	first := s.learn(z, targets, weightRate, scaleRate)
	last := first
	for range 60 {
		last = s.learn(z, targets, weightRate, scaleRate)
	}
	if !(last <= 0.99*first) {
		t.Errorf("the cross-entropy was %v and is %v", first, last)
	}
}

// A step on fewer images than a batch has takes nothing from the step before it.
func TestLearnFewer(t *testing.T) {
	const points, fewer = 30, 5
	s, m, z, targets := testStudent(t, 1, points)
	learn := func(s *student) float64 { return s.learn(z[:fewer*m.Latent], targets[:fewer*m.Pixels()], 0, 0) }
	s.learn(z, targets, 0, 0)
	got := learn(s)
	other := newStudent(m.Decoder, parallel.New(1), sgemm.Best(), fewer)
	copy(other.params, s.params)
	if want := learn(other); got != want || !slices.Equal(s.gradient.Values, other.gradient.Values) {
		t.Errorf("the cross-entropy is %v, by itself it is %v, or gradients differ", got, want)
	}
}

// The gradient of a bias of the logits, which is not rounded, is that of a smooth function.
func TestOutputBiasGradient(t *testing.T) {
	s, _, z, targets := testStudent(t, 3, 5)
	last := s.layers[len(s.layers)-1]
	loss := func() float64 { return s.learn(z, targets, 0, 0) }
	for c := range last.bias.Of(s.params) {
		loss()
		got := float64(last.bias.Of(s.gradient.Values)[c])
		const h = 1e-2
		bias := &last.bias.Of(s.params)[c]
		at := *bias
		*bias = at + h
		up := loss()
		*bias = at - h
		want := (up - loss()) / (2 * h)
		*bias = at
		if !(math.Abs(want) >= 1e-3 && math.Abs(got-want) <= 0.01*math.Abs(want)) {
			t.Errorf("gradient %g of channel %d, want %g", got, c, want)
		}
	}
}

// A channel whose weights are next to nothing beside its bias keeps the bias.
func TestSmallWeights(t *testing.T) {
	s, m, z, _ := testStudent(t, 1, 5)
	last := s.layers[len(s.layers)-1]
	for i := range last.Weight { // the model's own
		last.Weight[i] *= 1e-12
	}
	last.Bias[0] = -3
	copy(last.weight.Of(s.params), last.Weight)
	copy(last.bias.Of(s.params), last.Bias)
	s.calibrate(nn.NewRunner(m.Decoder, parallel.New(1), nil), z)
	q, err := s.export("m")
	if err != nil {
		t.Fatal(err)
	}
	d, err := decoder.New(q)
	if err != nil {
		t.Fatal(err)
	}
	indices := make([]uint16, m.Pixels())
	d.DecodeIndices(indices, q.FixedPoint(nil, 1, -1, 0.5))
	for _, index := range indices {
		if got := indexLogit(int(index)); got != -3 {
			t.Fatalf("a logit is %v, want -3", got)
		}
	}
}

func TestStop(t *testing.T) {
	_, m, _, _ := testStudent(t, 1, 1)
	images := make([]byte, 10*m.Pixels())
	told := 0
	_, err := Quantize(m, "m", images, Options{Order: make([]int, 1000), Progress: func(n int) bool {
		told = n
		return n < 3*batch
	}})
	if !errors.Is(err, ErrStopped) || told != 3*batch {
		t.Errorf("stopped after %d images with %v, want %d and ErrStopped", told, err, 3*batch)
	}
}
