package scene

import (
	"fmt"
	"image"
	"image/draw"
	"slices"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/latent"
)

// ClockOptions say what a clock shows.
type ClockOptions struct {
	Now     func() time.Time // nil: time.Now
	Zone    *time.Location   // nil: the system's
	Round   bool             // of the display only the circle within is to be seen
	Hours12 bool             // 12:59 before 1:00, in place of 0 to 23 hours
	Seconds bool
}

// Clock returns the scene of a clock with generated digits. Every minute each is written anew in
// another hand, morphing in the last second. In between they stand still, and frames cost neither
// decoding nor scaling.
//
// A frame depends on the time and the seed alone: a clock that is set shows the new time at once.
func Clock(o ClockOptions) Info {
	return Info{"clock", "the time, in digits that are never drawn twice alike", crispModel, func(d Decoder, seed uint64, size image.Point) (Scene, error) {
		return newClock(d, seed, size, o)
	}}
}

const (
	// clockMorph is how long digits take to become the next; those of single seconds take
	// clockQuick.
	clockMorph = time.Second
	clockQuick = 400 * time.Millisecond
)

// Measures of a clock, in 1/28 of the width or height of a digit's picture. They suit MNIST's
// digits, which fill 20/28 of theirs.
const (
	clockWhole   = 28
	clockInk     = 22 // of a digit's height, at most
	clockAcross  = 20 // from a digit to the next
	clockDown    = 24 // from a line to the next, at least, and if there is room
	clockRoomy   = 30
	clockColon   = 8 // across
	clockDot     = 3 // diameter of a colon's dots
	clockDotAway = 5 // of a dot's middle from that of the line
)

// clock is the scene of [Clock].
type clock struct {
	ClockOptions
	decoder  Decoder
	seed     uint64
	concepts [10]int // the classes of the digits
	classes  *latent.Classes
	places   []place
	from, to []int16

	tile   image.Point // the size of a digit's picture
	scaler *scaler
	x, y   *axis
	frame  canvas // without what is written over it
	drawn  bool
	dot    canvas
	dots   []image.Point
}

// A place is where a digit stands.
type place struct {
	digit   int  // of the six of a time
	first   bool // in the line of the hours
	at      image.Point
	point   []int16
	level   int // brightness, in 1/256
	shown   []int16
	lit     int // the level of what is shown
	decoded bool
	picture []uint8
	tile    canvas
}

// Digits of a time, from tens of hours to single seconds.
const (
	hourTens = iota
	hourOnes
	minuteTens
	minuteOnes
	secondTens
	secondOnes
)

// noDigit is in the place of tens of hours where there are none.
const noDigit = -1

