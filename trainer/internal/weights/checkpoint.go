package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/model/safetensors"
)

// Formats of checkpoints, which the metadata of the files name.
const (
	Autoencoder = "vae-edge-checkpoint"
	GAN         = "vae-edge-gan-checkpoint"
)

// ErrOtherKind is wrapped by the error for the checkpoint of another kind of training. It is as
// good as its own.
var ErrOtherKind = errors.New("it is of another kind of training, which can go on from it")

// WriteCheckpoint writes a file of that format: what describes a run, as JSON in the metadata, and
// the tensors of its state. The file's folder may be missing.
func WriteCheckpoint(file, format string, run any, tensors []safetensors.Tensor) error {
	description, err := json.Marshal(run)
	if err != nil {
		return err
	}
	f := safetensors.File{
		Metadata: map[string]string{"format": format, "version": Version, "run": string(description)},
		Tensors:  tensors,
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // somebody may have removed it
		return err
	}
	return atomicfile.Write(file, func(w io.Writer) error {
		_, err := f.WriteTo(w)
		return err
	})
}

// ReadCheckpoint reads a file that WriteCheckpoint wrote, of at most so many bytes. It sets what
// run points to.
func ReadCheckpoint(file, format string, most int, run any) (*safetensors.File, error) {
	data, err := regular.Read(file, most)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data, format)
	if err != nil {
		if _, e := Parse(data, map[string]string{Autoencoder: GAN, GAN: Autoencoder}[format]); e == nil {
			err = ErrOtherKind
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := json.Unmarshal([]byte(f.Metadata["run"]), run); err != nil {
		return nil, fmt.Errorf("%s: description of the run: %w", file, plain.JSONError(err))
	}
	return f, nil
}
