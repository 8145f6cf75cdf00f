package cascade

import "image"

// sums are, for every corner of a pixel, the sums of the grey levels above and to the left of it
// and of their squares.
type sums struct {
	stride        int
	first, second []int64
}

func sumsOf(grey []uint8, w, h int) *sums {
	s := &sums{w + 1, make([]int64, (w+1)*(h+1)), make([]int64, (w+1)*(h+1))}
	for y := range h {
		var first, second int64
		for x := range w {
			v := int64(grey[y*w+x])
			first += v
			second += v * v
			at := (y+1)*s.stride + x + 1
			s.first[at] = s.first[at-s.stride] + first
			s.second[at] = s.second[at-s.stride] + second
		}
	}
	return s
}

// of is the sum in a rectangle.
func (s *sums) of(t []int64, r image.Rectangle) int64 {
	top, bottom := r.Min.Y*s.stride, r.Max.Y*s.stride
	return t[bottom+r.Max.X] - t[bottom+r.Min.X] - t[top+r.Max.X] + t[top+r.Min.X]
}

// shrunk is a picture of w x h pixels, no more than it has: each the mean of what it covers.
func shrunk(g *image.Gray, w, h int) []uint8 {
	b := g.Bounds()
	bw, bh := b.Dx(), b.Dy()
	// First along rows, then along columns, in units of which a pixel of either has the other's
	// number
	rows := make([]int64, bh*w)
	for y := range bh {
		from := g.Pix[y*g.Stride:][:bw]
		shrinkRow(rows[y*w:][:w], bw, func(i int) int64 { return int64(from[i]) })
	}
	out := make([]uint8, w*h)
	column := make([]int64, h)
	area := int64(bw) * int64(bh)
	for x := range w {
		shrinkRow(column, bh, func(i int) int64 { return rows[i*w+x] })
		for y, v := range column {
			out[y*w+x] = uint8((v + area/2) / area)
		}
	}
	return out
}

// shrinkRow sets to to n values, of which each covers its share.
func shrinkRow(to []int64, n int, at func(int) int64) {
	for i := range to {
		sum := int64(0)
		for k := i * n / len(to); k*len(to) < (i+1)*n; k++ {
			sum += int64(min((k+1)*len(to), (i+1)*n)-max(k*len(to), i*n)) * at(k)
		}
		to[i] = sum
	}
}
