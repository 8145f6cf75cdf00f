// Package pretrained holds the int8 weights that the trainer wrote for the built-in models.
//
// Regenerate them, and the float weights beside them in trainer/pretrained, with `go run ./trainer pretrained`.
package pretrained

import (
	"embed"
	"strings"
)

//go:embed *.safetensors
var files embed.FS

const extension = ".safetensors"

// Names lists the built-in models.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the embedded directory is always there
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), extension))
	}
	return names
}

// Weights returns the weights file of a built-in model.
func Weights(name string) ([]byte, bool) {
	data, err := files.ReadFile(name + extension)
	return data, err == nil
}

//go:embed golden.txt
var golden string

// Golden returns the committed hash of the pixels of a built-in model, see decoder.Hash.
func Golden(name string) (string, bool) { return Find(golden, name) }

// Find returns the hash of a name in the text of a golden.txt, whose lines are a name and a hash.
func Find(golden, name string) (string, bool) {
	for line := range strings.Lines(golden) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			return f[1], true
		}
	}
	return "", false
}
