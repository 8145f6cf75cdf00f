package nn

import "github.com/vae-edge/vae-edge/kernels"

// widest returns the wider border, side by side.
func widest(a, b kernels.Edges) kernels.Edges {
	for i := range a {
		a[i] = max(a[i], b[i])
	}
	return a
}

// Layout places a picture of Height x Width x Channels in memory, row by row,
// with a border of zeros around it. A vector is a picture of one pixel.
type Layout struct {
	Height, Width, Channels int
	Border                  kernels.Edges
}

func layoutOf(s kernels.Shape) Layout {
	return Layout{Height: s.Height, Width: s.Width, Channels: s.Channels}
}

// Size is the number of floats that a picture takes, its border included.
func (l Layout) Size() int {
	return (l.Height + l.Border[kernels.Top] + l.Border[kernels.Bottom]) * l.rowStride()
}

// Len is the number of floats of a picture without its border.
func (l Layout) Len() int { return l.Height * l.Width * l.Channels }

// Offset is the place of the first channel of pixel (y, x), which may lie in
// the border.
func (l Layout) Offset(y, x int) int {
	return (y+l.Border[kernels.Top])*l.rowStride() + (x+l.Border[kernels.Left])*l.Channels
}

// Row is the part of picture i that holds row y, Width*Channels floats.
func (l Layout) Row(pictures []float32, i, y int) []float32 {
	return pictures[i*l.Size()+l.Offset(y, 0):][:l.Width*l.Channels]
}

// Inside copies n pictures without their borders to dst, n*Len() floats.
func (l Layout) Inside(dst, src []float32, n int) {
	for i := range n {
		for y := range l.Height {
			dst = dst[copy(dst, l.Row(src, i, y)):]
		}
	}
}

func (l Layout) rowStride() int {
	return (l.Width + l.Border[kernels.Left] + l.Border[kernels.Right]) * l.Channels
}

// runs is the number of runs of floats without a gap that make up the inside of
// a picture, and their length: its rows, or all of them as one.
func (l Layout) runs() (count, length int) {
	if l.Border[kernels.Left] == 0 && l.Border[kernels.Right] == 0 {
		return 1, l.Len()
	}
	return l.Height, l.Width * l.Channels
}
