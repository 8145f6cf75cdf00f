package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/latent"
)

// maxPathPoints is how many points a path may have: finding its speed takes decoding.
const maxPathPoints = 256

// PathHelp describes the paths that [Model.PathPoints] reads, in one line.
const PathHelp = "concepts, ranges of them and points, such as 0-9 or 3,1,0.5:-1.2"

// DefaultPath is the path through a model that has the ten digits.
const DefaultPath = "0-9"

// OwnPath is the path where none is named: [DefaultPath] if the model has the concepts 0 to 9, or
// none at all, otherwise through all that it has, in their order.
func (m *Model) OwnPath() string {
	if _, err := m.PathPoints(DefaultPath); err == nil || len(m.Concepts) == 0 {
		return DefaultPath
	}
	var names []string
	for _, c := range m.Concepts {
		names = append(names, c.Name)
	}
	return strings.Join(names, ",")
}

// PathPoints reads a path through the latent space, such as "0-9", "3,1,4" or "7,0.5:-1.2,2": at
// least two of these with commas between,
//
//   - the name of a concept, which stands for its mean;
//   - two whole numbers with a dash between, which stand for the concepts of these names and those
//     of all numbers between them, up or down;
//   - a point: a number for each latent dimension, with colons between.
//
// It returns the points, in latent steps, or an error that says what there is.
func (m *Model) PathPoints(path string) ([][]int16, error) {
	var points [][]int16
	add := func(name string) error {
		i, err := m.ConceptIndex(name)
		if err == nil {
			points = append(points, m.Concepts[i].Mean)
		}
		return err
	}
	for item := range strings.SplitSeq(path, ",") {
		item = strings.TrimSpace(item)
		from, to, ok := numberRange(item)
		switch {
		case strings.Contains(item, ":"):
			point, err := m.parsePoint(item)
			if err != nil {
				return nil, err
			}
			points = append(points, point)
		case item == "":
			return nil, fmt.Errorf("model: a path is made of %s, not of nothing", PathHelp)
		case ok && !slices.Contains(m.conceptNames(), item): // a name may have a dash
			step := 1
			if to < from {
				step = -1
			}
			for i := from; ; i += step {
				if err := add(strconv.Itoa(i)); err != nil {
					return nil, err
				}
				if i == to {
					break
				}
			}
		default:
			if err := add(item); err != nil {
				return nil, err
			}
		}
		if len(points) > maxPathPoints {
			return nil, fmt.Errorf("model: path %q has more than %d points", path, maxPathPoints)
		}
	}
	if !slices.ContainsFunc(points, func(p []int16) bool { return !slices.Equal(p, points[0]) }) {
		return nil, fmt.Errorf("model: path %q leads nowhere: it needs two different points", path)
	}
	return points, nil
}

// numberRange reads two whole numbers of up to four digits with a dash between.
func numberRange(s string) (from, to int, ok bool) {
	a, b, dash := strings.Cut(s, "-")
	number := func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && len(s) <= 4 && s[0] >= '0' && s[0] <= '9'
	}
	from, okFrom := number(a)
	to, okTo := number(b)
	return from, to, dash && okFrom && okTo
}

// parsePoint reads the coordinates of a point.
func (m *Model) parsePoint(s string) ([]int16, error) {
	var z []float64
	for field := range strings.SplitSeq(s, ":") {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("model: point %q: %q is not a number", s, field)
		}
		z = append(z, v)
	}
	if len(z) != m.Latent {
		return nil, fmt.Errorf("model: point %q has %d coordinates, model %s has %d latent dimensions", s, len(z), m.Name, m.Latent)
	}
	return m.FixedPoint(nil, z...), nil
}

// Plane returns the plane of the latent space that is looked at as a whole: its first two
// dimensions or, if there are more and the model has three concepts at least, the plane of the
// first two principal axes of their means.
func (m *Model) Plane() latent.Plane {
	if !m.PrincipalPlane() {
		return latent.NewPlane(m.Latent)
	}
	return latent.PrincipalPlane(m.ConceptMeans())
}

// PrincipalPlane reports whether Plane is that of the principal axes.
func (m *Model) PrincipalPlane() bool { return m.Latent > 2 && len(m.Concepts) > 2 }
