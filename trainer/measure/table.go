package measure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/concept"
)

// A ConceptsReport is how well concepts are told apart and edited toward.
type ConceptsReport struct {
	Images   int              `json:"images"`
	Concepts []ConceptFigures `json:"concepts"`
	Edit     *EditFigures     `json:"edit,omitempty"`
}

// percent writes a share, or a dash where there is none.
func percent(x *float64) string {
	if x == nil {
		return "\u2013"
	}
	return fmt.Sprintf("%.1f %%", 100**x)
}

// String is the tables for people.
func (r ConceptsReport) String() string {
	var s strings.Builder
	width := 12
	for _, f := range r.Concepts {
		width = max(width, len(f.Name))
	}
	s.WriteString("How often test images are told to have each, or not, along a direction: the\n" +
		"difference of the mean codes, or a linear classifier's. A guess has 50 %.\n" +
		"AUC: how often, of two images, the one that has it lies further along.\n")
	if slices.ContainsFunc(r.Concepts, func(f ConceptFigures) bool { return f.Direction == concept.Balanced.String() }) {
		s.WriteString("Where the direction is a balanced difference, that is as the classifier reads it.\n")
	}
	moved := func(string) string { return "" } // where nobody can read what is drawn
	if slices.ContainsFunc(r.Concepts, func(f ConceptFigures) bool { return f.Moved != nil }) {
		s.WriteString("Moved: how many of the others, moved along it, are drawn as it.\n")
		moved = func(text string) string { return fmt.Sprintf("%9s", text) }
	}
	fmt.Fprintf(&s, "\n%-*s%8s%9s%9s%8s%s   %s\n", width, "", "images", "means", "linear", "AUC", moved("moved"), "direction")
	for _, f := range r.Concepts {
		auc := "\u2013"
		if f.AUC != nil {
			auc = fmt.Sprintf("%.3f", *f.AUC)
		}
		fmt.Fprintf(&s, "%-*s%8s%9s%9s%8s%s   %s\n", width, f.Name, plain.Comma(f.Images), percent(f.MeanDifference), percent(f.Linear), auc, moved(percent(f.Moved)), f.Direction)
	}
	if e := r.Edit; e != nil {
		fmt.Fprintf(&s, "\nedited toward another class, drawn as it %s\n", percent(&e.Classified))
		fmt.Fprintf(&s, "slant   %.2f before, %.2f after, correlation %.2f\n", e.SlantBefore, e.SlantAfter, e.SlantCorrelation)
		fmt.Fprintf(&s, "strokes %.2f pixels wide before, %.2f after, correlation %.2f\n", e.StrokeBefore, e.StrokeAfter, e.StrokeCorrelation)
	}
	return s.String()
}
