package digit

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
	if apart < 85 || contrast < leastContrast || share < 3 || share > 90 {
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
	return level + 1, 3*width(ink) < 2*width(keep)
}
