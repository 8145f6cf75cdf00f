package concept

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/model"
)

// groups are codes of two dimensions that are much spread along (1, 1) and little across, where a
// shift to the right is the attribute: the means differ along (1, 0), and what tells the groups
// apart best is close to (1, -1).
func groups(n int, seed uint64) (Codes, []bool) {
	r := rand.New(rand.NewPCG(seed, 0))
	c, has := Codes{Dims: 2}, make([]bool, n)
	for i := range n {
		long, short := 2*r.NormFloat64(), 0.3*r.NormFloat64()
		x, y := (long+short)/math.Sqrt2, (long-short)/math.Sqrt2
		if has[i] = i%4 == 0; has[i] {
			x++
		}
		c.Values = append(c.Values, float32(x), float32(y))
	}
	return c, has
}

func TestFind(t *testing.T) {
	train, trainHas := groups(20000, 1)
	test, testHas := groups(5000, 2)
	other := make([]bool, 20000) // an attribute with nothing to it but the second coordinate
	otherTest := make([]bool, 5000)
	for i := range other {
		other[i] = train.at(i)[1] > 0.5
	}
	for i := range otherTest {
		otherTest[i] = test.at(i)[1] > 0.5
	}
	cs, err := Find(train, test, []Attribute{
		{"all", slices.Repeat([]bool{true}, 20000), make([]bool, 5000)},
		{"right", trainHas, testHas},
		{"up", other, otherTest},
		{"unseen", trainHas, make([]bool, 5000)},
		{"none", make([]bool, 20000), testHas},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 3 || cs[0].Name != "right" || cs[1].Name != "up" || cs[2].Name != "unseen" {
		t.Fatalf("found %+v", cs)
	}
	right, up, unseen := cs[0], cs[1], cs[2]
	if right.Images != 5000 || math.Abs(right.Mean[0]-1) > 0.1 || math.Abs(right.Mean[1]) > 0.1 {
		t.Errorf("the mean of %d images is %v, want about (1, 0) of 5000", right.Images, right.Mean)
	}
	// Fisher's discriminant of that covariance, along (1, 0): inverse times (1, 0).
	a, b := 1/(2*2.0*2.0), 1/(2*0.3*0.3)
	want := math.Atan2(a-b, a+b)
	if got := math.Atan2(right.Direction[1], right.Direction[0]); right.Method != Linear || math.Abs(got-want) > 0.02 {
		t.Errorf("%v gives the angle %v, want that of the linear classifier, %v", right.Method, got, want)
	}
	// Along it the groups lie sqrt(a+b) standard deviations apart, so half of that from what
	// separates them.
	if got, want := right.Accuracy[Linear], (1+math.Erf(math.Sqrt((a+b)/8)))/2; math.Abs(got-want) > 0.02 {
		t.Errorf("accuracy %v, want about %v", got, want)
	}
	if got := right.Accuracy[MeanDifference]; got > 0.7 || got < 0.55 {
		t.Errorf("along the difference of the means the accuracy is %v", got)
	}
	if up.Accuracy[up.Method] < 0.99 || math.Abs(up.Direction[0]) > 0.1*up.Direction[1] {
		t.Errorf("what is up: %+v", up)
	}
	if !math.IsNaN(unseen.Accuracy[Linear]) || unseen.Method != MeanDifference || len(unseen.Direction) != 2 {
		t.Errorf("held-out images without an attribute: %+v", unseen)
	}
	for _, c := range cs {
		var sum, squares float64
		for i := range train.len() {
			p := Position(train.at(i), c.Direction)
			sum += p
			squares += p * p
		}
		n := float64(train.len())
		if sd := math.Sqrt(squares/n - sum*sum/n/n); math.Abs(sd-1) > 1e-6 {
			t.Errorf("%s: the codes have a standard deviation of %v along the direction, in its lengths", c.Name, sd)
		}
	}
}

func TestFindWithNothingToFind(t *testing.T) {
	has := []bool{true, false, true, false}
	for name, values := range map[string][]float32{
		"equal codes":    {1, 2, 1, 2, 1, 2, 1, 2},
		"the same means": {0, 1, 0, 1, 0, -1, 0, -1},
	} {
		c := Codes{values, 2}
		if cs, err := Find(c, c, []Attribute{{"a", has, has}}, Options{}); err != nil || len(cs) != 0 {
			t.Errorf("%s: %v, %v", name, cs, err)
		}
	}
	// A dimension that is not used is not in the way.
	c := Codes{[]float32{1, 0, -1, 0, 1.5, 0, -1.5, 0}, 2}
	cs, err := Find(c, c, []Attribute{{"a", has, has}}, Options{})
	if err != nil || len(cs) != 1 || cs[0].Accuracy[MeanDifference] != 1 || cs[0].Accuracy[Linear] != 1 || cs[0].Method != MeanDifference || cs[0].Direction[1] != 0 {
		t.Errorf("with an unused dimension: %+v, %v", cs, err)
	}
	if cs, err := Find(Codes{nil, 2}, Codes{nil, 2}, nil, Options{}); err != nil || cs != nil {
		t.Errorf("no attributes: %v, %v", cs, err)
	}
	for name, bad := range map[string]Codes{
		"too few":      {[]float32{1, 2}, 2},
		"no number":    {[]float32{1, 2, 1, 2, 1, float32(math.NaN()), 1, 2}, 2},
		"infinite":     {[]float32{1, 2, 1, 2, 1, float32(math.Inf(1)), 1, 2}, 2},
		"no dimension": {nil, 0},
	} {
		if _, err := Find(bad, c, []Attribute{{"a", has, has}}, Options{}); err == nil {
			t.Errorf("%s: no error for the training codes", name)
		}
		if _, err := Find(c, bad, []Attribute{{"a", has, has}}, Options{}); err == nil {
			t.Errorf("%s: no error for the test codes", name)
		}
	}
}

func TestThreshold(t *testing.T) {
	c := Codes{[]float32{0, 1, 2, 3, 4, 5, 6, 7}, 1}
	for _, v := range []struct {
		has  []bool
		want float64
	}{
		{[]bool{false, false, false, false, false, true, true, true}, 4.5},
		// With few that have it, one of them weighs more than two without.
		{[]bool{false, false, true, false, false, false, true, true}, 5.5},
		{[]bool{false, true, false, false, false, false, false, true}, 6.5},
		// The wrong way round the best is to take none or all.
		{[]bool{true, true, true, false, false, false, false, false}, 7},
	} {
		if got := threshold(c, []float64{1}, v.has); got != v.want {
			t.Errorf("%v: %v, want %v", v.has, got, v.want)
		}
	}
}

func TestClasses(t *testing.T) {
	as := Classes([]byte{3, 0, 3}, []byte{200, 0})
	want := []Attribute{
		{"0", []bool{false, true, false}, []bool{false, true}},
		{"3", []bool{true, false, true}, []bool{false, false}},
		{"200", []bool{false, false, false}, []bool{true, false}},
	}
	if !slices.EqualFunc(as, want, func(a, b Attribute) bool {
		return a.Name == b.Name && slices.Equal(a.Train, b.Train) && slices.Equal(a.Test, b.Test)
	}) {
		t.Errorf("%v, want %v", as, want)
	}
}

func TestFixed(t *testing.T) {
	q := &model.Model{LatentSteps: 2048}
	got := Fixed(q, []Concept{
		{Name: "a", Mean: []float64{1, -0.5}, Direction: []float64{0.25, 0}, Threshold: 1.5},
		{Name: "too short", Mean: []float64{1, -0.5}, Direction: []float64{0.0001, 0}, Threshold: 1.5},
	})
	if len(got) != 1 || got[0].Name != "a" || !slices.Equal(got[0].Mean, []int16{2048, -1024}) || !slices.Equal(got[0].Direction, []int16{512, 0}) || got[0].Threshold != 3072 {
		t.Errorf("%+v", got)
	}
}

// TestExclusive: classes are those of which every image has exactly one.
func TestExclusive(t *testing.T) {
	cats, dogs, all := []bool{true, false, false}, []bool{false, true, true}, []bool{true, true, true}
	for _, c := range []struct {
		train, test [2][]bool
		want        bool
	}{
		{[2][]bool{cats, dogs}, [2][]bool{cats, dogs}, true},
		{[2][]bool{cats, dogs}, [2][]bool{cats, all}, false},
		{[2][]bool{all, dogs}, [2][]bool{cats, dogs}, false},
		{[2][]bool{cats, cats}, [2][]bool{cats, dogs}, false},
	} {
		var attributes []Attribute
		for i, name := range []string{"cats", "dogs"} {
			attributes = append(attributes, Attribute{name, c.train[i], c.test[i]})
		}
		if got := Exclusive(attributes); got != c.want {
			t.Errorf("%v and %v: %v", c.train, c.test, got)
		}
	}
	if Exclusive([]Attribute{{"all", all, all}}) || Exclusive(nil) {
		t.Error("one attribute excludes others")
	}
	if digits := Classes([]byte{3, 1, 4}, []byte{1, 5}); !Exclusive(digits) {
		t.Error("digits do not exclude each other")
	}
}
