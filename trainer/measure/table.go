package measure

import (
	"fmt"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
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
		"AUC: how often, of two images, the one that has it lies further along.\n\n")
	fmt.Fprintf(&s, "%-*s%10s%18s%10s%8s   %s\n", width, "", "images", "mean difference", "linear", "AUC", "direction")
	for _, f := range r.Concepts {
		auc := "\u2013"
		if f.AUC != nil {
			auc = fmt.Sprintf("%.3f", *f.AUC)
		}
		fmt.Fprintf(&s, "%-*s%10s%18s%10s%8s   %s", width, f.Name, plain.Comma(f.Images), percent(f.MeanDifference), percent(f.Linear), auc, f.Direction)
		if f.Moved != nil {
			fmt.Fprintf(&s, "; moved along it, %s are drawn as it", percent(f.Moved))
		}
		fmt.Fprintf(&s, "\n")
	}
	if e := r.Edit; e != nil {
		fmt.Fprintf(&s, "\nedited toward another class, drawn as it %s\n", percent(&e.Classified))
		fmt.Fprintf(&s, "slant   %.2f before, %.2f after, correlation %.2f\n", e.SlantBefore, e.SlantAfter, e.SlantCorrelation)
		fmt.Fprintf(&s, "strokes %.2f pixels wide before, %.2f after, correlation %.2f\n", e.StrokeBefore, e.StrokeAfter, e.StrokeCorrelation)
	}
	return s.String()
}
