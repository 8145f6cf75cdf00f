package edits

import (
	"fmt"
	"math"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// What figures are held against: promises of the project, in shares of 1 and in points.
const (
	leastAgree  = 0.995
	mostPoints  = 5
	mostChange  = 0.1
	mostShown   = 5 // of what moves, by edit
	columnWidth = 12
)

// String is the tables for a person.
func (f *Figures) String() string {
	var s strings.Builder
	width := columnWidth
	for _, a := range f.Attributes {
		width = max(width, len(a.Name))
	}
	fmt.Fprintf(&s, "as a classifier reads %s test images that has learnt from %s training images and what int8 draws of them\n\n",
		plain.Comma(f.Images), plain.Comma(f.Learnt))
	fmt.Fprintf(&s, "%-*s%8s%18s%18s%18s\n", width, "", "images", "read in pictures", "read in int8", "int8 as float32")
	least, name, below := math.Inf(1), "", 0
	for _, a := range f.Attributes {
		mark := ""
		if a.Agree < leastAgree {
			mark = " *"
			below++
		}
		if a.Agree < least && a.Drawn != nil && *a.Drawn >= readable {
			least, name = a.Agree, a.Name
		}
		fmt.Fprintf(&s, "%-*s%8s%18s%18s%18s%s\n", width, a.Name, plain.Comma(a.Images), percent(a.Pictures), percent(a.Drawn), hundredths(a.Agree), mark)
	}
	s.WriteString("read: balanced accuracy; int8 as float32: the same answer for both decoders")
	if below > 0 {
		fmt.Fprintf(&s, ", *: below %.1f %%", 100*leastAgree)
	}
	if name != "" {
		fmt.Fprintf(&s, ";\nof those read in int8 by %.0f %% or more it is least for %s, %s", 100*readable, name, hundredths(least))
	}
	s.WriteString("\n")
	for _, e := range f.Edits {
		fmt.Fprintf(&s, "\ntoward %s: %s images without it, read as having it", e.Toward, plain.Comma(e.Images))
		for _, r := range e.Read {
			fmt.Fprintf(&s, "%s %.1f %% at %g", separator(r.Amount), 100*r.Share, r.Amount)
		}
		redrawn := ""
		if len(e.Moved) > 0 && e.Moved[0].Redrawn != nil {
			redrawn = " (and where it is the face that gets it)"
		}
		fmt.Fprintf(&s, "\n  at %g others move, in points%s:", f.Amount, redrawn)
		shown, more := 0, 0
		for _, m := range e.Moved {
			switch {
			case m.Bound || m.Unread:
			case shown < mostShown:
				fmt.Fprintf(&s, "%s %s %+.1f", separator(float64(shown)), m.Name, m.Points())
				if m.Redrawn != nil {
					fmt.Fprintf(&s, " (%+.1f)", m.Points()-m.Excess())
				}
				shown++
			case math.Abs(m.Excess()) > mostPoints:
				more++
			}
		}
		if more > 0 {
			fmt.Fprintf(&s, "; %d more by more than %d", more, mostPoints)
		}
		var bound []string
		for _, m := range e.Moved {
			if m.Bound && !m.Unread {
				bound = append(bound, m.Name)
			}
		}
		if len(bound) > 0 {
			fmt.Fprintf(&s, "\n  without those that it brings or excludes, %s, and those hardly read", strings.Join(bound, ", "))
		}
		s.WriteString("\n")
	}
	for i, t := range f.Factors {
		if i == 0 {
			fmt.Fprintf(&s, "\nfactors of drawn faces, found in int8 pictures before and after edits by %g; changes are mean shares of the range\n(and where it is the face that gets what the edit is toward, which no other factor of it changes)\n", f.Amount)
		}
		fmt.Fprintf(&s, "toward %s: %s faces, found to have it %.1f %%, before %.1f %%\n ", t.Toward, plain.Comma(t.Images), 100*t.Share, 100*t.Before)
		others, above := 0, 0
		for _, m := range t.Moved {
			if !m.Aim {
				others++
				if m.Excess() > mostChange {
					above++
				}
				if others > mostShown {
					continue
				}
			}
			aim := ""
			if m.Aim {
				aim = " (aim)"
			}
			fmt.Fprintf(&s, " %s%s %.1f %% (%.1f %%),", m.Name, aim, 100*m.Change, 100*m.Redrawn)
		}
		fmt.Fprintf(&s, " others less;\n  %d of %d others by more than %.0f %% beyond that\n", above, others, 100*mostChange)
	}
	return s.String()
}

// separator stands before an element of a list: nothing before the first, whose value is 0.
func separator(value float64) string {
	if value == 0 {
		return ""
	}
	return ","
}

func percent(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**x)
}

func hundredths(x float64) string { return fmt.Sprintf("%.2f %%", 100*x) }
