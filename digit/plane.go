package digit

import (
	"image"

	"github.com/vae-edge/vae-edge/internal/photo"
)

// planeSide is how many pixels the longer side of a picture has in which its planes are compared.
const planeSide = 128

// bestPlane returns what of a picture its ink stands out in: its grey levels on white, unless all
// that is opaque has one colour, or ink and ground have the same level in grey.
func bestPlane(img image.Image) (name string, level func(x, y int) int) {
	grey := levels(img)
	if alpha, ok := inkOnClear(img); ok {
		return "what is opaque", alpha
	}
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		return "", grey
	}
	at := photo.Colours(img)
	best := standsOut(img, grey)
	level = grey
	for _, p := range []struct {
		name  string
		level func(r, g, b int) int
	}{
		{"its red", func(r, g, b int) int { return r }},
		{"its green", func(r, g, b int) int { return g }},
		{"its blue", func(r, g, b int) int { return b }},
		{"red against green", func(r, g, b int) int { return (255 + r - g) / 2 }},
		{"blue against yellow", func(r, g, b int) int { return (510 + 2*b - r - g) / 4 }},
	} {
		l := func(x, y int) int {
			r, g, b := at(x, y)
			return p.level(int(r), int(g), int(b))
		}
		// The levels of grey are those with the least noise
		if c := standsOut(img, l); c > 2*standsOut(img, grey) && c > best {
			name, level, best = p.name, l, c
		}
	}
	return name, level
}

// standsOut returns by how many levels what is narrow stands out from its ground in a plane, in a
// small picture: more than most of it, as ink and not noise does.
func standsOut(img image.Image, level func(x, y int) int) int {
	b := img.Bounds()
	factor := (max(b.Dx(), b.Dy()) + planeSide - 1) / planeSide
	small := newGrey((b.Dx()+factor-1)/factor, (b.Dy()+factor-1)/factor)
	for y := range small.h {
		for x := range small.w {
			sum, n := 0, 0
			// A row in three will do
			for sy := b.Min.Y + y*factor; sy < min(b.Min.Y+(y+1)*factor, b.Max.Y); sy += 1 + factor/8 {
				for sx := b.Min.X + x*factor; sx < min(b.Min.X+(x+1)*factor, b.Max.X); sx += 1 + factor/8 {
					sum += level(sx, sy)
					n++
				}
			}
			small.pix[y*small.w+x] = uint8((sum + n/2) / n)
		}
	}
	most := 0
	for range 2 {
		ground := small.opened(widestStroke)
		ground.brightest3()
		var histogram [256]int
		for i, v := range small.pix {
			histogram[max(int(v)-int(ground.pix[i]), 0)]++
		}
		most = max(most, quantile(&histogram, len(small.pix), 99)-quantile(&histogram, len(small.pix), 60))
		small.invert()
	}
	return most
}

// inkOnClear returns the levels of a picture of ink of one colour on transparency: opaque is dark.
func inkOnClear(img image.Image) (level func(x, y int) int, ok bool) {
	if o, is := img.(interface{ Opaque() bool }); !is || o.Opaque() {
		return nil, false
	}
	at := func(x, y int) (grey, alpha int) {
		r, g, b, a := img.At(x, y).RGBA()
		return int((19595*r + 38470*g + 7471*b + 1<<15) >> 24), int(a >> 8)
	}
	if m, is := img.(image.RGBA64Image); is {
		at = func(x, y int) (grey, alpha int) {
			c := m.RGBA64At(x, y)
			return int((19595*uint32(c.R) + 38470*uint32(c.G) + 7471*uint32(c.B) + 1<<15) >> 24), int(c.A >> 8)
		}
	}
	var histogram [256]int
	opaque, clear := 0, 0
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			switch grey, alpha := at(x, y); {
			case alpha >= 192:
				histogram[min(grey*255/alpha, 255)]++
				opaque++
			case alpha < 64:
				clear++
			}
		}
	}
	// Of ink there is less than of its ground
	if opaque == 0 || clear < opaque || quantile(&histogram, opaque, 97)-quantile(&histogram, opaque, 3) >= 2*leastContrast {
		return nil, false
	}
	return func(x, y int) int {
		_, alpha := at(x, y)
		return 255 - alpha
	}, true
}
