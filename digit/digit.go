// Package digit makes a picture or photograph of one handwritten digit look like MNIST's: bright
// ink on a dark ground, scaled to 20 x 20 pixels and centred by mass in 28 x 28.
//
// All of it is integer arithmetic, package image's decoders included: a picture gives the same
// pixels on every CPU.
package digit

import (
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the formats that Read reads
	_ "image/png"
	"io"
	"slices"

	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/internal/regular"
)

// Read decodes a PNG or JPEG and turns it upright, as its EXIF data say. It refuses by the header
// what has more than 25 million pixels, or 15 million in CMYK.
func Read(r io.Reader) (image.Image, error) {
	img, err := photo.Read(r)
	if err != nil {
		return nil, fmt.Errorf("digit: %w", err)
	}
	return img, nil
}

// ReadFile reads a file, which its errors name.
func ReadFile(name string) (image.Image, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return img, nil
}

// Steps is what Prepare did to a picture.
type Steps struct {
	Size      image.Point     // of the picture, in pixels
	Plane     string          // what ink stands out in, where it is not the grey levels
	Inverted  bool            // the ground was bright
	Edges     bool            // the ground had edges, such as a shadow's or a note's
	Threshold int             // grey levels above the ground at which ink begins
	Digit     image.Rectangle // where in the picture the digit is
	// Marks left out as no part of the digit; of these, Lines run across the picture, Frames are
	// around the digit and Rules under it
	Left, Lines, Frames, Rules int
	Thickened                  bool // the strokes were thinner than a pen's in MNIST
}

// String returns the steps in a line.
func (s Steps) String() string {
	line := fmt.Sprintf("%d x %d pixels, made grey", s.Size.X, s.Size.Y)
	if s.Plane != "" {
		line += " by " + s.Plane
	}
	if s.Inverted {
		line += ", inverted"
	}
	if s.Edges {
		line += ", shadows and what is around the paper evened out"
	}
	if s.Threshold > 0 { // the ground of a drawing has no noise
		line += fmt.Sprintf("; ink is %d of 255 levels above the ground", s.Threshold)
	}
	line += fmt.Sprintf("; digit of %d x %d at (%d, %d)", s.Digit.Dx(), s.Digit.Dy(), s.Digit.Min.X, s.Digit.Min.Y)
	for _, out := range []struct {
		n         int
		one, many string
	}{
		{s.Lines, "line across the picture", "lines across the picture"},
		{s.Frames, "frame around it", "frames around it"},
		{s.Rules, "line under it", "lines under it"},
		{s.Left, "other mark", "other marks"},
	} {
		if out.n > 0 {
			line += fmt.Sprintf(", %d %s left out", out.n, map[bool]string{true: out.one, false: out.many}[out.n == 1])
		}
	}
	if s.Thickened {
		line += ", strokes thickened"
	}
	return line + ", scaled and centred by its mass"
}

// MNIST's measures in pixels. For pictures of another size the digit's box is in proportion.
const (
	mnistSide = 28
	mnistBox  = 20
)

const (
	workPixels = 1 << 20 // of the picture in which to look for ink
	// Most pixels of the digit's longer side before the last scaling
	cropSide = 160
	minDigit = 8 // pixels of a digit's longer side
	// Along a side of the picture, each with its own level of the ground
	lightCells    = 4
	leastContrast = 24 // grey levels between ink and ground
)

// A Doubt is the error for a picture in which something is found that is hardly one digit. What is
// found can be used all the same.
type Doubt struct{ What string }

func (d *Doubt) Error() string { return "digit: " + d.What }

// errFaint is the error for pictures in which nothing stands out.
var errFaint = fmt.Errorf("digit: nothing stands out from the ground by %d of 255 grey levels: is there a digit, and is it in focus?", leastContrast)

