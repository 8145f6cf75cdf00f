package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/vae-edge/vae-edge/decoder/safetensors"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// Formats that the metadata of the trainer's own safetensors files names.
const (
	floatFormat      = "vae-edge-float"
	checkpointFormat = "vae-edge-checkpoint"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 30

// network is the JSON of a vae.Config in the metadata entry "network".
type network struct {
	Height   int      `json:"height"`
	Width    int      `json:"width"`
	Channels int      `json:"channels"`
	Latent   int      `json:"latent"`
	Hidden   int      `json:"hidden"`
	Loss     vae.Loss `json:"loss"`
	KLWeight float64  `json:"kl_weight"`
}

// marshalFloat returns the file of a float32 model: its weights under the names that vae gives them.
func marshalFloat(m *vae.Model) ([]byte, error) {
	description, err := json.Marshal(network(m.Config))
	if err != nil {
		return nil, err
	}
	f := safetensors.File{
		Metadata: map[string]string{"format": floatFormat, "version": weights.Version, "network": string(description)},
		Tensors:  weights.Tensors("", m.Params()),
	}
	return f.Marshal()
}

// parseFloat reads the file of a float32 model.
func parseFloat(data []byte) (*vae.Model, error) {
	f, err := weights.Parse(data, floatFormat)
	if err != nil {
		return nil, err
	}
	var n network
	if err := json.Unmarshal([]byte(f.Metadata["network"]), &n); err != nil {
		return nil, fmt.Errorf("description of the network: %w", err)
	}
	m, err := newModel(vae.Config(n), f)
	if err != nil {
		return nil, err
	}
	if err := weights.Fill(m.Params(), f, ""); err != nil {
		return nil, err
	}
	if want := len(m.Params()); len(f.Tensors) != want {
		return nil, fmt.Errorf("%d tensors, this network has %d", len(f.Tensors), want)
	}
	return m, nil
}

// newModel makes the model that a file describes, after a look whether the file is large enough for the dense
// layers that it claims; the rest of a network is small.
func newModel(c vae.Config, f *safetensors.File) (*vae.Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	claimed := 4 * denseWeights(c)
	var total int64
	for _, t := range f.Tensors {
		total += int64(len(t.Data))
	}
	if claimed > total {
		return nil, fmt.Errorf("the network that it describes needs %d bytes of weights, there are %d", claimed, total)
	}
	return vae.New(c, 0)
}

// flat is the number of activations between the convolutions and the dense layers.
func flat(c vae.Config) int64 {
	const filters = 64
	return int64(c.Height/2) * int64(c.Width/2) * filters
}

// denseWeights is the number of weights of the dense layers.
func denseWeights(c vae.Config) int64 {
	return (int64(c.Hidden)+int64(c.Latent))*flat(c) + 2*int64(c.Hidden)*int64(c.Latent)
}

// readFile reads a whole file that must not be larger than any of the trainer's.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name) // before it is opened: a pipe would wait for a writer
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New(name + " is not a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s: %d bytes are too many for a file of the trainer, the most is %d", name, info.Size(), maxFile)
	}
	return os.ReadFile(name)
}
