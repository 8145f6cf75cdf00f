package latent

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
)

// pair is a mixture of two components in three dimensions.
func pair() *Mixture {
	return &Mixture{
		Shares: []int16{ShareWhole / 4, ShareWhole * 3 / 4},
		Means:  []int16{-4096, 0, 2048, 1000, -1000, 32767},
		Factor: []int16{FactorUnit, -FactorUnit / 2, FactorUnit / 4, 300, -32768, 1},
		Steps:  2048,
	}
}

// TestMixture: the components come as often as they should, what is drawn follows from the state
// alone, and is clamped; its bytes are the same on every CPU.
func TestMixture(t *testing.T) {
	m := pair()
	if err := m.Check(3); err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	r, first, clamped := NewRand(1), 0, 0
	sum := sha256.New()
	point := make([]int16, 3)
	for i := range n {
		again := *r
		m.Draw(point, r)
		binary.Write(sum, binary.LittleEndian, point)
		if point[2] == 32767 {
			clamped++
		}
		if i%100 != 0 {
			continue
		}
		if other := make([]int16, 3); true {
			m.Draw(other, &again)
			if fmt.Sprint(point) != fmt.Sprint(other) {
				t.Fatalf("%v, drawn again %v", point, other)
			}
		}
	}
	// Counted by the shares alone: a draw of the components begins with them.
	r = NewRand(1)
	one := &Mixture{Shares: m.Shares, Means: []int16{0, 100}, Factor: []int16{0}, Steps: 2048}
	for range n {
		if one.Draw(point[:1], r); point[0] == 0 {
			first++
		}
	}
	if first < n/4-200 || first > n/4+200 {
		t.Errorf("the first of the components came %d times of %d, a quarter of them is its share", first, n)
	}
	if clamped == 0 || clamped == n {
		t.Errorf("%d of %d points are at the end of the range", clamped, n)
	}
	const want = "9695fbef8d3c4610"
	if got := fmt.Sprintf("%x", sum.Sum(nil))[:16]; got != want {
		t.Errorf("points have the hash %s, want %s", got, want)
	}
}

func TestMixtureCheck(t *testing.T) {
	for name, change := range map[string]func(m *Mixture){
		"no component":   func(m *Mixture) { m.Shares = nil },
		"a share of 0":   func(m *Mixture) { m.Shares[0], m.Shares[1] = 0, ShareWhole },
		"a negative one": func(m *Mixture) { m.Shares[0], m.Shares[1] = -1, ShareWhole },
		"too much":       func(m *Mixture) { m.Shares[0]++ },
		"means":          func(m *Mixture) { m.Means = m.Means[1:] },
		"factor":         func(m *Mixture) { m.Factor = append(m.Factor, 0) },
	} {
		m := pair()
		change(m)
		if m.Check(3) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestNormalPrior: the distribution of models without a mixture is the one that there always was.
func TestNormalPrior(t *testing.T) {
	a, b := make([]int16, 5), make([]int16, 5)
	NewRand(9).Normal(a, 2048)
	Normal(2048).Draw(b, NewRand(9))
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v, want %v", b, a)
	}
}
