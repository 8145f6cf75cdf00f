package arrays

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The header of a .npy file is a literal of Python, which NumPy always writes in this form
// (numpy.lib.format).
var npyHeader = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \}\s*$`)

// descriptions are the types of NumPy, but for the order of bytes, by their names.
var descriptions = map[string]kind{
	"f2": float16s, "f4": float32s, "f8": float64s,
	"b1": bytes1, "i1": bytes1, "u1": bytes1, "i2": bytes2, "u2": bytes2, "i4": bytes4, "u4": bytes4, "i8": bytes8, "u8": bytes8,
}

// addNumPy adds the array of a .npy file.
func (a Arrays) addNumPy(name string, data []byte) error {
	rest, ok := bytes.CutPrefix(data, []byte("\x93NUMPY"))
	if !ok || len(rest) < 6 {
		return errors.New("not a file of NumPy's")
	}
	var size uint32
	switch rest[0] {
	case 1:
		size, rest = uint32(binary.LittleEndian.Uint16(rest[2:])), rest[4:]
	case 2, 3:
		size, rest = binary.LittleEndian.Uint32(rest[2:]), rest[6:]
	default:
		return fmt.Errorf("version %d of NumPy's format is not read", rest[0])
	}
	if uint64(size) > uint64(len(rest)) {
		return fmt.Errorf("a header of %d bytes in a file of %d", size, len(data))
	}
	said := npyHeader.FindSubmatch(rest[:size])
	if said == nil {
		return fmt.Errorf("the header is %q, which is not of an array of numbers", rest[:min(size, 100)])
	}
	k, known := descriptions[strings.TrimLeft(string(said[1]), "<|=")]
	if !known {
		return fmt.Errorf("elements of type %q are not read", said[1])
	}
	var shape []int
	for d := range strings.SplitSeq(string(said[3]), ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		n, err := strconv.Atoi(d)
		if err != nil {
			return fmt.Errorf("shape (%s): %w", said[3], err)
		}
		shape = append(shape, n)
	}
	if string(said[2]) == "True" && len(shape) > 1 {
		return errors.New("the first index runs fastest (fortran_order): save numpy.ascontiguousarray of it")
	}
	return a.add(name, k, shape, rest[size:])
}