// Prepare returns the digit of a picture as MNIST would show it, in side x side grey levels with 0
// the ground, and what it did. It fails if nothing looks like a digit. With a [Doubt] as the error
// the digit is returned, too. side is at least 4; MNIST's is 28. It takes up to 30 MB besides the
// picture.
func Prepare(img image.Image, side int) ([]uint8, Steps, error) {
	s := Steps{Size: img.Bounds().Size()}
	if s.Size.X < minDigit || s.Size.Y < minDigit {
		return nil, s, fmt.Errorf("digit: a picture of %d x %d pixels is too small for a digit", s.Size.X, s.Size.Y)
	}
	plane, level := bestPlane(img)
	work, factor := greyOf(img, level)
	s.Plane = plane
	r, note := work.best(factor)
	if note != nil && r.doubt(factor) != nil {
		paper := work.onNote(note)
		if o, _ := paper.best(factor); o.doubt(factor) == nil {
			r, r.edges = o, true
			r.at = note.box.Min
		}
	}
	s.Inverted, s.Edges, s.Threshold = r.inverted, r.edges, r.threshold
	if r.err != nil {
		return nil, s, r.err
	}
	s.Left, s.Lines, s.Frames, s.Rules = r.found.left, r.lines, r.found.frames, r.found.rules
	on := r.box.Add(r.at)
	s.Digit = image.Rectangle{on.Min.Mul(factor), on.Max.Mul(factor)}.Intersect(image.Rectangle{Max: s.Size})

	digit := r.work.crop(r.box)
	if max(digit.w, digit.h) > cropSide {
		digit = digit.fit(cropSide)
	}
	inner := max(mnistBox*side/mnistSide, 2)
	s.Thickened = digit.thicken(inner)
	if box, ok := digit.bounds(32); ok {
		digit = digit.crop(box)
	}
	digit = digit.fit(inner)
	digit.stretch()
	return digit.centre(side), s, r.doubt(factor)
}

// best returns the best reading of a picture that is reduced by a factor, and the largest note in
// it, if there is one.
func (g *grey) best(factor int) (r reading, note *reading) {
	inverted := brightGround(g)
	for i, try := range []struct {
		inverted bool
		widest   int
	}{{inverted, widestStroke}, {!inverted, widestStroke}, {inverted, widestStroke / 3}, {!inverted, widestStroke / 3}} {
		if try.widest < widestStroke && !r.edges && r.err == nil && r.width < 200 && r.outline >= 50 && !r.shaded && !r.cut() && !r.across() {
			break // nothing speaks against it
		}
		o := g.read(try.inverted, factor, try.widest)
		if o.shape.note() && (note == nil || area(o.box) > area(note.box)) && 16*area(o.box) > g.w*g.h {
			note = &o
		}
		if i == 0 || o.better(r) {
			r = o
		}
	}
	return r, note
}

// A reading is what is found in a picture if its ground is bright, or dark.
type reading struct {
	work      *grey       // the digit's ink alone
	at        image.Point // of that, in the picture
	inverted  bool
	edges     bool
	shaded    bool // what was ink at first was a shadow, too
	mixed     bool // and in the end
	threshold int
	contrast  int // of ink and ground
	lines     int
	found     found
	box       image.Rectangle
	width     int // of strokes in thousandths of the longer side
	shape     shape
	outline   int  // how much of the outline is an edge in the picture, in percent
	strange   int  // levels that the ground within is beyond those around it
	bent      bool // a stroke with bends or loops, as few holes are
	level     int  // median of the digit's ink
	beyond    int  // and of what is around it
	foot      bool // which may be a line that the digit touches
	bar       bool // one from a line to another, as those of a form
	err       error
}

// widestStroke is the width of the widest strokes in percent of the picture's shorter side.
const widestStroke = 40

