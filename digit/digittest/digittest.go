// Package digittest draws photographs of handwritten digits as people take them: on paper of many
// kinds, in boxes and circles, in shadows, on notes, on transparency. It is for tests of what reads
// them.
package digittest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// A Kind is one of the kinds of photographs.
type Kind string

// Kinds are all of them, and what must come of each.
var Kinds = []struct {
	Kind
	// "plain" or "hard", to be read; "bold", the same, but for those whose gaps the pen fills,
	// which makes an 8 of a 3; "refused"; "either", but not taken for another
	Wants string
}{
	{"plain", "plain"}, {"pencil", "plain"}, {"pale squares", "plain"}, {"pale lines", "plain"}, {"punched", "plain"},
	{"chalk", "plain"}, {"screen", "plain"}, {"16 bits", "plain"}, {"palette", "plain"}, {"light", "plain"}, {"felt pen", "bold"},
	{"boxed", "hard"}, {"circled", "hard"}, {"underlined", "hard"}, {"squared", "hard"}, {"lined", "hard"},
	{"shadow", "hard"}, {"note", "hard"}, {"white on clear", "hard"}, {"black on clear", "plain"}, {"colour", "hard"},
	{"soft shadow", "hard"}, {"hole beside", "hard"}, {"touched box", "either"}, {"form", "either"},
	{"thick pen", "bold"}, {"line touches", "either"}, {"dashed box", "either"}, {"open circle", "hard"},
	{"two", "refused"}, {"two above", "refused"}, {"noise", "refused"}, {"blank", "refused"}, {"empty box", "refused"}, {"empty form", "refused"},
	{"empty note", "refused"}, {"empty shadow", "refused"},
}

// rgb are levels from 0 to 1.
type rgb [3]float64

func grey(v float64) rgb { return rgb{v, v, v} }

func (a rgb) mix(b rgb, t float64) rgb {
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}

// A sketch is what is drawn. Places are in units of the digit's square of 28 pixels of MNIST, which
// is [0, 1] x [0, 1]: up to 20/28 of that are ink.
type sketch struct {
	*rand.Rand
	w, h   int
	side   float64    // pixels of the digit's square
	at     [2]float64 // of its middle, in pixels
	matrix [4]float64 // from pixels to the square, and two terms of perspective
	tilt   [2]float64
	pixels []byte  // of MNIST
	other  []byte  // a second digit's; may be nil
	apart  float64 // how far it is to the right
	below  float64
	pen    float64 // level of MNIST's pixels at the edge of ink
	soft   float64 // of edges, in pixels
	paper  rgb
	ink    rgb
	noise  float64
	light  [3]float64 // change of the light along x and y, and toward the corners
	grain  float64

	under func(u, v float64, c rgb) rgb  // draws on the paper
	shade func(x, y float64) float64     // light, by the place in shorter sides
	desk  func(u, v float64) (rgb, bool) // what is around the paper
}

func (s *sketch) between(a, b float64) float64 { return a + (b-a)*s.Float64() }
func (s *sketch) chance(p float64) bool        { return s.Float64() < p }

