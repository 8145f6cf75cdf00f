// Package disk writes and reads images of memory cards: a partition table with one FAT32 file
// system, as the boot firmware of a Raspberry Pi and any other computer read it (Microsoft, "FAT32
// File System Specification", 2000).
package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// A File is one of the file system. Its name may have one folder before it: overlays/pwm.dtbo.
type File struct {
	Name string
	Data []byte
}

// The layout, in sectors.
const (
	sector    = 512
	first     = 8192 // of the partition: 4 MiB, as cards are erased
	volume    = 1<<18 - first
	reserved  = 32
	table     = 1024 // of each of two tables, 128 clusters a sector
	perUnit   = 2    // of a cluster: FAT32 has 65,525 clusters or more
	data      = reserved + 2*table
	clusters  = (volume - data) / perUnit
	cluster   = perUnit * sector
	root      = 2 // the first cluster, of the root folder
	last      = 0x0fffffff
	longAttr  = 0x0f
	folder    = 0x10
	archive   = 0x20
	labelAttr = 0x08
	label     = "VAE-EDGE   "
	serial    = 0x5645_4447 // always the same, for the same image
	// 1 January 1980
	day = 1<<5 | 1
)

// Size is that of an image in bytes: 128 MiB, a power of two as emulated cards must have.
const Size = (first + volume) * sector

var errFull = fmt.Errorf("disk: the files do not fit into %d MiB", Size>>20)

// Write writes an image with the files, the same bytes for the same files in the same order.
func Write(w io.Writer, files []File) error {
	v := &writer{fat: make([]uint32, clusters+2)}
	v.fat[0], v.fat[1] = 0x0ffffff8, last
	folders := map[string][]File{}
	var names []string
	total := 0
	for _, f := range files {
		if total += len(f.Data); total > (volume-data)*sector {
			return errFull
		}
	}
	for _, f := range files {
		dir, name, nested := strings.Cut(f.Name, "/")
		if !nested {
			dir, name = "", f.Name
		} else if !slices.Contains(names, dir) {
			names = append(names, dir)
		}
		if name == "" || strings.ContainsAny(name, "/\\:*?\"<>|") || strings.Trim(name, " .") != name || len(name) > 100 {
			return fmt.Errorf("disk: file name %q cannot be in FAT", f.Name)
		}
		folders[dir] = append(folders[dir], File{name, f.Data})
	}
	// The root folder comes first, and so must know how long it is
	top := &directory{}
	top.add("", label, labelAttr, 0, 0)
	length := len(top.entries)
	for _, name := range names {
		length += entryLength(name)
	}
	for _, f := range folders[""] {
		length += entryLength(f.Name)
	}
	v.take(length)
	for _, name := range names {
		at, entries, err := v.folder(folders[name])
		if err != nil {
			return err
		}
		v.put(at, entries)
		top.add(name, top.short(name), folder, at, 0)
	}
	for _, f := range folders[""] {
		at, err := v.file(f)
		if err != nil {
			return err
		}
		top.add(f.Name, top.short(f.Name), archive, at, len(f.Data))
	}
	if top.err != nil {
		return top.err
	}
	v.put(root, top.entries)
	return v.write(w)
}

// A writer puts contents into clusters, one after another.
type writer struct {
	fat  []uint32
	next int // free cluster, less root
	data []byte
}

// take reserves clusters for so many bytes.
func (v *writer) take(n int) (at int) {
	at = root + v.next
	count := max(1, (n+cluster-1)/cluster)
	v.next += count
	if v.next > clusters {
		return at // write tells
	}
	for i := range count {
		v.fat[at+i] = uint32(at + i + 1)
	}
	v.fat[at+count-1] = last
	v.data = append(v.data, make([]byte, count*cluster)...)
	return at
}

func (v *writer) put(at int, b []byte) {
	if v.next <= clusters {
		copy(v.data[(at-root)*cluster:], b)
	}
}

// file puts a file, and returns its first cluster: an empty one has none.
func (v *writer) file(f File) (at int, err error) {
	if len(f.Data) == 0 {
		return 0, nil
	}
	at = v.take(len(f.Data))
	v.put(at, f.Data)
	return at, nil
}

// folder puts the files of a folder, whose own clusters come first.
func (v *writer) folder(files []File) (at int, entries []byte, err error) {
	d := &directory{}
	length := 2 * 32
	for _, f := range files {
		length += entryLength(f.Name)
	}
	at = v.take(length)
	d.add("", ".          ", folder, at, 0)
	d.add("", "..         ", folder, 0, 0)
	for _, f := range files {
		c, err := v.file(f)
		if err != nil {
			return 0, nil, err
		}
		d.add(f.Name, d.short(f.Name), archive, c, len(f.Data))
	}
	return at, d.entries, d.err
}

