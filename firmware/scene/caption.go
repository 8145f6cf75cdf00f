package scene

import (
	"bytes"
	"image"
	"image/draw"

	"golang.org/x/image/font/basicfont"
)

// captionSide is the shorter side, in pixels, from which letters are doubled, and so on.
const captionSide = 400

// Caption writes text over the lower edge of a frame from [NewImage], bright on black, allocating
// nothing. Text that is too wide breaks at double spaces; what is still too long or too high is cut
// off. Letters are 7x13 pixels, or a multiple on large displays. All but printable ASCII becomes a
// question mark.
func Caption(dst draw.Image, text []byte) {
	c := canvasOf(dst)
	face := basicfont.Face7x13
	scale := max(1, min(c.size.X, c.size.Y)/captionSide)
	perLine, height := max(1, c.size.X/(scale*face.Advance)), scale*face.Height
	lines := 0
	for rest := text; len(rest) > 0; lines++ {
		_, rest = cutLine(rest, perLine)
	}
	for y := c.size.Y - lines*height; len(text) > 0; y += height {
		var line []byte
		line, text = cutLine(text, perLine)
		if y >= 0 {
			c.write(image.Pt(0, y), line, scale)
		}
	}
}

// cutLine returns the part of text for one line of up to most characters, and what is left.
func cutLine(text []byte, most int) (line, rest []byte) {
	if len(text) <= most {
		return text, nil
	}
	end := bytes.LastIndex(text[:min(most+2, len(text))], []byte("  "))
	if end <= 0 {
		// What does not fit is cut off, up to where the next line may begin.
		if end = bytes.Index(text[1:], []byte("  ")) + 1; end == 0 {
			end = len(text)
		}
	}
	return text[:min(end, most)], bytes.TrimLeft(text[end:], " ")
}

// write writes one line with its top left corner at the point.
func (c canvas) write(at image.Point, line []byte, scale int) {
	face := basicfont.Face7x13
	mask := face.Mask.(*image.Alpha)
	low := face.Ranges[0].Low // of printable ASCII, the font's first range
	for y := range face.Height * scale {
		row := c.pix[(at.Y+y)*c.stride+at.X*c.pel:][:c.stride-at.X*c.pel]
		for i := range min(len(line)*face.Advance*scale, c.size.X) {
			x := i / scale
			letter := rune(line[x/face.Advance])
			if letter < low || letter >= face.Ranges[0].High {
				letter = '?'
			}
			var v uint8
			if x %= face.Advance; x < face.Width {
				v = mask.AlphaAt(x, int(letter-low)*(face.Ascent+face.Descent)+y/scale).A
			}
			row[i*c.pel] = v
			if c.pel == 4 {
				row[4*i+1], row[4*i+2] = v, v
			}
		}
	}
}
