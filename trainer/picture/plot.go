package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dpi is the resolution of plots: half as fine again as a screen, for those with small pixels.
const dpi = 144

// newPlot returns a plot with quiet axes and grid lines.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		l, t := style(12, ink), style(10, faint)
		l.XAlign, l.YAlign = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		t.XAlign, t.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Label.TextStyle, a.Tick.Label = l, t
		a.Label.Padding = 6
		a.LineStyle.Color, a.Tick.LineStyle.Color = faint, faint
		a.Padding = 0
	}
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = rule, rule
	g.Vertical.Width, g.Horizontal.Width = 0.5, 0.5
	p.Add(g)
	return p
}

// ten are colours for classes that differ in hue and in lightness.
var ten = []color.NRGBA{
	{0x1f, 0x77, 0xb4, 0xff}, {0xff, 0x7f, 0x0e, 0xff}, {0x2c, 0xa0, 0x2c, 0xff}, {0xd6, 0x27, 0x28, 0xff}, {0x8a, 0x5c, 0xc4, 0xff},
	{0x8c, 0x56, 0x4b, 0xff}, {0xe3, 0x6f, 0xc0, 0xff}, {0x5f, 0x66, 0x70, 0xff}, {0xb5, 0xb8, 0x1f, 0xff}, {0x12, 0xbc, 0xcd, 0xff},
}

// spectrum returns a colour for each of n classes.
func spectrum(n int) []color.NRGBA {
	if n <= len(ten) {
		return ten[:n]
	}
	colours := make([]color.NRGBA, n)
	for i := range colours {
		// Once around the circle of hues, every other one darker.
		h, v := 6*float64(i)/float64(n), 0.9-0.3*float64(i%2)
		channel := func(k float64) uint8 {
			k = math.Mod(k+h, 6)
			return uint8(255 * v * (1 - 0.8*max(0, min(k, 4-k, 1))))
		}
		colours[i] = color.NRGBA{channel(5), channel(3), channel(1), 255}
	}
	return colours
}

// Latent draws the first two latent coordinates of every point, coloured by class, with a legend.
// points has len(labels) points of dims coordinates; dims is at least 2.
func Latent(points []float32, dims int, labels []byte) image.Image {
	classes := slices.Clone(labels)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	colours := spectrum(len(classes))

	s := &scatter{classes: len(classes)}
	for i, label := range labels {
		class, _ := slices.BinarySearch(classes, label)
		s.points = append(s.points, vg.Point{X: vg.Length(points[i*dims]), Y: vg.Length(points[i*dims+1])})
		s.class = append(s.class, class)
	}
	s.colours = colours
	for _, c := range classes {
		if len(classes) > 1 { // one is no class
			s.names = append(s.names, strconv.Itoa(int(c)))
		}
	}

	p := newPlot("z[0], mean", "z[1], mean")
	if dims > 2 {
		p.X.Label.Text += fmt.Sprintf(" (the first two of %d dimensions)", dims)
	}
	p.Add(s)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = s.square()
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{10, 0}, ticks{10, 0}

	const side, margin = 7.2 * vg.Inch, 12
	rows := 25
	legend := (vg.Length((len(classes)+rows-1)/rows))*46 + 4
	c, img := canvas(side+legend+margin, side, dpi)
	p.Draw(draw.Crop(c, margin, -legend-margin, margin, -margin))
	for i, name := range s.names {
		x := c.Max.X - legend + vg.Length(i/rows)*46
		y := c.Max.Y - margin - 12 - vg.Length(i%rows)*18
		c.SetColor(colours[i])
		c.Fill(disc(vg.Point{X: x, Y: y}, 4.5))
		st := style(12, ink)
		st.YAlign = draw.YCenter
		c.FillText(st, vg.Point{X: x + 10, Y: y}, name)
	}
	return img
}

// scatter plots points in their own order, so that no class lies on top of the others, and the name
// of every class on the middle of its points.
type scatter struct {
	points  []vg.Point
	class   []int
	classes int
	colours []color.NRGBA
	names   []string
}

// square is a range as high as it is wide that holds all points.
func (s *scatter) square() (xmin, xmax, ymin, ymax float64) {
	lo, hi := s.points[0], s.points[0]
	for _, p := range s.points {
		lo.X, lo.Y = min(lo.X, p.X), min(lo.Y, p.Y)
		hi.X, hi.Y = max(hi.X, p.X), max(hi.Y, p.Y)
	}
	half := float64(max(hi.X-lo.X, hi.Y-lo.Y))/2*1.04 + 1e-6
	x, y := float64(lo.X+hi.X)/2, float64(lo.Y+hi.Y)/2
	return x - half, x + half, y - half, y + half
}