// Draw returns a photograph of a kind. pixels are 28 x 28 of MNIST; other is the second digit of
// the kinds "two" and "two above". The same seed gives the same photograph, on a CPU.
func Draw(kind Kind, pixels, other []byte, seed uint64) image.Image {
	s := &sketch{Rand: rand.New(rand.NewPCG(seed, 20)), pixels: pixels}
	s.w = int(200 * math.Pow(5, s.Float64()))
	s.h = min(max(int(float64(s.w)*s.between(0.65, 1.5)), 200), 1100)
	if s.chance(0.04) {
		s.w, s.h = 2*s.w, 2*s.h
	}
	short := float64(min(s.w, s.h))
	s.side = short * s.between(0.35, 0.85)
	s.at = [2]float64{float64(s.w) * s.between(0.42, 0.58), float64(s.h) * s.between(0.42, 0.58)}
	s.soft = s.between(0.7, 1.2+short/400)
	s.pen = s.between(0.3, 0.6)
	s.paper = grey(s.between(0.75, 0.97)).mix(rgb{0.95, 0.88, 0.7}, s.between(0, 0.5))
	s.ink = rgb{s.between(0.02, 0.25), s.between(0.02, 0.25), s.between(0.02, 0.45)}
	s.noise = s.between(0.004, 0.03)
	s.light = [3]float64{s.between(-0.2, 0.2), s.between(-0.2, 0.2), s.between(0, 0.12)}
	s.grain = s.between(0, 0.02)
	angle := s.between(-7, 7)
	jpegs, wrap := s.chance(0.5), func(img *image.NRGBA) image.Image { return img }

	square := func() float64 { return s.between(0.1, 0.3) } // the squares' side, 4 to 12 mm
	line := func() rgb {
		return [...]rgb{{0.3, 0.45, 0.75}, grey(0.45), {0.8, 0.4, 0.4}, {0.25, 0.25, 0.3}, {0.35, 0.6, 0.5}}[s.IntN(5)]
	}
	switch kind {
	case "pencil":
		s.ink, s.pen = grey(s.between(0.35, 0.6)), s.between(0.3, 0.55)
		grain := s.Uint64()
		s.under = func(u, v float64, c rgb) rgb { return c.mix(grey(0.8), 0.05*value(grain, u*90, v*90)) }
	case "pale squares", "pale lines", "squared", "lined":
		strong := kind == "squared" || kind == "lined"
		colour, width := line(), max(s.between(0.004, 0.012), 0.8/s.side)
		if !strong {
			colour = colour.mix(s.paper, s.between(0.6, 0.8))
			s.ink = grey(s.between(0.02, 0.2))
		}
		p, x0, y0 := square(), s.Float64(), s.Float64()
		if kind == "lined" || kind == "pale lines" {
			p = s.between(0.25, 0.6)
		}
		margin := kind == "lined" && s.chance(0.3)
		s.under = func(u, v float64, c rgb) rgb {
			soft := s.soft / s.side
			d := math.Abs(math.Remainder(v-y0*p, p))
			if kind == "squared" || kind == "pale squares" {
				d = min(d, math.Abs(math.Remainder(u-x0*p, p)))
			}
			c = c.mix(colour, edge(width/2-d, soft))
			if margin {
				c = c.mix(rgb{0.8, 0.3, 0.3}, edge(width/2-math.Abs(u+0.2), soft))
			}
			return c
		}
	case "punched":
		x, hole := s.between(-0.35, -0.15), s.between(0.04, 0.07)
		s.at[0] = float64(s.w) * s.between(0.5, 0.62)
		dark := grey(s.between(0.05, 0.5))
		s.under = func(u, v float64, c rgb) rgb {
			for _, y := range []float64{0.2, 1.0} {
				c = c.mix(dark, edge(hole-math.Hypot(u-x, v-y), s.soft/s.side))
			}
			return c
		}
	case "chalk":
		s.paper, s.ink = rgb{0.12, s.between(0.15, 0.3), 0.18}, grey(s.between(0.75, 0.95))
		grain := s.Uint64()
		s.under = func(u, v float64, c rgb) rgb { return c.mix(grey(0.6), 0.12*value(grain, u*7, v*7)) }
	case "screen":
		s.paper, s.ink, s.noise, s.grain, s.light = grey(0), grey(1), 0, 0, [3]float64{}
		if s.chance(0.5) {
			s.paper, s.ink = rgb{0.1, 0.12, 0.3}, rgb{0.9, 0.9, 0.4}
		}
		angle, jpegs = 0, false
	case "16 bits":
		jpegs, wrap = false, deep
	case "palette":
		jpegs, wrap = false, paletted
	case "felt pen":
		s.pixels, s.pen = bold(pixels), s.between(0.15, 0.5)
	case "thick pen":
		s.pixels, s.pen = bold(bold(pixels)), s.between(0.3, 0.6)
	case "light": // of a lamp on one side
		s.light = [3]float64{s.between(-0.7, 0.7), s.between(-0.4, 0.4), s.between(0, 0.2)}
	case "boxed", "circled":
		s.side = short * s.between(0.35, 0.6)
		s.frame(kind == "circled", 0, 0, 0)
	case "touched box":
		s.side = short * s.between(0.35, 0.6)
		s.frame(false, s.between(0.12, 0.2), 0, 0)
	case "dashed box", "open circle":
		s.side = short * s.between(0.35, 0.6)
		if kind == "dashed box" {
			s.frame(false, 0, s.between(0.06, 0.15), 0)
		} else {
			s.frame(true, 0, 0, s.between(0.12, 0.5))
		}
	case "empty box":
		s.side, s.pixels = short*s.between(0.35, 0.6), nil
		s.frame(false, 0, 0, 0)
	case "form", "empty form":
		s.side = short * s.between(0.35, 0.6)
		if kind == "empty form" {
			s.pixels = nil
		}
		s.cells()
	case "hole beside":
		x, y, hole := s.between(-0.05, 0.1), s.between(0.2, 0.8), s.between(0.04, 0.07)
		s.under = func(u, v float64, c rgb) rgb {
			return c.mix(grey(0.1), edge(hole-math.Hypot(u-x, v-y), s.soft/s.side))
		}
	case "underlined":
		s.side = short * s.between(0.35, 0.7)
		s.underline(s.between(0.93, 1.1))
	case "line touches":
		s.side = short * s.between(0.35, 0.7)
		bottom := 0
		for i, v := range pixels {
			if v > 100 {
				bottom = i/28 + 1
			}
		}
		s.underline(float64(bottom)/28 - s.between(0, 0.04))
	case "empty shadow":
		s.pixels = nil
		s.shadow(math.Pow(10, s.between(-2.7, -0.9)))
	case "shadow":
		s.shadow(math.Pow(10, s.between(-2.7, -0.9)))
	case "soft shadow":
		s.shadow(s.between(0.1, 0.35))
	case "note", "empty note":
		s.note()
		if kind == "empty note" {
			s.pixels = nil
		}
	case "white on clear", "black on clear":
		v := uint8(0)
		if kind == "white on clear" {
			v = uint8(255 - s.IntN(2)*s.IntN(25))
		}
		s.paper, s.ink, s.noise, s.grain, s.light = grey(1), grey(0), 0, 0, [3]float64{}
		jpegs, wrap = false, func(img *image.NRGBA) image.Image { return clear(img, v) }
	case "colour":
		s.equal()
		jpegs = jpegs && s.chance(0.5)
	case "two":
		s.other, s.apart = other, s.between(0.5, 0.95)
		s.side = min(short*0.7, float64(s.w)/(1.2+s.apart)) * s.between(0.6, 1)
		s.at[0] = float64(s.w)/2 - s.side*s.apart/2
	case "two above":
		s.other, s.below = other, s.between(0.78, 1)
		s.side = min(short*0.7, float64(s.h)/(1.2+s.below)) * s.between(0.6, 1)
		s.at[1] = float64(s.h)/2 - s.side*s.below/2
	case "noise":
		return s.static()
	case "blank":
		s.pixels = nil
	}
	s.place(angle)
	img := wrap(s.render())
	if jpegs {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 50 + s.IntN(46)}); err != nil {
			panic(err)
		}
		lossy, err := jpeg.Decode(&b)
		if err != nil {
			panic(err)
		}
		return lossy
	}
	return img
}

