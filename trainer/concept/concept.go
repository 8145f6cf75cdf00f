// Package concept finds directions of a latent space that mean something:
// for every attribute that images have or have not, where the codes of those that
// have it lie and in which direction a code must move to come to have it.
//
// Two directions are tried. One is the difference of the mean codes of the images with the
// attribute and of those without. The other is the normal of a linear classifier, Fisher's
// discriminant: of all directions the one in which the two means lie furthest apart, measured in
// standard deviations within the two groups. What is taken is the one along which held-out images
// are told apart better. For attributes that come together there is a third, see [Options].
//
// Attributes need not exclude each other, and there may be any number of them.
// Sums are made in float64 in the order of the images and without fusing, so that the same
// codes give the same concepts on every CPU.
package concept

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Attribute is a property that images have or have not, in the order of the images.
type Attribute struct {
	Name  string
	Train []bool
	Test  []bool
}

// Classes are the attributes of labelled images: for every label that there is, to have it. They
// are named by the labels' numbers.
func Classes(train, test []byte) []Attribute {
	classes := slices.Compact(slices.Sorted(slices.Values(slices.Concat(train, test))))
	attributes := make([]Attribute, len(classes))
	has := func(labels []byte, class byte) []bool {
		h := make([]bool, len(labels))
		for i, label := range labels {
			h[i] = label == class
		}
		return h
	}
	for i, class := range classes {
		attributes[i] = Attribute{strconv.Itoa(int(class)), has(train, class), has(test, class)}
	}
	return attributes
}

// Class is the number of the label that an attribute of Classes is named by.
func Class(name string) (label int, ok bool) {
	label, err := strconv.Atoi(name)
	return label, err == nil && label >= 0
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

// Method is how a direction is found.
type Method int

// The methods, see the package documentation.
const (
	MeanDifference Method = iota
	Linear
	Balanced
	methods
)

func (m Method) String() string {
	return [methods]string{"mean difference", "linear classifier", "balanced difference"}[m]
}

// Concept is what is known of an attribute. Vectors have a coordinate for every latent dimension.
type Concept struct {
	Name      string
	Images    int       // training images that have it
	Mean      []float64 // of their codes
	Direction []float64 // the displacement by one standard deviation of all codes along it
	// Threshold is the position along Direction, see Position, above which a code is taken to have
	// the attribute
	Threshold float64
	Method    Method // that found Direction
	// Accuracy is how well each method tells held-out images apart: the mean of the share of those
	// with the attribute and of the share of those without that are taken for what they are, so
	// that it is 0.5 for a guess, however rare the attribute is. It is NaN if the held-out images
	// all have the attribute or all have it not, and for a method that was not tried.
	Accuracy [methods]float64
	// AUC is how often, of two held-out images, the one with the attribute lies further along
	// Direction; NaN as Accuracy is
	AUC float64
}

// Options are how directions are found.
type Options struct {
	// Balanced takes what an attribute adds to a code with the others held fast, in place of the
	// two other methods: for attributes that do not exclude each other, and often come together.
	Balanced bool
}

// Find returns the concepts of attributes, in their order, but for those that all training images
// have or none has: from such there is nothing to learn.
func Find(train, test Codes, attributes []Attribute, o Options) ([]Concept, error) {
	for _, a := range attributes {
		if err := errors.Join(train.check(len(a.Train)), test.check(len(a.Test))); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", a.Name, err)
		}
		if test.Dims != train.Dims {
			return nil, fmt.Errorf("concept: training codes of %d dimensions and test codes of %d", train.Dims, test.Dims)
		}
	}
	if len(attributes) == 0 {
		return nil, nil
	}
	covariance := covariance(train, Mean(train))
	factor := cholesky(covariance)
	var concepts []Concept
	for number, a := range attributes {
		c := Concept{Name: a.Name}
		for _, has := range a.Train {
			if has {
				c.Images++
			}
		}
		if c.Images == 0 || c.Images == len(a.Train) {
			continue
		}
		c.Mean = mean(train, a.Train, true)
		difference := mean(train, a.Train, false)
		for k := range difference {
			difference[k] = c.Mean[k] - difference[k]
		}
		// The covariance within the two groups is that of all codes without a part along the
		// difference of the means, which changes the length of the solution and not its direction.
		candidates := [methods][]float64{MeanDifference: difference, Linear: factor.solve(difference)}
		if o.Balanced {
			candidates[Balanced] = balanced(train, number, attributes)
		}
		best := -1.0
		for method, direction := range candidates {
			if direction == nil {
				c.Accuracy[method] = math.NaN()
				continue
			}
			scale(direction, covariance)
			if norm := dot(direction, direction); !(norm > 0) || math.IsInf(norm, 0) {
				c.Accuracy[method] = math.NaN()
				continue
			}
			t := threshold(train, direction, a.Train)
			c.Accuracy[method] = accuracy(test, direction, t, a.Test)
			if v := c.Accuracy[method]; c.Direction == nil || v > best || o.Balanced {
				best, c.Direction, c.Threshold, c.Method = v, direction, t, Method(method)
			}
		}
		if c.Direction == nil {
			continue // the means are the same
		}
		c.AUC = auc(test, c.Direction, a.Test)
		concepts = append(concepts, c)
	}
	return concepts, nil
}

// Position is how far a code lies from the origin along a direction, in lengths of it.
func Position(code []float32, direction []float64) float64 {
	along := 0.0
	for k, d := range direction {
		along += float64(float64(code[k]) * d)
	}
	return along / dot(direction, direction)
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

// scale makes a direction as long as the standard deviation of the codes along it.
func scale(direction []float64, covariance symmetric) {
	variance := 0.0 // times the square of the direction's length
	for i, row := range covariance {
		for j, v := range row {
			term := float64(float64(v*direction[i]) * direction[j])
			variance += term
			if i != j {
				variance += term
			}
		}
	}
	f := math.Sqrt(max(variance, 0)) / dot(direction, direction)
	for k := range direction {
		direction[k] *= f
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for k := range a {
		s += float64(a[k] * b[k])
	}
	return s
}

// threshold is the position along a direction at which most images are told apart, those with the
// attribute counting as much as those without it: half-way between the two codes that it separates.
func threshold(c Codes, direction []float64, has []bool) float64 {
	type code struct {
		position float64
		has      bool
	}
	codes := make([]code, len(has))
	with := 0
	for i := range codes {
		codes[i] = code{Position(c.at(i), direction), has[i]}
		if has[i] {
			with++
		}
	}
	slices.SortFunc(codes, func(a, b code) int {
		switch {
		case a.position < b.position:
			return -1
		case a.position > b.position:
			return 1
		}
		return 0
	})
	without := len(codes) - with
	best, at := math.MinInt, 0.0
	right := 0 // less a constant, times with and without, which keeps it a whole number
	for i, code := range codes {
		if code.has {
			right -= without
		} else {
			right += with
		}
		next := code.position
		if i+1 < len(codes) {
			next = codes[i+1].position
		}
		if right > best && (next > code.position || i+1 == len(codes)) {
			best, at = right, code.position+(next-code.position)/2
		}
	}
	return at
}

// accuracy is that of Concept.Accuracy.
func accuracy(c Codes, direction []float64, threshold float64, has []bool) float64 {
	var right, all [2]int
	for i, h := range has {
		group := 0
		if h {
			group = 1
		}
		all[group]++
		if Position(c.at(i), direction) > threshold == h {
			right[group]++
		}
	}
	if all[0] == 0 || all[1] == 0 {
		return math.NaN()
	}
	return (float64(right[0])/float64(all[0]) + float64(right[1])/float64(all[1])) / 2
}
