package encoder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	decoders "github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/model"
)

// File is the name of the weights file of an encoder, in the folder of the decoder's that it belongs to.
const File = "encoder.safetensors"

// ErrNone is wrapped by the error for a model of which there is no encoder.
var ErrNone = errors.New("no encoder")

// Open returns the model with the encoder for the decoder that decoder.Open opened by that name: the one built in, the one in the same
// file or the one in the file [File] beside it.
func Open(name string, d *model.Model) (*model.Model, error) {
	m, err := open(name, d)
	if err != nil {
		return nil, err
	}
	if len(m.Encoder) == 0 {
		return nil, fmt.Errorf("encoder: the file of %s has no encoder, but a decoder", name)
	}
	if len(m.Decoder) == 0 && m.DecoderSum != d.DecoderDigest() || m.Name != d.Name || m.Latent != d.Latent || m.LatentSteps != d.LatentSteps || m.Image != d.Image {
		return nil, fmt.Errorf("encoder: the encoder found for %s, named %s, belongs to another decoder: both must be of one run of the trainer", name, m.Name)
	}
	return m, nil
}

func open(name string, d *model.Model) (*model.Model, error) {
	if len(d.Encoder) > 0 {
		return d, nil
	}
	if _, ok := decoders.Weights(name); ok {
		data, err := pretrained.Weights(name)
		if err != nil {
			return nil, fmt.Errorf("encoder: built-in model %s: %w", name, err)
		}
		return model.Parse(data)
	}
	path := filepath.Join(filepath.Dir(name), File)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w of model %s: there is no %s: copy it from where the trainer wrote both, or write it with go run ./trainer encoder", ErrNone, name, path)
	}
	return model.ReadFile(path)
}
