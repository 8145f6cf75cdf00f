package scene

import (
	"image"
	"image/draw"
)

// A scaler resamples pictures from one size to another: separable convolution with a cubic kernel, in integers. When it
// makes pictures smaller the kernel is widened accordingly, so that every source pixel counts.
type scaler struct {
	height, channels int // of the source
	x, y             axis
	rows             []int16 // the source scaled horizontally, with rowBits of fraction
	acc              []int32 // one row of the result
}

const (
	weightBits = 14 // the weights of an output pixel sum to 1<<weightBits
	rowBits    = 6
)

// An axis holds, for every output position, the source positions it reads and their weights.
type axis struct {
	taps   int
	first  []int   // per output
	weight []int16 // [output][tap]
}

// newScaler returns a scaler from pictures of the shape (height, width, channels) to size.
func newScaler(shape [3]int, size image.Point) *scaler {
	return &scaler{
		height: shape[0], channels: shape[2],
		x: newAxis(shape[1], size.X), y: newAxis(shape[0], size.Y),
		rows: make([]int16, shape[0]*size.X*shape[2]),
		acc:  make([]int32, size.X*shape[2]),
	}
}

// one is the fixed-point unit of distances between pixels.
const one = 1 << 12

// cubic is the Mitchell-Netravali kernel (B = C = 1/3) times 18*one^3 at a distance of d/one pixels: hardly any ringing,
// and no trace of the source's grid when a digit is made eight times as large.
func cubic(d int64) int64 {
	if d < 0 {
		d = -d
	}
	switch {
	case d < one:
		return 21*d*d*d - 36*d*d*one + 16*one*one*one
	case d < 2*one:
		return -7*d*d*d + 36*d*d*one - 60*d*one*one + 32*one*one*one
	}
	return 0
}

// newAxis returns the axis that scales n source positions to out output positions.
func newAxis(n, out int) axis {
	// The kernel reaches two pixels to either side, of the source or of the result, whichever are larger.
	a := axis{taps: min(n, (4*max(n, out)+out-1)/out+1)}
	if out >= n {
		a.taps = min(n, 4)
	}
	raw := make([]int64, a.taps)
	for i := range out {
		// The centre of output pixel i lies at (i+1/2)*n/out - 1/2 in the source.
		centre := (int64(2*i+1)*int64(n)*one/int64(out) - one) / 2
		first := int(floorDiv(centre, one)) - (a.taps-1)/2
		first = min(max(first, 0), n-a.taps)
		var sum int64
		for t := range raw {
			d := int64(first+t)*one - centre
			if out < n {
				d = d * int64(out) / int64(n)
			}
			raw[t] = cubic(d)
			sum += raw[t]
		}
		largest, rest := 0, int64(1<<weightBits)
		for t, r := range raw {
			w := floorDiv(2*r<<weightBits+sum, 2*sum)
			a.weight = append(a.weight, int16(w))
			rest -= w
			if r > raw[largest] {
				largest = t
			}
		}
		a.weight[i*a.taps+largest] += int16(rest)
		a.first = append(a.first, first)
	}
	return a
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// draw draws the scaled picture with its top left corner at the point of dst, which must hold it.
func (s *scaler) draw(dst draw.Image, at image.Point, picture []uint8) {
	s.scaleRows(picture)
	width := len(s.acc)
	for y, first := range s.y.first {
		s.sumRows(s.rows[first*width:], s.y.weight[y*s.y.taps:][:s.y.taps])
		switch dst := dst.(type) {
		case *image.Gray:
			out := dst.Pix[dst.PixOffset(at.X, at.Y+y):][:len(s.acc)]
			for i, v := range s.acc {
				out[i] = pixel(v)
			}
		case *image.RGBA:
			out := dst.Pix[dst.PixOffset(at.X, at.Y+y):][:width/3*4]
			for i := 0; i < width; i += 3 {
				p := out[i/3*4:][:4:4]
				p[0], p[1], p[2], p[3] = pixel(s.acc[i]), pixel(s.acc[i+1]), pixel(s.acc[i+2]), 255
			}
		}
	}
}

// sumRows fills s.acc with a weighted sum of rows.
func (s *scaler) sumRows(rows []int16, weight []int16) {
	acc, width := s.acc, len(s.acc)
	if len(weight) == 4 { // whenever a picture is made larger
		w0, w1, w2, w3 := int32(weight[0]), int32(weight[1]), int32(weight[2]), int32(weight[3])
		r0, r1, r2, r3 := rows[:width], rows[width:][:width], rows[2*width:][:width], rows[3*width:][:width]
		for i := range acc {
			acc[i] = w0*int32(r0[i]) + w1*int32(r1[i]) + w2*int32(r2[i]) + w3*int32(r3[i])
		}
		return
	}
	clear(acc)
	for t, w := range weight {
		for i, v := range rows[t*width:][:width] {
			acc[i] += int32(w) * int32(v)
		}
	}
}

// scaleRows fills s.rows from the picture.
func (s *scaler) scaleRows(picture []uint8) {
	width, c := len(picture)/s.height, s.channels
	k := 0
	for y := range s.height {
		row := picture[y*width:][:width]
		for x, first := range s.x.first {
			weight := s.x.weight[x*s.x.taps:][:s.x.taps]
			for ch := range c {
				acc := int32(1 << (weightBits - rowBits - 1))
				at := first*c + ch
				for _, w := range weight {
					acc += int32(w) * int32(row[at])
					at += c
				}
				s.rows[k] = int16(acc >> (weightBits - rowBits))
				k++
			}
		}
	}
}

// pixel rounds and clamps a weighted sum of s.rows.
func pixel(v int32) uint8 {
	const bits = weightBits + rowBits
	return uint8(min(max((v+1<<(bits-1))>>bits, 0), 255))
}
