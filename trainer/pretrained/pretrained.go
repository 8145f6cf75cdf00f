// Package pretrained holds the float32 weights that belong to the built-in int8 models of
// decoder/pretrained, under the same names, and the weights of the classifier of digits
// (trainer/classify).
//
// Regenerate them with `go run ./trainer pretrained`. Training does not depend on them.
package pretrained

import _ "embed"

// Byte slices, unlike an embed.FS, are read where they stand in the program and not copied.
var (
	//go:embed digits-classifier.safetensors
	digitsClassifier []byte
	//go:embed faces.safetensors
	faces []byte
	//go:embed gan.safetensors
	gan []byte
	//go:embed mnist-16.safetensors
	mnist16 []byte
	//go:embed mnist-2.safetensors
	mnist2 []byte
)

var files = map[string][]byte{
	"digits-classifier": digitsClassifier,
	"faces":             faces,
	"gan":               gan,
	"mnist-16":          mnist16,
	"mnist-2":           mnist2,
}

// Has says whether there is a weights file of a name.
func Has(name string) bool { return files[name] != nil }

// Weights returns the weights file of a built-in model or of the classifier, "digits-classifier".
// It is not to be changed.
func Weights(name string) ([]byte, bool) {
	data, ok := files[name]
	return data, ok
}
