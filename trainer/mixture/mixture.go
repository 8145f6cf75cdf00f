// Package mixture fits mixtures of normal distributions to the codes of a model, so that points can
// be drawn where codes lie.
package mixture

import (
	"fmt"
	"math"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/internal/random"
)

// A Mixture is a mixture of normal distributions with one covariance.
type Mixture struct {
	Shares []float64
	Means  [][]float64 // [component][dimension]
	Factor [][]float64 // the Cholesky factor of the covariance, below its diagonal and on it
}

const (
	// Fewer codes say nothing of a covariance.
	leastCodes = 2000
	// More codes would say the same.
	mostCodes = 20_000
	// held is the share of the codes, one of so many, that choose the number of components.
	held = 10

	iterations = 30
	// least is by how many nats a mixture must make codes likelier than the standard normal
	// distribution does. Of digits it is 0.2 with two dimensions; see docs/gan.md.
	least = 1

	// first is how far out components begin, and how wide, beside the codes.
	first = 0.7
	// ridge keeps a covariance from being singular, in parts of that of all codes.
	ridge = 1e-3
)

// components are the numbers of components that are tried.
var components = []int{1, 16, 64}

// Figures are how likely codes are that no mixture has been fitted to, in nats on average: by the
// mixture that was chosen, and by the standard normal distribution.
type Figures struct {
	Components int     `json:"components"`
	Nats       float64 `json:"code_nats"`
	Normal     float64 `json:"code_nats_normal"`
}

// Choose returns the mixture of as many components as make codes likeliest that it has not been
// fitted to. Codes are dims floats each. It returns nil if there are too few codes to tell.
func Choose(codes []float32, dims, threads int) (best *Mixture, f Figures) {
	n := min(len(codes)/dims, mostCodes)
	if n < leastCodes || n < held*dims {
		return nil, f
	}
	fitted, others := codes[:(n-n/held)*dims], codes[(n-n/held)*dims:n*dims]
	f.Nats = math.Inf(-1)
	for _, k := range components {
		m := Fit(fitted, dims, k, threads)
		if l := m.LogDensity(others, threads); l > f.Nats {
			best, f.Components, f.Nats = m, k, l
		}
	}
	f.Normal = standard(dims).LogDensity(others, threads)
	return best, f
}

// String is a sentence. It is empty where there is no mixture.
func (f *Figures) String() string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("New pictures are drawn of a mixture of %d normal distributions: other codes are\n%.1f nats likelier by it than by the standard normal one.\n", f.Components, f.Nats-f.Normal)
}

// Of gives a model the mixture that Choose finds for its codes, or none, and then returns nil, if
// by that codes are hardly likelier than by the standard normal distribution: a mixture that only
// repeats it takes away its even spread. Of too few codes to tell the model keeps what it has.
func Of(m *model.Model, codes []float32, threads int) (*Figures, error) {
	best, f := Choose(codes, m.Latent, threads)
	if best == nil {
		return nil, nil
	}
	if f.Nats-f.Normal < least {
		m.Mixture = nil
		return nil, nil
	}
	fixed, err := best.Fixed(m.LatentSteps)
	if err != nil {
		return nil, err
	}
	m.Mixture = fixed
	return &f, nil
}

// standard is the standard normal distribution.
func standard(dims int) *Mixture {
	return &Mixture{Shares: []float64{1}, Means: [][]float64{make([]float64, dims)}, Factor: identity(dims)}
}

func identity(n int) [][]float64 {
	m := square(n)
	for i := range m {
		m[i][i] = 1
	}
	return m
}

