package mnist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles writes files by their paths in a folder.
func writeFiles(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// moved is the small data set with other names.
func moved(name func(string) string) map[string][]byte {
	files := map[string][]byte{}
	for old, data := range small() {
		files[name(old)] = data
	}
	return files
}

// ints is a file of 32-bit numbers, whose first column counts up from start.
func ints(start uint32, dims ...uint32) []byte {
	b := []byte{0, 0, typeInt, byte(len(dims))}
	n := uint32(1)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
		n *= d
	}
	for i := range n {
		v := start + i/(n/dims[0])
		if i%(n/dims[0]) != 0 {
			v = 1_000_000 + i // what NIST knows of the writer
		}
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// Archives leave files in folders, and name them in ways of their own.
func TestLayouts(t *testing.T) {
	with := func(files, more map[string][]byte) map[string][]byte {
		for name, data := range more {
			files[name] = data
		}
		return files
	}
	dotted := func(s string) string { return strings.Replace(s, "-idx", ".idx", 1) }
	qmnist := map[string][]byte{
		"qmnist-train-images-idx3-ubyte": small()[canonical[trainImages]], "qmnist-train-labels-idx2-int.gz": gzipped(ints(0, 3, 8)),
		"qmnist-test-images-idx3-ubyte.gz": gzipped(small()[canonical[testImages]]), "qmnist-test-labels-idx2-int": ints(5, 2, 8),
	}
	for name, c := range map[string]struct {
		files map[string][]byte
		dir   string
		turns bool
	}{
		"folders named like files":  {files: moved(func(s string) string { return s + "/" + s })},
		"folders and dots in them":  {files: moved(func(s string) string { return s + "/" + dotted(s) })},
		"both":                      {files: with(moved(func(s string) string { return s + "/" + s }), moved(dotted))},
		"one below":                 {files: with(moved(func(s string) string { return "raw/" + s }), map[string][]byte{"processed/training.pt": nil, "__MACOSX/._x": nil})},
		"two below":                 {files: moved(func(s string) string { return "MNIST/raw/" + s })},
		"gzip":                      {files: with(moved(func(s string) string { return "gzip/" + s }), map[string][]byte{"readme.txt": nil})},
		"underscores":               {files: moved(func(s string) string { return strings.ReplaceAll(s, "-", "_") })},
		"a part of one beside":      {files: with(moved(func(s string) string { return "b/" + s }), map[string][]byte{"a/" + canonical[0]: nil})},
		"QMNIST":                    {files: qmnist},
		"one of two by its prefix":  {files: with(moved(func(s string) string { return "a-" + s }), moved(func(s string) string { return "b-" + s })), dir: "b"},
		"EMNIST, one of its splits": {files: with(moved(func(s string) string { return "raw/emnist-letters-" + s }), moved(func(s string) string { return "raw/emnist-digits-" + s })), dir: "raw/emnist-letters", turns: true},
	} {
		train, test, err := Load(filepath.Join(writeFiles(t, c.files), filepath.FromSlash(c.dir)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		first := []byte{10, 11, 12, 13, 14, 15}
		if c.turns {
			first = []byte{10, 13, 11, 14, 12, 15}
		}
		if !bytes.Equal(train.Image(0), first) || !bytes.Equal(train.Labels, []byte{0, 1, 2}) || !bytes.Equal(test.Labels, []byte{5, 6}) {
			t.Errorf("%s: first image %v, labels %v and %v", name, train.Image(0), train.Labels, test.Labels)
		}
		if (len(train.Notes) == 1 && train.Notes[0] == Turned) != c.turns {
			t.Errorf("%s: notes %q", name, train.Notes)
		}
	}

	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
		none  bool
	}{
		"nothing":             {map[string][]byte{"cats/a.png": nil}, "no IDX files: no train-images-idx3-ubyte", true},
		"a part":              {map[string][]byte{"raw/" + canonical[0]: nil}, "no train-labels-idx1-ubyte", false},
		"two sets below":      {with(moved(func(s string) string { return "a/" + s }), moved(func(s string) string { return "b/" + s })), `"a/", "b/"`, false},
		"two splits below":    {with(moved(func(s string) string { return "gzip/emnist-a-" + s }), moved(func(s string) string { return "gzip/emnist-b-" + s })), "as in .../gzip/emnist-a", false},
		"too far below":       {moved(func(s string) string { return "a/b/c/" + s }), "no IDX files", true},
		"labels out of range": {with(small(), map[string][]byte{canonical[trainLabels]: nil, "train-labels-idx2-int": ints(254, 3, 8)}), "both", false},
	} {
		_, _, err := Load(writeFiles(t, c.files))
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrNoFiles) != c.none {
			t.Errorf("%s: %v", name, err)
		}
	}
	far := qmnist
	far["qmnist-train-labels-idx2-int.gz"] = gzipped(ints(254, 3, 8))
	if _, _, err := Load(writeFiles(t, far)); err == nil || !strings.Contains(err.Error(), "label 2 is 256") {
		t.Errorf("a label of 256: %v", err)
	}

	// EMNIST's without its name: how the pictures lie is not known, which is said.
	dir := writeFiles(t, moved(func(s string) string { return "EMNIST/" + s }))
	if train, _, err := Load(filepath.Join(dir, "EMNIST")); err != nil || len(train.Notes) != 1 || !strings.Contains(train.Notes[0], "as they lie") || train.Image(0)[1] != 11 {
		t.Errorf("EMNIST's folder: %v, notes %q", err, train.Notes)
	}
}