// read finds the digit in a picture that is reduced by a factor. What is wider than the widest
// strokes, in percent of the picture, is ground.
func (g *grey) read(inverted bool, factor, widest int) (r reading) {
	g = g.clone()
	r = reading{work: g, inverted: inverted}
	if inverted {
		g.invert()
	}
	seen := g.clone()
	r.edges = g.levelGround(inverted, widest)
	g.subtractGround()
	// With little ink and much noise what stands out may be noise.
	ink := make([]bool, len(g.pix))
	var seenInk []bool // lines and all
	const rounds = 3
	for round, lowest := 0, 0; round < rounds; round++ {
		threshold, contrast, ok := g.inkLevel(lowest)
		if !ok && round == 0 {
			r.err = errFaint
			return r
		}
		if !ok {
			break
		}
		n := 0
		for i, v := range g.pix {
			if ink[i] = int(v) > threshold; ink[i] {
				n++
			}
		}
		all := slices.Clone(ink)
		lines := eraseLines(ink, g.w, g.h)
		cut := cutOutlines(ink, g.w, g.h)
		f, ok := digitMarks(ink, g.pix, g.w, g.h, lines+cut > 0, r.edges)
		// Of what is around a note, none is looked at
		if ok && inverted && r.edges && (f.peers > 0 || f.share < leastShare) && seen.outsideNote(ink, maskBox(f.keep, g.w, g.h)) {
			f, ok = digitMarks(ink, g.pix, g.w, g.h, lines+cut > 0, r.edges)
		}
		f.frames += cut
		if ok = ok && 5*n <= 2*len(ink); ok || round == 0 {
			r.threshold, r.contrast, r.lines, r.found = threshold, contrast, lines, f
			seenInk = all
		}
		shade, shaded := 0, false
		if ok {
			shade, shaded = g.shade(f.keep)
			r.shaded = r.shaded || shaded
		}
		if ok && f.share >= leastShare && f.peers <= mostPeers && !shaded {
			break
		}
		lowest = max(threshold+1, shade)
	}
	if r.found.keep == nil {
		r.err = errors.New("digit: nothing in the picture looks like a digit: one that touches no edge is needed, darker or brighter than its ground")
		return r
	}
	rules, foot := eraseUnderline(r.found.keep, g.w, g.h)
	r.found.rules, r.foot = r.found.rules+rules, foot && !g.small()
	_, r.mixed = g.shade(r.found.keep)
	lines := r.lines + r.found.rules
	r.bar = lines > 0 && lines < 4 && barBetween(seenInk, maskBox(r.found.keep, g.w, g.h), g.w, g.h)
	g.keepInk(r.found.keep)
	var ok bool
	r.box, ok = g.bounds(32)
	if !ok || max(r.box.Dx(), r.box.Dy()) < minDigit {
		r.err = fmt.Errorf("digit: the digit is less than %d pixels high: take the picture from nearer", minDigit*factor)
		return r
	}
	if r.box.Dx() > 2*r.box.Dy() {
		r.err = fmt.Errorf("digit: what stands out is %d x %d pixels, too wide for a digit: is the paper ruled? plain paper is needed", r.box.Dx()*factor, r.box.Dy()*factor)
	}
	r.width = strokeWidth(r.found.keep, g.w, r.box)
	r.shape = shapeOf(r.found.keep, g.w, r.box)
	r.outline = seen.outline(r.found.keep, r.box)
	r.strange = seen.strangeInside(r.found.keep, r.box)
	r.bent = r.found.parts == 1 && bent(r.found.keep, g.w, r.box)
	r.level, r.beyond = seen.levelsAround(r.found.keep, r.box)
	if inverted {
		r.level, r.beyond = 255-r.level, 255-r.beyond
	}
	return r
}

// better reports whether a reading is the better one. The hole of a 0 stands out as its stroke
// does, and so does a note on a desk as the digit on it: a hole is as what is around the 0, and not
// much thinner than its stroke.
func (r *reading) better(than reading) bool {
	if r.width == 0 || than.width == 0 { // nothing is found
		return than.width == 0
	}
	if r.inverted == than.inverted && (than.across() || than.cut() && !r.cut()) {
		// Such as a shadow narrow enough to look like a stroke
		if r.err == nil && !r.across() && r.outline >= 90 && r.found.share >= leastShare {
			return true
		}
		if than.across() {
			return false
		}
	}
	if r.inverted != than.inverted && min(r.outline, than.outline) >= 90 {
		switch {
		case r.box.In(than.box):
			return r.on(than)
		case than.box.In(r.box):
			return !than.on(*r)
		}
	}
	return r.quality() > than.quality()+than.quality()/2 // or as the picture as a whole looks
}

// across reports whether what is found is from one side of the picture to the other.
func (r *reading) across() bool {
	w, h := r.work.w, r.work.h
	return min(w, h) > 100 && (r.box.Dx() == w || r.box.Dy() == h)
}

// touches reports whether what is found is at the picture's edge.
func (r *reading) touches() bool { return !r.box.In(image.Rect(1, 1, r.work.w-1, r.work.h-1)) }

// cut reports whether what is found is cut by the picture's edge: it touches that and does not fill
// the picture.
func (r *reading) cut() bool {
	return r.touches() && 5*r.box.Dx() < 4*r.work.w && 5*r.box.Dy() < 4*r.work.h
}

// on reports whether a reading, within the box of another, is a digit on paper, and not a hole of
// what is around it.
func (r *reading) on(paper reading) bool {
	const like, same = 20, 4 // grey levels
	if r.err != nil || r.found.share < leastShare || r.width >= paper.width {
		return false
	}
	// Paper may be cut by the picture's edge, which a digit is not.
	if paper.touches() && !r.touches() {
		return true
	}
	apart := abs(r.level - paper.beyond)
	if apart <= same && (r.found.parts > 1 || r.found.peers > 0) {
		return false // several holes, as bold strokes have
	}
	// The hole of a bold digit is narrow and may be dim, but the digit is no box and no disc
	hole := 2*apart < abs(paper.level-paper.beyond) && paper.shape.boxed < 84 && paper.shape.solid < 95
	return r.bent || !hole && (apart > like && r.found.peers == 0 || 5*paper.width > 7*r.width)
}