func newClock(d Decoder, seed uint64, size image.Point, o ClockOptions) (Scene, error) {
	m := d.Model()
	concepts, missing := digits(m)
	switch n := len(missing); {
	case n == len(concepts):
		return nil, fmt.Errorf("scene: the clock needs the concepts 0 to 9, model %s has none: %s has them", m.Name, crispModel)
	case n > 0:
		return nil, fmt.Errorf("scene: the clock needs the concepts 0 to 9, model %s lacks %s: %s has them", m.Name, strings.Join(missing, ", "), crispModel)
	}
	s := &clock{ClockOptions: o, decoder: d, seed: seed, concepts: concepts, from: make([]int16, m.Latent), to: make([]int16, m.Latent)}
	s.classes = classes(m)
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Zone == nil {
		s.Zone = time.Local
	}
	pel := canvasOf(NewImage(m, image.Pt(1, 1), Grey)).pel
	lines := s.layout(m.Image, size)
	s.scaler = newScaler(m.Image, s.tile.X)
	s.x, s.y = newAxis(m.Image[1], s.tile.X), newAxis(m.Image[0], s.tile.Y)
	s.dot = newDot(max(2, (clockDot*s.tile.Y+clockWhole/2)/clockWhole), pel)
	s.frame = newCanvas(size, pel)
	// In 1/clockWhole pixels, as all that follows, or halves of it
	down := min(clockRoomy*s.tile.Y, size.Y*clockWhole/len(lines))
	if s.Round {
		down = clockDown * s.tile.Y
	}
	middle := size.Y*clockWhole - (len(lines)-1)*down // of a line, from above
	for i, line := range lines {
		left := size.X*clockWhole - width(line)*s.tile.X
		for k, digit := range line {
			if k > 0 && k%2 == 0 {
				x := (left+clockColon*s.tile.X)/(2*clockWhole) - s.dot.size.X/2
				for _, away := range []int{-clockDotAway, clockDotAway} {
					// Of the first line
					s.dots = append(s.dots, image.Pt(x, (middle+2*away*s.tile.Y)/(2*clockWhole)-s.dot.size.Y/2))
				}
				left += 2 * clockColon * s.tile.X
			}
			s.places = append(s.places, place{
				digit: digit,
				first: i == 0,
				at: image.Pt(
					floorDiv(left+(clockAcross-clockWhole)*s.tile.X, 2*clockWhole),
					floorDiv(middle-clockWhole*s.tile.Y, 2*clockWhole)),
				point: make([]int16, m.Latent), shown: make([]int16, m.Latent),
				picture: make([]uint8, m.PictureSize()),
				tile:    newCanvas(s.tile, pel),
			})
			left += 2 * clockAcross * s.tile.X
		}
		middle += 2 * down
	}
	return s, nil
}

// layout chooses the lines of the time, pairs of digits with colons between, and the size of
// digits. One line reads best: there are more only if digits become a third larger.
func (s *clock) layout(shape [3]int, size image.Point) [][]int {
	hours, minutes, seconds := []int{hourTens, hourOnes}, []int{minuteTens, minuteOnes}, []int{secondTens, secondOnes}
	both := slices.Concat(hours, minutes)
	choices := [][][]int{{both}, {hours, minutes}}
	if s.Seconds {
		choices = [][][]int{{slices.Concat(both, seconds)}, {both, seconds}, {hours, minutes, seconds}}
	}
	var best [][]int
	for _, lines := range choices {
		widest := 0
		for _, line := range lines {
			widest = max(widest, width(line))
		}
		h, w := shape[0], shape[1]
		high := min(size.Y*clockWhole/(clockDown*len(lines)), size.X*clockWhole*h/(widest*w))
		if s.Round {
			high = roundHigh(lines, min(size.X, size.Y), h, w)
		}
		if best == nil || 3*high >= 4*s.tile.Y {
			best, s.tile = lines, image.Pt(max(1, high*w/h), max(1, high))
		}
	}
	return best
}

// roundHigh is how high pictures of digits, h by w, can be for lines that keep within a circle.
func roundHigh(lines [][]int, diameter, h, w int) (high int) {
	for ; high < diameter; high++ {
		for i, line := range lines {
			// Of a line's corner from the middle, in 1/(2*clockWhole) pixels
			x := width(line) * (high + 1) * w / h
			y := max(2*i+1-len(lines), len(lines)-1-2*i)*clockDown*(high+1) + clockInk*(high+1)
			if x*x+y*y > diameter*diameter*clockWhole*clockWhole {
				return max(1, high)
			}
		}
	}
	return high
}

// width is how wide a line is, in 1/clockWhole of a digit's picture.
func width(line []int) int { return clockAcross*len(line) + clockColon*(len(line)/2-1) }

// Render implements [Scene].
func (s *clock) Render(dst draw.Image, _ uint64) {
	now := s.Now().In(s.Zone)
	changed := !s.drawn
	for i := range s.places {
		if p := &s.places[i]; s.set(p, now) {
			s.write(p)
			changed = true
		}
	}
	if changed {
		s.compose()
		s.drawn = true
	}
	canvasOf(dst).copy(s.frame, image.Point{})
}

