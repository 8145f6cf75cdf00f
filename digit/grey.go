package digit

import (
	"image"
	"slices"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// A grey is a picture of grey levels, row by row.
type grey struct {
	w, h int
	pix  []uint8
}

func newGrey(w, h int) *grey { return &grey{w, h, make([]uint8, w*h)} }

func (g *grey) clone() *grey { return &grey{g.w, g.h, slices.Clone(g.pix)} }

// greyOf returns a plane of the picture, reduced by a whole factor to workPixels at most: a
// pixel is the mean of those it replaces.
func greyOf(img image.Image, level func(x, y int) int) (g *grey, factor int) {
	b := img.Bounds()
	size := func() (w, h int) { return (b.Dx() + factor - 1) / factor, (b.Dy() + factor - 1) / factor }
	for {
		factor++
		if w, h := size(); w*h <= workPixels {
			break
		}
	}
	g = newGrey(size())
	sums, counts := make([]int, g.w), make([]int, g.w)
	for y := range g.h {
		clear(sums)
		clear(counts)
		for sy := b.Min.Y + y*factor; sy < min(b.Min.Y+(y+1)*factor, b.Max.Y); sy++ {
			for x := range b.Dx() {
				sums[x/factor] += level(b.Min.X+x, sy)
				counts[x/factor]++
			}
		}
		for x := range g.w {
			g.pix[y*g.w+x] = uint8((sums[x] + counts[x]/2) / counts[x])
		}
	}
	return g, factor
}

// Grey returns the grey levels of a picture on white, row by row.
func Grey(img image.Image) []uint8 {
	b := img.Bounds()
	level := levels(img)
	pixels := make([]uint8, 0, b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			pixels = append(pixels, uint8(level(x, y)))
		}
	}
	return pixels
}

