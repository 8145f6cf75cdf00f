package mnist

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/vae-edge/vae-edge/internal/foreign"
)

// Limits of what a file may hold, far above any data set of the kind (EMNIST's largest has 547 MB
// of pixels).
const (
	maxSide = 1024
	maxData = 1<<31 - 1 // bytes
)

// maxRatio is how many bytes deflate can make of one at the very most (RFC 1951: two bits for a
// match of 258).
const maxRatio = 1032

var (
	errTruncated = errors.New("the file is cut short: fetch it again")
	errDamaged   = errors.New("the file is damaged: fetch it again")
)

// The types of elements in an IDX file.
const (
	typeByte = 0x08 // unsigned
	typeInt  = 0x0c // 32 bits, signed, big-endian
)

// readIDX reads a file in the IDX format: two zeros, the type of elements, the number of
// dimensions, each dimension as a big-endian 32-bit number, and the data. It accepts unsigned bytes
// of one, three and four dimensions, and 32-bit numbers of one and two. size is the length of the
// file as it lies on the disk; a claim that it cannot hold is refused before memory is taken for
// it. Of the first dimension no more than most is read, unless that is 0, and what follows is not
// looked at. Elements are of so many bytes.
func readIDX(r io.Reader, size int64, compressed bool, most int) (data []byte, dims []int, element int, err error) {
	available := size
	begun := bufio.NewReader(r)
	r = begun
	const look = 512
	head, _ := begun.Peek(look)
	if err := foreign.InPlace(head); err != nil {
		return nil, nil, 0, err
	}
	if compressed {
		z, err := gzip.NewReader(r)
		if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) {
			return nil, nil, 0, errors.New("not compressed with gzip, as its name says: take .gz away or fetch it again")
		} else if err != nil {
			return nil, nil, 0, err
		}
		r, available = z, maxRatio*size
	}
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, nil, 0, cutShort(err)
	}
	if magic[0] == 0x1f && magic[1] == 0x8b {
		return nil, nil, 0, errors.New("compressed with gzip, but its name does not end in .gz: rename it")
	}
	rank := magic[3]
	element = 1
	switch {
	case [3]byte(magic[:]) == [3]byte{0, 0, typeByte} && (rank == 1 || rank == 3 || rank == 4):
	case [3]byte(magic[:]) == [3]byte{0, 0, typeInt} && (rank == 1 || rank == 2):
		element = 4
	default:
		return nil, nil, 0, fmt.Errorf("starts with %x, not with 00000801, 00000c01 or 00000c02 (labels), 00000803 or 00000804 (images): not an IDX file of bytes, nor one of QMNIST's labels", magic)
	}
	sizes := make([]uint32, rank)
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, nil, 0, cutShort(err)
	}
	total := int64(element)
	for i, n := range sizes {
		if i > 0 && (n < 1 || n > maxSide) {
			return nil, nil, 0, fmt.Errorf("images of %v (height, width, channels): each is 1 to %d", sizes[1:], maxSide)
		}
		if total *= int64(n); total > maxData {
			return nil, nil, 0, fmt.Errorf("dimensions %v are more than %d bytes", sizes, maxData)
		}
		dims = append(dims, int(n))
	}
	header := int64(4 + 4*len(dims))
	if header+total > available {
		return nil, nil, 0, fmt.Errorf("dimensions %v need %d bytes, which a file of %d cannot hold: %w", dims, total, size, errTruncated)
	}
	cut := most > 0 && int64(most) < int64(sizes[0])
	if cut {
		total = total / int64(sizes[0]) * int64(most)
	}
	// A plain file is now known to be long enough. A compressed one may still be short, so memory
	// grows with what comes out.
	first := total
	if compressed {
		first = min(total, 64<<20)
	}
	data = make([]byte, first)
	n, err := io.ReadFull(r, data)
	for err == nil && int64(n) < total {
		data = slices.Grow(data, 1)
		data = data[:min(int64(cap(data)), total)]
		var more int
		more, err = io.ReadFull(r, data[n:])
		n += more
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil, 0, fmt.Errorf("dimensions %v need %d bytes of data, there are %d: %w", dims, total, n, errTruncated)
	case err != nil:
		return nil, nil, 0, cutShort(err)
	}
	if cut {
		return data, dims, element, nil
	}
	// gzip checks its sum where the data ends.
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return nil, nil, 0, fmt.Errorf("more than the %d bytes of data that dimensions %v need: not the file it claims to be", total, dims)
	case !errors.Is(err, io.EOF):
		return nil, nil, 0, cutShort(err)
	}
	return data, dims, element, nil
}

// cutShort turns the end of a file where there should be more, and what gzip finds wrong, into an
// error that names the cure.
func cutShort(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errTruncated
	case errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt):
		return fmt.Errorf("%w: %w", err, errDamaged)
	}
	return err
}

// firstColumn returns the first number of each row of the data of a file of 32-bit numbers.
func firstColumn(data []byte, dims []int) ([]byte, error) {
	row := 4
	for _, n := range dims[1:] {
		row *= n
	}
	labels := make([]byte, len(data)/row)
	for i := range labels {
		v := int32(binary.BigEndian.Uint32(data[i*row:]))
		if v < 0 || v > 255 {
			return nil, fmt.Errorf("label %d is %d: labels are 0 to 255", i, v)
		}
		labels[i] = byte(v)
	}
	return labels, nil
}

// bare takes the path away from an error of the file system, which the caller names in its own way.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
