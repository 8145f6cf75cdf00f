// Package pretrained holds the float32 weights that belong to the built-in int8 models of
// decoder/pretrained, under the same names, and the weights of the classifier of digits
// (trainer/classify).
//
// Regenerate them with `go run ./trainer pretrained`. Training does not depend on them.
package pretrained

import "embed"

//go:embed *.safetensors
var files embed.FS

// Has says whether there is a weights file of a name.
func Has(name string) bool {
	f, err := files.Open(name + ".safetensors")
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// Weights returns the weights file of a built-in model or of the classifier, "digits-classifier".
func Weights(name string) ([]byte, bool) {
	data, err := files.ReadFile(name + ".safetensors")
	return data, err == nil
}
