package faces

import "math"

// Glasses stand on the nose, before the face.
const glassesY, glassesOut = 1.0, 1.6

// temples are the parts of glasses that go to the ears, below hair.
func (p *artist) temples() {
	if p.Glasses == NoGlasses {
		return
	}
	for side := -1.0; side <= 1; side += 2 {
		x, w := p.at(mul(side, 7.2), glassesY, glassesOut)
		p.line(x+mul(side, mul(w, 5.6)), glassesY-1.4, mul(side, p.a+0.4), glassesY-1.6, 0.6, along(frames, p.GlassesColour), 0.9)
	}
}

func (p *artist) glasses() {
	if p.Glasses == NoGlasses {
		return
	}
	const y, out = glassesY, glassesOut
	frame := along(frames, p.GlassesColour)
	for side := -1.0; side <= 1; side += 2 {
		x, w := p.at(mul(side, 7.2), y, out)
		w = mul(w, 1.02)
		p.fill(x-9, y-8, x+9, y+9, func(px, py float64) (rgb, float64) {
			u, v := (px-x)/w, py-y
			var d, thick float64
			glass := rgb{235, 245, 255}
			tint := 0.10
			switch p.Glasses {
			case RoundGlasses:
				d, thick = hypot(u, mul(0.98, v))-5.4, 0.55
			case SquareGlasses:
				d, thick = box(u, v+0.2, 6, 5.1, 0.9), 0.75
			default:
				// Wider above than below
				d, thick = box(u-mul(0.10, mul(side, v)), v, 6, 5.2, 3.4), 0.5
				glass, tint = rgb{40, 36, 46}, lerp(0.62, 0.36, smooth(-4, 5, v))
			}
			c, a := glass, mul(tint, p.cover(d))
			// A reflection runs across
			if gleam := math.Abs(u + mul(0.8, v) + mul(2, side)); gleam < 1.6 {
				c, a = over(c, a, white, mul(0.22, mul(p.cover(d+1), smooth(1.6, 0.8, gleam))))
			}
			c, a = over(c, a, frame, p.cover(math.Abs(d)-thick))
			return c, a
		})
	}
	l, lw := p.at(-7.2, y, out)
	r, rw := p.at(7.2, y, out)
	inner := 5.2
	l, r = l+mul(lw, inner), r-mul(rw, inner)
	p.fill(l-1, y-4, r+1, y+2, func(px, py float64) (rgb, float64) {
		u := mul(2, px-l)/(r-l+1e-9) - 1
		d := math.Abs(py-y+1.6-mul(0.8, sq(u))) - 0.6
		return frame, mul(p.cover(d), smooth(1.3, 1, math.Abs(u)))
	})
}

func (p *artist) hat() {
	if p.Hat == NoHat {
		return
	}
	c := around(cloths, p.HatHue)
	dark := c.tint(0.62, 0.58, 0.64)
	light := c.mix(white, 0.25)
	const b = hatBase
	shift := mul(p.a, p.sin)
	felt := func(x, y float64) rgb {
		t := p.lit(x/(p.a+4), (y+6)/19)
		depth := 0.45 + mul(0.55, p.LightStrength)
		return c.mix(dark, mul(depth, clamp(0.95-mul(1.2, t), 0, 1))).mix(light, mul(mul(0.6, depth), smooth(0.75, 1, t)))
	}
	// Its shadow
	p.fill(-p.a, b-3, p.a, b+6, func(x, y float64) (rgb, float64) {
		if p.outline(x, y) > -0.5 {
			return p.shade, 0
		}
		return p.shade, mul(0.6, smooth(b+5, b+1, y))
	})
	switch p.Hat {
	case Beanie:
		p.disc(mul(-3, p.sin), -23.2, 3.6, 3.2, light, 1)
		p.blob(mul(-3, p.sin), -21.8, 3.6, 3.2, dark, 0.5)
		p.fill(-p.a-4, -27, p.a+4, b, func(x, y float64) (rgb, float64) {
			d := max(ellipse(x, y-b, p.a+2.2, 13), y-b)
			rib := wave(mul(4.2, (x-mul(0.5, shift))/(y+34)))
			return felt(x, y).mix(dark, mul(0.14, rib+1)), p.cover(d)
		})
		p.fill(-p.a-5, b-6, p.a+5, b+4, func(x, y float64) (rgb, float64) {
			v := y - b + mul(0.008, sq(x)) - 0.6
			d := box(x, v+1, p.a+2.9, 2.8, 1.8)
			rib := wave(mul(0.36, x-mul(0.8, shift)))
			q := felt(x, y+4).mix(light, 0.25)
			return q.mix(dark, mul(0.22, rib+1)).mix(dark, mul(0.4, smooth(0, 3, v))), p.cover(d)
		})
	case Cap:
		p.fill(-p.a-4, -27, p.a+4, b+2, func(x, y float64) (rgb, float64) {
			d := max(ellipse(x, y-b, p.a+2, 13), y-b-0.5)
			q := felt(x, y)
			seam := math.Abs(x - mul(0.6, mul(shift, 1+mul(0.03, y))))
			return q.mix(dark, mul(0.5, smooth(0.9, 0.2, seam))), p.cover(d)
		})
		p.disc(mul(0.2, shift), b-13, 1.6, 1, dark, 1)
		x := mul(1.6, shift)
		p.fill(-30, b-6, 30, b+6, func(px, py float64) (rgb, float64) {
			u := (px - x) / (p.a - 0.5)
			// Its edge is an arc that is seen from a little below
			v := py - b + 1.6 - mul(2.2, sq(u))
			d := max(mul(math.Abs(u)-1, p.a), math.Abs(v)-mul(2.5, math.Sqrt(max(1-mul(0.8, sq(u)), 0))))
			return c.mix(dark, 0.25+mul(0.55, smooth(-1, 2.6, v))).mix(light, mul(0.6, smooth(-0.8, -2.4, v))), p.cover(d)
		})
	case Brim:
		p.fill(-p.a-4, -27, p.a+4, b+1, func(x, y float64) (rgb, float64) {
			v := y - b
			d := box(x, v+2, p.a+0.2+mul(0.12, v), 12.4, 6)
			dent := mul(0.5, smooth(5, 0, hypot(x-mul(0.5, shift), mul(1.6, v+13.8))))
			band := mul(smooth(-5.4, -4.6, v+mul(0.006, sq(x))), 0.9)
			return felt(x, y).mix(dark, dent).mix(dark.scale(0.6), band), p.cover(max(d, v-0.5))
		})
		p.fill(-32, b-6, 32, b+6, func(x, y float64) (rgb, float64) {
			u := (x - mul(0.35, shift)) / (p.a + 6.4)
			v := y - b + 0.2 + mul(2.4, sq(u)) - 1
			d := ellipse(mul(u, p.a+6.4), v, p.a+6.4, 2.7)
			return c.mix(dark, mul(0.7, smooth(-0.6, 2.2, v))).mix(light, mul(0.5, smooth(-0.6, -2.2, v))), p.cover(d)
		})
	}
}

func (p *artist) earrings() {
	if !p.Earrings {
		return
	}
	for side := -1.0; side <= 1; side += 2 {
		x := mul(mul(side, p.a+1.2), p.cos) - mul(3, p.sin)
		seen := smooth(0.75, 0.35, mul(side, p.Turn)) // the head hides the far one
		p.disc(x, 8.2, 1.25, 1.7, rgb{232, 184, 72}, seen)
		p.disc(x-0.3, 7.6, 0.5, 0.6, rgb{255, 244, 200}, seen)
	}
}
