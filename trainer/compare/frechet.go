package compare

import (
	"math"

	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
)

// Moments are the mean and the covariance of vectors.
type Moments struct {
	N          int
	Mean       []float64
	Covariance [][]float64
}

// MomentsOf returns those of n vectors of so many dimensions, one after another; the result does
// not depend on threads.
func MomentsOf(x []float32, dims, threads int) *Moments {
	n := len(x) / dims
	m := &Moments{N: n, Mean: make([]float64, dims), Covariance: square(dims)}
	for i, v := range x {
		m.Mean[i%dims] += float64(v)
	}
	for d := range m.Mean {
		m.Mean[d] /= float64(n)
	}
	// A column of every vector lies together, less the mean: a covariance is a product of two runs.
	columns := make([]float32, len(x))
	for i := range n {
		for d, v := range x[i*dims:][:dims] {
			columns[d*n+i] = v - float32(m.Mean[d])
		}
	}
	const tile = 16
	pool := parallel.New(threads)
	pool.Run((dims+tile-1)/tile, func(_, task int) {
		const run = 2048 // floats of a column that stay in the cache
		last := min((task+1)*tile, dims)
		for from := 0; from < n; from += run {
			to := min(from+run, n)
			for e := range last {
				b := columns[e*n+from : e*n+to]
				for d := max(task*tile, e); d < last; d++ {
					m.Covariance[d][e] += dot(columns[d*n+from:d*n+to], b)
				}
			}
		}
	})
	for d := range m.Covariance {
		for e := range d + 1 {
			m.Covariance[d][e] /= float64(n - 1)
			m.Covariance[e][d] = m.Covariance[d][e]
		}
	}
	return m
}

// dot is the product of two vectors.
func dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
	}
	for i, v := range a {
		s0 += float64(v) * float64(b[i])
	}
	return s0 + s1 + s2 + s3
}

// Frechet is the Fréchet distance of the normal distributions with these moments, squared, as it is
// usually given: |m - m'|² + tr(C + C' - 2 (C C')^½) (Heusel and others, "GANs Trained by a Two
// Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017).
func Frechet(a, b *Moments, threads int) float64 {
	sum := 0.0
	for d, v := range a.Mean {
		sum += (v - b.Mean[d]) * (v - b.Mean[d])
		sum += a.Covariance[d][d] + b.Covariance[d][d]
	}
	// The trace of the root of C C' is that of Lᵀ C' L, which is symmetric, for C = L Lᵀ.
	l := cholesky(a.Covariance)
	for _, v := range eigenvalues(sandwich(l, b.Covariance, threads), threads) {
		sum -= 2 * math.Sqrt(max(v, 0))
	}
	return sum
}

func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// cholesky returns the lower triangular factor L of a positive semidefinite matrix L Lᵀ. A column
// that has nothing left is 0: features may always be 0, or follow from others.
func cholesky(a [][]float64) [][]float64 {
	l := square(len(a))
	largest := 0.0
	for i := range a {
		largest = max(largest, a[i][i])
	}
	for i := range a {
		for j := range i + 1 {
			s := a[i][j]
			li, lj := l[i][:j], l[j][:j]
			for k, v := range li {
				s -= v * lj[k]
			}
			switch {
			case i == j && s > 1e-13*largest:
				l[i][i] = math.Sqrt(s)
			case i > j && l[j][j] > 0:
				l[i][j] = s / l[j][j]
			}
		}
	}
	return l
}

// sandwich is Lᵀ C L.
func sandwich(l, c [][]float64, threads int) [][]float64 {
	n := len(l)
	pool := parallel.New(threads)
	cl := square(n) // C L
	pool.Run(n, func(_, i int) {
		for k, v := range c[i] {
			for j, w := range l[k][:k+1] {
				cl[i][j] += v * w
			}
		}
	})
	s := square(n)
	pool.Run(n, func(_, i int) {
		for k := i; k < n; k++ {
			v := l[k][i]
			if v == 0 {
				continue
			}
			for j, w := range cl[k] {
				s[i][j] += v * w
			}
		}
	})
	return s
}

// eigenvalues are those of a symmetric matrix, which is overwritten: Householder's reduction to
// three diagonals and the QL algorithm with implicit shifts, without vectors (Golub and Van Loan,
// "Matrix Computations", sections 8.3 and 8.4).
func eigenvalues(a [][]float64, threads int) []float64 {
	n := len(a)
	d, e := make([]float64, n), make([]float64, n+1)
	pool := parallel.New(threads)
	p := make([]float64, n)
	negligible := 0.0
	for k := range n {
		negligible = max(negligible, 1e-20*math.Abs(a[k][k]))
	}
	for k := range n {
		d[k] = a[k][k]
		if k+1 == n {
			break
		}
		// The reflection that leaves of the column below the diagonal its first element alone.
		v := make([]float64, n-k-1)
		norm := 0.0
		for i := range v {
			v[i] = a[k+1+i][k]
			norm += v[i] * v[i]
		}
		norm = math.Sqrt(norm)
		if norm <= negligible { // of what has a lower rank
			continue
		}
		alpha := -math.Copysign(norm, v[0])
		e[k] = alpha
		v[0] -= alpha
		squares := 0.0
		for _, x := range v {
			squares += x * x
		}
		beta := 2 / squares
		p := p[:len(v)]
		pool.Run((len(v)+63)/64, func(_, task int) {
			for i := task * 64; i < min(task*64+64, len(v)); i++ {
				sum := 0.0
				for j, x := range a[k+1+i][k+1:] {
					sum += x * v[j]
				}
				p[i] = beta * sum
			}
		})
		along := 0.0
		for i, x := range p {
			along += x * v[i]
		}
		for i := range p {
			p[i] -= beta / 2 * along * v[i]
		}
		pool.Run((len(v)+63)/64, func(_, task int) {
			for i := task * 64; i < min(task*64+64, len(v)); i++ {
				row, vi, pi := a[k+1+i][k+1:], v[i], p[i]
				for j := range row {
					row[j] -= vi*p[j] + pi*v[j]
				}
			}
		})
	}
	tridiagonal(d, e[:n])
	return d
}

// tridiagonal turns the diagonal d of a symmetric matrix into its eigenvalues; e[i] is the element
// beside d[i] and d[i+1], and is overwritten.
func tridiagonal(d, e []float64) {
	n := len(d)
	const most = 200 // iterations for an eigenvalue
	for l := range n {
		for range most {
			m := l
			for ; m < n-1; m++ {
				if s := math.Abs(d[m]) + math.Abs(d[m+1]); math.Abs(e[m])+s == s {
					break
				}
			}
			if m == l {
				break
			}
			g := (d[l+1] - d[l]) / (2 * e[l])
			r := math.Hypot(g, 1)
			g = d[m] - d[l] + e[l]/(g+math.Copysign(r, g))
			s, c, p := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				f, b := s*e[i], c*e[i]
				r = math.Hypot(f, g)
				e[i+1] = r
				if r == 0 {
					d[i+1] -= p
					e[m] = 0
					break
				}
				s, c = f/r, g/r
				g = d[i+1] - p
				r = (d[i]-g)*s + 2*c*b
				p = s * r
				d[i+1] = g + p
				g = c*r - b
			}
			if r == 0 && i >= l {
				continue
			}
			d[l] -= p
			e[l], e[m] = g, 0
		}
	}
}
