package arrays

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// manifestKinds are the types of TensorFlow.js, by their names.
var manifestKinds = map[string]kind{"float32": float32s, "int32": bytes4, "bool": bytes1}

// ParseManifest reads the weightsManifest of a model of TensorFlow.js: groups of files that, one
// after the other, are the arrays of the group one after the other. read gives what is in a file,
// whose name is one without a folder.
func ParseManifest(manifest []byte, read func(file string) ([]byte, error)) (Arrays, error) {
	var groups []struct {
		Paths   []string `json:"paths"`
		Weights []struct {
			Name         string          `json:"name"`
			Shape        []int           `json:"shape"`
			Type         string          `json:"dtype"`
			Quantization json.RawMessage `json:"quantization"`
		} `json:"weights"`
	}
	if err := json.Unmarshal(manifest, &groups); err != nil {
		return nil, fmt.Errorf("weightsManifest: %w", plain.JSONError(err))
	}
	a, total, known := Arrays{}, 0, 0
	seen := map[string]bool{} // files
	for _, g := range groups {
		if known += len(g.Weights) + len(g.Paths); known > maxArrays {
			return nil, fmt.Errorf("%d arrays and files are too many", known)
		}
		for _, w := range g.Weights { // before anything is read for them
			if len(w.Quantization) > 0 && string(w.Quantization) != "null" {
				var q struct {
					Type string `json:"dtype"`
				}
				if err := json.Unmarshal(w.Quantization, &q); err != nil {
					return nil, fmt.Errorf("%q: quantization: %w", w.Name, plain.JSONError(err))
				}
				return nil, fmt.Errorf("%q is quantized to %s: convert the model without quantization, its weights become int8 here, by the channel", w.Name, q.Type)
			}
			if _, ok := manifestKinds[w.Type]; !ok {
				return nil, fmt.Errorf("%q: elements of type %q are not read", w.Name, w.Type)
			}
		}
		var data []byte
		for _, path := range g.Paths {
			if path == "" || path == "." || path == ".." || strings.ContainsAny(path, `/\:`+"\x00") {
				return nil, fmt.Errorf("weightsManifest: %q is no file beside the model's", path)
			}
			if seen[path] {
				return nil, fmt.Errorf("weightsManifest: %q is there twice", path)
			}
			seen[path] = true
			part, err := read(path)
			if err != nil {
				return nil, err
			}
			if total += len(part); total > MaxFile {
				return nil, fmt.Errorf("more than %d bytes of weights", MaxFile)
			}
			data = append(data, part...)
		}
		for _, w := range g.Weights {
			k := manifestKinds[w.Type]
			n, err := elements(w.Shape, k.size)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", w.Name, err)
			}
			if n *= k.size; n > len(data) {
				return nil, fmt.Errorf("%q: shape %v needs %d bytes, and %d are left: fetch the files again", w.Name, w.Shape, n, len(data))
			}
			if err := a.add(w.Name, k, w.Shape, data[:n]); err != nil {
				return nil, err
			}
			data = data[n:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("%d bytes more than the arrays of the weightsManifest have: fetch the files again", len(data))
		}
	}
	if len(a) == 0 {
		return nil, errors.New("no arrays of floating-point numbers")
	}
	return a, nil
}
