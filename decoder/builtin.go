package decoder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
)

// File is the name of the weights file of a decoder in the folder of a run of the trainer.
const File = "decoder.safetensors"

// DefaultModel is the name of the built-in model that is used where none is named.
const DefaultModel = "mnist-2"

// checkpoint is the name of the file that such a folder has until its training is done.
const checkpoint = "checkpoint.safetensors"

// A NotFoundError reports that a model could not be opened, because there is no file of its name or
// no access to it. It wraps the error of the file system.
type NotFoundError struct {
	Name string
	Err  error
}

func (e NotFoundError) Error() string {
	folder, file := filepath.Split(e.Name)
	folder = filepath.Clean(folder)
	var path *fs.PathError
	if !errors.Is(e.Err, fs.ErrNotExist) && errors.As(e.Err, &path) {
		return fmt.Sprintf("model %s: %v", e.Name, path.Err)
	}
	if _, err := os.Stat(folder); err != nil || file != File {
		if folder != "." {
			return fmt.Sprintf("model %s: there is no such file", e.Name)
		}
		return fmt.Sprintf("%q is neither a built-in model (%s) nor a file", e.Name, strings.Join(pretrained.Names(), ", "))
	}
	if _, err := os.Stat(filepath.Join(folder, checkpoint)); err == nil {
		return fmt.Sprintf("there is no %s in %s yet: its training is not done", File, folder)
	}
	return fmt.Sprintf("there is no %s in %s, which training writes there when it is done", File, folder)
}

// Unwrap returns the error of the file system.
func (e NotFoundError) Unwrap() error { return e.Err }

// BuiltInWith returns the name of the first built-in model that has a concept of that name, or of
// that plain word, and whether there is one.
func BuiltInWith(concept string) (name string, ok bool) {
	for _, name := range pretrained.Names() {
		if m, err := Open(name); err == nil {
			if _, err := m.Aim(concept); err == nil {
				return name, true
			}
		}
	}
	return "", false
}

// Open returns a built-in model by its name or, failing that, the model in the file of that path.
func Open(name string) (*Model, error) {
	if data, ok := pretrained.Weights(name); ok {
		return Parse(data)
	}
	if _, err := os.Stat(name); err != nil {
		return nil, NotFoundError{name, err}
	}
	return ReadFile(name)
}
