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
	{{func(f *Face, to uint8) { f.HairColour = HairColour(to) }, uint8(GrayHair) + 1}, {func(f *Face, to uint8) { f.HairTone = mul(float64(to), 0.5) - 1 }, 5}},
	{{func(f *Face, to uint8) { f.BrowHeight = mul(float64(to), 0.5) - 1 }, 5}, {func(f *Face, to uint8) { f.BrowThickness = mul(float64(to), 0.5) }, 3}},
	{{func(f *Face, to uint8) { f.Smile = mul(float64(to), 0.25) - 1 }, 9}, {func(f *Face, to uint8) { f.MouthOpen = mul(float64(to), 0.25) }, 5}},
	{{func(f *Face, to uint8) { f.Iris = Iris(to) }, uint8(GrayEyes) + 1}, {func(f *Face, to uint8) { f.Earrings = to == 1 }, 2}},
}

// coupled are pairs of factors from -1 to 1 of which one makes up for what the other moves, and how
// much of the second makes up for the first: alone, neither can leave a wrong place.
var coupled = [...]struct {
	of    func(f *Face) (a, b *float64)
	share float64
}{
	{func(f *Face) (a, b *float64) { return &f.ShiftX, &f.Roll }, 0.4},
	{func(f *Face) (a, b *float64) { return &f.ShiftX, &f.Turn }, 0.26},
	{func(f *Face) (a, b *float64) { return &f.ShiftY, &f.Scale }, 1},
	{func(f *Face) (a, b *float64) { return &f.Scale, &f.HeadWidth }, 0.45},
	{func(f *Face) (a, b *float64) { return &f.Scale, &f.HairVolume }, 0.9},
	{func(f *Face) (a, b *float64) { return &f.EyeSpacing, &f.Scale }, 1},
}

// Fit finds the face that a picture shows, Size bytes of the kind that [Face.Draw] draws, and
// returns it with the mean squared error, of values 0 to 255, of its drawing, which is blurred as
// much as the picture is: what an autoencoder makes of a face is still that face.
//
// start is the face of the picture, or that face before an edit. Fit changes its factors, mostly
// one at a time, as long as the picture comes nearer, and draws some thousand faces. What does not
// show cannot be found, such as the parting below a hat: it is that of start, or any.
func Fit(pixels []byte, start Face) (Face, float64) {
	s := &search{want: pixels[:Size:Size], drawn: make([]byte, Size)}
	s.begin(start.within())
	s.refine(0.1)
	s.scan() // every factor
	for by := 0.16; by > 0.004; by /= 2 {
		s.refine(by)
		s.refine(by)
	}
	return s.best, mul(float64(s.least), 1.0/Size)
}

// softest is the most times that a drawing is blurred, to a deviation of two pixels.
const softest = 8

// A search is for the face of a picture.
type search struct {
	want, drawn []byte
	best        Face
	soft        int // times that its drawing is blurred
	least       int // its sum of squared errors
}

func (s *search) begin(f Face) {
	s.best, s.soft = f, 0
	s.least = s.distance(&f, 0)
	s.soften()
}

// distance is the sum of squared errors of a face, blurred that many times.
func (s *search) distance(f *Face, soft int) int {
	f.Draw(s.drawn)
	for range soft {
		blur(s.drawn)
	}
	sum := 0
	for i, v := range s.drawn {
		d := int(v) - int(s.want[i])
		sum += d * d
	}
	return sum
}

// try takes a face if it is nearer than the best.
func (s *search) try(f *Face) bool {
	d := s.distance(f, s.soft)
	if d < s.least {
		s.best, s.least = *f, d
		return true
	}
	return false
}

// soften finds how blurred the picture is.
func (s *search) soften() {
	for _, by := range [2]int{1, -1} {
		for soft := s.soft + by; soft >= 0 && soft <= softest; soft += by {
			d := s.distance(&s.best, soft)
			if d >= s.least {
				break
			}
			s.soft, s.least = soft, d
		}
	}
}

// scan tries every factor over all of its range.
func (s *search) scan() {
	for i := range s.best.numbers() {
		for k := range 7 {
			f := s.best
			n := f.numbers()[i]
			*n.at = lerp(n.least, 1, float64(k)/6)
			s.try(&f)
		}
		if i != 2 { // the background
			continue
		}
		for _, pair := range together {
			for a := range pair[0].n {
				for b := range pair[1].n {
					f := s.best
					pair[0].set(&f, a)
					pair[1].set(&f, b)
					s.try(&f)
				}
			}
		}
	}
	s.soften()
}

// refine moves every number by that share of its range, as often as that brings it nearer, then
// those together that are coupled, and then all on along the way that they went.
func (s *search) refine(by float64) {
	was := s.best
	for i := range s.best.numbers() {
		for _, by := range [2]float64{by, -by} {
			for {
				f := s.best
				n := f.numbers()[i]
				was := *n.at
				if *n.at = clamp(was+mul(by, 1-n.least), n.least, 1); *n.at == was || !s.try(&f) {
					break
				}
			}
		}
	}
	for _, c := range coupled {
		for _, by := range [4][2]float64{{by, by}, {by, -by}, {-by, by}, {-by, -by}} {
			for {
				f := s.best
				a, b := c.of(&f)
				*a = clamp(*a+mul(2, by[0]), -1, 1)
				*b = clamp(*b+mul(2, mul(c.share, by[1])), -1, 1)
				if f == s.best || !s.try(&f) {
					break
				}
			}
		}
	}
	for {
		f := s.best
		before := was.numbers()
		for i, n := range f.numbers() {
			*n.at = clamp(lerp(*before[i].at, *n.at, 2), n.least, 1)
		}
		was = s.best
		if !s.try(&f) {
			break
		}
	}
	s.soften()
}

// blur weighs every pixel with its neighbours, 1 to 2 to 1, across and down.
func blur(pixels []byte) {
	const row = Side * 3
	for i := range Side {
		for c := range 3 {
			pass(pixels[i*row+c:], 3)
		}
	}
	for i := range row {
		pass(pixels[i:], row)
	}
}

// pass blurs Side bytes that are so far apart.
func pass(p []byte, apart int) {
	before, here := int(p[0]), int(p[0])
	for i := range Side {
		after := here
		if i < Side-1 {
			after = int(p[(i+1)*apart])
		}
		p[i*apart] = byte((before + 2*here + after + 2) >> 2)
		before, here = here, after
	}
}
