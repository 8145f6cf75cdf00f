package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A series is a figure over the epochs.
type series struct {
	Name, Unit string
	Meaning    string
	decimals   int
	of         func(Figures) float64
}

// Value writes a figure of it.
func (s series) Value(f Figures) string { return signed(s.of(f), s.decimals) }

// series of the run: the first is what the course of training is told by, as picture.Loss shows it.
// The others are its parts.
func (r *Run) series() []series {
	const nats = "nats an image"
	reconstruction := series{
		"reconstruction", nats, "by how many nats the picture that comes back after encoding and decoding misses the original",
		2, func(f Figures) float64 { return f.Reconstruction }}
	all := []series{
		{"\u2212ELBO", nats, "reconstruction plus KL", 2, func(f Figures) float64 { return f.NegELBO }},
		reconstruction,
		{"KL", nats, "how much the encoder says of a picture beyond what is known before one is seen", 2, func(f Figures) float64 { return f.KL }},
	}
	switch {
	case r.Book:
		all[0] = series{"the book\u2019s loss", "a mean over pixels", "what this training makes small", 4, func(f Figures) float64 { return f.Objective }}
		if r.classical() {
			return all[:2]
		}
	case r.classical():
		all[0], all[0].Name = reconstruction, "cross-entropy"
		return all[:1]
	}
	return all
}

// A chart is a plot of both curves of a series over the epochs, in units of its own, y going down.
type chart struct {
	Class, Label             string
	Width, Height            int
	Left, Right, Top, Bottom float64 // of the plot
	X, Y                     []mark
	Curves                   []curve
	Hover                    []strip
}

// Plot is the height of the plot.
func (c chart) Plot() float64 { return tenth(c.Bottom - c.Top) }

// A mark is a labelled place on an axis.
type mark struct {
	At    float64
	Label string
}

// A curve has dots where there are few.
type curve struct {
	Class, Points string
	Dots          [][2]float64
}

// A strip is what shows its text where the pointer is over it.
type strip struct {
	X, Width float64
	Text     string
}

// Measures of charts, in units that are pixels where there is room.
const (
	charWidth = 6.8 // of a label's character, about
	mostSpots = 400 // points of a curve; more would lie on each other
	mostHover = 200
	mostDots  = 40
)

// newChart plots a series of two epochs or more. The training curve begins with the second where
// there are more than two: its first is a mean over the start of training, beside which all others
// would be a flat line.
func newChart(class string, s series, epochs []Epoch, width, height int, hover bool) chart {
	n := len(epochs)
	train, test := make([]float64, n), make([]float64, n)
	for i, e := range epochs {
		train[i], test[i] = s.of(e.Train), s.of(e.Test)
	}
	first := 0
	if n > 2 {
		first = 1
	}
	shown := slices.Concat(train[first:], test)
	lo, hi := padded(slices.Min(shown), slices.Max(shown))
	c := chart{
		Class: class, Width: width, Height: height, Top: 8, Bottom: float64(height) - 40, Right: float64(width) - 8,
		Label: fmt.Sprintf("%s, %s, over %d epochs: test from %s to %s", s.Name, s.Unit, n, s.Value(epochs[0].Test), s.Value(epochs[n-1].Test)),
	}
	longest := 0
	c.Y = marks(lo, hi, c.Bottom-c.Top, 44)
	for _, m := range c.Y {
		longest = max(longest, len([]rune(m.Label)))
	}
	c.Left = tenth(charWidth*float64(longest)) + 10
	for i := range c.Y {
		c.Y[i].At = tenth(c.Bottom - c.Y[i].At)
	}
	const inset = 8 // of the first and the last epoch
	from, to := c.Left+inset, c.Right-inset
	x := func(epoch float64) float64 {
		return tenth(from + (epoch-1)/float64(n-1)*(to-from))
	}
	y := func(v float64) float64 { return tenth(c.Bottom - (v-lo)/(hi-lo)*(c.Bottom-c.Top)) }

	most := (to - from) / max(charWidth*float64(len(comma(n)))+14, 26)
	step := int(max(1, roundStep(float64(n)/max(most, 1))))
	for e := step; e <= n; e += step {
		c.X = append(c.X, mark{x(float64(e)), comma(e)})
	}
	if step > 2 && step < n { // there is room before the first
		c.X = append([]mark{{x(1), "1"}}, c.X...)
	}
	for _, k := range []struct {
		class  string
		first  int
		values []float64
	}{{"train", first, train[first:]}, {"test", 0, test}} {
		u := curve{Class: k.class}
		var b strings.Builder
		for _, i := range spots(k.values) {
			at := [2]float64{x(float64(k.first + i + 1)), y(k.values[i])}
			fmt.Fprintf(&b, "%v,%v ", at[0], at[1])
			if n <= mostDots {
				u.Dots = append(u.Dots, at)
			}
		}
		u.Points = strings.TrimSuffix(b.String(), " ")
		c.Curves = append(c.Curves, u)
	}
	if !hover {
		return c
	}
	each := (n + mostHover - 1) / mostHover
	for e := each; e <= n; e += each {
		left, right := max(x(float64(e)-float64(each)/2), c.Left), min(x(float64(e)+float64(each)/2), c.Right)
		c.Hover = append(c.Hover, strip{tenth(left), tenth(right - left), fmt.Sprintf("epoch %s: training %s, test %s %s",
			comma(e), s.Value(epochs[e-1].Train), s.Value(epochs[e-1].Test), s.Unit)})
	}
	return c
}

