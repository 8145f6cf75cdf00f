package arrays

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/regular"
)

// Read reads a file of any of the formats, which is told by what is in it.
func Read(name string) (Arrays, error) {
	data, err := regular.Read(name, MaxFile)
	if err != nil {
		return nil, err
	}
	a, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// unnamed is what the array of a .npy file is called, which has no name.
const unnamed = "array"

// Parse is Read of what is in a file.
func Parse(data []byte) (Arrays, error) {
	var a Arrays
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		a, err = parseZip(data)
	case len(data) > 8 && data[8] == '{':
		a, err = parseSafetensors(data)
	case bytes.HasPrefix(data, []byte("\x80\x02")):
		return nil, errors.New("a file of PyTorch's before 1.6: load it and save it with a newer one")
	case bytes.HasPrefix(data, []byte("\x89HDF")):
		return nil, errors.New("an HDF5 file: save the weights as .npz or safetensors")
	case bytes.HasPrefix(data, []byte("\x93NUMPY")):
		a = Arrays{}
		err = a.addNumPy(unnamed, data)
	default:
		if err := foreign.InPlace(data); err != nil {
			return nil, err
		}
		return nil, errors.New("neither safetensors, NumPy's .npz or .npy, nor PyTorch's .pt")
	}
	if err == nil && len(a) == 0 {
		err = errors.New("no arrays of floating-point numbers: save them as float32")
	}
	return a, err
}

// Known reports whether data begin as a file does that Parse reads.
func Known(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("\x93NUMPY")) || len(data) > 8 && data[8] == '{'
}

// parseZip reads an archive: of .npy files, or of a pickle and what it refers to.
func parseZip(data []byte) (Arrays, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if len(z.File) > maxArrays {
		return nil, fmt.Errorf("%d files in the archive are too many", len(z.File))
	}
	files := newArchive(len(data))
	pickle := ""
	for _, f := range z.File {
		if files.files[f.Name] != nil {
			return nil, fmt.Errorf("the archive has %q twice", f.Name)
		}
		files.files[f.Name] = f
		if f.Name == "model.weights.h5" {
			return nil, errors.New("a file of Keras's, with HDF5 in it: save the weights as .npz or safetensors, or convert the model")
		}
		if f.Name == "data.pkl" || strings.HasSuffix(f.Name, "/data.pkl") {
			if pickle != "" {
				return nil, fmt.Errorf("the archive has two pickles, %q and %q", pickle, f.Name)
			}
			pickle = f.Name
		}
	}
	if pickle != "" {
		return parsePyTorch(files, strings.TrimSuffix(pickle, "data.pkl"))
	}
	a := Arrays{}
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("the archive has %q, which is neither of NumPy nor of PyTorch", f.Name)
		}
		raw, err := files.read(f.Name)
		if err == nil {
			err = a.addNumPy(name, raw)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return a, nil
}