func (s *scatter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := make([]vg.Point, len(s.points))
	for i, q := range s.points {
		at[i] = vg.Point{X: x(float64(q.X)), Y: y(float64(q.Y))}
		colour := s.colours[s.class[i]]
		colour.A = 0xa8
		c.SetColor(colour)
		c.Fill(disc(at[i], 1.3))
	}
	middles := make([]vg.Point, len(s.names))
	for class := range s.names {
		var xs, ys []vg.Length
		for i, q := range at {
			if s.class[i] == class {
				xs, ys = append(xs, q.X), append(ys, q.Y)
			}
		}
		slices.Sort(xs)
		slices.Sort(ys)
		middles[class] = vg.Point{X: xs[len(xs)/2], Y: ys[len(ys)/2]}
	}
	const radius = 9
	spread(middles, 2*radius)
	for class, name := range s.names {
		c.SetColor(color.NRGBA{255, 255, 255, 0xe6})
		c.Fill(disc(middles[class], radius))
		st := style(13, s.colours[class])
		st.XAlign, st.YAlign = draw.XCenter, draw.YCenter
		c.FillText(st, middles[class], name)
	}
}

// spread moves points apart, as little as may be, until no two are nearer than least, or nearly so.
func spread(points []vg.Point, least vg.Length) {
	for range 100 {
		for i := range points {
			for k := range i {
				d := points[i].Sub(points[k])
				distance := vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
				if distance >= least {
					continue
				}
				if distance == 0 {
					d, distance = vg.Point{Y: 1}, 1
				}
				d = d.Scale((least - distance) / distance / 2)
				points[i], points[k] = points[i].Add(d), points[k].Sub(d)
			}
		}
	}
}

func disc(centre vg.Point, radius vg.Length) vg.Path {
	var path vg.Path
	path.Move(vg.Point{X: centre.X + radius, Y: centre.Y})
	path.Arc(centre, radius, 0, 2*math.Pi)
	path.Close()
	return path
}

// Loss draws the course of a figure over the epochs, the first being 1, on the training set and on
// the test set. figure names it, with its unit. The training set's begins with the second where
// there are more: its first is a mean over the start of training, beside which all others would be
// a flat line.
func Loss(figure string, train, test []float64) image.Image {
	first := 1
	if len(train) > 2 {
		first = 2
	}
	return Course(figure, Line{"training set", first, train[first-1:]}, Line{"test set", 1, test})
}

// A Line is one of Course.
type Line struct {
	Name   string
	First  int // epoch, from 1
	Values []float64
}

// Course draws the course of a figure over the epochs.
func Course(figure string, lines ...Line) image.Image {
	p := newPlot("epoch", figure)
	p.Legend.Top = true
	p.Legend.TextStyle = style(12, ink)
	p.Legend.XOffs, p.Legend.YOffs = -10, -8
	p.Legend.Padding = 3
	last := 2
	for i, curve := range lines {
		xys := make(plotter.XYs, len(curve.Values))
		for k, v := range curve.Values {
			xys[k] = plotter.XY{X: float64(curve.First + k), Y: v}
		}
		last = max(last, curve.First+len(curve.Values)-1)
		line, points, err := plotter.NewLinePoints(xys)
		if err != nil {
			panic(err) // no values, or not finite ones: the caller's fault
		}
		line.Color, line.Width = ten[i], 1.8
		points.Color, points.Radius, points.Shape = ten[i], 3, draw.CircleGlyph{}
		p.Add(line, points)
		p.Legend.Add(curve.Name, line, points)
	}
	p.X.Min, p.X.Max = 1, float64(last)
	if p.Y.Min == p.Y.Max {
		p.Y.Min, p.Y.Max = p.Y.Min-1, p.Y.Max+1
	}
	p.X.Padding, p.Y.Padding = 10, 10
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{12, 1}, ticks{8, 0}
	c, img := canvas(8*vg.Inch, 5*vg.Inch, dpi)
	p.Draw(draw.Crop(c, 12, -16, 12, -14))
	return img
}

// ticks are round numbers, about count of them, not closer than least.
type ticks struct{ count, least float64 }

func (t ticks) Ticks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/t.count)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if s := step * factor; (high-low)/s <= t.count || factor == 10 {
			step = s
			break
		}
	}
	step = max(step, t.least)
	decimals := max(0, int(-math.Floor(math.Log10(step))))
	var marks []plot.Tick
	for i := math.Ceil(low / step); i*step <= high; i++ {
		label := strconv.FormatFloat(math.Abs(i*step), 'f', decimals, 64)
		if i < 0 {
			label = minus + label
		}
		marks = append(marks, plot.Tick{Value: i * step, Label: label})
	}
	return marks
}
