package model

import (
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// words are the plain words for what concepts say, those that are most fun first. Each has the
// concepts that it may stand for, of which the first that a model has counts; with a minus a code
// moves away from it. The names are those of CelebA's attributes and of the drawn faces'.
var words = []struct{ word, aims string }{
	{"smile", "Smiling"},
	{"glasses", "Eyeglasses"},
	{"hat", "Wearing_Hat"},
	{"open", "Mouth_Slightly_Open"},
	{"beard", "Full_Beard -No_Beard"},
	{"frown", "-Smiling"},
	{"bald", "Bald"},
	{"hair", "-Bald"},
	{"blond", "Blond_Hair"},
	{"blonde", "Blond_Hair"},
	{"brunette", "Brown_Hair"},
	{"dark-hair", "Black_Hair Brown_Hair"},
	{"grey-hair", "Gray_Hair"},
	{"redhead", "Red_Hair"},
	{"bangs", "Bangs"},
	{"long-hair", "Long_Hair -Short_Hair"},
	{"short-hair", "Short_Hair -Long_Hair"},
	{"curls", "Curly_Hair Wavy_Hair"},
	{"waves", "Wavy_Hair"},
	{"moustache", "Mustache"},
	{"stubble", "5_o_Clock_Shadow"},
	{"shaven", "No_Beard"},
	{"closed", "-Mouth_Slightly_Open"},
	{"squint", "Narrow_Eyes"},
	{"lipstick", "Wearing_Lipstick"},
	{"makeup", "Heavy_Makeup Wearing_Lipstick"},
	{"earrings", "Wearing_Earrings"},
	{"necklace", "Wearing_Necklace"},
	{"tie", "Wearing_Necktie"},
	{"blush", "Rosy_Cheeks"},
	{"pale", "Pale_Skin"},
	{"young", "Young -Wrinkles"},
	{"old", "-Young Wrinkles"},
	{"man", "Male"},
	{"woman", "-Male"},
	{"left", "Turned_Left"},
	{"right", "Turned_Right"},
}

// not stands before a word, or a name, for the contrary.
const not = "no-"

// Aim reads what a code moves toward: the name of a concept, or a plain word for what it says, such
// as smile, glasses, hat, beard or open, or for its contrary, such as frown; no- before it turns it
// around. Capitals do not matter, nor whether it is - or _ that is between the parts of a name. The
// error is a [NoConceptError], or one that wraps [ErrNoConcepts] if the model has none.
func (m *Model) Aim(name string) (Aim, error) {
	if a, ok := m.aim(name); ok {
		return a, nil
	}
	if _, err := m.ConceptIndex(name); len(m.Concepts) == 0 {
		return Aim{}, err
	}
	rest, prefix := folded(name), ""
	if strings.HasPrefix(rest, not) {
		rest, prefix = rest[len(not):], not
	}
	known := append(m.words(), m.conceptNames()...)
	if near := plain.Nearest(rest, known); near != "" {
		return Aim{}, NoConceptError{m.Name, name, prefix + near, known}
	}
	return Aim{}, NoConceptError{m.Name, name, "", known}
}

// Aims reads a list of aims with commas between, see [Model.Aim].
func (m *Model) Aims(list string) (aims []Aim, err error) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		a, err := m.Aim(name)
		if err != nil {
			return nil, err
		}
		aims = append(aims, a)
	}
	return aims, nil
}

// folded is a name as names are compared.
func folded(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "_", "-")
}

func (m *Model) aim(name string) (Aim, bool) {
	name = folded(name)
	for i, c := range m.Concepts {
		if folded(c.Name) == name {
			return Aim{Concept: i}, true
		}
	}
	for _, w := range words {
		if w.word != name {
			continue
		}
		for of := range strings.FieldsSeq(w.aims) {
			of, away := strings.CutPrefix(of, "-")
			for i, c := range m.Concepts {
				if folded(c.Name) == folded(of) {
					return Aim{i, away}, true
				}
			}
		}
	}
	if rest, ok := strings.CutPrefix(name, not); ok && !strings.HasPrefix(rest, not) {
		if a, ok := m.aim(rest); ok {
			return Aim{a.Concept, !a.Away}, true
		}
	}
	return Aim{}, false
}

// words are the plain words that the model has concepts for.
func (m *Model) words() (known []string) {
	for _, w := range words {
		if _, ok := m.aim(w.word); ok {
			known = append(known, w.word)
		}
	}
	return known
}

// Attributes are the concepts in the order in which they are offered: those for which there is a
// plain word first, the others as the file has them. It has at most most of them.
func (m *Model) Attributes(most int) (all []int) {
	taken := make([]bool, len(m.Concepts))
	add := func(i int) {
		if !taken[i] && len(all) < most {
			all, taken[i] = append(all, i), true
		}
	}
	for _, w := range words {
		if a, ok := m.aim(w.word); ok {
			add(a.Concept)
		}
	}
	for i := range m.Concepts {
		add(i)
	}
	return all
}