func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// Fit returns the mixture of k components that expectation-maximization finds for codes of dims
// floats each, which are more than dims. (Bishop, "Pattern Recognition and Machine Learning", 2006,
// section 9.2; the covariance is that within components, of all together.) The result does not
// depend on threads.
func Fit(codes []float32, dims, k, threads int) *Mixture {
	pool := parallel.New(threads)
	n := len(codes) / dims
	// In coordinates in which all codes have mean zero and covariance one, what is within
	// components is one less what is between them.
	center, whole := moments(codes, dims)
	y := whitened(pool, codes, dims, center, whole)
	m := standard(dims)
	m.Shares, m.Means = make([]float64, k), make([][]float64, k)
	for c, i := range random.Permutation(uint64(k), 0, n)[:k] {
		m.Shares[c], m.Means[c] = 1/float64(k), make([]float64, dims)
		if k > 1 {
			for d := range dims {
				m.Means[c][d] = first * y[i*dims+d]
			}
		}
	}
	if k > 1 {
		for i := range dims {
			m.Factor[i][i] = first
		}
		for range iterations {
			m.improve(pool, y, dims)
		}
	}
	// Back to the codes' coordinates.
	for c := range m.Means {
		m.Means[c] = times(whole, m.Means[c])
		for d := range dims {
			m.Means[c][d] += center[d]
		}
	}
	factor := square(dims)
	for i := range dims {
		for j := range i + 1 {
			for l := j; l <= i; l++ {
				factor[i][j] += whole[i][l] * m.Factor[l][j]
			}
		}
	}
	m.Factor = factor
	return m
}

// moments are the mean and the Cholesky factor of the covariance.
func moments(codes []float32, dims int) (center []float64, factor [][]float64) {
	n := len(codes) / dims
	center = make([]float64, dims)
	for i, v := range codes {
		center[i%dims] += float64(v) / float64(n)
	}
	covariance := square(dims)
	x := make([]float64, dims)
	for i := range n {
		for d := range x {
			x[d] = float64(codes[i*dims+d]) - center[d]
		}
		for d, v := range x {
			for e := range d + 1 {
				covariance[d][e] += v * x[e] / float64(n)
			}
		}
	}
	for d := range covariance {
		covariance[d][d] += ridge * covariance[d][d]
	}
	return center, cholesky(covariance)
}

// cholesky returns the lower triangular factor of a positive definite matrix, of which it uses what
// is below the diagonal and on it.
func cholesky(a [][]float64) [][]float64 {
	l := square(len(a))
	for i := range a {
		for j := range i + 1 {
			s := a[i][j]
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(max(s, 1e-12))
			} else {
				l[i][j] = s / l[j][j]
			}
		}
	}
	return l
}

// times is a lower triangular matrix times a vector.
func times(l [][]float64, x []float64) []float64 {
	y := make([]float64, len(x))
	for i, row := range l {
		for j := range i + 1 {
			y[i] += row[j] * x[j]
		}
	}
	return y
}

// solve overwrites x with the solution y of l y = x.
func solve(l [][]float64, x []float64) {
	for i, row := range l {
		s := x[i]
		for j, v := range x[:i] {
			s -= row[j] * v
		}
		x[i] = s / row[i]
	}
}

// block is how many codes are a task: the sums of tasks are added in their order.
const block = 512

// whitened returns codes in coordinates in which they have the mean zero and the covariance one.
func whitened(pool *parallel.Pool, codes []float32, dims int, center []float64, factor [][]float64) []float64 {
	y := make([]float64, len(codes))
	n := len(codes) / dims
	pool.Run((n+block-1)/block, func(_, task int) {
		for i := task * block; i < min((task+1)*block, n); i++ {
			x := y[i*dims:][:dims]
			for d := range x {
				x[d] = float64(codes[i*dims+d]) - center[d]
			}
			solve(factor, x)
		}
	})
	return y
}

// A density computes how likely points are.
type density struct {
	*Mixture
	means  [][]float64 // solved by the factor
	offset []float64   // of the component's logarithm
}

func (m *Mixture) density() *density {
	d := &density{Mixture: m}
	scale := -float64(len(m.Factor)) / 2 * math.Log(2*math.Pi)
	for i, row := range m.Factor {
		scale -= math.Log(row[i])
	}
	for c, mean := range m.Means {
		s := append([]float64(nil), mean...)
		solve(m.Factor, s)
		d.means = append(d.means, s)
		d.offset = append(d.offset, scale+math.Log(m.Shares[c]))
	}
	return d
}

