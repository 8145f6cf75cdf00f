package faces

import "math"

// tress is the colour of hair as of a dome.
func (p *artist) tress(x, y, from float64) rgb {
	u, v := x/(p.a+5), (y+2)/25
	t := p.lit(u, v)
	depth := 0.4 + mul(0.6, p.LightStrength)
	c := p.lock.mix(p.lockDark, mul(depth, sq(1-clamp(mul(t, 1.2), 0, 1))))
	strand := wave(mul(7.5, (x-from)/(y+38)))
	c = c.mix(p.lockDark, mul(0.22, strand+1))
	k := hypot(x/(p.a+2), (y+2)/18) // a band of gloss around the dome
	if y < 0 {
		c = c.mix(p.gloss, mul(mul(0.75, smooth(0.18, 0, math.Abs(k-0.86))), mul(smooth(0.3, 0.9, t), 0.6+mul(0.4, strand))))
	}
	return c
}

// curls are bumps around the head.
func (p *artist) curls(x, y float64) float64 {
	grow := p.HairVolume
	y += 4
	// Goes around the head as an angle does, 0 to 4
	q := x / (math.Abs(x) + math.Abs(y) + 1e-9)
	if y > 0 {
		q = 2 - q
	}
	bump := mul(2, mul(3.5, q)-math.Floor(mul(3.5, q))) - 1
	return ellipse(x, y, p.a+3.4+grow, 17+grow) - mul(1.3, 1-sq(bump))
}

// bundle is long hair that reaches down to y.
func (p *artist) bundle(x, y, down float64) float64 {
	grow := mul(1.2, p.HairVolume)
	d := ellipse(x, y+2.6, p.a+3+grow, 18.6+mul(0.6, grow))
	mid := mul(0.5, down-4)
	return min(d, box(x, y-mid, p.a+2.8+grow+mul(0.05, y), mul(0.5, down+4), 5.5))
}

func (p *artist) hairBehind() {
	dark := p.lockDark.mix(p.lock, 0.25)
	switch p.Hair {
	case LongHair, Bangs:
		down := 29.0
		if p.Hair == Bangs {
			down = 16
		}
		p.fill(-26, -24, 26, down+1, func(x, y float64) (rgb, float64) {
			a := p.cover(p.underHat(p.bundle(x, y, down), y))
			return dark.scale(1 - mul(0.15, smooth(p.a, 0, math.Abs(x)))), a
		})
	case CurlyHair:
		p.fill(-26, -26, 26, 20, func(x, y float64) (rgb, float64) {
			a := p.cover(p.underHat(max(p.curls(x, y), mul(0.7, y-7)), y))
			if a == 0 {
				return dark, 0
			}
			return p.curl(x, y), a
		})
	case Buns:
		r := 4.9 + mul(0.7, p.HairVolume)
		for side := -1.0; side <= 1; side += 2 {
			x, y := mul(mul(side, p.a+2.8), p.cos)-mul(4, p.sin), 8.6
			p.fill(x-r-1, y-r-1, x+r+1, y+r+1, func(px, py float64) (rgb, float64) {
				u, v := px-x, py-y
				c := p.lock.mix(p.lockDark, mul(0.5, 1-clamp(p.lit(u/r, v/r), 0, 1)))
				c = c.mix(p.lockDark, mul(0.22, 1+wave(mul(0.22, mul(side, u))+mul(0.3, v)+mul(0.012, sq(u)))))
				c = c.mix(p.gloss, mul(0.6, smooth(4, 0, hypot(u-mul(2.5, p.lx), v+2.4))))
				return c, p.cover(hypot(u, mul(1.08, v)) - r)
			})
		}
	}
}

// curl is the colour of curly hair.
func (p *artist) curl(x, y float64) rgb {
	t := p.lit(x/(p.a+8), (y+4)/24)
	c := p.lock.mix(p.lockDark, mul(0.9, clamp(0.8-t, 0, 1)))
	k := mul(wave(mul(0.15, x)+mul(0.4, wave(mul(0.09, y)))), wave(mul(0.15, y)+mul(0.35, wave(mul(0.1, x)))))
	if k > 0 {
		return c.mix(p.gloss, mul(0.34, mul(k, clamp(mul(1.3, t), 0, 1))))
	}
	return c.mix(p.lockDark, mul(-0.55, k))
}

// underHat takes away from a shape of hair what a hat covers.
func (p *artist) underHat(d, y float64) float64 {
	if p.Hat != NoHat {
		return max(d, hatBase-2-y)
	}
	return d
}

