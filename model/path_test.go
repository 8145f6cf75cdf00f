package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// named is a model with concepts of these names that exclude each other, the means of which are
// (100, 1), (200, 2) and so on.
func named(names ...string) *Model {
	m := &Model{Name: "paths", Latent: 2, LatentSteps: LatentSteps, Classes: true}
	for i, name := range names {
		m.Concepts = append(m.Concepts, Concept{Name: name, Mean: []int16{int16(100 * (i + 1)), int16(i + 1)}, Direction: []int16{1, 0}})
	}
	return m
}

func TestPathPoints(t *testing.T) {
	m := named("0", "1", "2", "3", "t-shirt", "10", "7-9", "7", "9")
	for _, c := range []struct{ path, want string }{
		{"0-3", "[[100 1] [200 2] [300 3] [400 4]]"},
		{"3-1", "[[400 4] [300 3] [200 2]]"},
		{"1,0,1", "[[200 2] [100 1] [200 2]]"},
		{" 0, t-shirt ,10", "[[100 1] [500 5] [600 6]]"},
		{"7-9,0", "[[700 7] [100 1]]"}, // a name comes before a range
		{"0-1,0.5:-1.2,2-2", "[[100 1] [200 2] [1024 -2458] [300 3]]"},
		{"-1:0,1: 100", "[[-2048 0] [2048 32767]]"},
	} {
		points, err := m.PathPoints(c.path)
		if got := fmt.Sprint(points); err != nil || got != c.want {
			t.Errorf("path %q is %s, error %v, want %s", c.path, got, err, c.want)
		}
	}
	there := "choose one of 0, 1, 2, 3, t-shirt, 10, 7-9, 7, 9"
	for _, c := range []struct{ path, want string }{
		{"0-9", `no concept "4": ` + there},
		{"0,hat", `no concept "hat": ` + there},
		{"0-x", `no concept "0-x": ` + there},
		{"", "is made of concepts, ranges of them and points"},
		{"0,,1", "is made of concepts, ranges of them and points"},
		{"3", `path "3" leads nowhere: it needs two different points`},
		{"3,3-3", "leads nowhere"},
		{"0,1:2:3", `point "1:2:3" is of 3, and model paths of 2 latent dimensions`},
		{"0,1:x", `point "1:x": "x" is not a number`},
		{"0,NaN:1", `"NaN" is not a number`},
		{"0,1:", `"" is not a number`},
		{"0" + strings.Repeat(",0,1", 128), "more than 256 points"},
		{"0-9999999999", `no concept "0-9999999999"`},
	} {
		if points, err := m.PathPoints(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("path %q is %v, error %v, want %q", c.path, points, err, c.want)
		}
	}
	if _, err := named().PathPoints("0-9"); err == nil || !strings.Contains(err.Error(), "model paths has no concepts") || !errors.Is(err, ErrNoConcepts) {
		t.Errorf("without concepts: error %v", err)
	}
	if points, err := named().PathPoints("0:0,1:1"); err != nil || len(points) != 2 {
		t.Errorf("points need no concepts: %v, error %v", points, err)
	}
}

// FuzzPathPoints: a path is read or refused, and what is read is of the model's dimensions and is
// read again the same.
func FuzzPathPoints(f *testing.F) {
	for _, s := range []string{"0-9", "3,1,4", "7,0.5:-1.2,2", "9-0,t-shirt", "1e300:-0x1p-2,0", "0-0", "-1-2", ",,", "0:١"} {
		f.Add(s)
	}
	m := named("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "t-shirt")
	f.Fuzz(func(t *testing.T, path string) {
		points, err := m.PathPoints(path)
		if err != nil {
			if points != nil || !strings.HasPrefix(err.Error(), "model") {
				t.Errorf("%v and error %q", points, err)
			}
			return
		}
		if len(points) < 2 || len(points) > maxPathPoints {
			t.Errorf("%d points", len(points))
		}
		var again []string
		for _, p := range points {
			if len(p) != m.Latent {
				t.Fatalf("a point of %d dimensions", len(p))
			}
			again = append(again, fmt.Sprintf("%v:%v", float64(p[0])/LatentSteps, float64(p[1])/LatentSteps))
		}
		same, err := m.PathPoints(strings.Join(again, ","))
		if err != nil || !slices.EqualFunc(points, same, slices.Equal[[]int16]) {
			t.Errorf("%v is %v when read again, error %v", points, same, err)
		}
	})
}

func TestModelPlane(t *testing.T) {
	m := named("0", "1", "2")
	if m.PrincipalPlane() || m.Plane().Axes[0][0] == 0 || m.Plane().Center[0] != 0 {
		t.Errorf("two dimensions: %v", m.Plane())
	}
	m.Latent = 3
	for i := range m.Concepts {
		m.Concepts[i].Mean = []int16{0, int16(1000 * i), int16(500 * i * i)}
	}
	if p := m.Plane(); !m.PrincipalPlane() || p.Center[1] != 1000 || p.Axes[0][0] != 0 || p.Axes[1][0] != 0 {
		t.Errorf("three dimensions: %v", p)
	}
	m.Concepts = m.Concepts[:2]
	if p := m.Plane(); m.PrincipalPlane() || p.Center[1] != 0 {
		t.Errorf("two concepts: %v", p)
	}
}

func TestOwnPath(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, "another,another,another,another,another,another,another,another"},
		{[]string{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0", "hat"}, "0-9"},
		{[]string{"0", "1", "2"}, "0,1,2"},
		{[]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, "1,2,3,4,5,6,7,8,9,10,11"},
		{[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, "0,1,2,3,4,5,6,7,8,9,10"},
		{[]string{"0-9", "hat"}, "0-9,hat"},
	} {
		if got := named(c.names...).OwnPath(); got != c.want {
			t.Errorf("the path of %q is %q, want %q", c.names, got, c.want)
		}
	}
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"Buns", "Eyeglasses", "Smiling", "Wearing_Hat", "Mouth_Slightly_Open"}, "plain,smile,glasses,another,smile,hat,another,smile,open"},
		{[]string{"soft", "round"}, "plain,soft,round,another,soft,another,soft"},
		{[]string{"Smiling"}, "plain,smile,another,smile,another,smile"},
	} {
		m := face(c.names...)
		if got := m.OwnPath(); got != c.want {
			t.Errorf("the path of %q is %q, want %q", c.names, got, c.want)
		}
		if _, err := m.PathPoints(m.OwnPath()); err != nil {
			t.Error(err)
		}
	}
}

