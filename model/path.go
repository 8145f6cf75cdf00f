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
const PathHelp = "concepts, ranges of them and points, such as 0-9 or 3,1,0.5:-1.2; of faces frown,smile,glasses,another,no-hat"

// DefaultPath is the path through a model that has the ten digits.
const DefaultPath = "0-9"

const (
	// asDrawn is the place of a face without what places before it have made of it, another that of
	// the next one.
	asDrawn = "plain"
	another = "another"

	// pathAmount is how far a path goes toward what its places name, which is to be seen: a quarter
	// farther than those are on average that have it.
	pathAmount = latent.Whole * 5 / 4
)

// OwnPath is the path where none is named: [DefaultPath] if the model has the concepts 0 to 9 and
// no other numbers; from one drawn point to another if it has none at all; through all concepts, in
// their order, if they are others that exclude each other, such as 1 to 26 of letters; and
// otherwise through faces, or what else has attributes, each as it is and with two of them.
func (m *Model) OwnPath() string {
	if _, err := m.PathPoints(DefaultPath); err == nil && !m.numbered(10) {
		return DefaultPath
	}
	if len(m.Concepts) == 0 {
		return strings.Repeat(another+",", 7) + another
	}
	if !m.Exclusive() {
		return m.ownPlaces()
	}
	return strings.Join(m.conceptNames(), ",")
}

// numbered says that the model has a concept whose name is a number from that on.
func (m *Model) numbered(from uint64) bool {
	return slices.ContainsFunc(m.Concepts, func(c Concept) bool {
		n, err := strconv.ParseUint(c.Name, 10, 64)
		return err == nil && n >= from
	})
}

// ownFaces is through how many faces a path goes where none is named.
const ownFaces = 3

// ownPlaces are those of OwnPath for attributes.
func (m *Model) ownPlaces() string {
	var names []string
	for _, i := range m.Attributes(ownFaces + 1) {
		name := m.Concepts[i].Name
		for _, w := range words {
			if a, ok := m.aim(w.word); ok && a == (Aim{Concept: i}) {
				name = w.word
				break
			}
		}
		names = append(names, name)
	}
	places := []string{asDrawn}
	for face := range ownFaces {
		if face > 0 {
			places = append(places, another)
		}
		places = append(places, names[0])
		if face+1 < len(names) {
			places = append(places, names[face+1])
		}
	}
	return strings.Join(places, ",")
}

// PathPoints reads a path through the latent space, such as "0-9", "3,1,4" or "7,0.5:-1.2,2": at
// least two of these with commas between,
//
//   - the name of a concept, which stands for its mean;
//   - two whole numbers with a dash between, which stand for the concepts of these names and those
//     of all numbers between them, up or down;
//   - a point: a number for each latent dimension, with colons between.
//
// Where concepts do not exclude each other, such as those of faces, a path begins with a face and
// goes on to what becomes of it, as in "frown,smile,glasses,another,hat". Its places are
//
//   - what [Model.Aim] reads, the name of a concept or a plain word, which adds to what the places
//     before have made of the face, and replaces what they said of the same concept;
//   - "plain", the face as it was;
//   - "another", the next face, as it is;
//   - a point, or a concept whose name is a number, which are faces, too.
//
// It returns the points, in latent steps, or an error that says what there is. Faces are those of
// [Model.Drawn] with seed 1; [Model.PathFrom] takes others.
func (m *Model) PathPoints(path string) ([][]int16, error) { return m.PathFrom(path, m.Drawn(1)) }

// Drawn returns the faces of a path, or whatever the model's pictures are of: points that are drawn
// from the seed, a third nearer to the origin than those of pictures are, where what is drawn is
// clearer.
func (m *Model) Drawn(seed uint64) func(k int) []int16 {
	return func(k int) []int16 {
		point := make([]int16, m.Latent)
		latent.NewStream(seed, uint64(k)).Normal(point, m.LatentSteps*2/3)
		return point
	}
}

