//go:build ignore

// This program writes zones.gz from the copy of the time zone database that Go brings along, which
// is in the public domain. What clocks said before 2025 is left out.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	check(err)
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	check(err)
	defer z.Close()
	files := slices.DeleteFunc(z.File, func(f *zip.File) bool { return f.FileInfo().IsDir() })
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var all bytes.Buffer
	for _, f := range files {
		r, err := f.Open()
		check(err)
		data, err := io.ReadAll(r)
		check(err)
		data = recent(data)
		if len(f.Name) > 255 || len(data) > 65535 {
			check(fmt.Errorf("%s: too long", f.Name))
		}
		all.WriteByte(byte(len(f.Name)))
		all.WriteString(f.Name)
		all.Write(binary.BigEndian.AppendUint16(nil, uint16(len(data))))
		all.Write(data)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	check(err)
	_, err = w.Write(all.Bytes())
	check(err)
	check(w.Close())
	check(os.WriteFile("zones.gz", packed.Bytes(), 0o644))
}

// recent returns the file of a zone (RFC 8536) with the transitions since 2025, the one before
// them, and what they lead to. The rule for all time to come is at its end.
func recent(data []byte) []byte {
	const header = 44
	counts := func(at []byte) (utc, std, leaps, times, types, chars int) {
		n := func(i int) int { return int(binary.BigEndian.Uint32(at[20+4*i:])) }
		return n(0), n(1), n(2), n(3), n(4), n(5)
	}
	if string(data[:4]) != "TZif" || data[4] < '2' {
		check(errors.New("not a file of a zone, version 2 or later"))
	}
	// The first block is of 32 bits, for old readers
	utc, std, leaps, times, types, chars := counts(data)
	rest := data[header+5*times+6*types+chars+8*leaps+std+utc:]
	version := data[4]
	utc, std, leaps, times, types, chars = counts(rest)
	take := func(n int) []byte {
		taken := rest[:n]
		rest = rest[n:]
		return taken
	}
	take(header)
	at, index, infos, names := take(8*times), take(times), take(6*types), take(chars)
	take(12*leaps + std + utc)
	since := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for times > 1 && int64(binary.BigEndian.Uint64(at[8:])) <= since {
		at, index, times = at[8:], index[1:], times-1
	}
	var used []byte // types
	if times == 0 {
		used = []byte{0}
	}
	for i, k := range index {
		if !slices.Contains(used, k) {
			used = append(used, k)
		}
		index[i] = byte(slices.Index(used, k))
	}
	var kept, words []byte
	for _, k := range used {
		info := slices.Clone(infos[6*int(k):][:6])
		word, _, _ := bytes.Cut(names[info[5]:], []byte{0})
		info[5] = byte(len(words))
		kept, words = append(kept, info...), append(append(words, word...), 0)
	}
	block := func(times, types, chars int) []byte {
		b := append([]byte("TZif"), version)
		b = append(b, make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	first := append(block(0, 1, 1), make([]byte, 7)...)
	return slices.Concat(first, block(times, len(used), len(words)), at, index, kept, words, rest)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
