// Package faces is a data set of drawn faces: small pictures in colour, each of which follows from
// a seed and an index, and of each of which everything is known.
//
// A [Face] has the factors that its picture is made of, from the smile to the light. [Random] picks
// them, [Face.Draw] draws them, and [Face.Attribute] says what is true of them, under the names
// that the attributes of CelebA have where it has such a one. The same factors give the same bytes
// on every CPU.
//
// Nobody has these faces: they can be shown and passed on without asking anyone.
package faces

//go:generate go run sheet.go

import "github.com/vae-edge/vae-edge/trainer/internal/random"

// Side is the height and the width of a picture in pixels.
const Side = 64

// Size is the number of bytes of a picture: red, green and blue of every pixel.
const Size = Side * Side * 3

// Glasses are what is worn before the eyes.
type Glasses uint8

const (
	NoGlasses Glasses = iota
	RoundGlasses
	SquareGlasses
	DarkGlasses // sunglasses, through which eyes are seen
)

// Hair is how hair is worn.
type Hair uint8

const (
	Bald Hair = iota
	ShortHair
	LongHair
	CurlyHair
	Buns // one at each side
	Bangs
)

// HairColour is the colour of hair, brows and beard.
type HairColour uint8

const (
	BlackHair HairColour = iota
	BrownHair
	BlondHair
	RedHair
	GrayHair
)

// Beard is hair of the face.
type Beard uint8

const (
	NoBeard Beard = iota
	Stubble
	Moustache
	Goatee // on the chin alone
	FullBeard
)

// Hat is what is worn on the head. It hides the hair above it.
type Hat uint8

const (
	NoHat Hat = iota
	Beanie
	Cap
	Brim // a hat with a brim all around
)

// Iris is the colour of the eyes.
type Iris uint8

const (
	BrownEyes Iris = iota
	HazelEyes
	GreenEyes
	BlueEyes
	GrayEyes
)

// Clothes are what is worn below the neck.
type Clothes uint8

const (
	TShirt Clothes = iota
	Shirt
	Turtleneck
)

// A Face has every factor of a picture. Numbers out of their range count as the nearest end of it,
// and choices that there are not as the first. Left and right are those of the picture.
type Face struct {
	Smile     float64 // -1 (frown) to 1 (broad smile)
	MouthOpen float64 // 0 (closed) to 1

	BrowAngle     float64 // -1 (inner ends up, worried) to 1 (inner ends down, stern)
	BrowThickness float64 // 0 to 1
	BrowHeight    float64 // -1 (low) to 1 (raised)

	EyeSize    float64 // -1 to 1
	EyeSpacing float64 // -1 (close) to 1 (wide apart)
	GazeX      float64 // -1 (to the left) to 1 (to the right)
	GazeY      float64 // -1 (up) to 1 (down)
	Lids       float64 // 0 (wide open) to 1 (nearly closed)
	Lashes     float64 // 0 to 1
	Iris       Iris

	Skin       float64 // 0 (light) to 1 (dark)
	SkinWarmth float64 // -1 (pink) to 1 (golden)
	HeadWidth  float64 // -1 (narrow) to 1 (wide)
	Jaw        float64 // -1 (pointed) to 1 (square)
	NoseSize   float64 // -1 to 1
	LipSize    float64 // 0 to 1
	Lipstick   float64 // 0 (none) to 1
	Blush      float64 // 0 to 1, of the cheeks
	Freckles   float64 // 0 (none) to 1
	Wrinkles   float64 // 0 (none) to 1

	Glasses       Glasses
	GlassesColour float64 // 0 to 1, dark to light; of the frame
	Hair          Hair
	HairColour    HairColour
	HairTone      float64 // -1 (a darker shade of it) to 1 (a lighter one)
	HairVolume    float64 // -1 to 1
	Parting       float64 // -1 (at the left) to 1 (at the right)
	Beard         Beard
	Hat           Hat
	HatHue        float64 // 0 to 1, around a ring of colours
	Earrings      bool
	Clothes       Clothes
	Stripes       bool    // of the clothes
	ClothesHue    float64 // 0 to 1, around the same ring
	ClothesLight  float64 // 0 (dark) to 1 (light)

	Turn   float64 // -1 (to the left) to 1 (to the right), by 17 degrees
	Roll   float64 // -1 (the top of the head to the left) to 1, by 8 degrees
	ShiftX float64 // -1 to 1, by 1.6 pixels to the right
	ShiftY float64 // -1 to 1, by 1.3 pixels down
	Scale  float64 // -1 to 1, by 4.4 percent larger

	LightX        float64 // -1 (from the left) to 1 (from the right)
	LightStrength float64 // 0 (flat) to 1 (deep shading)

	BackHue      float64 // 0 to 1, around a ring of colours
	BackLight    float64 // 0 (dark) to 1 (light)
	BackGradient float64 // -1 (lighter at the top) to 1 (lighter at the bottom)
}

