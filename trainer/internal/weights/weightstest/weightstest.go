// Package weightstest changes files of weights for tests.
package weightstest

import (
	"os"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/model/safetensors"
)

// Edit returns what a safetensors file is after a change, its checksum right.
func Edit(t *testing.T, name string, change func(f *safetensors.File)) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	if data, err = f.Marshal(); err != nil {
		t.Fatal(err)
	}
	return data
}

// Replace changes a metadata entry, where the old text first stands in it.
func Replace(key, old, new string) func(f *safetensors.File) {
	return func(f *safetensors.File) {
		f.Metadata[key] = strings.Replace(f.Metadata[key], old, new, 1)
	}
}

// FuzzMetadata lies in two metadata entries of a file, whose checksum is right.
func FuzzMetadata(f *testing.F, data []byte, key, otherKey string, read func(t *testing.T, data []byte)) {
	file, err := safetensors.Parse(data)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata[key], file.Metadata[otherKey])
	f.Add(strings.ReplaceAll(file.Metadata[key], "20", "2000000000"), "")
	f.Add(strings.ReplaceAll(file.Metadata[key], "8", "-8"), `["a","a"]`)
	f.Fuzz(func(t *testing.T, description, other string) {
		file.Metadata[key], file.Metadata[otherKey] = description, other
		if data, err := file.Marshal(); err == nil {
			read(t, data)
		}
	})
}
