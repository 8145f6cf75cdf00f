// Package concept finds directions of a latent space that mean something:
// for every attribute that images have or have not, where the codes of those that
// have it lie and in which direction a code must move to come to have it.
//
// Two directions are tried. One is the difference of the mean codes of the images with the
// attribute and of those without. The other is the normal of a linear classifier, Fisher's
// discriminant: of all directions the one in which the two means lie furthest apart, measured in
// standard deviations within the two groups. What is taken is the one along which held-out images
// are told apart better. Attributes that come together have a third to move along, and the
// classifier to be read by, see [Options].
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

// Exclusive says that attributes are classes: every image has exactly one of them.
func Exclusive(attributes []Attribute) bool {
	if len(attributes) < 2 {
		return false
	}
	one := func(of func(a Attribute) []bool) bool {
		for i := range of(attributes[0]) {
			n := 0
			for _, a := range attributes {
				n += index(of(a)[i])
			}
			if n != 1 {
				return false
			}
		}
		return true
	}
	return one(func(a Attribute) []bool { return a.Train }) && one(func(a Attribute) []bool { return a.Test })
}

// Class is the number of the label that an attribute of Classes is named by.
func Class(name string) (label int, ok bool) {
	label, err := strconv.Atoi(name)
	return label, err == nil && label >= 0
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
	// Normal says how far along Direction a code lies, see Position: with [Options.Balanced] it is
	// the part of Direction along the normal of the linear classifier, or Direction again where
	// that is not Balanced. Nil: Direction says it
	Normal []float64
	// Threshold is the position above which a code is taken to have the attribute
	Threshold float64
	Method    Method // that found Direction
	// Accuracy is how well the difference of the means and the linear classifier tell held-out
	// images apart: the mean of the share of those with the attribute and of the share of those
	// without that are taken for what they are, so that it is 0.5 for a guess, however rare the
	// attribute is. It is NaN if the held-out images all have the attribute or all have it not, and
	// for a direction that there is not. The linear classifier's is that at Threshold if Direction
	// is Balanced.
	Accuracy [Balanced]float64
	// AUC is how often, of two held-out images, the one with the attribute lies further along, as
	// Threshold has it; NaN as Accuracy is
	AUC float64
}

// Options are how directions are found.
type Options struct {
	// Balanced is for attributes that do not exclude each other, and often come together. A code
	// moves along what an attribute adds to it with the others held fast, so that a smile does not
	// bring cheekbones along; whether it has the attribute is read by the linear classifier, to
	// which cheekbones say something, too.
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
		candidates := [...][]float64{MeanDifference: difference, Linear: factor.solve(difference)}
		best := -1.0
		for method, direction := range candidates {
			if !scale(direction, covariance) {
				c.Accuracy[method] = math.NaN()
				continue
			}
			t := threshold(train, direction, a.Train)
			c.Accuracy[method] = accuracy(test, direction, t, a.Test)
			if v := c.Accuracy[method]; c.Direction == nil || v > best {
				best, c.Direction, c.Threshold, c.Method = v, direction, t, Method(method)
			}
		}
		if c.Direction == nil {
			continue // the means are the same
		}
		reader := c.Direction
		if o.Balanced {
			c.balance(train, number, attributes, covariance, candidates[Linear])
			reader = c.Normal
		}
		if c.Method == Balanced {
			c.Accuracy[Linear] = accuracy(test, reader, c.Threshold, a.Test)
		}
		c.AUC = auc(test, reader, a.Test)
		concepts = append(concepts, c)
	}
	return concepts, nil
}

// scale makes a direction as long as the standard deviation of the codes along it. It returns false
// if there is none.
func scale(direction []float64, covariance symmetric) bool {
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
	length := dot(direction, direction)
	return length > 0 && !math.IsInf(length, 0)
}
