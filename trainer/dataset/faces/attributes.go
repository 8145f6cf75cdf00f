package faces

// attributes say what is true of a face whose factors are in their ranges. The first group has
// names that attributes of CelebA have. An attribute is of what can be seen: who is bald has no
// colour of hair.
var attributes = []struct {
	name string
	is   func(f *Face) bool
}{
	{"5_o_Clock_Shadow", func(f *Face) bool { return f.Beard == Stubble }},
	{"Bald", func(f *Face) bool { return f.Hair == Bald }},
	{"Bangs", func(f *Face) bool { return f.Hair == Bangs }},
	{"Big_Lips", func(f *Face) bool { return f.LipSize > 0.6 }},
	{"Big_Nose", func(f *Face) bool { return f.NoseSize > 0.3 }},
	{"Black_Hair", func(f *Face) bool { return f.haired(BlackHair) }},
	{"Blond_Hair", func(f *Face) bool { return f.haired(BlondHair) }},
	{"Brown_Hair", func(f *Face) bool { return f.haired(BrownHair) }},
	{"Bushy_Eyebrows", func(f *Face) bool { return f.BrowThickness > 0.6 }},
	{"Eyeglasses", func(f *Face) bool { return f.Glasses != NoGlasses }},
	{"Goatee", func(f *Face) bool { return f.Beard == Goatee }},
	{"Gray_Hair", func(f *Face) bool { return f.haired(GrayHair) }},
	{"Mouth_Slightly_Open", func(f *Face) bool { return f.MouthOpen > 0.15 }},
	{"Mustache", func(f *Face) bool { return f.Beard == Moustache || f.Beard == FullBeard }},
	{"Narrow_Eyes", func(f *Face) bool { return f.Lids > 0.45 }},
	{"No_Beard", func(f *Face) bool { return f.Beard == NoBeard }},
	{"Pale_Skin", func(f *Face) bool { return f.Skin < 0.15 }},
	{"Rosy_Cheeks", func(f *Face) bool { return f.Blush > 0.65 }},
	{"Smiling", func(f *Face) bool { return f.Smile > 0.25 }},
	{"Wearing_Earrings", func(f *Face) bool { return f.Earrings }},
	{"Wearing_Hat", func(f *Face) bool { return f.Hat != NoHat }},
	{"Wearing_Lipstick", func(f *Face) bool { return f.Lipstick > 0.4 }},

	{"Beanie", func(f *Face) bool { return f.Hat == Beanie }},
	{"Blue_Eyes", func(f *Face) bool { return f.Iris == BlueEyes }},
	{"Brimmed_Hat", func(f *Face) bool { return f.Hat == Brim }},
	{"Buns", func(f *Face) bool { return f.Hair == Buns }},
	{"Cap", func(f *Face) bool { return f.Hat == Cap }},
	{"Curly_Hair", func(f *Face) bool { return f.Hair == CurlyHair }},
	{"Dark_Background", func(f *Face) bool { return f.BackLight < 0.3 }},
	{"Dark_Skin", func(f *Face) bool { return f.Skin > 0.6 }},
	{"Freckles", func(f *Face) bool { return f.Freckles > 0.25 }},
	{"Frowning", func(f *Face) bool { return f.Smile < -0.25 }},
	{"Full_Beard", func(f *Face) bool { return f.Beard == FullBeard }},
	{"Light_From_Left", func(f *Face) bool { return f.LightX < -0.3 }},
	{"Light_From_Right", func(f *Face) bool { return f.LightX > 0.3 }},
	{"Long_Hair", func(f *Face) bool { return f.Hair == LongHair }},
	{"Red_Hair", func(f *Face) bool { return f.haired(RedHair) }},
	{"Round_Glasses", func(f *Face) bool { return f.Glasses == RoundGlasses }},
	{"Short_Hair", func(f *Face) bool { return f.Hair == ShortHair }},
	{"Square_Glasses", func(f *Face) bool { return f.Glasses == SquareGlasses }},
	{"Square_Jaw", func(f *Face) bool { return f.Jaw > 0.3 }},
	{"Sunglasses", func(f *Face) bool { return f.Glasses == DarkGlasses }},
	{"Turned_Left", func(f *Face) bool { return f.Turn < -0.3 }},
	{"Turned_Right", func(f *Face) bool { return f.Turn > 0.3 }},
	{"Wide_Face", func(f *Face) bool { return f.HeadWidth > 0.3 }},
	{"Wrinkles", func(f *Face) bool { return f.Wrinkles > 0.25 }},
}

func (f *Face) haired(c HairColour) bool { return f.Hair != Bald && f.HairColour == c }

// Attributes returns the names of what can be true of a face: first those that CelebA has, too,
// then others, both in the order of the alphabet.
func Attributes() []string {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.name
	}
	return names
}

// Attribute reports whether that is true of the face. A name that is not among [Attributes] is true
// of none.
func (f Face) Attribute(name string) bool {
	is := attribute(name)
	f = f.within()
	return is != nil && is(&f)
}

func attribute(name string) func(f *Face) bool {
	for _, a := range attributes {
		if a.name == name {
			return a.is
		}
	}
	return nil
}
