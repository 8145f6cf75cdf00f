package latent

import (
	"math"
	"slices"
	"testing"
)

// TestPrincipalPlane: points that are scattered most along two known directions.
func TestPrincipalPlane(t *testing.T) {
	// At right angles, of length 5 and 13 times 100.
	first, second := []float64{0.6, 0, -0.8, 0, 0}, []float64{0, 12. / 13, 0, 0, -5. / 13}
	var points [][]int16
	r, noise := NewRand(1), make([]int16, 5)
	for i := range 60 {
		a := 3000 * math.Sin(float64(i))
		b := 1500 * math.Sin(float64(2*i+1))
		r.Normal(noise, 30)
		p := make([]int16, 5)
		for k := range p {
			p[k] = int16(500 + a*first[k] + b*second[k] + float64(noise[k]))
		}
		points = append(points, p)
	}
	p := PrincipalPlane(points)
	for i, want := range [][]float64{first, second} {
		sign := 1.0
		if i == 0 {
			sign = -1 // the largest coordinate is positive
		}
		for k, v := range p.Axes[i] {
			if got := float64(v) / AxisUnit; math.Abs(got-sign*want[k]) > 0.02 {
				t.Errorf("axis %d is %v, want %v", i, p.Axes[i], want)
				break
			}
		}
	}
	checkAxes(t, p)
	for k, c := range p.Center {
		if c < 300 || c > 700 {
			t.Errorf("coordinate %d of the centre is %d, want some 500", k, c)
		}
	}
	at := make([]int16, 5)
	if p.At(at, 0, 0); !slices.Equal(at, p.Center) {
		t.Errorf("(0, 0) is at %v, not at the centre %v", at, p.Center)
	}
	p.At(at, 1000, 0)
	if d := int(at[2]) - int(p.Center[2]); d < 780 || d > 820 {
		t.Errorf("1000 along the first axis is %d along the third coordinate, want 800", d)
	}
}

func checkAxes(t *testing.T, p Plane) {
	t.Helper()
	var dot, a, b float64
	for k := range p.Center {
		x, y := float64(p.Axes[0][k])/AxisUnit, float64(p.Axes[1][k])/AxisUnit
		dot, a, b = dot+x*y, a+x*x, b+y*y
	}
	if math.Abs(dot) > 1e-3 || math.Abs(a-1) > 1e-3 || math.Abs(b-1) > 1e-3 {
		t.Errorf("axes of lengths %.4f and %.4f, their product is %.4f", math.Sqrt(a), math.Sqrt(b), dot)
	}
}

// TestPlaneAlways: there is a plane whatever the points are, and nothing overflows.
func TestPlaneAlways(t *testing.T) {
	extreme := make([][]int16, 12)
	r := NewRand(2)
	for i := range extreme {
		extreme[i] = make([]int16, 1024)
		for k := range extreme[i] {
			extreme[i][k] = []int16{math.MinInt16, math.MaxInt16}[r.next()%2]
		}
	}
	for _, points := range [][][]int16{
		extreme,
		{{3, 4, 5}},
		{{1, 1, 1}, {1, 1, 1}},
		{{0, 0, 0}, {100, 100, 100}}, // a line
		{{5, 0}, {-5, 0}, {0, 1}},
		{{math.MinInt16, math.MinInt16}, {math.MaxInt16, math.MaxInt16}},
	} {
		checkAxes(t, PrincipalPlane(points))
	}
	p, at := NewPlane(3), make([]int16, 3)
	if p.At(at, 123, -32768); !slices.Equal(at, []int16{123, -32768, 0}) {
		t.Errorf("the plane of the first two dimensions has %v", at)
	}
	one := make([]int16, 1)
	if NewPlane(1).At(one, 77, 5); one[0] != 77 {
		t.Errorf("the line of a single dimension has %v", one)
	}
}

// The same axes come out on every CPU and in every version.
func TestPlaneGolden(t *testing.T) {
	points := make([][]int16, 10)
	r := NewRand(8)
	for i := range points {
		points[i] = make([]int16, 4)
		r.Normal(points[i], steps)
	}
	got := PrincipalPlane(points)
	want := Plane{Center: []int16{-681, -274, 224, -497}, Axes: [2][]int16{{14379, 124, -7294, -2909}, {-2054, 15785, -3871, 228}}}
	if !slices.Equal(got.Center, want.Center) || !slices.Equal(got.Axes[0], want.Axes[0]) || !slices.Equal(got.Axes[1], want.Axes[1]) {
		t.Errorf("%#v", got)
	}
}

// TestPlaneCoordinates: a point of the plane is where At was told, within a step, and what lies
// beside it changes nothing.
func TestPlaneCoordinates(t *testing.T) {
	p := PrincipalPlane([][]int16{{100, 200, -300}, {-400, 100, 100}, {300, -200, 200}, {0, 50, 900}})
	at := func(i, k int) int { return int(p.Axes[i][k]) }
	normal := [3]int{at(0, 1)*at(1, 2) - at(0, 2)*at(1, 1), at(0, 2)*at(1, 0) - at(0, 0)*at(1, 2), at(0, 0)*at(1, 1) - at(0, 1)*at(1, 0)}
	point := make([]int16, 3)
	for _, want := range [][2]int16{{0, 0}, {1000, -500}, {-1, 2048}} {
		for _, off := range []int{0, 1500} {
			p.At(point, want[0], want[1])
			for k := range point {
				point[k] += int16(normal[k] / AxisUnit * off / AxisUnit)
			}
			x, y := p.Coordinates(point)
			if dx, dy := int(x)-int(want[0]), int(y)-int(want[1]); max(dx, -dx, dy, -dy) > 2 {
				t.Errorf("%v, %d off the plane, is seen at %d, %d", want, off, x, y)
			}
		}
	}
	if x, y := NewPlane(2).Coordinates([]int16{-7, 32767}); x != -7 || y != 32767 {
		t.Errorf("of two dimensions: %d, %d", x, y)
	}
}