// place turns and skews the square.
func (s *sketch) place(degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	skew := s.between(-0.05, 0.05)
	s.matrix = [4]float64{cos / s.side, sin / s.side, (-sin + skew) / s.side, cos / s.side}
	s.tilt = [2]float64{s.between(-0.06, 0.06) / s.side, s.between(-0.06, 0.06) / s.side}
}

// frame draws a box or a circle around the digit, printed or by hand, narrower than there is room
// for, of dashes of a length, or open by half an angle.
func (s *sketch) frame(round bool, narrower, dashes, open float64) {
	width := max(s.between(0.01, 0.05), 1.2/s.side)
	colour := s.ink
	if s.chance(0.5) {
		colour = [...]rgb{grey(0.25), {0.7, 0.15, 0.15}, {0.2, 0.3, 0.6}}[s.IntN(3)]
	}
	rx, ry := s.between(0.5, 0.72)-narrower, s.between(0.55, 0.72)-narrower
	hand := s.chance(0.6)
	var wobble [4]float64
	if hand {
		for i := range wobble {
			wobble[i] = s.between(-0.03, 0.03)
		}
	}
	phase := s.between(0, 2*math.Pi)
	if round {
		rx, ry = s.between(0.6, 0.75), s.between(0.62, 0.8)
	}
	gap := hand && s.chance(0.3)
	s.under = func(u, v float64, c rgb) rgb {
		u, v = u-0.5, v-0.5
		a := math.Atan2(v, u)
		r := wobble[0]*math.Sin(a+phase) + wobble[1]*math.Sin(2*a+phase) + wobble[2]*math.Cos(3*a)
		if gap && math.Abs(a-phase/2) < 0.12 || math.Abs(a-phase/2) < open || dashes > 0 && math.Abs(math.Remainder(u+v, dashes)) > 0.3*dashes {
			return c
		}
		var d float64
		if round {
			d = (math.Hypot(u/rx, v/ry) - 1 - r) * (rx + ry) / 2
		} else {
			d = max(math.Abs(u)-rx, math.Abs(v)-ry) - r/2
		}
		return c.mix(colour, edge(width/2-math.Abs(d), s.soft/s.side))
	}
}