// quality is how much a reading looks like strokes of a pen: what stands out, has an edge all
// around, as the gap between two strokes has not, is thin, and is most of what there is.
func (r *reading) quality() int64 {
	o := int64(r.outline) * int64(r.outline) // its square again is beyond 32 bits
	return int64(r.contrast) * int64(max(r.found.share, 1)) * o / 100 * o / 100 / int64(max(r.width, 40))
}

// Limits of what one digit can be.
const (
	leastShare  = 50  // of the ink, in percent
	mostPeers   = 3   // marks of its size, beyond which they may be noise
	widestMarks = 340 // thousandths of the longer side that are the strokes' mean width
	// Of a bold 1 it is below 60, of a blot above 70
	roundest = 66
	// Of the outline of strokes, in percent, that is an edge. Of clouds and shadows it is 10 to 62.
	leastOutline = 63
	// Of what is wide, as a shadow is and a felt pen's strokes, which are sharp
	leastWideOutline = 78
	smallest         = 30 // times a digit is the shorter side of the picture
	mostHoles        = 3  // an 8 has two, and there may be a loop besides
)

// doubt returns what speaks against one digit.
func (r *reading) doubt(factor int) error {
	switch {
	case r.err != nil:
		return r.err
	case r.found.peers > 0:
		n := r.found.peers + 1
		return &Doubt{fmt.Sprintf("there are %s, and one is wanted: cut the picture to one of them", map[bool]string{true: "two digits", false: fmt.Sprintf("%d marks of a digit's size", n)}[n == 2])}
	case !r.work.small() && joined(r.found.keep, r.work.w, r.box):
		return &Doubt{"there are two digits that touch, and one is wanted: cut the picture to one of them"}
	case r.bar:
		return &Doubt{"what stands out is a line between two lines, as in an empty form: cut the picture to the digit"}
	case r.foot:
		return &Doubt{"a line touches the digit, or its foot is thinner than its other strokes: take the picture without the line"}
	case r.found.share < leastShare:
		return &Doubt{fmt.Sprintf("what looks most like a digit is %d %% of all marks in the picture: cut it to the digit, on plain paper", r.found.share)}
	case r.across() && (r.outline < 90 || 4*r.box.Dx() > 5*r.box.Dy() || r.box == image.Rect(0, 0, r.work.w, r.work.h)):
		return &Doubt{"what stands out reaches from side to side of the picture, as a pattern does: take the picture from further away"}
	case r.cut() && !r.work.small():
		return &Doubt{"what stands out is cut by the edge of the picture: take the picture with paper all around the digit"}
	case r.outline < leastOutline, r.width >= 150 && r.outline < leastWideOutline, r.width >= 130 && r.outline < 93 && r.touches():
		return &Doubt{"what stands out has no sharp edges, as strokes of a pen have: is the picture in focus?"}
	case r.strange >= leastContrast:
		return &Doubt{"what stands out is around something else, as the edge of a note is: cut the picture to the digit"}
	case smallest*r.box.Dy() < min(r.work.w, r.work.h) && smallest*r.box.Dx() < min(r.work.w, r.work.h):
		return &Doubt{"what stands out is tiny: take the picture from nearer, or cut it to the digit"}
	case r.mixed:
		return &Doubt{"what stands out is of two levels, as ink and a shadow are: take the picture in even light"}
	case r.shape.frame():
		return &Doubt{fmt.Sprintf("what stands out at (%d, %d) is an empty box or a note: cut the picture to the digit", r.box.Min.X*factor, r.box.Min.Y*factor)}
	case r.shape.holes > mostHoles:
		return &Doubt{fmt.Sprintf("what stands out at (%d, %d) has %d loops and is no digit: cut the picture to the digit", r.box.Min.X*factor, r.box.Min.Y*factor, r.shape.holes)}
	case r.width > widestMarks || roundness(r.found.keep, r.work.w, r.box) > roundest:
		return &Doubt{fmt.Sprintf("what stands out at (%d, %d) is an area and not strokes of a pen: cut the picture to the digit", r.box.Min.X*factor, r.box.Min.Y*factor)}
	}
	return nil
}

// Text draws a picture of a side in characters, two rows in one, for people who see no other.
func Text(pixels []uint8, side int) []string {
	const levels = " .:-=+*#%@"
	var lines []string
	for y := 0; y+1 < side; y += 2 {
		line := make([]byte, side)
		for x := range side {
			line[x] = levels[(int(pixels[y*side+x])+int(pixels[(y+1)*side+x]))*(len(levels)-1)/510]
		}
		lines = append(lines, string(line))
	}
	return lines
}
