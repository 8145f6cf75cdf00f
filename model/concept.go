package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// A Concept is a property that some images have and others have not, such as to show a 4: where the
// codes of those that have it are, and in which direction a code must move for its picture to come
// to have it. Package latent moves codes.
type Concept struct {
	Name string  // 1 to 64 of a-z, A-Z, 0-9, '.', '-' and '_'
	Mean []int16 // [Latent] mean of the codes of the images that have it, in latent steps
	// [Latent] the displacement by one standard deviation of all codes along the direction, in
	// latent steps; not zero
	Direction []int16
	// [Latent] the part of Direction along the normal of a linear classifier, in latent steps; not
	// zero. It says how far a code lies along Direction, see Position. Nil: Direction does. A
	// model's concepts all have one, or none has.
	Normal []int16
	// Threshold is the Position from which on a code is taken to have it
	Threshold int16
}

// Position is how far a code lies along Direction as Normal reads it, in lengths of either, steps
// to a length: the model's LatentSteps.
func (c *Concept) Position(code []int16, steps int) int16 {
	if c.Normal != nil {
		return latent.Position(code, c.Normal, steps)
	}
	return latent.Position(code, c.Direction, steps)
}

// Positions are where codes are on average, see Position: of the images that do not have it, and of
// those that do, with the threshold half-way between. With a Normal, what comes with the property
// counts for some of that way, so that to cover it along Direction alone takes more of this.
func (c *Concept) Positions(steps int) (without, with int16) {
	with = c.Position(c.Mean, steps)
	return int16(min(max(2*int(c.Threshold)-int(with), math.MinInt16), math.MaxInt16)), with
}

// Exclusive reports whether the concepts exclude each other, as classes do: an edit toward one then
// leads away from the others. They do if Classes says so or their names are numbers, which need not
// be said.
func (m *Model) Exclusive() bool { return m.Classes || numbered(m.Concepts) }

// SetConcepts gives the model other concepts, which exclude each other or do not. Names that are
// numbers are always those of classes.
func (m *Model) SetConcepts(concepts []Concept, exclusive bool) {
	m.Concepts, m.Classes = concepts, exclusive && !numbered(concepts)
}

// numbered reports whether the names of all concepts are numbers.
func numbered(concepts []Concept) bool {
	return !slices.ContainsFunc(concepts, func(c Concept) bool {
		return strings.ContainsFunc(c.Name, func(r rune) bool { return r < '0' || r > '9' })
	})
}

// An Aim is a concept, and whether a code moves away from it.
type Aim struct {
	Concept int // of Concepts
	Away    bool
}

// Opposite returns the aims turned around.
func Opposite(aims []Aim) []Aim {
	turned := slices.Clone(aims)
	for i := range turned {
		turned[i].Away = !turned[i].Away
	}
	return turned
}

// Says is what the aims are, such as "toward Smiling" or "away from Eyeglasses".
func (m *Model) Says(aims []Aim) (words []string) {
	for _, a := range aims {
		word := "toward "
		if a.Away {
			word = "away from "
		}
		words = append(words, word+m.Concepts[a.Concept].Name)
	}
	return words
}

// Steered returns a code moved by an amount, in parts of [latent.Whole], to all aims. Their
// concepts need not exclude each other.
func (m *Model) Steered(code []int16, aims []Aim, amount int) []int16 {
	moved := slices.Clone(code)
	for _, a := range aims {
		m.steer(moved, code, a, amount)
	}
	return moved
}

// steer moves a code, of what was one before it was moved, by an amount.
func (m *Model) steer(moved, code []int16, a Aim, amount int) {
	c := &m.Concepts[a.Concept]
	from, to := c.Positions(m.LatentSteps)
	if a.Away {
		from, to = to, from
	}
	at := c.Position(code, m.LatentSteps)
	latent.Along(moved, moved, c.Direction, latent.Steer(at, from, to, amount), m.LatentSteps)
}

// ErrNoConcepts is wrapped by the error for a concept of a model that has none.
var ErrNoConcepts = errors.New("no concepts")

// A NoConceptError is the error for a concept that a model lacks. Meant is the one that was meant,
// if any is likely, and Names are what there is to choose from.
type NoConceptError struct {
	Model, Name, Meant string
	Names              []string
}

func (e NoConceptError) Error() string {
	if e.Meant != "" {
		return fmt.Sprintf("model %s has no concept %q: did you mean %s?", e.Model, e.Name, e.Meant)
	}
	return fmt.Sprintf("model %s has no concept %q: choose one of %s", e.Model, e.Name, strings.Join(e.Names, ", "))
}

