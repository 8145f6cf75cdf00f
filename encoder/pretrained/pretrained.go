// Package pretrained holds the int8 weights of the encoders of the built-in models, compressed.
//
// Regenerate them with `go run ./trainer pretrained`, or from the float32 weights alone with `go
// run ./trainer encoder`.
package pretrained

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"io"
	"strings"

	"github.com/vae-edge/vae-edge/internal/golden"
)

//go:embed *.gz
var files embed.FS

// Extension is that of the files' names.
const Extension = ".safetensors.gz"

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
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	// The last four bytes say how many there are to come: a slice that grows would be copied over
	// and over.
	weights := make([]byte, binary.LittleEndian.Uint32(data[len(data)-4:]))
	if _, err := io.ReadFull(r, weights); err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, r) // to its end, where the checksum is compared
	return weights, err
}

//go:embed golden.txt
var hashes string

// Golden returns the committed hash of what a built-in model's encoder computes, see encoder.Hash.
func Golden(name string) (string, bool) { return golden.Find(hashes, name) }