// cells draws a row of boxes, of which the digit is in one.
func (s *sketch) cells() {
	width, half := max(s.between(0.008, 0.025), 0.8/s.side), s.between(0.5, 0.65)
	tall, first, last := half*s.between(0.9, 1.1), -1-s.IntN(3), 1+s.IntN(3)
	colour := [...]rgb{grey(0.15), grey(0.45), {0.8, 0.4, 0.35}, {0.2, 0.4, 0.6}}[s.IntN(4)]
	s.under = func(u, v float64, c rgb) rgb {
		u, v = u-0.5, v-0.5
		line := min(math.Abs(math.Remainder(u-half, 2*half)), math.Abs(math.Abs(v)-tall))
		within := min(u-float64(2*first-1)*half, float64(2*last+1)*half-u, tall-math.Abs(v)) + width/2
		return c.mix(colour, edge(min(width/2-line, within), s.soft/s.side))
	}
}

// underline draws a line at a height, or two.
func (s *sketch) underline(y float64) {
	width := max(s.between(0.015, 0.06), 1.2/s.side)
	left, right, slope := s.between(-0.2, 0.2), s.between(0.8, 1.2), s.between(-0.06, 0.06)
	bend, double := s.between(-0.04, 0.04), s.chance(0.25)
	s.under = func(u, v float64, c rgb) rgb {
		line := v - y - slope*(u-0.5) - bend*math.Sin(5*u)
		d := math.Abs(line)
		if double {
			d = min(d, math.Abs(line-3*width))
		}
		return c.mix(s.ink, edge(min(width/2-d, u-left, right-u), s.soft/s.side))
	}
}

// shadow darkens a part of the picture: a half plane, a corner or a band, with an edge so soft, in
// shorter sides.
func (s *sketch) shadow(soft float64) {
	short := float64(min(s.w, s.h))
	depth := s.between(0.35, 0.65)
	x, y := s.at[0]/short+s.between(-0.12, 0.12), s.at[1]/short+s.between(-0.12, 0.12)
	sin, cos := math.Sincos(s.between(0, 2*math.Pi))
	sin2, cos2 := math.Sincos(s.between(0, 2*math.Pi))
	form, bend := s.IntN(4), s.between(-0.5, 0.5)
	s.shade = func(px, py float64) float64 {
		dx, dy := px-x, py-y
		d := dx*cos + dy*sin
		switch form {
		case 0:
			d += bend * (dx*sin - dy*cos) * (dx*sin - dy*cos) // a head's or an arm's
		case 1:
			d = min(d+0.15, dx*cos2+dy*sin2+0.15)
		}
		return 1 - (1-depth)*edge(d, soft)
	}
}

