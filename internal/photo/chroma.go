package photo

import "image"

// leastChroma is the mean difference, of 255, between the brightest and the darkest of a pixel's
// red, green and blue from which on a picture is one in colour: skin has some 60, ink on paper in
// the light of a lamp 10 to 20.
const leastChroma = 30

// InColour reports whether a part of a picture is in colour, as a face is, and not grey, as ink on
// paper is.
func InColour(img image.Image, part image.Rectangle) bool { return chroma(img, part) >= leastChroma }

// Mismatch says, after what was done to a picture, that it is not of the kind that a model of so
// many channels has learnt from; it is empty where nothing speaks for that.
func Mismatch(img image.Image, channels int) string {
	switch colour := InColour(img, Middle(img.Bounds(), 0)); {
	case channels == 1 && colour:
		return "; it is in colour and the model is of grey pictures, such as digits: a face needs a model of faces"
	case channels == 3 && !colour:
		return "; it is grey and the model is of pictures in colour, such as faces: a digit needs a model of digits"
	}
	return ""
}

func chroma(img image.Image, part image.Rectangle) int {
	const side = 16
	var pixels [side * side * 3]uint8
	Scale(pixels[:], side, side, img, part)
	sum := 0
	for i := 0; i < len(pixels); i += 3 {
		p := pixels[i : i+3]
		sum += int(max(p[0], p[1], p[2]) - min(p[0], p[1], p[2]))
	}
	return sum / (side * side)
}
