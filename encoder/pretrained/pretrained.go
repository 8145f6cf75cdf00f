// Package pretrained holds the int8 weights of the encoders of the built-in models, compressed.
//
// Regenerate them with `go run ./trainer pretrained`, or from the float32 weights alone with `go run ./trainer encoder`.
package pretrained

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
)

//go:embed *.gz
var files embed.FS

// Extension is that of the files' names.
const Extension = ".safetensors.gz"

// Weights returns the weights file of a built-in model's encoder.
func Weights(name string) ([]byte, error) {
	data, err := files.ReadFile(name + Extension)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

//go:embed golden.txt
var golden string

// Golden returns the committed hash of what a built-in model's encoder computes, see encoder.Hash.
func Golden(name string) (string, bool) { return pretrained.Find(golden, name) }
