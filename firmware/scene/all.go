package scene

import (
	"image"
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
)

var scenes = []Info{
	{"walk", "an endless smooth walk through latent space", decoder.DefaultModel, anyModel(newWalk)},
	{"sample", "random digits, each morphing into the next", decoder.DefaultModel, anyModel(newSample)},
	{"manifold", "the latent plane as a grid, then a flight over it; of more\ndimensions the plane in which classes are farthest apart", decoder.DefaultModel, anyModel(newManifold)},
	DefaultMorph(),
	Clock(ClockOptions{}),
}

// anyModel is for scenes that can be made for every model.
func anyModel[S Scene](make func(d Decoder, seed uint64, size image.Point) S) func(Decoder, uint64, image.Point) (Scene, error) {
	return func(d Decoder, seed uint64, size image.Point) (Scene, error) { return make(d, seed, size), nil }
}

// Default is the name of the scene that is shown where none is named.
const Default = "walk"

// All lists the scenes.
func All() []Info { return scenes }

// Lookup returns the scene of that name.
func Lookup(name string) (Info, bool) {
	i := slices.IndexFunc(scenes, func(s Info) bool { return s.Name == name })
	if i < 0 {
		return Info{}, false
	}
	return scenes[i], true
}

// HasDials reports whether keys choose and turn the attributes of a model in the scene.
func (s Info) HasDials(m *model.Model) bool {
	switch s.Name {
	case "walk", "sample", "morph", EditName, AtName:
		return !m.Exclusive()
	}
	return false
}

// Steered reports whether keys move the scene, whatever its model, and whether they zoom.
func (s Info) Steered() (moves, zooms bool) {
	return s.Name == "walk" || s.Name == "manifold", s.Name == "manifold"
}
