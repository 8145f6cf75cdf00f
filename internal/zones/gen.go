//go:build ignore

// This program writes zones.gz from the copy of the time zone database that Go brings along, which
// is in the public domain.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