// padded is a range with some room around it, which is not empty.
func padded(lo, hi float64) (float64, float64) {
	span := hi - lo
	if least := 1e-9 * max(math.Abs(lo), math.Abs(hi), 1); span < least { // flat
		half := math.Abs(lo) / 100
		if half < least {
			half = 1
		}
		return lo - half, hi + half
	}
	padded := lo - 0.06*span
	if lo >= 0 {
		padded = max(padded, 0)
	}
	return padded, hi + 0.06*span
}

// roundStep is the least of 1, 2 and 5 times a power of ten that is not less than v, which is above
// 0.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= v {
			return f * power
		}
	}
	return 10 * power
}

// marks are round values of a range that is drawn so long, at least apart from each other, at their
// distance from its beginning.
func marks(lo, hi, length, apart float64) (m []mark) {
	step := roundStep((hi - lo) * apart / length)
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	for i := math.Ceil(lo / step); i*step <= hi; i++ {
		label := signed(i*step, decimals)
		if decimals > 6 {
			label = strings.Replace(strconv.FormatFloat(i*step, 'g', 3, 64), "-", minus, 1)
		}
		m = append(m, mark{(i*step - lo) / (hi - lo) * length, label})
	}
	return m
}

// spots are the indices of the values that a curve goes through: all, or of each of many short
// parts the least and the largest, so that no peak is lost.
func spots(values []float64) (at []int) {
	parts := len(values)
	if parts > mostSpots {
		parts = mostSpots / 2
	}
	for p := range parts {
		first, end := p*len(values)/parts, (p+1)*len(values)/parts
		lo, hi := first, first
		for i := first; i < end; i++ {
			if values[i] < values[lo] {
				lo = i
			}
			if values[i] > values[hi] {
				hi = i
			}
		}
		if at = append(at, min(lo, hi)); lo != hi {
			at = append(at, max(lo, hi))
		}
	}
	return at
}

// tenth rounds a place to what a screen can show.
func tenth(v float64) float64 { return math.Round(10*v) / 10 }

// minus is the sign that is as wide as a digit.
const minus = "\u2212"

// signed writes a number with a true minus sign, which zero never has, and its thousands apart.
func signed(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest, point := strings.Cut(s, ".")
	if s = thousands(whole); point {
		s += "." + rest
	}
	if v < 0 && strings.Trim(s, "0.,") != "" {
		return minus + s
	}
	return s
}

// comma writes a whole number with its thousands apart.
func comma[T int | int64](n T) string { return signed(float64(n), 0) }

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
