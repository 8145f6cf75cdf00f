// Package safetensors reads and writes safetensors files in one canonical, checksummed form.
//
// A safetensors file is eight bytes of little-endian header length, a JSON header, and the tensors'
// bytes. Any safetensors reader opens the files written here. [Parse] is stricter than the format
// asks for, because these files reach devices over bad links and from strangers: it accepts exactly
// the bytes that [File.Marshal] would write, so that there is one file for one content, and refuses
// everything else.
//
// The canonical form:
//   - the header is JSON without white space, "__metadata__" first and then the tensors in the
//     order of their data, keys of the metadata sorted, padded with spaces so that the data starts
//     at a multiple of eight bytes;
//   - the tensors' data follow each other without gaps, wider element types first and by name
//     within a type, so that every tensor is aligned to its element;
//   - the metadata's "sha256" is the SHA-256, in lower-case hexadecimal, over the whole file with
//     those 64 digits replaced by '0'. A flip of any bit of the file is found.
//
// See https://huggingface.co/docs/safetensors for the format.
package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/vae-edge/vae-edge/internal/plain"
)

// A DType is the type of a tensor's elements, in the format's own spelling.
type DType string

// The element types that vae-edge uses. Elements are little-endian.
const (
	Uint8   DType = "U8"
	Int8    DType = "I8"
	Int16   DType = "I16"
	Int32   DType = "I32"
	Float32 DType = "F32"
)

// Size returns the bytes of one element, or 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case Uint8, Int8:
		return 1
	case Int16:
		return 2
	case Int32, Float32:
		return 4
	}
	return 0
}

const (
	maxHeader = 1 << 20 // bytes of JSON
	maxRank   = 8
	digestKey = "sha256"
)

// ErrChecksum is wrapped by the error for a file whose bytes do not have the SHA-256 they claim.
var ErrChecksum = errors.New("checksum does not match: the file is damaged")

// A Tensor is an n-dimensional array in row-major order.
type Tensor struct {
	Name  string
	DType DType
	Shape []int  // every dimension is positive; no dimensions is a scalar
	Data  []byte // little-endian elements
}

// A File is the content of a safetensors file.
type File struct {
	Metadata map[string]string // free text; "sha256" is managed by this package and absent here
	Tensors  []Tensor
}