func (p *artist) hair() {
	mid := mul(mul(0.72, p.a), p.sin) // of the forehead
	part := mid + mul(6, p.Parting)
	w := p.a - 0.6
	// line is where hair ends above the face, and slope how steep that is
	var line func(u float64) (y, slope float64)
	var shape func(x, y float64) float64
	const bottom = 1.5
	from, down := part, bottom+2 // down is as far as hair reaches
	side := mul(p.Parting, 0.5)
	grow := mul(0.9, p.HairVolume)
	short := func(x, y float64) float64 {
		return max(ellipse(x, y+2.2, p.a+1.5+grow, 18.4+grow), mul(0.8, y-bottom))
	}
	colour := p.tress
	switch p.Hair {
	case Bald:
		return
	case ShortHair:
		top := mid - mul(3.5, p.Parting)
		shape = func(x, y float64) float64 { // it stands up where it is combed to
			return blend(max(ellipse(x, y+2.2, p.a+1+grow, 18+grow), mul(0.8, y-bottom)), ellipse(x-top, y+14.8, 12.5+grow, 7+grow), 4)
		}
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			u8 := sq(sq(u2))
			return -12.6 + mul(4.6, mul(side, u)) + mul(3.4, u2) + mul(9, u8), (mul(72, mul(u8/(u2+1e-9), u)) + mul(6.8, u) + mul(4.6, side)) / w
		}
	case Buns:
		shape, from = short, mul(-4, p.sin)
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			return -12 + mul(10.5, sq(u2)), mul(42, mul(u2, u)) / w
		}
	case CurlyHair:
		down = 9
		shape = func(x, y float64) float64 { return max(p.curls(x, y), mul(0.7, y-6)) }
		colour = func(x, y, _ float64) rgb { return p.curl(x, y) }
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			return -9.6 + mul(11, sq(u2)) + mul(0.7, wave(mul(2.4, u))), mul(44, mul(u2, u)) / w
		}
	case LongHair:
		down = 30
		shape = func(x, y float64) float64 { return p.bundle(x, y, 29) }
		w = p.a - 0.9
		line = func(u float64) (float64, float64) {
			u2, k := sq(u), math.Abs(u-mul(6, p.Parting)/w)
			return -14.6 + mul(5.5, k) - mul(1.5, mul(k, k)) + mul(19, sq(u2)), mul(76, mul(u2, u)) / w
		}
	case Bangs:
		down = 17
		shape = func(x, y float64) float64 { return p.bundle(x, y, 16) }
		w = p.a - 0.9
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			tips := mul(2.6, u) + 0.3
			tips = math.Abs(mul(2, tips-math.Floor(tips)) - 1)
			return -5.2 - mul(1.2, tips) + mul(15, mul(u2, sq(u2))), mul(90, mul(u2, mul(u2, u))) / w
		}
	}
	p.fill(-p.a-9, -26, p.a+9, down, func(x, y float64) (rgb, float64) {
		d := p.underHat(shape(x, y), y)
		if d > 1 {
			return rgb{}, 0
		}
		h, slope := line(clamp((x-mul(mid, 1-mul(0.8, min(sq(x/p.a), 1))))/w, -1.35, 1.35))
		e := (y - h) / math.Sqrt(1+sq(slope))
		a := p.cover(max(d, e))
		if a == 0 {
			// A soft shadow on the forehead
			if e < 2 && y < 0 && p.outline(x, y) < -0.5 {
				return p.shade, mul(0.35, smooth(2, 0.4, e))
			}
			return rgb{}, 0
		}
		return colour(x, y, from), a
	})
}

func (p *artist) beard() {
	x, y, half := p.mouthAt()
	joy := p.joy()
	switch p.Beard {
	case Stubble, Goatee, FullBeard:
		c, most, grow := p.lock.mix(p.skin, 0.15), 0.55, 0.2
		if p.Beard == FullBeard {
			c, most, grow = p.lock, 1, 1.3
		} else if p.Beard == Goatee {
			c, most, grow = p.lock, 1, 1
		}
		mid := mul(9, p.sin)
		p.fill(-p.a-5, -2, p.a+5, chin+4, func(px, py float64) (rgb, float64) {
			d := p.outline(px, mul(py, 0.94)) - grow
			// Below a square jaw it is round
			d = max(d, ellipse(px-mul(5, p.sin), py, p.a+3, chin+2.6))
			if d > 1 {
				return c, 0
			}
			u := (px - mul(mid, smooth(p.a, 0, math.Abs(px)))) / p.a
			u4 := sq(sq(u))
			top := 9.6 - mul(0.4, joy) - mul(8.6, u4) + mul(7.2, mul(sq(u), 1-sq(u)))
			soft := 1.2
			if p.Beard == Stubble {
				soft = 3
			}
			a := smooth(-soft, soft, py-top)
			// Room for the mouth
			room := ellipse(px-x, py-y-mul(0.5, p.MouthOpen)-0.4, half+0.6, 2.3+mul(2.2, p.MouthOpen)+mul(0.5, joy))
			a = mul(a, smooth(-0.6, 0.9, room))
			if p.Beard == Goatee { // the chin, and a little between it and the lip
				cx := mul(1.1, x)
				tuft := min(ellipse(px-cx, py-19.5, 5.4, 4.2), ellipse(px-cx, py-y-4.6-mul(4, p.MouthOpen), 1.9, 2.4))
				a = smooth(1, -0.8, max(tuft, mul(-1.2, room)))
			}
			a = mul(mul(a, most), p.cover(d))
			t := p.lit(u, py/24)
			hair := c.mix(p.lockDark, mul(0.8, clamp(0.75-t, 0, 1)))
			hair = hair.mix(p.gloss, mul(0.25, mul(clamp(t, 0, 1), 0.5+mul(0.5, wave(mul(0.42, px+mul(0.35, py)))))))
			return hair, a
		})
	}
	if p.Beard == Moustache || p.Beard == FullBeard {
		mx, w := p.at(0, 10, 1.2)
		wide := mul(w, 6.4+mul(0.8, joy))
		lift := mul(1.1, p.Smile)
		p.fill(mx-wide-2, 5, mx+wide+2, 16, func(px, py float64) (rgb, float64) {
			u := (px - mx) / wide
			u2 := sq(u)
			mid := 10.1 + mul(1.5, u2) - mul(lift, u2) - mul(0.4, joy)
			thick := mul(1.75, max(1-mul(u2, u2), 0)) + 0.15 - mul(0.5, smooth(0.25, 0, math.Abs(u)))
			d := math.Abs(py-mid) - thick
			d = max(mul(0.9, d), mul(math.Abs(u)-1, wide))
			t := 0.5 + mul(0.5, wave(mul(0.4, px-mx)+mul(0.2, py)))
			return p.lock.mix(p.lockDark, mul(0.5, t)), p.cover(d)
		})
	}
}
