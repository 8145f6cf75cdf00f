package faces

import "math"

// outline is the distance to the edge of the head.
func (p *artist) outline(x, y float64) float64 {
	v, b, bulge := y/-crown, -crown, 0.22
	a := p.a
	if y > 0 {
		v, b = y/chin, chin
		square := mul(0.5, 1+p.Jaw)
		v2 := clamp(sq(v), 0, 1)
		bulge = mul(v2, lerp(0, 0.74, square))
		a = mul(a, 1-mul(v2, lerp(0.17, 0, square)))
		x -= mul(mul(7, p.sin), v2) // the chin turns, too
	}
	u := x / a
	u2, v2 := sq(u), sq(v)
	k := math.Sqrt(max(u2+v2-mul(bulge, mul(u2, v2)), 0))
	if k < 0.4 {
		return mul(a, k-1)
	}
	return mul(k, k-1) / hypot(u/a, v/b)
}

// flesh is the colour of the skin of the head, as of a dome.
func (p *artist) flesh(x, y float64) rgb {
	u, v := x/(p.a+1), (y-0.5)/21
	light := p.lit(u, v)
	t := clamp(mul(light-0.35, 1.7), 0, 1)
	depth := 0.45 + mul(0.55, p.LightStrength)
	c := p.skin.mix(p.shade, mul(mul(0.9, depth), sq(1-t)))
	return c.mix(p.shine, mul(mul(0.9, depth), mul(sq(t), smooth(0.80, 1, light))))
}

func (p *artist) ears() {
	if p.Hair == LongHair || p.Hair == Bangs {
		return
	}
	for side := -1.0; side <= 1; side += 2 {
		x := mul(mul(side, p.a+0.4), p.cos) - mul(3, p.sin)
		p.fill(x-5, -4, x+5, 10, func(px, py float64) (rgb, float64) {
			d := ellipse(px-x, py-2.6-mul(0.12, mul(px-x, side)), 3, 4.3)
			return p.flesh(px, py).mix(p.shade, 0.22), p.cover(d)
		})
		p.blob(x+mul(0.3, side), 2.6, 2.4, 3.6, p.shade.scale(0.9), 0.75)
	}
}

func (p *artist) skull() {
	p.fill(-p.a-4, crown-1, p.a+4, chin+1, func(x, y float64) (rgb, float64) {
		a := p.cover(p.outline(x, y))
		if a == 0 {
			return rgb{}, 0
		}
		return p.flesh(x, y), a
	})
	if p.Hair == Bald && p.Hat == NoHat { // a bare head shines
		p.blob(mul(5, p.lx)+mul(4, p.sin), -11.5, 7, 4.4, white, 0.30)
	}
}

// joy is how much of a smile there is, 0 to 1.
func (p *artist) joy() float64 { return max(p.Smile, 0) }

func (p *artist) cheeks() {
	joy := p.joy()
	red := p.skin.mix(rgb{226, 84, 84}, 0.55)
	for side := -1.0; side <= 1; side += 2 {
		x, w := p.at(mul(side, 9.3), 8, 0)
		y := 8.6 - mul(0.9, joy)
		p.blob(x, y, mul(6.4, w), 4.8, red, 0.16+mul(0.55, p.Blush)+mul(0.12, joy))
		// A smile rounds them
		p.blob(x-mul(0.5, side), y-1.2, mul(3.6, w), 2.4, p.shine, mul(0.5, joy))
		fx, fw := p.at(mul(side, 7.2), 10, 0)
		p.fill(fx-4, 6, fx+4, 15, func(px, py float64) (rgb, float64) {
			u, v := mul(px-fx, side)/fw, py-10
			d := math.Abs(u - mul(0.12, v) - mul(0.9, 1-sq(v/4)))
			return p.shade, mul(mul(0.55, joy), mul(smooth(1.5, 0, d), smooth(4, 1.5, math.Abs(v))))
		})
	}
}

// freckles are where they are on the right half of the face, and nearly so on the left.
var freckles = [...][2]float64{{2.2, 4.6}, {4.4, 6.4}, {6.6, 5.6}, {8.6, 7.2}, {10.4, 5.4}, {5.6, 8.4}, {8, 9.4}, {10.8, 8.2}}

