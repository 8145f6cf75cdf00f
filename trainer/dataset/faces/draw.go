package faces

import "math"

// Draw draws the face: Size bytes, row by row, red, green and blue. It allocates nothing.
func (f Face) Draw(pixels []byte) {
	_ = pixels[Size-1]
	var p artist
	p.Face = f.within()
	p.prepare()
	p.background()
	p.set(p.body)
	p.clothes()
	p.set(p.head)
	p.hairBehind()
	p.set(p.body)
	p.neck()
	p.set(p.head)
	p.ears()
	p.skull()
	p.cheeks()
	p.marks()
	p.beard()
	p.nose()
	p.mouth()
	for side := -1.0; side <= 1; side += 2 {
		p.eye(side)
		p.brow(side)
	}
	p.temples()
	p.hair()
	p.earrings()
	p.glasses()
	p.hat()
	for i := range p.pixels {
		pixels[i] = byte(clamp(float64(p.pixels[i])+0.5, 0, 255))
	}
}

var (
	skins = []rgb{{255, 226, 208}, {250, 211, 184}, {238, 188, 152}, {216, 158, 118}, {180, 120, 82}, {138, 88, 60}, {98, 62, 44}}
	// Of a colour of hair its darkest and its lightest shade
	hairs  = [...][2]rgb{{{26, 22, 28}, {64, 54, 56}}, {{74, 46, 32}, {150, 100, 64}}, {{206, 154, 78}, {248, 220, 158}}, {{146, 56, 30}, {218, 116, 60}}, {{134, 134, 142}, {216, 216, 222}}}
	irises = [...]rgb{{98, 58, 32}, {142, 104, 48}, {82, 134, 82}, {66, 126, 186}, {120, 136, 150}}
	backs  = []rgb{{250, 206, 160}, {248, 178, 168}, {240, 176, 204}, {206, 186, 236}, {160, 190, 240}, {150, 214, 222}, {170, 218, 176}, {238, 226, 150}}
	deeps  = []rgb{{166, 92, 52}, {166, 68, 72}, {146, 62, 108}, {96, 74, 158}, {50, 88, 156}, {32, 116, 132}, {46, 116, 86}, {146, 122, 48}}
	cloths = []rgb{{206, 70, 72}, {228, 128, 62}, {236, 190, 84}, {98, 160, 100}, {56, 146, 150}, {62, 108, 182}, {116, 92, 172}, {196, 90, 140}}
	frames = []rgb{{34, 30, 36}, {96, 52, 34}, {150, 44, 50}, {60, 84, 130}, {196, 160, 90}}
	white  = rgb{255, 255, 255}
	ink    = rgb{38, 28, 32}
)

// An artist draws one face. Coordinates are those of the head: its middle is between eyes and nose,
// x goes to the right, y down, and a unit is a pixel where Scale is 0.
type artist struct {
	canvas
	Face
	head, body            frame
	a                     float64 // half the head's width
	cos, sin              float64 // of the turn
	lx, ly, lz            float64 // towards the light
	skin, shade, shine    rgb     // of the skin
	lock, lockDark, gloss rgb     // of the hair
	hatBase               float64 // the height at which a hat sits
}

const (
	crown = -18.5 // the top of the head without hair
	chin  = 19.5
	base  = 22.0 // of the neck, about which the head rolls
)

func (p *artist) set(f frame) { p.frame = f }

// angle returns the cosine and the sine of an angle, given half its tangent.
func angle(t float64) (cos, sin float64) {
	n := 1 + mul(t, t)
	return (1 - mul(t, t)) / n, mul(2, t) / n
}

func (p *artist) prepare() {
	scale := 1.06 + mul(0.07, p.Scale)
	x, y := 32+mul(2.5, p.ShiftX), 33+mul(2, p.ShiftY)
	p.body = frame{x, y, 1, 0, scale}
	cos, sin := angle(mul(0.07, p.Roll))
	down := mul(base, scale)
	p.head = frame{x + mul(down, sin), y + down - mul(down, cos), cos, sin, scale}
	p.a = 15.5 + mul(1.5, p.HeadWidth)
	p.cos, p.sin = angle(mul(0.15, p.Turn))
	p.lx, p.ly, p.lz = mul(0.75, p.LightX), -0.45, 0.75
	n := math.Sqrt(sq(p.lx) + sq(p.ly) + sq(p.lz))
	p.lx, p.ly, p.lz = p.lx/n, p.ly/n, p.lz/n
	p.hatBase = -9

	w := p.SkinWarmth
	p.skin = along(skins, p.Skin).tint(1, 1+mul(0.02, w), 1-mul(0.06, w))
	p.shade = p.skin.tint(0.80, 0.68, 0.66)
	p.shine = p.skin.mix(rgb{255, 244, 228}, 0.35)
	h := hairs[p.HairColour]
	p.lock = h[0].mix(h[1], 0.5+mul(0.5, p.HairTone))
	p.lockDark = p.lock.tint(0.72, 0.64, 0.62)
	if p.HairColour == GrayHair {
		p.lockDark = p.lock.tint(0.70, 0.69, 0.72)
	}
	p.gloss = p.lock.mix(rgb{255, 240, 220}, 0.30)
}