// of returns the logarithm of the density at a point solved by the factor, and fills shares with
// what the components have in it.
func (d *density) of(x, shares []float64) float64 {
	most := math.Inf(-1)
	for c, mean := range d.means {
		s := 0.0
		for i, v := range x {
			s += (v - mean[i]) * (v - mean[i])
		}
		shares[c] = d.offset[c] - s/2
		most = max(most, shares[c])
	}
	sum := 0.0
	for c, l := range shares {
		shares[c] = math.Exp(l - most)
		sum += shares[c]
	}
	for c := range shares {
		shares[c] /= sum
	}
	return most + math.Log(sum)
}

// improve makes a step of expectation-maximization for points whose mean is zero and whose
// covariance is one.
func (m *Mixture) improve(pool *parallel.Pool, y []float64, dims int) {
	n, k := len(y)/dims, len(m.Means)
	density := m.density()
	tasks := (n + block - 1) / block
	sums := make([][]float64, tasks) // by task, then component: its share and its mean times that
	pool.Run(tasks, func(_, task int) {
		sum := make([]float64, k*(dims+1))
		shares, x := make([]float64, k), make([]float64, dims)
		for i := task * block; i < min((task+1)*block, n); i++ {
			point := y[i*dims:][:dims]
			copy(x, point)
			solve(m.Factor, x)
			density.of(x, shares)
			for c, s := range shares {
				if s < 1e-9 {
					continue
				}
				of := sum[c*(dims+1):][:dims+1]
				of[dims] += s
				for d, v := range point {
					of[d] += s * v
				}
			}
		}
		sums[task] = sum
	})
	within := identity(dims)
	for c := range k {
		total := make([]float64, dims+1)
		for _, sum := range sums {
			for d, v := range sum[c*(dims+1):][:dims+1] {
				total[d] += v
			}
		}
		share := max(total[dims], 1e-3)
		m.Shares[c] = share / float64(n)
		for d := range dims {
			m.Means[c][d] = total[d] / share
		}
		for d, v := range m.Means[c] {
			for e := range d + 1 {
				within[d][e] -= m.Shares[c] * v * m.Means[c][e]
			}
		}
	}
	for d := range within {
		within[d][d] += ridge
	}
	m.Factor = cholesky(within)
}

// LogDensity is the mean logarithm of the density at codes, in nats.
func (m *Mixture) LogDensity(codes []float32, threads int) float64 {
	dims := len(m.Factor)
	n := len(codes) / dims
	density := m.density()
	y := whitened(parallel.New(threads), codes, dims, make([]float64, dims), m.Factor)
	shares := make([]float64, len(m.Shares))
	sum := 0.0
	for i := range n {
		sum += density.of(y[i*dims:][:dims], shares)
	}
	return sum / float64(n)
}

// Fixed returns the mixture in latent steps. It fails if a code could lie where no latent point is.
func (m *Mixture) Fixed(steps int) (*latent.Mixture, error) {
	f := &latent.Mixture{Steps: steps}
	fixed := func(v float64) (int16, error) {
		r := math.RoundToEven(v)
		if !(math.Abs(r) <= math.MaxInt16) {
			return 0, fmt.Errorf("mixture: %g is beyond what is stored: the codes are not near the normal distribution", v)
		}
		return int16(r), nil
	}
	// Every component has a part of the whole; the largest has what rounding leaves.
	left, largest := latent.ShareWhole, 0
	for c, s := range m.Shares {
		share := max(1, int(s*latent.ShareWhole))
		left -= share
		f.Shares = append(f.Shares, int16(share))
		if s > m.Shares[largest] {
			largest = c
		}
	}
	f.Shares[largest] += int16(left)
	for _, mean := range m.Means {
		for _, v := range mean {
			x, err := fixed(v * float64(steps))
			if err != nil {
				return nil, err
			}
			f.Means = append(f.Means, x)
		}
	}
	for i, row := range m.Factor {
		for _, v := range row[:i+1] {
			x, err := fixed(v * latent.FactorUnit)
			if err != nil {
				return nil, err
			}
			f.Factor = append(f.Factor, x)
		}
	}
	return f, f.Check(len(m.Factor))
}
