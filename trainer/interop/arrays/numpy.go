package arrays

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/regular"
)

// The header of a .npy file is a literal of Python, which NumPy always writes in this form
// (numpy.lib.format).
var npyHeader = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \}\s*$`)

// descriptions are the types of NumPy, but for the order of bytes, by their names.
var descriptions = map[string]kind{
	"f2": float16s, "f4": float32s, "f8": float64s,
	"b1": bytes1, "i1": bytes1, "u1": bytes1, "i2": bytes2, "u2": bytes2, "i4": bytes4, "u4": bytes4, "i8": bytes8, "u8": bytes8,
}

// A NumPy is an array of a .npy file as it lies there, the last index running fastest.
type NumPy struct {
	Type  string // as NumPy has it, such as "|u1" or "<f4"
	Shape []int
	Data  []byte // as many elements as the shape has
}

// readNumPy reads a .npy file, whose bytes the array's alias.
func readNumPy(data []byte) (n NumPy, k kind, err error) {
	rest, ok := bytes.CutPrefix(data, []byte("\x93NUMPY"))
	if !ok || len(rest) < 6 {
		return n, k, errors.New("not a file of NumPy's")
	}
	var size uint32
	switch rest[0] {
	case 1:
		size, rest = uint32(binary.LittleEndian.Uint16(rest[2:])), rest[4:]
	case 2, 3:
		size, rest = binary.LittleEndian.Uint32(rest[2:]), rest[6:]
	default:
		return n, k, fmt.Errorf("version %d of NumPy's format is not read", rest[0])
	}
	if uint64(size) > uint64(len(rest)) {
		return n, k, fmt.Errorf("a header of %d bytes in a file of %d", size, len(data))
	}
	said := npyHeader.FindSubmatch(rest[:size])
	if said == nil {
		return n, k, fmt.Errorf("the header is %q, which is not of an array of numbers", bytes.TrimSpace(rest[:min(size, 100)]))
	}
	n.Type = string(said[1])
	if k, ok = descriptions[strings.TrimLeft(n.Type, "<|=")]; !ok {
		return n, k, fmt.Errorf("elements of type %q are not read: save it as little-endian float32", said[1])
	}
	for d := range strings.SplitSeq(string(said[3]), ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		v, err := strconv.Atoi(d)
		if err != nil {
			return n, k, fmt.Errorf("shape (%s): %w", said[3], err)
		}
		n.Shape = append(n.Shape, v)
	}
	if string(said[2]) == "True" && len(n.Shape) > 1 {
		return n, k, errors.New("the first index runs fastest (fortran_order): save numpy.ascontiguousarray of it")
	}
	n.Data = rest[size:]
	return n, k, checkSize(k, n.Shape, n.Data)
}

// addNumPy adds the array of a .npy file.
func (a Arrays) addNumPy(name string, data []byte) error {
	n, k, err := readNumPy(data)
	if err != nil {
		return err
	}
	return a.add(name, k, n.Shape, n.Data)
}

// ReadNumPy returns the arrays of a .npz file by their names, as they lie in it.
func ReadNumPy(name string) (map[string]NumPy, error) {
	data, err := regular.Read(name, MaxFile)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if other := foreign.InPlace(data); other != nil {
		return nil, fmt.Errorf("%s: %w", name, other)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not an archive as NumPy writes them, or cut short: fetch or write it again: %w", name, err)
	}
	all := map[string]NumPy{}
	files := newArchive(len(data))
	for _, f := range z.File {
		as, ok := strings.CutSuffix(f.Name, ".npy")
		if _, twice := all[as]; !ok || twice || len(all) == maxArrays {
			return nil, fmt.Errorf("%s: the archive has %q, which is not of NumPy's or is there twice", name, f.Name)
		}
		files.files[f.Name] = f
		raw, err := files.read(f.Name)
		if err == nil {
			all[as], _, err = readNumPy(raw)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, f.Name, err)
		}
	}
	return all, nil
}