// note lays the digit's paper on a desk.
func (s *sketch) note() {
	s.side = float64(min(s.w, s.h)) * s.between(0.25, 0.5)
	s.paper = [...]rgb{{1, 0.93, 0.35}, {1, 0.95, 0.45}, {0.98, 0.6, 0.7}, {0.6, 0.9, 0.6}, {0.6, 0.8, 0.95}, grey(0.95)}[s.IntN(6)]
	dark := [...]rgb{{0.27, 0.2, 0.16}, grey(0.1), {0.4, 0.28, 0.18}, {0.15, 0.2, 0.25}, {0.55, 0.42, 0.3}}[s.IntN(5)]
	left, right, top, bottom := s.between(0.5, 0.9), s.between(0.5, 0.9), s.between(0.5, 0.9), s.between(0.5, 0.9)
	if s.chance(0.25) {
		left += 3 // out of the picture
	}
	sin, cos := math.Sincos(s.between(-0.35, 0.35))
	grain, wood := s.Uint64(), s.chance(0.3)
	s.desk = func(u, v float64) (rgb, bool) {
		u, v = u-0.5, v-0.5
		u, v = u*cos+v*sin, v*cos-u*sin
		if u > -left && u < right && v > -top && v < bottom {
			return rgb{}, false
		}
		if wood {
			return dark.mix(grey(0.05), 0.35*value(grain, u*2, v*14)), true
		}
		return dark, true
	}
}

// equal chooses colours of ink and paper whose luminance is the same, or nearly.
func (s *sketch) equal() {
	pairs := [][2]rgb{
		{{0.85, 0.2, 0.2}, {0.3, 0.45, 0.3}}, {{0.2, 0.35, 0.9}, {0.5, 0.33, 0.3}}, {{0.9, 0.5, 0.2}, {0.45, 0.6, 0.75}},
		{{0.75, 0.75, 0.2}, {0.72, 0.7, 0.9}}, {{0.2, 0.55, 0.3}, {0.7, 0.32, 0.5}},
	}
	p := pairs[s.IntN(len(pairs))]
	s.ink, s.paper = p[0], p[1]
	luminance := func(c rgb) float64 { return 0.299*c[0] + 0.587*c[1] + 0.114*c[2] }
	off := luminance(s.paper) - luminance(s.ink) + s.between(-0.02, 0.02)
	for i := range s.ink {
		s.ink[i] = min(max(s.ink[i]+off, 0), 1)
	}
	s.noise = s.between(0.002, 0.015)
	for i := range s.light {
		s.light[i] /= 2
	}
}

// static is a picture of nothing but noise.
func (s *sketch) static() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	cell := 1 + s.IntN(4)*s.IntN(6)
	levels, coloured, middle, spread := s.IntN(4), s.chance(0.5), s.between(0.3, 0.7), s.between(0.05, 0.3)
	seed := s.Uint64()
	for y := range s.h {
		for x := range s.w {
			var c [3]uint8
			for i := range c {
				k := i
				if !coloured {
					k = 0
				}
				n := hash(seed+uint64(k), x/cell, y/cell)
				v := n
				switch levels {
				case 0:
					v = math.Round(n)
				case 1:
					v = middle + spread*(n+hash(seed+7+uint64(k), x/cell, y/cell)+hash(seed+17+uint64(k), x/cell, y/cell)-1.5)*2
				case 2:
					v = value(seed+uint64(k), float64(x)/float64(cell+3), float64(y)/float64(cell+3))
				}
				c[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
			}
			img.SetNRGBA(x, y, color.NRGBA{c[0], c[1], c[2], 255})
		}
	}
	return img
}

// cover is how much of a place is ink.
func (s *sketch) cover(pixels []byte, u, v float64) float64 {
	x, y := u*28-0.5, v*28-0.5
	if x < 0 || y < 0 || x >= 27 || y >= 27 || pixels == nil {
		return 0
	}
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	at := func(j, i int) float64 { return float64(pixels[j*28+i]) / 255 }
	level := (at(j, i)*(1-fx)+at(j, i+1)*fx)*(1-fy) + (at(j+1, i)*(1-fx)+at(j+1, i+1)*fx)*fy
	// Half a pixel of MNIST is one level
	return edge((level-s.pen)/28, s.soft/s.side)
}

