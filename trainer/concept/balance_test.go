package concept

import (
	"math"
	"math/rand/v2"
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
		if !(c.AUC > 0.98) || !(c.Accuracy[Balanced] > 0.9) {
			t.Errorf("%s: AUC %.3f, accuracy %.3f", c.Name, c.AUC, c.Accuracy)
		}
	}
	// The difference of the means brings the other along.
	if plain, err := Find(train, test, attributes, Options{}); err != nil || plain[0].Method == Balanced || !math.IsNaN(plain[0].Accuracy[Balanced]) {
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

// Codes scatter aslant, so that what one attribute adds lies along the normal that tells another:
// an edit would go on to where a classifier finds that one, too.
func TestApart(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c := Codes{Dims: 3}
	attributes := []Attribute{{Name: "a"}, {Name: "b"}, {Name: "noise"}}
	for range 20000 {
		a, b := r.IntN(2) == 0, r.IntN(2) == 0
		x, y, z := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		code := []float64{0.5 * x, 0.5*y + 0.3*x, 0.5 * z}
		if a {
			code[0] += 3
		}
		if b {
			code[1] += 3
		}
		for _, v := range code {
			c.Values = append(c.Values, float32(v))
		}
		for k, has := range []bool{a, b, r.IntN(2) == 0} {
			attributes[k].Train = append(attributes[k].Train, has)
		}
	}
	all := covariance(c, Mean(c))
	var differences, normals [][]float64
	for k := range attributes {
		differences = append(differences, balanced(c, k, attributes))
	}
	single := cholesky(independent(c, all, differences, attributes))
	for k, a := range attributes {
		normals = append(normals, normal(c, differences[k], cholesky(all), single, a.Train))
	}
	if normals[0] == nil || normals[1] == nil || normals[2] != nil {
		t.Fatalf("a linear classifier knows %v", normals)
	}
	if dot(differences[0], normals[1]) > -0.02 {
		t.Fatalf("what a adds, %.3f, is at right angles to the normal %.3f already", differences[0], normals[1])
	}
	got := apart(differences[0], normals, 0, attributes)
	if across := dot(got, normals[1]); math.Abs(across) > 1e-4 || dot(got, differences[0]) < 6 {
		t.Errorf("a goes along %.4f, by %.5f along the normal of b", got, across)
	}
	// Where nothing would be left, most is kept.
	got = apart([]float64{1, 2, 2}, [][]float64{nil, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 0, append(attributes, attributes[2]))
	if length := math.Sqrt(dot(got, got)); math.Abs(length-3*leastLength) > 1e-4 || math.Abs(2*got[0]-got[1]) > 1e-4 {
		t.Errorf("of 1, 2, 2 there is left %.4f", got)
	}
}
