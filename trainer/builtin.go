package main

import (
	"slices"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
)

// A builtInModel is a built-in model: what it learns from, and the other flags that train it.
type builtInModel struct {
	name  string
	data  string // as --data names it; "" is the digits
	flags []string
}

// builtIn are the built-in models.
var builtIn = []builtInModel{
	{decoder.DefaultModel, "", []string{"--latent", "2"}},
	{"mnist-16", "", []string{"--latent", "16"}},
	{"faces", named.Faces, nil},
}

// ganModel is the built-in generator, which the command gan trains.
const ganModel = "gan"

// training is the command line that trains the model.
func (b builtInModel) training() []string {
	if b.data == "" {
		return slices.Clone(b.flags)
	}
	return append([]string{"--data", b.data}, b.flags...)
}

// builtInNames are their names.
func builtInNames() (names []string) {
	for _, b := range builtIn {
		names = append(names, b.name)
	}
	return append(names, ganModel)
}

// findBuiltIn returns the built-in model of a name, and whether there is one.
func findBuiltIn(name string) (builtInModel, bool) {
	i := slices.IndexFunc(builtIn, func(b builtInModel) bool { return b.name == name })
	if i < 0 {
		return builtInModel{}, false
	}
	return builtIn[i], true
}

// ofDigits says whether a name is that of a built-in model of the digits, which their classifier
// can read.
func ofDigits(name string) bool {
	b, ok := findBuiltIn(name)
	return ok && b.data == "" || name == ganModel
}
