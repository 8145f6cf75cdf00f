package palette

import (
	"image/color"
	"math"
	"testing"
)

// oklab is a colour in OKLab (Ottosson 2020): lightness and two colour coordinates.
func oklab(c color.RGBA) (v [3]float64) {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// TestPalettes checks that lightness rises with the grey level, in even steps, and that no colour
// is far from the next.
func TestPalettes(t *testing.T) {
	for _, p := range All()[1:] {
		colors := p.Colors()
		if len(colors) != 256 {
			t.Fatalf("%s: %d colours", p.Name, len(colors))
		}
		lab := func(i int) [3]float64 { return oklab(colors[i].(color.RGBA)) }
		first, last := lab(0)[0], lab(255)[0]
		if first > 0.25 || last < 0.9 {
			t.Errorf("%s: lightness goes from %.2f to %.2f only", p.Name, first, last)
		}
		for i := range 256 {
			// Eight bits a channel are coarse in the dark.
			near := 0.005
			if lab(i)[0] < 0.25 {
				near = 0.015
			}
			if want := first + (last-first)*float64(i)/255; math.Abs(lab(i)[0]-want) > near {
				t.Errorf("%s: lightness of level %d is %.4f, on an even rise it would be %.4f", p.Name, i, lab(i)[0], want)
			}
			if i >= 4 && lab(i)[0] <= lab(i - 4)[0] {
				t.Errorf("%s: level %d is not lighter than level %d", p.Name, i, i-4)
			}
			if i < 8 {
				continue
			}
			a, b := lab(i-8), lab(i)
			step := math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
			if step > 0.07 {
				t.Errorf("%s: levels %d and %d differ by %.3f", p.Name, i-8, i, step)
			}
		}
	}
	if p, ok := Lookup("grey"); !ok || !p.IsGrey() || p.Colors()[77] != (color.RGBA{77, 77, 77, 255}) {
		t.Error("grey is not grey")
	}
	if _, ok := Lookup("sepia"); ok {
		t.Error("there is a palette sepia")
	}
}