// set finds what a place shows at a time, and reports whether that has changed.
func (s *clock) set(p *place, now time.Time) bool {
	// How long the digit stands, and since when.
	period, quick := 60, clockMorph
	switch p.digit {
	case secondOnes:
		period, quick = 1, clockQuick
	case secondTens:
		period = 10
	}
	begin := now.Unix() - int64(now.Second()%period)
	end := begin + int64(period)
	from, to := s.digitAt(p.digit, now), s.digitAt(p.digit, time.Unix(end, 0).In(s.Zone))
	s.writing(s.from, p.digit, from, begin)
	s.writing(s.to, p.digit, to, end)

	// Smoothstep, 3u^2 - 2u^3, in 1/unit.
	left := time.Duration(end-now.Unix())*time.Second - time.Duration(now.Nanosecond())
	u := int64(max(quick-left, 0)) * unit / int64(quick)
	part := u * u / unit * (3*unit - 2*u) / unit
	switch {
	case from == noDigit && to == noDigit:
		p.level = 0
	case from == noDigit:
		p.level, part = int(part*256/unit), unit
	case to == noDigit:
		p.level, part = 256-int(part*256/unit), 0
	default:
		p.level = 256
	}
	for i, a := range s.from {
		p.point[i] = int16(int64(a) + (int64(s.to[i])-int64(a))*part/unit)
	}
	return !p.decoded || p.level != p.lit || !slices.Equal(p.point, p.shown)
}

// digitAt is the digit of a time, or noDigit.
func (s *clock) digitAt(digit int, t time.Time) int {
	hour, minute, second := t.Clock()
	if s.Hours12 {
		hour = (hour+11)%12 + 1
	}
	n := [...]int{hour / 10, hour % 10, minute / 10, minute % 10, second / 10, second % 10}[digit]
	if s.Hours12 && digit == hourTens && n == 0 {
		return noDigit
	}
	return n
}

// writing fills point with a digit as it is written in a place from a moment on.
func (s *clock) writing(point []int16, digit, n int, since int64) {
	if n == noDigit {
		clear(point)
		return
	}
	r := latent.NewStream(s.seed, uint64(since)*(secondOnes+1)+uint64(digit))
	s.classes.Draw(point, r, s.concepts[n])
}

// write makes a place show its point.
func (s *clock) write(p *place) {
	p.tile.blank()
	if p.level > 0 {
		s.decoder.Decode(p.picture, p.point)
		for i, v := range p.picture {
			p.picture[i] = uint8(int(v) * p.level >> 8)
		}
		shape := s.decoder.Model().Image
		s.scaler.draw(p.tile, image.Point{}, s.x, s.y, p.picture, inked(shape, p.picture))
	}
	copy(p.shown, p.point)
	p.lit, p.decoded = p.level, true
}

// compose puts the frame together.
func (s *clock) compose() {
	s.frame.blank()
	// The line of the hours is centred without tens, too.
	missing := 256 - s.places[hourTens].level
	shift := image.Pt(clockAcross*s.tile.X*missing/(256*2*clockWhole), 0)
	for i := range s.places {
		at := s.places[i].at
		if s.places[i].first {
			at = at.Sub(shift)
		}
		s.frame.lighten(s.places[i].tile, at)
	}
	for _, at := range s.dots {
		s.frame.lighten(s.dot, at.Sub(shift))
	}
}

// newDot returns a disc.
func newDot(diameter, pel int) canvas {
	const fine = 8 // samples along a side of a pixel
	c := newCanvas(image.Pt(diameter, diameter), pel)
	c.blank()
	for y := range diameter {
		for x := range diameter {
			inside := 0
			for k := range fine * fine {
				// From the middle, in halves of a sample.
				dx, dy := 2*(fine*x+k%fine)+1-fine*diameter, 2*(fine*y+k/fine)+1-fine*diameter
				if dx*dx+dy*dy <= fine*fine*diameter*diameter {
					inside++
				}
			}
			for i := range min(pel, 3) {
				c.pix[y*c.stride+x*pel+i] = uint8(255 * inside / (fine * fine))
			}
		}
	}
	return c
}