// levels returns a function for the grey level of a pixel.
func levels(img image.Image) func(x, y int) int {
	switch m := img.(type) {
	case *image.Gray:
		return func(x, y int) int { return int(m.Pix[m.PixOffset(x, y)]) }
	case *image.YCbCr:
		return func(x, y int) int { return int(m.Y[m.YOffset(x, y)]) }
	case photo.Turned:
		level := levels(m.Image)
		return func(x, y int) int { return level(m.Stored(x, y)) }
	case image.RGBA64Image: // as all of package image, without an allocation for every pixel
		return func(x, y int) int {
			c := m.RGBA64At(x, y)
			return onWhite(uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
		}
	}
	return func(x, y int) int { return onWhite(img.At(x, y).RGBA()) }
}

// onWhite is the grey level on white of a 16-bit colour, premultiplied by its alpha.
func onWhite(r, g, b, a uint32) int {
	return int((19595*r+38470*g+7471*b+1<<15)>>24 + (0xffff-a)>>8)
}

func (g *grey) invert() {
	for i := range g.pix {
		g.pix[i] = 255 - g.pix[i]
	}
}

// brightGround reports whether what stands out is darker than its surroundings. Gradients of light
// do not stand out.
func brightGround(g *grey) bool {
	// Sums of all pixels above and to the left.
	sum := make([]int32, (g.w+1)*(g.h+1)) // at most 255 * workPixels
	for y := range g.h {
		row := int32(0)
		for x := range g.w {
			row += int32(g.pix[y*g.w+x])
			sum[(y+1)*(g.w+1)+x+1] = sum[y*(g.w+1)+x+1] + row
		}
	}
	radius := max(g.w, g.h) / 4
	var skew int64
	for y := range g.h {
		y0, y1 := max(y-radius, 0), min(y+radius+1, g.h)
		for x := range g.w {
			x0, x1 := max(x-radius, 0), min(x+radius+1, g.w)
			total := sum[y1*(g.w+1)+x1] - sum[y0*(g.w+1)+x1] - sum[y1*(g.w+1)+x0] + sum[y0*(g.w+1)+x0]
			d := int64(g.pix[y*g.w+x]) - int64(total)/int64((y1-y0)*(x1-x0))
			skew += d * d * d
		}
	}
	return skew < 0
}

// subtractGround subtracts the dark ground's level: the darkest tenth of each cell of a coarse
// grid, interpolated in between.
func (g *grey) subtractGround() {
	nx, ny := min(lightCells, g.w), min(lightCells, g.h)
	ground := newGrey(nx, ny)
	for cy := range ny {
		for cx := range nx {
			var histogram [256]int
			n := 0
			for y := cy * g.h / ny; y < (cy+1)*g.h/ny; y++ {
				for x := cx * g.w / nx; x < (cx+1)*g.w/nx; x++ {
					histogram[g.pix[y*g.w+x]]++
					n++
				}
			}
			ground.pix[cy*nx+cx] = uint8(quantile(&histogram, n, 10))
		}
	}
	// A cell full of ink is brighter than its neighbours by more than light explains.
	const steepest = 64 // grey levels from a cell to the next
	for range nx + ny {
		for i, level := range ground.pix {
			x, y := i%nx, i/nx
			for _, to := range [4]image.Point{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if to.In(image.Rect(0, 0, nx, ny)) {
					level = uint8(min(int(level), int(ground.pix[to.Y*nx+to.X])+steepest))
				}
			}
			ground.pix[i] = level
		}
	}
	g.change(ground, func(v, level int) int { return max(v-level, 0) })
}

// change makes of every level what a function has of it and of the ground's level there, which is
// interpolated between the cells of ground.
func (g *grey) change(ground *grey, of func(v, level int) int) {
	at := func(x, y int) int { return int(ground.pix[y*ground.w+x]) }
	for y := range g.h {
		y0, y1, fy := between(y, g.h, ground.h)
		for x := range g.w {
			x0, x1, fx := between(x, g.w, ground.w)
			top := at(x0, y0)*(256-fx) + at(x1, y0)*fx
			bottom := at(x0, y1)*(256-fx) + at(x1, y1)*fx
			level := (top*(256-fy) + bottom*fy + 1<<15) >> 16
			g.pix[y*g.w+x] = uint8(of(int(g.pix[y*g.w+x]), level))
		}
	}
}

// between returns the two cells whose middles enclose place i of n, and how far along it is, of
// 256.
func between(i, n, cells int) (a, b, part int) {
	at := ((2*i+1)*cells*128)/n - 128 // in 256ths of a cell, from the middle of the first
	if at < 0 {
		return 0, 0, 0
	}
	a = at >> 8
	if a >= cells-1 {
		return cells - 1, cells - 1, 0
	}
	return a, a + 1, at & 255
}

// quantile returns the level that a share of n pixels, in percent, does not exceed.
func quantile(histogram *[256]int, n, percent int) int {
	below := 0
	for v, count := range histogram {
		if below += count; 100*int64(below) >= int64(percent)*int64(n) && below > 0 {
			return v
		}
	}
	return 255
}

// inkLevel returns the level above which a pixel is ink, at the lowest a level, and by how much ink
// stands out; false if nothing does.
//
// With little ink and much noise, both classes that Otsu's method finds are noise. It is then
// repeated on the brighter one.
func (g *grey) inkLevel(lowest int) (threshold, contrast int, ok bool) {
	var histogram [256]int64
	for _, v := range g.pix {
		histogram[v]++
	}
	const rounds = 4
	for range rounds {
		var share, apart int
		threshold, contrast, share, apart = otsu(&histogram, lowest)
		// A table around the paper still counts as ink, and may be half of all. Noise cut in half
		// has 64 % of its variance between the halves.
		if contrast >= leastContrast && (share <= 40 || apart >= 80) {
			return threshold, contrast, true
		}
		lowest = threshold + 1
	}
	return 0, 0, false
}

// otsu returns the level that parts pixels into two classes with the largest variance between them
// (Otsu, 1979), the difference of their means and, in percent, the brighter one's share of the
// pixels and the share of the variance between the classes. Pixels below the lowest level are left
// out.
func otsu(histogram *[256]int64, lowest int) (threshold, contrast, share, apart int) {
	var n, sum, squares int64
	for v := lowest; v < 256; v++ {
		n += histogram[v]
		sum += int64(v) * histogram[v]
		squares += int64(v*v) * histogram[v]
	}
	threshold = lowest
	best := int64(-1)
	var below, sumBelow int64
	for v := lowest; v < 255; v++ {
		below += histogram[v]
		sumBelow += int64(v) * histogram[v]
		above := n - below
		if below == 0 || above == 0 {
			continue
		}
		difference := 64*(sum-sumBelow)/above - 64*sumBelow/below // of the means, in 1/64 levels
		if variance := below * above / n * difference * difference; variance > best {
			best, threshold, contrast, share = variance, v, int(difference/64), int(100*above/n)
		}
	}
	if total := (squares - sum*sum/max(n, 1)) * 64 * 64; total > 0 {
		apart = int(100 * best / total)
	}
	return threshold, contrast, share, apart
}

// keepInk makes all but the marks and their soft edges ground, and full ink white.
func (g *grey) keepInk(keep []bool) {
	var histogram [256]int
	n := 0
	for i, k := range keep {
		if k {
			histogram[g.pix[i]]++
			n++
		}
	}
	full := max(quantile(&histogram, n, 75), 1)
	old := slices.Clone(g.pix)
	for y := range g.h {
		for x := range g.w {
			near := false
			for sy := max(y-1, 0); sy <= min(y+1, g.h-1); sy++ {
				for sx := max(x-1, 0); sx <= min(x+1, g.w-1); sx++ {
					near = near || keep[sy*g.w+sx]
				}
			}
			i := y*g.w + x
			g.pix[i] = 0
			if near {
				g.pix[i] = uint8(min((255*int(old[i])+full/2)/full, 255))
			}
		}
	}
}

// bounds returns the bounding box of the pixels of a level or more.
func (g *grey) bounds(level uint8) (r image.Rectangle, ok bool) {
	r = image.Rectangle{image.Pt(g.w, g.h), image.Point{}}
	for y := range g.h {
		for x := range g.w {
			if g.pix[y*g.w+x] >= level {
				r.Min.X, r.Min.Y = min(r.Min.X, x), min(r.Min.Y, y)
				r.Max.X, r.Max.Y = max(r.Max.X, x+1), max(r.Max.Y, y+1)
			}
		}
	}
	return r, r.Max.X > 0
}

func (g *grey) crop(r image.Rectangle) *grey {
	c := newGrey(r.Dx(), r.Dy())
	for y := range c.h {
		copy(c.pix[y*c.w:][:c.w], g.pix[(r.Min.Y+y)*g.w+r.Min.X:])
	}
	return c
}

// fit scales the picture to that longer side: a pixel is the mean of the area it covers.
func (g *grey) fit(side int) *grey {
	long := max(g.w, g.h)
	scaled := newGrey(max((g.w*side+long/2)/long, 1), max((g.h*side+long/2)/long, 1))
	// A row of the result is h rows of the source in scaled.h-ths, and columns likewise.
	for y := range scaled.h {
		for x := range scaled.w {
			sum := 0
			for sy := y * g.h / scaled.h; sy*scaled.h < (y+1)*g.h; sy++ {
				high := min((sy+1)*scaled.h, (y+1)*g.h) - max(sy*scaled.h, y*g.h)
				for sx := x * g.w / scaled.w; sx*scaled.w < (x+1)*g.w; sx++ {
					wide := min((sx+1)*scaled.w, (x+1)*g.w) - max(sx*scaled.w, x*g.w)
					sum += high * wide * int(g.pix[sy*g.w+sx])
				}
			}
			area := g.h * g.w
			scaled.pix[y*scaled.w+x] = uint8((sum + area/2) / area)
		}
	}
	return scaled
}

// thicken widens strokes that, in a box of that side, would be thinner than MNIST's thin ones, to
// the usual width. It reports whether they were.
func (g *grey) thicken(side int) bool {
	// A stroke's width is twice the ink divided by the length of its edge.
	ink, edge := 0, 0
	at := func(x, y int) int {
		if x < 0 || y < 0 || x >= g.w || y >= g.h {
			return 0
		}
		// Noise in ink and ground would count as edges.
		return min(max(2*(int(g.pix[y*g.w+x])-64), 0), 255)
	}
	for y := -1; y < g.h; y++ {
		for x := -1; x < g.w; x++ {
			a, b, c, d := at(x, y), at(x+1, y), at(x, y+1), at(x+1, y+1)
			ink += a
			dx, dy := b+d-a-c, c+d-a-b
			edge += isqrt(16 * (dx*dx + dy*dy)) // in eighths
		}
	}
	if edge == 0 {
		return false
	}
	// In 1/64 pixels of MNIST's box, whatever the side.
	const thin, usual = 100, 140
	long := max(g.w, g.h)
	width := 64 * 2 * 8 * ink / edge * mnistBox / long
	if width >= thin {
		return false
	}
	radius := ((usual-width)*long/mnistBox + 64) / 128 // of a disc, in pixels
	if radius < 1 {
		return false
	}
	wide := newGrey(g.w+2*radius, g.h+2*radius)
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy > radius*radius {
				continue
			}
			for y := range g.h {
				to := wide.pix[(y+radius+dy)*wide.w+radius+dx:][:g.w]
				for x, v := range g.pix[y*g.w:][:g.w] {
					to[x] = max(to[x], v)
				}
			}
		}
	}
	*g = *wide
	return true
}

