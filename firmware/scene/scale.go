package scene

import (
	"image"
	"image/draw"
)

// A scaler resamples pictures of one shape to any size: separable convolution with a cubic kernel,
// in integers. When it makes pictures smaller the kernel is widened accordingly, so that every
// source pixel counts. Only what is not black is computed.
type scaler struct {
	shape [3]int  // height, width and channels of the source
	rows  []int16 // the source scaled horizontally, with rowBits of fraction
	acc   []int32 // one row of the result
}

const (
	weightBits = 14 // the weights of an output pixel sum to 1<<weightBits
	rowBits    = 6
)

// newScaler returns a scaler from pictures of the shape (height, width, channels) to sizes of up to
// width columns.
func newScaler(shape [3]int, width int) *scaler {
	return &scaler{shape: shape, rows: make([]int16, shape[0]*width*shape[2]), acc: make([]int32, width*shape[2])}
}

// An axis holds, for every output position, the source positions it reads and their weights.
type axis struct {
	taps   int
	first  []int32 // per output, ascending
	weight []int16 // [output][tap]
}

// one is the fixed-point unit of distances between pixels.
const one = 1 << 12

// cubic is the Mitchell-Netravali kernel (B = C = 1/3) times 18*one^3 at a distance of d/one
// pixels: hardly any ringing, and no trace of the source's grid when a digit is made eight times as
// large, where a Catmull-Rom spline leaves steps.
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
func newAxis(n, out int) *axis {
	// The kernel reaches two pixels to either side, of the source or of the result, whichever are
	// larger.
	taps := 4
	if out < n {
		taps = (4*n+out-1)/out + 1
	}
	// A multiple of four is faster, the weights of the rest are zero
	a := &axis{taps: min(n, (taps+3)&^3)}
	a.first, a.weight = make([]int32, out), make([]int16, 0, out*a.taps)
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
		a.first[i] = int32(first)
	}
	return a
}

func floorDiv[T int | int64](a, b T) T {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// reach returns the output positions that read source positions lo..hi-1 and, moved by at, fall
// within 0..size-1.
func (a *axis) reach(lo, hi, at, size int) (from, to int) {
	from, to = max(0, -at), min(len(a.first), size-at)
	for from < to && int(a.first[from])+a.taps <= lo {
		from++
	}
	for from < to && int(a.first[to-1]) >= hi {
		to--
	}
	return from, to
}

// A canvas is the memory of an image of NewImage.
type canvas struct {
	pix         []uint8
	size        image.Point
	stride, pel int // bytes of a row and of a pixel: 1, the grey level, or 4
}

func canvasOf(img draw.Image) canvas {
	c := canvas{size: img.Bounds().Size(), pel: 1}
	switch img := img.(type) {
	case *image.Gray:
		c.pix, c.stride = img.Pix, img.Stride
	case *image.Paletted:
		c.pix, c.stride = img.Pix, img.Stride
	case *image.RGBA:
		c.pix, c.stride, c.pel = img.Pix, img.Stride, 4
	}
	return c
}

// newCanvas returns a canvas of its own, with pixels of so many bytes.
func newCanvas(size image.Point, pel int) canvas {
	return canvas{make([]uint8, size.X*size.Y*pel), size, size.X * pel, pel}
}

// blank makes the canvas black.
func (c canvas) blank() {
	clear(c.pix)
	if c.pel == 4 {
		for i := 3; i < len(c.pix); i += 4 {
			c.pix[i] = 255
		}
	}
}

// copy copies src to the point of c, clipped.
func (c canvas) copy(src canvas, at image.Point) {
	r := image.Rectangle{at, at.Add(src.size)}.Intersect(image.Rectangle{Max: c.size})
	n := r.Dx() * c.pel
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(c.pix[y*c.stride+r.Min.X*c.pel:][:n], src.pix[(y-at.Y)*src.stride+(r.Min.X-at.X)*c.pel:])
	}
}

// lighten draws src at the point of c, clipped: each byte is the brighter of both.
func (c canvas) lighten(src canvas, at image.Point) {
	r := image.Rectangle{at, at.Add(src.size)}.Intersect(image.Rectangle{Max: c.size})
	n := r.Dx() * c.pel
	for y := r.Min.Y; y < r.Max.Y; y++ {
		to := c.pix[y*c.stride+r.Min.X*c.pel:][:n]
		for i, v := range src.pix[(y-at.Y)*src.stride+(r.Min.X-at.X)*c.pel:][:n] {
			to[i] = max(to[i], v)
		}
	}
}

// inked is the bounding box of what is not black in a picture of the shape.
func inked(shape [3]int, picture []uint8) (r image.Rectangle) {
	c, width := shape[2], shape[1]*shape[2]
	left, right := width, 0
	for y := range shape[0] {
		row := picture[y*width:][:width]
		i := 0
		for i < width && row[i] == 0 {
			i++
		}
		if i == width {
			continue
		}
		j := width
		for row[j-1] == 0 {
			j--
		}
		if right == 0 {
			r.Min.Y = y
		}
		left, right, r.Max.Y = min(left, i), max(right, j), y+1
	}
	if right > 0 {
		r.Min.X, r.Max.X = left/c, (right-1)/c+1
	}
	return r
}

