package model_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// computes fails the test if the model, which was accepted, cannot be computed or is not what its
// file says.
func computes(t *testing.T, m *model.Model, data []byte) {
	t.Helper()
	if _, err := decoder.New(m); err != nil && len(m.Decoder) > 0 {
		t.Fatalf("accepted, but cannot be decoded: %v", err)
	}
	if _, err := encoder.New(m); err != nil && len(m.Encoder) > 0 {
		t.Fatalf("accepted, but cannot be encoded: %v", err)
	}
	if again, err := m.Marshal(); err != nil || !bytes.Equal(again, data) {
		t.Fatalf("accepted, but marshalled differently: %v", err)
	}
}

// What Parse accepts is computable and is what Marshal writes.
func FuzzParse(f *testing.F) {
	data := model.MarshalOf(f, model.Synthetic())
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(model.MarshalOf(f, model.SyntheticWithConcepts()))
	f.Add(model.MarshalOf(f, model.SyntheticWithNormals()))
	f.Add(model.MarshalOf(f, model.SyntheticEncoder()))
	f.Add(model.MarshalOf(f, model.SyntheticMixed()))
	f.Add(model.MarshalOf(f, model.SyntheticDense()))
	f.Add(model.MarshalOf(f, model.SyntheticLeaky()))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := model.Parse(data)
		if err != nil {
			return
		}
		computes(t, m, data)
	})
}

// FuzzDescription lies in the model's description, the checksum being right: the parts behind it
// cannot be reached by flipping bits of a file.
func FuzzDescription(f *testing.F) {
	file, err := safetensors.Parse(model.MarshalOf(f, model.SyntheticWithConcepts()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata["model"])
	f.Add(strings.Replace(file.Metadata["model"], "41,33", "42,33", 1))
	f.Add(strings.Replace(file.Metadata["model"], "with-hat", "4", 1))
	f.Add(strings.ReplaceAll(file.Metadata["model"], `"to":"relu"`, `"to":"leaky_relu","slope":0.2`))
	f.Add(strings.Replace(file.Metadata["model"], `"to":"relu"`, `"to":"leaky_relu","slope":1e-30`, 1))
	f.Fuzz(func(t *testing.T, description string) {
		file.Metadata["model"] = description
		for _, version := range []string{"2", "5"} { // what it needs at least, or a leaky ReLU
			file.Metadata["version"] = version
			data, err := file.Marshal()
			if err != nil {
				return
			}
			if m, err := model.Parse(data); err == nil {
				computes(t, m, data)
			}
		}
	})
}