func (p *artist) marks() {
	if p.Freckles > 0 {
		c := p.shade.tint(0.86, 0.72, 0.62)
		for i, at := range freckles {
			for side := -1.0; side <= 1; side += 2 {
				x, y := mul(side, at[0]), at[1]
				if i%3 == 0 { // not quite alike on both sides
					x, y = x+mul(0.5, side), y+mul(0.6, side)
				}
				x, w := p.at(x, y, 0.4)
				p.blob(x, y, mul(1.25, w), 1.2, c, mul(0.7, p.Freckles))
			}
		}
	}
	if p.Wrinkles > 0 {
		c := p.shade.scale(0.82)
		mid := mul(mul(0.8, p.a), p.sin)
		for i := range 2 {
			y, half := -9.2-mul(2.3, float64(i)), 7.5-float64(i)
			p.fill(mid-half-1, y-2, mid+half+1, y+2, func(px, py float64) (rgb, float64) {
				u := (px - mid) / half
				d := math.Abs(py-y+mul(0.9, 1-sq(u))) - 0.3
				return c, mul(mul(0.8, p.Wrinkles), mul(p.cover(d), smooth(1.1, 0.7, math.Abs(u))))
			})
		}
		for side := -1.0; side <= 1; side += 2 {
			x, w := p.at(mul(side, 12.4), 1.5, 0.2)
			reach := mul(mul(2, w), side)
			for k := -1.0; k <= 1; k++ {
				p.line(x, 1.2+mul(0.8, k), x+reach, 1+mul(2, k), 0.28, c, mul(0.75, p.Wrinkles))
			}
			x, w = p.at(mul(side, 7), 5, 0.2)
			p.fill(x-6, 2, x+6, 8, func(px, py float64) (rgb, float64) { // below the eye
				u := (px - x) / mul(4.2, w)
				d := math.Abs(py-3.4-mul(1.5, 1-sq(u))) - 0.3
				return c, mul(mul(0.75, p.Wrinkles), mul(p.cover(d), smooth(1.1, 0.6, math.Abs(u))))
			})
		}
	}
}

func (p *artist) nose() {
	size := 1 + mul(0.28, p.NoseSize)
	x, _ := p.at(0, 6, 2.2)
	bx, _ := p.at(0, -1, 0.6)
	w := mul(2.9, size)
	dark := p.shade.tint(0.86, 0.80, 0.80)
	// The side away from the light
	depth := 0.3 + mul(0.7, p.LightStrength)
	reach := mul(1.9, size)
	p.fill(min(bx, x)-8, -5, max(bx, x)+8, 9, func(px, py float64) (rgb, float64) {
		t := clamp((py+3)/9, 0, 1)
		u, side := px-lerp(bx, x, t), mul(0.6, mul(w, 0.5+mul(0.6, t)))
		dark := mul(smooth(reach, 0, math.Abs(u-side)), clamp(0.5-mul(1.5, p.LightX), 0, 1))
		dark += mul(smooth(reach, 0, math.Abs(u+side)), clamp(0.5+mul(1.5, p.LightX), 0, 1))
		return p.shade, mul(mul(0.5, mul(depth, dark)), mul(smooth(-5, 0, py), smooth(8.5, 6.5, py)))
	})
	p.blob(x+mul(1.2, p.lx), 4.6, mul(2, size), mul(2, size), p.shine, 0.75)
	p.fill(x-w-2, 3, x+w+2, 10, func(px, py float64) (rgb, float64) {
		u := (px - x) / w
		// Wings at both sides, and the tip between
		y := 6.9 + mul(0.9, 1-sq(u)) - mul(0.7, mul(sq(u), sq(u)))
		slope := (mul(1.8, u) + mul(2.8, mul(u, sq(u)))) / w
		d := math.Abs(py-y)/math.Sqrt(1+sq(slope)) - 0.4 - mul(0.15, size)
		return dark, mul(mul(0.8, p.cover(d)), smooth(1.2, 0.75, math.Abs(u)))
	})
}

// mouthAt returns the mouth's middle and half its width, as seen.
func (p *artist) mouthAt() (x, y, half float64) {
	x, w := p.at(0, 12.5, 0.6)
	joy := p.joy()
	return x, 12.4 - mul(0.2, p.Smile) - mul(0.6, joy), mul(w, 5.3+mul(3.2, joy)-mul(0.5, p.MouthOpen)-mul(0.6, max(-p.Smile, 0)))
}