// write writes the partition table and the file system.
func (v *writer) write(w io.Writer) error {
	if v.next > clusters {
		return errFull
	}
	le := binary.LittleEndian
	mbr := make([]byte, first*sector)
	le.PutUint32(mbr[440:], serial)
	entry := mbr[446:]
	copy(entry, []byte{0, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff}) // FAT32, by sector numbers
	le.PutUint32(entry[8:], first)
	le.PutUint32(entry[12:], volume)
	mbr[510], mbr[511] = 0x55, 0xaa

	head := make([]byte, reserved*sector)
	boot := head[:sector]
	copy(boot, "\xeb\x58\x90VAE-EDGE")
	le.PutUint16(boot[11:], sector)
	boot[13] = perUnit
	le.PutUint16(boot[14:], reserved)
	boot[16] = 2 // tables
	boot[21] = 0xf8
	le.PutUint16(boot[24:], 63)
	le.PutUint16(boot[26:], 255)
	le.PutUint32(boot[28:], first)
	le.PutUint32(boot[32:], volume)
	le.PutUint32(boot[36:], table)
	le.PutUint32(boot[44:], root)
	le.PutUint16(boot[48:], 1) // the sector below
	le.PutUint16(boot[50:], 6) // the copy of this one
	boot[64], boot[66] = 0x80, 0x29
	le.PutUint32(boot[67:], serial)
	copy(boot[71:], label+"FAT32   ")
	boot[510], boot[511] = 0x55, 0xaa
	info := head[sector : 2*sector]
	copy(info, "RRaA")
	copy(info[484:], "rrAa")
	le.PutUint32(info[488:], uint32(clusters-v.next))
	le.PutUint32(info[492:], uint32(root+v.next))
	le.PutUint32(info[508:], 0xaa550000)
	copy(head[6*sector:], head[:2*sector])

	fat := make([]byte, table*sector)
	for i, c := range v.fat {
		le.PutUint32(fat[4*i:], c)
	}
	var err error
	for _, b := range [][]byte{mbr, head, fat, fat, v.data, make([]byte, (volume-data)*sector-len(v.data))} {
		if err == nil {
			_, err = w.Write(b)
		}
	}
	return err
}

// A directory is the entries of a folder.
type directory struct {
	entries []byte
	shorts  []string
	err     error
}

// entryLength is how many bytes an entry has: one for the short name, and one for each thirteen
// letters of the long.
func entryLength(name string) int { return 32 * (1 + (len(name)+12)/13) }

// short returns a short name for a file, which no other of the folder has: its own in capitals
// where that is one. The first stage of a Raspberry Pi's boot, which is in its chip, knows no other
// names.
func (d *directory) short(name string) string {
	clean := func(s string, n int) string {
		s = strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
				return r
			}
			return -1
		}, strings.ToUpper(s))
		return s[:min(len(s), n)]
	}
	base, ext := name, ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		base, ext = name[:dot], clean(name[dot+1:], 3)
	}
	if plain, _, _ := strings.Cut(name, "."); len(plain) <= 8 && strings.EqualFold(clean(plain, 8)+strings.TrimRight("."+ext, "."), name) {
		s := fmt.Sprintf("%-8s%-3s", strings.ToUpper(plain), ext)
		d.shorts = append(d.shorts, s)
		return s
	}
	for n := 1; ; n++ {
		tail := fmt.Sprint("~", n)
		s := fmt.Sprintf("%-8s%-3s", clean(base, 8-len(tail))+tail, ext)
		if !slices.Contains(d.shorts, s) {
			d.shorts = append(d.shorts, s)
			return s
		}
	}
}

// add appends an entry. An empty name has none but the short.
func (d *directory) add(name, short string, attr byte, at, size int) {
	le := binary.LittleEndian
	if name != "" {
		var sum byte // of the short name, in every part of the long
		for i := range 11 {
			sum = sum>>1 | sum<<7
			sum += short[i]
		}
		units := utf16.Encode([]rune(name))
		if len(units) != len(name) {
			d.err = errors.New("disk: file names are ASCII")
		}
		units = append(units, 0)
		for len(units)%13 != 0 {
			units = append(units, 0xffff)
		}
		if len(name)%13 == 0 {
			units = units[:len(name)] // a full entry has no end
		}
		for part := len(units) / 13; part > 0; part-- {
			e := make([]byte, 32)
			e[0], e[11], e[13] = byte(part), longAttr, sum
			if part == len(units)/13 {
				e[0] |= 0x40
			}
			for i, u := range units[13*(part-1):][:13] {
				le.PutUint16(e[[13]int{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30}[i]:], u)
			}
			d.entries = append(d.entries, e...)
		}
	}
	e := make([]byte, 32)
	copy(e, short)
	e[11] = attr
	le.PutUint16(e[16:], day)
	le.PutUint16(e[18:], day)
	le.PutUint16(e[24:], day)
	le.PutUint16(e[20:], uint16(at>>16))
	le.PutUint16(e[26:], uint16(at))
	le.PutUint32(e[28:], uint32(size))
	d.entries = append(d.entries, e...)
}