// render draws the picture.
func (s *sketch) render() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	short := float64(min(s.w, s.h))
	fibre := s.Uint64()
	for y := range s.h {
		for x := range s.w {
			px, py := float64(x)+0.5, float64(y)+0.5
			dx, dy := px-s.at[0], py-s.at[1]
			d := 1 + s.tilt[0]*dx + s.tilt[1]*dy
			u, v := 0.5+(s.matrix[0]*dx+s.matrix[1]*dy)/d, 0.5+(s.matrix[2]*dx+s.matrix[3]*dy)/d
			c, around := rgb{}, false
			if s.desk != nil {
				c, around = s.desk(u, v)
			}
			if !around {
				c = s.paper
				if s.under != nil {
					c = s.under(u, v, c)
				}
				c = c.mix(s.ink, s.cover(s.pixels, u, v))
				if s.other != nil {
					c = c.mix(s.ink, s.cover(s.other, u-s.apart, v-s.below))
				}
			}
			lx, ly := 2*px/float64(s.w)-1, 2*py/float64(s.h)-1
			light := 1 + s.light[0]*lx/2 + s.light[1]*ly/2 - s.light[2]*(lx*lx+ly*ly)/2
			if s.shade != nil {
				light *= s.shade(px/short, py/short)
			}
			light *= 1 + s.grain*(value(fibre, px/3, py/3)-0.5)*2
			n := 0.0
			if s.noise > 0 {
				n = s.noise * s.NormFloat64()
			}
			var out [3]uint8
			for i := range out {
				out[i] = uint8(min(max(c[i]*light+n+s.noise/2*(s.Float64()-0.5), 0), 1)*255 + 0.5)
			}
			img.SetNRGBA(x, y, color.NRGBA{out[0], out[1], out[2], 255})
		}
	}
	return img
}

// edge goes from 0 to 1 within a width around 0.
func edge(d, width float64) float64 {
	t := min(max(d/width+0.5, 0), 1)
	return t * t * (3 - 2*t)
}

// hash is a number in [0, 1) for a place.
func hash(seed uint64, x, y int) float64 {
	h := seed ^ uint64(uint32(x))*0x9e3779b97f4a7c15 ^ uint64(uint32(y))*0xc2b2ae3d27d4eb4f
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 32
	h *= 0x94d049bb133111eb
	return float64(h>>11) / (1 << 53)
}

// bold is a digit whose strokes are wider by a pixel of MNIST.
func bold(pixels []byte) []byte {
	b := make([]byte, len(pixels))
	for i := range b {
		x, y := i%28, i/28
		b[i] = max(pixels[i], pixels[y*28+min(x+1, 27)], pixels[min(y+1, 27)*28+x])
	}
	return b
}

// value is smooth noise.
func value(seed uint64, x, y float64) float64 {
	i, j := math.Floor(x), math.Floor(y)
	fx, fy := edge(x-i-0.5, 1), edge(y-j-0.5, 1)
	at := func(a, b int) float64 { return hash(seed, int(i)+a, int(j)+b) }
	return (at(0, 0)*(1-fx)+at(1, 0)*fx)*(1-fy) + (at(0, 1)*(1-fx)+at(1, 1)*fx)*fy
}

// deep is the picture in 16 bits.
func deep(img *image.NRGBA) image.Image {
	b := img.Bounds()
	d := image.NewGray16(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			d.Set(x, y, img.At(x, y))
		}
	}
	return d
}

// paletted is the picture in 16 levels of grey.
func paletted(img *image.NRGBA) image.Image {
	b := img.Bounds()
	var levels color.Palette
	for i := range 16 {
		levels = append(levels, color.Gray{uint8(17 * i)})
	}
	p := image.NewPaletted(b, levels)
	for y := range b.Dy() {
		for x := range b.Dx() {
			p.SetColorIndex(x, y, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y/16)
		}
	}
	return p
}

// clear makes a picture of ink of a level on transparency.
func clear(img *image.NRGBA, level uint8) image.Image {
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i+3] = 255 - img.Pix[i]
		img.Pix[i], img.Pix[i+1], img.Pix[i+2] = level, level, level
	}
	return img
}
