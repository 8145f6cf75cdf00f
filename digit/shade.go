package digit

import "image"

// small reports whether a picture may be one of MNIST itself, and is cropped and cleaned already.
func (g *grey) small() bool { return min(g.w, g.h) < 64 }

// shade returns the level up to which what is kept is no ink but the shadow that it is in: narrow
// enough to look like a stroke, of a level of its own, and wider than the strokes in it. In a small
// picture the soft edges of strokes would pass for that.
func (g *grey) shade(keep []bool) (level int, ok bool) {
	if g.small() {
		return 0, false
	}
	var histogram [256]int64
	n := int64(0)
	for i, k := range keep {
		if k {
			histogram[g.pix[i]]++
			n++
		}
	}
	level, contrast, share, apart := otsu(&histogram, 0)
	if apart < 60 || contrast < leastContrast || share < 3 || share > 90 {
		return 0, false
	}
	ink := make([]bool, len(keep))
	for i, k := range keep {
		ink[i] = k && int(g.pix[i]) > level
	}
	box, all := maskBox(ink, g.w, g.h), maskBox(keep, g.w, g.h)
	if max(box.Dx(), box.Dy()) < minDigit {
		return 0, false
	}
	width := func(keep []bool) int { return strokeWidth(keep, g.w, all) }
	return level + 1, apart >= 85 && 3*width(ink) < 2*width(keep) || 2*max(box.Dx(), box.Dy()) > max(all.Dx(), all.Dy()) && g.flat(keep, ink, all)
}

// flat reports whether a fifth of what is kept and no ink is of one level, as a shadow as narrow as
// strokes is, and not their soft edge.
func (g *grey) flat(keep, ink []bool, box image.Rectangle) bool {
	reach := 2 + max(box.Dx(), box.Dy())/50
	flat, n := 0, 0
	inner := box.Inset(reach)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			at := y*g.w + x
			if !keep[at] {
				continue
			}
			n++
			if ink[at] || !image.Pt(x, y).In(inner) {
				continue
			}
			is := true
			for _, to := range [4]int{1, -1, g.w, -g.w} {
				to = at + reach*to
				is = is && keep[to] && !ink[to]
			}
			if is {
				flat++
			}
		}
	}
	return 5*flat > n
}