// PathFrom is PathPoints with faces to begin with, of which face returns number k: its code, in
// latent steps, which it must not change later.
func (m *Model) PathFrom(path string, face func(k int) []int16) ([][]int16, error) {
	r := pathReader{m: m, path: path, face: face}
	for item := range strings.SplitSeq(path, ",") {
		item = strings.TrimSpace(item)
		from, to, ok := numberRange(item)
		switch {
		case strings.Contains(item, ":"):
			point, err := m.Point(item)
			if err != nil {
				return nil, err
			}
			r.begin(point)
		case item == "":
			return nil, fmt.Errorf("model: a path is made of %s, not of nothing", PathHelp)
		case ok && !slices.Contains(m.conceptNames(), item): // a name may have a dash
			step := 1
			if to < from {
				step = -1
			}
			for i := from; ; i += step {
				if err := r.add(strconv.Itoa(i)); err != nil {
					return nil, err
				}
				if i == to {
					break
				}
			}
		default:
			if err := r.add(item); err != nil {
				return nil, err
			}
		}
		if len(r.points) > maxPathPoints {
			return nil, fmt.Errorf("model: path %q has more than %d points", path, maxPathPoints)
		}
	}
	if !slices.ContainsFunc(r.points, func(p []int16) bool { return !slices.Equal(p, r.points[0]) }) {
		cure := ""
		if !m.Exclusive() {
			cure = fmt.Sprintf(", such as %s,%s", asDrawn, path)
		}
		return nil, fmt.Errorf("model: path %q leads nowhere: it needs two different points%s", path, cure)
	}
	return r.points, nil
}

// A pathReader gathers the points of a path. Of faces it knows the one at hand, and what it has.
type pathReader struct {
	m      *Model
	path   string
	points [][]int16

	face  func(k int) []int16
	faces int     // how many have been taken
	plain []int16 // the one at hand; nil: none yet
	aims  []Aim   // what the places so far have said of it, a concept once
}

// begin goes on to a point, which is a face that nothing has been said of.
func (r *pathReader) begin(point []int16) {
	r.plain, r.aims = point, nil
	r.points = append(r.points, point)
}

// next is the next face.
func (r *pathReader) next() []int16 {
	r.faces++
	return r.face(r.faces - 1)
}

// add goes on to a place that has a name.
func (r *pathReader) add(name string) error {
	if _, err := strconv.ParseUint(name, 10, 64); err == nil || r.m.Exclusive() && len(r.m.Concepts) > 0 {
		i, err := r.m.ConceptIndex(name)
		if err == nil {
			r.begin(r.m.Concepts[i].Mean)
		}
		return err
	}
	a, known := r.m.aim(name) // a concept may have the name of a place
	if r.plain == nil && (known || folded(name) != another) {
		r.plain = r.next()
	}
	switch {
	case known:
	case folded(name) == asDrawn:
		r.begin(r.plain)
		return nil
	case folded(name) == another:
		if r.faces == 0 {
			r.next() // the path may have begun with a point, or with this
		}
		r.begin(r.next())
		return nil
	default:
		_, err := r.m.Aim(name)
		return err
	}
	r.aims = slices.DeleteFunc(r.aims, func(b Aim) bool { return b.Concept == a.Concept })
	r.aims = append(r.aims, a)
	point := slices.Clone(r.plain)
	for _, b := range r.aims {
		r.m.steer(point, r.plain, b, pathAmount)
	}
	r.points = append(r.points, point)
	return nil
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

// Point reads a latent point: a number for each dimension, with colons between, such as 0.5:-1.2.
func (m *Model) Point(s string) ([]int16, error) {
	var z []float64
	for field := range strings.SplitSeq(s, ":") {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("model: point %q: %q is not a number; several have colons between, such as 0.5:-1.2", s, field)
		}
		z = append(z, v)
	}
	if len(z) != m.Latent {
		return nil, fmt.Errorf("model: point %q is of %d, and model %s of %d latent dimensions", s, len(z), m.Name, m.Latent)
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
