package latent

import (
	"math/bits"
	"slices"
)

// spline is the Catmull-Rom spline from b to c, whose neighbours are a and d, at u/2^resolution of
// the way. A resolution is at most 14.
func spline(a, b, c, d int16, u int64, resolution uint) int16 {
	wa, wb, wc, wd := int64(a), int64(b), int64(c), int64(d)
	one := int64(1) << resolution
	v := 2*wb*one*one*one + (wc-wa)*u*one*one + (2*wa-5*wb+4*wc-wd)*u*u*one + (3*wb-wa-3*wc+wd)*u*u*u
	return clamp((v + one*one*one) >> (3*resolution + 1)) // halved, over one cubed, rounded
}

// legBits is the resolution of a position on a [Path], from one point to the next.
const legBits = 14

// A Path is a smooth way through points and back to the first, along which the picture changes at a
// constant rate: the same from one frame to the next, not the same latent distance, because in some
// places the picture changes much faster than in others. How much it changes is measured on
// pictures decoded along the way, as far as the path was followed. It must not be used by two
// goroutines at once.
type Path struct {
	points [][]int16
	decode func(picture []uint8, point []int16)
	// Change from the start to the end of each part measured so far, the first being that of none
	sums           []uint64
	point          []int16
	picture, ahead []uint8 // at the end of what is measured, and of the part after it
}

// pathParts is how many parts of a leg are measured: about as many as it takes frames.
const pathParts = 32

// NewPath returns the path through points, at least one, which it keeps. decode draws the picture,
// of so many bytes, of a point.
func NewPath(points [][]int16, size int, decode func(picture []uint8, point []int16)) *Path {
	return &Path{
		points: points, decode: decode,
		sums:    make([]uint64, 0, len(points)*pathParts+1),
		point:   make([]int16, len(points[0])),
		picture: make([]uint8, size),
		ahead:   make([]uint8, size),
	}
}

// Change is the sum of the absolute differences of two pictures' bytes.
func Change(a, b []uint8) (sum uint64) {
	for i, v := range a {
		w := b[i]
		sum += uint64(max(v, w) - min(v, w))
	}
	return sum
}

// measure measures one part more.
func (p *Path) measure() {
	n := len(p.sums)
	p.position(p.point, n, 0)
	p.decode(p.ahead, p.point)
	sum := uint64(0)
	if n > 0 {
		sum = p.sums[n-1] + Change(p.picture, p.ahead)
	}
	p.sums = append(p.sums, sum)
	p.picture, p.ahead = p.ahead, p.picture
}

// position fills dst with the point at offset/2^legBits legs after the beginning of a part.
func (p *Path) position(dst []int16, part int, offset int64) {
	leg, n := part/pathParts, len(p.points)
	u := int64(part%pathParts)<<legBits/pathParts + offset
	a, b, c, d := p.points[(leg+n-1)%n], p.points[leg%n], p.points[(leg+1)%n], p.points[(leg+2)%n]
	for i := range dst {
		dst[i] = spline(a[i], b[i], c[i], d[i], u, legBits)
	}
}

// Total is the change of the picture all the way round, the sum of [Change] over small steps. The
// first call decodes what has not been measured.
func (p *Path) Total() uint64 {
	for len(p.sums) <= len(p.points)*pathParts {
		p.measure()
	}
	return p.sums[len(p.sums)-1]
}

// At fills dst with the point where the picture has changed by n times step on the way from the
// first point, round and round. It allocates nothing.
func (p *Path) At(dst []int16, n, step uint64) {
	high, change := bits.Mul64(n, step)
	for len(p.sums) <= len(p.points)*pathParts && (high > 0 || len(p.sums) == 0 || p.sums[len(p.sums)-1] <= change) {
		p.measure()
	}
	if last := p.sums[len(p.sums)-1]; last == 0 {
		change = 0
	} else if high > 0 || last <= change {
		change = bits.Rem64(high, change, last)
	}
	// The last of the parts that begin where the picture has changed by no more than that.
	i, _ := slices.BinarySearch(p.sums, change+1)
	part := min(i, len(p.sums)-1) - 1
	begin, end := p.sums[part], p.sums[part+1]
	offset := uint64(0)
	if end > begin {
		offset = (change - begin) << legBits / pathParts / (end - begin)
	}
	p.position(dst, part, int64(offset))
}
