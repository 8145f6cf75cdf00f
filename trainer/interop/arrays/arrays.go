// Package arrays reads named arrays of numbers from the files of other programs: safetensors,
// NumPy's .npz and PyTorch's .pt. It takes files as they are found, unlike package
// model/safetensors, which reads but one form of each.
//
// Nothing is allocated because a file claims it: an array has its bytes in the file, or in what was
// unpacked of it, before it becomes numbers.
package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
)

// An Array has the elements of a tensor, the last index running fastest. What other floating-point
// types hold is rounded to float32.
type Array struct {
	Shape []int
	Data  []float32
}

// Arrays are arrays by name. Those of whole numbers, such as counters, are not among them.
type Arrays map[string]Array

// Find returns the array of that name, or the only one whose name ends with it after a dot or a
// slash: programs put module. or state_dict. before it.
func (a Arrays) Find(name string) (Array, error) {
	if found, ok := a[name]; ok {
		return found, nil
	}
	var names []string
	for _, full := range slices.Sorted(maps.Keys(a)) {
		if rest, ok := strings.CutSuffix(full, name); ok && (strings.HasSuffix(rest, ".") || strings.HasSuffix(rest, "/")) {
			names = append(names, full)
		}
	}
	switch len(names) {
	case 0:
		return Array{}, fmt.Errorf("there is no array %q among %s", name, list(slices.Sorted(maps.Keys(a))))
	case 1:
		return a[names[0]], nil
	}
	return Array{}, fmt.Errorf("%q may be any of %s", name, list(names))
}

// list is names in a line, of many the first.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

const (
	// MaxFile is the largest file that is read, and the most that is unpacked of one, in bytes.
	MaxFile = 1 << 30
	// most arrays of a file
	maxArrays = 1 << 16
	maxRank   = 8
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
		return nil, errors.New("one array without a name: save all with numpy.savez")
	default:
		return nil, errors.New("neither safetensors, .npz nor PyTorch's .pt")
	}
	if err == nil && len(a) == 0 {
		err = errors.New("no arrays of floating-point numbers")
	}
	return a, err
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
	files := &archive{left: MaxFile, files: map[string]*zip.File{}}
	pickle := ""
	for _, f := range z.File {
		if files.files[f.Name] != nil {
			return nil, fmt.Errorf("the archive has %q twice", f.Name)
		}
		files.files[f.Name] = f
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

// An archive unpacks its files, up to so many bytes of all together.
type archive struct {
	files map[string]*zip.File
	left  int64
}

func (z *archive) read(name string) ([]byte, error) {
	f := z.files[name]
	if f == nil {
		return nil, fmt.Errorf("the archive has no %q", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer // which grows with what comes out, whatever is claimed
	n, err := io.Copy(&b, io.LimitReader(r, z.left+1))
	if err != nil {
		return nil, err
	}
	if z.left -= n; z.left < 0 {
		return nil, fmt.Errorf("more than %d bytes are unpacked", MaxFile)
	}
	return b.Bytes(), nil
}

// A kind is a type of elements.
type kind struct {
	size  int
	value func(b []byte) float32 // nil: whole numbers
}

var (
	float32s  = kind{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	float64s  = kind{8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}
	float16s  = kind{2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }}
	bfloat16s = kind{2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }}
	bytes1    = kind{1, nil}
	bytes2    = kind{2, nil}
	bytes4    = kind{4, nil}
	bytes8    = kind{8, nil}
)

// half is the value of an IEEE 754 number of 16 bits.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31:
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // fraction parts of 2^-24
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// elements is the number of elements of a shape, if it is one that MaxFile bytes can hold.
func elements(shape []int, size int) (int, error) {
	if len(shape) > maxRank {
		return 0, fmt.Errorf("an array of %d dimensions", len(shape))
	}
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > MaxFile/size/d {
			return 0, fmt.Errorf("an array of shape %v is none, or too large", shape)
		}
		n *= d
	}
	return n, nil
}

// add adds an array whose elements lie one after the other in data, all of it.
func (a Arrays) add(name string, k kind, shape []int, data []byte) error {
	n, err := elements(shape, k.size)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if len(data) != n*k.size {
		return fmt.Errorf("%q: shape %v needs %d bytes, it has %d", name, shape, n*k.size, len(data))
	}
	if _, twice := a[name]; twice {
		return fmt.Errorf("%q is there twice", name)
	}
	if k.value == nil {
		return nil
	}
	to := Array{slices.Clone(shape), make([]float32, n)}
	for i := range to.Data {
		to.Data[i] = k.value(data[i*k.size:])
	}
	a[name] = to
	return nil
}
