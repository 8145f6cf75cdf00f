package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Images are pictures of one size, row by row, 0 to 255.
type Images struct {
	Pixels                  []byte // N x Height x Width x Channels
	Height, Width, Channels int    // Channels is 1 or 3
}

// Of are images of that height, width and number of channels.
func Of(pixels []byte, shape [3]int) Images {
	return Images{Pixels: pixels, Height: shape[0], Width: shape[1], Channels: shape[2]}
}

// at returns the pixels of picture i.
func (m Images) at(i int) []byte {
	n := m.Height * m.Width * m.Channels
	return m.Pixels[i*n : (i+1)*n]
}

// A sheet is a white picture with tiles and text on it. Its unit is the pixel, and y goes down.
type sheet struct {
	canvas draw.Canvas
	img    *image.RGBA
	scale  int // pixels of the sheet in a pixel of a tile
}

// Sides of tiles that are aimed at, in pixels.
const (
	smallTile = 56
	largeTile = 84
)

// newSheet returns a sheet for tiles that are enlarged to about size pixels.
func (m Images) newSheet(width, height func(tileWidth, tileHeight int) int, size int) *sheet {
	scale := max(1, (size+m.Width/2)/m.Width)
	w, h := scale*m.Width, scale*m.Height
	// At 72 dots an inch a point is a pixel
	c, img := canvas(vg.Length(width(w, h)), vg.Length(height(w, h)), 72)
	return &sheet{c, img, scale}
}

// tile draws picture i with its upper left corner at (x, y).
func (s *sheet) tile(m Images, i, x, y int) {
	pixels := m.at(i)
	for dy := range s.scale * m.Height {
		row := s.img.Pix[s.img.PixOffset(x, y+dy):]
		for dx := range s.scale * m.Width {
			p := pixels[(dy/s.scale*m.Width+dx/s.scale)*m.Channels:]
			to := row[4*dx:][:4]
			to[0], to[1], to[2], to[3] = p[0], p[0], p[0], 255
			if m.Channels == 3 {
				to[1], to[2] = p[1], p[2]
			}
		}
	}
}

// text writes a line whose anchor is at (x, y); the alignments say where in the line the anchor is.
func (s *sheet) text(line string, size float64, c color.Color, x, y int, ax draw.XAlignment, ay draw.YAlignment) {
	st := style(vg.Length(size), c)
	st.XAlign, st.YAlign = ax, ay
	s.canvas.FillText(st, vg.Point{X: vg.Length(x), Y: vg.Length(s.img.Rect.Dy() - y)}, line)
}

// vertical writes a line centred at (x, y), turned to read upwards.
func (s *sheet) vertical(line string, size float64, c color.Color, x, y int) {
	st := style(vg.Length(size), c)
	st.XAlign, st.YAlign, st.Rotation = draw.XCenter, draw.YCenter, quarterTurn
	s.canvas.FillText(st, vg.Point{X: vg.Length(x), Y: vg.Length(s.img.Rect.Dy() - y)}, line)
}

const quarterTurn = 3.14159265358979 / 2

// Manifold draws a grid of decoded images, those of the uppermost row first, with the latent
// coordinate of every column below it and of every row beside it (Chollet, figure 8-14), and the
// names of both. The second coordinate, rows, falls from top to bottom, so rows[0] is the largest.
// note is written below; it may be empty.
func Manifold(m Images, axes [2]string, columns, rows []float64, note string) image.Image {
	const left, top, right, bottom = 66, 18, 18, 70
	s := m.newSheet(
		func(w, _ int) int { return left + len(columns)*w + right },
		func(_, h int) int { return top + len(rows)*h + bottom }, smallTile)
	w, h := s.scale*m.Width, s.scale*m.Height
	for i := range rows {
		for j := range columns {
			s.tile(m, i*len(columns)+j, left+j*w, top+i*h)
		}
	}
	// Every other column is labelled where labels would touch, the middle one always.
	step := 1
	if w < 50 {
		step = 2
	}
	for j := (len(columns) / 2) % step; j < len(columns); j += step {
		s.text(coordinate(columns[j]), 16, faint, left+j*w+w/2, top+len(rows)*h+8, draw.XCenter, draw.YTop)
	}
	for i := range rows {
		s.text(coordinate(rows[i]), 16, faint, left-8, top+i*h+h/2, draw.XRight, draw.YCenter)
	}
	s.text(axes[0], 19, ink, left+len(columns)*w/2, top+len(rows)*h+34, draw.XCenter, draw.YTop)
	s.vertical(axes[1], 19, ink, 16, top+len(rows)*h/2)
	if note != "" {
		s.text(note, 15, faint, left+len(columns)*w, top+len(rows)*h+38, draw.XRight, draw.YTop)
	}
	return s.img
}

