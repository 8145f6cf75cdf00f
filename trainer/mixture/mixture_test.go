package mixture

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// clusters are points of dims coordinates of which the first two correlate, around one of two
// centres that are apart in the last.
func clusters(n, dims int) []float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	var codes []float32
	for range n {
		x := make([]float64, dims)
		for d := range x {
			x[d] = 0.3 * rng.NormFloat64()
		}
		x[1] = 0.8*x[0] + 0.6*x[1]
		if x[dims-1] -= 0.5; rng.IntN(4) == 0 {
			x[dims-1] += 2
		}
		for _, v := range x {
			codes = append(codes, float32(v))
		}
	}
	return codes
}

// truth is the distribution of clusters.
func truth(dims int) *Mixture {
	m := standard(dims)
	for d := range dims {
		m.Factor[d][d] = 0.3
	}
	m.Factor[1][0], m.Factor[1][1] = 0.8*0.3, 0.6*0.3
	away := append([]float64(nil), m.Means[0]...)
	m.Means[0][dims-1], away[dims-1] = -0.5, 1.5
	m.Means, m.Shares = append(m.Means, away), []float64{0.75, 0.25}
	return m
}

// TestFit: codes are nearly as likely by what is fitted to others as by the truth, and by one
// component much less.
func TestFit(t *testing.T) {
	const dims, n = 4, 6000
	codes := clusters(2*n, dims)
	learn, others := codes[:n*dims], codes[n*dims:]
	m := Fit(learn, dims, 8, 2)
	best := truth(dims).LogDensity(others, 2)
	if got := m.LogDensity(others, 2); got < best-0.03 || got > best {
		t.Errorf("eight components: %.3f nats, the truth %.3f", got, best)
	}
	if got := Fit(learn, dims, 1, 2).LogDensity(others, 2); got > best-0.5 {
		t.Errorf("one component: %.3f nats, the truth %.3f", got, best)
	}
	if again := Fit(learn, dims, 8, 1); !reflect.DeepEqual(m, again) {
		t.Error("on one thread it is another")
	}
}

// TestLogDensity: that of the standard normal distribution at the origin and one unit off.
func TestLogDensity(t *testing.T) {
	want := -math.Log(2*math.Pi) - 0.25
	if got := standard(2).LogDensity([]float32{0, 0, 1, 0}, 1); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestChoose(t *testing.T) {
	const dims = 4
	m, f := Choose(clusters(4000, dims), dims, 2)
	if m == nil || len(m.Shares) < 2 || f.Nats < f.Normal+1 {
		t.Errorf("%+v, %+v", m, f)
	}
	if m, _ := Choose(clusters(leastCodes-1, dims), dims, 2); m != nil {
		t.Error("so few codes cannot tell")
	}
}

// TestOf: a model has the mixture of codes that lie in clusters, and none of codes that are about
// normal. Too few codes leave what it has.
func TestOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	normal := make([]float32, 4000*2)
	for i := range normal {
		normal[i] = float32(rng.NormFloat64())
	}
	m := &model.Model{Latent: 2, LatentSteps: 2048}
	if f, err := Of(m, clusters(leastCodes, 2), 2); err != nil || f == nil || m.Mixture == nil || !strings.Contains(f.String(), "nats likelier") {
		t.Errorf("clusters: %v, %+v, error %v", f, m.Mixture, err)
	}
	if f, err := Of(m, normal[:2*leastCodes-2], 2); err != nil || f != nil || m.Mixture == nil {
		t.Errorf("few codes: %v, %+v, error %v", f, m.Mixture, err)
	}
	if f, err := Of(m, normal, 2); err != nil || f != nil || m.Mixture != nil || f.String() != "" {
		t.Errorf("normal codes: %v, %+v, error %v", f, m.Mixture, err)
	}
}

// TestFixed: what is drawn in integers has the distribution that was fitted.
func TestFixed(t *testing.T) {
	const dims, n, steps = 3, 20_000, 2048
	codes := clusters(8000, dims)
	m := Fit(codes, dims, 5, 2)
	f, err := m.Fixed(steps)
	if err != nil {
		t.Fatal(err)
	}
	r := latent.NewRand(3)
	point, drawn := make([]int16, dims), []float32(nil)
	for range n {
		f.Draw(point, r)
		for _, v := range point {
			drawn = append(drawn, float32(v)/steps)
		}
	}
	a, b := Fit(codes, dims, 1, 2), Fit(drawn, dims, 1, 2)
	for d := range dims {
		if math.Abs(a.Means[0][d]-b.Means[0][d]) > 0.02 {
			t.Errorf("mean %d: drawn %.3f, of the codes %.3f", d, b.Means[0][d], a.Means[0][d])
		}
		for e := range d + 1 {
			if math.Abs(a.Factor[d][e]-b.Factor[d][e]) > 0.02 {
				t.Errorf("factor %d,%d: drawn %.3f, of the codes %.3f", d, e, b.Factor[d][e], a.Factor[d][e])
			}
		}
	}
	if a, b := m.LogDensity(codes, 2), m.LogDensity(drawn, 2); math.Abs(a-b) > 0.05 {
		t.Errorf("density of what is drawn %.3f, of the codes %.3f", b, a)
	}
	m.Means[0][0] = 20
	if _, err := m.Fixed(steps); err == nil {
		t.Error("a mean of 20 units is stored")
	}
}