// draws hands out the random numbers of a face, one for every factor.
type draws struct{ seed, index, factor uint64 }

// unit is even between 0 and 1.
func (d *draws) unit() float64 {
	d.factor++
	return mul(float64(random.Hash(d.seed, d.index, d.factor)>>11), 1.0/(1<<53))
}

// even is even between -1 and 1.
func (d *draws) even() float64 { return mul(2, d.unit()) - 1 }

// middle is between -1 and 1, and more often near 0.
func (d *draws) middle() float64 {
	a := d.unit()
	return a + d.unit() - 1
}

// choice picks one of several with those weights.
func (d *draws) choice(weights ...float64) uint8 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := mul(d.unit(), sum)
	for i, w := range weights {
		if at < w {
			return uint8(i)
		}
		at -= w
	}
	return 0
}

// apart moves a number away from where an attribute begins or ends, so that who has it shows it.
// Ends are the lowest number, those edges, and the highest; no edge is nearer than gap.
func apart(v, gap float64, ends ...float64) float64 {
	i, last := 0, len(ends)-2
	for i < last && v > ends[i+1] {
		i++
	}
	low, high := ends[i], ends[i+1]
	t := (v - low) / (high - low)
	if i > 0 {
		low += gap
	}
	if i < last {
		high -= gap
	}
	return lerp(low, high, t)
}

// Random returns the face of that index among those of a seed. Its factors are independent of each
// other.
func Random(seed uint64, index int) Face {
	const gap = 0.1
	d := &draws{seed: seed, index: uint64(index)}
	var f Face
	// Friendlier than not
	s := d.unit()
	f.Smile = apart(mul(2, s+mul(0.6, mul(s, 1-s)))-1, 2*gap, -1, -0.25, 0.25, 1)
	if m := d.unit(); m > 0.45 { // else shut
		f.MouthOpen = apart((m-0.45)/0.55, gap, 0, 0.15, 1)
	}
	f.BrowAngle, f.BrowThickness, f.BrowHeight = d.middle(), apart(d.unit(), gap, 0, 0.6, 1), d.middle()
	f.EyeSize, f.EyeSpacing = d.middle(), d.middle()
	f.GazeX, f.GazeY, f.Lids = d.middle(), d.middle(), apart(sq(d.unit()), gap, 0, 0.45, 1)
	f.Lashes = d.unit()
	f.Iris = Iris(d.choice(5, 2, 2, 3, 1))
	f.Skin, f.SkinWarmth = d.unit(), d.even()
	for _, part := range []*float64{&f.HeadWidth, &f.Jaw, &f.NoseSize} {
		*part = apart(d.even(), gap, -1, 0.3, 1)
	}
	f.LipSize = apart(d.unit(), gap, 0, 0.6, 1)
	f.Lipstick = apart(sq(d.unit()), gap, 0, 0.4, 1)
	f.Blush = apart(d.unit(), gap, 0, 0.65, 1)
	f.Glasses = Glasses(d.choice(0.74, 0.09, 0.09, 0.08))
	f.GlassesColour = sq(d.unit()) // more dark ones
	f.Hair = Hair(d.choice(0.1, 0.24, 0.2, 0.17, 0.12, 0.17))
	f.HairColour = HairColour(d.choice(0.26, 0.26, 0.2, 0.12, 0.16))
	f.HairTone, f.HairVolume, f.Parting = d.even(), d.middle(), d.even()
	f.Beard = Beard(d.choice(0.6, 0.1, 0.1, 0.08, 0.12))
	// Of half of the ring's colours, so that hats have something in common
	f.Hat = Hat(d.choice(0.72, 0.14, 0.07, 0.07))
	f.HatHue = 0.5 + mul(0.5, d.unit())
	f.Clothes = Clothes(d.choice(4, 3, 2))
	f.ClothesHue, f.ClothesLight = d.unit(), d.unit()
	f.Turn, f.Roll = apart(d.even(), gap, -1, -0.3, 0.3, 1), d.middle()
	f.ShiftX, f.ShiftY, f.Scale = d.middle(), d.middle(), d.middle()
	f.LightX, f.LightStrength = apart(d.even(), gap, -1, -0.3, 0.3, 1), d.unit()
	f.BackHue, f.BackLight, f.BackGradient = d.unit(), d.unit(), d.even()
	if m := d.unit(); m > 0.75 {
		f.Freckles = 0.3 + mul(2.8, m-0.75)
	}
	if m := d.unit(); m > 0.65 {
		f.Wrinkles = 0.3 + mul(2, m-0.65)
	}
	f.Earrings, f.Stripes = d.unit() < 0.25, d.unit() < 0.3
	return f
}
