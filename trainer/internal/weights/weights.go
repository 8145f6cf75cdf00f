// Package weights reads and writes named arrays of weights as tensors of the
// trainer's own safetensors files.
package weights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/model/safetensors"
	"github.com/vae-edge/vae-edge/trainer/nn"
)

// Version is that of the trainer's formats, in the metadata of its files.
const Version = "1"

// Parse reads a file and refuses what is not of the format, which its metadata
// names, or of none of the versions, without which Version is meant.
func Parse(data []byte, format string, versions ...string) (*safetensors.File, error) {
	if len(versions) == 0 {
		versions = []string{Version}
	}
	f, err := safetensors.Parse(data)
	if other := foreign.Recognized(data); err != nil && other != nil {
		return nil, other
	}
	if err != nil {
		return nil, err
	}
	if got := f.Metadata["format"]; got != format {
		return nil, fmt.Errorf("a file of format %q, not %q", got, format)
	}
	if got := f.Metadata["version"]; !slices.Contains(versions, got) {
		return nil, fmt.Errorf("a file of version %q, this program reads version %s", got, strings.Join(versions, " and "))
	}
	return f, nil
}

// Tensors returns parameters as tensors, with a prefix before their names.
func Tensors(prefix string, params []nn.Param) []safetensors.Tensor {
	ts := make([]safetensors.Tensor, len(params))
	for i, p := range params {
		ts[i] = safetensors.New(prefix+p.Name, p.Data, p.Shape...)
	}
	return ts
}

// Fill sets parameters to the tensors of their names, which must be finite.
func Fill(params []nn.Param, f *safetensors.File, prefix string) error {
	for _, p := range params {
		t, ok := f.Tensor(prefix + p.Name)
		if !ok {
			return fmt.Errorf("tensor %q is missing", prefix+p.Name)
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return fmt.Errorf("tensor %q has the shape %v, want %v", t.Name, t.Shape, p.Shape)
		}
		if err := safetensors.CopyValues(p.Data, t); err != nil {
			return err
		}
		for _, v := range p.Data {
			if v-v != 0 {
				return fmt.Errorf("tensor %q has a number that is not finite", t.Name)
			}
		}
	}
	return nil
}
