package importer

import (
	"errors"
	"path/filepath"

	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
	"github.com/vae-edge/vae-edge/trainer/interop/fold"
	"github.com/vae-edge/vae-edge/trainer/interop/keras"
	"github.com/vae-edge/vae-edge/trainer/interop/linear"
)

// maxTopology is the largest model.json, in bytes.
const maxTopology = 1 << 24

// readKeras reads a model.json and the files of weights beside it: its layers as they are found,
// and as they are computed.
func readKeras(name string, o fold.Options) (found []string, n *linear.Network, err error) {
	if o.Input+o.Output != "" {
		return nil, nil, errors.New("the layers of Keras have one input and one output, and neither is to be chosen")
	}
	data, err := regular.Read(name, maxTopology)
	if err != nil {
		return nil, nil, err
	}
	left := arrays.MaxFile
	m, err := keras.Parse(data, func(file string) ([]byte, error) {
		weights, err := regular.Read(filepath.Join(filepath.Dir(name), file), left)
		left -= len(weights)
		return weights, err
	})
	if err != nil {
		return nil, nil, err
	}
	for i := range m.Layers {
		found = append(found, m.Layers[i].Line())
	}
	n, err = m.Network(o.Image, o.Logits)
	return found, n, err
}