type tensorHeader struct {
	DType   DType  `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// Tensor returns the tensor of that name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Marshal returns the file's bytes. It fails when a tensor's data and shape disagree, or when a
// name is empty, used twice or reserved.
func (f *File) Marshal() ([]byte, error) {
	header, tensors, err := f.summed()
	if err != nil {
		return nil, err
	}
	size := len(header)
	for _, t := range tensors {
		size += len(t.Data)
	}
	out := append(make([]byte, 0, size), header...)
	for _, t := range tensors {
		out = append(out, t.Data...)
	}
	return out, nil
}

// WriteTo writes what Marshal returns, without a copy of it.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	header, tensors, err := f.summed()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(header)
	written := int64(n)
	for _, t := range tensors {
		if err != nil {
			break
		}
		n, err = w.Write(t.Data)
		written += int64(n)
	}
	return written, err
}

// summed returns what a file has before its data, with the digest of both, and the tensors in the
// order of their data.
func (f *File) summed() (header []byte, tensors []Tensor, err error) {
	header, at, tensors, err := f.header(zeroed)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.New()
	sum.Write(header)
	for _, t := range tensors {
		sum.Write(t.Data)
	}
	hex.Encode(header[at:], sum.Sum(nil))
	return header, tensors, nil
}

// zeroed stands in the place of the digest where that is computed.
var zeroed = strings.Repeat("0", 2*sha256.Size)

// header returns what a file with the given digest has before its data, where in it the digest
// stands, and the tensors in the order of their data.
func (f *File) header(digest string) (out []byte, at int, tensors []Tensor, err error) {
	tensors = slices.Clone(f.Tensors)
	// Package sort, of which the program has one copy and not one for every type
	sort.Slice(tensors, func(i, k int) bool {
		a, b := &tensors[i], &tensors[k]
		if d := b.DType.Size() - a.DType.Size(); d != 0 {
			return d < 0
		}
		return a.Name < b.Name
	})
	metadata := make(map[string]string, len(f.Metadata)+1)
	for k, v := range f.Metadata {
		if k == digestKey {
			return nil, 0, nil, fmt.Errorf("safetensors: metadata key %q is reserved", k)
		}
		metadata[k] = v
	}
	metadata[digestKey] = digest

	var h bytes.Buffer
	h.Write(make([]byte, 8))
	h.WriteString(`{"__metadata__":`)
	if err := appendJSON(&h, metadata); err != nil {
		return nil, 0, nil, err
	}
	offset := 0
	names := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		if t.Name == "" || t.Name == "__metadata__" || names[t.Name] {
			return nil, 0, nil, fmt.Errorf("safetensors: tensor name %q is empty, reserved or used twice", t.Name)
		}
		names[t.Name] = true
		size, err := byteSize(t.DType, t.Shape)
		if err != nil {
			return nil, 0, nil, fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
		}
		if size != len(t.Data) {
			return nil, 0, nil, fmt.Errorf("safetensors: tensor %q: shape %v of %s needs %d bytes, has %d", t.Name, t.Shape, t.DType, size, len(t.Data))
		}
		h.WriteByte(',')
		if err := appendJSON(&h, t.Name); err != nil {
			return nil, 0, nil, err
		}
		h.WriteByte(':')
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		if err := appendJSON(&h, tensorHeader{t.DType, shape, [2]int{offset, offset + size}}); err != nil {
			return nil, 0, nil, err
		}
		offset += size
	}
	h.WriteByte('}')
	for h.Len()%8 != 0 {
		h.WriteByte(' ')
	}
	if h.Len()-8 > maxHeader {
		return nil, 0, nil, fmt.Errorf("safetensors: header of %d bytes, at most %d", h.Len()-8, maxHeader)
	}
	out = h.Bytes()
	binary.LittleEndian.PutUint64(out, uint64(len(out)-8))
	// Quotes inside a JSON string are escaped, so the bytes `"sha256":"` can only be the metadata's
	// key.
	prefix := []byte(`"` + digestKey + `":"`)
	at = bytes.Index(out, prefix) + len(prefix)
	return out, at, tensors, nil
}

func appendJSON(h *bytes.Buffer, v any) error {
	e := json.NewEncoder(h)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	h.Truncate(h.Len() - 1) // Encode ends its output with a newline
	return nil
}

// byteSize returns the bytes that a tensor takes, without overflow.
func byteSize(d DType, shape []int) (int, error) {
	n := d.Size()
	if n == 0 {
		return 0, fmt.Errorf("element type %q is not supported", d)
	}
	if len(shape) > maxRank {
		return 0, fmt.Errorf("%d dimensions, at most %d", len(shape), maxRank)
	}
	for _, s := range shape {
		if s <= 0 || n > math.MaxInt32/s {
			return 0, fmt.Errorf("shape %v is empty or too large", shape)
		}
		n *= s
	}
	return n, nil
}

// Parse reads a file. The tensors' data alias the argument. Nothing is allocated beyond a small
// multiple of the header's real size, whatever the header claims.
func Parse(data []byte) (*File, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("safetensors: file of %d bytes is cut short", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader {
		return nil, fmt.Errorf("safetensors: header claims %d bytes, at most %d: not a safetensors file", n, maxHeader)
	}
	if n > uint64(len(data)-8) {
		return nil, fmt.Errorf("safetensors: header claims %d bytes, the file has %d: it is cut short", n, len(data)-8)
	}
	header, body := data[8:8+n], data[8+n:]
	entries := map[string]json.RawMessage{}
	if err := json.Unmarshal(header, &entries); err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", plain.JSONError(err))
	}
	f := &File{Metadata: map[string]string{}}
	if err := json.Unmarshal(entries["__metadata__"], &f.Metadata); err != nil {
		return nil, fmt.Errorf("safetensors: metadata: %w", plain.JSONError(err))
	}
	delete(entries, "__metadata__")
	digest, ok := f.Metadata[digestKey]
	if want, err := hex.DecodeString(digest); !ok || err != nil || len(want) != sha256.Size {
		return nil, fmt.Errorf("safetensors: metadata has no usable %q", digestKey)
	}
	delete(f.Metadata, digestKey)
	for name, raw := range entries {
		var t tensorHeader
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", name, plain.JSONError(err))
		}
		size, err := byteSize(t.DType, t.Shape)
		if err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
		}
		from, to := t.Offsets[0], t.Offsets[1]
		if from < 0 || to > len(body) || from > to || to-from != size {
			return nil, fmt.Errorf("safetensors: tensor %q: %d bytes at [%d, %d) of %d do not fit", name, size, from, to, len(body))
		}
		f.Tensors = append(f.Tensors, Tensor{name, t.DType, t.Shape, body[from:to:to]})
	}
	// Tensors may still overlap or leave gaps; together they must then differ from the body in size
	// or in order, and the comparison with the canonical form finds either. The size is compared
	// first, so that overlapping tensors cannot make that form larger than the file.
	total := 0
	for _, t := range f.Tensors {
		if total += len(t.Data); total > len(body) {
			break
		}
	}
	if total != len(body) {
		return nil, fmt.Errorf("safetensors: the tensors do not fill the file's %d data bytes exactly", len(body))
	}
	canonical, at, tensors, err := f.header(digest)
	if err != nil {
		return nil, err
	}
	same := bytes.HasPrefix(data, canonical)
	if same {
		rest := data[len(canonical):]
		for _, t := range tensors {
			same = same && bytes.HasPrefix(rest, t.Data)
			rest = rest[min(len(t.Data), len(rest)):]
		}
		same = same && len(rest) == 0
	}
	if !same {
		return nil, errors.New("safetensors: file is not in canonical form")
	}
	sort.Slice(f.Tensors, func(i, k int) bool { return f.Tensors[i].Name < f.Tensors[k].Name })
	copy(canonical[at:], zeroed)
	sum := sha256.New()
	sum.Write(canonical)
	sum.Write(data[len(canonical):])
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return nil, fmt.Errorf("safetensors: %w", ErrChecksum)
	}
	return f, nil
}

