package faces

// A number is a factor that is one, between that and 1.
type number struct {
	at    *float64
	least float64
}

// numbers are the factors that are numbers. Those come first that most pixels follow from.
func (f *Face) numbers() [38]number {
	return [...]number{
		{&f.BackHue, 0},
		{&f.BackLight, 0},
		{&f.BackGradient, -1},
		{&f.Skin, 0},
		{&f.ShiftX, -1},
		{&f.ShiftY, -1},
		{&f.Scale, -1},
		{&f.HeadWidth, -1},
		{&f.Turn, -1},
		{&f.Roll, -1},
		{&f.ClothesHue, 0},
		{&f.ClothesLight, 0},
		{&f.HatHue, 0},
		{&f.HairTone, -1},
		{&f.HairVolume, -1},
		{&f.Parting, -1},
		{&f.LightX, -1},
		{&f.LightStrength, 0},
		{&f.SkinWarmth, -1},
		{&f.Jaw, -1},
		{&f.Blush, 0},
		{&f.Smile, -1},
		{&f.MouthOpen, 0},
		{&f.LipSize, 0},
		{&f.Lipstick, 0},
		{&f.GlassesColour, 0},
		{&f.EyeSize, -1},
		{&f.EyeSpacing, -1},
		{&f.Lids, 0},
		{&f.Lashes, 0},
		{&f.GazeX, -1},
		{&f.GazeY, -1},
		{&f.BrowAngle, -1},
		{&f.BrowThickness, 0},
		{&f.BrowHeight, -1},
		{&f.NoseSize, -1},
		{&f.Freckles, 0},
		{&f.Wrinkles, 0},
	}
}

// within returns the face with every factor in its range.
func (f Face) within() Face {
	for _, n := range f.numbers() {
		*n.at = clamp(*n.at, n.least, 1)
	}
	f.Glasses = choice(f.Glasses, DarkGlasses)
	f.Hair = choice(f.Hair, Bangs)
	f.HairColour = choice(f.HairColour, GrayHair)
	f.Beard = choice(f.Beard, FullBeard)
	f.Hat = choice(f.Hat, Brim)
	f.Iris = choice(f.Iris, GrayEyes)
	f.Clothes = choice(f.Clothes, Turtleneck)
	return f
}

func choice[T ~uint8](x, last T) T {
	if x > last {
		return 0
	}
	return x
}
