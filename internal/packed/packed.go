// Package packed compresses weights for the programs that have them built in.
package packed

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
)

// Extension ends the names of files that are compressed.
const Extension = ".gz"

// Pack returns data compressed with gzip: with codes of bytes alone, as weights do not repeat, each
// code for as many as it suits best, or else as gzip does it.
func Pack(data []byte) ([]byte, error) {
	var best []byte
	for _, w := range []struct {
		level int
		parts [][]byte
	}{{gzip.HuffmanOnly, parts(data)}, {gzip.HuffmanOnly, [][]byte{data}}, {gzip.BestCompression, [][]byte{data}}} {
		packed, err := pack(w.level, w.parts)
		if err != nil {
			return nil, err
		}
		if best == nil || len(packed) < len(best) {
			best = packed
		}
	}
	return best, nil
}

// pack compresses parts, each with a code of its own.
func pack(level int, parts [][]byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		if _, err := w.Write(part); err != nil {
			return nil, err
		}
		if i == len(parts)-1 {
			break
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

// parts cuts data where a new code for its bytes costs less than it saves, by the entropy of their
// frequencies.
func parts(data []byte) [][]byte {
	const grain, longest, header = 1024, 60, 90 // bytes; grains; bytes
	n := (len(data) + grain - 1) / grain
	cost, from := make([]float64, n+1), make([]int, n+1)
	for end := 1; end <= n; end++ {
		cost[end] = math.Inf(1)
		var counts [256]int
		total := 0
		for start := end - 1; start >= max(end-longest, 0); start-- {
			part := data[start*grain : min((start+1)*grain, len(data))]
			for _, v := range part {
				counts[v]++
			}
			total += len(part)
			bits := 0.0
			for _, c := range counts {
				if c > 0 {
					bits += float64(c) * math.Log2(float64(total)/float64(c))
				}
			}
			if c := cost[start] + bits/8 + header; c < cost[end] {
				cost[end], from[end] = c, start
			}
		}
	}
	var cut [][]byte
	for end := n; end > 0; end = from[end] {
		cut = append(cut, data[from[end]*grain:min(end*grain, len(data))])
	}
	slices.Reverse(cut)
	return cut
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