// at returns where a point of the face is seen when the head turns, and how wide what is there
// looks. out is how far it stands out of the head.
func (p *artist) at(x, y, out float64) (seen, width float64) {
	z := mul(p.a, math.Sqrt(max(0.15, 1-sq(x/p.a)-sq(y/22))))
	return mul(x, p.cos) + mul(z+out, p.sin), clamp(p.cos-mul(p.sin, x/z), 0.6, 1.15)
}

// lit is how much light falls on a dome at (u, v), -1 to 1 across it: about 0 to 1.
func (p *artist) lit(u, v float64) float64 {
	n := math.Sqrt(max(0, 1-sq(u)-sq(v)))
	return mul(u, p.lx) + mul(v, p.ly) + mul(n, p.lz)
}

func (p *artist) background() {
	c := around(deeps, p.BackHue).mix(around(backs, p.BackHue), min(mul(1.5, p.BackLight), 1))
	c = c.mix(white, mul(0.75, max(p.BackLight-0.6, 0)))
	for y := range Side {
		v := (float64(y) - 31.5) / 32
		for x := range Side {
			u := (float64(x) - 31.5) / 32
			t := mul(0.20, mul(p.BackGradient, v)) + mul(0.10, 1-sq(u)-sq(v))
			q := c
			if t > 0 {
				q = c.mix(white, t)
			} else {
				q = c.scale(1 + mul(0.8, t))
			}
			at := p.pixels[(y*Side+x)*3:]
			at[0], at[1], at[2] = float32(q.r), float32(q.g), float32(q.b)
		}
	}
}

// cloth is the colour of the clothes, lit.
func (p *artist) cloth() rgb {
	c := around(cloths, p.ClothesHue)
	if p.ClothesLight < 0.5 {
		return c.mix(c.tint(0.40, 0.42, 0.48), mul(0.9, 1-mul(2, p.ClothesLight)))
	}
	return c.mix(white, mul(1.1, p.ClothesLight-0.5))
}

func (p *artist) clothes() {
	c := p.cloth()
	dark := c.tint(0.72, 0.70, 0.76)
	pale := c.mix(white, 0.72)
	if p.ClothesLight > 0.5 {
		pale = c.mix(around(cloths, p.ClothesHue).scale(0.62), 0.8)
	}
	p.fill(-40, 20, 40, 40, func(x, y float64) (rgb, float64) {
		c, dark := c, dark
		slope := mul(0.03, x)
		d := (y - 22.6 - mul(0.015, sq(x))) / math.Sqrt(1+sq(slope))
		t := clamp(0.5+mul(0.55, mul(p.LightStrength, mul(x/26, p.lx)))-mul(0.03, y-28), 0, 1)
		// Light and shadow part where arms begin
		if p.Stripes {
			c = c.mix(pale, smooth(-0.25, 0.25, wave(mul(0.19, y-mul(0.015, sq(x))-23.5))))
		}
		fold := smooth(1.2, 0, math.Abs(math.Abs(x)-19-mul(0.15, 33-y)))
		return dark.mix(c, t+mul(0.4, 1-t)).mix(dark, mul(0.5, mul(fold, smooth(27, 32, y)))), p.cover(-d)
	})
}

