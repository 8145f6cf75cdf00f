// Package cascade finds objects in grey pictures with boosted cascades of Haar-like features (Viola
// and Jones, 2001; Lienhart and Maydt, 2002) that are read from files of OpenCV's format.
package cascade

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// A Cascade is a row of stages, each of which rejects windows of a picture that are no such object.
type Cascade struct {
	width, height int // of a window
	features      []feature
	stages        []stage
}

// A stage lets a window pass whose trees add up to its threshold.
type stage struct {
	threshold float64
	trees     []tree
}

type tree struct {
	nodes  []node
	leaves []float64
}

// A node compares a feature. Its ways lead to a later node or, 0 and below, to leaf -way.
type node struct {
	feature     int
	threshold   float64
	left, right int
}

// A feature is a weighted sum of sums of pixels.
type feature []weighted

type weighted struct {
	image.Rectangle
	weight float64
}

// Size returns the width and the height of the smallest object that is found, in pixels.
func (c *Cascade) Size() image.Point { return image.Pt(c.width, c.height) }

// A Detection is where an object is.
type Detection struct {
	// The middle and the width, in pixels of the picture: the left edge of its first pixel is 0.
	X, Y, Width float64
	// How many windows were taken for this object: the more, the surer
	Windows int
}

const (
	// The ratio of the sizes of windows of which one follows the other
	scaleStep = 1.1
	// More windows than a picture full of faces has; what lets all pass takes time to group
	mostWindows = 10_000
)

// Detect returns the objects in a picture whose width is at least smallest pixels, the surest
// first, and those of as many windows from the top down. Time is in proportion to the pixels.
func (c *Cascade) Detect(g *image.Gray, smallest float64) []Detection {
	var found []Detection
	b := g.Bounds()
	for factor := max(1, smallest/float64(c.width)); ; factor *= scaleStep {
		w, h := int(math.Round(float64(b.Dx())/factor)), int(math.Round(float64(b.Dy())/factor))
		if w < c.width || h < c.height {
			break
		}
		// Rounding makes both factors a little different
		fx, fy := float64(b.Dx())/float64(w), float64(b.Dy())/float64(h)
		s := sumsOf(shrunk(g, w, h), w, h)
		step := 1
		if factor < 2 {
			step = 2 // small windows are many, and close ones alike
		}
		for y := 0; y+c.height <= h; y += step {
			for x := 0; x+c.width <= w; x += step {
				if len(found) < mostWindows && c.accepts(s, x, y) {
					found = append(found, Detection{
						X: (float64(x) + float64(c.width)/2) * fx, Y: (float64(y) + float64(c.height)/2) * fy,
						Width: float64(c.width) * fx, Windows: 1,
					})
				}
			}
		}
	}
	return grouped(found)
}

// flattest is the smallest standard deviation of the grey levels in a window that is looked at: in
// what is flat, noise is taken for features.
const flattest = 5

// accepts reports whether the window at (x, y) passes all stages.
func (c *Cascade) accepts(s *sums, x, y int) bool {
	// The contrast is measured within the edge, as training did
	inner := image.Rect(1, 1, c.width-1, c.height-1).Add(image.Pt(x, y))
	area := float64(inner.Dx() * inner.Dy())
	sum := float64(s.of(s.first, inner))
	deviation := math.Sqrt(max(0, area*float64(s.of(s.second, inner))-sum*sum)) // area times it
	if deviation < flattest*area {
		return false
	}
	for i := range c.stages {
		total := 0.0
		for k := range c.stages[i].trees {
			t := &c.stages[i].trees[k]
			at := 0
			for {
				n := &t.nodes[at]
				value := 0.0
				for _, r := range c.features[n.feature] {
					value += r.weight * float64(s.of(s.first, r.Add(image.Pt(x, y))))
				}
				if at = n.right; value < n.threshold*deviation {
					at = n.left
				}
				if at <= 0 {
					break
				}
			}
			total += t.leaves[-at]
		}
		if total < c.stages[i].threshold-1e-5 { // as much is lost in the file's digits
			return false
		}
	}
	return true
}

// grouped joins windows of the same object.
func grouped(found []Detection) []Detection {
	// Each begins as a group of its own, and groups of similar windows are joined.
	group := make([]int, len(found))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	for i, a := range found {
		for k, b := range found[:i] {
			near := 0.2 * min(a.Width, b.Width)
			if math.Abs(a.X-b.X) <= near && math.Abs(a.Y-b.Y) <= near && math.Abs(a.Width-b.Width) <= near {
				group[root(i)] = root(k)
			}
		}
	}
	means := make([]Detection, len(found))
	for i, d := range found {
		m := &means[root(i)]
		m.X, m.Y, m.Width, m.Windows = m.X+d.X, m.Y+d.Y, m.Width+d.Width, m.Windows+1
	}
	means = slices.DeleteFunc(means, func(m Detection) bool { return m.Windows == 0 })
	for i := range means {
		n := float64(means[i].Windows)
		means[i].X, means[i].Y, means[i].Width = means[i].X/n, means[i].Y/n, means[i].Width/n
	}
	slices.SortStableFunc(means, func(a, b Detection) int { return cmp.Compare(b.Windows, a.Windows) })
	// A part of an object looks like one now and then: the surer of two that overlap remains.
	var kept []Detection
	for _, m := range means {
		if !slices.ContainsFunc(kept, func(k Detection) bool {
			half := max(m.Width, k.Width) / 2
			return math.Abs(m.X-k.X) < half && math.Abs(m.Y-k.Y) < half
		}) {
			kept = append(kept, m)
		}
	}
	return kept
}
