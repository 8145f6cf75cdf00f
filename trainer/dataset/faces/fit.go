package faces

// A step sets a factor to one of n values.
type step struct {
	set func(f *Face, to uint8)
	n   uint8
}

// together are pairs of factors of which one does not show what is right as long as the other is
// wrong, such as what is worn and its colour. They hold all factors that are choices.
var together = [][2]step{
	{{func(f *Face, to uint8) { f.Hair = Hair(to) }, uint8(Bangs) + 1}, {func(f *Face, to uint8) { f.HairColour = HairColour(to) }, uint8(GrayHair) + 1}},
	{{func(f *Face, to uint8) { f.Hat = Hat(to) }, uint8(Brim) + 1}, {func(f *Face, to uint8) { f.HatHue = mul(float64(to), 0.125) }, 8}},
	{{func(f *Face, to uint8) { f.Hair = Hair(to) }, uint8(Bangs) + 1}, {func(f *Face, to uint8) { f.Beard = Beard(to) }, uint8(FullBeard) + 1}},
	{{func(f *Face, to uint8) { f.Clothes = Clothes(to) }, uint8(Turtleneck) + 1}, {func(f *Face, to uint8) { f.Stripes = to == 1 }, 2}},
	{{func(f *Face, to uint8) { f.Glasses = Glasses(to) }, uint8(DarkGlasses) + 1}, {func(f *Face, to uint8) { f.GlassesColour = mul(float64(to), 0.25) }, 5}},
	{{func(f *Face, to uint8) { f.Smile = mul(float64(to), 0.25) - 1 }, 9}, {func(f *Face, to uint8) { f.MouthOpen = mul(float64(to), 0.25) }, 5}},
	{{func(f *Face, to uint8) { f.Iris = Iris(to) }, uint8(GrayEyes) + 1}, {func(f *Face, to uint8) { f.Earrings = to == 1 }, 2}},
}

// near is a mean squared error at which a start resembles a picture.
const near = 60

// Fit finds the face that a picture like those of [Face.Draw] shows, Size bytes, and returns it
// with the mean squared error of what that draws, of values 0 to 255.
//
// It changes one factor of start at a time, as long as the picture comes nearer. From a start that
// resembles the picture, as the face does of which it is an edit, it draws some hundred faces and
// mostly finds all that shows. From any other it draws some thousands, for seconds, and may end at
// a face that is none: judge by the error. What does not show cannot be found, such as the gaze
// behind dark glasses, and keeps the value of start or takes any other.
func Fit(pixels []byte, start Face) (Face, float64) {
	_ = pixels[Size-1]
	best := start.within()
	drawn := make([]byte, Size)
	distance := func(f *Face) int {
		f.Draw(drawn)
		sum := 0
		for i, v := range drawn {
			d := int(v) - int(pixels[i])
			sum += d * d
		}
		return sum
	}
	least := distance(&best)
	try := func(f Face) bool {
		d := distance(&f)
		if d >= least {
			return false
		}
		best, least = f, d
		return true
	}
	scan := func() { // every factor over all of its range
		for i := range best.numbers() {
			for k := range 7 {
				f := best
				n := f.numbers()[i]
				*n.at = lerp(n.least, 1, float64(k)/6)
				try(f)
			}
			if i != 2 {
				continue
			}
			for _, pair := range together {
				for a := range pair[0].n {
					for b := range pair[1].n {
						f := best
						pair[0].set(&f, a)
						pair[1].set(&f, b)
						try(f)
					}
				}
			}
		}
	}
	refine := func(by float64) {
		for i := range best.numbers() {
			for _, s := range [2]float64{by, -by} {
				for {
					f := best
					n := f.numbers()[i]
					was := *n.at
					if *n.at = clamp(was+mul(s, 1-n.least), n.least, 1); *n.at == was || !try(f) {
						break
					}
				}
			}
		}
	}
	refine(0.1)
	scan()
	refine(0.1)
	if least > near*Size { // start afresh with every kind of hair, which all else depends on
		found, lowest := best, least
		for hair := Bald; hair <= Bangs; hair++ {
			best = start.within()
			best.Hair = hair
			least = distance(&best)
			scan()
			refine(0.1)
			if least < lowest {
				found, lowest = best, least
			}
		}
		best, least = found, lowest
	}
	scan()
	refine(0.1)
	scan()
	for by := 0.16; by > 0.004; by /= 2 {
		refine(by)
		refine(by)
	}
	return best, mul(float64(least), 1.0/Size)
}
