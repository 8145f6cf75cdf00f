package concept

import (
	"slices"

	"github.com/vae-edge/vae-edge/model"
)

// Kept returns the concepts whose vectors are a step of an int8 model at least: the codes of
// others do not differ where they are decoded.
func Kept(q *model.Model, concepts []Concept) (kept []Concept) {
	for _, c := range concepts {
		if len(Fixed(q, []Concept{c})) > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// Lost are the names of the attributes that some training images have and some have not, and that
// are not among the concepts that were made of them: their images' codes do not differ from others.
func Lost(attributes []Attribute, made []Concept) (names []string) {
	for _, a := range attributes {
		some := slices.Contains(a.Train, true) && slices.Contains(a.Train, false)
		if some && !slices.ContainsFunc(made, func(c Concept) bool { return c.Name == a.Name }) {
			names = append(names, a.Name)
		}
	}
	return names
}

// Fixed returns concepts in the fixed-point steps of an int8 model, but for those that are not
// [Kept].
func Fixed(q *model.Model, concepts []Concept) []model.Concept {
	var fixed []model.Concept
	for _, c := range concepts {
		f := model.Concept{
			Name:      c.Name,
			Mean:      q.FixedPoint(nil, c.Mean...),
			Direction: q.FixedPoint(nil, c.Direction...),
			Threshold: q.FixedPoint(nil, c.Threshold)[0],
		}
		if c.Normal != nil {
			f.Normal = q.FixedPoint(nil, c.Normal...)
		}
		if there(f.Direction) && (f.Normal == nil || there(f.Normal)) {
			fixed = append(fixed, f)
		}
	}
	return fixed
}

func there(vector []int16) bool { return slices.Max(vector) != 0 || slices.Min(vector) != 0 }
