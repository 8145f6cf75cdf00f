package faces

import (
	"math"
	"reflect"
)

// A Change is by how much two faces differ in a factor.
type Change struct {
	Factor string // the name of the field of Face
	// Share is that of the factor's range, half of the way around for hues; of a choice 1 if it
	// is another, and 0 if not. It is NaN for what does not show in one of the faces, such as the
	// colour of a hat that is not worn.
	Share float64
}

// Changes returns by how much two faces differ in every factor, in the order of the fields of Face.
func Changes(a, b Face) []Change {
	a, b = a.within(), b.within()
	of, to := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	changes := make([]Change, of.NumField())
	for i := range changes {
		name := of.Type().Field(i).Name
		changes[i] = Change{name, share(&a, of.Field(i), to.Field(i))}
		for _, h := range hidden {
			for _, factor := range h.factors {
				if factor == name && (h.in(&a) || h.in(&b)) {
					changes[i].Share = math.NaN()
				}
			}
		}
	}
	return changes
}

// share is Change.Share of a field of a, and the same field of another face.
func share(a *Face, of, to reflect.Value) float64 {
	if of.Kind() != reflect.Float64 {
		if of.Equal(to) {
			return 0
		}
		return 1
	}
	apart := math.Abs(of.Float() - to.Float())
	at := of.Addr().Interface().(*float64)
	switch at {
	case &a.BackHue, &a.ClothesHue, &a.HatHue:
		return 2 * min(apart, 1-apart)
	}
	for _, n := range a.numbers() {
		if n.at == at {
			return apart / (1 - n.least)
		}
	}
	panic("faces: a number without a range")
}

// hidden are the factors that do not show in some faces.
var hidden = []struct {
	in      func(f *Face) bool
	factors []string
}{
	{func(f *Face) bool { return f.Hat == NoHat }, []string{"HatHue"}},
	{func(f *Face) bool { return f.Hat != NoHat }, []string{"Parting"}},
	{func(f *Face) bool { return f.Hair == Bald }, []string{"Parting", "HairVolume", "HairTone"}},
	{func(f *Face) bool { return f.Hair == Bald && f.Beard == NoBeard }, []string{"HairColour"}},
	{func(f *Face) bool { return f.Glasses == NoGlasses }, []string{"GlassesColour"}},
}

// Decisive returns the names of the factors that an attribute depends on, in the order of the
// fields of Face.
func Decisive(attributeName string) []string {
	is := attribute(attributeName)
	if is == nil {
		return nil
	}
	var names []string
	fields := reflect.TypeFor[Face]()
	for i := range fields.NumField() {
		if decides(is, i) {
			names = append(names, fields.Field(i).Name)
		}
	}
	return names
}

// With returns the face with another one's factors that an attribute depends on: toward that
// attribute, or away from it, and all else as it was.
func (f Face) With(attributeName string, other Face) Face {
	to, from := reflect.ValueOf(&f).Elem(), reflect.ValueOf(&other).Elem()
	for _, name := range Decisive(attributeName) {
		to.FieldByName(name).Set(from.FieldByName(name))
	}
	return f
}

// decides says that a factor alone, of some face, makes something true or not.
func decides(is func(f *Face) bool, field int) bool {
	const some = 100 // faces, among which every choice is there
	for index := range some {
		f := Random(1, index)
		was := is(&f)
		for k := range 6 { // every choice, and ends of ranges with others between
			changed := f
			v := reflect.ValueOf(&changed).Elem().Field(field)
			switch v.Kind() {
			case reflect.Bool:
				v.SetBool(k == 0)
			case reflect.Float64:
				v.SetFloat(mul(0.4, float64(k)) - 1)
			default:
				v.SetUint(uint64(k))
			}
			changed = changed.within()
			if is(&changed) != was {
				return true
			}
		}
	}
	return false
}