func (p *artist) neck() {
	p.fill(-11, 10, 11, 32, func(x, y float64) (rgb, float64) {
		d := box(x, y-12, 6.4, 15, 3)
		if p.Clothes != Turtleneck {
			d = min(d, ellipse(x, y-23.6, 9, 4.6))
		}
		// The head's shadow
		c := p.shade.mix(p.skin, mul(0.85, smooth(19, 26, y)))
		return c.mix(p.shade, mul(0.5, mul(p.LightStrength, clamp(0.5-mul(x/7, p.lx), 0, 1)))), p.cover(d)
	})
	c := p.cloth()
	dark := c.tint(0.72, 0.70, 0.76)
	switch p.Clothes {
	case TShirt: // its seam
		p.fill(-12, 20, 12, 32, func(x, y float64) (rgb, float64) {
			d := math.Abs(ellipse(x, y-23.2, 9.6, 5.4)) - 0.7
			return c.mix(white, 0.18), mul(p.cover(d), smooth(22, 24, y))
		})
	case Shirt:
		light := c.mix(white, 0.35)
		p.line(0, 29, 0, 40, 0.5, dark, 0.8)
		for side := -1.0; side <= 1; side += 2 {
			p.fill(-13, 19, 13, 34, func(x, y float64) (rgb, float64) {
				u := mul(x, side)
				// A flap between the neck and the shoulder, its point down
				d := max(3.4-u-mul(0.62, y-25.5)+0, mul(0.9, u)-8.6+mul(0.3, y-24), y-29.6+mul(0.25, u))
				d = max(d, 20.4-y-mul(0.1, u), 0-u)
				return light.mix(dark, mul(0.25, smooth(25, 30, y))), p.cover(mul(0.85, d))
			})
		}
	case Turtleneck:
		p.fill(-9, 18, 9, 30, func(x, y float64) (rgb, float64) {
			bend := mul(0.02, sq(x))
			d := box(x, y-24.5+bend, 7.6, 4.6, 1.6)
			t := mul(0.35, smooth(19.5, 23, y)) + mul(0.5, 1-sq(x/8)) + mul(0.12, wave(mul(0.55, x)))
			return dark.mix(c.mix(white, 0.1), clamp(t, 0, 1)), p.cover(d)
		})
	}
}

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
	depth := 0.25 + mul(0.75, p.LightStrength)
	c := p.skin.mix(p.shade, mul(mul(0.9, depth), sq(1-t)))
	return c.mix(p.shine, mul(mul(0.9, depth), mul(sq(t), smooth(0.80, 1, light))))
}

