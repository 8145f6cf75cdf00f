package edits

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/pair"
)

// digits are some with the attributes to be a 0, to be a 1, to be either, and one that says
// nothing.
func digits(t *testing.T, n int) (train, test *dataset.Set) {
	t.Helper()
	train, test, err := mnist.EmbeddedFirst(n, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dataset.Set{train, test} {
		for name, is := range map[string]func(i int) bool{
			"0":    func(i int) bool { return s.Labels[i] == 0 },
			"1":    func(i int) bool { return s.Labels[i] == 1 },
			"low":  func(i int) bool { return s.Labels[i] <= 1 },
			"even": func(i int) bool { return i%2 == 0 },
		} {
			a := dataset.Attribute{Name: name}
			for i := range s.N {
				a.Has = append(a.Has, is(i))
			}
			s.Attributes = append(s.Attributes, a)
		}
		slices.SortFunc(s.Attributes, func(a, b dataset.Attribute) int { return strings.Compare(a.Name, b.Name) })
	}
	return train, test
}

// A model that is known to be edited well: a digit comes to be another.
func TestMeasure(t *testing.T) {
	p, err := pair.Open("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	train, test := digits(t, 1500)
	told := map[string]int{}
	o := Options{Toward: []string{"0"}, Amount: 1.5, Progress: func(what string, images int) func(int) {
		return func(done int) {
			if done < told[what] || done > images {
				t.Errorf("%s: told of %d of %d images after %d", what, done, images, told[what])
			}
			told[what] = done
		}
	}}
	b, err := NewBench(p, train, test, o)
	if err != nil {
		t.Fatal(err)
	}
	f := b.Measure()
	for _, a := range f.Attributes {
		least := map[string]float64{"0": 0.9, "1": 0.9, "low": 0.9, "even": 0.4}[a.Name]
		if a.Pictures == nil || *a.Pictures < least || a.Drawn == nil || *a.Drawn < least || a.Agree < 0.9 {
			t.Errorf("%s", f)
		}
	}
	e := f.Edits[0]
	if len(e.Read) != len(amounts) || e.Read[0].Share > 0.1 || e.Read[3].Share < 0.9 {
		t.Errorf("read after edits: %v", e.Read)
	}
	bound := map[string]bool{}
	for i, m := range e.Moved {
		bound[m.Name] = m.Bound
		if m.Unread != (m.Name == "even") {
			t.Errorf("%s is unread: %v", m.Name, m.Unread)
		}
		if i > 0 && math.Abs(m.Points()) > math.Abs(e.Moved[i-1].Points()) {
			t.Errorf("%s moves more than what stands before it", m.Name)
		}
	}
	if fmt.Sprint(bound) != "map[1:true even:false low:true]" {
		t.Errorf("bound to the aim: %v", bound)
	}
	for _, task := range []string{"encoding", "training a classifier", "reading pictures", "editing toward 0"} {
		if told[task] == 0 {
			t.Errorf("nothing is told of %s", task)
		}
	}
	text := f.String()
	for _, want := range []string{"toward 0: ", " at 1.5, ", "even ", "without those that it brings or excludes, "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}

	// Refusals
	o.Toward = []string{"2"}
	if _, err := NewBench(p, train, test, o); err == nil || !strings.Contains(err.Error(), "no attribute 2") {
		t.Errorf("an attribute that there is not: %v", err)
	}
	o.Toward = []string{"low"}
	if _, err := NewBench(p, train, test, o); err == nil || !strings.Contains(err.Error(), `no concept "low"`) {
		t.Errorf("a concept that there is not: %v", err)
	}
	train.Attributes = nil
	if _, err := NewBench(p, train, test, o); err == nil {
		t.Error("images without attributes are accepted")
	}
}

func TestCompare(t *testing.T) {
	var before, after, redrawn []faces.Face
	for i := range 4 {
		f := faces.Random(1, i)
		f.Smile, f.Hat = -0.5, faces.NoHat
		before = append(before, f)
		f.Smile = 0.5
		redrawn = append(redrawn, f)
		if i == 0 {
			f.Smile, f.Hat = 0, faces.Cap
		}
		after = append(after, f)
	}
	f := compare("Smiling", before, after, redrawn)
	if f.Images != 4 || f.Before != 0 || f.Share != 0.75 {
		t.Errorf("%d faces, %v before and %v after", f.Images, f.Before, f.Share)
	}
	if m := f.Moved[0]; m != (Factor{"Smile", true, (0.25 + 3*0.5) / 4, 4, 0.5}) {
		t.Errorf("the aim: %+v", m)
	}
	if m := f.Moved[1]; m != (Factor{"Hat", false, 0.25, 4, 0}) {
		t.Errorf("what changed besides: %+v", m)
	}
	for _, m := range f.Moved[2:] {
		if m.Change != 0 || m.Name == "HatHue" && m.Faces != 0 {
			t.Errorf("%+v", m)
		}
	}
	text := (&Figures{Factors: []Factors{f}}).String()
	for _, want := range []string{"found to have it 75.0 %, before 0.0 %", "Smile (aim) 43.8 % (50.0 %), Hat 25.0 % (0.0 %),", "1 of "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestConcurrently(t *testing.T) {
	for _, threads := range []int{0, 1, 3} {
		const n = 20
		var sum atomic.Int64
		last := 0
		concurrently(n, threads, func(i int) { sum.Add(int64(i)) }, func(done int) {
			if done != last+1 {
				t.Errorf("told of %d after %d", done, last)
			}
			last = done
		})
		if sum.Load() != n*(n-1)/2 || last != n {
			t.Errorf("%d threads: a sum of %d, %d done", threads, sum.Load(), last)
		}
	}
}

// TestFacePicture: docs/face.png is a drawn face as it is drawn now, as gallery.go writes it.
func TestFacePicture(t *testing.T) {
	file, err := os.Open("../../docs/face.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	shown, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	const enlarged = 4
	pixels := make([]byte, faces.Size)
	for i := range 100 {
		named.TestFace(i).Draw(pixels)
		same := true
		for k := range faces.Side * faces.Side {
			r, g, b, _ := shown.At(k%faces.Side*enlarged, k/faces.Side*enlarged).RGBA()
			same = same && byte(r>>8) == pixels[3*k] && byte(g>>8) == pixels[3*k+1] && byte(b>>8) == pixels[3*k+2]
		}
		if same {
			return
		}
	}
	t.Error("it is none of the first test faces: write it again with go generate")
}
