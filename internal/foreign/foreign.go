// Package foreign tells what a file is that was named for weights or data and has something else:
// weights of other programs, or what a download has left in their place.
package foreign

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Every error of this package wraps one of these.
var (
	// ErrWeights is for weights that another program wrote, whole as far as can be told.
	ErrWeights = errors.New("weights of another program")
	// ErrArrays is for those among them of which a list of layers is needed to import them.
	ErrArrays = fmt.Errorf("%w, arrays by name", ErrWeights)
	// ErrPage is for a web page, and ErrPointer for the pointer of Git LFS, in place of a file.
	ErrPage    = errors.New("a web page (HTML), not the file itself: what was downloaded is a page about it; fetch the file")
	ErrPointer = errors.New("a pointer of Git LFS, not the file itself: fetch that with git lfs pull")
)

// Is says that an error is one of this package's.
func Is(err error) bool {
	return errors.Is(err, ErrWeights) || errors.Is(err, ErrPage) || errors.Is(err, ErrPointer)
}

// look is how many bytes of a file are looked at for what text says.
const look = 512

// Recognized returns an error that says what a file with that data is, or nil if that is not known
// or it may be of this module's.
func Recognized(data []byte) error { return recognized(data, true) }

// Begun is Recognized of a file of which only the beginning is there.
func Begun(data []byte) error { return recognized(data, false) }

// InPlace returns an error for what stands in place of any file, a page or a pointer, by its
// beginning.
func InPlace(data []byte) error {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), look)], []byte("\ufeff")), " \t\r\n"))
	for _, start := range []string{"<!doctype html", "<html", "<head", "<?xml", "<!--"} {
		if bytes.HasPrefix(text, []byte(start)) {
			return ErrPage
		}
	}
	if bytes.HasPrefix(text, []byte("version https://git-lfs.")) {
		return ErrPointer
	}
	return nil
}

func recognized(data []byte, whole bool) error {
	if err := InPlace(data); err != nil {
		return err
	}
	for _, k := range []struct {
		at           int
		magic, names string
		err          error
	}{
		{0, "PK\x03\x04", "an archive, such as PyTorch's .pt, NumPy's .npz or Keras's .keras", ErrArrays},
		{0, "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", "PyTorch's before 1.6, which has to be saved anew by a newer one", ErrArrays},
		{0, "\x80\x02", "a pickle", ErrArrays}, {0, "\x80\x04", "a pickle", ErrArrays},
		{0, "\x93NUMPY", "an array of NumPy's", ErrArrays},
		{0, "\x89HDF\r\n", "HDF5, of Keras's, from which weights have to be saved as .npz or safetensors first", ErrArrays},
		{0, "\x08", "ONNX", ErrWeights},
		{4, "TFL3", "TensorFlow Lite", ErrWeights}, {0, "GGUF", "GGUF", ErrWeights},
	} {
		rest := data[min(k.at, len(data)):]
		if !bytes.HasPrefix(rest, []byte(k.magic)) || k.names == "ONNX" && !onnx(data) {
			continue
		}
		return fmt.Errorf("%w: %s", k.err, k.names)
	}
	return safetensors(data, whole)
}

// onnx says that data begin as a ModelProto does: the version of the IR, a small number, and the
// producer's name, the domain or the graph.
func onnx(data []byte) bool {
	return len(data) > 4 && data[0] == 0x08 && data[1] > 0 && data[1] < 32 && bytes.IndexByte([]byte{0x12, 0x1a, 0x22, 0x3a, 0x42}, data[2]) >= 0
}

// The most of a header that is looked at, in bytes.
const maxHeader = 100 << 20

// safetensors recognizes a file of the format whose header lacks what every file of this module's
// has, a checksum.
func safetensors(data []byte, whole bool) error {
	if len(data) < 10 || data[8] != '{' {
		return nil
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return nil // cut short, or damaged: whose it is cannot be told
	}
	var header map[string]json.RawMessage
	if json.Unmarshal(data[8:8+n], &header) != nil {
		return nil
	}
	var metadata map[string]any
	if raw := header["__metadata__"]; raw != nil && json.Unmarshal(raw, &metadata) != nil {
		return nil
	}
	if _, ours := metadata["sha256"]; ours || metadata["format"] == "vae-edge" {
		return nil
	}
	delete(header, "__metadata__")
	most, types := 0, map[string]bool{}
	for _, raw := range header {
		var t struct {
			DType   string   `json:"dtype"`
			Offsets []uint64 `json:"data_offsets"`
		}
		if json.Unmarshal(raw, &t) != nil || len(t.Offsets) != 2 || t.Offsets[0] > t.Offsets[1] {
			return nil
		}
		types[t.DType] = true
		most = max(most, int(min(t.Offsets[1], 1<<62)))
	}
	if len(header) == 0 {
		return nil
	}
	of := ""
	for _, d := range []string{"F16", "BF16", "F32", "F64"} {
		if types[d] {
			of += " " + d
		}
	}
	if by, ok := metadata["format"].(string); ok && by == "pt" {
		of += ", of PyTorch's"
	}
	if have := uint64(len(data)) - 8 - n; whole && uint64(most) > have {
		return fmt.Errorf("%w: safetensors,%s; it is cut short, %d of %d bytes are there, so fetch it again", ErrArrays, of, have, most)
	}
	return fmt.Errorf("%w: safetensors,%s", ErrArrays, of)
}
