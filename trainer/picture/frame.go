package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	stddraw "image/draw"
	"image/gif"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg/draw"
)

// Measures of a frame, in pixels.
const (
	planeSide  = 420 // of the latent plane
	planeUnits = 5   // from its middle to its edges, in latent coordinates
	legendRows = 23
)

// FrameSide is the number of rows and of columns that the manifold of a frame should have so that
// it is about as large as the latent plane beside it, and at most most.
func FrameSide(height, width, most int) int {
	return min(max(planeSide/max(height, width), 2), most)
}

// Frame draws a moment of training: decoded images in that many columns at the left, and at the
// right the first two latent coordinates of points, coloured by class. points has len(labels)
// points of dims coordinates; dims is at least 2. The plane always shows the same part of the
// latent space, and points beyond it lie on its edge; edge marks the square whose points the images
// at the left are decoded from. Frames of images of one size with the same labels have one size and
// one palette.
func Frame(m Images, columns int, edge float64, points []float32, dims int, labels []byte, caption string) *image.Paletted {
	const top, margin, gap, right, bottom = 42, 14, 52, 58, 46
	rows := len(m.Pixels) / (m.Height * m.Width * m.Channels) / columns
	size := func(w, h int) (int, int) {
		return margin + columns*w + gap + planeSide + right, top + max(rows*h, planeSide) + bottom
	}
	s := m.newSheet(
		func(w, h int) int { x, _ := size(w, h); return x },
		func(w, h int) int { _, y := size(w, h); return y }, planeSide/columns*m.Width/max(m.Width, m.Height))
	w, h := s.scale*m.Width, s.scale*m.Height
	for i := range rows * columns {
		s.tile(m, i, margin+i%columns*w, top+i/columns*h)
	}
	s.text(caption, 18, grey(0x20), margin, 12, draw.XLeft, draw.YTop)

	// The plane: a line at every whole number, and the square.
	x0, y0 := margin+columns*w+gap, top
	at := func(x float64) int {
		return int(planeSide * (min(max(x, -planeUnits), planeUnits) + planeUnits) / (2 * planeUnits))
	}
	line := func(x, y, dx, dy int, c color.Color) {
		stddraw.Draw(s.img, image.Rect(x, y, x+dx, y+dy), image.NewUniform(c), image.Point{}, stddraw.Src)
	}
	for u := -planeUnits; u <= planeUnits; u++ {
		p := at(float64(u))
		line(x0+p, y0, 1, planeSide+1, grey(0xe4))
		line(x0, y0+planeSide-p, planeSide+1, 1, grey(0xe4))
		label := strconv.Itoa(max(u, -u))
		if u < 0 {
			label = minus + label
		}
		s.text(label, 13, grey(0x70), x0+p, y0+planeSide+7, draw.XCenter, draw.YTop)
		s.text(label, 13, grey(0x70), x0-7, y0+planeSide-p, draw.XRight, draw.YCenter)
	}
	low, high := at(-edge), at(edge)
	for _, p := range []int{low, high} {
		line(x0+p, y0+planeSide-high, 1, high-low+1, grey(0x90))
		line(x0+low, y0+planeSide-p, high-low+1, 1, grey(0x90))
	}
	s.text("z[0], mean", 14, grey(0x20), x0+planeSide/2, y0+planeSide+24, draw.XCenter, draw.YTop)
	s.vertical("z[1], mean", 14, grey(0x20), x0-34, y0+planeSide/2)

	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	colours, index := frameColours(m.Channels, len(classes))
	for i, label := range labels {
		class, _ := slices.BinarySearch(classes, label)
		x, y := x0+at(float64(points[i*dims])), y0+planeSide-at(float64(points[i*dims+1]))
		line(x-1, y-1, 3, 3, colours[class%len(colours)])
	}
	if len(classes) <= legendRows {
		for i, class := range classes {
			x, y := x0+planeSide+16, y0+9+18*i
			line(x, y-4, 9, 9, colours[i])
			s.text(fmt.Sprint(class), 14, grey(0x20), x+15, y, draw.XLeft, draw.YCenter)
		}
	}
	return s.paletted(index, image.Rect(margin, top, margin+columns*w, top+rows*h), m.Channels)
}

func grey(y uint8) color.RGBA { return color.RGBA{y, y, y, 255} }

// frameColours returns the colours of the classes of a frame and its whole palette: besides them,
// greys, and with three channels the colours of a coarse cube.
func frameColours(channels, classes int) (colours []color.NRGBA, all color.Palette) {
	steps, room := 127, 256-128
	if channels == 3 {
		all = append(all, palette.WebSafe...)
		steps, room = 15, 256-216-16
	}
	for i := range steps + 1 {
		all = append(all, grey(uint8(255*i/steps)))
	}
	// At least one, for a set without labels; where there are too many classes some share a colour.
	colours = spectrum(min(max(classes, 1), room))
	for _, c := range colours {
		all = append(all, color.RGBA(c))
	}
	return colours, all
}

// paletted returns the sheet in the colours of a palette, those of colourful tiles dithered.
func (s *sheet) paletted(p color.Palette, tiles image.Rectangle, channels int) *image.Paletted {
	img := image.NewPaletted(s.img.Rect, p)
	nearest := map[color.RGBA]uint8{}
	for i := range img.Pix {
		c := color.RGBA{s.img.Pix[4*i], s.img.Pix[4*i+1], s.img.Pix[4*i+2], s.img.Pix[4*i+3]}
		index, ok := nearest[c]
		if !ok {
			index = uint8(p.Index(c))
			nearest[c] = index
		}
		img.Pix[i] = index
	}
	if channels == 3 {
		stddraw.FloydSteinberg.Draw(img, tiles, s.img, tiles.Min)
	}
	return img
}

// Animation joins frames, which must be of one size, into an animation that repeats for ever.
func Animation(frames []*image.Paletted) *gif.GIF {
	const delay, last = 10, 300 // in 1/100 s
	g := &gif.GIF{Image: frames, Delay: make([]int, len(frames))}
	for i := range g.Delay {
		g.Delay[i] = delay
	}
	if len(frames) > 0 {
		g.Delay[len(frames)-1] = last
		g.Config = image.Config{ColorModel: frames[0].Palette, Width: frames[0].Rect.Dx(), Height: frames[0].Rect.Dy()}
	}
	return g
}
