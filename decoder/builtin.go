package decoder

import (
	"fmt"
	"os"
	"strings"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
)

// File is the name of the weights file of a decoder in the folder of a run of the trainer.
const File = "decoder.safetensors"

// DefaultModel is the name of the built-in model that is used where none is named.
const DefaultModel = "mnist-2"

// Open returns a built-in model by its name or, failing that, the model in the file of that path.
func Open(name string) (*Model, error) {
	if data, ok := pretrained.Weights(name); ok {
		return Parse(data)
	}
	if _, err := os.Stat(name); err != nil {
		return nil, fmt.Errorf("decoder: %q is neither a built-in model (%s) nor a weights file: %w", name, strings.Join(pretrained.Names(), ", "), err)
	}
	return ReadFile(name)
}