type element interface {
	uint8 | int8 | int16 | int32 | float32
}

func dtypeOf[E element]() DType {
	var e E
	switch any(e).(type) {
	case uint8:
		return Uint8
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	}
	return Float32
}

// New returns a tensor that holds a copy of values.
func New[E element](name string, values []E, shape ...int) Tensor {
	t := Tensor{Name: name, DType: dtypeOf[E](), Shape: shape}
	t.Data, _ = binary.Append(nil, binary.LittleEndian, values) // cannot fail for these types
	return t
}

// Values returns a copy of the tensor's elements; the error says so when they are of another type.
func Values[E element](t Tensor) ([]E, error) {
	values := make([]E, len(t.Data)/max(t.DType.Size(), 1))
	if err := CopyValues(values, t); err != nil {
		return nil, err
	}
	return values, nil
}

// CopyValues copies the tensor's elements, of which there must be as many as dst has; the error
// says so when they are of another type.
func CopyValues[E element](dst []E, t Tensor) error {
	if want := dtypeOf[E](); t.DType != want {
		return fmt.Errorf("safetensors: tensor %q holds %s, want %s", t.Name, t.DType, want)
	}
	if n := len(t.Data) / t.DType.Size(); n != len(dst) {
		return fmt.Errorf("safetensors: tensor %q has %d elements, want %d", t.Name, n, len(dst))
	}
	if _, err := binary.Decode(t.Data, binary.LittleEndian, dst); err != nil {
		return fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
	}
	return nil
}