func (p *artist) ears() {
	if p.Hair == LongHair || p.Hair == Bangs {
		return
	}
	for side := -1.0; side <= 1; side += 2 {
		x := mul(mul(side, p.a+0.4), p.cos) - mul(3, p.sin)
		w := 3.0
		p.fill(x-5, -4, x+5, 10, func(px, py float64) (rgb, float64) {
			d := ellipse(px-x, py-2.6-mul(0.12, mul(px-x, side)), w, 4.3)
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

// freckles are where they are on the right half of the face, some of them on the left as well.
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

func (p *artist) earrings() {
	if !p.Earrings {
		return
	}
	for side := -1.0; side <= 1; side += 2 {
		x := mul(mul(side, p.a+1.2), p.cos) - mul(3, p.sin)
		p.disc(x, 8.2, 1.25, 1.7, rgb{232, 184, 72}, 1)
		p.disc(x-0.3, 7.6, 0.5, 0.6, rgb{255, 244, 200}, 1)
	}
}

func (p *artist) nose() {
	size := 1 + mul(0.28, p.NoseSize)
	x, _ := p.at(0, 6, 2.2)
	bx, _ := p.at(0, -1, 0.6)
	w := mul(2.9, size)
	dark := p.shade.tint(0.86, 0.80, 0.80)
	// The side away from the light
	away := -1.0
	if p.LightX < 0 {
		away = 1
	}
	side := mul(away, mul(0.6, w))
	depth := 0.3 + mul(0.7, p.LightStrength)
	p.fill(min(bx, x)-8, -5, max(bx, x)+8, 9, func(px, py float64) (rgb, float64) {
		t := clamp((py+3)/9, 0, 1)
		d := math.Abs(px - lerp(bx, x, t) - mul(side, 0.5+mul(0.6, t)))
		return p.shade, mul(mul(0.5, depth), mul(smooth(mul(1.9, size), 0, d), mul(smooth(-5, 0, py), smooth(8.5, 6.5, py))))
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

// mouthAt returns the mouth's middle, its width and how wide it looks.
func (p *artist) mouthAt() (x, y, half float64) {
	x, w := p.at(0, 12.5, 0.6)
	joy := p.joy()
	return x, 12.4 - mul(0.2, p.Smile), mul(w, 5.3+mul(1.9, joy)-mul(0.5, p.MouthOpen)-mul(0.4, max(-p.Smile, 0)))
}

func (p *artist) mouth() {
	x, y, half := p.mouthAt()
	joy, open := p.joy(), p.MouthOpen
	lift := mul(2.9, p.Smile)
	if lift < 0 {
		lift = mul(0.75, lift)
	}
	gap := mul(open, 3.9+mul(1.4, joy))
	rise := mul(open, 1.1)
	full := 0.35 + mul(1.15, p.LipSize)
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
			teeth := min(mul(0.45, bottom-top)+0.1, 2.2)
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
		p.blob(x+mul(side, half+0.3), y-mul(0.62, lift), 1.8, 1.7, dark, 0.14+mul(0.3, math.Abs(p.Smile)))
	}
}

func (p *artist) beard() {
	x, y, half := p.mouthAt()
	joy := p.joy()
	switch p.Beard {
	case Stubble, Goatee, FullBeard:
		c, most, grow := p.lock.mix(p.skin, 0.2), 0.42, 0.2
		if p.Beard == FullBeard {
			c, most, grow = p.lock, 1, 1.3
		} else if p.Beard == Goatee {
			c, most, grow = p.lock, 1, 1
		}
		mid := mul(9, p.sin)
		p.fill(-p.a-5, -2, p.a+5, chin+4, func(px, py float64) (rgb, float64) {
			d := p.outline(px, mul(py, 0.94)) - grow
			if d > 1 {
				return c, 0
			}
			u := (px - mul(mid, smooth(p.a, 0, math.Abs(px)))) / p.a
			u4 := sq(sq(u))
			top := 9.6 - mul(0.4, joy) - mul(8.6, u4) + mul(1.8, mul(sq(u), 1-sq(u))*4)
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

// eyeAt returns the middle of an eye and how wide it looks.
func (p *artist) eyeAt(side float64) (x, y, w float64) {
	y = 0.6
	x, w = p.at(mul(side, 7.1+mul(0.95, p.EyeSpacing)), y, 0.3)
	return x, y, w
}

func (p *artist) eye(side float64) {
	cx, cy, w := p.eyeAt(side)
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
	gx := mul(0.8, 1)
	if p.LightX < 0 {
		gx = -0.8
	}
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
			d = max(mul(0.8, math.Abs(y+mul(0.9, mul(out, p.Lashes))))-mul(0.8, thick), out-mul(1.6, wing), -mul(x, side)-half-0.3)
		}
		c, a = over(c, a, lash, p.cover(d))
		return c, a
	})
}

// over lays a colour of that opacity over another.
func over(c rgb, a float64, d rgb, b float64) (rgb, float64) {
	if b <= 0 {
		return c, a
	}
	sum := b + mul(a, 1-b)
	return c.mix(d, b/sum), sum
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
	grow := mul(1.3, p.HairVolume)
	y += 4
	// Goes around the head as an angle does, 0 to 4
	q := x / (math.Abs(x) + math.Abs(y) + 1e-9)
	if y > 0 {
		q = 2 - q
	}
	bump := mul(2, mul(3.5, q)-math.Floor(mul(3.5, q))) - 1
	return ellipse(x, y, p.a+4.6+grow, 17.8+grow) - mul(1.5, 1-sq(bump))
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
			a := p.cover(p.underHat(p.curls(x, y), y))
			if a == 0 {
				return dark, 0
			}
			return p.curl(x, y), a
		})
	case Bun:
		r := 6.2 + p.HairVolume
		x, y := mul(-4, p.sin), crown-3.4
		p.fill(x-r-1, y-r-1, x+r+1, y+r+1, func(px, py float64) (rgb, float64) {
			u, v := px-x, py-y
			c := p.lock.mix(p.lockDark, mul(0.5, 1-clamp(p.lit(u/r, v/r), 0, 1)))
			c = c.mix(p.lockDark, mul(0.22, 1+wave(mul(0.22, u)+mul(0.3, v)+mul(0.012, sq(u)))))
			c = c.mix(p.gloss, mul(0.6, mul(smooth(4, 0, hypot(u-mul(2.5, p.lx), v+2.4)), 1)))
			return c, p.cover(hypot(u, mul(1.08, v)) - r)
		})
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
		return max(d, p.hatBase-2-y)
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
	bottom, from := 1.5, part
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
	case Bun:
		shape, from = short, mul(-4, p.sin)
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			return -12 + mul(10.5, sq(u2)), mul(42, mul(u2, u)) / w
		}
	case CurlyHair:
		shape = func(x, y float64) float64 { return max(p.curls(x, y), mul(0.7, y-6)) }
		colour = func(x, y, _ float64) rgb { return p.curl(x, y) }
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			return -9.6 + mul(11, sq(u2)) + mul(0.7, wave(mul(2.4, u))), mul(44, mul(u2, u)) / w
		}
	case LongHair:
		shape = func(x, y float64) float64 { return p.bundle(x, y, 29) }
		w = p.a - 0.9
		line = func(u float64) (float64, float64) {
			u2, k := sq(u), math.Abs(u-mul(6, p.Parting)/w)
			return -14.6 + mul(5.5, k) - mul(1.5, mul(k, k)) + mul(19, sq(u2)), mul(76, mul(u2, u)) / w
		}
	case Bangs:
		shape = func(x, y float64) float64 { return p.bundle(x, y, 16) }
		w = p.a - 0.9
		line = func(u float64) (float64, float64) {
			u2 := sq(u)
			tips := mul(2.6, u) + 0.3
			tips = math.Abs(mul(2, tips-math.Floor(tips)) - 1)
			return -5.2 - mul(1.2, tips) + mul(15, mul(u2, sq(u2))), mul(90, mul(u2, mul(u2, u))) / w
		}
	}
	p.fill(-26, -26, 26, 30, func(x, y float64) (rgb, float64) {
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
				d, thick = box(u, v, 5.9, 4.3, 0.9), 0.85
			default:
				// Wider above than below
				d, thick = box(u-mul(0.10, mul(side, v)), v-0.2, 5.9, 4.7, 3.2), 0.5
				glass, tint = rgb{40, 36, 46}.mix(rgb{98, 84, 104}, smooth(-4, 5, v)), 0.96
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
		u := (mul(2, px-l)/(r-l+1e-9) - 1)
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
	b := p.hatBase
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
		p.disc(mul(-3, p.sin), -26.6, 3.6, 3.4, light, 1)
		p.blob(mul(-3, p.sin), -25.2, 3.6, 3.2, dark, 0.5)
		p.fill(-p.a-4, -27, p.a+4, b, func(x, y float64) (rgb, float64) {
			d := max(ellipse(x, y-b, p.a+2.2, 15.6), y-b)
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
			d := max(ellipse(x, y-b, p.a+2, 14.4), y-b-0.5)
			q := felt(x, y)
			seam := math.Abs(x - mul(0.6, mul(shift, 1+mul(0.03, y))))
			return q.mix(dark, mul(0.5, smooth(0.9, 0.2, seam))), p.cover(d)
		})
		p.disc(mul(0.2, shift), b-14.4, 1.6, 1, dark, 1)
		x := mul(1.6, shift)
		p.fill(-30, b-6, 30, b+6, func(px, py float64) (rgb, float64) {
			u := (px - x) / (p.a - 0.5)
			// Its edge is an arc that is seen from a little below
			v := py - b + mul(0.4, 1) - mul(2.2, sq(u)) + 1.2
			d := max(mul(math.Abs(u)-1, p.a), math.Abs(v)-mul(2.5, math.Sqrt(max(1-mul(0.8, sq(u)), 0))))
			return c.mix(dark, 0.25+mul(0.55, smooth(-1, 2.6, v))).mix(light, mul(0.6, smooth(-0.8, -2.4, v))), p.cover(d)
		})
	case Brim:
		p.fill(-p.a-4, -27, p.a+4, b+1, func(x, y float64) (rgb, float64) {
			v := y - b
			d := box(x, v+2, p.a+0.2+mul(0.12, v), 14.4, 6.5)
			dent := mul(0.5, smooth(5, 0, hypot(x-mul(0.5, shift), mul(1.6, v+15.6))))
			band := mul(smooth(-5.4, -4.6, v+mul(0.006, sq(x))), 0.9)
			return felt(x, y).mix(dark, dent).mix(dark.scale(0.6), band), p.cover(max(d, v-0.5))
		})
		p.fill(-32, b-6, 32, b+6, func(x, y float64) (rgb, float64) {
			u := (x - mul(0.35, shift)) / (p.a + 8)
			v := y - b + 0.2 + mul(2.4, sq(u)) - 1
			d := ellipse(mul(u, p.a+8), v, p.a+8, 2.7)
			return c.mix(dark, mul(0.7, smooth(-0.6, 2.2, v))).mix(light, mul(0.5, smooth(-0.6, -2.2, v))), p.cover(d)
		})
	}
}