func (p *artist) mouth() {
	x, y, half := p.mouthAt()
	joy, open := p.joy(), p.MouthOpen
	lift := mul(5.2, p.Smile)
	// A smile shows teeth, an open mouth what is below them
	shown := mul(2.2, sq(joy))
	gap := shown + mul(open, 3.9-mul(1.9, joy))
	rise := mul(open, 1.1+mul(0.4, joy))
	full := mul(0.7+p.LipSize, 1-mul(0.25, joy)) // a smile stretches them
	lip := p.skin.mix(p.shade, 0.55).mix(rgb{196, 84, 84}, 0.32).mix(rgb{196, 30, 58}, mul(0.8, p.Lipstick))
	dark := p.shade.mix(rgb{96, 26, 32}, 0.75)
	inside := rgb{92, 24, 34}
	p.fill(x-half-2, 5, x+half+2, 21, func(px, py float64) (rgb, float64) {
		u := (px - x) / half
		u2 := sq(u)
		if u2 > 1.4 {
			return rgb{}, 0
		}
		arch := max(1-u2, 0)
		// The line on which lips meet, and how steep it is
		line := y + mul(lift, 0.38-u2)
		slope := mul(2, mul(lift, u)) / half
		steep := 1 / math.Sqrt(1+sq(slope))
		top := line - mul(rise, arch)
		bottom := line + mul(gap, mul(arch, 1.25-mul(0.25, arch)))
		v := py
		// Lips around all: the upper has a bow
		bow := mul(full, mul(arch, 1.05-mul(0.55, smooth(0.3, 0, math.Abs(u)))))
		d := mul(steep, max(top-bow-v, v-bottom-mul(mul(1.35, full), arch)))
		c, a := lip, mul(p.cover(d), smooth(1.12, 0.96, math.Abs(u)))
		if v > bottom {
			c = c.mix(white, mul(0.22, mul(arch, smooth(1.2, 0.3, math.Abs(v-bottom-full)))))
		}
		// The opening
		d = mul(steep, max(top-v, v-bottom))
		in := mul(p.cover(d), smooth(0, 0.5, gap))
		if in > 0 {
			q := inside
			tongue := p.cover(ellipse(px-x, py-y-mul(0.38, lift)-gap+0.4, mul(0.55, half), mul(0.42, gap)+0.3))
			q = q.mix(rgb{216, 100, 104}, mul(tongue, smooth(1.2, 2.5, gap)))
			teeth := mul(arch, shown) + min(mul(0.45, bottom-top-mul(arch, shown))+0.1, 2.2)
			q = q.mix(rgb{252, 249, 243}, mul(p.cover(v-top-teeth), smooth(0.1, 0.9, bottom-top)))
			c = c.mix(q, in)
			a = max(a, in)
		}
		// Shut lips meet in a line
		d = mul(steep, math.Abs(v-top)) - 0.42
		seam := mul(p.cover(d), mul(smooth(1.1, 0.95, math.Abs(u)), lerp(1, 0.35, smooth(0.2, 1.5, gap))))
		c = c.mix(dark, seam)
		return c, max(a, seam)
	})
	// Corners
	for side := -1.0; side <= 1; side += 2 {
		p.blob(x+mul(side, half+0.3), y-mul(0.62, lift), 1.8, 1.7, dark, 0.14+mul(0.4, math.Abs(p.Smile)))
	}
}

