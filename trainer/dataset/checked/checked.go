// Package checked looks at data sets before anything is learnt from them: it mends what can only be
// meant otherwise, and notes what would come to nothing.
package checked

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// looked is at how many pictures of a set it is looked for their ground.
const looked = 2000

// Grey mends sets of grey pictures as they lie in files, and notes what it finds in train.Notes:
//
//   - grey levels of which none is above 63, such as 0 and 1, are stretched to 0 to 255;
//   - a ground that is brighter than what is drawn on it stays, and the sets' BrightGround says so;
//   - pictures of a single level, and sets all of whose pictures are the same.
func Grey(train, test *dataset.Set) {
	if train.Channels != 1 {
		return
	}
	note := func(format string, args ...any) { train.Notes = append(train.Notes, fmt.Sprintf(format, args...)) }
	if most, white := stretch(train, test); white > 0 {
		note("no grey level of the pictures is above %d of 255: they are taken as levels of 0 to %d, and stretched to 0 to 255", most, white)
	}
	flat := 0
	for i := range train.N {
		if single(train.Image(i)) {
			flat++
		}
	}
	switch {
	case train.N > 1 && alike(train):
		note("all %d training pictures are the same: there is nothing to learn from them; are they the right ones?", train.N)
	case flat > 0 && 1000*flat >= train.N:
		note("%d of the %d training pictures have a single grey level each, so that nothing is to be seen in them: leave them out if they are to show something", flat, train.N)
	}
	switch share := bright(train); {
	case share > 0.5:
		train.BrightGround, test.BrightGround = true, true
		text := "the ground of the pictures is brighter than what is drawn on it: they are learnt from as they are, and photographs are made ready for the model with a bright ground, too"
		if share < 0.95 {
			text += fmt.Sprintf("; of one in %.0f pictures it is dark, though: they should all have the same", 1/(1-share))
		}
		note("%s", text)
	case share > 0.05:
		note("the ground of one in %.0f pictures is bright, and of the others dark: they should all have the same", 1/share)
	}
}

// stretch makes grey levels that end far below white reach it. It returns the highest that there
// was and what is taken for white; 0 if nothing was changed.
func stretch(sets ...*dataset.Set) (most, white byte) {
	for _, s := range sets {
		if len(s.Images) > 0 {
			most = max(most, slices.Max(s.Images))
		}
	}
	if most == 0 || most > 63 {
		return most, 0
	}
	// Whole steps as programs count them, so that a part of the pictures is stretched as all are
	for _, white = range []byte{1, 3, 7, 15, 16, 31, 32, 63} {
		if white >= most {
			break
		}
	}
	var levels [256]byte
	for i := range int(white) + 1 {
		levels[i] = byte((255*i + int(white)/2) / int(white))
	}
	for _, s := range sets {
		for i, v := range s.Images {
			s.Images[i] = levels[v]
		}
	}
	return most, white
}

// single says that all pixels are the same.
func single(pixels []byte) bool { return bytes.Count(pixels, pixels[:1]) == len(pixels) }

// alike says that all pictures of a set are the same.
func alike(s *dataset.Set) bool {
	for i := range s.N {
		if !bytes.Equal(s.Image(i), s.Image(0)) {
			return false
		}
	}
	return true
}

// bright is the share of pictures whose ground is bright, of those that have a ground: most of
// their pixels are about as bright as the edge is.
func bright(s *dataset.Set) float64 {
	const about = 32 // grey levels
	counts := [2]float64{}
	for n := range min(s.N, looked) {
		p := s.Image(n * s.N / min(s.N, looked))
		if single(p) {
			continue
		}
		var edge []byte
		for y := range s.Height {
			if row := p[y*s.Width:][:s.Width]; y == 0 || y == s.Height-1 {
				edge = append(edge, row...)
			} else {
				edge = append(edge, row[0], row[s.Width-1])
			}
		}
		slices.Sort(edge)
		ground := int(edge[len(edge)/2])
		like := 0
		for _, v := range p {
			if d := int(v) - ground; -about <= d && d <= about {
				like++
			}
		}
		switch {
		case 2*like < len(p):
		case ground >= 128:
			counts[1]++
		default:
			counts[0]++
		}
	}
	return counts[1] / max(counts[0]+counts[1], 1)
}

// lacks are the classes of a that b has not.
func lacks(a, b []byte) (missing []string) {
	for _, c := range a {
		if !slices.Contains(b, c) {
			missing = append(missing, fmt.Sprint(c))
		}
	}
	return missing
}

// Unmeasured says which classes are missing from the test set, "" if none is.
func Unmeasured(train, test *dataset.Set) string {
	if missing := lacks(train.Classes(), test.Classes()); missing != nil && len(train.Attributes) == 0 {
		return fmt.Sprintf("no test picture is of class %s: nothing is measured of it", plain.List(missing))
	}
	return ""
}

// Classes notes in train.Notes that there is one class alone, which classes are missing from the
// training set, and which attributes all training pictures have or none.
func Classes(train, test *dataset.Set) {
	note := func(format string, args ...any) { train.Notes = append(train.Notes, fmt.Sprintf(format, args...)) }
	if len(train.Attributes) > 0 {
		var same []string
		for _, a := range train.Attributes {
			if !slices.Contains(a.Has, true) || !slices.Contains(a.Has, false) {
				same = append(same, a.Name)
			}
		}
		if same != nil {
			note("all training pictures have %s, or none has: no concepts are made of that", plain.List(same))
		}
		return
	}
	classes, others := train.Classes(), test.Classes()
	if len(classes) == 1 && slices.Equal(classes, others) && train.N > 1 {
		note("all pictures are of one class, %d: the model will have no concepts, so that nothing can be edited toward and there is no morph; it draws all the same", classes[0])
		return
	}
	if missing := lacks(others, classes); missing != nil {
		note("no training picture is of class %s, and test pictures are: the model cannot know it", plain.List(missing))
	}
}
