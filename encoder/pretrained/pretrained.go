// Package pretrained holds the int8 weights of the encoders of the built-in models, compressed.
//
// Regenerate them with `go run ./trainer pretrained`, or from the float32 weights alone with `go
// run ./trainer encoder`.
package pretrained

import (
	"embed"
	"strings"

	"github.com/vae-edge/vae-edge/internal/golden"
	"github.com/vae-edge/vae-edge/internal/packed"
)

//go:embed *.gz
var files embed.FS

// Extension is that of the files' names.
const Extension = ".safetensors" + packed.Extension

// Names lists the built-in models that have an encoder.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the embedded directory is always there
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), Extension))
	}
	return names
}

// Weights returns the weights file of a built-in model's encoder.
func Weights(name string) ([]byte, error) {
	data, err := files.ReadFile(name + Extension)
	if err != nil {
		return nil, err
	}
	return packed.Unpack(data)
}

//go:embed golden.txt
var hashes string

// Golden returns the committed hash of what a built-in model's encoder computes, see encoder.Hash.
func Golden(name string) (string, bool) { return golden.Find(hashes, name) }