// coordinate writes a latent coordinate with a true minus sign, and zero without any.
func coordinate(x float64) string {
	if x > -0.05 && x < 0.05 {
		return "0"
	}
	if x < 0 {
		return fmt.Sprintf("%s%.1f", minus, -x)
	}
	return fmt.Sprintf("%.1f", x)
}

// Samples draws images side by side in that many columns.
func Samples(m Images, columns int) image.Image {
	const margin, gap = 18, 4
	n := len(m.Pixels) / (m.Height * m.Width * m.Channels)
	rows := (n + columns - 1) / columns
	s := m.newSheet(
		func(w, _ int) int { return 2*margin + columns*(w+gap) - gap },
		func(_, h int) int { return 2*margin + rows*(h+gap) - gap }, largeTile)
	w, h := s.scale*m.Width+gap, s.scale*m.Height+gap
	for i := range n {
		s.tile(m, i, margin+i%columns*w, margin+i/columns*h)
	}
	return s.img
}

// A Row are images with a name.
type Row struct {
	Name string
	Images
}

// Reconstructions draws images and, below each, what became of it: as many images in every row of a
// group, in that many columns, with a heading above each column if headings has them.
func Reconstructions(group []Row, columns int, headings []string) image.Image {
	images := group[0]
	const left, right, bottom, gap, between = 106, 18, 18, 4, 16
	top := 18
	if headings != nil {
		top = 44
	}
	n := len(images.Pixels) / (images.Height * images.Width * images.Channels)
	rows := (n + columns - 1) / columns
	s := images.newSheet(
		func(w, _ int) int { return left + columns*(w+gap) - gap + right },
		func(_, h int) int { return top + rows*(len(group)*(h+gap)-gap+between) - between + bottom }, largeTile)
	w, h := s.scale*images.Width, s.scale*images.Height
	for i := range n {
		x, y := left+i%columns*(w+gap), top+i/columns*(len(group)*(h+gap)-gap+between)
		for _, row := range group {
			s.tile(row.Images, i, x, y)
			if i%columns == 0 {
				s.text(row.Name, 17, ink, left-12, y+h/2, draw.XRight, draw.YCenter)
			}
			y += h + gap
		}
	}
	for j, heading := range headings {
		s.text(heading, 19, ink, left+j*(w+gap)+w/2, top-10, draw.XCenter, draw.YBottom)
	}
	return s.img
}

// Concepts draws a row of images for every concept, its name at the left, and above every column
// how many standard deviations it is moved along the concept's direction.
func Concepts(m Images, names []string, steps []int) image.Image {
	const top, gap, right, bottom = 66, 4, 18, 18
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	left := 36 + 10*longest
	s := m.newSheet(
		func(w, _ int) int { return left + len(steps)*(w+gap) - gap + right },
		func(_, h int) int { return top + max(len(names)*(h+gap)-gap, 0) + bottom }, largeTile)
	w, h := s.scale*m.Width, s.scale*m.Height
	s.text("standard deviations along the direction", 17, faint, left+(len(steps)*(w+gap)-gap)/2, 14, draw.XCenter, draw.YTop)
	for j, step := range steps {
		label := fmt.Sprint(max(step, -step))
		if step < 0 {
			label = minus + label
		} else if step > 0 {
			label = "+" + label
		}
		s.text(label, 19, ink, left+j*(w+gap)+w/2, top-8, draw.XCenter, draw.YBottom)
	}
	for i, name := range names {
		for j := range steps {
			s.tile(m, i*len(steps)+j, left+j*(w+gap), top+i*(h+gap))
		}
		s.text(name, 19, ink, left-14, top+i*(h+gap)+h/2, draw.XRight, draw.YCenter)
	}
	return s.img
}

// Strip draws images side by side, each under its heading.
func Strip(m Images, headings []string) image.Image {
	const margin, top, gap, size = 18, 44, 4, 19
	widest := 0
	for _, heading := range headings {
		widest = max(widest, int(math.Ceil(float64(style(size, ink).Width(heading))))+gap)
	}
	n := len(headings)
	s := m.newSheet(
		func(w, _ int) int { return 2*margin + n*(max(w, widest)+gap) - gap },
		func(_, h int) int { return top + h + margin }, largeTile)
	w := s.scale * m.Width
	column := max(w, widest)
	for i, heading := range headings {
		left := margin + i*(column+gap)
		s.tile(m, i, left+(column-w)/2, top)
		s.text(heading, size, ink, left+column/2, top-10, draw.XCenter, draw.YBottom)
	}
	return s.img
}

// Enlarged is a single image, enlarged and without anything around it.
func Enlarged(m Images) image.Image {
	const side = 280
	s := m.newSheet(func(w, _ int) int { return w }, func(_, h int) int { return h }, side)
	s.tile(m, 0, 0, 0)
	return s.img
}
