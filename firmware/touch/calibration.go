package touch

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"strconv"
	"strings"
)

// A Calibration is what the chip says at the edges of the unturned glass.
type Calibration struct {
	Left, Right, Top, Bottom int
	Swap                     bool // the chip's Y goes from left to right
}

// DefaultCalibration is that of a glass whose axes are the chip's.
var DefaultCalibration = Calibration{Left: 200, Right: 3900, Top: 200, Bottom: 3900}

// least is how far apart edges must be.
const least = 400

// ParseCalibration reads what String writes: LEFT,RIGHT,TOP,BOTTOM, and ,swap where the axes are
// the other way.
func ParseCalibration(v string) (c Calibration, err error) {
	numbers, more, _ := strings.Cut(v, ",swap")
	c.Swap = numbers != v
	edges := strings.Split(numbers, ",")
	wrong := errors.New("want what the chip says at the left, right, upper and lower edge, such as 200,3900,3850,210 or 200,3900,3850,210,swap")
	if len(edges) != 4 || more != "" {
		return c, wrong
	}
	for i, to := range []*int{&c.Left, &c.Right, &c.Top, &c.Bottom} {
		n, err := strconv.Atoi(edges[i])
		if err != nil || n < -full || n > 2*full {
			return c, wrong
		}
		*to = n
	}
	return c, c.check()
}

func (c Calibration) check() error {
	if max(c.Left, c.Right)-min(c.Left, c.Right) < least || max(c.Top, c.Bottom)-min(c.Top, c.Bottom) < least {
		return fmt.Errorf("opposite edges are at least %d apart", least)
	}
	return nil
}

// String is what ParseCalibration reads.
func (c Calibration) String() string {
	text := fmt.Sprintf("%d,%d,%d,%d", c.Left, c.Right, c.Top, c.Bottom)
	if c.Swap {
		text += ",swap"
	}
	return text
}

// Whole is the width and the height of the glass for places on it.
const Whole = 1 << 12

// Place is where on the unturned glass a reading is, 0 to Whole from left to right and from top to
// bottom.
func (c Calibration) Place(r Reading) image.Point {
	x, y := r.X, r.Y
	if c.Swap {
		x, y = y, x
	}
	part := func(v, from, to int) int { return min(max((v-from)*Whole/(to-from), 0), Whole) }
	return image.Pt(part(x, c.Left, c.Right), part(y, c.Top, c.Bottom))
}

// Solve returns the calibration by which three readings are at three places on the unturned glass,
// which are three corners of a rectangle: the first has the other two beside it.
func Solve(readings [3]Reading, places [3]image.Point) (c Calibration, err error) {
	r, p := readings, places
	far := func(a, b int) int { return max(a-b, b-a) }
	if far(p[0].X, p[1].X) < far(p[0].X, p[2].X) { // the second is beside the first
		r[1], r[2], p[1], p[2] = r[2], r[1], p[2], p[1]
	}
	if c.Swap = far(r[0].Y, r[1].Y) > far(r[0].X, r[1].X); c.Swap {
		for i := range r {
			r[i].X, r[i].Y = r[i].Y, r[i].X
		}
	}
	edges := func(v, w, at, to int) (from, end int, err error) {
		// What hardly changes cannot be continued to the edges
		if to == at || far(v, w)*Whole < least*far(to, at) {
			return 0, 0, errors.New("the touched points are too near to each other")
		}
		slope := (w - v) * Whole / (to - at)
		from = v - slope*at/Whole
		return from, from + slope, nil
	}
	var errs [2]error
	c.Left, c.Right, errs[0] = edges(r[0].X, r[1].X, p[0].X, p[1].X)
	c.Top, c.Bottom, errs[1] = edges(r[0].Y, r[2].Y, p[0].Y, p[2].Y)
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return c, err
	}
	if again, err := ParseCalibration(c.String()); err != nil || again != c {
		return c, errors.New("the touched points are not the three that were asked for")
	}
	return c, nil
}

// Turned is a place on glass as one of the picture that is turned clockwise by so many degrees;
// what is left to 360 turns it back.
func Turned(p image.Point, degrees int) image.Point {
	switch degrees % 360 {
	case 90:
		return image.Pt(p.Y, Whole-p.X)
	case 180:
		return image.Pt(Whole-p.X, Whole-p.Y)
	case 270:
		return image.Pt(Whole-p.Y, p.X)
	}
	return p
}
