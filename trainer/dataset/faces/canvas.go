package faces

import "math"

// wave is a wave of period 1 between -1 and 1, -1 at whole x, made of parabolas.
func wave(x float64) float64 {
	t := mul(2, x-math.Floor(x)) - 1
	t = 1 - math.Abs(t) // 0, 1, 0
	return mul(2, mul(mul(t, t), 3-mul(2, t))) - 1
}

// Colours are of red, green and blue, each 0 to 255.
type rgb struct{ r, g, b float64 }

func (c rgb) mix(d rgb, t float64) rgb {
	return rgb{lerp(c.r, d.r, t), lerp(c.g, d.g, t), lerp(c.b, d.b, t)}
}
func (c rgb) scale(k float64) rgb { return rgb{mul(c.r, k), mul(c.g, k), mul(c.b, k)} }
func (c rgb) tint(r, g, b float64) rgb {
	return rgb{mul(c.r, r), mul(c.g, g), mul(c.b, b)}
}

// along is the colour at t, 0 to 1, of a row of colours.
func along(row []rgb, t float64) rgb {
	x := mul(clamp(t, 0, 1), float64(len(row)-1))
	i := min(int(x), len(row)-2)
	return row[i].mix(row[i+1], x-float64(i))
}

// around is the colour at t, 0 to 1, of a ring of colours.
func around(ring []rgb, t float64) rgb {
	x := mul(clamp(t, 0, 1), float64(len(ring)))
	i := int(x)
	return ring[i%len(ring)].mix(ring[(i+1)%len(ring)], x-float64(i))
}

// over lays a colour of that opacity over another.
func over(c rgb, a float64, d rgb, b float64) (rgb, float64) {
	if b <= 0 {
		return c, a
	}
	sum := b + mul(a, 1-b)
	return c.mix(d, b/sum), sum
}

// A frame has coordinates of its own: (0, 0) is at (x, y) of the picture, turned, and a unit is
// scale pixels.
type frame struct{ x, y, cos, sin, scale float64 }

// canvas is a picture that is being drawn, red, green and blue 0 to 255.
type canvas struct {
	pixels [Side * Side * 3]float32
	frame
}

// fill draws in the rectangle of the frame: paint is asked for the colour and the opacity, 0 to 1,
// of the middle of every pixel.
func (c *canvas) fill(x0, y0, x1, y1 float64, paint func(x, y float64) (rgb, float64)) {
	f := &c.frame
	// The middle of the rectangle, and half the sides of the upright one around it
	mx, my, hx, hy := mul(x0+x1, 0.5), mul(y0+y1, 0.5), mul(x1-x0, 0.5), mul(y1-y0, 0.5)
	cos, sin := math.Abs(f.cos), math.Abs(f.sin)
	px := f.x + mul(f.scale, mul(mx, f.cos)-mul(my, f.sin))
	py := f.y + mul(f.scale, mul(mx, f.sin)+mul(my, f.cos))
	wx := mul(f.scale, mul(hx, cos)+mul(hy, sin))
	wy := mul(f.scale, mul(hx, sin)+mul(hy, cos))
	left, right := int(clamp(px-wx, 0, Side)), int(clamp(px+wx+1, 0, Side))
	top, bottom := int(clamp(py-wy, 0, Side)), int(clamp(py+wy+1, 0, Side))
	dx, dy := f.cos/f.scale, f.sin/f.scale
	for j := top; j < bottom; j++ {
		u, v := float64(left)+0.5-f.x, float64(j)+0.5-f.y
		x := mul(u, dx) + mul(v, dy)
		y := mul(v, dx) - mul(u, dy)
		row := c.pixels[(j*Side+left)*3 : (j*Side+right)*3]
		for ; len(row) >= 3; row = row[3:] {
			if x >= x0 && x <= x1 && y >= y0 && y <= y1 {
				if colour, a := paint(x, y); a > 0 {
					r, g, b := float64(row[0]), float64(row[1]), float64(row[2])
					row[0] = float32(r + mul(colour.r-r, a))
					row[1] = float32(g + mul(colour.g-g, a))
					row[2] = float32(b + mul(colour.b-b, a))
				}
			}
			x += dx
			y -= dy
		}
	}
}

// cover is how much of a pixel is within a shape whose edge is d units away, negative inside.
func (c *canvas) cover(d float64) float64 { return clamp(0.5-mul(d, c.scale), 0, 1) }

// blob draws an ellipse whose opacity falls smoothly from a in the middle to 0 at its edge.
func (c *canvas) blob(x, y, rx, ry float64, colour rgb, a float64) {
	if a <= 0 {
		return
	}
	ix, iy := 1/rx, 1/ry
	c.fill(x-rx, y-ry, x+rx, y+ry, func(px, py float64) (rgb, float64) {
		k := 1 - sq(mul(px-x, ix)) - sq(mul(py-y, iy))
		if k <= 0 {
			return colour, 0
		}
		return colour, mul(a, mul(k, k))
	})
}

// disc draws an ellipse.
func (c *canvas) disc(x, y, rx, ry float64, colour rgb, a float64) {
	c.fill(x-rx-1, y-ry-1, x+rx+1, y+ry+1, func(px, py float64) (rgb, float64) {
		return colour, mul(a, c.cover(ellipse(px-x, py-y, rx, ry)))
	})
}

// line draws a line with round ends.
func (c *canvas) line(x0, y0, x1, y1, radius float64, colour rgb, a float64) {
	c.fill(min(x0, x1)-radius-1, min(y0, y1)-radius-1, max(x0, x1)+radius+1, max(y0, y1)+radius+1,
		func(x, y float64) (rgb, float64) {
			return colour, mul(a, c.cover(segment(x-x0, y-y0, x1-x0, y1-y0)-radius))
		})
}

// What follows are distances of (x, y) to shapes around (0, 0), negative inside.

// ellipse is nearly so, and exact in sign.
func ellipse(x, y, rx, ry float64) float64 {
	u, v := x/rx, y/ry
	k := hypot(u, v)
	if k < 0.3 {
		return mul(min(rx, ry), k-1)
	}
	return mul(k, k-1) / hypot(u/rx, v/ry)
}

// box has rounded corners.
func box(x, y, hx, hy, radius float64) float64 {
	u, v := math.Abs(x)-hx+radius, math.Abs(y)-hy+radius
	if u <= 0 || v <= 0 {
		return max(u, v) - radius
	}
	return hypot(u, v) - radius
}

// segment runs from (0, 0) to (u, v).
func segment(x, y, u, v float64) float64 {
	t := clamp((mul(x, u)+mul(y, v))/(mul(u, u)+mul(v, v)+1e-9), 0, 1)
	return hypot(x-mul(u, t), y-mul(v, t))
}

// blend is the union of two shapes, whose notches are filled within about k units.
func blend(d, e, k float64) float64 {
	h := max(k-math.Abs(d-e), 0)
	return min(d, e) - float64(mul(h, h)/mul(4, k))
}
