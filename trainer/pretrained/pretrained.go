// Package pretrained holds the float32 weights that belong to the built-in int8 models of decoder/pretrained, under the same
// names.
//
// Regenerate both with `go run ./trainer pretrained`. Training does not read them.
package pretrained

import "embed"

//go:embed *.safetensors
var files embed.FS

// Weights returns the weights file of a built-in model.
func Weights(name string) ([]byte, bool) {
	data, err := files.ReadFile(name + ".safetensors")
	return data, err == nil
}
