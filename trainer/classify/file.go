package classify

import (
	"encoding/json"
	"fmt"

	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/internal/weights"
)

// format is that of a file, in its metadata.
const format = "vae-edge-classifier"

// description is the JSON of a Config in the metadata entry "network".
type description struct {
	Height   int `json:"height"`
	Width    int `json:"width"`
	Channels int `json:"channels"`
	Classes  int `json:"classes"`

	Independent bool `json:"independent,omitempty"`
}

// Marshal returns the model's file, in safetensors: the arrays of Params by
// their names.
func (m *Model) Marshal() ([]byte, error) {
	d, err := json.Marshal(description(m.Config))
	if err != nil {
		return nil, err
	}
	f := safetensors.File{
		Metadata: map[string]string{"format": format, "version": weights.Version, "network": string(d)},
		Tensors:  weights.Tensors("", m.Params()),
	}
	return f.Marshal()
}

// Unmarshal reads what Marshal wrote and refuses everything else, before it
// takes more memory than a few times the file.
func Unmarshal(data []byte) (*Model, error) {
	m, err := unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("classify: file of a classifier: %w", err)
	}
	return m, nil
}

func unmarshal(data []byte) (*Model, error) {
	f, err := weights.Parse(data, format)
	if err != nil {
		return nil, err
	}
	var d description
	if err := json.Unmarshal([]byte(f.Metadata["network"]), &d); err != nil {
		return nil, fmt.Errorf("description of the network: %w", err)
	}
	c := Config(d)
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if claimed := 4 * c.stack().Weights(c.Image()); claimed > len(data) {
		return nil, fmt.Errorf("the network that it describes needs %d bytes of weights, there are %d", claimed, len(data))
	}
	m := newModel(c)
	if err := weights.Fill(m.Params(), f, ""); err != nil {
		return nil, err
	}
	if want := len(m.Params()); len(f.Tensors) != want || len(f.Metadata) != 3 {
		return nil, fmt.Errorf("%d tensors and %d entries of metadata, a classifier has %d and 3", len(f.Tensors), len(f.Metadata), want)
	}
	return m, nil
}
