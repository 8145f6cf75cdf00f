package faces

import "math"

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
// x goes to the right, y down, and a unit is about 1.36 pixels.
type artist struct {
	canvas
	Face
	head, body            frame
	a                     float64 // half the head's width
	cos, sin              float64 // of the turn
	lx, ly, lz            float64 // towards the light
	skin, shade, shine    rgb     // of the skin
	lock, lockDark, gloss rgb     // of the hair
}

const (
	crown = -18.5 // the top of the head without hair
	chin  = 19.5
	// where a hat sits
	hatBase = -11.0
	base    = 22.0 // of the neck, about which the head rolls
	raised  = 5.0  // how far the body is above its usual place, so that clothes are seen
)

func (p *artist) set(f frame) { p.frame = f }

// angle returns the cosine and the sine of an angle, given half its tangent.
func angle(t float64) (cos, sin float64) {
	n := 1 + mul(t, t)
	return (1 - mul(t, t)) / n, mul(2, t) / n
}

func (p *artist) prepare() {
	scale := 1.36 + mul(0.06, p.Scale)
	x, y := 32+mul(1.6, p.ShiftX), 32+mul(1.3, p.ShiftY)
	p.body = frame{x, y - mul(raised, scale), 1, 0, scale}
	cos, sin := angle(mul(0.07, p.Roll))
	down := mul(base, scale)
	p.head = frame{x + mul(down, sin), y + down - mul(down, cos), cos, sin, scale}
	p.a = 15.5 + mul(1.8, p.HeadWidth)
	p.cos, p.sin = angle(mul(0.15, p.Turn))
	p.lx, p.ly, p.lz = mul(0.75, p.LightX), -0.45, 0.75
	n := math.Sqrt(sq(p.lx) + sq(p.ly) + sq(p.lz))
	p.lx, p.ly, p.lz = p.lx/n, p.ly/n, p.lz/n

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
		slope := mul(0.012, x)
		d := (y - 22.9 - mul(0.006, sq(x))) / math.Sqrt(1+sq(slope))
		t := clamp(0.5+mul(0.55, mul(p.LightStrength, mul(x/26, p.lx)))-mul(0.03, y-28), 0, 1)
		if p.Stripes {
			c = c.mix(pale, smooth(-0.25, 0.25, wave(mul(0.3, y-mul(0.006, sq(x))-23.5))))
		}
		// A fold where arms begin
		fold := smooth(1.2, 0, math.Abs(math.Abs(x)-19-mul(0.15, 33-y)))
		return dark.mix(c, t+mul(0.4, 1-t)).mix(dark, mul(0.5, mul(fold, smooth(24, 28, y)))), p.cover(-d)
	})
}

func (p *artist) neck() {
	p.fill(-11, 10, 11, 32, func(x, y float64) (rgb, float64) {
		d := box(x, y-12, 6.4, 15, 3)
		if p.Clothes != Turtleneck {
			d = min(d, ellipse(x, y-23.4, 8.4, 4.2))
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
			d := math.Abs(ellipse(x, y-23.2, 9, 5)) - 0.7
			return c.mix(white, 0.18), mul(p.cover(d), smooth(22, 24, y))
		})
	case Shirt:
		light := c.mix(white, 0.35)
		p.line(0, 27.6, 0, 40, 0.5, dark, 0.8)
		for side := -1.0; side <= 1; side += 2 {
			p.fill(-13, 19, 13, 34, func(x, y float64) (rgb, float64) {
				u := mul(x, side)
				// A flap between the neck and the shoulder, its point down
				d := max(3.4-u-mul(0.62, y-25.5), mul(0.9, u)-8.6+mul(0.3, y-24), y-29.6+mul(0.25, u))
				d = max(d, 20.4-y-mul(0.1, u), -u)
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
