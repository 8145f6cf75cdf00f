package concept

import (
	"slices"

	"github.com/vae-edge/vae-edge/model"
)

// Fixed returns concepts in the fixed-point steps of an int8 model, without those whose direction
// is shorter than a step: their codes do not differ where they are decoded.
func Fixed(q *model.Model, concepts []Concept) []model.Concept {
	var fixed []model.Concept
	for _, c := range concepts {
		f := model.Concept{
			Name:      c.Name,
			Mean:      q.FixedPoint(nil, c.Mean...),
			Direction: q.FixedPoint(nil, c.Direction...),
			Threshold: q.FixedPoint(nil, c.Threshold)[0],
		}
		if slices.Max(f.Direction) != 0 || slices.Min(f.Direction) != 0 {
			fixed = append(fixed, f)
		}
	}
	return fixed
}
