package foreign

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file is one of safetensors with a header.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestRecognized(t *testing.T) {
	half := `{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`
	for name, c := range map[string]struct {
		data []byte
		err  error
		want string
	}{
		"F16":                {file(half, 4), ErrArrays, "weights of another program, arrays by name: safetensors, F16"},
		"BF16":               {file(strings.Replace(half, "F16", "BF16", 1)+"   ", 4), ErrArrays, "safetensors, BF16"},
		"PyTorch's":          {file(`{"__metadata__":{"format":"pt"},`+half[1:], 4), ErrArrays, "F16, of PyTorch's"},
		"cut":                {file(half, 3), ErrArrays, "3 of 4 bytes are there"},
		"ours":               {file(`{"__metadata__":{"sha256":"00"},`+half[1:], 4), nil, ""},
		"cut header":         {file(half, 4)[:20], nil, ""},
		"no JSON":            {file("{not JSON at all}", 4), nil, ""},
		"page":               {[]byte("\n<!DOCTYPE html><html>"), ErrPage, "a web page (HTML)"},
		"page with a mark":   {[]byte("\ufeff<html lang=en>"), ErrPage, "a web page"},
		"pointer":            {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n"), ErrPointer, "git lfs pull"},
		"archive":            {[]byte("PK\x03\x04\x00\x00"), ErrArrays, ".npz"},
		"HDF5":               {[]byte("\x89HDF\r\n\x1a\n"), ErrArrays, "HDF5"},
		"ONNX":               {[]byte("\x08\x08\x12\x07pytorch"), ErrWeights, "ONNX"},
		"TensorFlow Lite":    {[]byte("\x1c\x00\x00\x00TFL3"), ErrWeights, "TensorFlow Lite"},
		"eight, then header": {file("{", 0), nil, ""},
		"nothing":            {nil, nil, ""},
		"text":               {[]byte("seed = 1\n"), nil, ""},
	} {
		err := Recognized(c.data)
		if !errors.Is(err, c.err) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What other programs have written is never taken for damaged.
func TestFiles(t *testing.T) {
	for _, name := range []string{"pt-meta-f32.safetensors", "pt-nometa-f32.safetensors"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := Recognized(data); !errors.Is(err, ErrArrays) || !strings.Contains(err.Error(), "safetensors, F32") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRecognized(f *testing.F) {
	f.Add(file(`{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`, 4))
	f.Add([]byte("\x08\x08\x12"))
	f.Fuzz(func(t *testing.T, data []byte) { _ = Recognized(data) })
}