// draw draws the picture, scaled by the axes, with its top left corner at the point of dst,
// clipped. Outside of ink, where the picture is black, dst must be black and stays so.
func (s *scaler) draw(dst canvas, at image.Point, x, y *axis, picture []uint8, ink image.Rectangle) {
	x0, x1 := x.reach(ink.Min.X, ink.Max.X, at.X, dst.size.X)
	y0, y1 := y.reach(ink.Min.Y, ink.Max.Y, at.Y, dst.size.Y)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	top := int(y.first[y0])
	s.scaleRows(x, x0, x1, picture, top, int(y.first[y1-1])+y.taps)
	width := (x1 - x0) * s.shape[2]
	for i := y0; i < y1; i++ {
		rows := s.rows[(int(y.first[i])-top)*width:]
		weight := y.weight[i*y.taps:][:y.taps]
		out := dst.pix[(at.Y+i)*dst.stride+(at.X+x0)*dst.pel:][:(x1-x0)*dst.pel]
		if dst.pel == 1 && len(weight) == 4 { // whenever a digit is made larger
			w0, w1, w2, w3 := int32(weight[0]), int32(weight[1]), int32(weight[2]), int32(weight[3])
			r0, r1, r2, r3 := rows[:width], rows[width:][:width], rows[2*width:][:width], rows[3*width:][:width]
			for i := range out {
				out[i] = pixel(w0*int32(r0[i]) + w1*int32(r1[i]) + w2*int32(r2[i]) + w3*int32(r3[i]))
			}
			continue
		}
		acc := s.acc[:width]
		clear(acc)
		t := 0
		for ; t+4 <= len(weight); t += 4 {
			w0, w1, w2, w3 := int32(weight[t]), int32(weight[t+1]), int32(weight[t+2]), int32(weight[t+3])
			r := rows[t*width:]
			r0, r1, r2, r3 := r[:len(acc)], r[width:][:len(acc)], r[2*width:][:len(acc)], r[3*width:][:len(acc)]
			for i := range acc {
				acc[i] += w0*int32(r0[i]) + w1*int32(r1[i]) + w2*int32(r2[i]) + w3*int32(r3[i])
			}
		}
		for ; t < len(weight); t++ {
			w := int32(weight[t])
			for i, v := range rows[t*width:][:len(acc)] {
				acc[i] += w * int32(v)
			}
		}
		if dst.pel == 1 {
			for i, v := range acc {
				out[i] = pixel(v)
			}
			continue
		}
		for ; len(acc) > 0; acc, out = acc[3:], out[4:] {
			out[0], out[1], out[2], out[3] = pixel(acc[0]), pixel(acc[1]), pixel(acc[2]), 255
		}
	}
}

// scaleRows fills s.rows with the columns x0..x1-1 of the result for the source rows top..bottom-1.
func (s *scaler) scaleRows(x *axis, x0, x1 int, picture []uint8, top, bottom int) {
	const half = 1 << (weightBits - rowBits - 1)
	c, width := s.shape[2], s.shape[1]*s.shape[2]
	first, weights := x.first[x0:x1], x.weight[x0*x.taps:x1*x.taps]
	k := 0
	for y := top; y < bottom; y++ {
		row := picture[y*width:][:width]
		if c == 1 {
			out := s.rows[k:][:len(first)]
			k += len(first)
			switch x.taps {
			case 4:
				for i, f := range first {
					acc := half + dot((*[4]int16)(weights[4*i:]), (*[4]uint8)(row[f:]))
					out[i] = int16(acc >> (weightBits - rowBits))
				}
			case 8:
				for i, f := range first {
					w, p := (*[8]int16)(weights[8*i:]), (*[8]uint8)(row[f:])
					acc := half + dot((*[4]int16)(w[:4]), (*[4]uint8)(p[:4])) + dot((*[4]int16)(w[4:]), (*[4]uint8)(p[4:]))
					out[i] = int16(acc >> (weightBits - rowBits))
				}
			default:
				for i, f := range first {
					acc, p := int32(half), row[f:]
					for t, w := range weights[i*x.taps:][:x.taps] {
						acc += int32(w) * int32(p[t])
					}
					out[i] = int16(acc >> (weightBits - rowBits))
				}
			}
			continue
		}
		for i, f := range first {
			weight := weights[i*x.taps:][:x.taps]
			for ch := range c {
				acc := int32(half)
				at := int(f)*c + ch
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

func dot(w *[4]int16, p *[4]uint8) int32 {
	return int32(w[0])*int32(p[0]) + int32(w[1])*int32(p[1]) + int32(w[2])*int32(p[2]) + int32(w[3])*int32(p[3])
}

// pixel rounds and clamps a weighted sum of s.rows.
func pixel(v int32) uint8 {
	const bits = weightBits + rowBits
	return uint8(min(max((v+1<<(bits-1))>>bits, 0), 255))
}
