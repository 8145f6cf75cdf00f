// Package pretrained holds the int8 weights that the trainer wrote for the built-in models, all but
// those of the default one compressed.
//
// Regenerate them, and the float weights beside them in trainer/pretrained, with `go run ./trainer
// pretrained`.
package pretrained

import (
	"embed"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/golden"
	"github.com/vae-edge/vae-edge/internal/packed"
)

//go:embed *.safetensors *.gz
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
		names = append(names, strings.TrimSuffix(strings.TrimSuffix(e.Name(), packed.Extension), extension))
	}
	return names
}

// Has reports whether there is a built-in model of that name.
func Has(name string) bool { return slices.Contains(Names(), name) }

// Weights returns the weights file of a built-in model.
func Weights(name string) ([]byte, bool) {
	if data, err := files.ReadFile(name + extension); err == nil {
		return data, true
	}
	data, err := files.ReadFile(name + extension + packed.Extension)
	if err != nil {
		return nil, false
	}
	data, err = packed.Unpack(data)
	if err != nil {
		panic(err) // what is embedded is whole
	}
	return data, true
}

//go:embed golden.txt
var hashes string

// Golden returns the committed hash of the pixels of a built-in model, see decoder.Hash.
func Golden(name string) (string, bool) { return golden.Find(hashes, name) }
