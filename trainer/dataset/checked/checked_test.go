package checked

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// crosses are n pictures of 8 x 8 with a cross of a level on a ground, somewhere else in each.
func crosses(n int, ground, ink byte, labels ...byte) *dataset.Set {
	s := &dataset.Set{N: n, Height: 8, Width: 8, Channels: 1}
	for i := range n {
		p := bytes.Repeat([]byte{ground}, 64)
		at := 8*(1+i%6) + 1 + i/6%6
		for _, d := range []int{0, -1, 1, -8, 8} {
			p[at+d] = ink
		}
		s.Images = append(s.Images, p...)
		s.Labels = append(s.Labels, labels[i%len(labels)])
	}
	return s
}

// together is one set after another.
func together(a, b *dataset.Set) *dataset.Set {
	return &dataset.Set{N: a.N + b.N, Height: 8, Width: 8, Channels: 1, Images: slices.Concat(a.Images, b.Images), Labels: slices.Concat(a.Labels, b.Labels)}
}

func TestGrey(t *testing.T) {
	for name, c := range map[string]struct {
		train, test *dataset.Set
		want        []string // in the notes, in order
		bright      bool
		levels      []byte // of the training pictures
	}{
		"as it should be":    {crosses(20, 0, 255, 0), crosses(5, 0, 255, 0), nil, false, []byte{0, 255}},
		"0 and 1":            {crosses(20, 0, 1, 0), crosses(5, 0, 1, 0), []string{"above 1 of 255: they are taken as levels of 0 to 1"}, false, []byte{0, 255}},
		"0 to 16":            {crosses(20, 0, 10, 0), crosses(5, 2, 16, 0), []string{"above 16 of 255: they are taken as levels of 0 to 16"}, false, []byte{0, 159}},
		"dark, but not so":   {crosses(20, 0, 64, 0), crosses(5, 0, 3, 0), nil, false, []byte{0, 64}},
		"bright ground":      {crosses(20, 250, 10, 0), crosses(5, 250, 10, 0), []string{"the ground of the pictures is brighter"}, true, []byte{10, 250}},
		"bright, 0 and 1":    {crosses(20, 1, 0, 0), crosses(5, 1, 0, 0), []string{"above 1 of 255", "the ground of the pictures is brighter"}, true, []byte{0, 255}},
		"mostly bright":      {together(crosses(30, 250, 10, 0), crosses(10, 0, 200, 0)), crosses(5, 250, 10, 0), []string{"brighter than what is drawn on it: they are learnt from as they are, and photographs are made ready for the model with a bright ground, too; of one in 4 pictures it is dark"}, true, []byte{0, 10, 200, 250}},
		"some bright":        {together(crosses(30, 0, 200, 0), crosses(10, 250, 10, 0)), crosses(5, 0, 200, 0), []string{"the ground of one in 4 pictures is bright"}, false, []byte{0, 10, 200, 250}},
		"some are blank":     {together(crosses(30, 0, 200, 0), crosses(10, 7, 7, 0)), crosses(5, 0, 200, 0), []string{"10 of the 40 training pictures have a single grey level each"}, false, []byte{0, 7, 200}},
		"all are the same":   {crosses(1, 0, 200, 0).First(1), crosses(5, 0, 200, 0), nil, false, []byte{0, 200}},
		"black, all of them": {crosses(9, 0, 0, 0), crosses(5, 0, 0, 0), []string{"all 9 training pictures are the same"}, false, []byte{0}},
	} {
		Grey(c.train, c.test)
		ok := len(c.train.Notes) == len(c.want)
		for i, want := range c.want {
			ok = ok && strings.Contains(c.train.Notes[i], want)
		}
		if !ok || c.train.BrightGround != c.bright || c.test.BrightGround != c.bright {
			t.Errorf("%s: bright %v, notes %q", name, c.train.BrightGround, c.train.Notes)
		}
		if levels := slices.Compact(slices.Sorted(slices.Values(c.train.Images))); !bytes.Equal(levels, c.levels) {
			t.Errorf("%s: grey levels %v, want %v", name, levels, c.levels)
		}
	}
	colour := &dataset.Set{N: 1, Height: 1, Width: 1, Channels: 3, Images: []byte{1, 1, 1}}
	if Grey(colour, colour); colour.Images[0] != 1 || colour.Notes != nil {
		t.Error("pictures in colour are changed")
	}
}

func TestClasses(t *testing.T) {
	for want, c := range map[string][2]*dataset.Set{
		"": {crosses(20, 0, 255, 1, 2), crosses(5, 0, 255, 1, 2)},
		"all pictures are of one class, 3: the model will have no concepts":    {crosses(20, 0, 255, 3), crosses(5, 0, 255, 3)},
		"no training picture is of class 7, and test pictures are: the model ": {crosses(20, 0, 255, 1, 2), crosses(5, 0, 255, 1, 2, 7)},
	} {
		Classes(c[0], c[1])
		if notes := strings.Join(c[0].Notes, "; "); !strings.HasPrefix(notes, want) || (want == "") != (notes == "") {
			t.Errorf("%q, want %q", notes, want)
		}
	}
	all, some := crosses(20, 0, 255, 1, 2, 4), crosses(5, 0, 255, 1)
	if got := Unmeasured(all, some); got != "no test picture is of class 2, 4: nothing is measured of it" || Unmeasured(all, all) != "" {
		t.Errorf("unmeasured: %q", got)
	}
	s := crosses(3, 0, 255, 0)
	s.Attributes = []dataset.Attribute{{Name: "hat", Has: []bool{true, true, true}}, {Name: "beard", Has: []bool{true, false, true}}, {Name: "tie", Has: []bool{false, false, false}}}
	if Classes(s, s); len(s.Notes) != 1 || !strings.HasPrefix(s.Notes[0], "all training pictures have hat, tie, or none has") {
		t.Errorf("attributes: %q", s.Notes)
	}
}