// face is a model of attributes, the codes of which that have them are at 1000 along a dimension of
// each and those of the others at -1000.
func face(names ...string) *Model {
	m := &Model{Name: "face", Latent: len(names), LatentSteps: LatentSteps}
	for i, name := range names {
		c := Concept{Name: name, Mean: make([]int16, len(names)), Direction: make([]int16, len(names))}
		c.Mean[i], c.Direction[i] = 1000, LatentSteps
		m.Concepts = append(m.Concepts, c)
	}
	return m
}

// TestPathOfAttributes: places add to a face, and those of one concept replace each other.
func TestPathOfAttributes(t *testing.T) {
	m := face("Smiling", "Eyeglasses", "No_Beard", "another")
	start := func(k int) []int16 { return []int16{int16(10 * k), 0, 0, 0} }
	for _, c := range []struct{ path, want string }{
		{"frown,smile,glasses", "[[-1500 0 0 0] [1500 0 0 0] [1500 1500 0 0]]"},
		{"Smiling, no-glasses ,SMILE,plain", "[[1500 0 0 0] [1500 -1500 0 0] [1500 -1500 0 0] [0 0 0 0]]"},
		{"beard,no-beard,no_beard,shaven", "[[0 0 -1500 0] [0 0 1500 0] [0 0 1500 0] [0 0 1500 0]]"},
		{"no-frown,plain", "[[1500 0 0 0] [0 0 0 0]]"},
		{"1:0:0:0,glasses", "[[2048 0 0 0] [2048 1500 0 0]]"},
		{"plain,another", "[[0 0 0 0] [0 0 0 1500]]"}, // a concept comes before a place
	} {
		points, err := m.PathFrom(c.path, start)
		if got := fmt.Sprint(points); err != nil || got != c.want {
			t.Errorf("path %q is %s, error %v, want %s", c.path, got, err, c.want)
		}
	}
	m.Concepts[3].Name = "Male"
	for _, c := range []struct{ path, want string }{
		{"glasses,another,smile,another", "[[0 1500 0 0] [10 0 0 0] [1500 0 0 0] [20 0 0 0]]"},
		{"another,plain,man,woman", "[[10 0 0 0] [10 0 0 0] [10 0 0 1500] [10 0 0 -1500]]"},
		{"0:1:0:0,another", "[[0 2048 0 0] [10 0 0 0]]"},
	} {
		points, err := m.PathFrom(c.path, start)
		if got := fmt.Sprint(points); err != nil || got != c.want {
			t.Errorf("path %q is %s, error %v, want %s", c.path, got, err, c.want)
		}
	}
	for _, c := range []struct{ path, want string }{
		{"smlie", `no concept "smlie": did you mean smile?`},
		{"plain,no-glases", `no concept "no-glases": did you mean no-glasses?`},
		{"plain,Eyeglases", `did you mean Eyeglasses?`},
		{"plain,wings", `no concept "wings": choose one of smile, glasses, beard, frown, shaven, man, woman, Smiling,`},
		{"plain,no-no-glasses", `no concept`},
		{"plain,hat", `no concept "hat"`},
		{"smile", `path "smile" leads nowhere: it needs two different points, such as plain,smile`},
		{"plain,0-3", `no concept "0"`},
		{"plain,,smile", "is made of"},
	} {
		if points, err := m.PathFrom(c.path, start); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("path %q is %v, error %v, want %q", c.path, points, err, c.want)
		}
	}
	// Faces that nobody names follow from the seed.
	one, _ := m.PathFrom("plain,another", m.Drawn(1))
	same, _ := m.PathPoints("plain,another")
	other, _ := m.PathFrom("plain,another", m.Drawn(2))
	if fmt.Sprint(one) != fmt.Sprint(same) || fmt.Sprint(one) == fmt.Sprint(other) || slices.Equal(one[0], one[1]) {
		t.Errorf("faces %v, %v and %v", one, same, other)
	}
}

// TestWords: each word is there once, is what names may be and means a concept of its own.
func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w.word] || folded(w.word) != w.word || strings.HasPrefix(w.word, not) || w.word == asDrawn || w.word == another {
			t.Errorf("the word %q", w.word)
		}
		seen[w.word] = true
		for of := range strings.FieldsSeq(w.aims) {
			of, away := strings.CutPrefix(of, "-")
			if a, err := face("x", of).Aim(w.word); err != nil || a != (Aim{1, away}) {
				t.Errorf("%s is %v, %v", w.word, a, err)
			}
		}
	}
}

func TestAttributes(t *testing.T) {
	m := face("Wide_Face", "Wearing_Hat", "smiling", "Buns")
	if got := m.Attributes(100); !slices.Equal(got, []int{2, 1, 0, 3}) {
		t.Errorf("%v", got)
	}
	if got := m.Attributes(3); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("%v", got)
	}
	if _, err := face().Aim("smile"); !errors.Is(err, ErrNoConcepts) {
		t.Errorf("error %v", err)
	}
}