// isqrt is the square root rounded down. The argument is below 2^31.
func isqrt(n int) int {
	r := 0
	for bit := 1 << 15; bit > 0; bit >>= 1 {
		if (r+bit)*(r+bit) <= n {
			r += bit
		}
	}
	return r
}

// stretch makes the brightest pixel white.
func (g *grey) stretch() {
	top := int(slices.Max(g.pix))
	for i, v := range g.pix {
		g.pix[i] = uint8((255*int(v) + top/2) / max(top, 1))
	}
}

// centre returns the picture in a square, its centre of mass as near as whole pixels allow to the
// middle of pixel side/2, as in MNIST. What falls outside is cut off.
func (g *grey) centre(side int) []uint8 {
	var mass, sumX, sumY int
	for y := range g.h {
		for x := range g.w {
			v := int(g.pix[y*g.w+x])
			mass += v
			sumX += v * (2*x + 1)
			sumY += v * (2*y + 1)
		}
	}
	offset := func(sum int) int { // (side+1)/2 - sum/(2 mass), rounded
		if mass == 0 {
			return 0
		}
		return floorDiv((side+1)*mass-sum+mass, 2*mass)
	}
	left, top := offset(sumX), offset(sumY)
	square := make([]uint8, side*side)
	for y := range g.h {
		for x := range g.w {
			if tx, ty := x+left, y+top; tx >= 0 && ty >= 0 && tx < side && ty < side {
				square[ty*side+tx] = g.pix[y*g.w+x]
			}
		}
	}
	return square
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
