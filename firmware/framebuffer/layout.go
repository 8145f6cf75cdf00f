package framebuffer

import (
	"fmt"
	"image"
	"math"
)

// maxSide is the largest width or height in pixels that a screen may have.
const maxSide = 8192

// A layout is how pixels lie in memory, once that is checked.
type layout struct {
	size   image.Point // pixels that are seen
	pixel  int         // bytes of one
	stride int         // bytes from row to row
	x      int         // bytes of a row before the picture
	rows   int         // rows that there is memory for
	fields [4]field    // red, green, blue and what makes a pixel opaque
}

// A SetupError is what waiting does not cure: somebody has to change the system.
type SetupError struct{ error }

// Unwrap returns what the error is about.
func (e SetupError) Unwrap() error { return e.error }

func unsupported(format string, args ...any) error {
	return SetupError{fmt.Errorf("framebuffer: "+format, args...)}
}

// newLayout returns the layout that a driver claims, unless that contradicts itself.
func newLayout(f fixed, v variable) (layout, error) {
	l := layout{
		size: image.Pt(int(v.width), int(v.height)), pixel: int(v.bits / 8), stride: int(f.stride),
		fields: [4]field{v.red, v.green, v.blue, v.alpha},
	}
	switch {
	case v.width < 1 || v.height < 1 || v.width > maxSide || v.height > maxSide:
		return l, unsupported("driver %q: a screen of %dx%d pixels: sides are 1 to %d", f.name(), v.width, v.height, maxSide)
	case f.kind != kindPacked || f.visual != visualTrueColour && f.visual != visualDirect || v.grayscale > 1 || v.nonstandard != 0:
		return l, unsupported("driver %q: pixels of %d bits without colours of their own (type %d, visual %d): those of 16, 24 and 32 bits can be shown, \"fbset -depth 32\" may set them", f.name(), v.bits, f.kind, f.visual)
	case v.bits != 16 && v.bits != 24 && v.bits != 32:
		return l, unsupported("driver %q: pixels of %d bits: those of 16, 24 and 32 can be shown, \"fbset -depth 32\" may set them", f.name(), v.bits)
	}
	var used uint64
	for i, c := range l.fields {
		if c.length == 0 && i == 3 {
			continue
		}
		if c.length < 1 || c.length > 16 || c.msbRight != 0 || c.offset >= v.bits || c.offset+c.length > v.bits {
			return l, unsupported("driver %q: a colour of %d bits from bit %d on in a pixel of %d", f.name(), c.length, c.offset, v.bits)
		}
		mask := (uint64(1)<<c.length - 1) << c.offset
		if grey := v.grayscale == 1 && i < 3; used&mask != 0 && !grey {
			return l, unsupported("driver %q: colours of a pixel that overlap", f.name())
		}
		used |= mask
	}
	// In 64 bits, where nothing overflows
	wide, x := uint64(v.width)*uint64(l.pixel), uint64(v.x)*uint64(l.pixel)
	if x+wide > uint64(f.stride) || f.stride > 1<<20 {
		return l, unsupported("driver %q: rows of %d bytes for %d pixels of %d bits from %d on", f.name(), f.stride, v.width, v.bits, v.x)
	}
	l.x = int(x)
	last := uint64(f.stride)*uint64(v.height-1) + x + wide
	size := min(f.size, math.MaxInt32) // of what an int of 32 bits counts
	if last > uint64(size) || uint64(v.y)*uint64(f.stride)+last > uint64(size) {
		return l, unsupported("driver %q: %d bytes of memory for %d rows of %d, from row %d on", f.name(), f.size, v.height, f.stride, v.y)
	}
	l.rows = int(min(size/f.stride, v.virtualHeight))
	return l, nil
}

// line is how many bytes a row of the picture has.
func (l *layout) line() int { return l.size.X * l.pixel }

// at is where in memory row y of the picture begins that begins with row top.
func (l *layout) at(top, y int) int { return (top+y)*l.stride + l.x }
