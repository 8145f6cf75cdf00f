package encoder

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// File is the name of the weights file of an encoder, in the folder of the decoder's that it
// belongs to.
const File = "encoder.safetensors"

// ErrNone is wrapped by the error for a model of which there is no encoder.
var ErrNone = errors.New("no encoder")

// ErrBuiltIn is wrapped beside it for a built-in model, of which nobody can make one: a generator.
var ErrBuiltIn = errors.New("which is built in without one")

// Open returns the whole of the model d, which decoder.Open opened by that name: the model itself
// if its file has an encoder too, otherwise a copy of it with the layers of its encoder, the one
// built in or the one in the file [File] beside its own. The copy shares everything else with d.
// The error wraps [ErrNone] if there is no encoder, and says so if the one that there is belongs to
// another decoder.
func Open(name string, d *model.Model) (*model.Model, error) {
	if len(d.Encoder) > 0 || len(d.Decoder) == 0 {
		return Join(name, d, nil)
	}
	e, err := open(name)
	if err != nil {
		return nil, err
	}
	return Join(name, d, e)
}

// Join is Open where the file e has been read that may have the encoder. Name is what its errors
// call the model. A model that has an encoder needs no e.
func Join(name string, d, e *model.Model) (*model.Model, error) {
	if len(d.Decoder) == 0 {
		return nil, fmt.Errorf("encoder: the file of model %s has an encoder alone: name the decoder's", d.Name)
	}
	if len(d.Encoder) > 0 {
		return d, nil
	}
	if len(e.Encoder) == 0 {
		return nil, fmt.Errorf("encoder: the file of %s has no encoder, but a decoder", name)
	}
	sum := e.DecoderSum
	if len(e.Decoder) > 0 {
		sum = e.DecoderDigest()
	}
	if sum != d.DecoderDigest() || e.Name != d.Name || e.Latent != d.Latent || e.LatentSteps != d.LatentSteps || e.Image != d.Image {
		return nil, fmt.Errorf("encoder: the encoder found for %s, named %s, belongs to another decoder: both must be of one run of the trainer", name, e.Name)
	}
	whole := *d
	whole.Encoder = e.Encoder
	whole.Extra = both(d.Extra, e.Extra)
	return &whole, nil
}

// both is what the files of a decoder and of its encoder carry along, such as what the ground is
// and what package fit notes. Of two of one name it is the decoder's.
func both(d, e *safetensors.File) *safetensors.File {
	if d == nil || e == nil {
		return cmp.Or(d, e)
	}
	all := &safetensors.File{Metadata: maps.Clone(e.Metadata), Tensors: slices.Clone(d.Tensors)}
	if all.Metadata == nil {
		all.Metadata = map[string]string{}
	}
	maps.Copy(all.Metadata, d.Metadata)
	for _, t := range e.Tensors {
		if _, has := d.Tensor(t.Name); !has {
			all.Tensors = append(all.Tensors, t)
		}
	}
	return all
}

// open returns the content of the file that has the encoder of a model whose own has none.
func open(name string) (*model.Model, error) {
	if slices.Contains(pretrained.Names(), name) {
		data, err := pretrained.Weights(name)
		if err != nil {
			return nil, fmt.Errorf("encoder: built-in model %s: %w", name, err)
		}
		return model.Parse(data)
	}
	// A built-in one has no folder
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name {
		return nil, fmt.Errorf("%w of model %s, %w", ErrNone, name, ErrBuiltIn)
	}
	path := filepath.Join(filepath.Dir(name), File)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w of model %s: there is no %s", ErrNone, name, path)
	}
	return model.ReadFile(path)
}
