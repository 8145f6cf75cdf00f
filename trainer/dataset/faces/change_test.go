package faces

import (
	"math"
	"slices"
	"testing"
)

// change returns the share by which two faces differ in a factor.
func change(t *testing.T, a, b Face, factor string) float64 {
	t.Helper()
	for _, c := range Changes(a, b) {
		if c.Factor == factor {
			return c.Share
		}
	}
	t.Fatalf("there is no factor %s", factor)
	return 0
}

func TestChanges(t *testing.T) {
	a := Random(1, 3)
	a.Hat, a.Hair, a.Glasses = NoHat, Bangs, RoundGlasses
	a.Smile, a.Blush, a.BackHue, a.Stripes, a.GlassesColour, a.EyeSize = -0.5, 0.25, 0.95, true, 0.5, 0.2
	for _, c := range Changes(a, a) {
		if hidden := c.Factor == "HatHue"; c.Share != 0 && !hidden || math.IsNaN(c.Share) != hidden {
			t.Errorf("%s of the same face differs by %v", c.Factor, c.Share)
		}
	}
	b := a
	b.Smile, b.Blush, b.BackHue, b.Stripes, b.Hair, b.Hat, b.GlassesColour = 0.5, 1, 0.05, false, LongHair, Cap, 3
	for factor, want := range map[string]float64{
		"Smile": 0.5, "Blush": 0.75, "BackHue": 0.2, "Stripes": 1, "Hair": 1, "Hat": 1, "GlassesColour": 0.5, "Beard": 0, "Turn": 0, "EyeSize": 0,
	} {
		if got := change(t, a, b, factor); !(math.Abs(got-want) < 1e-12) {
			t.Errorf("%s differs by %v, want %v", factor, got, want)
		}
	}
	b.Glasses = NoGlasses
	for _, factor := range []string{"HatHue", "Parting", "GlassesColour"} {
		if got := change(t, a, b, factor); !math.IsNaN(got) {
			t.Errorf("%s, which does not show in one face, differs by %v", factor, got)
		}
	}
}

func TestDecisive(t *testing.T) {
	for name, want := range map[string][]string{
		"Smiling": {"Smile"}, "Eyeglasses": {"Glasses"}, "Wearing_Hat": {"Hat"}, "Narrow_Eyes": {"Lids"}, "Pale_Skin": {"Skin"},
		"Black_Hair": {"Hair", "HairColour"}, "Wearing_Earrings": {"Earrings"}, "Smirking": nil,
	} {
		if got := Decisive(name); !slices.Equal(got, want) {
			t.Errorf("%s depends on %q, want %q", name, got, want)
		}
	}
	for _, name := range Attributes() {
		if len(Decisive(name)) == 0 {
			t.Errorf("%s depends on no factor", name)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	pixels := make([]byte, Size)
	face := Random(1, 5)
	face.Draw(pixels)
	for _, start := range []struct {
		name string
		face Face
	}{{"same", face}, {"edit", func() Face { f := face; f.Smile = -f.Smile; return f }()}} {
		b.Run(start.name, func(b *testing.B) {
			for b.Loop() {
				Fit(pixels, start.face)
			}
		})
	}
}
