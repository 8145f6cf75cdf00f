package concept

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Attribute is a property that images have or have not, in the order of the images.
type Attribute struct {
	Name  string
	Train []bool
	Test  []bool
}

// Codes are the means that an encoder gives for images, Dims floats for every image.
type Codes struct {
	Values []float32
	Dims   int
}

func (c Codes) len() int           { return len(c.Values) / c.Dims }
func (c Codes) at(i int) []float32 { return c.Values[i*c.Dims : (i+1)*c.Dims] }
func (c Codes) check(n int) (err error) {
	if c.Dims < 1 || len(c.Values) != n*c.Dims {
		return fmt.Errorf("concept: %d coordinates of %d dimensions are not the codes of %d images", len(c.Values), c.Dims, n)
	}
	for _, v := range c.Values {
		if v-v != 0 {
			return errors.New("concept: a code is infinite or not a number: the model has not been trained")
		}
	}
	return nil
}

// Position is how far a code lies from the origin along a direction, in lengths of it.
func Position(code []float32, direction []float64) float64 {
	along := 0.0
	for k, d := range direction {
		along += float64(float64(code[k]) * d)
	}
	return along / dot(direction, direction)
}

// A placed code is where one lies along a direction, and whether its image has an attribute.
type placed struct {
	position float64
	has      bool
}

// along returns the codes in their order along a direction.
func along(c Codes, direction []float64, has []bool) []placed {
	codes := make([]placed, len(has))
	for i := range codes {
		codes[i] = placed{Position(c.at(i), direction), has[i]}
	}
	slices.SortFunc(codes, func(a, b placed) int {
		switch {
		case a.position < b.position:
			return -1
		case a.position > b.position:
			return 1
		}
		return 0
	})
	return codes
}

// Mean is that of all codes.
func Mean(c Codes) []float64 { return mean(c, nil, true) }

// mean is that of the codes of the images that have an attribute or, with which false, have it not;
// of all without an attribute.
func mean(c Codes, has []bool, which bool) []float64 {
	m := make([]float64, c.Dims)
	n := 0
	for i := range c.len() {
		if has != nil && has[i] != which {
			continue
		}
		n++
		for k, v := range c.at(i) {
			m[k] += float64(v)
		}
	}
	for k := range m {
		m[k] /= float64(n)
	}
	return m
}

// symmetric is the lower triangle of a matrix, row i having i+1 elements.
type symmetric [][]float64

func newSymmetric(n int) symmetric {
	m := make(symmetric, n)
	for i := range m {
		m[i] = make([]float64, i+1)
	}
	return m
}

// covariance is that of the codes around their mean.
func covariance(c Codes, mean []float64) symmetric {
	m := newSymmetric(c.Dims)
	d := make([]float64, c.Dims)
	for i := range c.len() {
		for k, v := range c.at(i) {
			d[k] = float64(v) - mean[k]
		}
		for k, row := range m {
			for j := range row {
				row[j] += float64(d[k] * d[j])
			}
		}
	}
	for _, row := range m {
		for j := range row {
			row[j] /= float64(c.len())
		}
	}
	return m
}

// factor is the Cholesky factor of a matrix, of which it is a square root.
type factor symmetric

// ridge is added to variances, as a share of their mean, so that dimensions that are not used, or
// always together, divide nothing by 0.
const ridge = 1e-6

// cholesky returns the factor of m with the ridge.
func cholesky(m symmetric) factor {
	trace := 0.0
	for i, row := range m {
		trace += row[i]
	}
	l := factor(newSymmetric(len(m)))
	for i, row := range m {
		for j, v := range row {
			if i == j {
				v += ridge * trace / float64(len(m))
			}
			for k := range j {
				v -= float64(l[i][k] * l[j][k])
			}
			if i == j {
				l[i][i] = math.Sqrt(v)
			} else {
				l[i][j] = v / l[j][j]
			}
		}
	}
	return l
}

// solve returns the x for which the matrix that l is the factor of, times x, is b.
func (l factor) solve(b []float64) []float64 {
	x := slices.Clone(b)
	for i := range x {
		for k := range i {
			x[i] -= float64(l[i][k] * x[k])
		}
		x[i] /= l[i][i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] -= float64(l[k][i] * x[k])
		}
		x[i] /= l[i][i]
	}
	return x
}

func dot(a, b []float64) float64 {
	s := 0.0
	for k := range a {
		s += float64(a[k] * b[k])
	}
	return s
}
