package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Read returns the files of an image that Write has made, or that somebody has changed since on
// another computer.
func Read(r io.ReaderAt) ([]File, error) {
	var v reader
	mbr, err := read(r, 0, sector)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if mbr[510] != 0x55 || mbr[511] != 0xaa || mbr[450] != 0x0c {
		return nil, errors.New("disk: no partition with FAT32")
	}
	begin := int64(le.Uint32(mbr[454:])) * sector
	boot, err := read(r, begin, sector)
	if err != nil {
		return nil, err
	}
	fats, size := int64(boot[16]), int64(le.Uint32(boot[36:]))
	v.unit = int64(boot[13]) * sector
	if le.Uint16(boot[11:]) != sector || v.unit == 0 || fats == 0 || size > 1<<16 {
		return nil, errors.New("disk: not a file system that is understood")
	}
	start := begin + int64(le.Uint16(boot[14:]))*sector
	if v.fat, err = read(r, start, int(size*sector)); err != nil {
		return nil, err
	}
	v.r, v.data = r, start+fats*size*sector
	return v.folder("", le.Uint32(boot[44:]))
}

func read(r io.ReaderAt, at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := r.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	return b, nil
}

// A reader follows the clusters of a file system.
type reader struct {
	r    io.ReaderAt
	fat  []byte
	data int64 // where clusters begin
	unit int64 // bytes of one
}

// used is what stands for a cluster that has been read; no volume has so many.
const used = 0x0ffffff7

// chain returns the content of the clusters from one on.
func (v *reader) chain(c uint32) (all []byte, err error) {
	for c >= root && c < 0x0ffffff8 {
		if int64(c) >= int64(len(v.fat)/4) {
			return nil, errors.New("disk: a cluster that there is not, or in two chains")
		}
		b, err := read(v.r, v.data+int64(c-root)*v.unit, int(v.unit))
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
		next := v.fat[4*c:]
		c = binary.LittleEndian.Uint32(next) & 0x0fffffff
		binary.LittleEndian.PutUint32(next, used) // once, so that no chain is without end
	}
	return all, nil
}

// folder returns the files of a folder and, of the root, of those in it.
func (v *reader) folder(path string, c uint32) (files []File, err error) {
	entries, err := v.chain(c)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	long := ""
	for ; len(entries) >= 32 && entries[0] != 0; entries = entries[32:] {
		e := entries[:32]
		if e[0] == 0xe5 { // deleted
			long = ""
			continue
		}
		if e[11] == longAttr {
			part := ""
			for _, at := range [13]int{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30} {
				if u := le.Uint16(e[at:]); u != 0 && u != 0xffff {
					part += string(rune(u))
				}
			}
			long = part + long
			continue
		}
		name := long
		if long = ""; name == "" {
			name = strings.TrimRight(strings.TrimRight(string(e[:8]), " ")+"."+strings.TrimRight(string(e[8:11]), " "), ".")
		}
		at := uint32(le.Uint16(e[20:]))<<16 | uint32(le.Uint16(e[26:]))
		switch {
		case e[11]&labelAttr != 0 || e[0] == '.':
		case e[11]&folder != 0 && path == "":
			more, err := v.folder(name+"/", at)
			if err != nil {
				return nil, err
			}
			files = append(files, more...)
		case e[11]&folder == 0:
			data, err := v.chain(at)
			if err != nil {
				return nil, err
			}
			if size := int(le.Uint32(e[28:])); size <= len(data) {
				data = data[:size]
			} else {
				return nil, fmt.Errorf("disk: %s%s is shorter than it says", path, name)
			}
			files = append(files, File{path + name, data})
		}
	}
	return files, nil
}