// ConceptIndex returns which of Concepts has the name, or an error that names those there are: a
// [NoConceptError], or one that wraps [ErrNoConcepts] if there are none.
func (m *Model) ConceptIndex(name string) (int, error) {
	i := slices.IndexFunc(m.Concepts, func(c Concept) bool { return c.Name == name })
	if i >= 0 {
		return i, nil
	}
	if len(m.Concepts) == 0 {
		return 0, fmt.Errorf("model %s has %w", m.Name, ErrNoConcepts)
	}
	for _, c := range m.Concepts {
		if strings.EqualFold(c.Name, name) {
			return 0, NoConceptError{m.Name, name, c.Name, nil}
		}
	}
	return 0, NoConceptError{m.Name, name, "", m.conceptNames()}
}

// ConceptMeans returns the means of Concepts: of each the model's own Latent coordinates.
func (m *Model) ConceptMeans() [][]int16 {
	var means [][]int16
	for _, c := range m.Concepts {
		means = append(means, c.Mean)
	}
	return means
}

func (m *Model) conceptNames() []string {
	var names []string
	for _, c := range m.Concepts {
		names = append(names, c.Name)
	}
	return names
}

// CheckConceptNames reports whether a weights file may have concepts of these names: at most 1024
// different ones of 1 to 64 of a-z, A-Z, 0-9 and, but for the beginning, '.', '-' and '_'.
func CheckConceptNames(names []string) error {
	if len(names) > maxConcepts {
		return fmt.Errorf("model: %d concepts, at most %d", len(names), maxConcepts)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if !validName(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "_") {
			return fmt.Errorf("model: concept name %q is not 1 to 64 of a-z, A-Z, 0-9, '.', '-' and '_'", name)
		}
		if seen[name] {
			return fmt.Errorf("model: two concepts are named %q", name)
		}
		seen[name] = true
	}
	return nil
}

// normals reports whether the concepts have normals.
func (m *Model) normals() bool {
	return slices.ContainsFunc(m.Concepts, func(c Concept) bool { return c.Normal != nil })
}

func isNotZero(x int16) bool { return x != 0 }

func (m *Model) checkConcepts() error {
	normals := m.normals()
	for _, c := range m.Concepts {
		if len(c.Mean) != m.Latent || len(c.Direction) != m.Latent {
			return fmt.Errorf("model: concept %q has a mean of %d and a direction of %d coordinates, want %d", c.Name, len(c.Mean), len(c.Direction), m.Latent)
		}
		if !slices.ContainsFunc(c.Direction, isNotZero) {
			return fmt.Errorf("model: the direction of concept %q is zero", c.Name)
		}
		if normals && (len(c.Normal) != m.Latent || !slices.ContainsFunc(c.Normal, isNotZero)) {
			return fmt.Errorf("model: the normal of concept %q has %d coordinates, want %d, not all of them zero", c.Name, len(c.Normal), m.Latent)
		}
	}
	return nil
}

func (m *Model) conceptTensors() []safetensors.Tensor {
	n := len(m.Concepts)
	if n == 0 {
		return nil
	}
	var means, directions, normals, thresholds []int16
	for _, c := range m.Concepts {
		means = append(means, c.Mean...)
		directions = append(directions, c.Direction...)
		normals = append(normals, c.Normal...)
		thresholds = append(thresholds, c.Threshold)
	}
	tensors := []safetensors.Tensor{
		safetensors.New("concepts.mean", means, n, m.Latent),
		safetensors.New("concepts.direction", directions, n, m.Latent),
		safetensors.New("concepts.threshold", thresholds, n),
	}
	if m.normals() {
		tensors = append(tensors, safetensors.New("concepts.normal", normals, n, m.Latent))
	}
	return tensors
}

// takeConcepts fills the concepts, whose names are known, from the tensors.
func (m *Model) takeConcepts(left map[string]safetensors.Tensor) error {
	n := len(m.Concepts)
	if n == 0 {
		return nil
	}
	means, err := take[int16](left, "concepts.mean", n, m.Latent)
	if err != nil {
		return err
	}
	directions, err := take[int16](left, "concepts.direction", n, m.Latent)
	if err != nil {
		return err
	}
	thresholds, err := take[int16](left, "concepts.threshold", n)
	if err != nil {
		return err
	}
	var normals []int16
	if _, ok := left["concepts.normal"]; ok {
		if normals, err = take[int16](left, "concepts.normal", n, m.Latent); err != nil {
			return err
		}
	}
	for i := range m.Concepts {
		c, from, to := &m.Concepts[i], i*m.Latent, (i+1)*m.Latent
		c.Mean, c.Direction, c.Threshold = means[from:to:to], directions[from:to:to], thresholds[i]
		if normals != nil {
			c.Normal = normals[from:to:to]
		}
	}
	return nil
}
