package folder

import (
	"encoding/binary"
	"errors"
)

// joined returns a WebAssembly program of Go's linker with fewer pieces of data. The linker leaves
// out every eight zeros: tens of thousands of segments, whose heads do not compress, while zeros
// do, and that a browser has to take apart before anything runs. Source: WebAssembly Core
// Specification 2.0, 5.5 Modules.
func joined(program []byte) ([]byte, error) {
	const (
		head = 8 // bytes: magic and version
		data = 11
	)
	odd := errors.New("the program that the go command has built is of a form that is not known here")
	if len(program) < head {
		return nil, odd
	}
	out, rest := program[:head:head], program[head:]
	for len(rest) > 0 {
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return nil, odd
		}
		end := 1 + n + int(size)
		if rest[0] != data {
			out, rest = append(out, rest[:end]...), rest[end:]
			continue
		}
		body, ok := joinSegments(rest[1+n : end])
		if !ok {
			return nil, odd
		}
		out = append(binary.AppendUvarint(append(out, data), uint64(len(body))), body...)
		rest = rest[end:]
	}
	return out, nil
}

// maxGap is how many zeros are written out rather than left out.
const maxGap = 256

// joinSegments rewrites the contents of a data section: segments that lie at a constant of memory
// 0.
func joinSegments(section []byte) ([]byte, bool) {
	const constant, end = 0x41, 0x0b // i32.const, end
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, false
	}
	section = section[n:]
	type segment struct {
		at   int64
		data []byte
	}
	var all []segment
	for range count {
		if len(section) < 2 || section[0] != 0 || section[1] != constant {
			return nil, false
		}
		at, n := signed(section[2:])
		if section = section[2+n:]; n == 0 || at < 0 || len(section) == 0 || section[0] != end {
			return nil, false
		}
		size, n := binary.Uvarint(section[1:])
		if n <= 0 || size > uint64(len(section)-1-n) {
			return nil, false
		}
		piece := section[1+n:][:size]
		section = section[1+n+int(size):]
		if len(all) > 0 {
			last := &all[len(all)-1]
			if gap := at - last.at - int64(len(last.data)); gap >= 0 && gap <= maxGap {
				last.data = append(append(last.data, make([]byte, gap)...), piece...)
				continue
			}
		}
		all = append(all, segment{at, append([]byte(nil), piece...)})
	}
	out := binary.AppendUvarint(nil, uint64(len(all)))
	for _, s := range all {
		out = append(appendSigned(append(out, 0, constant), s.at), end)
		out = append(binary.AppendUvarint(out, uint64(len(s.data))), s.data...)
	}
	return out, len(section) == 0
}

// signed reads a number in signed LEB128, of 32 bits, and says how many bytes it takes: 0 where
// there is none.
func signed(b []byte) (v int64, n int) {
	for shift := 0; n < len(b) && n < 5; shift += 7 {
		c := b[n]
		n++
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if c&0x40 != 0 {
				v -= 1 << (shift + 7)
			}
			return v, n
		}
	}
	return 0, 0
}

// appendSigned writes one that is not negative.
func appendSigned(b []byte, v int64) []byte {
	for v >= 0x40 {
		b, v = append(b, byte(v)|0x80), v>>7
	}
	return append(b, byte(v))
}
