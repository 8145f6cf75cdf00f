package concept

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// together draws codes of two attributes that come together: each of four images in five has both
// or none. The first is along the first dimension, the second along the second, and a third, which
// excludes the first, along the third.
func together(n int, seed uint64) (c Codes, attributes [3][]bool) {
	r := rand.New(rand.NewPCG(seed, 1))
	c.Dims = 4
	for range n {
		a := r.IntN(2) == 0
		b := a == (r.IntN(5) > 0)
		third := !a && r.IntN(3) == 0
		z := []float64{0, 0, 0, 0}
		for d, has := range []bool{a, b, third} {
			if has {
				z[d] += float64(3 - d)
			}
			attributes[d] = append(attributes[d], has)
		}
		for _, v := range z {
			c.Values = append(c.Values, float32(v+0.5*r.NormFloat64()))
		}
	}
	return c, attributes
}

func TestBalanced(t *testing.T) {
	train, has := together(20000, 1)
	test, testHas := together(4000, 2)
	var attributes []Attribute
	for i, name := range []string{"smile", "cheekbones", "frown"} {
		attributes = append(attributes, Attribute{name, has[i], testHas[i]})
	}
	// What each adds to a code: the frown excludes the smile, and brings its absence along
	for i, want := range [][]float64{{3, 0, 0, 0}, {0, 2, 0, 0}} {
		got := balanced(train, i, attributes)
		for d := range want {
			if d != 2 && math.Abs(got[d]-want[d]) > 0.05 {
				t.Errorf("%s adds %.2f, want %v", attributes[i].Name, got, want)
				break
			}
		}
	}
	found, err := Find(train, test, attributes, Options{Balanced: true})
	if err != nil || len(found) != 3 {
		t.Fatalf("%d concepts, error %v", len(found), err)
	}
	for i, c := range found[:2] {
		along, across := c.Direction[i], c.Direction[1-i]
		if c.Method != Balanced || math.Abs(across) > 0.05*along {
			t.Errorf("%s goes along %.3f by the %v", c.Name, c.Direction, c.Method)
		}
		// The linear classifier reads it, to which the other says something, too
		if !(c.AUC > 0.98) || c.AUC != auc(test, c.Normal, testHas[i]) || !(c.Normal[1-i] > 0.01) {
			t.Errorf("%s: AUC %.3f, normal %.3f", c.Name, c.AUC, c.Normal)
		}
		if a := accuracy(test, c.Normal, c.Threshold, testHas[i]); !(a > 0.9) || c.Accuracy[Linear] != a {
			t.Errorf("%s: accuracy %.3f, said to be %.3f", c.Name, a, c.Accuracy)
		}
		// As long as the standard deviation of all codes along it
		covariance := covariance(train, Mean(train))
		again := slices.Clone(c.Direction)
		if scale(again, covariance); math.Abs(again[i]-c.Direction[i]) > 1e-9 {
			t.Errorf("%s: direction %.3f, along which codes have another standard deviation", c.Name, c.Direction)
		}
		// A length of the direction is one of the normal, and the threshold is half-way
		if there := dot(c.Direction, c.Normal); math.Abs(there/dot(c.Normal, c.Normal)-1) > 1e-9 {
			t.Errorf("%s: of the direction %.3f the normal %.3f is not a part", c.Name, c.Direction, c.Normal)
		}
		at := func(which bool) float64 { return dot(mean(train, has[i], which), c.Normal) / dot(c.Normal, c.Normal) }
		if with, without := at(true), at(false); math.Abs(with+without-2*c.Threshold) > 1e-9 || with <= without {
			t.Errorf("%s: threshold %.3f between %.3f and %.3f", c.Name, c.Threshold, without, with)
		}
	}
	// The difference of the means brings the other along.
	if plain, err := Find(train, test, attributes, Options{}); err != nil || plain[0].Method == Balanced || plain[0].Normal != nil {
		t.Errorf("without balance: %+v, error %v", plain[0], err)
	}
	difference := mean(train, has[1], true)
	for d, v := range mean(train, has[1], false) {
		difference[d] -= v
	}
	if difference[0] < 1 {
		t.Errorf("cheekbones without balance are %.2f: the test has no attributes that come together", difference)
	}
}

// Where the classifier does not see an attribute along what it adds, or that is nothing, the
// concept has the better of the two other directions.
func TestNotBalanced(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	c := Codes{Dims: 2}
	var smile, cheekbones []bool
	for range 5000 {
		a := r.IntN(2) == 0
		b := a == (r.IntN(10) > 0) // nearly always together
		// A smile alone leads back along the first dimension, but who smiles has cheekbones
		x := []float64{0.1 * r.NormFloat64(), r.NormFloat64()}
		if a {
			x[0]--
		}
		if b {
			x[0] += 3
		}
		smile, cheekbones = append(smile, a), append(cheekbones, b)
		c.Values = append(c.Values, float32(x[0]), float32(x[1]))
	}
	found, err := Find(c, c, []Attribute{{"smile", smile, smile}, {"cheekbones", cheekbones, cheekbones}}, Options{Balanced: true})
	if err != nil || len(found) != 2 {
		t.Fatalf("%d concepts, error %v", len(found), err)
	}
	if s := found[0]; s.Method == Balanced || s.Direction[0] < 0 || !slices.Equal(s.Normal, s.Direction) || !(s.AUC > 0.8) {
		t.Errorf("a smile that leads back: %+v", s)
	}
	if found[1].Method != Balanced {
		t.Errorf("cheekbones by the %v", found[1].Method)
	}
	same := Codes{[]float32{1, 2, 1, 2, 1, 2}, 2}
	has := []bool{true, false, true}
	if found, err := Find(same, same, []Attribute{{"none", has, has}}, Options{Balanced: true}); err != nil || len(found) != 0 {
		t.Errorf("of equal codes: %+v, error %v", found, err)
	}
}

func TestAUC(t *testing.T) {
	c := Codes{[]float32{1, 2, 2, 3, 4}, 1}
	for _, v := range []struct {
		has  []bool
		want float64
	}{
		{[]bool{false, false, false, true, true}, 1},
		{[]bool{true, true, false, false, false}, 0.5 / 6},
		{[]bool{false, true, false, false, true}, (0.5 + 1 + 3) / 6},
		{[]bool{true, true, true, true, true}, math.NaN()},
	} {
		got := auc(c, []float64{2}, v.has)
		if math.Abs(got-v.want) > 1e-12 || math.IsNaN(got) != math.IsNaN(v.want) {
			t.Errorf("%v: %v, want %v", v.has, got, v.want)
		}
	}
}
