// Package pretrained holds the int8 weights that the trainer wrote for the built-in models.
//
// Regenerate them, and the float weights beside them in trainer/pretrained, with `go run ./trainer
// pretrained`.
package pretrained

import (
	"embed"
	"strings"

	"github.com/vae-edge/vae-edge/internal/golden"
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
var hashes string

// Golden returns the committed hash of the pixels of a built-in model, see decoder.Hash.
func Golden(name string) (string, bool) { return golden.Find(hashes, name) }
