package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteReplaces(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	for _, want := range []string{"first", "second, longer", ""} {
		if err := WriteBytes(name, []byte(want)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestFailureKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := WriteBytes(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk on fire")
	err := Write(name, func(w io.Writer) error {
		w.Write(make([]byte, 1<<20))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v, want %v", err, broken)
	}
	if got, _ := os.ReadFile(name); string(got) != "old" {
		t.Fatalf("the old file became %q", got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Fatalf("%d files left behind, want 1", len(files))
	}
}

// Errors name the file that is missing, and can be told apart.
func TestErrorNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	for name, op := range map[string]string{filepath.Join(dir, "nowhere", "f"): "open", dir: "open"} {
		err := WriteBytes(name, nil)
		var path *fs.PathError
		if !errors.As(err, &path) || path.Path != name || path.Op != op {
			t.Errorf("%s: error %#v, want one of %s", name, err, op)
		}
	}
	if err := WriteBytes(filepath.Join(dir, "nowhere", "f"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v is not %v", err, fs.ErrNotExist)
	}
	if siblings, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(siblings) != 1 {
		t.Errorf("%d files beside the directory, error %v", len(siblings), err)
	}
}