func (p *artist) eye(side float64) {
	const cy = 0.6
	cx, w := p.at(mul(side, 7.1+mul(0.95, p.EyeSpacing)), cy, 0.3)
	size := 1 + mul(0.13, p.EyeSize)
	half := mul(4.1, size)
	joy := p.joy()
	up := mul(mul(3.3, size), 1-mul(0.72, p.Lids))
	low := mul(mul(2.6, size), 1-mul(0.55, joy)-mul(0.3, p.Lids))
	crease := mul(3.3, size) + 0.9 - mul(0.5, p.Lids)
	ix, iy := mul(1.3, p.GazeX), mul(0.8, p.GazeY)+mul(0.35, p.Lids)
	radius := mul(2.55, size)
	iris := irises[p.Iris]
	ring := iris.scale(0.55)
	lash := ink.mix(p.lockDark, 0.25)
	wing := mul(0.9, p.Lashes)
	thick := 0.5 + mul(0.35, p.Lashes)
	gx := mul(0.8, clamp(mul(3, p.LightX), -1, 1)) // where light is mirrored
	// The hollow of the eye
	p.blob(cx, cy-1, mul(w, half+2.6), up+4.2, p.shade, 0.30)
	p.fill(cx-mul(w, half+3), cy-8, cx+mul(w, half+3), cy+7, func(px, py float64) (rgb, float64) {
		x, y := (px-cx)/w, py-cy
		u := x / half
		u2 := sq(u)
		arch := 1 - mul(u2, 0.35+mul(0.65, u2)) // rounder than a parabola
		top, bottom := mul(-up, arch), mul(low, arch)
		slope := mul(mul(up, u), 0.7+mul(2.6, u2)) / half
		steep := 1 / math.Sqrt(1+sq(slope))
		d := mul(steep, max(top-y, y-bottom))
		if u2 > 1 {
			d = max(d, mul(math.Abs(u)-1, half))
		}
		c, a := p.shade, 0.0
		if in := p.cover(d); in > 0 {
			c = rgb{250, 247, 243}.mix(rgb{190, 182, 194}, mul(0.8, smooth(1.6, -0.2, y-top)))
			r := hypot(x-ix, y-iy)
			c = c.mix(ring, p.cover(r-radius))
			q := iris.mix(iris.mix(white, 0.35), mul(0.8, smooth(-1, 1.8, y-iy)))
			c = c.mix(q, p.cover(r-radius+0.6))
			c = c.mix(rgb{22, 16, 20}, p.cover(r-mul(1.2, size)))
			c = c.mix(white, mul(0.95, p.cover(hypot(x-ix-gx, y-iy+0.95)-0.72)))
			a = in
		}
		// The lower lid, the crease above the upper, and the lashes
		lid := mul(steep, math.Abs(y-bottom-0.2)) - 0.3
		l := mul(mul(0.55, p.cover(lid)), smooth(1.05, 0.8, math.Abs(u)))
		c, a = over(c, a, p.shade.scale(0.85), l)
		fold := mul(steep, math.Abs(y+mul(crease, arch))) - 0.22
		l = mul(mul(0.5, p.cover(fold)), smooth(1.05, 0.7, math.Abs(u)))
		c, a = over(c, a, p.shade.scale(0.9), l)
		out := mul(x, side) - half // beyond the outer corner
		d = mul(steep, math.Abs(y-top+0.1)) - mul(thick, 1-mul(0.35, u2))
		if u2 > 1 {
			d = max(mul(0.8, math.Abs(y+mul(0.9, mul(max(out, 0), p.Lashes))))-mul(0.8, thick), out-mul(1.6, wing), -mul(x, side)-half-0.3)
		}
		c, a = over(c, a, lash, p.cover(d))
		return c, a
	})
}

func (p *artist) brow(side float64) {
	y := -5.4 - mul(1.3, p.BrowHeight)
	cx, w := p.at(mul(side, 7.3+mul(0.8, p.EyeSpacing)), y, 0.6)
	half := 4.7
	thick := 0.5 + mul(0.75, p.BrowThickness)
	c := p.lockDark.mix(p.shade, 0.12)
	if p.HairColour == BlondHair || p.HairColour == GrayHair {
		c = p.lockDark.mix(p.shade, 0.2).scale(0.85)
	}
	p.fill(cx-mul(w, half+1.5), y-5, cx+mul(w, half+1.5), y+5, func(px, py float64) (rgb, float64) {
		u := mul((px-cx)/w, side) / half // -1 at the inner end
		line := y - mul(1.2, 1-sq(u)) - mul(1.5, mul(p.BrowAngle, u)) + mul(0.5, u)
		slope := (mul(2.4, u) - mul(1.5, p.BrowAngle)) / half
		steep := 1 / math.Sqrt(1+sq(slope))
		d := mul(steep, math.Abs(py-line)) - mul(thick, 1-mul(0.42, clamp(u, -0.6, 1)))
		return c, mul(mul(0.95, p.cover(d)), smooth(1.15, 0.85, math.Abs(u)))
	})
}
