// Package packed compresses weights for the programs that have them built in.
package packed

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
)

// Extension ends the names of files that are compressed.
const Extension = ".gz"

// Pack returns data compressed with gzip.
func Pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.HuffmanOnly) // weights do not repeat
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// mostRatio is how many times smaller than data their compressed form can be.
const mostRatio = 1032

// Unpack returns what Pack has compressed.
func Unpack(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	// The last four bytes say how many there are to come: a slice that grows would be copied over
	// and over.
	size := binary.LittleEndian.Uint32(data[len(data)-4:])
	if int64(size) > mostRatio*int64(len(data)) {
		return nil, errors.New("packed: damaged data")
	}
	unpacked := make([]byte, size)
	if _, err := io.ReadFull(r, unpacked); err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, r) // to its end, where the checksum is compared
	return unpacked, err
}
